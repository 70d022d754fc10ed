"""The canonical view: what a reader would see, one byte a character, with the way back to the source.

Strategy: plain ASCII is its own view. Otherwise every character folds to none (format characters, combining marks),
one or a few Latin-1 characters (NFKC, digits of any script, dashes, confusable letters; letters of other scripts
become `x` or `X`, so that shapes survive), and `offsets` says which source character each came from.
"""

from __future__ import annotations

import functools
import unicodedata
from array import array
from dataclasses import dataclass

_CONFUSABLE = str.maketrans(
    "аеорсухіјѕһԁԛԝАВЕКМНОРСТУХІЈЅαοινρυΑΒΕΖΗΙΚΜΝΟΡΤΥΧıłŁøØđĐħĦßæÆœŒþÞðÐ",
    "aeopcyxijshdqwABEKMHOPCTYXIJSaoivpuABEZHIKMNOPTYXilLoOdDhHsaAoOtTdD",
)
_SPECIAL = {
    "\u2019": "'",
    "\u2018": "'",
    "\u02bc": "'",
    "\u02b9": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u2022": "*",
    "\u25cf": "*",
    "\u204e": "*",
    "\u2217": "*",
    "\u25aa": "*",
    "\u2044": "/",
    "\u2215": "/",
    "\u2024": ".",
    "\u3002": ".",
    "\uff0c": ",",
    "\uff1a": ":",
    "\u2212": "-",
    "\ufe63": "-",
    "\uff3f": "_",
    "\u2028": "\n",
    "\u2029": "\n",
    "\x85": "\n",
}
_OTHER = "\xa4"


@dataclass(frozen=True, slots=True)
class View:
    """Canonical text and, for each of its characters, the source's index; `offsets` None means they are the same."""

    text: str
    offsets: array[int] | None
    length: int

    def source(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the source that `[start, end)` of this view came from."""
        if self.offsets is None or start >= end:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


@functools.lru_cache(maxsize=16_384)
def fold(char: str) -> str:
    """The Latin-1 characters that `char` reads as; empty for a character that is not seen."""
    if char < "\x80":
        return char
    special = _SPECIAL.get(char)
    if special is not None:
        return special
    if unicodedata.category(char) in ("Cf", "Mn", "Me", "Cs") or char in "\u115f\u1160\u3164\uffa0\u034f\ufe0f":
        return ""
    return "".join(_fold_one(part) for part in unicodedata.normalize("NFKD", char))


def _fold_one(char: str) -> str:
    if char < "\x80":
        return char
    confusable = char.translate(_CONFUSABLE)
    if confusable != char:
        return confusable
    category = unicodedata.category(char)
    if category in ("Mn", "Me", "Cf", "Cs"):
        return ""
    if category == "Nd":
        return str(unicodedata.digit(char))
    if category[0] == "L":
        return "x" if category in ("Ll", "Lm") else "X"
    if category == "Pd":
        return "-"
    if category[0] == "Z":
        return " "
    return char if char < "\xff" else _OTHER


def view(text: str) -> View:
    """The canonical view of `text`. Linear in its length."""
    if text.isascii():
        return View(text, None, len(text))
    pieces, offsets = [], array("I")
    for index, char in enumerate(text):
        folded = char if char < "\x80" else fold(char)
        pieces.append(folded)
        for _ in folded:
            offsets.append(index)
    return View("".join(pieces), offsets, len(text))
