"""A field's value that is masked by its name: which part of it identifies, and whether any does."""

from __future__ import annotations

import re

import re2  # type: ignore[import-untyped]

from . import dates
from .dicom import STANDARD
from .known import STAND_IN
from .listed import PAIRED
from .methods import PARTLY
from .model import lexicon as lx
from .validators import public_url
from .wordset import word_set

_EMPTY = frozenset(
    (
        "",
        "-",
        "--",
        "n/a",
        "na",
        "none",
        "null",
        "nil",
        "unknown",
        "unk",
        "not available",
        "not applicable",
        "not provided",
        "declined",
        "pending",
        "tbd",
        "?",
        "0",
        "true",
        "false",
        "self",
        "other",
        "undefined",
        "nan",
        "asked-unknown",
        "unspecified",
        "not known",
        "no insurance",
        "no_insurance",
        "uninsured",
        "self pay",
        "self-pay",
        "[]",
        "{}",
    )
)
_YEAR = re.compile(r"\s*(?:1[89]|20|21)\d\d\s*")
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d[\d:.+Z-]*)?")  # the commonest by far
_DATE_TEXT = re.compile(
    r"(?i)\s*(?:\d{4}-\d{2}(?:-\d{2})?(?:[T ]\d{2}:?\d{2}.*)?|"
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ,].{0,30})?|(?:19|20)\d{6}(?:T?\d{4,6}.{0,10})?"
    r"|.{0,12}(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?[ -,].{0,30}|"
    r"\d{1,2}/\d{4}|\d{1,2}/\d{1,2})\s*"
)
_REFERENCE = re.compile(r"((?:[A-Z][A-Za-z]{2,40}/)|urn:uuid:|urn:oid:)(?=[^/]+(?:/_history/.*)?$)")
_PLAIN_WORDS = re.compile(r"[^\W\d_]+(?:[\s,;:&/().'-]{1,3}[^\W\d_]+)*\W{0,3}")
_SAID = re2.compile(  # what codes and their names do not hold: an end of a sentence, somebody, a deed
    r"[.!?]\s+[A-Z]|\b(?:is|was|were|are|has|had|have|[Hh]e|[Ss]he|him|[Hh]is|her|[Tt]hey|their|I|[Ww]e|my|our|[Pp]t|[Pp]atient|"
    r"Drs?|Mrs?|Ms|[Ss]een|[Cc]alled|[Ss]poke|states|says|reports|[Ll]ives|[A-Za-z]+ed (?:by|to|from|with))\b"
)
_FEW_SPACES = 3
_CHOSEN = re.compile(r"(?i)[,;]?\s{1,3}\(?(?:then )?(?:options?|opt\.?|press|select|menu)\s{1,2}#?\d")
_AGE_NUMBER = re.compile(  # a year by itself, which tells no age over 89, or a number
    r"(?<!\d)(?<!\d[-/.])(?:19[4-9]|20\d)\d(?!\d|[-/.]\d)|(\d{1,3})"
)


def part_to_mask(kind: str, value: str) -> tuple[int, int] | None:
    """The stretch of `value` that a field of `kind` must not show; None when all of it may stand.

    `Patient/123` keeps its type, a year stays a year, an age under 90 stays, `unknown` says nothing.
    """
    if value.strip().lower() in _EMPTY:
        return None
    if kind == "date" and _YEAR.fullmatch(value):
        return None
    if kind == "age":
        ages = [int(number) for number in _AGE_NUMBER.findall(_bare(value)) if number]
        return (0, len(value)) if any(age >= 90 for age in ages) else None
    if kind in ("phone", "fax"):
        chosen = _CHOSEN.search(value)
        return 0, chosen.start() if chosen and chosen.start() else len(value)
    if kind == "id":
        if value.startswith(("#", STANDARD)):
            return None
        match = _REFERENCE.match(value)
        return (match.end(), len(value)) if match else (0, len(value))
    if kind == "url":
        within = _REFERENCE.match(value)
        if within:
            return within.end(), len(value)
        return (0, len(value)) if "://" not in value or public_url(value, 0, len(value)) else None
    if kind in ("address", "name") and value.islower() and _is_plain(value):
        return None
    if kind == "address" and (lx.load().flags(value.strip().lower()) & lx.REGION) and len(value) < 20:
        return None if not lx.load().flags(value.strip().lower()) & lx.CITY else (0, len(value))
    return (0, len(value))


def _bare(value: str) -> str:
    """`value` without what stands in it for what was masked before: that says nothing."""
    if "[" in value:
        value = STAND_IN.sub("", value)
    return PARTLY.sub("", value) if "**" in value else value


def _is_plain(value: str) -> bool:
    """Lower-case words that are English or clinical and no names: `private`, `walk-in clinic`."""
    if not _PLAIN_WORDS.fullmatch(value):
        return False
    lexicon = lx.load()
    flags = [lexicon.flags(word) for word in re.findall(r"[^\W\d_]+", value)]
    return bool(flags) and all(
        flag & (lx.WORD_COMMON | lx.CLINICAL) and not flag & (lx.GIVEN_COMMON | lx.SURNAME_COMMON | lx.WORLD_NAME)
        for flag in flags
    )


