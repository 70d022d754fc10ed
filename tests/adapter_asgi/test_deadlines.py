"""One timer for all who wait equally long. The loop's clock is the test's."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapter_asgi.deadlines import Deadlines


class Clock:
    """A loop whose time stands still until it is told, with the timers that were set."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timers: list[tuple[float, Any]] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Any) -> object:
        self.timers.append((when, callback))
        return object()

    def reach(self, now: float) -> None:
        self.now = now
        due = [timer for timer in self.timers if timer[0] <= now]
        self.timers = [timer for timer in self.timers if timer[0] > now]
        for _, callback in due:
            callback()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: made)
    return made


def test_the_late_ones_are_told_in_order_and_the_others_are_not(clock: Clock) -> None:
    told: list[str] = []
    deadlines = Deadlines(10.0)
    deadlines.begin(lambda: told.append("a"))
    clock.now = 103.0
    early = deadlines.begin(lambda: told.append("b"))
    deadlines.begin(lambda: told.append("c"))
    clock.now = 109.0
    deadlines.begin(lambda: told.append("d"))
    deadlines.end(early)
    deadlines.end(early)
    assert len(clock.timers) == 1
    clock.reach(110.0)
    assert told == ["a"]
    clock.reach(118.9)
    assert told == ["a", "c"]
    clock.reach(119.0)
    assert told == ["a", "c", "d"]
    assert clock.timers == []


def test_one_timer_serves_any_number_that_end_in_time(clock: Clock) -> None:
    deadlines = Deadlines(10.0)
    for _ in range(1_000):
        deadlines.end(deadlines.begin(lambda: pytest.fail("it was not late")))
    assert len(clock.timers) == 1
    clock.reach(110.0)
    assert clock.timers == []
    deadlines.begin(lambda: None)
    assert [when for when, _ in clock.timers] == [120.0]


def test_who_is_told_may_begin_anew(clock: Clock) -> None:
    deadlines = Deadlines(10.0)
    told: list[int] = []

    def again() -> None:
        told.append(1)
        deadlines.begin(lambda: told.append(2))

    deadlines.begin(again)
    clock.reach(110.0)
    clock.reach(120.0)
    assert told == [1, 2]
