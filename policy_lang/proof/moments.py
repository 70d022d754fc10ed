"""Moments that stand for all others, under the windows of a policy's clock conditions.

Strategy: in one time zone every minute of the week comes up, so a minute for each way of being in or out of the windows
is enough. Several zones move against each other: moments of a year are tried, and every other combination of what the
zones say is kept as one that may or may not come up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, TypeAlias

from policy_lang.automaton import TooLargeError
from policy_lang.formula import FALSE, TRUE, UNSURE, Clock, Truth

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
    for moment in _tried(clocks, zones):
        found.setdefault(_truths(clocks, moment), moment)
    for combined in _combined(clocks, zones):
        found.setdefault(combined, None)
        if len(found) > _MOST:
            raise TooLargeError
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


def _tried(clocks: Sequence[Clock], zones: Sequence[str]) -> Iterator[datetime]:
    """Where something begins, in the weeks of a year, in each zone."""
    from zoneinfo import ZoneInfo

    for name in zones:
        minutes = _minutes([clock for clock in clocks if clock.zone == name])
        zone = ZoneInfo(name)
        for week in range(0, _WEEKS, 1 if len(minutes) < 20 else 9):
            for minute in minutes:
                yield (_START + timedelta(weeks=week, minutes=minute)).replace(tzinfo=zone).astimezone(UTC)


def _combined(clocks: Sequence[Clock], zones: Sequence[str]) -> Iterator[tuple[Truth, ...]]:
    """Every combination of what each zone's week can say."""
    choices = []
    for zone in zones:
        own = [clock for clock in clocks if clock.zone == zone]
        choices.append([dict(zip(own, truths, strict=True)) for truths in {_at(own, m) for m in _minutes(own)}])
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > _MOST:
        raise TooLargeError
    for chosen in product(*choices):
        said = {clock: truth for part in chosen for clock, truth in part.items()}
        yield tuple(said.get(clock, UNSURE) for clock in clocks)
