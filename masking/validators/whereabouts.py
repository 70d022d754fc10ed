"""Checks of roads, crossings, towns and houses that the words around them give away."""

from __future__ import annotations

import re

from masking.chart_words import ACRONYMS
from masking.model import lexicon as lx
from masking.wordset import word_set

from .own_words import ABBREVIATED, FUNCTIONS, JOINTS, NAMING, NO_HOUSE_AFTER, PAYERS, SCALES, STOPS, SUFFIX, own
from .trimmed import Trimmed


def numbered_body(text: str, start: int, end: int) -> Trimmed | None:
    """`IBEW Local 124`, `VFW Post 9`: no post-operative day, no ward's station."""
    value = text[start:end].casefold()
    return None if re.match(r"(?:s/p|status|pod|day|ms \d|is \d|is #|station \d)", value) else Trimmed(start, end)


def road_number(text: str, start: int, end: int) -> Trimmed | None:
    """`US-90`, `Route 30`; not `I-131`, `SR 82`, a route of a drug or a form."""
    value = text[start:end]
    if re.match(r"I[ -]1(?:23|24|25|31)\b|(?:SR|CR|CA|FM|TX|I|US) \d", value) and not re.match(
        r"(?:SR|CR|FM|I|US) \d{1,4} (?:[NSEW]B?|at|near)\b", value
    ):
        spoken = re.search(r"(?i)\b(?:on|off|along|down|near) (?:the )?$", text[max(0, start - 12) : start])
        if re.match(r"I[ -]1(?:23|24|25|31)\b|(?:CA|TX) ", value) or spoken is None:
            return None
    return Trimmed(start, end)


NO_STREET = word_set(
    "bed side single one two dead fast slow wrong right left same other next every any this that low high half"
)


def street_alone(text: str, start: int, end: int) -> Trimmed | None:
    """A street without a number, after `on`, `at`, `near`: its words are no plain or clinical ones."""
    words = re.findall(r"[A-Za-z][\w'.-]*", text[start:end])
    way = words[-1].casefold()
    body = words[:-1]
    if any(word.casefold() in NO_STREET or word.casefold() in STOPS for word in body):
        return None
    weights = [own(word, firm=True, trade=True, caps=True) for word in body]
    least = 2 if way in ("drive", "terrace", "way", "trail", "circle", "close", "row", "st") else 1
    named = (
        way in _SURE_WAYS
        and words[-1].istitle()
        and not any(lx.load().flags(w.casefold()) & _UNLIKE_STREET for w in body)
    )
    return Trimmed(start, end) if named or sum(weights) >= least else None


_SURE_WAYS = word_set("street avenue boulevard road lane parkway turnpike blvd pkwy")
_UNLIKE_STREET = lx.DRUG | lx.EPONYM


_TOWN_NEVER = lx.CLINICAL | lx.DRUG | lx.EPONYM | lx.REGION
_MOVES = re.compile(
    r"(?i)\b(?:lives?|living|lived|born|raised|grew up|moved|moving|resid(?:es|ing)|travel(?:s|l?ed|l?ing)?|flew|"
    r"flying|flown|"
    r"drove|driving|driven|trips?|vacation(?:ed|ing)?|went|visit(?:s|ed|ing)?|returned|immigrated|emigrated|"
    r"relocated|camp(?:ed|ing)|"
    r"transferred|transfer|transported|sent|referred|airlifted|family|son|daughter|sister|brother|cousins?|parents|"
    r"mother|father|"
    r"aunt|uncle|dad|mom|mum|grandkids|kids|brothers|sisters|grandma|grandmother|grandfather|niece|nephew|friends?|"
    r"native|home|house|apartment|apt|condo|cabin|farm|"
    r"college|school|university|work(?:s|ed|ing)?|office|church|back|here|refugee|deployed|stationed|summers?|"
    r"winters?|originally|"
    r"facility|staying|stays|incarcerated|released|hiking|hunting|fishing|ranch|conference|wedding|funeral|cruise)"
    r"(?: [A-Z]?[a-z]{2,9}){0,2} (?:in|from|at|near|outside|to|visiting|of|leaving|towards?)\s$"
)


