"""Checks of names that something beside them gives away: a title, a credential, a label, a comma."""

from __future__ import annotations

import re

from masking.casing import line_around
from masking.chart_words import ACRONYMS, DOSES
from masking.model import lexicon as lx
from masking.turns import is_said
from masking.wordset import word_set

from .ailments import is_ailment, is_scored
from .name_edges import name_edges
from .name_words import CREDENTIAL, CREDENTIALS, LABEL_WORDS, NAME_TOKEN, NOT_NAMES, is_credential, is_role, name_run
from .trimmed import Trimmed

_MILLISECONDS = re.compile(r"\d\s?ms,?\s{1,2}$")
_OF_A_PERSON = re.compile(r"\b(?:Mr|Mrs|Ms|Mx)\.\s{1,2}$")
_INTRODUCED = re.compile(r"(?i)\bname(?:['\u2019]s| is|d)\s$")
_NAMES_TOO = word_set("do no an so to in may will child well friend friday sunday")
_OF_A_ROLE = re.compile(r"(?i)\b(?:nurse|officer|doctor|patient|judge|chaplain)\s{1,2}$")
_ROLES = re.compile(
    r"(?i)(?:pool|case|note|line|visit|call|station|desk|practitioner|manager|triage|aide|educator|navigator|staffing|"
    r"hotline|log|review|assessment|led|intake)\b(?!,? (?:RN|MD|NP|LPN)\b)"
)
_DEGREE = re.compile(r"\bMS(?:(,)|\.)?\s{1,2}$")
_NODE = re.compile(r"(?i)mary joseph(?:['\u2019]s)? (?:node|nodule)")
_OF_A_LIST = re.compile(r"[a-z\d)], $")
_ALSO_CREDENTIALS = frozenset({"ma", "gal", "pa"})
_AMOUNT = re.compile(r"\s\d+(?:\.\d+)?\s?(?:mm|cm|mg|mcg|ml|units?|%)")
_ADDRESSED = re.compile(r"(?i)\b(?:mr|mrs|ms|mx|dr)\.\s{1,2}$")
_FORM_OF_ADDRESS = re.compile(r"\b(?:Dr|Drs|Mr|Mrs|Ms|Mx|Miss)\.?\s{1,2}$")


def name_words(text: str, start: int, end: int) -> Trimmed | None:
    """A run of name words after a title or before a credential; stops at the first word that is plainly none."""
    if _MILLISECONDS.search(text, max(0, start - 8), start) or _is_untitled(text, start, end):
        return None
    found = name_run(text, start, end)
    if found is not None and is_ailment(text, found.start, found.end):
        return found if _ADDRESSED.search(text, max(0, start - 7), start) else None
    if found is None and _INTRODUCED.search(text, max(0, start - 8), start):
        given = lx.load().flags(text[start:end].split(maxsplit=1)[0].casefold()) & lx.GIVEN_COMMON
        return Trimmed(start, end) if given and text[start].isupper() else None
    if found is None:
        word = NAME_TOKEN.match(text, start, end)
        titled = _FORM_OF_ADDRESS.search(text, max(0, start - 6), start)
        person = _OF_A_PERSON.search(text, max(0, start - 6), start) is not None
        if word is not None and titled is not None and (_may_be_surname(word[0]) or (person and _is_cast(word[0]))):
            return Trimmed(start, start + len(word[0].rstrip(".")))
    return found


def _is_untitled(text: str, start: int, end: int) -> bool:
    """What only looks titled: `NURSE CASE NOTE`, a degree or a salt (`MS, CGC`, `MS Contin`), a node of a sister's."""
    if _OF_A_ROLE.search(text, max(0, start - 12), start) and _ROLES.match(text, start, end):
        return True
    if is_no_title(text, start, end):
        return True
    degree = _DEGREE.search(text, max(0, start - 6), start)
    if degree is None:
        return _NODE.match(text, start) is not None
    word = text[start:end].split(maxsplit=1)[0]
    if word.casefold() == "contin":
        return True
    if degree[1] is not None:
        return True
    called = lx.load().flags(word.rstrip(".,").casefold()) & lx.ANY_NAME
    return not called and (not word.isupper() or (len(word) > 3 and is_credential(word)))


