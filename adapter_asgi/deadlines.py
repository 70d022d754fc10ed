"""The same patience with many things: one timer for all of them, because most are done long before.

Strategy: all wait equally long, so they run out in the order in which they began. The one timer is set for the oldest;
when it fires, whoever is late is told, and it is set for the oldest that is left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["Deadlines"]


class Deadlines:
    """Calls back after `seconds` whoever has not ended by then. For one loop."""

    __slots__ = ("_open", "_seconds", "_timer")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._open: dict[object, tuple[float, Callable[[], object]]] = {}  # oldest first
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, late: Callable[[], object]) -> object:
        """From now on `late` is called in `seconds`, unless what this gives is handed to `end` before."""
        mark = object()
        loop = asyncio.get_running_loop()
        due = loop.time() + self._seconds
        self._open[mark] = (due, late)
        if self._timer is None:
            self._timer = loop.call_at(due, self._look)
        return mark

    def end(self, mark: object) -> None:
        """It is done. A second time is nothing."""
        self._open.pop(mark, None)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        now, overdue = loop.time(), []
        self._timer = None
        while self._open:
            mark = next(iter(self._open))
            due, late = self._open[mark]
            if due > now:
                self._timer = loop.call_at(due, self._look)
                break
            del self._open[mark]
            overdue.append(late)
        for late in overdue:
            late()
