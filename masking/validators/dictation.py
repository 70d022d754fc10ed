"""Checks of a dictated note's foot: initials and log-ins that are no words, days beside those who wrote."""

from __future__ import annotations

import re

from masking.model import lexicon as lx

from .name_words import CREDENTIAL, is_no_name
from .signatures import initials_small
from .trimmed import Trimmed

_UNDER = 160  # characters between a signature and the initials below it
_WRITER = re.compile(r"(?i)\b(?:dict\w*|typ(?:ed)?|trans\w*|t|written|scribed?)\b")
_AFTER_DAY = re.compile(
    r"[ \t]*(?:[/|;,.\n]|$|by\b|at\b|@|\d{1,2}:?\d\d\b|[a-z]{2,3}[ \t]*(?:[/|;,\n]|$))", re.IGNORECASE
)
_CREDENTIALED = re.compile(r"[\s,.](?P<last>[A-Za-z.-]{2,8})\s*$")


def dictated_day(text: str, start: int, end: int) -> Trimmed | None:
    """A day and month, where a second mark, initials or a line's end say that a note was written then."""
    numbers = [int(part) for part in re.split(r"[-/.]", text[start:end])]
    is_day = 0 < numbers[0] <= 31 and 0 < numbers[1] <= 31 and min(numbers[:2]) <= 12
    return Trimmed(start, end) if is_day and _AFTER_DAY.match(text, end) else None


def initials_under(text: str, start: int, end: int) -> Trimmed | None:
    """`jh/mlp` below a signature, or beside the word for dictation: not `n/v`, and no two abbreviations."""
    parts = re.split("/|: ?", text[start:end])
    first = initials_small(text, start, start + len(parts[0]))
    second = initials_small(text, end - len(parts[1]), end)
    if _is_signed(text[max(0, start - _UNDER) : start]):
        return Trimmed(start, end) if first or second else None
    stop = text.find("\n", end)
    beside = _WRITER.search(text, end, stop if stop >= 0 else len(text)) is not None
    return Trimmed(start, end) if first and second and beside else None


def _is_signed(before: str) -> bool:
    """Whether the last line that says anything ends in a credential."""
    lines = before.rstrip().rsplit("\n", 1)
    found = _CREDENTIALED.search(lines[-1])
    return found is not None and CREDENTIAL.fullmatch(found["last"].replace(".", "").upper()) is not None


def login_typing(text: str, start: int, end: int) -> Trimmed | None:
    """A log-in behind the word for typing: no word that anybody knows."""
    word = text[start:end]
    flags = lx.load().flags(word)
    plain = flags & lx.PLAIN
    return None if is_no_name(word) or (plain and not flags & lx.GIVEN_COMMON) else Trimmed(start, end)
