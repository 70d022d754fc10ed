"""What is only said (`um`, `wan na`) and how often something is taken (`q.h.s.`): no names, nor parts of one."""

from __future__ import annotations

import re

from .casing import around
from .chart_words import DOSES, SAID, SPEAKERS, SPOKEN
from .findings import Span

_TOKEN = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*|\S")
_DOTTED = re.compile(r"(?<![A-Za-z.])(?:[A-Za-z]\.){1,5}[A-Za-z]?(?![A-Za-z])")
_LETTERED = re.compile(r"(?:[A-Za-z][. ]*){1,8}")
_LETTER_WORD = re.compile(r"(?i)\b(?:gon|wan|got)\s?(?:na|ta)$")  # `gon na`, as transcripts part it
_ALONE = re.compile(r"(?:^|[\n\]:.?!,;-])\s*$")
_THEN = re.compile(
    r"\s*(?:[,.!?;-]|\n|$)|\s(?:i|yes|no|my|that|it|okay|well|you|is|got|so|to|in|back)\b", re.IGNORECASE
)


def spoken(text: str, span: Span) -> Span | None:
    """A name or place without the fillers at its edges (`um , sandra`); None when nothing else is left."""
    if span.kind not in ("name", "address"):
        return span
    words = [word.span() for word in _TOKEN.finditer(text, span.start, span.end)]
    while words and (_is_filler(text, *words[0]) or _LETTER_WORD.search(text, max(0, words[0][0] - 5), words[0][1])):
        words.pop(0)
    while words and _is_filler(text, *words[-1], last=len(words) > 1):
        words.pop()
    if not words:
        return None
    start, end = words[0][0], words[-1][1]
    if text[start:end] in ("I", "i"):
        return None
    if text[end : end + 1] == "." and end < span.end and end - start > 1:
        end += 1
    return span._replace(start=start, end=end)


def _is_filler(text: str, start: int, end: int, *, last: bool = False) -> bool:
    """A mark or a word that is only said; one that is a surname as well (`Oh`, `Dang`) where it stands by itself."""
    word = text[start:end]
    if not word[0].isalnum():
        return word != "." or text[start - 1 : start] == " "
    plain = word.casefold().replace("\u2019", "'")
    if word.isupper() and len(word) > 1 and not around(text, start).isupper():
        return False
    if plain in SPOKEN:
        return True
    if plain in SPEAKERS:
        return not (last and text[start - 1 : start] == " ")
    return (
        plain in SAID
        and _ALONE.search(text, max(0, start - 12), start) is not None
        and _THEN.match(text, end) is not None
    )


def is_dose(text: str, span: Span) -> bool:
    """`p.r.n.`, `q.h.s.`, 8 `p.m.`, `mmHg`: an abbreviation of a dose, a unit or a time, or a part of one."""
    value = text[span.start : span.end]
    if value.casefold().strip(".") in DOSES and not value.isupper() and text[span.start - 1 : span.start] != "/":
        return True
    if not _LETTERED.fullmatch(value):
        return False
    for match in _DOTTED.finditer(text, max(0, span.start - 10), span.end + 10):
        if match.start() < span.end and span.start < match.end():
            letters = match[0].replace(".", "")
            if letters.casefold() in DOSES and (
                letters.islower() or len(letters) > 2 or _is_clock(text, match.start())
            ):
                return True
    return False


def _is_clock(text: str, start: int) -> bool:
    return text[max(0, start - 2) : start].strip().isdigit()
