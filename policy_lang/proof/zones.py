"""How time zones stand to each other: every combination of offsets from UTC that they have had or will have at once.

Strategy: a zone's offset is looked up day by day, from before any zone had a standard time to after the last transition
that the time zone database lists (Morocco's, in 2087); beyond these, offsets stay or repeat by the year's rule. No
zone changes twice within two days, so what several can be at within a day is what each is at its start or end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import product

__all__ = ["Run", "runs"]

_FIRST, _LAST = datetime(1830, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_DAYS = (_LAST - _FIRST).days
_TODAY = (datetime(2027, 1, 1, tzinfo=UTC) - _FIRST).days
_WEEK = 7

Run = tuple[datetime, int]  # the start of a day, and for how many days from there nothing changes


@lru_cache(maxsize=64)
def _changes(zone: str) -> tuple[tuple[int, int], ...]:
    """Days, counted from the first, at whose start the offset in seconds is another than the day before."""
    from zoneinfo import ZoneInfo

    info = ZoneInfo(zone)
    out: list[tuple[int, int]] = []
    known = None
    for day in range(_DAYS + 1):
        offset = (_FIRST + timedelta(day)).astimezone(info).utcoffset()
        if offset != known and offset is not None:
            known = offset
            out.append((day, int(offset.total_seconds())))
    return tuple(out)


def runs(zones: Sequence[str]) -> dict[tuple[int, ...], Run]:
    """Every combination of offsets (in seconds, by zone), with a time when it holds: of a week or more where there is
    one, and near to today's. Of a combination that holds within a day only, that day.
    """
    found: dict[tuple[int, ...], Run] = {}
    before: tuple[int, ...] | None = None
    for start, end, offsets in _spans([_changes(zone) for zone in zones]):
        if before is not None:  # in the day before `start` one of them changed: all that lies between
            for mixed in product(*(dict.fromkeys(pair) for pair in zip(before, offsets, strict=True))):
                _keep(found, mixed, start - 1, 1)
        _keep(found, offsets, start, end - start)
        before = offsets
    return found


def _keep(found: dict[tuple[int, ...], Run], offsets: tuple[int, ...], start: int, days: int) -> None:
    known = found.get(offsets)
    is_long = known is not None and known[1] >= _WEEK
    if known is None or (start <= _TODAY and (days >= _WEEK) >= is_long) or (days >= _WEEK and not is_long):
        found[offsets] = (_FIRST + timedelta(start), days)


def _spans(changes: Sequence[Sequence[tuple[int, int]]]) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """From day to day (the end is not in it), and the offsets at the start of each."""
    days = sorted({day for own in changes for day, _ in own})
    at = [0] * len(changes)
    for number, day in enumerate(days):
        for zone, own in enumerate(changes):
            while at[zone] + 1 < len(own) and own[at[zone] + 1][0] <= day:
                at[zone] += 1
        end = days[number + 1] - 1 if number + 1 < len(days) else _DAYS
        yield day, max(day, end), tuple(own[at[zone]][1] for zone, own in enumerate(changes))
