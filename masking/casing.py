"""Whether a text is written in small letters or in capitals, told by what stands around a place in it."""

from __future__ import annotations

_REACH = 1_000  # characters on both sides: a long text is not read again for each word of it


def around(text: str, at: int) -> str:
    """What stands around a place, as far as it says how a text is written."""
    return text[max(0, at - _REACH) : at + _REACH]


def line_before(text: str, start: int) -> str:
    """The line that ends at a place, no more of it than says how it is written."""
    return text[max(0, start - _REACH, text.rfind("\n", max(0, start - _REACH), start) + 1) : start]


def line_around(text: str, start: int, end: int) -> str:
    """The line that `text[start:end]` stands in, no more of it than says how it is written."""
    first = text.rfind("\n", max(0, start - _REACH), start)
    stop = text.find("\n", end, end + _REACH)
    return text[first + 1 if first >= 0 else max(0, start - _REACH) : stop if stop >= 0 else end + _REACH]
