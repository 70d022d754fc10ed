"""Checks of streets, towns, address lines and facilities."""

from __future__ import annotations

import re

from masking.model import lexicon as lx
from masking.wordset import word_set

from .people import name_run
from .trimmed import DIGIT, Trimmed

_UNITS = word_set("""
    mg mcg ml units unit tablets tab tabs puffs day days week weeks wk wks month months mo mos hours hour hrs hr
    year years yr yrs yo y am pm pt pts the and or in to of on at x min mins g kg cm mm patients times percent
    lb lbs beats bpm drops
""")


def street(text: str, start: int, end: int) -> Trimmed | None:
    """A house number, words that begin with a capital (or all lower case after an address label), a street word."""
    value = text[start:end]
    number = re.match(r"\d+[A-Za-z]?(?:-\d+)?,?\s+", value)
    if number is None:
        return None
    words = re.findall(r"[A-Za-z][A-Za-z'.-]*", value[number.end() :])
    if not words or (words[0].islower() and not (value.islower() and len(words) > 1)):
        return None
    lexicon = lx.load()
    first = lexicon.flags(words[0].strip(".'").lower())
    if words[0].lower().strip(".") in _UNITS:
        return None
    if value.islower() and first & lx.WORD_COMMON and not first & lx.CITY:
        return None
    return Trimmed(start, end)


def place(text: str, start: int, end: int) -> Trimmed | None:
    """`Word, ST`: the word is a place or at least no clinical word or person's credential."""
    lexicon = lx.load()
    words = [word.lower().strip(".") for word in text[start:end].split()]
    flags = [lexicon.flags(word) for word in words]
    if flags[-1] & lx.CITY or lexicon.flags(" ".join(words)) & lx.CITY:
        return Trimmed(start, end)
    return None if flags[-1] & (lx.WORD_COMMON | lx.CLINICAL | lx.DRUG | lx.GIVEN) else Trimmed(start, end, 0.8)


def place_line(text: str, start: int, end: int) -> Trimmed | None:
    return name_run(
        text,
        start,
        end,
        keep=lambda flags: not flags & (lx.WORD_COMMON | lx.DRUG) or bool(flags & lx.CITY),
    )


def address_line(text: str, start: int, end: int) -> Trimmed | None:
    value = re.split(
        r"\s{2,}(?=[A-Z][a-z]+\s*$)|\s(?:phone|tel|fax|email|dob|mrn|ssn)\s*$",
        text[start:end],
        maxsplit=1,
        flags=re.IGNORECASE,
    )[0].rstrip(" ,.")
    return (
        Trimmed(start, start + len(value))
        if len(value) > 3 and (DIGIT.search(value) or re.search(r"[A-Z]", value))
        else None
    )


_GENERIC = word_set("""
    off on campus site based provider level trauma unspecified other free standing
    emergency general family primary urgent acute critical intensive community regional local outside our the
    this that same day hospital medical center clinic department unit internal pediatric surgical oncology
    cardiology orthopedic rehab health care home nursing pharmacy outpatient inpatient ambulatory pain wound
    sleep eye dental women womens children childrens cancer heart transferred admitted discharged to from at in
    of and patient nearest another any discharge admission previous prior psychiatric long term skilled facility
    memorial
""")


def facility(text: str, start: int, end: int) -> Trimmed | None:
    """A facility's own name: one word of it at least says which, and leading generic words are cut."""
    words = list(re.finditer(r"[A-Za-z][\w'.&-]*", text[start:end]))
    own = [
        w
        for w in words[:-1]
        if not _GENERIC.issuperset(re.split(r"[-/.]", w[0].strip(".'").lower()))
        and (len(w[0]) > 2 or w[0][0].isupper())
    ]
    if not own or not any(word[0][0].isupper() for word in own):
        return None
    first = next(word for word in words if word[0][0].isupper() and word[0].lower() not in _LEADS)
    return Trimmed(start + first.start(), end)


_LEADS = frozenset(
    {"transferred", "admitted", "discharged", "the", "to", "from", "at", "in", "our", "outside", "patient"}
)
