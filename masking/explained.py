"""Whether something clinical explains a number: judged by masking.explanations, its shape and its neighbours.

Strategy: a token with digits is judged by its own shape first, then by what stands right before and right after it.
"""

from __future__ import annotations

import functools
import re

from .explanations import CODES, FRACTIONS, NAMED, Explanation
from .model import lexicon as lx


class _Rows:
    """Rows compiled: those of shape alone as one pattern, the rest one by one."""

    def __init__(self, rows: tuple[Explanation, ...]) -> None:
        plain = [row.value for row in rows if row.value and not row.before and not row.after]
        self.shape = re.compile("|".join(f"(?:{value})" for value in plain) or r"(?!)", re.IGNORECASE)
        self.context = tuple(
            tuple(re.compile(part, re.IGNORECASE) if part else None for part in (row.value, row.before, row.after))
            for row in rows
            if row.before or row.after
        )

    def explain(self, text: str, start: int, end: int) -> bool:
        value = text[start:end]
        if self.shape.fullmatch(value):
            return True
        left = max(0, start - 72, text.rfind("\n", 0, start) + 1)
        before = text[left:start]
        for shape, earlier, later in self.context:
            if (
                (shape is None or shape.fullmatch(value))
                and (later is None or later.match(text, end))
                and (earlier is None or earlier.search(before))
            ):
                return True
        return False


@functools.cache
def _codes() -> _Rows:
    return _Rows(CODES)


@functools.cache
def _fractions() -> _Rows:
    return _Rows(FRACTIONS)


@functools.cache
def _followed() -> _Rows:
    return _Rows(tuple(row for row in FRACTIONS if not row.before))


@functools.cache
def _scales() -> _Rows:
    return _Rows(tuple(row for row in FRACTIONS if row.what in NAMED))


OF_A_CODE = re.compile(
    r"(?i)(?:concept[ _]?id|loinc|snomed(?: ct)?|rxnorm|rxcui|cui|ndc|cvx|icd\S*|code)\W{0,6}(?:in\W{1,3})?$"
    r"|(?:loinc|snomed(?: ct)?|rxnorm|rxcui|cpt|hcpcs|ndc|cvx)\W{1,3}"
    r"(?:\d[\w.-]{2,17}(?: [a-z][a-z0-9 ]{0,60})?[,;]\s?(?:concept )?){0,8}$"
)
_WORDED = re.compile(r"\d{1,5}-([A-Za-z]{3,})(?:-[A-Za-z]+)?", re.ASCII)
_LOINC = re.compile(r"\d{3,6}-\d", re.ASCII)
_RANGE = re.compile(r"(\d{1,5})-(\d{1,5})", re.ASCII)
_STEM = re.compile(r"[A-Za-z]+")
_MACHINE = re.compile(
    r"(?i)\b(?:error|warn(?:ing)?|fatal|exception|traceback|pods?|npm|git|head|branch|merge[ds]?|https?|tcp|port|pid|"
    r"server|sql|api|null|src|usr|localhost|package|module|docker|kernel|threads?|debug|daemon|container|"
    r"runtime|deploy\w*|"
    r"repositor\w+|commits?|compil\w+|exit(?:ed)?|stack|queue|socket|proxy|kube\w*|wheel|upstream|json|xml|"
    r"yaml|config\w*)\b|"
    r"[a-z]_[a-z]|\(\)|::|\.[jt]s\b|\.py\b|[a-z]=\S|\{|\}|</"
)


def machine_line(text: str, start: int, end: int) -> bool:
    """Whether the line is a log's, a program's or a shell's, where numbers count things and name no person."""
    left, right = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    return _MACHINE.search(text, max(left, start - 200), min(right if right >= 0 else len(text), end + 200)) is not None


