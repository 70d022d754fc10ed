"""The canonical view: what a reader would see, one byte a character, with the way back to the source.

Strategy: plain ASCII is its own view. Otherwise every character folds to none (format characters, combining marks),
one or a few characters (NFKC, digits of any script, dashes, confusable letters). A view has two texts of one length:
`text` for patterns, Latin-1 only (letters of other scripts become `x` or `X`, so that shapes survive), and `plain` for
people and the prose engine. `offsets` says which source character each character came from.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from array import array
from collections.abc import Iterable
from dataclasses import dataclass

from .findings import Span

_CONFUSABLE = str.maketrans(
    "аеорсухіјѕһԁԛԝАВЕКМНОРСТУХІЈЅѴѵӀԌαοινρυΑΒΕΖΗΙΚΜΝΟΡΤΥΧεικϲϳßæÆœŒþÞðÐ"
    "ᎪᏴᏟᎠᎬᏀᎻᎫᏦᏞᎷᏢᏚᎢᏙᎳᏃᏒᎥꓮꓐꓚꓓꓰꓝꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑꓣꓢꓔꓴꓦꓪꓫꓬꓜօսհոցզՏՕԼՍⲞⲟⲤⲥⲢⲣⲔⲀⲘⲚ",
    "aeopcyxijshdqwABEKMHOPCTYXIJSVvIGaoivpuABEZHIKMNOPTYXeikcjsaAoOtTdD"
    "ABCDEGHJKLMPSTVWZRiABCDEFGHIJKLMNOPRSTUVWXYZouhngqSOLUOoCcPpKAMN",
)
_LATIN = re.compile(
    r"(?:LATIN (?P<small>SMALL )?(?:CAPITAL )?LETTER |LATIN LETTER (?P<caps>SMALL CAPITAL ))"
    r"(?:DOTLESS |SCRIPT |INVERTED )?(?P<letter>[A-Z]|ALPHA|IOTA|UPSILON)(?: WITH .*)?"
)
_ENCLOSED = ((0x1F150, "A"), (0x1F170, "A"), (0x1F110, "A"), (0x1F1E6, "A"), (0x249C, "a"))  # alphabets in other marks
_TAGS = range(0xE0020, 0xE007F)  # a second ASCII that nobody sees
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
    "\u2027": "-",
    "\u30fb": "-",
    "\u30fc": "-",
    "\xb7": "*",
    "\u2028": "\n",
    "\u2029": "\n",
    "\x85": "\n",
    **{chr(code): chr(code - _TAGS.start + 32) for code in _TAGS},
    **{chr(first + at): chr(ord(letter) + at) for first, letter in _ENCLOSED for at in range(26)},
}
_NUMERALS = {
    "\u3007": 0,
    **{char: at for at, char in enumerate("\u96f6\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d")},
}
_UNSEEN = frozenset("\u115f\u1160\u3164\uffa0\u034f\ufe0f\u2800\ufffc\U0001d159")
_OTHER = "\xa4"
OVERRIDES = ("\u202e", "\u202d")
NO_ENDS = array("q")
_END_OVERRIDE = "\u202c"


@dataclass(frozen=True, slots=True)
class View:
    """Canonical text, its readable twin, and for each character the source's index (None: the same)."""

    text: str
    plain: str
    offsets: array[int] | None
    ends: array[int]

    def source(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the source that `[start, end)` of this view came from."""
        if self.offsets is None or start >= end:
            return start, end
        return min(self.offsets[start:end]), max(self.ends[start:end])


@functools.lru_cache(maxsize=16_384)
def fold(char: str) -> tuple[str, str]:
    """The Latin-1 characters that `char` reads as, and the readable ones; empty for a character that is not seen."""
    if char < "\x80":
        return char, char
    special = _SPECIAL.get(char)
    if special is not None:
        return special, special
    if char in _UNSEEN or unicodedata.category(char) in ("Cf", "Mn", "Me", "Cs", "Co", "Cn"):
        return "", ""
    if unicodedata.category(char) == "No":
        digit = unicodedata.digit(char, None)
        if digit is not None:
            return str(digit), str(digit)
    if char in _NUMERALS:
        return str(_NUMERALS[char]), char
    latin, plain = [], []
    for part in unicodedata.normalize("NFKD", char):
        folded = _fold_one(part)
        latin.append(folded)
        plain.append(part if folded in ("x", "X", _OTHER) else folded)
    if len(char) == len(latin) == 1 or "".join(plain).isascii():
        return "".join(latin), "".join(plain)
    return "".join(latin), "".join(plain)


def _fold_one(char: str) -> str:
    if char < "\x80":
        return char
    confusable = char.translate(_CONFUSABLE)
    if confusable != char:
        return confusable
    category = unicodedata.category(char)
    if category in ("Mn", "Me", "Cf", "Cs", "Co", "Cn"):
        return ""
    if category[0] == "L":
        latin = _LATIN.fullmatch(unicodedata.name(char, ""))
        if latin is not None:
            letter = latin["letter"][0]
            return letter.lower() if latin["small"] or latin["caps"] else letter
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
        return View(text, text, None, NO_ENDS)
    builder = Builder()
    builder.run(text, 0, len(text))
    return builder.view()


_ASCII = re.compile(r"[\x00-\x7f]+")


class Builder:
    """Makes a view piece by piece. ASCII that stands for itself is taken a run at a time."""

    def __init__(self) -> None:
        self._latin: list[str] = []
        self._plain: list[str] = []
        self._offsets, self._ends = array("q"), array("q")

    def run(self, text: str, start: int, end: int) -> None:
        """The characters `text[start:end]`, each for itself."""
        for match in _ASCII.finditer(text, start, end):
            for index in range(start, match.start()):
                self.code(text[index], index, index + 1)
            start = match.end()
            self._latin.append(match[0])
            self._plain.append(match[0])
            self._offsets.extend(range(match.start(), start))
            self._ends.extend(range(match.start() + 1, start + 1))
        for index in range(start, end):
            self.code(text[index], index, index + 1)

    def code(self, chars: str, start: int, end: int) -> None:
        """Characters that the whole stretch `[start, end)` of the source stands for."""
        for char in chars:
            folded, readable = (char, char) if char < "\x80" else fold(char)
            if folded:
                self._latin.append(folded)
                self._plain.append(readable)
                self._offsets.extend([start] * len(folded))
                self._ends.extend([end] * len(folded))

    def view(self) -> View:
        return View("".join(self._latin), "".join(self._plain), self._offsets, self._ends)


def build(pieces: Iterable[tuple[str, int, int]]) -> View:
    """A view of pieces `(characters, start, end)`, each with the stretch of the source it came from."""
    builder = Builder()
    for chars, start, end in pieces:
        builder.code(chars, start, end)
    return builder.view()


_NUMBER = re.compile(r"\d(?:[ -]?\d){6,18}")


def hidden_runs(text: str, seen: View) -> list[Span]:
    """Numbers of seven digits or more with characters inside them that nobody sees: that is how one hides a number."""
    if seen.offsets is None or len(seen.text) == len(text):
        return []
    found = []
    for match in _NUMBER.finditer(seen.text):
        start, end = seen.source(*match.span())
        if end - start > match.end() - match.start() and any(fold(char) == ("", "") for char in text[start:end]):
            found.append(Span(start, end, "id", "hidden digits", 0.6))
    return found


def reversed_runs(text: str) -> View | None:
    """What a right-to-left override shows: its run read backwards. None when there is none."""
    if not any(mark in text for mark in OVERRIDES):
        return None
    pieces: list[tuple[str, int, int]] = []
    run: list[tuple[str, int, int]] | None = None
    for index, char in enumerate(text):
        if char in OVERRIDES:
            pieces += reversed(run or [])
            run = []
        elif run is not None and char in (_END_OVERRIDE, "\n"):
            pieces += reversed(run)
            pieces.append((char, index, index + 1))
            run = None
        else:
            (pieces if run is None else run).append((char, index, index + 1))
    return build(pieces + list(reversed(run or [])))
