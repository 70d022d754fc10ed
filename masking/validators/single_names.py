"""Checks of single words in places where a person stands: after a role, at a sentence's beginning."""

from __future__ import annotations

import re

from masking.chart_words import ACRONYMS, SAID
from masking.model import lexicon as lx
from masking.wordset import word_set

from .ailments import is_ailment
from .name_words import CREDENTIALS, LABEL_WORDS, LANGUAGES, NOT_NAMES, is_no_name, name_run
from .own_words import PAYERS, SUFFIX
from .people import is_no_title
from .trimmed import Trimmed

_LONG = 4
_MONTHS = word_set("""
    may march april june august sat sun wed mon christian german french english spring summer mom dad monday tuesday
    wednesday thursday friday saturday sunday
""")
_AFTER_NAME = re.compile(
    r"\s?(?:[,;)]|\.\s|\.?$)|"
    r"\s(?:and|aware|at bedside|present|updated|notified|here|called|states|says|will|who|\d{1,2}\b)"
)
_DEEDS = frozenset({"called", "aware", "updated", "notified", "states", "says", "said", "reports"})
_SCRIBES = re.compile(r"(?i),? scrib(?:e|ing|ed)$|^scribed? (?:by|is|was) ")
_OTHER = re.compile(r"(?i)mary joseph(?:['\u2019]s)? nod|[a-z]{1,3}['\u2019]d\b")  # a node of a sister's; `dc'd`
_ADDRESSED = re.compile(r"\b(mrs?|ms|dr|doctor|mister)(?:\s?\.)?\s$")
_CLAUSE_END = re.compile(r"\s?(?:[.,;)?!\n]|$)|\s(?:and|is|was|has|correct|or|told|said|here|today)\b")


def name_alone(text: str, start: int, end: int) -> Trimmed | None:
    """`per Hope.`, `by myrna.`: one word where a clause ends that many are called, in small letters no other word."""
    plain = text[start:end].casefold()
    flags = lx.load().flags(plain)
    if flags & (lx.CLINICAL | lx.DRUG | lx.REGION) or plain in NOT_NAMES or plain in _MONTHS:
        return None
    if text[start].islower() and flags & (lx.WORD | lx.EPONYM):
        return None
    common = flags & (lx.GIVEN_COMMON | lx.SURNAME_COMMON)
    rare = text[start].isupper() and flags & lx.ANY_NAME and not flags & (lx.WORD | lx.EPONYM | lx.CITY)
    return Trimmed(start, end) if common or rare else None


def name_with(text: str, start: int, end: int) -> Trimmed | None:
    """`seen w/ Oyelaran.`: as behind `per`, or a word that nobody knows."""
    word = text[start:end].casefold()
    unknown = not lx.load().flags(word) and len(word) > _LONG and not SUFFIX.search(word) and word not in ACRONYMS
    return Trimmed(start, end) if unknown else name_alone(text, start, end)


def login(text: str, start: int, end: int) -> Trimmed | None:
    """A log-in after its label: letters with digits, or a word that nobody knows; no word and no code."""
    value = text[start:end]
    letters = re.sub(r"[\d_.-]+", "", value)
    if re.match(r"[@(.=/]\w", text[end : end + 2]):
        return None
    if len(letters) < 4 or value.isupper() or lx.load().flags(letters) & (lx.WORD | lx.CLINICAL | lx.DRUG):
        return None
    return Trimmed(start, end)


def name_aware(text: str, start: int, end: int) -> Trimmed | None:
    """`MD Small aware.`: a surname after a credential; else a word that is a name or unknown, and no other word."""
    word = text[start:end]
    flags = lx.load().flags(word.casefold())
    if word.casefold() in NOT_NAMES or word.casefold() in LABEL_WORDS or word.isupper():
        return None
    if text[start - 1 : start] == " " and text[start - 2 : start - 1].isalpha() and word[0].isupper():
        return Trimmed(start, end) if flags & lx.SURNAME else None
    if flags & (lx.WORD | lx.CLINICAL | lx.DRUG | lx.EPONYM | lx.REGION):
        return None
    return Trimmed(start, end) if flags & lx.ANY_NAME or (not flags and len(word) > 4) else None


