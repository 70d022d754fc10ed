"""Checks of streets and address tails: where a street begins, and where the town after it ends."""

from __future__ import annotations

import re

from masking.model import lexicon as lx
from masking.wordset import word_set

from .line_ends import whole_lines
from .own_words import own
from .trimmed import Trimmed

_UNITS = word_set("""
    mg mcg ml units unit tablets tab tabs puffs day days week weeks wk wks month months mo mos hours hour hrs hr
    year years yr yrs yo y am pm pt pts the and or in to of on at x min mins g kg cm mm patients times percent
    lb lbs beats bpm drops mile miles mi km kms each inch inches feet foot ft french fr degree degrees
    years-old seconds sec
""")
_BETWEEN = word_set("from with call per by to via and or of in at for then received pt patient report was is had")
STREET_WORDS = word_set("""
    street str st avenue ave av boulevard blvd road rd drive dr lane ln court ct circle cir place pl terrace
    ter terr way parkway pkwy highway hwy route rte trail trl square sq plaza plz alley aly crescent cres
    close grove loop path pike turnpike tpke row run walk mews gardens gdns heights hts crossing xing
    expressway expy freeway fwy point pt ridge rdg valley vly view vw bend cove creek hill hollow island
    junction landing manor meadow meadows mount oak oaks park pass pine pines shore spring springs station
    summit village vista wood woods esplanade quay wharf
""")
_PART_WORDS = word_set("""
    n s e w ne nw se sw north south east west apt apartment suite ste unit bldg building floor fl flat rm room lot po
    p.o box of de del du la le las los the new york
""")
_JOINTS = word_set("of the de del la las los el du des and y e van der den ter am an")
_TOKEN = re.compile(r"[A-Za-z][A-Za-z'.-]*|\d+")
_SENTENCE = re.compile(r"(?:\d|[A-Za-z]{4})\.\s+[A-Z]")
_SURE_WAYS = frozenset(("ROAD", "STREET", "DRIVE", "LANE", "AVENUE", "BOULEVARD", "CRESCENT", "PARKWAY"))
_COUNTS = word_set("one two three four five six seven eight nine ten")
_STOPPED = re.compile(r"\d\.\s+$")  # `PR 188. CT`: a sentence begins with what could be a court
_COUNTED = re.compile(r"\d+[A-Za-z]?,?\s+([A-Za-z-]+)")
_NUMBER = re.compile(r"\d+[A-Za-z]?(?:-\d+)?,?\s+")


def street(text: str, start: int, end: int) -> Trimmed | None:
    """A house number, words that begin with a capital (or all lower case after an address label), a street word."""
    end = whole_lines(text, start, end).end
    value = text[start:end]
    number = _NUMBER.match(value)
    if number is None or _is_time(text, start, number[0]):
        return None
    words = re.findall(r"[A-Za-z][A-Za-z'.-]*", value[number.end() :])
    if not words or (words[0].islower() and not (value.islower() and len(words) > 1)):
        return None
    way = next((at for at, word in enumerate(words) if at and word.lower().strip(".") in STREET_WORDS), None)
    if way is None or _SENTENCE.search(value.partition(words[way])[0], number.end()):
        return None
    if "," in number[0] and value.isupper() and words[0].casefold() in _COUNTS and words[way] not in _SURE_WAYS:
        return None
    if _STOPPED.search(value.partition(words[way])[0], number.end()):
        return None
    if not value.islower() and not _is_cast(words):
        return None
    lexicon = lx.load()
    first = lexicon.flags(words[0].strip(".'").lower())
    if words[0].lower().strip(".") in _UNITS:
        return None
    if value.islower() and first & lx.WORD_COMMON and not first & lx.CITY:
        return None
    if not _is_named(words):
        return None
    end = _town_end(text, start + number.end(), end)
    if text[end - 1].isalnum() and text[end : end + 1].isalnum():  # `Ct. Landlord`: no state
        end = start + len(text[start:end].rpartition(" ")[0].rstrip(" ,."))
    return Trimmed(start, end)


def _is_cast(words: list[str]) -> bool:
    """Whether the words to the street word begin with capitals, joints aside: `26 French resectoscope loop`."""
    for word in words:
        plain = word.lower().strip(".")
        if word[0].islower() and plain not in _JOINTS and word not in ("st", "nd", "rd", "th"):
            return len(word) < 4 and plain in STREET_WORDS
        if plain in STREET_WORDS and word is not words[0]:
            return True
    return True


def street_abroad(text: str, start: int, end: int) -> Trimmed | None:
    """`3482 Via Franscini 71 Suite 838`; not `75 Daily. Lies Flat 126`, which is more than one sentence."""
    value = text[start:end]
    return None if _SENTENCE.search(value) or _STOPPED.search(value) else Trimmed(start, end)


