"""Checks of organisations: where the run of words begins and ends that names a house, an employer, a school, a church.

Strategy: from the word that says what the house is, walk back over capitalised words, joints and initials, and on over
`of …`, a second such word or a town. The run is a name when a word of it is its own: no function, trade or plain word.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from masking.casing import line_around
from masking.chart_words import ACRONYMS
from masking.model import lexicon as lx
from masking.patterns import sectors
from masking.wordset import word_set

from .name_words import CREDENTIAL
from .own_words import ABBREVIATED, FUNCTIONS, JOINTS, NAMING, NO_HOUSE_AFTER, STOPS, SUFFIX, TITLES, own
from .trimmed import Trimmed

_WORD = re.compile(r"[A-Za-z0-9][\w.'&-]*")
_ORDINAL = re.compile(r"\d{1,3}(?:st|nd|rd|th)")
_TOKEN = re.compile(r"\S+")
_HEADS_OF = word_set("""
    university college hospital church bank school sisters daughters sons lady heart institute center centre temple
    isle friends order academy house home port rock court lake mount hospitals clinic clinics surgeons medicine
    knights queen king
""")
_SAINTS = word_set("st saint mt mount ft san santa")
_MOST = 6  # words before the head
_REACH = 72  # characters before the head


class Word(NamedTuple):
    """A word of a run and where it stands."""

    text: str
    start: int
    end: int


def _before(text: str, start: int, *, caps: bool) -> list[Word]:
    """The words of the run before `start`, first to last."""
    low = max(text.rfind("\n", 0, start) + 1, start - _REACH)
    if low and text[low - 1 : low].isalnum():
        low = text.find(" ", low, start) + 1 or start
    tokens = list(_TOKEN.finditer(text, low, start))
    found: list[Word] = []
    edge = start
    for token in reversed(tokens):
        value, at = token[0], token.start()
        if found and value.strip(".").casefold() in TITLES:
            return _after_joint(found)
        if len(found) == _MOST or edge - token.end() > 1 or not _goes_on(value):
            break
        cut = max(map(value.rfind, '("[/*|'))
        value, at = value[cut + 1 :], at + cut + 1
        plain = value.strip(".").casefold()
        if value == "-" and found:
            edge = token.start()
            continue
        if plain in STOPS and not (plain == "the" and value == "The"):
            return found
        if not _is_part(value, plain, caps=caps):
            break
        if plain == "of" and token.start() > low and _word_before(text, token.start()) not in _HEADS_OF:
            break
        found.insert(0, Word(value, at, at + len(value)))
        edge = token.start()
        if cut >= 0:
            break
    return found


def _is_part(value: str, plain: str, *, caps: bool) -> bool:
    """Whether a word can be part of a house's name: a capital, an ordinal or a joint; no credential."""
    if not value or not (value[0].isupper() or value[0].isdigit() or plain in JOINTS):
        return False
    if value[0].isdigit() and not _ORDINAL.fullmatch(value):
        return False
    functional = plain in _SAINTS or plain in FUNCTIONS or plain in JOINTS or SUFFIX.search(plain)
    if caps and not functional and not own(value, firm=False, caps=True):
        return False
    return len(value) == 1 or not CREDENTIAL.fullmatch(value)


def _after_joint(words: list[Word]) -> list[Word]:
    """What is left of a run whose beginning was a person's: the words behind its last `and`."""
    at = max((index for index, word in enumerate(words) if word.text in ("and", "&")), default=len(words))
    return words[at + 1 :]


def _word_before(text: str, at: int) -> str:
    """The word that ends before the blank at `at`."""
    return text[max(0, at - 24) : at].split(" ")[-2 if text[at - 1] == " " else -1].casefold() if at else ""


def _goes_on(value: str) -> bool:
    """Whether a word can stand before the next one of a run: no sentence, clause or bracket ends with it."""
    if value[-1] in ',;:)!?"]|*':
        return False
    return value[-1] != "." or ABBREVIATED.search(value) is not None


def _trimmed(words: list[Word]) -> list[Word]:
    """The run without joints and plain verbs at its beginning."""
    while words:
        plain = words[0].text.strip(".").casefold()
        flags = lx.load().flags(plain)
        verb = flags & lx.WORD and not flags & (lx.ANY_NAME | lx.CITY) and re.search(r"(?:ed|ing)$", plain)
        if (
            plain in JOINTS - {"la", "las", "los", "el", "le", "de", "du", "del"}
            or (verb and plain not in NAMING)
            or (words[0].text[0].isdigit() and not words[0].text.endswith(("st", "nd", "rd", "th")))
        ):
            words = words[1:]
        else:
            break
    return words


