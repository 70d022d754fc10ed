"""Cut a text into tokens, and say where on its line each one stands.

Strategy: a token is a word (inner hyphens and apostrophes kept, a closing 's cut off), a number with its inner
separators (`03/05/2019`, `120/80`, `555-0142` are one token each) or any other single character. White space is not a
token; it survives as the token's place: what stands before it, what after it, and how its line is cased.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_LETTER = r"(?:[^\W\d_][\u0300-\u036f\u0900-\u0903\u093c-\u094d]*)"
_TOKEN = re.compile(
    rf"{_LETTER}+(?:['\u2019\-\u2010\u2011](?!s\b){_LETTER}+)*|\d+(?:[.,/:\-\u2010\u2011]\d+)*|['\u2019]s\b|\S"
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
    words: list[str] = []
    starts: list[int] = []
    gaps: list[int] = []
    end = 0
    for match in _TOKEN.finditer(text):
        start = match.start()
        words.append(match.group())
        starts.append(start)
        gaps.append(GLUED if start == end and end else _gap(text[end:start]) if end else BLANK)
        end = match.end()
    gaps.append(BLANK)
    places, labels = _places(words, gaps)
    return Tokens(words, starts, places, labels)


def _gap(space: str) -> int:
    if space == " ":
        return SPACE
    lines = space.count("\n")
    return BLANK if lines > 1 else LINE if lines or "\r" in space else WIDE


def _places(words: list[str], gaps: list[int]) -> tuple[list[int], list[int]]:
    places: list[int] = []
    labels: list[int] = []
    first, count = 0, len(words)
    while first < count:
        last = first + 1
        while last < count and gaps[last] < LINE:
            last += 1
        case = _case("".join(words[first:last]))
        label = -1
        for at in range(first, last):
            places.append((gaps[at] * 5 + gaps[at + 1]) * 3 + case)
            labels.append(label)
            if words[at] == ":" and at > first:
                label = at - 1
        first = last
    return places, labels


def _case(line: str) -> int:
    if line.islower():
        return LOWER
    return UPPER if line.isupper() and len(line) > 3 else MIXED