def role_name(text: str, start: int, end: int) -> Trimmed | None:
    """After a role or relation, in any casing: a word that is a name and no plain word, perhaps a surname behind it."""
    words = text[start:end].split(" ")
    first, flags = words[0].casefold(), lx.load().flags(words[0].casefold())
    if is_ailment(text, start, start + len(words[0])) or _OTHER.match(text, start) or words[0] in SAID:
        return None
    title = words[0][0].isupper() and not words[0].isupper()
    if flags & lx.GIVEN_COMMON and len(words) > 1 and words[1] in _DEEDS:
        return Trimmed(start, start + len(words[0]))
    given = title and flags & lx.GIVEN_COMMON
    if (
        first in LANGUAGES
        or (not given and first in NOT_NAMES)
        or (not given and (first in LABEL_WORDS or first in CREDENTIALS))
    ):
        return None
    if flags & (lx.DRUG | lx.REGION) and not given:
        return None
    plain = flags & (lx.WORD | lx.CLINICAL | lx.EPONYM)
    if plain and not given and not (title and flags & lx.GIVEN and not flags & (lx.WORD_COMMON | lx.CLINICAL)):
        return None
    if not title and not flags & lx.ANY_NAME and (flags or not _AFTER_NAME.match(text, start + len(words[0]))):
        return None
    if title and not flags and "-" not in first and first.endswith(("ed", "ing", "ly")):
        return None
    if len(words) > 1 and _follows(words[0], words[1]):
        return Trimmed(start, end)
    return Trimmed(start, start + len(words[0]))


def _follows(first: str, second: str) -> bool:
    """Whether a second word is cast like the first and can be a surname."""
    flags = lx.load().flags(second.casefold())
    if first.isupper() != second.isupper() or first[0].isupper() != second[0].isupper():
        return False
    if first[0].isupper() and not first.isupper():
        return bool(flags & lx.SURNAME) or not flags
    return bool(flags & lx.ANY_NAME) and not flags & (lx.WORD_COMMON | lx.CLINICAL | lx.DRUG)


_KINDRED = re.compile(
    r"(?i)\b(?:daughter|son|wife|husband|mother|father|mom|dad|sister|brother|aunt|uncle|cousin|niece|nephew), $"
)
_NO_COMPANY = word_set("""
    uber lyft taxi cab bus van ambulance car walk walked medicaid logisticare modivcare staff phone video language
    droplet airborne enteric precautions standard declined refused wife husband hospice church stretcher gurney
    noon midnight tomorrow ofc dep sgt det trp squad army navy marine strong limited poor adequate good fair
    unavailable required offered present
""")


def name_asked_for(text: str, start: int, end: int) -> Trimmed | None:
    """`Ride: Peregrine.`, `his aide, Quill,`: a word with a capital where a person is asked for, that is no other."""
    words = text[start:end].split(" ")
    first, flags = words[0].casefold(), lx.load().flags(words[0].casefold())
    if first in _NO_COMPANY or first in PAYERS or is_no_name(first) or first in _MONTHS:
        return None
    called = flags & (lx.GIVEN_COMMON | lx.SURNAME_COMMON)
    if flags & (lx.DRUG | lx.REGION) or (flags & (lx.WORD_COMMON | lx.CLINICAL) and not called):
        return None
    if flags & lx.WORD and not called and (SUFFIX.search(first) or first.endswith(("s", "er", "or"))):
        return None
    if flags & lx.WORD_COMMON and not flags & lx.GIVEN_COMMON and len(words) == 1:
        return None
    if flags & lx.EPONYM and not flags & lx.GIVEN_COMMON and _KINDRED.search(text, max(0, start - 16), start):
        return None  # what they have: `her brother, Crohn, on Humira`
    if len(words) > 1 and not _follows(words[0], words[1]):
        return Trimmed(start, start + len(words[0]))
    return Trimmed(start, end)


_UNITS = re.compile(
    r"(?i)(?:\.\d| ?(?:mg|mcg|ml|units?|u|%|hu|mm|cm|fr|ga|mo|mos|wks?|days?|hrs?|min|x|beds?|lpm|l|meq|g|kg|"
    r"lbs?)\b|/\d|-)"
)
_TIME = re.compile(r"(?:[01]\d|2[0-4])[0-5]\d[ \t]{1,3}$")