def organisation(text: str, start: int, end: int) -> Trimmed | None:
    """A run before a word that houses are called by: one word of it is no function and no plain word."""
    return _organisation(text, start, end, firm=True)


def organisation_loose(text: str, start: int, end: int) -> Trimmed | None:
    """A run before a word that charts use as well: one word of it is a name, a place or unknown, or two name houses."""
    return _organisation(text, start, end, firm=False)


def _organisation(text: str, start: int, end: int, *, firm: bool) -> Trimmed | None:
    head = text[start:end]
    if head[0].islower():
        return _lowered(text, start, end) or _in_lower(text, start, end)
    caps = head.isupper() and len(head) > 3 and "." not in head
    words = _trimmed(_before(text, start, caps=caps))
    if not words:
        return None
    if caps and not all(word.text.isupper() or word.text.casefold() in JOINTS for word in words):
        return None
    trade = head.split()[-1] in _TRADE_HEADS
    weights = [own(word.text, firm=firm, trade=trade, caps=caps) for word in words]
    short = len(words) == 1 and _is_short(text, words[0], head)
    saint = short or any(word.text.strip(".").casefold() in _SAINTS for word in words[:-1])
    best, total = max(weights, default=0), sum(weights)
    stop, named_after = _after(text, end)
    works = _CENTRE.search(head) is not None and stop > end and text[end : end + 5] == " for "
    if head == "Tap" and not words[-1].text.endswith("'s"):
        return None
    if _OF_WORK.match(text, start, stop + 9):
        return None
    if caps:
        titled = _DOCUMENT.match(text, stop) and not any(_is_known(word.text) for word in words)
        led = head in _CALLED_ALONE and total > 0 and _is_led(text, words, weights)
        enough = not titled and (saint or total >= 2 or named_after or led)
    elif firm or head == "Children's":
        enough = saint or total >= 2 or named_after or (best == 1 and _is_led(text, words, weights))
    else:
        enough = saint or best == 2 or (total >= 2 and any(_is_naming(word.text) for word in words))
        enough = enough or (works and any(_is_rarely_a_word(word.text) for word in words))
    if head[-2:-1] == "." and text[stop : stop + 1] == "." and stop == end:
        stop += 1  # the last stop of `A.M.E.`
    return Trimmed(words[0].start, stop) if enough and not NO_HOUSE_AFTER.match(text, stop) else None


def _is_rarely_a_word(word: str) -> bool:
    """Whether the lexicon knows a word as a name or a town, and as no common word: `Alder`, not `Heart`."""
    return _is_known(word) and not lx.load().flags(word.casefold()) & lx.WORD_COMMON


_CALLED_ALONE = frozenset(["GENERAL", "MEMORIAL", "REGIONAL", "BAPTIST", "METHODIST", "CHILDREN'S", "MERCY"])
_OF_WORK = re.compile(r"(?i)occupational (?:therap|hist|expos|haz|asthma|lung|dis)")
_DOCUMENT = re.compile(r" (?:REPORT|NOTES?|RECORDS?|FORM|SUMMARY|PLAN|SHEET|CHECKLIST|EVALUATION|ASSESSMENT)\b")


def _is_known(word: str) -> bool:
    """Whether the lexicon knows a word as a name or a town."""
    return bool(lx.load().flags(word.strip(".'").casefold()) & (lx.ANY_NAME | lx.CITY))


_LEADS_TO = re.compile(
    r"(?i:\b(?:at|from|to|in|of|by|with|for|the|near|via|and|or|w/|our|outside|agency|is))\s?$|[(:,;|*>/-]\s?$"
)


def _is_led(text: str, words: list[Word], weights: list[int]) -> bool:
    """Whether a run with one word that houses are called by, or a rare one, begins where a house's name does."""
    first = next(at for at, weight in enumerate(weights) if weight)
    if _is_naming(words[first].text):
        return True
    before = text[max(0, words[0].start - 12) : words[0].start]
    return not first and (not before.strip() or before.endswith("\n") or _LEADS_TO.search(before) is not None)


def _is_naming(word: str) -> bool:
    """Whether houses are called by a word, or persons."""
    plain = word.strip(".'").casefold().removesuffix("'s")
    return plain in NAMING or bool(lx.load().flags(plain) & (lx.SURNAME_COMMON | lx.GIVEN_COMMON))