def explains_code(text: str, start: int, end: int, *, span: bool = True) -> bool:
    """Whether something clinical explains the code or long number `text[start:end]`; without `span` no range does."""
    value = text[start:end]
    if _LOINC.fullmatch(value) and _luhn(value):
        return True
    ends = _RANGE.fullmatch(value) if span else None
    if ends is not None and ends[1][0] != "0" and int(ends[1]) < int(ends[2]) and len(ends[2]) - len(ends[1]) < 2:
        return True
    if value.isdigit() and OF_A_CODE.search(text, max(0, start - 160), start):
        return True
    worded = _WORDED.fullmatch(value)
    if worded is not None and lx.load().flags(worded[1].casefold()) & lx.PLAIN:
        return True
    return _codes().explain(text, start, end) or _known_stem(value)


_HAPPENED = re.compile(
    r"(?i)\b(?:on|since|seen|dated|until|till|admitted|discharged|began|started|fell|died|follow-?up|f/u|appt|"
    r"appointment|recheck(?:ed)?|d/c(?:'?d)?|admit|adm|placed|inserted|removed|onset|tested(?: positive| negative)?|"
    r"resum\w+|restart\w*|to finish|complete[ds]?|birthday|(?:positive|negative) test|covid \+|"
    r"(?:phone|telephone) call|by phone|exposure|lmp|last period|"
    r"(?:echo|tte|tee|ct|cta|mri|mra|cxr|kub|x-?ray|ekg|ecg|eeg|emg|ultrasound|stress test|mammogram|"
    r"colonoscopy|flex sig|sigmoidoscopy|bronch\w*|ercp|eus|cath|drain|picc|egd|dexa|biopsy)"
    r"(?: (?:head|chest|abd|abdomen|pelvis|neck|brain|spine|scan))?)\s(?:(?:approx(?:imately)?\.?|about|around|abt)\s)?"
    r"(?:\d{1,2}/\d{1,2}(?:,|\s?(?:and|&))\s){0,6}$"
)
_OF_A_WHOLE = re.compile(
    r"(?i)[/.\d:-]\d|[a-z%+*]|\s?-?(?:of (?!the month)|inch|mile|cups?\b|tasks?\b|"
    r"trials?\b|sets?\b|bottles?\b|nodes?\b|strength|murmur|motor|pain\b|tab(?:let)?s?\b|caps\b|"
    r"doses?\b|days\b|weeks\b|hours\b|words\b|objects\b|items\b|points\b|questions\b|sem\b|systolic|scale|pulses|reflex|mg\b|ml\b|%|"
    r"on (?:the )?(?:right|left|r\b|l\b)|(?:in|to) (?:all|both)|bilat|throughout|recall)"
)


def happened(text: str, start: int, end: int) -> bool:
    """Whether `n/m` follows a word that only a day follows (`since 5/5`, `pain began on 3/10`), and no whole does."""
    if _OF_A_WHOLE.match(text, end):
        return False
    return _HAPPENED.search(text, max(0, start - 48), start) is not None or _is_drawn(text, start, end)


_LEVEL = re.compile(r"(?i)\blevels?,? $")
_LEVELS = 7  # of IDDSI, the highest scale whose levels are given as `level 5/2`


def _is_drawn(text: str, start: int, end: int) -> bool:
    """`Prograf 4 bid, level 12/8`: the day a level was drawn; no scale has so many levels."""
    numbers = [int(part) for part in text[start:end].split("/") if part.isdecimal()]
    return len(numbers) == 2 and max(numbers) > _LEVELS and _LEVEL.search(text, max(0, start - 10), start) is not None


_WHEALS = re.compile(r"(?i)\b(?:spt|skin (?:prick )?test\w*|prick|wheals?|histamine|intradermals?)\b[^\n]{0,300}$")
_SIZED_BEFORE = re.compile(r"(?i)[a-z] \d{1,2}(?:/\d{1,2})?\)?[,:;] (?:[a-z]{2,14} ){1,3}$")
_SIZED_AFTER = re.compile(r"(?i)\)?[,:;] (?:[a-z]{2,14} ){1,3}\d{1,2}(?:/\d{1,2})?\b")
_RATIO_AFTER = re.compile(r"\s?(?:->|\u2192|\xa4|to)\s?(\d{1,2})/(\d{1,2})\b", re.ASCII)
_RATIO_BEFORE = re.compile(r"\b(\d{1,2})/(\d{1,2})\s?(?:->|\u2192|\xa4|to)\s?$", re.ASCII)


