"""Numbers that are spoken (`one two three dash …`, `double four`, `sixty seven`) or spread out (`1 2 3 4 5 …`).

Only what a person would read as one number counts: a count up or down, a scale, a foreign count without a label stay.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any

from .findings import Span
from .model import lexicon as lx

_WORDS = {
    "zero": "0", "oh": "0", "o": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "niner": "9", "tree": "3", "fife": "5", "dash": "-", "hyphen": "-",
    "minus": "-", "slash": "-", "cero": "0",
    "uno": "1", "dos": "2", "tres": "3", "cuatro": "4", "cinco": "5", "seis": "6",
    "siete": "7", "ocho": "8", "nueve": "9", "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13",
    "fourteen": "14", "fifteen": "15",
    "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19", "twenty": "2", "thirty": "3", "forty": "4",
    "fifty": "5", "sixty": "6", "seventy": "7", "eighty": "8", "ninety": "9",
}  # fmt: skip
_DIGIT_WORDS = (
    "zero|oh|o|one|two|three|four|five|six|seven|eight|nine|niner|tree|fife|dash|hyphen|minus|slash|double|triple"
)
SHORTEST, _LONGEST = 7, 4096  # items of a list that spells something
_TIMES = {"double": 2, "triple": 3}
_SAID = "(?:" + "|".join([*_WORDS, *_TIMES]) + r"|\d(?!\d))"
_SPOKEN = re.compile(rf"(?i)\b{_SAID}(?:[\s,./-]{{1,3}}{_SAID}\b){{4,24}}")
_ENGLISH = re.compile(rf"(?i)(?:{_DIGIT_WORDS})(?:[\s,./-]{{1,3}}(?:{_DIGIT_WORDS}))*")
_SPREAD = re.compile(r"(?<![\w.])\d(?:[ \t._*|(){}\[\]'\"-]{1,3}\d(?!\d)){6,24}(?![\w])")
_SPREAD_DATE = re.compile(
    r"(?<![\w.])\d[ \t]?\d[ \t]?([/.-])[ \t]?\d[ \t]?\d[ \t]?\1[ \t]?\d[ \t]\d(?:[ \t]\d[ \t]\d)?(?!\w)"
)
_LETTERS = re.compile(r"(?<![\w.])[A-Za-z]([ \t*.-])[A-Za-z](?:\1[A-Za-z](?!\w)){2,40}")
_UNKNOWN = 6  # letters; as many that spell no word spell a name
_NUMBER_LABEL = re.compile(r"(?i)ssn|nss|seguro|n[u\xfa]mero|social|phone|tel|mrn|number|\bid\b|card|acc(?:oun)?t|call")


def digit_spans(text: str) -> list[Span]:
    """Numbers that are spoken (`one two three dash …`) or spread out (`1 2 3 4 5 …`), as spans of `text`."""
    spans = []
    for match in _SPOKEN.finditer(text):
        labelled = _NUMBER_LABEL.search(text, max(0, match.start() - 40), match.start())
        if _is_list(match[0]):
            continue
        if labelled or (not match[0][0].isdigit() and _ENGLISH.fullmatch(match[0])) or _alternate(match[0]):
            spans += _judge(_said(match[0]), match.start(), match.end(), "spoken digits")
    for match in _SPREAD.finditer(text):
        digits = "".join(char for char in match[0] if char.isdigit())
        if not _counts(text, match, digits):
            spans += _judge(digits, match.start(), match.end(), "spread digits")
    spans += (Span(*match.span(), "date", "spread digits", 0.7) for match in _SPREAD_DATE.finditer(text))
    return spans


def spelt(items: Sequence[Any]) -> str:
    """What a list says that has one character, or the code of one, in each item; nothing for any other."""
    first = items[0]
    if type(first) is str and len(first) == 1 and len(items) <= _LONGEST:
        return "".join(items) if all(type(item) is str and len(item) == 1 for item in items) else ""
    if type(first) is int and 32 <= first < 127 and len(items) <= _LONGEST:
        return "".join(map(chr, items)) if all(type(item) is int and 32 <= item < 127 for item in items) else ""
    return ""


def letter_spans(text: str) -> list[Span]:
    """Names written letter by letter (`S m i t h`), as spans of `text`."""
    spans = []
    for match in _LETTERS.finditer(text):
        word = match[0].replace(match[1], "").casefold()
        flags = lx.load().flags(word)
        unknown = (
            not flags and len(word) >= _UNKNOWN and len(set(word) & set("aeiouy")) > 1 and not _is_nearly_word(word)
        )
        if unknown or (flags & lx.ANY_NAME and not flags & (lx.WORD_COMMON | lx.DRUG)):
            spans.append(Span(*match.span(), "name", "spread letters", 0.7))
    return spans


def _is_nearly_word(word: str) -> bool:
    """Whether the letters spell a word with one letter beside it: `S e c t i o n A`."""
    return any(lx.load().flags(part) & (lx.WORD | lx.CLINICAL | lx.DRUG) for part in (word[:-1], word[1:]))


_LISTED = re.compile(r"\d{1,2}(?:,\s*\d{1,2})+,?")


def _is_list(words: str) -> bool:
    """`2, 3, 4, 5, 7, 8, 9, 10`: numbers of one list, each a little more than the one before."""
    if not _LISTED.fullmatch(words.strip()):
        return False
    values = [int(number) for number in re.findall(r"\d+", words)]
    return all(before < after for before, after in itertools.pairwise(values))


def _said(words: str) -> str:
    """The digits that `words` say: `double four` is 44, `sixty seven` 67, `sixty` 60."""
    out, times = "", 1
    found = [word.lower() for word in re.findall(r"[A-Za-z]+|\d", words)]
    for word, after in itertools.zip_longest(found, found[1:], fillvalue=""):
        if word in _TIMES:
            times = _TIMES[word]
            continue
        digits = word if word.isdigit() else _WORDS[word]
        if word.endswith("ty") and len(_WORDS.get(after, "--")) != 1:
            digits += "0"
        out, times = out + digits * times, 1
    return out.replace("-", "")


def _alternate(words: str) -> bool:
    """Whether figures and words alternate (`1 two 3 four …`), as no prose does; a foreign count stays."""
    found = re.findall(r"[A-Za-z]+|\d", words)
    return len(found) > 6 and any(word.isdigit() for word in found) and any(word.isalpha() for word in found)


def _counts(text: str, match: re.Match[str], digits: str) -> bool:
    """Whether spread digits only count up or down, as a scale does: evenly spaced, without a label before them."""
    steps = {int(after) - int(before) for before, after in itertools.pairwise(digits)}
    even = len(set(re.findall(r"\D+", match[0]))) == 1
    labelled = _NUMBER_LABEL.search(text, max(0, match.start() - 24), match.start())
    return even and not labelled and steps <= {1, -1}


def _judge(digits: str, start: int, end: int, detector: str) -> list[Span]:
    if len(digits) < 7:
        return []
    kind = (
        "ssn" if len(digits) == 9 else "phone" if len(digits) in (7, 10, 11) else "card" if len(digits) >= 13 else "id"
    )
    return [Span(start, end, kind, detector, 0.7)]
