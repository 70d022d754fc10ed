"""Windows of the week: `"Mon-Fri 09:00-17:00"`, `"22:00-06:00"`, in minutes since Monday 00:00."""

from __future__ import annotations

import re
from functools import cache

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 24 * 60
_WINDOW = re.compile(r"(?:([A-Za-z,\- ]+?)\s+)?(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)")
_DAYS_ONLY = re.compile(r"[A-Za-z]{3}(?:\s*[-,]\s*[A-Za-z]{3})*")


class NotAWindowError(ValueError):
    """The text is no window; the message says why."""


def windows_of(text: str) -> list[tuple[int, int]]:
    """One `(start, end)` for each day; past midnight it belongs to the day it starts on. Raises NotAWindowError."""
    text = text.strip()
    if _DAYS_ONLY.fullmatch(text):
        return [(day * _DAY, (day + 1) * _DAY) for day in _days(text)]
    match = _WINDOW.fullmatch(text)
    if not match:
        raise NotAWindowError("days and times were expected")
    days, *numbers = match.groups()
    hour, minute, to_hour, to_minute = map(int, numbers)
    start, end = hour * 60 + minute, to_hour * 60 + to_minute
    if minute > 59 or to_minute > 59 or start >= _DAY or end > _DAY:
        raise NotAWindowError("a day has the times 00:00 to 24:00")
    if start == end:
        raise NotAWindowError("it is empty; for a whole day write 00:00-24:00")
    length = end - start if end > start else end - start + _DAY
    return [(day * _DAY + start, day * _DAY + start + length) for day in _days(days or "Mon-Sun")]


def _days(text: str) -> list[int]:
    days: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        start, end = _day(first), _day(last if dash else first)
        days |= {day % 7 for day in range(start, end + 1 if end >= start else end + 8)}
    return sorted(days)


def _day(text: str) -> int:
    try:
        return _DAYS.index(text.strip().lower())
    except ValueError:
        raise NotAWindowError(f'"{text.strip()}" is not a day; days are Mon Tue Wed Thu Fri Sat Sun') from None


@cache
def known_zone(name: str) -> bool:
    """Whether this machine knows the time zone."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
