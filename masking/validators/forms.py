"""Checks of the forms of persons' names: which words of a nickname, a list of kin, a heading or initials are a name."""

from __future__ import annotations

import re

from masking.casing import line_before
from masking.chart_words import ACRONYMS
from masking.model import lexicon as lx
from masking.wordset import word_set

from .name_words import is_no_name
from .own_words import PAYERS
from .people import name_credential
from .trimmed import Trimmed

_NEVER = lx.CLINICAL | lx.DRUG | lx.REGION
_INITIALS_NOT = word_set("""
    md do rn np pa pt ot st slp sw cm rt ma ms dr mr ok po iv im sq sc pr bid tid qid prn qd qhs hs ac pc am pm est
    pst cst us uk usa id er ed or icu ir gi gu ob ent ct mri us xr ekg ecg echo cbc bmp cmp ua lab dme hh snf ltc
    osh pcp dc d/c ra nc rr hr bp na n/a tbd wnl nad nka nkda dnr dni ama lwbs nos npo dnp lpn cna emt ems fu f/u
    rtc cxr abg inr iop od os ou bmt hsct esrd ckd chf cad copd dm htn dvt pe uti uri mi cva tia ad lib wt ht ett hd
    pd ccu mlk usa va ssi hiv hcv hbv als ms la ny tx ca fl il pa oh ga nc nj va wa az ma tn in mo md wi co mn sc al
    la ky or ok ct ut ia nv ar ks nm ne id wv hi nh me ri mt de sd nd ak dc vt wy ii iii iv vi vii ix xi
""")


def _named(word: str, *, unknown: bool = True) -> int:
    """2: a name and nothing else, or unknown; 1: a common name that is a word as well; 0: none."""
    plain = word.strip(".'\"").casefold()
    if is_no_name(plain) or plain in ACRONYMS:
        return 0
    if "-" in plain:
        return max(_named(part, unknown=unknown) for part in plain.split("-") if part) if plain.strip("-") else 0
    flags = lx.load().flags(plain) or lx.load().flags(plain.removesuffix("'s"))
    if flags & (lx.GIVEN_COMMON | lx.SURNAME_COMMON) and not flags & (lx.WORD | lx.CLINICAL | lx.DRUG):
        return 2
    if flags & (lx.GIVEN_COMMON | lx.SURNAME_COMMON):
        return 1
    if flags & lx.EPONYM and flags & lx.GIVEN and not flags & (_NEVER | lx.WORD):
        return 1
    if flags & (_NEVER | lx.WORD | lx.EPONYM):
        return 0
    if flags & lx.ANY_NAME or (unknown and not flags and len(plain) > 2):
        return 2
    return 1 if flags & lx.PROPER and plain not in PAYERS else 0


def nickname(text: str, start: int, end: int) -> Trimmed | None:
    """`Leopold "Leo" Gruenwald III`: what stands before the nickname, or it and what stands behind, are names."""
    words = re.findall(r"[A-Za-z][A-Za-z'-]*", text[start:end])
    mark = max(text.find('"', start, end), text.find("(", start, end))
    before = len(
        re.findall(r"[A-Za-z][A-Za-z'-]*", text[start : text.find('"', start, end) if '"' in text[start:end] else mark])
    )
    first, last = (
        words[before - 1],
        words[-1] if words[-1].casefold() not in ("jr", "sr", "ii", "iii", "iv") else words[-2],
    )
    quoted = '"' in text[start:end]
    weights = [_named(first), _named(words[before]), _named(last)]
    if not weights[0] or (not quoted and min(weights) < 1) or sum(weights) < (3 if quoted else 5):
        return None
    skip = next((at for at, word in enumerate(words[:before]) if _named(word)), before - 1)
    for _ in range(skip):
        start = text.find(" ", start) + 1
    return Trimmed(start, end)


def suffixed(text: str, start: int, end: int) -> Trimmed | None:
    """`Marcus Holloway II`: a given name and a surname, no eponym, no stage."""
    words = re.findall(r"[A-Za-z][A-Za-z'-]+", text[start:end])
    flags = [lx.load().flags(word.casefold()) for word in words]
    if (
        not flags[0] & lx.GIVEN
        or flags[0] & (lx.CLINICAL | lx.WORD_COMMON)
        or any(flag & lx.EPONYM for flag in flags[:2])
    ):
        return None
    return Trimmed(start, end) if _named(words[1]) else None


_LIST = re.compile(r"(, (?:and |& )?| and | & |/| )")


def kin(text: str, start: int, end: int) -> Trimmed | None:
    """After a word of kin: the names of a list, up to the first word that is none."""
    parts = _LIST.split(text[start:end])
    last, at, count = start, start, 0
    for index, part in enumerate(parts):
        if index % 2:
            at += len(part)
            continue
        weight = _named(part)
        lone = count == 0 and weight == 0 and _is_byname(text, at, part)
        if not (weight or lone) or (part.isupper() and not _is_shouted(text, start, part)):
            break
        if weight == 1 and not _ends(text, at + len(part)):
            break
        at += len(part)
        last, count = at, count + 1
    if count > 1 and text[last - 2 : last] == "'s":
        return Trimmed(start, last - 2)
    return Trimmed(start, last) if count else None


_AFTER = re.compile(r"\s?(?:[,;.)(:/]|$|\n)|\s(?:and|&|[a-z\d(])")


def _ends(text: str, at: int) -> bool:
    return _AFTER.match(text, at) is not None