def _is_wheal(text: str, start: int, end: int) -> bool:
    """`histamine 6/22: oak 5/20, cat 6/25`: a wheal and its flare, one of a list of skin tests."""
    if not (_SIZED_BEFORE.search(text, max(0, start - 64), start) or _SIZED_AFTER.match(text, end)):
        return False
    return _WHEALS.search(text, max(0, start - 320), start) is not None


def _beside_a_ratio(text: str, start: int, end: int) -> bool:
    """`9/23 -> 18/23`: of the same whole as what cannot be a day, in either order."""
    other = _RATIO_AFTER.match(text, end) or _RATIO_BEFORE.search(text, max(0, start - 12), start)
    return other is not None and text[start:end].endswith("/" + other[2]) and min(int(other[1]), int(other[2])) > 12


def explains_fraction(text: str, start: int, end: int, *, behind: bool = False) -> bool:
    """Whether something explains `n/m` as a score, a strength, a share or a pressure; `behind`: by what follows."""
    if happened(text, start, end):
        return False
    if _is_wheal(text, start, end) or _beside_a_ratio(text, start, end):
        return True
    if _is_beyond(text, start, end):
        return False
    return (_followed() if behind else _fractions()).explain(text, start, end)


_SNELLEN = frozenset((4, 5, 6, 7, 9, 12, 15, 18, 24, 36, 60))  # what is read at six metres
_OPEN_ENDED = (
    r"timi(?: flow)?|q?sofa|mews|pews|news2|mini-?cog|amts|4at|6cit|hads|cgi(?:-[si])?|mdq|pram|rdai|haq|beighton|"
    r"asrs|crafft|prapare|scoff|esas|dn4|lanss|fois|doss|stai|ces-?d|kccq|m?joa|lysholm|pedis|vcss|wpai|tjc|sjc|dbq"
)
_ENDS: tuple[
    tuple[str, frozenset[int]], ...
] = (  # what a scale may be out of: `NYHA 6/1` is a day; an empty set agrees with all that is no less than its part
    (r"rpe|(?:distress )?therm(?:ometer)?|painad|nprs|wong-?baker|sarc-?f", frozenset((10, 20))),
    (r"mmt|mrc|h&y|mmrc", frozenset((4, 5))),
    (r"nyha|sirs|pitting|air entry|cap(?:illary)? refill|fontanelle|wheeze", frozenset((2, 3, 4))),
    (r"start back", frozenset((4, 5, 9))),
    (r"goat|ipss|aua|vhi|psi|dlqi|snot|iief", frozenset((5, 7, 25, 30))),
    (_OPEN_ENDED, frozenset()),
)
_ENDED = re.compile(
    r"(?i)\b(?:"
    + "|".join(f"({names})" for names, _ in _ENDS)
    + r"|(vision|acuity|logmar|snellen|pinhole|[rl]va))['\"\s:=(-]{1,3}"
    r"(?:is|was|of|at|score[ds]?|total|only|now|[rl]|right|left)?"
    r"[\s:=(-]{0,2}$"
)


def _is_beyond(text: str, start: int, end: int) -> bool:
    """Whether `n/m` behind a scale is more than its whole, or of a whole that scale does not have."""
    named = _ENDED.search(text, max(0, start - 40), start)
    parts = re.match(r"(\d{1,3})/(\d{1,3})", text[start:end], re.ASCII) if named is not None else None
    if named is None or parts is None or named.lastindex is None:
        return False
    part, whole = int(parts[1]), int(parts[2])
    if named.lastindex > len(_ENDS):
        return part != 20 and whole != 60 and not (part == _SIX and whole in _SNELLEN)
    ends = _ENDS[named.lastindex - 1][1]
    return part > whole or bool(ends and whole not in ends)