def street_foreign(text: str, start: int, end: int) -> Trimmed | None:
    """A street whose number comes last; `Amplatz 08:03` is a word and a time of day."""
    if text[end - 1] == "." and text[end : end + 1].isdigit():
        return None
    if text[start].isdigit() and text[start - 1 : start] == ":" and start > 1 and text[start - 2].isdigit():
        return None
    if text[end : end + 1] == ":" and text[end + 1 : end + 2].isdigit():
        return None
    words = _VIA.match(text, start, end)
    if words is not None and not all(own(word, firm=False) for word in words[1].split()):
        return None
    town = _TOWN_BEHIND.match(text, end)
    named = town is not None and not lx.load().flags(town[1].casefold()) & (lx.WORD_COMMON | lx.CLINICAL | lx.DRUG)
    return Trimmed(start, town.end() if town is not None and named else end)


_VIA = re.compile(r"(?:\d+[A-Z]?,?\s)?via\s([A-Za-z][A-Za-z'. -]+?),?\s?\d")  # `via Zoom 3` is how
_TOWN_BEHIND = re.compile(
    r"(?: [A-Z] \d{1,3})?,\s(?:[A-Z]{1,2}-)?(?:\d{5}|\d{4}(?: [A-Z]{2})?|\d{3} \d{2}|\d{2}-\d{3}|\d{4}-\d{3})"
    r" ([A-Z\xc0-\xde][\w'-]{2,20})"
)


def address_tail(text: str, start: int, end: int) -> Trimmed | None:
    """An address that began for certain (`P.O. Box 12`): only its end is judged."""
    return Trimmed(start, _town_end(text, start, end, streets=False))


def sentence_end(text: str, start: int, end: int) -> int:
    """Where a new sentence begins inside an address (`… Apt 6. Questions`), or its end."""
    lexicon = lx.load()
    before: re.Match[str] | None = None
    for token in _TOKEN.finditer(text, start, end):
        if before is not None and before[0].endswith(".") and len(before[0]) > 3:
            plain = token[0].lower().strip(".'-")
            if starts_sentence(token[0], plain, lexicon.flags(plain)):
                return before.end() - 1
        elif before is not None and text[before.end() : token.start()].startswith(". ") and token[0][0].isupper():
            plain = token[0].lower().strip(".'-")
            if before[0].isdigit() and starts_sentence(token[0], plain, lexicon.flags(plain)):
                return before.end()
        before = token
    return end


def is_time(text: str, start: int) -> bool:
    """Whether the number at `start` is a time of day or the tail of a number."""
    number = _NUMBER.match(text, start)
    return number is not None and _is_time(text, start, number[0])


def starts_with_unit(value: str) -> bool:
    """Whether a number and what it counts begin a run (`4 Tablets`, `12 hours`)."""
    counted = _COUNTED.match(value)
    return counted is not None and counted[1].casefold() in _UNITS


def _is_time(text: str, start: int, number: str) -> bool:
    """`21:04 Call from Dr.`, `0346, 0349`: a time of day, a tail of a number."""
    digits = number.rstrip(", \n\t")
    return text[start - 1 : start] in (":", ".", "/", "-") or bool(
        re.fullmatch(r"0\d{3}(?:-\d{4})?|[01]\d[0-5]\d-[0-2]\d[0-5]\d", digits)
    )


def _is_named(words: list[str]) -> bool:
    """Whether the words before the street word can be a street's name."""
    lexicon = lx.load()
    for at, word in enumerate(words):
        plain = word.lower().strip(".'")
        if at and plain in STREET_WORDS:
            return True
        if plain in _BETWEEN and not (plain in ("of", "and", "to") and at):
            return False
        flags = lexicon.flags(plain)
        if flags & lx.DRUG or (flags & lx.CLINICAL and not flags & (lx.ANY_NAME | lx.CITY | lx.WORD)):
            return False
    return True


def _town_end(text: str, start: int, end: int, *, streets: bool = True) -> int:
    """Where the address ends: at a new sentence, or at a plain word after the street."""
    lexicon = lx.load()
    mixed = not (text[start:end].islower() or text[start:end].isupper())
    passed, last, before = not streets, start, ""
    for at, token in enumerate(_TOKEN.finditer(text, start, end)):
        plain = token[0].lower().strip(".'-")
        flags = lexicon.flags(plain)
        if passed and before.endswith(".") and (len(before) > 4 or starts_sentence(token[0], plain, flags)):
            return last
        if passed and plain not in _PART_WORDS and token[0][0].isalpha() and plain not in STREET_WORDS:
            if mixed and token[0][0].islower():
                return last
            common = flags & (lx.WORD_COMMON | lx.WORD if not mixed else lx.WORD_COMMON)
            if common and not flags & (lx.CITY | lx.REGION):
                return last
        if (at and plain in STREET_WORDS) or plain in ("box", "apt", "suite"):
            passed = True
        if plain not in ("the", "of", "de", "la"):
            last = token.end()
        before = token[0]
    return end


def starts_sentence(word: str, plain: str, flags: int) -> bool:
    """Whether a word behind a full stop begins a sentence and is no part of an address."""
    return word[0].isupper() and plain not in _PART_WORDS and bool(flags & lx.WORD) and not flags & lx.CITY
