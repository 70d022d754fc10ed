"""Dates as people and systems write them: read one, keep its year, or move it by days in the shape it came in.

Strategy: one table of shapes. Each shape is a regular expression with named parts; what it captured says how to
write it back, so a shifted date keeps its order, separators, width and time of day.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_MONTH = r"(?P<name>[A-Za-z]{3,9})\.?"
_DAY = r"(?P<day>\d{1,2})(?P<nth>st|nd|rd|th)?"
_TIME = (  # nothing else may stand behind a day that is moved: what stands there is left as it is
    r"(?P<rest>(?:T|,?\s{1,3}|,|\s{1,3}at\s{1,3}|\s{0,3}@\s{0,3})(?:[01]?\d|2[0-4])(?::?[0-5]\d){0,2}(?:[.,]\d{1,9})?"
    r"(?:\s?[ap]\.?m\.?|\s?h(?:rs?|ours)?\.?)?(?:\s?(?:Z|UTC|GMT|[ECMP][SD]T|[+-]\d{2}:?\d{2}))?)?"
)
_SHAPES = tuple(
    re.compile(shape, re.IGNORECASE)
    for shape in (
        r"(?P<year>\d{4})(?P<s1>[-/.])(?P<month>\d{1,2})(?P<s2>[-/.])(?P<day>\d{1,2})" + _TIME,
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?P<rest>T?\d{2,6}(?:\.\d+)?(?:[+-]\d{4}|Z)?)?",
        r"(?P<first>\d{1,2})(?P<s1>[-/. ])(?P<second>\d{1,2})(?P<s2>[-/. ])(?P<year>\d{4}|'?\d{2})" + _TIME,
        r"(?P<first>\d{1,2})(?P<s1>\s?/\s?)(?P<second>\d{1,2})(?P<s2>\s?/\s?)(?P<year>\d{4})" + _TIME,
        r"(?P<day>\d{1,2})(?P<s1>\s?\.\s?)(?P<month>\d{1,2})(?P<s2>\s?\.\s?)(?P<year>\d{4})" + _TIME,
        _DAY + r"(?P<s1>[-/ .]|\s+of\s+)" + _MONTH + r"(?P<s2>[-/ .,]{1,2})(?P<year>\d{4}|'?\d{2})" + _TIME,
        _MONTH + r"(?P<s1>[ -]{1,2})" + _DAY + r"(?P<s2>,?\s+|-)(?P<year>\d{4})" + _TIME,
        r"(?P<year>\d{4})(?P<s1>[- ])" + _MONTH + r"(?P<s2>[- ])" + _DAY,
    )
)
_YEAR = re.compile(r"(?<!\d)(?<!\d{3}-\d\d-)(1[89]\d\d|20\d\d|21\d\d)(?!\d)")
_ISO_LIKE = re.compile(r"\d{4}-\d{2}(?:-\d{2}(?:[T ].*)?)?")
_EPOCH = ((1e8, 5e9, 1.0), (1e11, 5e12, 1e-3))


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """A date read from text, with the match that says how to write it again."""

    date: dt.date
    match: re.Match[str]
    month_first: bool


def _year(text: str) -> int:
    digits = text.lstrip("'")
    year = int(digits)
    if len(digits) > 2:
        return year
    return 2000 + year if year < 50 else 1900 + year


def month_number(name: str) -> int:
    """1-12, or 0 when `name` is no month's name or abbreviation."""
    lowered = name.lower()
    if lowered == "sept":
        return 9
    if len(lowered) < 3:
        return 0
    return next((i for i, month in enumerate(MONTHS, 1) if month.startswith(lowered)), 0)


def _safe_date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def parse(text: str) -> ParsedDate | None:
    """Read `text` as one whole date with day, month and year; None when it is not one."""
    stripped = text.strip()
    for shape in _SHAPES:
        match = shape.fullmatch(stripped)
        if match is None:
            continue
        parts = match.groupdict()
        year = _year(parts["year"])
        if "first" in parts:
            first, second = int(parts["first"]), int(parts["second"])
            found = _safe_date(year, first, second)
            if found is not None:
                return ParsedDate(found, match, True)
            found = _safe_date(year, second, first)
        else:
            month = month_number(parts["name"]) if "name" in parts else int(parts["month"])
            found = _safe_date(year, month, int(parts["day"])) if month else None
        if found is not None:
            return ParsedDate(found, match, False)
    return None


def year_of(text: str) -> str | None:
    """The four-digit year in `text`, if it says one."""
    parsed = parse(text)
    if parsed is not None:
        return str(parsed.date.year)
    found = _YEAR.search(text)
    if found:
        return found[1]
    return text[:4] if _ISO_LIKE.fullmatch(text) else None


def shift(text: str, days: int) -> str | None:
    """`text` moved by `days`, in the shape it came in; None when it cannot be read."""
    parsed = parse(text)
    if parsed is None:
        return None
    try:
        moved = parsed.date + dt.timedelta(days=days)
    except OverflowError:
        return None
    match = parsed.match
    parts = match.groupdict()
    out, cursor = [], 0
    for name in sorted((n for n in parts if parts[n] is not None), key=match.start):
        out.append(match.string[cursor : match.start(name)])
        out.append(_rewrite(name, parts[name], moved, parsed.month_first))
        cursor = match.end(name)
    return "".join(out) + match.string[cursor:]


def _rewrite(part: str, was: str, moved: dt.date, month_first: bool) -> str:
    if part == "year":
        if len(was) == 4:
            return f"{moved.year:04d}"
        return ("'" if was[0] == "'" else "") + f"{moved.year % 100:02d}"
    if part == "name":
        return _month_like(was, moved.month)
    if part == "nth":
        return "th" if 10 <= moved.day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(moved.day % 10, "th")
    if part in ("s1", "s2", "rest"):
        return was
    is_month = part == "month" or (part == "first" and month_first) or (part == "second" and not month_first)
    number = moved.month if is_month else moved.day
    return f"{number:02d}" if len(was) == 2 else str(number)


def _month_like(was: str, month: int) -> str:
    full = MONTHS[month - 1]
    name = full[:3] if len(was) <= 4 and was.lower() not in MONTHS else full
    if was.isupper():
        return name.upper()
    return name.capitalize() if was[0].isupper() else name


def shift_epoch(value: float, days: int) -> float | None:
    """An epoch in seconds or milliseconds moved by `days`; None when `value` is no plausible epoch."""
    for low, high, scale in _EPOCH:
        if low <= abs(value) <= high:
            return value + days * 86_400 / scale
    return None


def epoch_year(value: float) -> int | None:
    """The year of an epoch in seconds or milliseconds; None when `value` is no plausible epoch."""
    for low, high, scale in _EPOCH:
        if low <= abs(value) <= high:
            return (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=value * scale)).year
    return None
