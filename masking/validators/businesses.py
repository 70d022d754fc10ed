"""Checks of employers and businesses."""

from __future__ import annotations

import re

from masking.model import lexicon as lx

from .own_words import own
from .trimmed import Trimmed

_LETTERS = re.compile(r"[A-Za-z][A-Za-z'-]+")


def employer(text: str, start: int, end: int) -> Trimmed | None:
    """Where somebody works: two capitalised words or more, up to a new sentence; no person's role alone."""
    stop = re.search(r"(?<=[a-z]{3})\. ", text[start:end])
    end = start + stop.start() if stop else end
    words = _LETTERS.findall(text, start, end)
    return Trimmed(start, end) if len(words) > 1 and not all(map(str.isupper, words)) else None


def business(text: str, start: int, end: int) -> Trimmed | None:
    """A business by its own name: the word before its trade is a name, a place, or unusual."""
    words = _LETTERS.findall(text, start, end)[:-1]
    named = any(
        own(word, firm=True, trade=True) == 2 or lx.load().flags(word.casefold()) & lx.SURNAME_COMMON for word in words
    )
    return Trimmed(start, end) if named and not text[start:end].isupper() else None
