"""Checks of postal addresses of many countries and of crossings of roads."""

from __future__ import annotations

import re

from masking.model import lexicon as lx
from masking.wordset import word_set

from .line_ends import whole_lines
from .own_words import NAMING, PAYERS, STOPS, own
from .streets import STREET_WORDS, is_time, starts_with_unit
from .trimmed import Trimmed

_WORD = re.compile(r"[^\W\d_][\w'.-]*")
_SENTENCE = re.compile(r"(?:[a-z]{4}|\d)\.\s+[A-Z]")
_BARE = re.compile(r"(?<![-\w])(?:\d{3} ?\d{3}|\d{4})$")
_OF_STATE = re.compile(
    r"\b(?:NSW|VIC|Vic|QLD|Qld|SA|WA|TAS|Tas|NT|ACT|N\.S\.W\.),? \d{4}$|-\s?\d{3} ?\d{3}$|(?i:pin)\W{1,3}\d{3} ?\d{3}$"
)
_BAG = re.compile(r"(?i)(?:rmb|private|locked|g?po)\b")
_NEVER = lx.CLINICAL | lx.DRUG | lx.EPONYM
_MONTHS = re.compile(r"(?i)(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?")


def postal(text: str, start: int, end: int) -> Trimmed | None:
    """`4 Smithy Brae, Drumnadrochit IV63 6TX`: one sentence, words of which one is its own, a code of the post.

    A code that is but four or six digits (`Kottayam 686001`) stands behind a town, a state or the mark of a code.
    """
    if whole_lines(text, start, end).end != end or _SENTENCE.search(text, start, end) or is_time(text, start):
        return None
    words = _WORD.findall(text[start:end])
    if not words or starts_with_unit(text[start:end]) or not any(own(word, firm=True) for word in words):
        return None
    flags = [lx.load().flags(word.strip(".'").casefold()) for word in words]
    if any(flag & lx.DRUG and not flag & (lx.ANY_NAME | lx.CITY) for flag in flags):
        return None
    bare = _BARE.search(text, start, end)
    bare = None if _OF_STATE.search(text, start, end) else bare
    if bare is not None and len(bare[0]) == 4 and not (_BAG.match(text, start) or any(map(_is_street, words))):
        return None
    if bare is not None:
        return Trimmed(start, end) if flags[-1] & (lx.CITY | lx.REGION) and not flags[-1] & _NEVER else None
    return Trimmed(start, end)


def _is_street(word: str) -> bool:
    """Whether roads are called by a word; `Dr.` before a name is a title."""
    return word != "Dr." and word.strip(".").casefold() in STREET_WORDS


def town_postal(text: str, start: int, end: int) -> Trimmed | None:
    """`Drumnadrochit IV63 6TX`: the words before the code that can be a town; the code alone where none can."""
    words = list(_WORD.finditer(text, start, end))
    code = next((at for at, word in enumerate(words) if any(map(str.isdigit, word[0]))), len(words))
    town = [word for word in words[:code] if word[0] not in _STATES]
    first = None
    for word in reversed(town):
        plain = word[0].strip(".'").casefold()
        flags = lx.load().flags(plain)
        if plain in STOPS or (flags & (lx.WORD | lx.CLINICAL | lx.DRUG) and not flags & lx.CITY):
            break
        if (
            first is None
            and flags & lx.WORD_COMMON
            and not _IN_TOWN.search(text, max(0, word.start() - 6), word.start())
        ):
            break
        first = word.start()
    return None if first is None else Trimmed(first, end)


_IN_TOWN = re.compile(r"(?i)(?:,|\n|\b(?:in|at|from|near|of))\s{0,2}$")
_STATES = frozenset("AB BC MB NB NL NS NT NU ON PE QC SK YT NSW VIC Vic QLD Qld SA WA TAS Tas ACT".split())  # noqa: SIM905


def postal_abroad(text: str, start: int, end: int) -> Trimmed | None:
    """`Lindenallee 14, 04109 Leipzig`, `12 rue des Lilas, 69003 Lyon`: behind the code stands what can be a town."""
    if whole_lines(text, start, end).end != end or is_time(text, start) or starts_with_unit(text[start:end]):
        return None
    code = _TOWN_BEHIND.search(text, start, end)
    if code is None or _SENTENCE.search(text, start, code.start()):
        return None
    street = _WORD.findall(text[start : code.start()])
    if any(_MONTHS.fullmatch(word) or word.casefold() in STOPS for word in street):
        return None
    if not any(word[0].isupper() and own(word, firm=True) for word in street):
        return None
    last = code.start(1)
    for word in re.finditer(r"[\w'.-]+", text[code.start(1) : end]):
        value, flags = word[0], lx.load().flags(word[0].strip(".'").casefold())
        at = code.start(1)
        plain = flags & (lx.WORD | lx.CLINICAL | lx.DRUG) and not flags & lx.CITY
        common = flags & (lx.WORD_COMMON | lx.CLINICAL | lx.DRUG) and not flags & lx.CITY
        if last == at and (common or flags & lx.DRUG or not value[0].isupper() or len(value) < 3):
            return None
        if value[0].isupper() and plain and last != at:
            break
        if not value[0].islower():
            last = at + word.end()
        if value.endswith("."):
            break
    return Trimmed(start, last)


