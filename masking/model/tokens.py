"""Cut a text into tokens, and say where on its line each one stands.

Strategy: a token is a word (inner hyphens and apostrophes kept, a closing 's cut off), a number with its inner
separators (`03/05/2019`, `120/80`, `555-0142` are one token each) or any other single character. White space is not a
token; it survives as the token's place: what stands before it, what after it, and how its line is cased.
"""

from __future__ import annotations

import itertools
import re
from typing import NamedTuple

_LETTER = r"(?:[^\W\d_][\u0300-\u036f\u0900-\u0903\u093c-\u094d]*)"
_PAIR = re.compile(
    rf"(\s*)({_LETTER}+(?:['\u2019\-\u2010\u2011](?!s\b){_LETTER}+)*|\d+(?:[.,/:\-\u2010\u2011]\d+)*|['\u2019]s\b|\S)"
)  # fmt: skip

GLUED, SPACE, WIDE, LINE, BLANK = range(5)
MIXED, LOWER, UPPER = range(3)
PLACES = 5 * 5 * 3


class Tokens(NamedTuple):
    """Parallel lists, one entry a token: its text, where it starts, its place (0 to PLACES - 1), and the index of the
    token that labels it (the last one before a colon on the same line, or -1)."""

    words: list[str]
    starts: list[int]
    places: list[int]
    labels: list[int]


def cut(text: str) -> Tokens:
    """The tokens of `text`."""
    pairs = _PAIR.findall(text.rstrip())
    words = [word for _, word in pairs]
    starts, end = [], 0
    for space, word in pairs:
        end += len(space)
        starts.append(end)
        end += len(word)
    gaps = [_GAPS[space] for space, _ in pairs]
    if gaps:
        gaps[0] = BLANK
    gaps.append(BLANK)
    places, labels = _places(words, gaps)
    return Tokens(words, starts, places, labels)


class _Gaps(dict[str, int]):
    """The kind of gap a stretch of white space is; the two commonest at once."""

    def __missing__(self, space: str) -> int:
        lines = space.count("\n")
        return BLANK if lines > 1 else LINE if lines or "\r" in space else WIDE


_GAPS = _Gaps({"": GLUED, " ": SPACE})


def _places(words: list[str], gaps: list[int]) -> tuple[list[int], list[int]]:
    places: list[int] = []
    labels: list[int] = []
    breaks = [at for at, gap in enumerate(gaps) if gap >= LINE]
    for first, last in itertools.pairwise(breaks):
        line = words[first:last]
        case = _case("".join(line))
        places += [(gaps[at] * 5 + gaps[at + 1]) * 3 + case for at in range(first, last)]
        labels += _labels(line, first) if ":" in line else [-1] * len(line)
    return places, labels


def _labels(line: list[str], first: int) -> list[int]:
    labels, label = [], -1
    for at, word in enumerate(line):
        labels.append(label)
        if word == ":" and at:
            label = first + at - 1
    return labels


def _case(line: str) -> int:
    if line.islower():
        return LOWER
    return UPPER if line.isupper() and len(line) > 3 else MIXED
