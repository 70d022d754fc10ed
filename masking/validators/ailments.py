"""Whether a word behind a relation is what they had and not how they are called."""

from __future__ import annotations

import re

from masking.casing import line_around
from masking.chart_words import ACRONYMS, DOSES
from masking.model import lexicon as lx

_SINCE = re.compile(r"\s(?:at|@|in|age)?\s?(?:age\s)?(?:his |her )?\d|\s?[/&]\s?[A-Z]{2}")
_GENITIVE = re.compile(r"[A-Z][a-z]+['\u2019]s")
_CLAUSE_ENDS = re.compile(r"\s?(?:[,;)/+&\n]|\.(?:\s|$)|$)|\s(?:dz|disease|at|dx)\b")


def is_ailment(text: str, start: int, end: int, *, known: bool = False) -> bool:
    """What a relation had, not how one is called: `father MI at 51`, `mother Hashimoto's, …`.

    `known`: an abbreviation that nobody knows may be somebody's initials (`RN: KT 0700`).
    """
    word = text[start:end]
    flags = lx.load().flags(word.casefold().replace("\u2019", "'").removesuffix("'s"))
    if word.isupper() and 1 < len(word) < 6 and not flags & lx.GIVEN_COMMON:
        line = line_around(text, start, end)
        listed = word.casefold() in ACRONYMS or word.casefold() in DOSES or flags & lx.CLINICAL
        return not line.isupper() and bool(listed or (not known and _SINCE.match(text, end)))
    whole = _GENITIVE.match(text, start)
    return (
        whole is not None
        and not flags & lx.GIVEN_COMMON
        and bool(flags & lx.EPONYM)
        and _CLAUSE_ENDS.match(text, whole.end()) is not None
    )


_SCORED = re.compile(r"\s(?:\d{1,3}/(?:3[2-9]|[4-9]\d|1\d\d)\b|\d{1,3}(?=[,;.](?:\s|$))|n/a\b)")


def is_scored(text: str, start: int, end: int) -> bool:
    """`PT: Berg 22/56, …`: an eponym with its score."""
    word = text[start:end]
    flags = lx.load().flags(word.casefold())
    return bool(flags & lx.EPONYM) and " " not in word and _SCORED.match(text, end) is not None
