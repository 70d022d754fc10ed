"""The edges of a place: the road a house stands on, the article in its name; and what only stands beside it."""

from __future__ import annotations

import re

from masking.casing import around
from masking.model import lexicon as lx
from masking.wordset import word_set

from .own_words import FUNCTIONS, NAMING, STOPS
from .postal import ORDINALS, ROADS, WAYS
from .trimmed import Trimmed

_OWNER = re.compile(r"['\u2019][sS]\b")
_OWNED = re.compile(r"(?i)(?:\b(?:child|wo|gentle)?(?:ren|men)|(?:^|\W)(?:st\.?|saint) [a-z]{3,14})$")
_SORT = re.compile(r" (?:PHF|PRTF|RTF|CSU|CMHC|FQHC|LTACH?|IRF|VAMC|YMCA|YWCA|CBOC|SNF|ALF)\b")
_ON_ROAD = re.compile(
    r" on ((?:\d{1,3}(?:st|nd|rd|th)|(?:[NSEW]\.? )?[A-Z][a-z'-]{2,20}(?: [A-Z][a-z'-]{2,20})?)\b"
    r"(?: (?:St|Ave?|Rd|Blvd|Dr|Ln|Pl|Ct|Pkwy|Hwy)\b\.?)?)"
    r"(?=[.,;:)\n\"]|$|\s(?:[a-z(&]|-))"
)
_BEGUN = re.compile(r"(?:^|[.!?:;\n>*|-])\s*(?:The|THE) $")
_NO_ROAD = word_set(
    "call room hold board duty admission arrival discharge transfer exam review rounds easter christmas years noon"
    " night"
)
_DAY_OR_MONTH = re.compile(
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|"
    r"june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_HOUSES = word_set("house inn arms")


def address_edges(text: str, start: int, end: int) -> tuple[int, int]:
    """A place's stretch with the rest of its name: `'s`, the abbreviation of its kind, `on 5th`, its article."""
    if text[end : end + 1] in ("'", "\u2019") and _OWNER.match(text, end) and _OWNED.search(text[start:end]):
        end += 2
    sort = _SORT.match(text, end) if text[end : end + 1] == " " and text[start].isupper() else None
    if sort is not None and not text[start:end].isupper():
        end = sort.end()
    road = _ON_ROAD.match(text, end) if text[end : end + 4] == " on " else None
    if road is not None and _is_road(road[1], text[road.end() : road.end() + 4]):
        end = road.end()
    if text[max(0, start - 4) : start].casefold() == "the " and _has_article(text, start, end):
        start -= 4
    return start, end


def _is_road(value: str, after: str) -> bool:
    words = value.split()
    plain = [word.strip(".").casefold() for word in words]
    if value[0].isdigit() or (len(plain) == 1 and plain[0] in ORDINALS):
        return not after.startswith(" of")
    if any(word in STOPS or word in _NO_ROAD or _DAY_OR_MONTH.fullmatch(word) for word in plain):
        return False
    if len(plain) > 1 and plain[-1] in WAYS:
        return True
    flags = lx.load().flags(plain[-1])
    if plain[-1] in ROADS or plain[-1] in NAMING:
        return True
    if flags & (lx.DRUG | lx.EPONYM | lx.REGION):
        return False
    if flags & (lx.WORD | lx.CLINICAL):
        return bool(flags & lx.SURNAME_COMMON and flags & lx.CITY)
    return bool(flags & (lx.SURNAME | lx.CITY))


def _has_article(text: str, start: int, end: int) -> bool:
    """Whether the article before a house is part of its name: `the Cedars`, `The Plough`, `the Epilepsy House`."""
    words = text[start:end].split()
    if not words or not (words[0][0].isupper() or around(text, start).islower()):
        return False
    first, last = words[0].strip(".,").casefold(), words[-1].strip(".,").casefold()
    if text[start - 4] == "T" and text[start - 3] == "h" and not _BEGUN.search(text, max(0, start - 16), start):
        return True
    if last in _HOUSES and len(words) > 1 and words[-1][0].isupper():
        return True
    if " on " in text[start:end]:
        return _is_called_so(text[start:end].partition(" on ")[0].split())
    if len(first) < 4 or first[-1] != "s" or "'" in first:
        return False
    flags = lx.load().flags(first)
    return first in NAMING or first[:-1] in NAMING or bool(flags & lx.WORD and not flags & lx.WORD_COMMON)


def _is_called_so(house: list[str]) -> bool:
    """`the Salvation Army on Front St`: a house without a word for its kind, and nobody's."""
    plain = [word.casefold() for word in house]
    return len(house) > 1 and not any(word in FUNCTIONS or word in _KINDS or "'" in word for word in plain)


_KINDS = word_set("""
    pharmacy drug drugs apothecary chemist church chapel store shop market school academy library inn hotel motel bank
    diner bistro cafe grill bar bakery deli station office building tower towers apartments plaza mall park court county
""")
_BESIDE = re.compile(
    r"\s(?:around|about|during|since|until|till|before|after|when|where|because|while|last|this|next|today|yesterday|"
    r"tonight|tomorrow|every|each|via|per|weekends?|weekdays?|nights|evenings?|mornings?|afternoons?|daily|weekly|monthly)\b"
)
_WARES = word_set("""
    oats oatmeal cereal crackers cookies bread cheese milk yogurt juice coffee tea soup sauce beans rice noodles chips
    cheerios syrup vinegar mustard beer wine whiskey vodka cigarettes cigars
""")


def without_beside(text: str, start: int, end: int) -> int:
    """Where a place of the prose engine ends: before a small word that no place is called by (`Hobart around May`)."""
    if not (text[start].isupper() or text[start].islower()):
        return end
    beside = _BESIDE.search(text, start, end)
    end = end if beside is None else beside.start()
    on = _ON.search(text, start, end)
    return on.start() if on is not None and _is_no_road(on[1].casefold()) else end


_NUMBER_BEFORE = re.compile(r"(?:^|\n|, )[ \t]*(\d{1,4}[A-Za-z]?,? )\Z")


def with_number(text: str, start: int, end: int) -> int:
    """Where a road and its town begin: at the house's number, on a line of their own: `3 Inchaffray Wynd, Crieff`."""
    if "," not in text[start:end] or not text[start].isupper():
        return start
    number = _NUMBER_BEFORE.search(text, max(0, start - 12), start)
    return start if number is None else number.start(1)


_ON = re.compile(r"\son ([A-Z][a-z'-]{2,20})")


def _is_no_road(plain: str) -> bool:
    """Whether what stands behind `on` is a treatment or a day: `Mercy Hospital on Oxygen`."""
    if plain in ROADS or plain in NAMING or plain in WAYS:
        return False
    flags = lx.load().flags(plain)
    named = flags & (lx.SURNAME_COMMON | lx.CITY)
    return plain in STOPS or bool(flags & (lx.CLINICAL | lx.DRUG) and not named)


_BEHIND_CHAIN = re.compile(r" (?:on|at|off|@) (?:the )?(\w[\w'.-]*)")


def chain_on_road(text: str, start: int, end: int) -> Trimmed | None:
    """`CVS on Foster`; not `CVS on Monday`, `CVS on Oxygen`."""
    road = _BEHIND_CHAIN.search(text, start, end)
    plain = "" if road is None else road[1].rstrip(".").casefold()
    other = plain.isdigit() or plain in _NO_ROAD or _DAY_OR_MONTH.fullmatch(plain) is not None
    return None if other or (_is_no_road(plain) and plain not in ORDINALS) else Trimmed(start, end)


_WARE_BEHIND = re.compile(r" ([A-Za-z]{3,11})\b")


_OF_THE_BODY = re.compile(
    r"[a-z-]{4,}(?:al|ic|ar|ine|ary) (?:junction|notch|arch|angle|ridge|fold|canal|sinus|fossa|hilum|crest|"
    r"groove|isthmus)"
)


def is_of_the_body(value: str) -> bool:
    """`cavoatrial junction`: where in the body, no crossing of roads."""
    if _OF_THE_BODY.fullmatch(value) is None:
        return False
    flags = lx.load().flags(value.split(" ", maxsplit=1)[0])
    return bool(flags & lx.CLINICAL) or not flags & (lx.WORD | lx.CITY | lx.REGION | lx.ANY_NAME)


def is_ware(text: str, start: int, end: int) -> bool:
    """`Quaker Oats`, `Tillamook cheese`: one word, and behind it what one eats or drinks."""
    words = text[start:end].casefold().split()
    behind = _WARE_BEHIND.match(text, end) if len(words) == 1 else None
    if behind is not None and behind[1].casefold() in _WARES:
        return True
    return len(words) == 2 and words[1].strip(".,") in _WARES
