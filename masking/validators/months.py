"""Checks of dates that are spoken, of months by themselves, and of holidays."""

from __future__ import annotations

import re

from masking.casing import around

from .trimmed import Trimmed

_COUNTED = re.compile(
    r"(?i)\s(?:hundred|percent|milligrams?|mg|points?|times|of (?:the|them|us|you|my|his|her|our|these|those))\b"
)


def date_spoken(text: str, start: int, end: int) -> Trimmed | None:
    """`October twenty sixth`; `may first` and `march two` in lower case only with a year or after a day's word."""
    value = text[start:end]
    if value[-4:].lower() == " two" and text[end : end + 9].lower() == " thousand":  # the year's, not the month's
        end, value = end - 4, value[:-4]
    month = re.search(r"(?i)\b(?:may|march)\b", value)
    if _COUNTED.match(text, end):
        return None
    if month is None or " of " in value.lower():
        return Trimmed(start, end)
    if month[0].islower() and not around(text, start).isupper():
        year = re.match(r",?\s(?:of\s)?(?:two thousand|nineteen|twenty|(?:19|20)\d\d)\b", text[end : end + 20])
        led = re.search(r"(?i)\b(?:on|since|until|till|by|from|of|before|after)\s$", text[max(0, start - 8) : start])
        return Trimmed(start, end) if year or led else None
    return Trimmed(start, end)


_MONTH_LED = re.compile(r"(?i)\b(?:in|since|of|this|last|early|late|mid|until|till|past)[ -]$")
_MODAL = re.compile(
    r"(?i)\s(?:be|have|not|also|need|require|cause|include|become|want|do|get|go|take|feel|benefit|consider|or may)\b"
)


def month_alone(text: str, start: int, end: int) -> Trimmed | None:
    """A month by itself: `in April`, `until October`; no verb (`may`, `march`) and no person (`June Ames`)."""
    word = text[start:end].rpartition(" ")[2].rpartition("-")[2]
    after = text[end : end + 12]
    if len(word) < 5 and word.casefold() not in ("june", "july", "may"):
        led = _MONTH_LED.search(text, max(0, start - 8), start)
        return Trimmed(start, end) if led and word[0].isupper() and not re.match(r"\s[A-Z][a-z]", after) else None
    if word.casefold() in ("march", "may") and (not word[0].isupper() or _MODAL.match(after)):
        led = _MONTH_LED.search(text, max(0, start - 8), start)
        return Trimmed(start, end) if led and not _MODAL.match(after) else None
    if word.casefold() in ("march", "april", "may", "june", "august") and re.match(r"'s\b| [A-Z][a-z]", after):
        return None
    return Trimmed(start, end)


_FESTIVE = re.compile(
    r"(?i)\s(?:trees?|cards?|lights?|gifts?|presents?|candy|cakes?|cookies?|dinner table|egg|stocking)\b"
)


def holiday(text: str, start: int, end: int) -> Trimmed | None:
    """A holiday as a day; not the tree or the cards that are called for it."""
    return None if _FESTIVE.match(text, end) else Trimmed(start, end)
