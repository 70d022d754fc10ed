"""A time limit that costs nothing where there is nothing to wait for.

Strategy: the coroutine is begun at once; a timer is set only if it has to wait. What it then waits for is handed on to
the event loop as if it had been awaited from the beginning.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any, Generic, TypeVar

__all__ = ["promptly"]

T = TypeVar("T")


async def promptly(work: Coroutine[Any, Any, T], seconds: float) -> T:
    """What `work` returns or raises; TimeoutError where it takes longer than `seconds`."""
    try:
        waits_for = work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    async with asyncio.timeout(seconds):
        return await _Rest(work, waits_for)


class _Rest(Generic[T]):
    """A coroutine that was begun, and the first thing that it waits for."""

    __slots__ = ("_waits_for", "_work")

    def __init__(self, work: Coroutine[Any, Any, T], waits_for: Any) -> None:
        self._work, self._waits_for = work, waits_for

    def __await__(self) -> Generator[Any, Any, T]:
        waits_for = self._waits_for
        try:
            while True:
                try:
                    sent = yield waits_for
                except BaseException as error:  # noqa: BLE001 - handed on to the coroutine, which raises it
                    waits_for = self._work.throw(error)
                else:
                    waits_for = self._work.send(sent)
        except StopIteration as done:
            result: T = done.value
            return result
