"""Ends of lines and sentences: whether a run goes on behind one, or a title, a label or a sentence parts it."""

from __future__ import annotations

import re

from .own_words import ABBREVIATED
from .trimmed import Trimmed

_LABEL = re.compile(r"[ \t>*\u2022-]*[A-Za-z][\w/&'(). -]{0,30}?(?:\s?[:=]|#|\s[Nn]o\b\.?)")
_NUMBERED = re.compile(r"[ \t]*(?:\d{1,2}[.)]\s|[*\u2022-]\s)")
_ABBREVIATED = re.compile(r"\b(?i:ave?|blvd|rd|dr|ln|ct|pl|apt|ste|hwy|pkwy|cir|ter)\.$")
_WRAPPED_FROM = 40  # characters: a shorter line ends because its writer ended it
_STOP = re.compile(r"[.;:!?]\s+(?=\S)")
_COLUMN = re.compile(r"(?:[ \t]{3,}|\t)")


def goes_on(text: str, at: int) -> bool:
    """Whether the line that ends at `at` goes on in the next: no sentence ends, no label, list or title begins."""
    before, after = text[text.rfind("\n", 0, at) + 1 : at].rstrip(), _line_after(text, at)
    if not before or not after.strip() or _LABEL.match(after) or _NUMBERED.match(after):
        return False
    if before[-1] in ":;!?|" or (before[-1] == "." and not _is_abbreviated(before)):
        return False
    return not before.isupper() or after.isupper() or before.lstrip()[0].isdigit()


def is_wrap(text: str, at: int) -> bool:
    """Whether the line that ends at `at` is broken within a sentence: it goes on, and is as long as such lines are."""
    return goes_on(text, at) and at - text.rfind("\n", 0, at) > _WRAPPED_FROM


def _is_abbreviated(line: str) -> bool:
    return ABBREVIATED.search(line) is not None or _ABBREVIATED.search(line) is not None


def _line_after(text: str, at: int) -> str:
    stop = text.find("\n", at + 1)
    return text[at + 1 : stop if stop >= 0 else len(text)]


def last_line(text: str, start: int, end: int) -> int:
    """Where the last line of a run begins whose lines are no wraps: what stands before says something else."""
    at = text.rfind("\n", start, end)
    while at >= 0:
        if not is_wrap(text, at):
            return at + 1 + len(text[at + 1 : end]) - len(text[at + 1 : end].lstrip())
        at = text.rfind("\n", start, at)
    return start


def whole_lines(text: str, start: int, end: int) -> Trimmed:
    """A run to the first line end, or gap of columns, that it does not go on behind."""
    at = start
    while (at := text.find("\n", at, end)) >= 0:
        if not goes_on(text, at):
            end = at
            break
        at += 1
    gap = _COLUMN.search(text, start, end)
    end = gap.start() if gap else end
    return Trimmed(start, start + len(text[start:end].rstrip(" ,\t\r\n")))


def last_sentence(text: str, start: int, end: int) -> int:
    """Where the last sentence of a run begins: `Task Force. High`, not `St. Mary's`, `J. Smith`."""
    for stop in reversed(list(_STOP.finditer(text, start, end))):
        if not _is_abbreviated(text[start : stop.start() + 1]):
            return stop.end()
    return start
