"""Checks of dates and ages."""

from __future__ import annotations

import re

from masking import dates, days
from masking.explained import explains_fraction, happened, is_doses, scored_before

from .trimmed import Trimmed, alone


def date(text: str, start: int, end: int) -> Trimmed | None:
    """A calendar date; a plausible one only when it stands as digits alone."""
    value = text[start:end]
    head = re.match(r"\d{4}[-/.]?\d{1,2}[-/.]?\d{1,2}", value)
    return Trimmed(start, end) if head and dates.parse(head[0]) and _begins(text, start, "-.") else None


_DATE_BEFORE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}-$|\b(?:19|20)\d{6}-$", re.ASCII)


def _begins(text: str, start: int, joins: str) -> bool:
    """Whether a number begins here, or the second date of a range (`12/30/24-1/2/25`): no part of a longer code."""
    if not start or text[start - 1] not in joins:
        return True
    return _DATE_BEFORE.search(text, max(0, start - 12), start) is not None


def date_numeric(text: str, start: int, end: int) -> Trimmed | None:
    """Day and month in range, one separator throughout."""
    value = text[start:end]
    head = re.search(r"(\d{1,2})([-/.])(\d{1,2})([-/.])'?(\d{2,4})", value)
    if head is None or head[2] != head[4] or not _begins(text, start, "-/."):
        return None
    if head[2] == "." and re.match(r"\.\d", text[end : end + 2]):  # an object identifier: `1.2.36.146`
        return None
    if head[2] == "." and days.in_a_version(text, start):
        return None
    if is_doses(text, start, head[0]):
        return None
    first, second = int(head[1]), int(head[3])
    if not (1 <= min(first, second) <= 12 and 1 <= max(first, second) <= 31):
        return None
    if head[2] == "." and len(head[5]) == 2 and start and text[start - 1].isalpha():
        return None
    return Trimmed(start, end)


def date_apart(text: str, start: int, end: int) -> Trimmed | None:
    """`3. 4. 2025`, `17 / 05 / 2024`: no part of a longer number; no clause of a document."""
    if (start and text[start - 1] in "-/.") or days.in_a_version(text, start):
        return None
    return Trimmed(start, end)


_GOES_ON = re.compile(r"\s?[,;)-]|\s\d{1,2}[:.]\d\d|\s[a-z]|\s?$")
_NO_DOTTED = re.compile(r"(?i)\s(?:%|(?:to|and) \d+\.\d+\b(?!\.)|m?mol|mg|kg|g/|cm|mm|ml|l/|units?)")
_AROUND = 120  # characters on both sides that say whether a text is in small letters
_UNTIL = re.compile(r"(?i)\bto\s$")
_FROM_ONE = re.compile(r"(?i)\d\.\s?\d{1,2}\.\s?to\s$")
_LOOSE_LEAD = re.compile(r"(?i)\b(?:on|from|of|out|due|to)\s$")


def date_dotted(text: str, start: int, end: int) -> Trimmed | None:
    """`on 3. 4.`, `since 5.1. fever`: a day and its month, each with its dot; the sentence goes on behind them.

    `stable on 2.5. Then` is a decimal at the end of a sentence, and in small letters nobody knows where one ends.
    """
    if not _GOES_ON.match(text, end) or _NO_DOTTED.match(text, end):
        return None
    value, before = text[start:end], text[max(0, start - 16) : start]
    if _UNTIL.search(before) and not _FROM_ONE.search(before):
        return None
    if any(map(str.isspace, value)):
        return Trimmed(start, end)
    padded = value[0] == "0" or ".0" in value or int(value.partition(".")[0]) > 12
    if not padded and (text[max(0, start - _AROUND) : end + _AROUND].islower() or _LOOSE_LEAD.search(before)):
        return None
    goes_on = text[end : end + 2].strip()  # where nothing does, a decimal and a full stop are as likely
    return Trimmed(start, end) if goes_on else None


_CLOCKED = re.compile(
    r"(?i)(?:^|\n)\s{0,4}(?:[-*] )?$|[,;(]\s?$|\d\d:\d\d\s?h?,?\s$|"
    r"\b(?:\w{3,}(?:ed|en)|given|sent|drawn|done|seen|obs|entry|note|dose|on|from|since|until|till|dated?|due|last|next)\s$"
)


def date_clock(text: str, start: int, end: int) -> Trimmed | None:
    """`10.04 17:55`: a day and its month where something ends or happened before them; `Glucose 10.04 17:55` stays."""
    return Trimmed(start, end) if _CLOCKED.search(text, max(0, start - 24), start) else None


_NO_DAY_MONTH = re.compile(
    r"(?i)\.\d|\s?(?:mg|ml|mmhg|units?|tab)|\s(?:ratio|sets?|protocol|strips|split|hours?|rule|rounds?|care|coverage|supervision|support|monitoring|access)\b"
)