_VALVE = re.compile(
    r"(?:(?P<graded>\b(?i:trivial|trace|mild|mod|moderate|mod-severe|severe|physiologic)|[1-4]\+)|"
    r"\b(?i:no|min|minimal|significant|known)|[;,/]|\b(?:AR|TR|AI|AS|PR)(?: and| &)?) M[RS]\.\s{1,2}$"
)
_OF_A_HEART = re.compile(
    r"\b(?:AR|TR|AI|AS|PR|TS|LVH?|RV|LVEF|EF|LA|RA|TTE|TEE|WMA|PFO)\b|(?i:\b(?:echo\w*|valv\w*|aort\w*|mitral|tricuspid|regurg\w*|"
    r"stenosis|systolic|diastolic|murmur|gradient|atri\w+|ventric\w+|pericard\w*|effusion)\b)"
)
_ACTS = re.compile(
    r"(?i)\S+(?: [A-Z][a-z'-]{2,20})? (?:agree[sd]?|says?|said|states?|stated|reports?|reported|"
    r"denie[sd]|wants?|called|calls|came|went|"
    r"lives?|asks?|asked|left|seen|was (?!normal|mild|mod|sev|small|large|not)|"
    r"is (?:an?|here|my|his|her|the)\b|has a|will|would|"
    r"today\b|understands?|understood|notified|aware|arrived|told|tells|"
    r"in (?:the )?(?:lobby|room|clinic)|and (?:his|her)\b)"
)
_SCANNED = re.compile(
    r"(?i)(?:(?:lumbar|thoracic|cervical|sacral|[ctl]-?spine|angio(?:gra\w*)?|enterogra\w*|cholangio\w*|venogra\w*|arthrogra\w*|"
    r"urogra\w*|elastogra\w*|spectroscopy|defecogra\w*|abd(?:omen|ominal)?|pelvis|orbits?|brachial|cardiac|pituitary|sacrum)\b"
    r"|(?:brain|head|neck|spine|face|foot|hand|heart|hip|knee|liver|arm|leg|breast|prostate|shoulder|ankle|wrist|elbow|"
    r"chest|femur|pancreas|kidneys?)s?,? (?:(?:limited |ltd |left |right |[lr]t? |bilat\w* )?(?:(?:w/?o?|w/wo|w&w/?o)"
    r"(?=\s*(?:$|[.,;:)\n]))|(?:w/?o?|w/|w/wo|w&w/?o|with|without|with and without|limited|ltd|no) ?(?:iv |gad\w* )?"
    r"(?:contrast(?! (?:allerg|reaction))|con|gad\w*|"
    r"wo|cont|o)\b|contrast|protocol|neck|spine|angio(?:gra\w*)?\b|seq\w*))(?!\w))"
)
_IMAGED = re.compile(r"\bMR\s{1,2}$")
_LAB = r"(?:Cr|CR|Ca|CA|Na|NA|K|Mg|MG|Cl|Hb|HB|Hgb|HGB|Plt|PLT|Glu|BUN|INR|WBC|Trop|Lactate|Alb|Ef|EF)"
_VALUED = re.compile(  # `Ms. Na 67` is somebody and an age: of what people are called by, one more value is needed
    rf"(?:Cr|CR|K|Mg|MG|Cl|Hb|HB|Hgb|HGB|Plt|PLT|Glu|BUN|INR|WBC|Trop|Lactate|Ef|EF) ?[<>=:~]? ?"
    rf"(?:\d{{1,3}}\.\d|\d{{2,3}}(?=[,;%\n]|$| \S+ \d))|{_LAB} ?[<>=:~]? ?\d{{1,3}}(?:\.\d)?,? {_LAB} ?\d"
)
_TITLED = re.compile(r"\b(?:DR|Dr|dr|MR|MS|Mr|Ms)\.?\s{1,2}$")
_DRUNK = re.compile(
    r"(?i)(?:\b(?:no|drinks?|drank|drinking|diet|cherry|(?:sips?|cans?|bottles?|cups?|glass(?:es)?|liters?|oz)(?: of)?|"
    r"\d{1,2})|\b(?:coffee|tea|soda|coke|cola|pepsi|sprite|juice|water|milk|drinks?|beverages?|caffeine)\b[^.;\n]{0,12}"
    r"(?:,|/|\(|:|\band|\bor))\s?dr\.?\s{1,2}$"
)
_PEPPER = re.compile(
    r"(?i)pepper\b(?=\s*(?:$|[,;:)/&\n]|\.(?!\w))|\s(?:and|or|daily|nightly|per|a|each|every|x|"
    r"with (?:meals|dinner|lunch|breakfast)|"
    r"bottles?|cans?|drinks?|sodas?|zero|cherry|at (?:home|meals|dinner|lunch|night))\b)"
)
_BEFORE = 32