_GEOGRAPHIC = word_set("""
    islands island beach heights springs base hills hill valley creek lake lakes falls park county township city village
    point harbor harbour bay river mountain mountains general regional memorial estate shore shores island bridge cross
""")
_OF_A_TOWN = re.compile(
    r"(?i)\b(?:native|city|town|village|outskirts|suburbs?|area|resident|north|south|east|west|part|out|diocese|"
    r"university|"
    r"outside|port|parish|county|side|miles|coast|instead|people) of $"
)


def town_by_place(text: str, start: int, end: int) -> Trimmed | None:
    """A town after `in`, `from`, `near`: known as one and no other word; an unknown word after a verb of moving."""
    words = text[start:end].split(" ")
    lexicon = lx.load()
    if len(words) == 2 and lexicon.flags(text[start:end].casefold()) & lx.CITY:
        return Trimmed(start, end)
    word = words[0]
    plain = word.casefold()
    root = plain.removesuffix("'s")
    flags = lexicon.flags(root)
    of = text[start - 3 : start].casefold() == "of "
    if of and not _OF_A_TOWN.search(text, max(0, start - 24), start):
        return None
    if (
        not of
        and flags & lx.CITY
        and flags & lx.EPONYM
        and not flags & lx.WORD
        and not NO_HOUSE_AFTER.match(text, start + len(root))
    ):
        flags &= ~lx.EPONYM
    if plain in STOPS or root in FUNCTIONS or flags & _TOWN_NEVER or root in PAYERS - SCALES or len(root) < 4:
        return None
    stop = start + len(root)
    if flags & lx.CITY and not flags & lx.WORD:
        return Trimmed(start, end if len(words) == 2 and words[1].casefold() in _GEOGRAPHIC else stop)
    moved = _MOVES.search(text, max(0, start - 48), start) is not None
    if not moved or flags & (lx.WORD | lx.WORD_COMMON) or "-" in root:
        return None
    if not flags and SUFFIX.search(root):
        return None
    second = words[1] if len(words) > 1 else ""
    if second and own(second, firm=False) == 2:
        return Trimmed(start, end)
    return Trimmed(start, stop)


_NO_HOUSE = word_set("""
    sfj spj gej uvj upj ivc svc avr acj cmcj tmj pips mcps ccu cvicu cticu ccicu cdi msk rtc pod pacs ehr emr
    stepdown tele telemetry osh ems icu micu sicu nicu picu snf ltc ltac ltach alf ilf irf pcp pacu bedside baseline
    home work school hospital clinic church daycare night noon midnight bedtime rest discharge admission birth
    present wcc times most least first last once kvo qhs hs prn lusb rusb llsb lsb rsb apex mcl tbd eob edh mn aki osf
    obgyn ptl otl dka gcs vas tlc cvc triage intake screening follow-up followup shift change room night christmas
    thanksgiving easter outpatient zoom facetime teams mychart
""")


_OWNS = re.compile(
    r" (?!(?:by|for|on|with|in|at|to|last|this|and|yesterday|since|until|where|who|after|before)\b)[a-z]"
)


def house_by_place(text: str, start: int, end: int) -> Trimmed | None:
    """`EGD at Maimonides:`, `delivered at Queen's`, `at UNM (Dr. …`: a word that is no function and no plain word."""
    value = text[start:end]
    words = value.split(" ")
    plain = words[0].casefold()
    if plain in _NO_HOUSE or plain in STOPS or plain in ACRONYMS or plain in PAYERS:
        return None
    flags = lx.load().flags(plain.removesuffix("'s"))
    if words[0].isupper():
        if (
            len(words) > 1
            or len(words[0]) < 3
            or flags & (lx.WORD_COMMON | lx.CLINICAL | lx.DRUG)
            or text[start:].isupper()
        ):
            return None
        return Trimmed(start, end) if len(words[0]) < 6 else None
    if plain.endswith("'s"):
        known = flags & (lx.EPONYM | lx.CLINICAL | lx.WORD_COMMON) and plain != "queen's"
        return None if known or _OWNS.match(text, end) else Trimmed(start, end)
    if len(words) == 2 and own(words[1], firm=False) == 0 and words[1].casefold() not in FUNCTIONS:
        return None
    if flags & (lx.EPONYM | lx.REGION | lx.CLINICAL | lx.DRUG | lx.WORD_COMMON) or own(words[0], firm=False) < 1:
        return None
    return Trimmed(start, end)