def name_of_a_bed(text: str, start: int, end: int) -> Trimmed | None:
    """`6A-01 Gunderson 71 DKA`: between a bed and an age a name, no drug with its dose, no score at its time."""
    first = re.split("[ ,]", text[start:end], maxsplit=1)[0]
    plain = first.casefold()
    flags = lx.load().flags(plain)
    age = _AGE.match(text, end)
    if age is None or _UNITS.match(text, age.end(1)) or is_no_name(plain) or plain in PAYERS:
        return None
    called = flags & (lx.GIVEN_COMMON | lx.SURNAME_COMMON)
    if int(age[1]) > _OLDEST or (not called and (plain in ACRONYMS or (first.isupper() and not flags))):
        return None
    if flags & (lx.CLINICAL | lx.DRUG | lx.REGION) or (flags & lx.WORD and not called):
        return None
    if flags & lx.WORD_COMMON and not _has_sisters(text, start):
        return None
    numbered = _NUMBERED.search(text, max(0, start - 5), start) is not None
    if numbered and not flags & lx.ANY_NAME and age[2] is None:
        return None
    if numbered and flags & (lx.CITY | lx.EPONYM) and not _has_sisters(text, start):
        return None
    if (flags & lx.EPONYM or not flags) and _TIME.search(text, max(0, start - 7), start):
        return None
    return Trimmed(start, end)


_NUMBERED = re.compile(r"(?:^|\n|\s)\d{2,4}[ \t]$")
_OLDEST = 115
_AGE = re.compile(r",?[ \t]{1,2}(?:[MF] ?/? ?)?(\d{1,3})(?: ?([MFmf])\b)?")
_BED = re.compile(
    r"[ \t*-]{0,4}(?:[A-Za-z]{2,6} ?#?)?\d[\w-]{0,6}[ \t:.)-]{1,5}[A-Z][A-Za-z'-]{1,20}[ \t,]{1,3}(?:[MF] ?/? ?)?\d{2}"
)


def _has_sisters(text: str, start: int) -> bool:
    """Whether the line above or below is of a list of beds too."""
    first = text.rfind("\n", 0, start) + 1
    above, below = text.rfind("\n", 0, max(first - 1, 0)) + 1, text.find("\n", start) + 1
    return bool((first and _BED.match(text, above, first)) or (below and _BED.match(text, below)))


def name_of_a_cabin(text: str, start: int, end: int) -> Trimmed | None:
    """`Persephone (cabin 5)`: who sleeps there; no drug that is given there, no word."""
    first = text[start:end].split(" ", 1)[0].casefold()
    flags = lx.load().flags(first)
    if flags & (lx.CLINICAL | lx.DRUG | lx.REGION) or is_no_name(first) or first in _MONTHS or first in PAYERS:
        return None
    if flags & lx.WORD and not flags & (lx.GIVEN_COMMON | lx.SURNAME_COMMON):
        return None
    return Trimmed(start, end)


def name_scribe(text: str, start: int, end: int) -> Trimmed | None:
    """Who wrote for somebody else: `Linnet Gauthier-Moss scribe`."""
    value = text[start:end]
    words = _SCRIBES.sub("", value)
    at = start + value.index(words)
    flags = [lx.load().flags(word.casefold()) for word in words.split()]
    plain = lx.WORD_COMMON | lx.CLINICAL | lx.DRUG
    if len(flags) == 2 and not flags[0] & plain and (not flags[1] & plain or flags[1] & lx.SURNAME):
        return Trimmed(at, at + len(words))
    return name_run(text, at, at + len(words))


def name_doing(text: str, start: int, end: int) -> Trimmed | None:
    """A sentence's first word that does what only people do, when it is a common name; or a given name and surname."""
    given, _, surname = text[start:end].partition(" ")
    if surname:
        named = lx.load().flags(given) & lx.GIVEN_COMMON and lx.load().flags(surname) & lx.SURNAME_COMMON
        return Trimmed(start, end) if named else None
    flags = lx.load().flags(text[start:end].casefold())
    common = flags & (lx.GIVEN_COMMON if flags & (lx.CLINICAL | lx.WORD) else lx.GIVEN_COMMON | lx.SURNAME_COMMON)
    return Trimmed(start, end) if common and text[start:end].casefold() not in _MONTHS else None