def date_day_month(text: str, start: int, end: int) -> Trimmed | None:
    """`seen 23/11`: the day first; no two pressures, no strength of two remedies, no hours of fasting."""
    if text[end : end + 1] in ("/", "%", "-") or _NO_DAY_MONTH.match(text, end):
        return None
    return None if days.are_settings(text, start, end) else Trimmed(start, end)


_DOSED = re.compile(r"\s?(?:units?|mg|mcg|ml|iu|u)\b", re.IGNORECASE)


def date_quarter(text: str, start: int, end: int) -> Trimmed | None:
    """`Q3 2022`; not `Q4 2000 units`."""
    return None if _DOSED.match(text, end) else Trimmed(start, end)


def date_ordinal(text: str, start: int, end: int) -> Trimmed | None:
    """`on the 7th`; not `on the 7th rib`, `for the 2nd time`, nor one of several toes that are being counted."""
    return Trimmed(start, end) if days.is_bare_day(text, start, end) else None


_MARK = re.compile(r"[,;:.)](?!\d)|\s?$")


_DATED = r"\d{4}|\d(?:st|nd|rd|th)\b|\d-"
_MAY_BE = re.compile(r"(?i)(?<=may)\s(?:be|have|not|need|require|also|cause|help|use|take)\b")


def date_words(text: str, start: int, end: int) -> Trimmed | None:
    """`may 2` is a verb and a number unless it is capitalised, has a year, or a mark stands behind it."""
    value = text[start:end]
    dated = re.search(r"\d{4}|\d(?:st|nd|rd|th)\b|\d-(?!\d)" if value[0].isdigit() else _DATED, value)
    verb = re.search(r"\bmay\b|\bmar\b|\bdec\b|\bmarch\b", value) and not dated
    if verb and not (value.startswith(("may", "march")) and _MARK.match(text, end)):
        return None
    if _MAY_BE.match(text, end):
        return None
    numbers = [int(number) for number in re.findall(r"(?<![\d:.])\d{1,2}(?![\d:])", value)]
    return Trimmed(start, end) if not numbers or min(numbers) <= 31 else None


_PAIN = re.compile(r"(?i)\b(?:pain|aches?|sore\w*|hurts?|discomfort|headache|severity)\b[^.;\n]{0,40}$")
_SPAN = re.compile(
    r"(?i)\s?(?:days?|d\b|weeks?|wks?|months?|mos?\b|years?|yrs?|hours?|hrs?|h\b|min\w*|sec\w*|s\b|times|x\b|"
    r"cm|mm|mg|ml|g\b|"
    r"tabs?|puffs?|points?|l\b|lit\w+|visits|sessions|doses|drinks|beers|cigs?|packs?|steps|feet|ft|lbs?|kg|hz|"
    r"%|/|system|people|beats)"
)


def month_day(text: str, start: int, end: int) -> Trimmed | None:
    """Not a fraction, a strength, a murmur or a score; no span of days or milligrams."""
    if "-" in text[start:end]:
        return None if _SPAN.match(text, end) else Trimmed(start, end)
    if explains_fraction(text, start, end, behind=True):
        return None
    if happened(text, start, end):
        return Trimmed(start, end)
    if _LISTED.search(text, max(0, start - 12), start) and scored_before(text, start, end):
        return None
    if text[start:end].endswith("/10") and _PAIN.search(text, max(0, start - 60), start):
        return None
    after = text[end : end + 24].lower()
    if re.match(
        r"\s*(?:/\d|strength|murmur|motor|tablet|tab\b|cup|inch|mile|dose|of (?:the|a)|systolic|"
        r"diastolic|pain|in all|bilat|pulses|reflex|scale|mg|ml|%)",
        after,
    ):
        return None
    return Trimmed(start, end)


def month_year(text: str, start: int, end: int) -> Trimmed | None:
    """`since 9/93`: a month and a year of two digits, no pressure and no acuity."""
    before = text[max(0, start - 24) : start].lower()
    if re.search(r"\b(?:bp|pressure|vision|acuity|va|o[dsu]|sve|dilated|ratio|from \d+/\d+ to)\b", before):
        return None
    return None if explains_fraction(text, start, end, behind=True) else Trimmed(start, end)


_FULL = re.compile(
    r"\b(1[0-2]|0?[1-9])/(?:[12]\d|3[01]|0?[1-9])/(?:\d{4}|\d{2})\b|\b(?:19|20)\d\d-(1[0-2]|0[1-9])-\d\d\b|"
    r"(?<![\d/.])(1[0-2]|0?[1-9])/(?:1[3-9]|2[1-9]|3[01])\b(?![/.]?\d)",
    re.ASCII,
)
_REACH = 1500  # characters on both sides in which another date tells the month
_AFTER_DATE = re.compile(
    r"(?i)\s?(?:@|at|by|with|w/|per|from|am\b|pm\b)|[,)]?\s?Dr\b|\s\d{1,2}:\d\d|\s[012]\d[0-5]\d\b(?!\s?(?:mg|ml))"
)
_BEFORE_DATE = re.compile(
    r"(?i)(?:[012]\d[0-5]\d|\d:\d\d(?:\s?[ap]m)?)\s$|\b\d{1,4}(?:\.\d{1,2})?\s\(?$|\b\w{4,}(?:ed|ing)\s$"
)