_SIX = 6  # metres
_SCORES_BEFORE = re.compile(
    r"\b(\d{1,2})/(\d{1,2})(?:(?:,|;|\s?-|\s?\xa4|\s?->)?\s?(?:and |& |to |then )?\d{1,2}/\d{1,2}){0,5}"
    r"(?:,|;|\s?-|\s?\xa4|\s?->)?\s?(?:and|&|to|then)?\s?$",
    re.ASCII,
)


def scored_before(text: str, start: int, end: int) -> bool:
    """Whether a scale is named before `n/m`, or before a list of its like that it ends: `vision 6/9 and 6/12`.

    `strength 5/5, 3/14 fell` is a strength and a day.
    """
    listed = _SCORES_BEFORE.search(text, max(0, start - 48), start)
    if listed is None:
        return not _is_beyond(text, start, end) and _scales().explain(text, start, start)
    first, _, rest = text[start:end].partition("/")
    whole = re.match(r"\d+", rest, re.ASCII)
    if whole is None or not first.isdecimal():
        return False
    alike = (first == listed[1] == "6" and int(whole[0]) in _SNELLEN) or (
        whole[0] == listed[2] and int(first) <= int(whole[0])
    )
    return alike and _scales().explain(text, listed.start(), listed.start())


def _known_stem(value: str) -> bool:
    """`Prevnar20`, `EMST150`: a word of the chart with up to three digits."""
    if sum(map(str.isdigit, value)) > 3:
        return False
    flags = lx.load().flags
    stems = [stem for stem in _STEM.findall(value) if len(stem) > 2]
    known = lx.PLAIN | lx.EPONYM | lx.LATER_PRODUCT
    return bool(stems) and all(flags(stem.casefold()) & known for stem in stems)


def _luhn(value: str) -> bool:
    total = 0
    for index, char in enumerate(reversed(value.replace("-", ""))):
        digit = int(char)
        total += digit if index % 2 == 0 else (digit * 2 - 9 if digit > 4 else digit * 2)
    return total % 10 == 0