def is_no_title(text: str, start: int, end: int) -> bool:
    """Whether what stands before a word is a title in letters alone: `trivial MR. Cr 1.8`, `MR BRAIN W/WO`, a drink."""
    before = text[max(0, start - _BEFORE) : start]
    valve = _VALVE.search(before)
    if valve is not None:
        return _is_valve(text, start, end, graded=valve["graded"] is not None)
    if _IMAGED.search(before) and _SCANNED.match(text, start):
        return True
    if _TITLED.search(before) and _VALUED.match(text, start):
        return True
    return _DRUNK.search(before) is not None and _PEPPER.match(text, start) is not None


def _is_valve(text: str, start: int, end: int, *, graded: bool) -> bool:
    """Whether a sentence begins behind `MR.`: with a plain word that does nothing people do, where a heart is told of.

    `no MR. Limb in the lobby` and `wife called; MS. Mole says` are people.
    """
    if _ACTS.match(text, start) or not (graded or _OF_A_HEART.search(text, max(0, start - _HEART), end + _HEART)):
        return False
    words = text[start:end].split()
    word = words[0].rstrip(".,")
    flags = lx.load().flags(word.casefold())
    if len(words) > 1 and flags & lx.GIVEN:
        return False
    if len(word) < 3:
        return not flags & lx.SURNAME or bool(flags & lx.WORD_COMMON)
    if flags & lx.SURNAME and not flags & (lx.CLINICAL | lx.WORD_COMMON):
        return False
    return bool(flags & lx.PLAIN and not flags & (lx.SURNAME_COMMON | lx.GIVEN_COMMON))


_HEART = 64  # characters on both sides of a valve in which more of the heart is told


def _may_be_surname(word: str) -> bool:
    """Whether a plain word where a name must stand is somebody's: `Dr. Nurse`."""
    plain = word.rstrip(".").casefold()
    return (
        word[:1].isupper()
        and not word.isupper()
        and plain not in NOT_NAMES
        and bool(lx.load().flags(plain) & lx.SURNAME)
    )


def _is_cast(word: str) -> bool:
    """`Mr. Target`, `Mrs. Do`: whatever begins with a capital after a form of address, save a word that joins."""
    plain = word.rstrip(".").casefold()
    return word.istitle() and len(plain) > 1 and (plain not in NOT_NAMES or plain in _NAMES_TOO)


def name_credential(text: str, start: int, end: int) -> Trimmed | None:
    """A run of name words that reaches its credential; a full stop between them ends it."""
    if text[end - 1] == "." and (end - start < 3 or (end - start > 3 and text[end - 3].isalpha())):
        return None
    last_stop = max(text.rfind(". ", start + 3, end), start - 2)
    if last_stop > start and len(text[start:last_stop].rsplit(maxsplit=1)[-1]) > 3:
        start = last_stop + 2
    if (
        _is_acronym(text, start, end)
        or _is_unit(text, start, end)
        or _is_new(text, start, end)
        or CREDENTIAL.match(text, start)
        or (text[start:end].isupper() and end - start < 5 and text[end : end + 1] == "\n")
    ):
        return None
    found = name_run(text, start, end)
    if found is not None and found.end < end - 1 and NAME_TOKEN.fullmatch(text, found.end + 1, end):
        found = Trimmed(found.start, end) if _may_be_surname(text[found.end + 1 : end]) else found
    return found if found is not None and found.end >= end - 1 else None


