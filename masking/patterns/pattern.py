"""What a detector is, and the pieces that several of them share."""

from __future__ import annotations

from typing import NamedTuple


class Pattern(NamedTuple):
    """One detector."""

    name: str
    kind: str
    regex: str
    example: str
    check: str = ""
    labelled: bool = False
    near: tuple[str, ...] = ()
    score: float = 0.8


SEP = (
    r"(?:[\s_]{0,3}(?:numbers?|nos?\b\.?|num\b\.?|nbr|id\b|#s?|code|is|was|end(?:ing|s)(?: in| with)?|"
    r"of|on file|[:=#().-])){0,5}[\s\"'_]{0,4}"
)
LINK = r"(?:[\s_]{0,3}(?:numbers?|nos?\b\.?|num\b\.?|nbr|id\b|#s?|is|was|[:=#().-])){1,5}[\s\"'_]{0,4}"
LINKS = (  # one of the words between a label and its number
    r"(?:[\s_]{0,3}(?:numbers?|nos?\b\.?|num\b\.?|nbr|id\b|#s?|is|was|reads|now\b|still\b|will be\b|[:=#().-]))"
)
LEADER = r"(?:\.{4,}|_{3,})[ \t]?:?"  # dots and rules that lead from a label to its value
REST = r"([^\n\r\t|;:=<>{}\[\]\"]{2,60})"