_FRACTION = re.compile(r"\d{1,3}/\d{1,3}", re.ASCII)
_IN_CODE = re.compile(r"-[\da-f]{4,}", re.ASCII)  # a code goes on: `55a81c-20417` counts a machine's things
_MODEL = re.compile(r"\d{4,5}-\d{2}", re.ASCII)
_DASHED = re.compile(r"(\d{1,3})[-\u2013](\d{1,3})", re.ASCII)
_WHOLE_DASHED = re.compile(r"(?<![\d-])(?:0?[1-9]|1[0-2])-(?:0?[1-9]|[12]\d|3[01])-(?:\d{4}|\d\d)(?![\d-])", re.ASCII)
_COUNTED = re.compile(
    r"(?i)\s?(?:[dhsmwxy]|hrs?|mins?|secs?|days?|hours?|weeks?|wks?|mos?|months?|years?|yrs?|mg|ml|cm|mm|times|steps?|reps?|"
    r"%|/)(?![a-z])"
)
_REACH = 2048  # characters of a note in which its way of writing days shows
_PAIR = re.compile(r"\d+\s?(?:\u2192|->)\s?\d+|(?:of|to|x|at|in|by|for) ?\d+", re.IGNORECASE)
_DATED = re.compile(
    r"(?i)\b(?:on|since|from|until|till|thru|through|dated?|seen|due|dob|appt|visit|filled|done)\W{0,2}$"
)
_CALLED = re.compile(
    r"(?i)(?:x|ext\.?|extension|pager?|paged|beeper|bpr|pgr|vm|voicemail|call|dial|phone|tel|#|no\.?|ids?|"
    r"number|code|badge|"
    r"mrn|room|option|vocera|spectra\w*|ascom|zone|cisco|vms|text|pin|case|acct|client)\W{0,3}$"
)
_NUMBERED = re.compile(r"(?i)(?:#|\bno\.?|\bid|number|option|ext\.?|extension|room)\s?$")
_ORDINAL = re.compile(r"(?i)(?:the )?\d+(?:st|nd|rd|th)")
_NTH = re.compile(
    r"(?i)[^.;\n]{0,30}?\b(?:fingers?|toes?|digits?|rays?|metatars\w*|metacarp\w*|ribs?|ventricle|nerves?|dose|"
    r"floor|degree|cousin|grade|"
    r"trimester|intercostal|percentile|%ile|time|visit|shift|person|generation|line|edition|street|ave|ed\b|"
    r"webspace|mtp|pip|dip|"
    r"mcp|on the (?:right|left))\b|\s(?:yr|year)\b"
)
_TIMED = re.compile(r"(?i)(?:[A-Z]{2} )?(?:[01]\d|2[0-4])[0-5]\d(?:h|hrs?)?")
_NO_AGE = re.compile(
    (
        r"[<>=~+/]\s?$|\d{2,3}/\d{2,3}\s?\($|\b(?:over|above|below|under|than|fever(?: of| to| over)?|temp\w*|map|"
        r"hr|analy[sz]\w+:?|also:?)\s$"
    ),
    re.IGNORECASE,
)
_NO_AGE_AFTER = re.compile(
    r"\+|\s?(?:\u00b0|degrees|f\b|c\b|%|genes|units?|mg|ml|min|bpm|mm|cm|kg|lbs?|/)", re.IGNORECASE
)
_GASES = re.compile(r"\d\.\d{1,2}/\d+", re.ASCII)


def explains(kind: str, text: str, start: int, end: int) -> bool:
    """Whether something clinical explains the number that the prose engine took for an identifier of `kind`."""
    while start and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    value = text[start:end]
    before = text[max(0, start - 24) : start]
    if kind == "date":
        return _explains_date(text, start, end, value, before)
    if kind == "age":
        return value.isdigit() and bool(_NO_AGE.search(before) or _NO_AGE_AFTER.match(text, end))
    if _AMINO_ACIDS.fullmatch(value) or (kind in ("phone", "id") and _is_tally(value) and not _TOLD.search(before)):
        return True
    if kind == "id" and _IN_CODE.match(text, end) and machine_line(text, start, end):
        return True
    digits = sum(map(str.isdigit, value))
    if kind in ("phone", "id", "address") and (_REGISTERED.fullmatch(value) or _is_procedures(text, start, value)):
        return True
    if kind in ("phone", "id"):
        if _TIMED.fullmatch(value) and _CALLED.search(before) is None:
            return True
        if _GASES.match(value) or (
            digits < 4
            and not re.search(r"[A-Za-z]{2}", value)
            and (digits < 3 or _CALLED.search(before) is None)
            and _NUMBERED.search(before) is None
        ):
            return True
        return digits < 7 and _CALLED.search(before) is None and explains_code(text, start, end)
    if kind != "address" or not value.replace(",", "").replace(" ", "").replace("x", "").isdigit():
        return False
    return (
        digits < 4
        or ("," in value and digits < 5)
        or any(explains_code(text, start + code.start(), start + code.end()) for code in re.finditer(r"\d{5}", value))
    )


_TOLD = re.compile(  # whose number it is
    r"(?i)\b(?:numbers?|no|#|phone|ph|tel|telephone|cell|mobile|fax|call(?:ed)?|text|id|mrn|chart|record|acct|account|member|policy)"
    r"\b\W{0,3}(?:(?:is|was|at|on|no|number|now)\b\W{0,3}){0,2}$"
)
_TALLY = re.compile(r"[1-9]\d?(?: [1-9]\d{1,2}){3,9}|[1-9]\d{0,2}(?: \d{3})* 000", re.ASCII)