def house_by_verb(text: str, start: int, end: int) -> Trimmed | None:
    """`lives Alta Vista`, `line lead, Nissan Smyrna`: a run whose first word is a name, a place or unknown."""
    words = text[start:end].split(" ")
    first = words[0].strip(".").casefold()
    if first in STOPS or first in FUNCTIONS or first in PAYERS or (text[start:end].isupper() and len(words) < 2):
        return None
    if words[1:2] == ["and"] and lx.load().flags(first) & lx.GIVEN_COMMON:  # `supervisor Yolanda and Safety`
        return None
    led = first in ("ft", "mt", "st") and len(words) > 1
    weights = [own(word, firm=False) for word in words]
    if any(lx.load().flags(word.casefold()) & (lx.DRUG | lx.REGION) for word in words):
        return None
    if not led and (not weights[0] or sum(weights) < 2):
        return None
    last = len(words)
    while last > 1 and not weights[last - 1] and words[last - 1].casefold() not in FUNCTIONS:
        last -= 1
    return Trimmed(start, start + len(" ".join(words[:last])))


def house_line(text: str, start: int, end: int) -> Trimmed | None:
    """After `Agency:`, `Dest:`, `Employer:`: the capitalised words up to a comma or stop, one of them its own."""
    last, weights, before = start, 0, start
    for word in re.finditer(r"\S+", text[start:end]):
        value = word[0]
        at = start + word.start()
        clean = value.rstrip(".,;)")
        plain = clean.casefold()
        if at - before > 1 or not clean or value[0] in "(-/" or plain in STOPS - {"the"}:
            break
        if not (value[0].isupper() or value[0].isdigit() or plain in JOINTS):
            break
        if value[0].isdigit() and last == start:
            break
        weights += own(clean, firm=True, caps=len(clean) > 4)
        last = before = at + len(clean)
        if value[-1] in ",;)" or (value[-1] == "." and not ABBREVIATED.search(value)):
            break
    while last > start and text[start:last].rsplit(" ", 1)[-1].casefold() in JOINTS:
        last = start + text[start:last].rfind(" ") if " " in text[start:last] else start
    if text[start:last].isupper() and weights < 4 and not _may_name(text[start:last]):
        return None
    road = _ROAD_BEHIND.match(text, last, end)
    return Trimmed(start, road.end() if road else last) if weights else None


def _may_name(value: str) -> bool:
    """Whether of words in capitals one is nothing but a name, a town or unknown: `BINDER OFF` is an order."""
    return any(own(word, firm=False, caps=True) == 2 or word.casefold() in NAMING for word in value.split())


_ROAD_BEHIND = re.compile(
    r", (?:Route|Rte?\.?|Highway|Hwy|US|SR|CR)[ -]\d{1,4}\b(?:, [A-Z][a-z'-]{2,20}(?: [A-Z][a-z'-]{2,20})?)?"
)


def employer_small(text: str, start: int, end: int) -> Trimmed | None:
    """`employer: greenbrier linen service`: its own name before its trade; no trade alone, no `retired`."""
    first = text[start:end].partition(" ")[0]
    flags = lx.load().flags(first)
    plain = flags & (lx.WORD_COMMON | lx.CLINICAL | lx.DRUG) or SUFFIX.search(first)
    return None if plain or not own(first, firm=False) else Trimmed(start, end)
