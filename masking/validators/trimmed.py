"""What a check gives, and the checks that every family uses."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple


class Trimmed(NamedTuple):
    """What is left of a hit: offsets and the factor for its score."""

    start: int
    end: int
    factor: float = 1.0


Check = Callable[[str, int, int], Trimmed | None]


DIGIT = re.compile(r"\d")


def digits_of(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def alone(text: str, start: int, end: int) -> Trimmed | None:
    """Not a part of a longer number, code or version."""
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    if (before in "-./_" and start > 1 and text[start - 2].isalnum()) or before.isalnum():
        return None
    if after in "-./_" and end + 1 < len(text) and text[end + 1].isalnum() and not text[end + 1].isupper():
        return None
    return Trimmed(start, end)


def whole_number(text: str, start: int, end: int) -> Trimmed | None:
    """Not a stretch of a longer number; a path, a file name or a word around it makes it no less an identifier."""
    before = re.search(r"\d[-.]?$", text[max(0, start - 2) : start])
    after = re.match(r"[-.]?\d", text[end : end + 2])
    return None if before or after else Trimmed(start, end)