_UNITS = word_set("mo mos wk wks yr yrs hr hrs min mins day days d x sec lb lbs oz ft in mg ml visits")
_COUNTED = re.compile(r"[\d/]\s?$|\dx?/$")
_THERAPY = re.compile(r",?\s{1,2}(?:PT|OT|RT|ST|SLP|RD|MS|RN|MD|NP|PA|MA)\b")


def _is_unit(text: str, start: int, end: int) -> bool:
    """`6 MO, RN`, `2X/WK, PT`: what is counted."""
    return (
        text[start:end].casefold().rstrip(".") in _UNITS and _COUNTED.search(text, max(0, start - 3), start) is not None
    )


def _is_new(text: str, start: int, end: int) -> bool:
    """`NEW PT`, `Home OT`: one word of the chart before what is a credential only behind a name."""
    word = text[start:end]
    flags = lx.load().flags(word.casefold())
    plain = flags & lx.WORD_COMMON and flags & (lx.CLINICAL | lx.DRUG) and not flags & lx.GIVEN_COMMON
    return " " not in word and bool(plain) and _THERAPY.match(text, end) is not None


def _is_acronym(text: str, start: int, end: int) -> bool:
    """`CBC, GS, PT`, `OD MD -16.8`, `MED-SURG CNA`: a few capitals in a line that has small letters, a ward."""
    value = text[start:end]
    if not value.isupper():
        return False
    parts = [part.casefold() for part in re.split(r"[-/]", value) if part]
    if len(parts) > 1 and all(part in ACRONYMS or lx.load().flags(part) & lx.PLAIN for part in parts):
        return True
    if end - start > 4:
        return False
    if value.casefold() in DOSES:
        return True
    if line_around(text, start, end).isupper():
        return False
    if end - start < 4 and text[end : end + 1] == " " and not lx.load().flags(value.casefold()) & lx.SURNAME_COMMON:
        return True
    return "," in text[max(0, start - 2) : start]


def name_line(text: str, start: int, end: int) -> Trimmed | None:
    """The rest of a labelled line, cut where the name ends."""
    segment = re.split(r"\s{3,}|\s\s(?=\S+\s*$)", text[start:end], maxsplit=1)[0]
    if end < len(text) and text[end] in ":=":
        words = segment.split()
        while words and (words[-1].lower().strip(".#") in LABEL_WORDS):
            segment = segment[: segment.rstrip().rfind(words[-1])]
            words.pop()
    found = name_run(text, start, start + len(segment), lower=True)
    if found is not None and (
        _is_of_therapy(text, found)
        or _is_filled(text, found)
        or is_said(text, found.start, found.end)
        or is_scored(text, found.start, found.end)
        or is_ailment(text, found.start, _first_end(text, found), known=True)
    ):
        return None
    return found and Trimmed(*name_edges(text, found.start, found.end))


_LED = re.compile(r"(?:\.{4}|_{3})[ \t]?:?\s{0,3}$")


def _is_filled(text: str, found: Trimmed) -> bool:
    """What is no name behind the dots or the rule of a form: the next label, an abbreviation, a diagnosis."""
    if _LED.search(text, max(0, found.start - 10), found.start) is None:
        return False
    if text[found.end : found.end + 4].lstrip(" ").startswith("__"):
        return True
    plain = text[found.start : found.end].split(maxsplit=1)[0].strip(".,").casefold()
    flags = lx.load().flags(plain)
    thing = flags & lx.CLINICAL or (not flags and lx.load().is_thing(plain))
    return plain in ACRONYMS or bool(thing and not flags & (lx.GIVEN_COMMON | lx.SURNAME_COMMON))


_THERAPIST = re.compile(r"\b(?:PT|OT|ST|SLP|RT|RD)\s?:\s{0,3}$")
_DONE = re.compile(r" (?:[a-z]{3,}|[A-Z]{2,3}\b|\d{1,3} ?(?:ft|feet|min|x|%|steps|reps))")


def _is_of_therapy(text: str, found: Trimmed) -> bool:
    """`PT: SB transfers min A`: an abbreviation of what was done, not the initials of who did it."""
    value = text[found.start : found.end].split(maxsplit=1)[0]
    if _THERAPIST.search(text, max(0, found.start - 8), found.start) is None or not value.isupper() or len(value) > 3:
        return False
    plain = value.casefold()
    if lx.load().flags(plain) & (lx.GIVEN_COMMON | lx.SURNAME) and plain not in ACRONYMS:
        return False
    return text[found.end : found.end + 1] != "," and _DONE.match(text, found.start + len(value)) is not None


