"""Checks of initials: two or three capitals that sign, and are no abbreviation of the chart."""

from __future__ import annotations

import re

from masking.chart_words import ACRONYMS
from masking.model import lexicon as lx
from masking.wordset import word_set

from .name_words import CREDENTIAL, is_no_name
from .trimmed import Trimmed

_HEADERS = word_set("""
    hpi ros pmh psh fh sh pe cc id gi gu cv msk ap hx dx rx tx sx vs io ed er or us ct mr xr dc op np hi si va
    iv im po sq sc bid tid qid qhs qd prn hs ac pc am pm od os ou rt lt sp st wt ht bp hr rr tm mg ml cm mm kg
    lb oz iu nl wnl ok no na nk yes dnr dni fc cmo ama npo ra nc fm bm ua uop abd ext gen wnd imp rec plt rle
    lle rue lue tba tbd asap usa ii iii iv vi vii viii ix xi xii
""")


def _is_abbreviation(value: str) -> bool:
    word = value.replace(".", "").casefold()
    return (
        word in ACRONYMS
        or word in _HEADERS
        or CREDENTIAL.fullmatch(value) is not None
        or bool(lx.load().flags(word) & (lx.CLINICAL | lx.WORD_COMMON | lx.DRUG | lx.REGION))
    )


def initials_pair(text: str, start: int, end: int) -> Trimmed | None:
    """`HJB/kd`: who dictated and who typed."""
    first, second = re.split(r"[/:]", text[start:end])
    return None if _is_abbreviation(first) and _is_abbreviation(second) else Trimmed(start, end)


def initials_of_two(text: str, start: int, end: int) -> Trimmed | None:
    """`2 RN verify: TM/LK`: who checked, not what (`ID/DOB`)."""
    both = re.findall("[A-Z]+", text[start:end])
    what = all(_is_abbreviation(one) or is_no_name(one.casefold()) for one in both)
    return None if what else Trimmed(start, end)


def followed_up(text: str, start: int, end: int) -> Trimmed | None:
    """`f/u Nakagawa 6 mo`: a name, no service."""
    known = lx.load().flags(text[start:end].casefold()) & lx.ANY_NAME
    return signed_off(text, start, end) if known else None


def initials_alone(text: str, start: int, end: int) -> Trimmed | None:
    """At the end of a note or of a paragraph: not in a text of capitals, no abbreviation, no word."""
    value = text[start:end]
    line = text[text.rfind("\n", 0, start) + 1 : start]
    if _is_abbreviation(value) or (line.strip() and not any(map(str.islower, line))):
        return None
    ended = not text[end:].strip(" \t.\n") or text[end:].lstrip(" \t.").startswith("\n\n")
    if len(value) > 2 and not ended and line.rstrip()[-1:] not in ("-", "/", "~"):
        return None
    if not line.strip(" \t-/~"):  # a line of its own: only where a note or a part of it ends
        before = text[:start].rstrip(" \t-/~")
        if not before.strip() or before.endswith("\n\n") or not ended:
            return None
        if not any(map(str.islower, before[-200:])):
            return None
    return Trimmed(start, end)


_SURNAME = 4  # letters
_LOGIN = re.compile(r"([a-z])([a-z]+)(\d*)")


def login_signing(text: str, start: int, end: int) -> Trimmed | None:
    """A log-in beside a credential: an initial and a surname that make no word together, with or without figures."""
    found = _LOGIN.fullmatch(text, max(start, text.rfind(" ", start, end) + 1, text.rfind(":", start, end) + 1), end)
    flags = lx.load().flags
    if found is None or flags(found[1] + found[2]) or not flags(found[2]) & lx.SURNAME or len(found[2]) < _SURNAME:
        return None
    return Trimmed(found.start(), found.end())


_OFFICES = word_set("him hm ur qa hr bh fd hh cm sw ua uc rt er icu lab fax web app edi ivr bot")
_LOGIN_IN_CAPITALS = re.compile(r"([A-Z])([A-Z]{4,11})\d*")


def login_in_capitals(text: str, start: int, end: int) -> Trimmed | None:
    """`1502 PVANG: paid`: an initial and a surname that make no word together, or a surname and nothing else."""
    found = _LOGIN_IN_CAPITALS.fullmatch(text, start, end)
    flags = lx.load().flags
    if found is None or _is_abbreviation(found[1] + found[2]):
        return None
    whole, surname = flags((found[1] + found[2]).casefold()), flags(found[2].casefold())
    plain = lx.WORD | lx.CLINICAL | lx.DRUG | lx.EPONYM
    if whole:
        return Trimmed(start, end) if whole & lx.SURNAME_COMMON and not whole & plain else None
    called = surname & lx.SURNAME_COMMON or (surname & lx.SURNAME and not surname & plain)
    return Trimmed(start, end) if called else None


def initials_small(text: str, start: int, end: int) -> Trimmed | None:
    """`cmg, RN` on a line of its own: letters that are no word and no abbreviation, and no office."""
    plain = text[start:end].casefold()
    return None if _is_abbreviation(text[start:end]) or is_no_name(plain) or plain in _OFFICES else Trimmed(start, end)


def signed_off(text: str, start: int, end: int) -> Trimmed | None:
    """Who signs a message off, who came with the ambulance: names and nothing else, or a word that nobody knows."""
    for word in re.split("[/&]", text[start:end]):
        flags = lx.load().flags(word.casefold())
        plain = flags & (lx.WORD | lx.CLINICAL | lx.DRUG | lx.EPONYM | lx.REGION) and not flags & lx.GIVEN_COMMON
        if plain or _is_abbreviation(word) or is_no_name(word.casefold()) or (not flags and len(word) < _SURNAME):
            return None
    return Trimmed(start, end)


def newborn(text: str, start: int, end: int) -> Trimmed | None:
    """A quoted name of a child: no word."""
    flags = lx.load().flags(text[start:end].casefold())
    return Trimmed(start, end) if flags & lx.GIVEN or not flags & (lx.WORD | lx.CLINICAL) else None
