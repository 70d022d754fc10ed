"""Whether what the prose engine takes for a person or a place is a thing: an instrument, a product, a kind of house."""

from __future__ import annotations

import re

from . import ordinary
from .chart_words import COUNTS, GENERIC, LANGUAGES
from .findings import Span
from .instruments import is_used
from .listed import is_listed
from .model import lexicon as lx
from .wordset import word_set

_PLAIN = lx.WORD | lx.CLINICAL | lx.DRUG
_PARTS = word_set(
    "northern southern eastern western central upstate rural north south east west mid new former mainland"
)
_GAUGE = re.compile(r"(?i)\d\s?-?\s?fr(?:ench)?\.?\s$")
_FRENCH = re.compile(r"(?i)#?\d+\s?-?\s?french\b")
_COUNTED = re.compile(
    r"(?:^|[\s(])(?:[Aa]n?|two|both|single|another|straight|curved|long|short|sharp|blunt|small|large|padded|red|generic|"
    r"some|using|#\d{1,2})\s$"
)
_PART = re.compile(r"[,\n]\s*$")  # the last part of an address
_SIGNED = re.compile(r"(?i)\b(?:by|per|initials?|signed|patient|pt|name|md|rn|nurse|cc|from|to)\W{0,2}$")
SURE, _LIKELY = 0.985, 0.9
_SMALL = word_set(
    "a an the i my your his her our their this that some any little few new nice good high low long one two"
)


def is_thing(text: str, span: Span, value: str) -> bool:
    """An instrument, a product, spelled letters, a language, a word of known parts: nothing that only people are."""
    if ordinary.is_spelled(text, span):
        return _SIGNED.search(text[max(0, span.start - 16) : span.start].rstrip()) is None
    if _GAUGE.search(text, max(0, span.start - 14), span.start) or _FRENCH.search(
        text, max(0, span.start - 4), span.end
    ):
        return True
    if is_listed(text, span):
        return True
    words = value.split()
    plain = [word.casefold().strip(".,:;") for word in words]
    if len(words) == 1 and (plain[0] in LANGUAGES or (span.kind == "name" and ordinary.is_word(value))):
        return True
    if COUNTS.issuperset(re.split(r"[\s-]+", value.casefold())):
        return True
    flags = [lx.load().flags(word) for word in plain]
    if (
        (span.kind == "name" or len(words) == 1)
        and any(map(str.isupper, value))
        and not any(flag & lx.GIVEN_COMMON for flag in flags)
        and (
            is_used(text, span.end) or (len(words) == 1 and _COUNTED.search(text, max(0, span.start - 12), span.start))
        )
    ):
        return True
    if (
        flags[-1] & lx.REGION
        and not flags[-1] & (lx.GIVEN_COMMON | lx.SURNAME_COMMON)
        and not _PART.search(text, max(0, span.start - 3), span.start)
    ):
        return len(words) == 1 or (len(words) == 2 and plain[0] in _PARTS)
    return False


def is_phrase(text: str, span: Span, value: str) -> bool:
    """Plain words in lower case (`young children`), or a kind of house and no house of its own (`high school`)."""
    words = [word.casefold() for word in re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", value)]
    if not words:
        return False
    if GENERIC.issuperset(words) and (span.kind == "address" or len(words) > 1):
        return True
    if any(map(str.isupper, value)) or len(words) < 2:
        return False
    flags = [lx.load().flags(word) for word in words]
    if lx.load().flags(" ".join(words)) & lx.CITY:
        return False
    if all(flag & _PLAIN and not flag & lx.GIVEN_COMMON for flag in flags):
        return not text.islower() or span.score < (SURE if _SMALL.intersection(words) else _LIKELY)
    return False