def _is_shouted(text: str, start: int, part: str) -> bool:
    """A name in capitals within a line in capitals: known as one and as nothing else."""
    flags = lx.load().flags(part.casefold())
    line = line_before(text, start)
    return (
        line.isupper()
        and bool(flags & lx.ANY_NAME)
        and not flags & (lx.WORD | lx.CLINICAL | lx.EPONYM)
        and len(part) > 2
    )


def _is_byname(text: str, at: int, word: str) -> bool:
    """`ex Skeeter`: a rare word with a capital in the midst of a sentence, right after the kin."""
    flags = lx.load().flags(word.casefold())
    if (
        flags & (_NEVER | lx.WORD_COMMON | lx.EPONYM)
        or is_no_name(word.casefold())
        or word.casefold().endswith(("ed", "ing", "ly", "s"))
    ):
        return False
    return bool(flags & lx.WORD) and _ends(text, at + len(word)) and text[at - 3 : at] == "ex "


def kin_in_brackets(text: str, start: int, end: int) -> Trimmed | None:
    """`twin A (Kit)`: how one is called, not what one has, speaks or is."""
    word = text[start:end].casefold()
    flags = lx.load().flags(word)
    if is_no_name(word) or word in ACRONYMS or flags & (_NEVER | lx.EPONYM):
        return None
    return None if flags & lx.WORD and not flags & lx.GIVEN else Trimmed(start, end)


def kin_last(text: str, start: int, end: int) -> Trimmed | None:
    """The last of a list of kin, behind its `and`: the one before it is a name too."""
    before = text[max(0, start - 30) : start].removesuffix(" and ").removesuffix(",").rsplit(" ", 1)[-1]
    return kin(text, start, end) if _named(before) else None


def heading(text: str, start: int, end: int) -> Trimmed | None:
    """A line that begins `Baptiste, Ti-Georges`: both are names or unknown, one is known as a name."""
    last, _, given = text[start:end].partition(",")
    if " " in last and is_no_name(last.split()[0].casefold()):
        start += last.index(" ") + 1
        last = last.split(" ", 1)[1]
    if any(len(word) < 2 for word in (last.split() or [""])) or not given.strip():
        return None
    surname, first = _named(last.split()[-1]), _named(given.split()[0])
    words = [*last.split(), given.split()[0]]
    known = any(lx.load().flags(part.casefold()) & lx.ANY_NAME for word in words for part in word.split("-"))
    if not surname or not first or not known or any(lx.load().flags(word.casefold()) & lx.REGION for word in words):
        return None
    flags = lx.load().flags(last.casefold())
    if flags & lx.CITY and not flags & lx.SURNAME:
        return None
    extra = given.split()[1:]
    if extra and len(extra[0]) > 2 and not _named(extra[0]):
        end = start + text[start:end].rfind(" ")
    return Trimmed(start, end)


def credential_more(text: str, start: int, end: int) -> Trimmed | None:
    """A name before a rarer credential."""
    found = name_credential(text, start, end)
    if text[start:end].isupper() and " " not in text[start:end]:
        return None
    if found is None and " " not in text[start:end] and _named(text[start:end]):
        found = Trimmed(start, end)
    return found


def initials(text: str, start: int, end: int) -> Trimmed | None:
    """Initials of who wrote: no credential, no state, no abbreviation of the chart."""
    plain = text[start:end].replace(".", "").casefold()
    if plain in _INITIALS_NOT or plain in ACRONYMS or plain in ("him", "hr", "qa", "ur"):
        return None
    line = line_before(text, start)
    return None if line.isupper() and line.rstrip()[-1:] != ":" else Trimmed(start, end)


def typist(text: str, start: int, end: int) -> Trimmed | None:
    """`HJB/kd`: who dictated and who typed."""
    upper, lower = re.split("[/:]", text[start:end])
    if upper.casefold() in _INITIALS_NOT or lower in (
        "min",
        "day",
        "wk",
        "hr",
        "kg",
        "mg",
        "ml",
        "dl",
        "yo",
        "no",
        "of",
        "to",
        "or",
        "and",
    ):
        return None
    return Trimmed(start, end)


_NO_EMPLOYER = word_set("""
    none no n/a na nil not self self-employed unemployed retired student disabled homemaker housewife unknown declined
    refused same see private various full part job employed currently formerly child minor military deceased
""")
_SEGMENT = re.compile(r"\S+(?:[ \t]{1,2}\S+)*")


def employer_led(text: str, start: int, end: int) -> Trimmed | None:
    """`EMPLOYER ........ GOLDEN SPOKE CYCLE WORKS`: all up to the next column, unless there is none."""
    found = _SEGMENT.match(text, start, end)
    if found is None or not found[0][0].isupper():
        return None
    found = _SEGMENT.match(text, start, start + len(found[0].rstrip(" _.")))
    if found is None:
        return None
    first = re.split(r"[\s,;.(_]", found[0], maxsplit=1)[0].casefold()
    return None if first in _NO_EMPLOYER else Trimmed(found.start(), found.end())


def given_only(text: str, start: int, end: int) -> Trimmed | None:
    """`Eli 9`: a given name that is nothing else."""
    flags = lx.load().flags(text[start:end].casefold())
    if flags & (lx.WORD | lx.CLINICAL | lx.DRUG | lx.EPONYM | lx.REGION) or is_no_name(text[start:end].casefold()):
        return None
    return Trimmed(start, end) if flags & lx.GIVEN else None
