"""Checks of dates and ages."""

from __future__ import annotations

import re

from masking import dates

from .trimmed import Trimmed, alone


def date(text: str, start: int, end: int) -> Trimmed | None:
    """A calendar date; a plausible one only when it stands as digits alone."""
    value = text[start:end]
    head = re.match(r"\d{4}[-/.]?\d{1,2}[-/.]?\d{1,2}", value)
    return Trimmed(start, end) if head and dates.parse(head[0]) and (not start or text[start - 1] not in "-.") else None


_SECTION = re.compile(
    r"(?i)\b(?:policy|section|sec|version|ver|v|rev|release|guideline|chapter|clause|rule|item|art)\.?\s$"
)


def date_numeric(text: str, start: int, end: int) -> Trimmed | None:
    """Day and month in range, one separator throughout."""
    value = text[start:end]
    head = re.search(r"(\d{1,2})([-/.])(\d{1,2})([-/.])'?(\d{2,4})", value)
    if head is None or head[2] != head[4] or (start and (text[start - 1] in "-/.")):
        return None
    if head[2] == "." and _SECTION.search(text, max(0, start - 16), start):
        return None
    first, second = int(head[1]), int(head[3])
    if not (1 <= min(first, second) <= 12 and 1 <= max(first, second) <= 31):
        return None
    if head[2] == "." and len(head[5]) == 2 and start and text[start - 1].isalpha():
        return None
    return Trimmed(start, end)


def date_words(text: str, start: int, end: int) -> Trimmed | None:
    """`may 2` is a verb and a number unless it is capitalised or has a year."""
    value = text[start:end]
    if re.search(r"\bmay\b|\bmar\b|\bdec\b|\bmarch\b", value) and not re.search(r"\d{4}|(?:st|nd|rd|th)\b|\d-", value):
        return None
    numbers = [int(number) for number in re.findall(r"(?<![\d:.])\d{1,2}(?![\d:])", value)]
    return Trimmed(start, end) if not numbers or min(numbers) <= 31 else None


def month_day(text: str, start: int, end: int) -> Trimmed | None:
    """Not a fraction, a strength, a murmur or a score."""
    after = text[end : end + 24].lower()
    if re.match(
        r"\s*(?:/\d|strength|murmur|motor|tablet|tab\b|cup|inch|mile|dose|of (?:the|a)|systolic|"
        r"diastolic|pain|in all|bilat|pulses|reflex|scale|mg|ml|%)",
        after,
    ):
        return None
    return Trimmed(start, end)


_SCORED = re.compile(
    r"(?i)(?:scores?|scale|gcs|mmse|moca|slums|phq\S*|gad\S*|tinetti|berg|strength|motor|power|pain|apgars?|day|dose|cycle|wk|"
    r"weeks?|visit|session|step|stage|grade|rated?|rates?|vision|va|o[sdu]|reflex\w*|pulses|murmur|sensation|monofilament|nodes?|"
    r"lns?|cores?|teeth|bottles|tablets?|ppd|about|only|ate|took|of|in|eaten|correct|recall\w*|braden|morse|aldrete|steward|"
    r"ranson|bishop|mayo|hamd?|ham-[da]|ymrs|adas|fim|barthel|katz|adls?)\s?(?:is|was|of|at|a|now|to|score|[:=-])?\s?$"
)


def date_slash(text: str, start: int, end: int) -> Trimmed | None:
    """A month and a day that is a score's whole only rarely; not after a score's name, not inside a longer number."""
    before, after = text[max(0, start - 24) : start], text[end : end + 24].lower()
    if re.search(r"[\w.,/+-]$", before) or re.match(r"[/.\d-]\d|[a-z%]", after) or _SCORED.search(before):
        return None
    if re.match(
        r"\s?(?:nodes?|lns?\b|lymph|cores|bottles|tab|inch|mile|weeks?|days|doses|sessions|points|teeth|correct|on )",
        after,
    ):
        return None
    return month_day(text, start, end)


def age_context(text: str, start: int, end: int) -> Trimmed | None:
    """90 and over, said to be years."""
    value = text[start:end].lower()
    if re.search(r"[a-z]", value):
        return alone(text, start, end) if not re.search(r"\d$", value) else None
    after = text[end : end + 16].lower()
    return (
        Trimmed(start, end)
        if re.match(r"\s?-?\s?(?:[mf]\b|(?:wm|wf|bm|bf|male|female)\b|years? of age)", after)
        else None
    )