def _is_tally(value: str) -> bool:
    """`20 35 55 65`, the fives of an audiogram or a tally; `12 000 000`, a number in thousands."""
    if _TALLY.fullmatch(value) is None:
        return False
    return value.endswith(" 000") or all(int(part) % 5 == 0 for part in value.split(" "))


_DOSES = re.compile(r"(\d{1,2})-(\d{1,2})-(\d{1,2})", re.ASCII)
_BEFORE_DOSES = re.compile(r"([A-Za-z]{4,})\s(?:\d+\s?mg\s)?$")


def is_doses(text: str, start: int, value: str) -> bool:
    """`Baclofen 10-10-20`: a remedy, and fives for the morning, noon and night."""
    doses = _DOSES.fullmatch(value)
    before = _BEFORE_DOSES.search(text, max(0, start - 32), start)
    if before is None or doses is None or any(int(dose) % 5 for dose in doses.groups()):
        return False
    return bool(lx.load().flags(before[1].casefold()) & lx.DRUG)


_AMINO_ACIDS = re.compile(r"(?:p\.\(?)?[A-Z][a-z]{2}\d{1,5}(?:[A-Z][a-z]{2}|\*|fs)\S{0,8}")
_REGISTERED = re.compile(r"NCT\d{8}|[1-4]\d\d[0-9A-Z]{2}\d{4}X")
_PROCEDURES = re.compile(r"(?:(?:\d{5}|[A-V]\d{4})(?:-(?:\d\d|[A-Z]{2}))?(?:\s?x\s?\d{1,2})?|x\s?\d|[RL]T)")


def _is_procedures(text: str, start: int, value: str) -> bool:
    """A list of codes of procedures, or a part of one: each of them is explained."""
    at, parts = start, re.split(r"(,\s?|/|;\s|\s?&\s?|\sand\s)", value)
    codes = 0
    for part in parts:
        if part and part[0].isalnum() and part != "and":
            if not _PROCEDURES.fullmatch(part):
                return False
            if len(part) > 4:
                end = at + (len(part.partition("x")[0].rstrip()) if "x" in part else len(part))
                if not explains_code(text, at, end, span=False):
                    return False
                codes += 1
        at += len(part)
    return codes > 0


def _is_dashed_day(text: str, start: int, end: int, value: str) -> bool:
    """Whether `3-15` is a day as the text around writes its days (`3-4-25`), and nothing counted in a unit."""
    first, second = (int(part) for part in re.split("[-\u2013]", value))
    if not (1 <= first <= 12 and 1 <= second <= 31) or _COUNTED.match(text, end):
        return False
    return _WHOLE_DASHED.search(text, max(0, start - _REACH), min(len(text), end + _REACH)) is not None


def _explains_date(text: str, start: int, end: int, value: str, before: str) -> bool:
    """Scores, shares, ranges (`10-15 s`) and pairs (`14 -> 17`); a range after a word of dates is one of days."""
    if _FRACTION.fullmatch(value):
        first, second = map(int, value.split("/"))
        return not (1 <= first <= 31 and 1 <= second <= 31 and min(first, second) <= 12) or explains_fraction(
            text, start, end
        )
    if is_doses(text, start, value):
        return True
    if _MODEL.fullmatch(value):
        return explains_code(text, start, end)
    if re.fullmatch(r"\d{2,3}-\d{3}/\d{2,3}-\d{2,3}", value, re.ASCII):  # two ranges of a pressure
        return True
    if _DASHED.fullmatch(value):
        return _DATED.search(before) is None and not _is_dashed_day(text, start, end, value)
    if _ORDINAL.fullmatch(value):
        return bool(_NTH.match(text, end) or re.search(r"(?:\b[RL]|[Ll]eft|[Rr]ight)\s$", before))
    return (
        _PAIR.fullmatch(value) is not None or re.fullmatch(r"\d{1,2}\.\d{2,3}|(?:the )?last \d+s?", value) is not None
    )