def _first_end(text: str, found: Trimmed) -> int:
    """Where the first word ends, without its full stop."""
    return found.start + len(text[found.start : found.end].split(maxsplit=1)[0].rstrip("."))


def likely_person(text: str, start: int, end: int) -> Trimmed | None:
    """After a verb or preposition: the first word must be a known given name, the last one no plain word."""
    lexicon = lx.load()
    last_word = text.rfind(" ", start, end) + 1
    if last_word > start and CREDENTIAL.match(text, last_word):
        end = last_word - 1
    words = [word.strip(".'").lower() for word in text[start:end].split()]
    if len(words) < 2:
        return None
    flags = [lexicon.flags(word) for word in words]
    if not flags[0] & lx.GIVEN or any(flag & (lx.DRUG | lx.EPONYM) for flag in flags) or words[0] in NOT_NAMES:
        return None
    if flags[0] & lx.WORD_COMMON and not flags[0] & lx.GIVEN_COMMON:
        return None
    last = flags[-1]
    if last & (lx.CLINICAL | lx.WORD) and not last & lx.SURNAME_COMMON:
        return None
    return Trimmed(start, end)


_DEPARTMENTS = word_set("ed er or ir icu micu sicu ccu nicu picu pacu id gi gu ent eta cc")
_DOCTOR = re.compile(r"(?i)\bdrs?\.?\s{1,2}(?:[a-z'-]{2,20}\s)?$")


def _is_department(text: str, start: int, last: str, given: str) -> bool:
    """`DR. AMARYLLIS FOOTE, ED`: where a doctor is, behind a whole name or a title; `Thaddeus, ETA`."""
    if given.casefold() not in _DEPARTMENTS:
        return False
    first = lx.load().flags(last.split(maxsplit=1)[0].casefold())
    whole = " " in last.strip() and bool(first & lx.GIVEN)
    small = not last.isupper() and not lx.load().flags(given.casefold()) & lx.GIVEN_COMMON
    return whole or small or _DOCTOR.search(text, max(0, start - 26), start) is not None


def last_first(text: str, start: int, end: int) -> Trimmed | None:
    """`Surname, Given`: both must be known as such, and not as plain or clinical words unless all is in capitals."""
    lexicon = lx.load()
    last, _, given = text[start:end].partition(",")
    last_words, given_words = last.split(), given.split()
    if len(last) < 4 and len(given.strip()) < 4 and text[start:end].isupper():
        return None
    if _OF_A_LIST.search(text, max(0, start - 3), start) or _AMOUNT.match(text, end):
        return None
    if given.strip().isupper() and given.strip().casefold() in (CREDENTIALS | _ALSO_CREDENTIALS):
        return None
    if given.strip().isupper() and _is_department(text, start, last, given.strip()):
        called = lexicon.flags(last_words[-1].casefold()) & (lx.SURNAME | lx.WORLD_NAME)
        return Trimmed(start, start + len(last.rstrip())) if called and " " in last.strip() else None
    if len(last_words) > 1 and is_role(last_words[0].lower()):
        start += text[start:end].index(last_words[1], len(last_words[0]))
    if not given_words:
        return None
    last_flags, given_flags = lexicon.flags(last_words[-1].lower()), lexicon.flags(given_words[0].lower())
    if last_flags & lx.SURNAME_COMMON:
        last_flags &= ~lx.CLINICAL
    if given_flags & lx.GIVEN_COMMON:
        given_flags &= ~lx.CLINICAL
    if (last_flags | given_flags) & (lx.DRUG | lx.CLINICAL) or (
        given_flags & (lx.REGION | lx.WORD_COMMON) and not given_flags & lx.GIVEN_COMMON
    ):
        return None
    if not (given_flags & lx.GIVEN and last_flags & (lx.SURNAME | lx.WORLD_NAME)):
        return None
    if last_flags & lx.WORD_COMMON and not last_flags & lx.SURNAME_COMMON:
        return None
    return Trimmed(start, end)