_TIMED = re.compile(r"(?i)\s(?:in the )?(?:morning|afternoon|evening|overnight)\b|\s?@\s?\d|\s\d{1,2}:\d\d\b")
_DAY_BEFORE = re.compile(
    r"(?i)\b(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?|midnight|mn|noon)\s$"
)
_BOUND = re.compile(  # `target <= 12/15`, `Clinimix E 5/15 @ 63`, `38 1/7 weeks`: nothing behind it makes these days
    r"(?i)[<>]=?\s?$|\b(?:targets?|goals?|iop|keep|max|under)\s\xa4\s?$|\b(?:clinimix|kabiven|prosol|travasol)\s(?:[a-z]\s)?$"
)
_LISTED = re.compile(r"\b(\d{1,2})/\d{1,2}(?:,| and| &)\s(?:and )?$", re.ASCII)


def _month_nearby(text: str, start: int, end: int, month: int) -> bool:
    """Whether another date within reach is of the same month, the one before or the one after."""
    for near in _FULL.finditer(text, max(0, start - _REACH), min(len(text), end + _REACH)):
        if near.start() <= start < near.end():
            continue
        other = int(near[1] or near[2] or near[3])
        if (other - month) % 12 in (0, 1, 11):
            return True
    return False


def date_slash(text: str, start: int, end: int) -> Trimmed | None:
    """A month and a day that nothing else explains (masking.explained); what could be a score needs evidence.

    A score is no more than its whole: `9/6` is a date. `4/5` is one where the note's other dates are of that month, a
    time follows, or what happened then stands before it.
    """
    before = text[max(0, start - 16) : start]
    if _BOUND.search(before):
        return None
    if _TIMED.match(text, end) or _DAY_BEFORE.search(before) or happened(text, start, end):
        return Trimmed(start, end)
    if explains_fraction(text, start, end) or scored_before(text, start, end):
        return None
    month, day = map(int, text[start:end].split("/"))
    if month > day or day not in days.WHOLES:
        return Trimmed(start, end)
    if month == day and day in (1, 2, 3, 4, 5, 10):  # a full score, but in a list of that month's days
        last = _LISTED.search(before)
        if last is None or int(last[1]) != month or not _month_nearby(text, start, end, month):
            return None
    if _AFTER_DATE.match(text, end) or _BEFORE_DATE.search(before):
        return Trimmed(start, end)
    if text[start:end] in days.SHARES and before[-1:] != "(":
        return None
    return Trimmed(start, end) if _month_nearby(text, start, end, month) else None


_FEVER = re.compile(
    r"(?i)\b(?:t|tmax|temp\w*|fever\w*|febrile|over|above|under|below|than|to|hr|pulse|degrees)\W{0,3}(?:of|is|"
    r"was|to|over|at)?\s?$"
)


def age_context(text: str, start: int, end: int) -> Trimmed | None:
    """90 and over, said to be years."""
    value = text[start:end].lower()
    if _FEVER.search(text[max(0, start - 24) : start]):
        return None
    if re.search(r"[a-z]", value):
        return alone(text, start, end) if not re.search(r"\d$", value) else None
    after = text[end : end + 16].lower()
    return (
        Trimmed(start, end)
        if re.match(r"\s?-?\s?(?:[mf]\b|(?:wm|wf|bm|bf|male|female)\b|years? of age)", after)
        else None
    )


_NOT_BIRTHDAY = re.compile(
    r"(?i)\s?(?:%|percent|centile|st\b|street|ave|avenue|floor|infantry|airborne|regiment|day|visit|minute)"
)
_BIRTHDAY = re.compile(r"(?i)\s?(?:b-?day|birthday|year of life|year\b)")
_NO_AGE = re.compile(
    r"(?i)\s?(?:%|/|\.\d|\u00b0|degrees|bpm|kg|lbs?|mg|ml|mm|cm|units?|feet|ft|minutes?|min|days?|hours?|"
    r"weeks?|beats|f\b|c\b|on\b|ra\b)|[-:]\d"
)


def age_ordinal(text: str, start: int, end: int) -> Trimmed | None:
    """`my 95th`, `95th birthday`: no percentile, street or regiment."""
    if _NOT_BIRTHDAY.match(text, end):
        return None
    if _BIRTHDAY.match(text, end) or re.search(r"(?i)\b(?:my|his|her|their|'s)\s$", text[max(0, start - 8) : start]):
        return Trimmed(start, end)
    return None


def age_said(text: str, start: int, end: int) -> Trimmed | None:
    """A number said of a person: no measure follows."""
    return None if _NO_AGE.match(text, end) else Trimmed(start, end)


def date_range(text: str, start: int, end: int) -> Trimmed | None:
    """`3/5-3/9`; no range of scores, levels or shares."""
    return None if days.are_scores(text, start, end) else Trimmed(start, end)
