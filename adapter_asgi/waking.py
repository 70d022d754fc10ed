"""Waiting in an event loop for what another thread completes, at one wake-up for all that it completes in a row.

Strategy: the thread appends to a queue and asks the loop to look only if nobody has asked yet. The loop takes back that
it was asked before it looks, so whatever is appended later asks anew: a waiter may be looked for twice, never missed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from typing import TypeVar

__all__ = ["Waking"]

T = TypeVar("T")


class Waking:
    """`wait` for futures of other threads; for the coroutines of one loop."""

    __slots__ = ("_asked", "_ready")

    def __init__(self) -> None:
        self._ready: deque[asyncio.Future[None]] = deque()
        self._asked = False

    async def wait(self, future: Future[T]) -> T:
        """The future's result, or what it raises. Giving up on the wait leaves the future alone."""
        if not future.done():
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            future.add_done_callback(lambda _: self._done(waiter))
            await waiter
        return future.result()

    def _done(self, waiter: asyncio.Future[None]) -> None:
        """In whatever thread completed the future."""
        self._ready.append(waiter)
        if not self._asked:
            self._asked = True
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                waiter.get_loop().call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._asked = False
        ready = self._ready
        while ready:
            waiter = ready.popleft()
            if not waiter.done():
                waiter.set_result(None)
