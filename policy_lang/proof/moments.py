"""Moments that stand for all others, under the windows of a policy's clock conditions.

Strategy: in one time zone every minute of the week comes up, so a minute for each way of being in or out of the windows
is enough. Several zones move against each other: with each combination of offsets that they ever have (zones.py) a week
is gone through. What seems to come up only in a combination that holds for hours, and was not found there, is kept
as possible.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from policy_lang.automaton import TooLargeError
from policy_lang.formula import FALSE, TRUE, Clock, Truth
from policy_lang.proof.zones import Run, runs

if TYPE_CHECKING:
    from policy_lang.evaluate import Check

_WEEK = 7 * 1440
_START = datetime(2026, 11, 23)  # noqa: DTZ001 - a Monday, local in whichever zone is asked
_MOST = 400
_WEEKS = 53

Moment: TypeAlias = tuple["datetime | None", tuple[Truth, ...]]  # None where no moment is known


def moments(clocks: Sequence[Clock]) -> list[Moment]:
    """Moments with the truth of each clock condition; an unknown time is not among them."""
    zones = list(dict.fromkeys(clock.zone for clock in clocks))
    if len(zones) == 1:
        return _of_one_zone(clocks)
    found: dict[tuple[Truth, ...], datetime | None] = {}
    for offsets, run in runs(zones).items():
        for second, truths in _week(clocks, dict(zip(zones, offsets, strict=True))):
            if found.get(truths) is None:
                found[truths] = _within(run, second, clocks, truths)
        if len(found) > _MOST:
            raise TooLargeError
    for moment in _ends():
        found.setdefault(_truths(clocks, moment), moment)
    return [(moment, truths) for truths, moment in found.items()]


def _of_one_zone(clocks: Sequence[Clock]) -> list[Moment]:
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(clocks[0].zone)
    out: dict[tuple[Truth, ...], datetime | None] = {}
    for minute in _minutes(clocks):
        truths = _at(clocks, minute)
        if out.get(truths) is not None:
            continue
        moment = None
        for week in range(_WEEKS):
            local = _START + timedelta(weeks=week, minutes=minute)
            tried = local.replace(tzinfo=zone).astimezone(UTC)
            if _truths(clocks, tried) == truths:
                moment = tried
                break
        out[truths] = moment
    return [(moment, truths) for truths, moment in out.items()]


def _minutes(clocks: Sequence[Clock]) -> list[int]:
    """Where something begins or ends in the week."""
    cuts = {0}
    for clock in clocks:
        cuts |= {edge % _WEEK for window in clock.windows for edge in window}
    return sorted(cuts)


def _at(clocks: Sequence[Clock], minute: int) -> tuple[Truth, ...]:
    return tuple(
        TRUE if any(s <= minute < e or s <= minute + _WEEK < e for s, e in clock.windows) else FALSE for clock in clocks
    )


def _truths(clocks: Sequence[Clock], moment: datetime) -> tuple[Truth, ...]:
    return tuple(_check(clock)((), {}, moment) for clock in clocks)


@lru_cache(maxsize=512)
def _check(clock: Clock) -> Check:
    from policy_lang.evaluate import compiled

    return compiled(clock)


def _week(clocks: Sequence[Clock], offsets: Mapping[str, int]) -> Iterator[tuple[int, tuple[Truth, ...]]]:
    """Seconds of a week in UTC, from Monday on, where something begins or ends, and what is true from there on."""
    cuts = {0}
    for clock in clocks:
        cuts |= {(edge * 60 - offsets[clock.zone]) % (_WEEK * 60) for window in clock.windows for edge in window}
    for second in sorted(cuts):
        minutes = {zone: (second + offset) // 60 % _WEEK for zone, offset in offsets.items()}
        yield second, tuple(_at([clock], minutes[clock.zone])[0] for clock in clocks)


def _within(run: Run, second: int, clocks: Sequence[Clock], truths: tuple[Truth, ...]) -> datetime | None:
    """That second of some week in a run, confirmed; None where the run is too short for it."""
    start, _ = run
    since_monday = start.weekday() * 86_400
    moment = start + timedelta(seconds=(second - since_monday) % (_WEEK * 60))
    return moment if _truths(clocks, moment) == truths else None


def _ends() -> Iterator[datetime]:
    """The first and last hours of the calendar, in which some zones have no time any more."""
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC, second=0, microsecond=0)
    for minute in range(26 * 60):
        yield first + timedelta(minutes=minute)
        yield last - timedelta(minutes=minute)
