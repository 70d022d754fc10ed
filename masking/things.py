"""Whether what the prose engine takes for a person or a place is a thing: an instrument, a kind of house, a land."""

from __future__ import annotations

import re

from .cars import is_car
from .chart_words import GENERIC, LANGUAGES
from .findings import Span
from .instruments import is_used
from .listed import is_listed
from .model import lexicon as lx
from .wordset import word_set

_PARTS = word_set(
    "northern southern eastern western central upstate rural north south east west mid new former mainland"
)
_LAST_OF_ADDRESS = re.compile(r"[,\n]\s*$")


def is_thing(text: str, span: Span, value: str) -> bool:
    """Whether it is listed and meant as the thing, or stands before an instrument's noun; a language, a land.

    A kind of house is no house of its own: `high school`.
    """
    if is_listed(text, span) or is_car(text, span.start, span.end):
        return True
    words = [word.casefold().strip(".,:;") for word in value.split()]
    if len(words) == 1 and words[0] in LANGUAGES:
        return True
    if GENERIC.issuperset(words) and (span.kind == "address" or len(words) > 1):
        return True
    flags = [lx.load().flags(word) for word in words]
    if span.kind == "name" or len(words) == 1:
        named = not any(map(str.isupper, value)) or any(flag & lx.GIVEN_COMMON for flag in flags)
        if not named and is_used(text, span.end):
            return True
    return _is_land(text, span, words, flags[-1])


def _is_land(text: str, span: Span, words: list[str], last: int) -> bool:
    """`Texas`, `northern Mexico`, `U.S.`, not as the last part of an address."""
    if words in (["u.s"], ["u.s.a"], ["u.k"]):
        return True
    if not last & lx.REGION or last & (lx.GIVEN_COMMON | lx.SURNAME_COMMON):
        return False
    if _LAST_OF_ADDRESS.search(text, max(0, span.start - 3), span.start):
        return False
    return len(words) == 1 or (len(words) == 2 and words[0] in _PARTS)