def number_identifies(kind: str, value: float) -> bool:
    """Whether a JSON number in a field of `kind` identifies: an epoch or compact date, an age over 89, any code."""
    if kind == "age":
        return value >= 90
    if kind == "date":
        return (
            dates.epoch_year(value) is not None
            or (isinstance(value, int) and dates.parse(str(value)) is not None)
            or 1 <= value <= 31
        )
    if kind in ("photo", "biometric"):
        return True
    return value not in (0, -1)


def is_iso(value: str) -> bool:
    """Whether a value is a date or a time as ISO 8601 has it."""
    return _ISO.fullmatch(value) is not None


def is_date_text(value: str) -> bool:
    """Whether a value of a date-like field reads as a date, not as a word or a measure."""
    if _ISO.fullmatch(value):
        return True
    return not _YEAR.fullmatch(value) and _DATE_TEXT.fullmatch(value) is not None


_PLAIN = lx.CLINICAL | lx.WORD_COMMON | lx.EPONYM
_NOT_ALONE = lx.WORD | lx.CLINICAL | lx.DRUG | lx.REGION | lx.EPONYM


def is_sentence(value: str) -> bool:
    """Whether a value says something as a sentence does, as no code and no name of a code."""
    return value.count(" ") >= _FEW_SPACES and _SAID.search(value) is not None


def is_person(value: str) -> bool:
    """Whether a short value is a person's name: two to four words, cast as names, and words that names are made of.

    One word at least is known as a name and as nothing else, or they are a common given name and a common surname;
    nothing says what an unknown word beside them is, nor one that is but a town, so it counts as a name.
    """
    words = [word.strip(".,'\u2019\"()").lower() for word in value.split(None, 4)]
    if not 2 <= len(words) <= 4 or not all(words) or not all(map(_is_wordlike, words)):
        return False
    lexicon = lx.load()
    flags = [lexicon.flags(word) for word in words]
    if any(flag & lx.DRUG for flag in flags) or PAIRED.match(value):
        return False
    cast = all(word[0].isupper() for word in value.split())
    if cast and flags[0] & lx.GIVEN_COMMON and flags[-1] & lx.SURNAME_COMMON and len(words) == 2:
        return True
    if any(flag & (_PLAIN ^ lx.EPONYM) and not flag & (lx.GIVEN_COMMON | lx.SURNAME_COMMON) for flag in flags):
        return False
    given = sum(bool(flag & lx.GIVEN) for flag in flags)
    named = sum(bool(flag & lx.ANY_NAME) or len(word) == 1 for flag, word in zip(flags, words, strict=True))
    plain = sum(bool(flag & _PLAIN) for flag in flags)
    if given >= 1 and named == len(words) and plain < len(words):
        return True
    sure = any(flag & lx.ANY_NAME and not flag & (_NOT_ALONE | lx.CITY) for flag in flags)
    return cast and sure and all(flag & lx.ANY_NAME or not flag & ~lx.CITY for flag in flags)


def _is_wordlike(word: str) -> bool:
    return not any(map(str.isdigit, word)) and all(char.isalpha() or char in "-'\u2019.," for char in word)


def is_name_alone(value: str, *, called: bool) -> bool:
    """Whether one capitalised word, all of a value, is a name and nothing else; `called`: its field says `name`."""
    if not value[:1].isupper() or len(value) < 3 or not _is_wordlike(value) or value[-1] in ".,":
        return False
    flags = lx.load().flags(value.casefold())
    if flags & (lx.WORD | lx.CLINICAL | lx.DRUG | lx.REGION):
        return False
    if flags & (lx.CITY | lx.EPONYM | lx.PROPER):
        return bool(flags & lx.GIVEN_COMMON)
    return bool(flags & (lx.ANY_NAME if called else lx.GIVEN_COMMON | lx.SURNAME_COMMON | lx.WORLD_NAME))


_PARTICLES = word_set("de da do dos di del della la le van von der den ter ten bin bint ibn al el y e st ap mac zu")
_WORDS = re.compile(r"[\s,]+")
_MOST_WORDS = 6
_CODE_LIKE = re.compile(r"(?=.*\d.*\d.*\d)[\w.:#-]{4,64}")


def is_cast(value: str) -> bool:
    """Whether a value is written as a person is, in a field that names one: capitalised words that are not all plain.

    `Ng`, `Ter-Petrosyan, Quetzal`, `VAN DER BERG`; not `Self`, `Emergency Department`, `ward 4`.
    """
    words = [word.strip(".'\u2019\"()") for word in _WORDS.split(value.strip())]
    if not all(words) or len(words) > _MOST_WORDS or not all(map(_is_wordlike, words)):
        return False
    if not all(not word[0].islower() or word.lower() in _PARTICLES for word in words) or words[-1][0].islower():
        return False
    flags = lx.load().flags
    return not all(
        (flag := flags(word.lower())) & (lx.WORD | lx.CLINICAL | lx.DRUG) and not flag & (lx.GIVEN | lx.SURNAME)
        for word in words
    )


def is_code_like(value: str) -> bool:
    """Whether a value is a number or a code that could be a record's: one run with three digits or more, no date."""
    return _CODE_LIKE.fullmatch(value) is not None and not is_date_text(value)