_SHORT_HEADS = word_set(
    "Med Health Hospital Hospitals Healthcare Physicians General University Children's Medical Clinics"
)


def _is_short(text: str, word: Word, head: str) -> bool:
    """`at KU Med`, `from UNC Hospitals`: initials before a house, after a word of place."""
    plain = word.text.casefold()
    if (
        not word.text.isupper()
        or not 1 < len(plain) < 6
        or plain in ACRONYMS
        or head.split(maxsplit=1)[0] not in _SHORT_HEADS
    ):
        return False
    if (
        plain in STOPS
        or plain in FUNCTIONS
        or CREDENTIAL.fullmatch(word.text)
        or plain in ("po", "iv", "im", "prn", "us", "pm", "am")
    ):
        return False
    return re.search(r"(?i)\b(?:at|from|to|via|in|of)\s$", text[max(0, word.start - 6) : word.start]) is not None


_TRADE_HEADS = frozenset(word for word in re.findall(r"[A-Za-z]+", re.sub(r"\\x..", "", sectors.TRADES)))


_NO_HEADS_IN_LOWER = word_set("""
    prep middle elementary drugs transport transportation steel company police parish nursery academy foods farms
    farm security restaurant hotel shelter council gym spa mart club dialysis endoscopy pt ems
""")


_DWELLS = word_set("resides resided residing stays stayed dwells lives visits attends likes wants prefers chose leaves")


def _in_lower(text: str, start: int, end: int) -> Trimmed | None:
    """`golden lotus bistro` in a line without capitals: two words before the head that are no plain ones."""
    if not line_around(text, start, start).islower() or text[start:end] in _NO_HEADS_IN_LOWER:
        return None
    total, first, needed = 0, start, 2
    for word in reversed(list(re.finditer(r"[a-z][a-z'-]+|\S", text[max(0, start - 44) : start]))):
        plain = word[0]
        weight = own(plain, firm=False, trade=True) if len(plain) > 2 and plain not in STOPS | _DWELLS else 0
        needed = 1 if plain in _DWELLS and total else 2
        if len(plain) < 2 or plain in STOPS or plain in _DWELLS or not (weight or plain in FUNCTIONS):
            break
        if weight:
            total, first = total + weight, max(0, start - 44) + word.start()
    heads_line = first < start and text[first - 1 : first] in ("", "\n") and text[end : end + 1] in ("", "\n", ",")
    return Trimmed(first, end) if total >= (1 if heads_line else needed) else None


def _lowered(text: str, start: int, end: int) -> Trimmed | None:
    """`Maimonides hospital`, `chinle hospital`: the word before is a name or unknown, and no word at all."""
    before = re.search(
        r"(?<![\w.'-])((?:[A-Za-z][a-z'-]+ )?)([A-Za-z][a-z'-]{2,})\s(?:-\s)?$", text[max(0, start - 44) : start]
    )
    if before is None:
        return None
    word = before[2]
    if text[start:end] in _SERVED and not _AT.search(text, max(0, start - 60), start - len(word) - 1):
        return None
    if word.isupper() or own(word, firm=False) < 2:
        return None
    flags = lx.load().flags(word.casefold())
    if word[0].islower() and (flags & (lx.WORD | lx.EPONYM | lx.REGION) or not flags & (lx.CITY | lx.ANY_NAME)):
        return None
    if flags & (lx.EPONYM | lx.REGION | lx.WORD) and not flags & lx.CITY:
        return None
    if not flags and not _AT.search(text, max(0, start - 60), start - len(word) - 1):
        return None
    base = max(0, start - 44)
    first = base + before.start(2)
    if before[1] and before[1][0].isupper() and word[0].isupper() and own(before[1].strip(), firm=False) >= 1:
        first = base + before.start(1)
    return Trimmed(first, end)


def house_in_small(text: str, start: int, end: int) -> Trimmed | None:
    """`mother teresa memorial`, `amala children's`: the words before, from the last that is a name and no word."""
    words = [Word(m[0], start + m.start(), start + m.end()) for m in re.finditer(r"[a-z'.-]+", text[start:end])][:-1]
    first = None
    for word in reversed(words):
        plain = word.text.strip(".")
        flags = lx.load().flags(plain)
        led = plain in _LED_IN_SMALL
        if not led and (plain in STOPS or len(plain) < 4 or own(plain, firm=False) < 2 or flags & lx.WORD):
            break
        known = flags & (lx.ANY_NAME | lx.CITY) or _AT.search(text, max(0, word.start - 6), word.start)
        if first is None and (led or not known):
            break
        first = word.start
    return None if first is None or NO_HOUSE_AFTER.match(text, end) else Trimmed(first, end)


