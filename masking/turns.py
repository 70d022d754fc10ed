"""Transcripts of what was said: `Doctor: Good. I see`, where one line after another names who speaks."""

from __future__ import annotations

import re

from .chart_words import SAID, SPEAKERS, SPOKEN
from .model import lexicon as lx

_ROLE = re.compile(
    r"(?i)(?:^|\n|[.?!]\s)\s{0,4}\[?(?:doctor|patient|nurse|provider|physician|clinician|therapist|guest|family|mother|father|"
    r"son|daughter|wife|husband|caller|dr|pt|md|rn)(?:_\w{1,12})?\]?\s{0,2}:\s{0,3}$"
)
_SPEAKER = re.compile(
    r"(?i)\n\s{0,4}\[?(?:doctor|patient|nurse|guest|clinician|family|speaker|interviewer|caller|operator)"
    r"(?:_[a-z0-9]{1,10}){0,2}\]?\s{0,2}:"
)
_LETTERS = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_GOES_ON = re.compile(r"\s?[.,!?]?\s(?:[a-z\d]|[A-Z][a-z]*\b)|\s?[!?-]")
_SHORTENED = frozenset({"s", "ll", "re", "ve", "m", "d"})
_STOPS = (",", ".", "!", "?", ":", "\n", "")
_REACH = 400


def is_said(text: str, start: int, end: int) -> bool:
    """Whether what follows `Patient:` is no name but the beginning of what is said: `Good morning`, `Oh. I see`."""
    if _ROLE.search(text, max(0, start - 30), start) is None:
        return False
    words = _LETTERS.findall(text, start, end)
    if not words:
        return False
    first = words[0].casefold()
    if first in SPOKEN or (first in SPEAKERS and len(words) == 1):
        return True
    flags = lx.load().flags(first)
    if first not in SAID and not flags & lx.WORD and re.split("['\u2019]", first)[-1] not in _SHORTENED:
        return False
    if first not in SAID and flags & lx.GIVEN_COMMON and text[end : end + 1] in _STOPS:
        return False
    if first not in SAID and len(words) > 1 and len(words[1]) > 1 and words[1][0].isupper():
        second = lx.load().flags(words[1].casefold())
        if not second or second & lx.ANY_NAME:
            return False
    around = text[max(0, start - _REACH) : start] + text[end : end + _REACH]
    return len(_SPEAKER.findall(around)) > 1 or (first in SAID and _GOES_ON.match(text, end) is not None)