_DOES = re.compile(
    r"(?i)(?:\b(?:he|she|they|we|you|i|pt|who|patient) (?:may|might|will|can|could|would|should|must|used to|likes to)"
    r"|\b(?:likes?|loves?|wants?|able|cleared|allowed|enjoys?|learn(?:ed|ing)?|hopes?|plans?|goes) to) $"
)
_WHAT_IS_DONE = re.compile(_DOES.pattern.removesuffix("$") + "[a-z]{3,12} $")  # `he may hunt elk`
_HELPS = re.compile(
    r"(?i)\b(?:protective(?: factors?)?|reasons? (?:for|to) liv(?:e|ing)|strengths?|coping(?: skills)?|"
    r"values|spirituality|hobbies|interests|dme|assistive devices?)\s?:\s(?:[a-z]+, ?){0,4}$"
)
_PEOPLE_AND_PLACES = re.compile(  # what is done to people, and where to: `wants to see swallow`, `hopes to visit cork`
    r"(?:see|call|meet|visit|marry|contact|text|email|join|tell|ask|reach|phone|notify|thank|bring|leave|move|return|find|follow|help|"
    r"name|hire|sue|bathe|watch|need|miss|page|message|inform|transfer|establish) $"
)
_IS_A_VIRTUE = word_set("faith hope joy grace charity patience love peace")
_KIN_BEHIND = re.compile(
    r",? \(?(?:(?:his|her|their|my|the|pt'?s?) )?(?:son|daughter|brother|sister|wife|husband|nephew|niece|mother|"
    r"father|mom|dad|friend|neighbou?r|aide|caregiver|cousin|uncle|aunt|partner|spouse|poa|grandson|granddaughter)\b"
)
_WITH_WHOM = re.compile(
    r"(?i)\b(?:spoke|speaks?|talked|met|seen|discussed|lives?|living|stays?|here|visit\w*|call) (?:with|w/) $"
)
_LENT = re.compile(r"(?i)\b(?:dme|needs?|uses?|using|with|w/|has|rolling|wheeled|own)[,:]? $")
_EXERCISE = re.compile(r"(?i)tai (?:ji|chi)(?: (?:quan|chuan))?(?: yang)?|qi ?gong")
_HOUSE_ABROAD = re.compile(
    r"(?i)(?:[IVX]{1,4}\. )?(?:(?:intern\w|chirurgick\w|d\wtsk\w|neurologick\w|medizinische|chirurgische|innere|"
    r"universit\w{1,8}) )?(?:poli)?(?:klini[ck]\w{0,2}|clin[i\xedq]\w{1,4}|kliniek|krankenhaus|h[o\xf4]pital|ospedale|"
    r"szpital|nemocnice|spital\w{0,3}|sjukhus\w{0,2}|sykehus\w{0,2}|ziekenhuis|chirurgi\w{1,2}|medicin[ae]|ambulanz)"
)


def is_no_person(text: str, start: int, end: int) -> bool:
    """What the engine takes for somebody: what one may do or hopes, what is lent, a clinic abroad, an exercise."""
    value = text[start:end]
    if _HOUSE_ABROAD.fullmatch(value) or _EXERCISE.fullmatch(value):
        return True
    if value == "WO":
        return text[start - 1 : start] == "/"
    if not value.islower() or not lx.load().flags(value) & lx.PLAIN:
        return value == "walker" and _is_lent(text, start, end)
    before, flags = text[max(0, start - 60) : start], lx.load().flags(value)
    called = flags & (lx.GIVEN_COMMON | lx.SURNAME_COMMON)
    if _WHAT_IS_DONE.search(before) and not called and not _PEOPLE_AND_PLACES.search(before):
        return True
    if _DOES.search(before):
        return not flags & lx.GIVEN or bool(flags & lx.WORD_COMMON)
    return _HELPS.search(before) is not None and (value in _IS_A_VIRTUE or not flags & (lx.GIVEN | lx.SURNAME_COMMON))


def _is_lent(text: str, start: int, end: int) -> bool:
    """`dme: walker`, `ambulates with walker`; not `spoke with walker, her nephew`."""
    if _KIN_BEHIND.match(text, end) or _WITH_WHOM.search(text, max(0, start - 24), start):
        return False
    return any(shape.search(text, max(0, start - far), start) for shape, far in ((_LENT, 12), (_HELPS, 60)))


def lower_name(text: str, start: int, end: int) -> Trimmed | None:
    """A lower-case name after a lower-case title: its words are names and nothing else."""
    if is_no_title(text, start, end):
        return None
    lexicon = lx.load()
    last = start - 1
    for match in re.finditer(r"[a-z'-]+", text[start:end]):
        flags = lexicon.flags(match[0])
        if last < start and flags & lx.SURNAME_COMMON and _is_addressed(text, start, match):
            return Trimmed(start, start + match.end())
        if not flags & lx.ANY_NAME or flags & (lx.WORD | lx.CLINICAL | lx.DRUG) or match[0] in NOT_NAMES:
            break
        last = start + match.end()
    return Trimmed(start, last) if last > start else None


def _is_addressed(text: str, start: int, match: re.Match[str]) -> bool:
    """`mrs ward`, or `dr. short` and `doctor white` where the clause ends: a word that is a surname too."""
    title = _ADDRESSED.search(text, max(0, start - 11), start)
    if title is None or match[0] in NOT_NAMES:
        return False
    return title[1] in ("mr", "mrs", "ms") or _CLAUSE_END.match(text, start + match.end()) is not None
