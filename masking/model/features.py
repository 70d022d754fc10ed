"""What the prose model sees of one word: hashed features, each the index of a row of its embedding table.

Strategy: a name is known by its shape, its pieces and its surroundings at least as much as by a list. So a word gives
its folded form, prefixes, suffixes, character trigrams, shape and casing, and the lexicon's flags; in training whole
families of these are hidden (`Hide`), so that no prediction can rest on one of them alone.
"""
# ruff: noqa: E501, SIM905 - lists of words are read as text

from __future__ import annotations

import enum
import re
import zlib

from .lexicon import (
    CITY,
    CLINICAL,
    DRUG,
    EPONYM,
    GIVEN,
    GIVEN_COMMON,
    PROPER,
    REGION,
    SURNAME,
    SURNAME_COMMON,
    WORD,
    WORD_COMMON,  # fmt: skip
    WORLD_NAME,
    Lexicon,
)

ROWS = 1 << 16
_GROUPS = (
    GIVEN,
    GIVEN_COMMON,
    SURNAME,
    SURNAME_COMMON,
    WORD,
    WORD_COMMON,
    CLINICAL,
    DRUG,
    CITY,
    REGION,
    EPONYM,
    WORLD_NAME,
    PROPER,
)
_OWN_ROW = (
    WORD_COMMON | CLINICAL
)  # a row each: what stands around names is made of these; rarer words share pieces only
_SHORT = frozenset(
    """a b c d e f g h i j k l m n o p q r s t u v w x y z md do rn np pa pac lpn cna cnm crna phd dds dpm dpt pt ot rd rt sw cm mr
mrs ms mx dr drs prof sr jr ii iii iv rev fr sgt pcp hcp poa nok dtr hx tx rx sx fx dx cc re fu dob mrn ssn acct csn fin tel ph
fax ext attn attg asst anes res int ref req rec rep gt mgm mgf pgm pgf bf gf mom dad sib sis bro hub wf pts yo yof yom yr yrs wk
wks mo mos hr hrs am pm st ave rd ln ct blvd hwy apt ste rm bed po box zip ed er icu or snf ltac osh vs vss bp lmp edd adm disch
dc dos eta poc lvm vm lm cb fyi asap thx pls ty hi hey dear aka nee""".split()
)
_RUN = re.compile(r"(.)\1+")
_NUMBER = re.compile(r"\d+")


class Hide(enum.IntFlag):
    """Families of features that training leaves out of some words."""

    NOTHING = 0
    LEXICON = 1
    FORM = 2
    LETTERS = 4
    ALL = 8
    SIGHT = 16  # what vectors.py knows of it


def rows(word: str, lexicon: Lexicon, hide: Hide = Hide.NOTHING) -> list[int]:
    """The embedding rows of `word`, at most about 35 of them."""
    return [zlib.crc32(feature.encode("utf-8", "surrogatepass")) % ROWS for feature in describe(word, lexicon, hide)]


def describe(word: str, lexicon: Lexicon, hide: Hide = Hide.NOTHING) -> list[str]:
    """The same features, readable."""
    if hide & Hide.ALL:
        return ["hidden"]
    if word[0].isdigit():
        return _number(word)
    if not word[0].isalpha():
        return ["p=" + word, "punctuation"]
    folded = word.casefold()
    case = _case(word)
    found = ["c=" + case, "s=" + _shape(word), f"n={min(len(word), 12)}", f"c={case} n={min(len(word), 4)}"]
    if not hide & Hide.LETTERS:
        padded = f"^{folded}$"
        found += ["<" + folded[:size] for size in (1, 2, 3) if size <= len(folded)]
        found += [">" + folded[-size:] for size in (2, 3) if size <= len(folded)]
        found += ["3=" + padded[at : at + 3] for at in range(min(len(padded) - 2, 12))]
    if not hide & Hide.FORM and (folded in _SHORT or lexicon.flags(folded) & _OWN_ROW):
        found.append("w=" + folded)
    if not hide & Hide.LEXICON:
        found += _known(folded, case, lexicon)
    return found


def _known(folded: str, case: str, lexicon: Lexicon) -> list[str]:
    flags = lexicon.flags(folded)
    parts = re.split(r"['\u2019\-\u2010\u2011]", folded)
    if len(parts) > 1 and not flags:
        return [f"l={bit}" for bit in _GROUPS if any(lexicon.flags(part) & bit for part in parts)] + ["parts"]
    if not flags:
        return ["unknown", "unknown " + case]
    return [f"l={bit}" for bit in _GROUPS if flags & bit] + [f"l={flags:x}", f"l={flags:x} {case}"]


def _case(word: str) -> str:
    if len(word) == 1:
        return "A" if word.isupper() else "a"
    if word.islower():
        return "aa"
    if word.isupper():
        return "AA"
    return "Aa" if word[0].isupper() and word[1:].islower() else "aA"


def _shape(word: str) -> str:
    raw = "".join("X" if char.isupper() else "x" if char.isalpha() else char for char in word)
    return _RUN.sub(r"\1\1", raw)


def _number(word: str) -> list[str]:
    values = [int(part[:9]) for part in _NUMBER.findall(word)]
    mould = _NUMBER.sub(lambda part: "d" * min(len(part.group()), 11), word)
    found = ["#" + mould, "#" + _RUN.sub(r"\1", mould), f"#n={len(values)}", "# " + " ".join(map(_size, values[:4]))]
    if len(values) == 1:
        found += ["#v=" + word if len(word) < 4 else "#v=" + word[:2] + "~", "#first " + word[0]]
    return found


def _size(value: int) -> str:
    for limit, name in (
        (0, "0"),
        (12, "month"),
        (31, "day"),
        (89, "two"),
        (120, "old"),
        (999, "three"),
        (1899, "four"),
        (2099, "year"),
    ):
        if value <= limit:
            return name
    return "five" if value <= 99_999 else "many"