_TOWN_BEHIND = re.compile(
    r",\s{1,2}(?:[A-Z]{1,2}-)?(?:\d{5}|\d{4}(?: [A-Z]{2})?|\d{3} \d{2}|\d{2}-\d{3}|\d{4}-\d{3}) ([^\d\W][^,\n]*)"
    r"|\s(?:[A-Z]{1,2}-)?(?:\d{5}|\d{3} \d{2}|\d{2}-\d{3}|\d{4}-\d{3}) ([^\d\W][^,\n]*)"
)
ROADS = word_set("""
    main broadway market elm oak pine maple cedar walnut chestnut park center centre front high church school mill
    state water river lake hill spring union court bridge canal grand central franklin washington jefferson lincoln
    madison jackson monroe adams college university
""")
ORDINALS = word_set("""
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
""")
WAYS = word_set("""
    street st avenue ave av boulevard blvd road rd lane ln parkway pkwy highway hwy drive dr court ct place pl terrace
    way pike turnpike
""")
_NUMBERED = re.compile(r"\d{1,3}(?:st|nd|rd|th)", re.IGNORECASE)
_SEPARATOR = re.compile(r" ?(?:\b(?:and|AND|n|at)\b|[&/+@]) ?")
_COUNTED = re.compile(
    r"(?i)[ -](?:ribs?|metatars\w+|metacarp\w+|digits?|toes?|fingers?|rays?|cranial|intercostal\w*|lumbar|thoracic|"
    r"sacral|"
    r"days?|grad\w+|degrees?|nerves?|mtps?|mcps?|pips?|dips?|weeks?|months?|years?|percentiles?|floors?|doses?|cycles?|"
    r"attempts?|visits?|opinions?|trimesters?|interspaces?|spaces?|ventricles?|molars?|premolars?|cervical|webspaces?|"
    r"generation|line|of|extremit\w+|quarters?|rounds?|sounds?)\b"
)
_SITES = re.compile(r"(?i)(?:at|near|behind|outside|off|corner(?: of)?|scene|location|[:(,@])\s(?:the )?$")
_OTHER = re.compile(r"[a-z]\s$")  # `he means Lindell and Ninth`
_CALM = re.compile(r"(?i)\b(?:on|to|of|from|by)\s(?:the )?$")


def crossing(text: str, start: int, end: int) -> Trimmed | None:
    """`5th & Main`, `Lindell and Ninth`, `Foster Ave at 3rd`: two roads, one of them told by its number or its word."""
    if _COUNTED.match(text, end):
        return None
    between = _SEPARATOR.search(text, start, end)
    if between is None:
        return None
    sides = [text[start : between.start()].split(), text[between.end() : end].split()]
    told = [_how_a_road(side) for side in sides]
    if min(told) < 1 or (sides[0][-1:] == sides[1][-1:] and len(sides[0]) == 1):
        return None
    before = text[max(0, start - 14) : start]
    spelt = [side for side in sides if len(side) == 1 and side[0].casefold() in ORDINALS]
    if spelt and min(told) < 2:
        return None  # `First and Foremost`
    if sorted(told)[1] < 3:  # neither by a number nor by its word
        known = min(told) == 2 and _SITES.search(before) is not None and before.rstrip()[-1:].isalpha()
        return Trimmed(start, end, 0.9) if known and between[0].strip() in ("&", "and", "AND") else None
    if max(told) == 3 and min(told) == 3 and not any(_is_way(side[-1]) for side in sides):
        return None  # `5th and 6th` are counted
    if _OTHER.search(before) is not None and _SITES.search(before) is None and _CALM.search(before) is None:
        road = next((side for side in sides if _how_a_road(side) < 3), sides[0])
        given = any(lx.load().flags(word.strip(".").casefold()) & lx.GIVEN for word in road)
        common = any(word.casefold() in ROADS for word in road)
        return None if min(told) < 2 or given or common else Trimmed(start, end, 0.9)
    calm = _CALM.search(before) is not None and between[0].strip() in ("and", "AND", "at", "/")
    return None if calm and not any(_is_way(side[-1]) for side in sides) and min(told) < 2 else Trimmed(start, end)


def crossing_small(text: str, start: int, end: int) -> Trimmed | None:
    """`5th and main`: the word is one that roads are called by, or is no word."""
    word = next(word for word in re.findall(r"[a-z]{4,}", text[start:end]))
    if _COUNTED.match(text, end):
        return None
    flags = lx.load().flags(word)
    named = flags & (lx.CITY | lx.SURNAME) and not flags & (lx.WORD | lx.CLINICAL | lx.DRUG | lx.EPONYM)
    return Trimmed(start, end) if word in ROADS or named else None


def _is_way(word: str) -> bool:
    return word.strip(".").casefold() in WAYS


def _how_a_road(side: list[str]) -> int:
    """3: by a number or its word; 2: a name, or what roads are called by; 1: a rare word; 0: no road."""
    words = [word for word in side if len(word.strip(".")) > 1 and word not in ("North", "South", "East", "West")]
    if not words:
        return 0
    plain = [word.strip(".'").casefold() for word in words]
    if any(word in STOPS or word in PAYERS - NAMING or _MONTHS.fullmatch(word) for word in plain if not _is_way(word)):
        return 0
    flags = [lx.load().flags(word) for word in plain]
    if any(flag & (lx.DRUG | lx.EPONYM) and not flag & (lx.SURNAME_COMMON | lx.CITY) for flag in flags):
        return 0
    if _is_way(words[-1]) and len(words) > 1:
        return 3
    if len(words) == 1 and (_NUMBERED.fullmatch(words[0]) or plain[0] in ORDINALS):
        return 3
    if len(words) == 1 and plain[0] in ROADS:
        return 2
    return min(2, max(own(word, firm=False) for word in words)) if all(own(word, firm=False) for word in words) else 0