_SERVED = word_set("coffee pizza bbq barbecue pho sushi grill seafood seafoods meats flowers books toys steel tires")
_LED_IN_SMALL = word_set("mother father saint st sir lady mount mt fort ft")
_AT = re.compile(r"(?i)\b(?:at|to|from|in|of|by|near|the|for|with)(?: [A-Z][a-z'-]+)?\s?$")
_FUNCTION_TAIL = re.compile(
    rf" (?:{sectors.HEALTH_LOOSE}|"
    r"Hospitals?|Medical Center|Health System|Clinics?|Campus|School|Church|Cemetery|Company|Inc\b\.?|"
    r"LLC|Ltd|Co\b\.?|Corp|& Sons|Department|Pharmacy|Services|Association|District|Store|Group|Center|Office)\b"
)
_TRADE_TAIL = re.compile(rf" (?:{sectors.TRADES})\b")  # `Kowalczyk & Daughters Florists`
_CENTRE = re.compile(r"(?i)(?:center|centre|institute|college|school|clinic|hospital)$")
_OF = re.compile(
    r" (?:of|for|at|de|du|del|in)((?: the| la| los| las| St\.| Saint)? [A-Z][A-Za-z'-]+(?: (?:(?:and|&|"
    r"y) )?[A-Z][A-Za-z'-]+){0,2})"
)
_TOWN = re.compile(r"(?: -|,)? ([A-Z][a-z'-]{2,})((?: [A-Z][a-z'-]{2,})?)(?![\w.]*\w)")


def _after(text: str, end: int) -> tuple[int, bool]:
    """Where the run ends: behind a second head, `of …`, a town, a number; and whether what follows names it."""
    named = False
    for _ in range(2):
        tail = _FUNCTION_TAIL.match(text, end) or _TRADE_TAIL.match(text, end)
        if tail is None:
            break
        end = tail.end()
    of = _OF.match(text, end)
    if of is not None:
        words = _WORD.findall(of[1])
        named = any(own(word, firm=False) >= 2 for word in words)
        told = [_is_functional(word) for word in words]
        rest = [word for word, is_told in zip(words, told, strict=True) if not is_told]
        functional = any(told) and all(lx.load().flags(word.casefold()) & lx.WORD for word in rest)
        return of.end() if named or (functional and _CENTRE.search(text, max(0, end - 12), end)) else end, named
    town = _TOWN.match(text, end)
    if town is not None and text[end] != ",":
        flags = lx.load().flags(town[1].casefold())
        plain = flags & (lx.WORD | lx.CLINICAL | lx.DRUG | lx.GIVEN_COMMON)
        if town[1].casefold() not in STOPS and flags & lx.CITY and not plain:
            end, named = town.end(1), True
    return end, named


def _is_functional(word: str) -> bool:
    """Whether a word says what is done or ails: a function, a term of medicine."""
    plain = word.casefold()
    return plain in FUNCTIONS or SUFFIX.search(plain) is not None or bool(lx.load().flags(plain) & lx.CLINICAL)


_LED_BY = re.compile(r"(?i)(?:de|du|del|des|di|da|do|of|the|la|las|los|le|les|el)\b")


def organisation_led(text: str, start: int, end: int) -> Trimmed | None:
    """`SCI Greene`, `Iglesia Monte Sinai`, `University of …`: what stands behind is a name, up to a plain word."""
    words = [Word(m[0], start + m.start(), start + m.end()) for m in re.finditer(r"\S+", text[start:end])]
    lead = 1
    while lead < len(words) - 1 and _LED_BY.fullmatch(words[lead].text):
        lead += 1
    found = 0
    last = words[0].end
    for word in words[lead:]:
        clean = word.text.rstrip(".")
        weight = own(clean, firm=False)
        if not weight or CREDENTIAL.fullmatch(clean):
            break
        found, last = found + weight, word.start + len(clean)
        if word.text.endswith("."):
            break
    plain = words[0].text.strip(".").casefold()
    needed = 1 if lead > 1 and _LED_BY.fullmatch(words[1].text) and plain not in ("lake", "point") else 2
    if plain in (
        "holy",
        "sacred",
        "trinity",
        "providence",
        "kaiser",
        "sutter",
        "banner",
        "genesis",
        "kindred",
        "point",
        "lake",
        "centre",
        "institut",
        "villa",
        "residence",
        "county",
    ):
        needed = 2
    return Trimmed(start, last) if found >= needed else None
