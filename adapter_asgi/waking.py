"""Waiting in an event loop for what another thread makes durable, at one wake-up for all that becomes so in a row.

Strategy: the thread appends to a queue and asks the loop to look only if nobody has asked yet. The loop takes back that
it was asked before it looks, so whatever is appended later asks anew: a waiter may be looked for twice, never missed.
What is waited for is a `Durable`, no `Future`: the recorder's thread tells it, one coroutine waits, and neither needs a
lock.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress

import recorder

__all__ = ["Durable", "Waking"]


class Waking:
    """Makes what the coroutines of one loop wait for."""

    __slots__ = ("_asked", "_ready")

    def __init__(self) -> None:
        self._ready: deque[asyncio.Future[None]] = deque()
        self._asked = False

    def expect(self, entries: int) -> Durable:
        """The outcome of this many entries (one or more), to be submitted with it."""
        return Durable(self, entries)

    def tell(self, waiter: asyncio.Future[None]) -> None:
        """Wake who waits for it; from any thread."""
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


class Durable:
    """What becomes of several entries: the recorder's `Outcome`, waited for by one coroutine.

    Strategy: the thread marks the end before it looks for a waiter, and the coroutine looks for the end after it has
    become one. Whichever comes second sees the other.
    """

    __slots__ = ("_ended", "_error", "_left", "_receipts", "_waiter", "_waking")

    def __init__(self, waking: Waking, entries: int) -> None:
        self._waking, self._left = waking, entries
        self._receipts: list[recorder.Receipt] = []
        self._error: BaseException | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._ended = False

    def set_result(self, receipt: recorder.Receipt, /) -> None:
        """One entry more is durable. In the recorder's thread."""
        self._receipts.append(receipt)
        self._left -= 1
        if not self._left and not self._ended:
            self._end()

    def set_exception(self, error: BaseException, /) -> None:
        """One entry could not be recorded: that is the outcome of all. In the recorder's thread."""
        if not self._ended:
            self._error = error
            self._end()

    def _end(self) -> None:
        self._ended = True
        waiter = self._waiter
        if waiter is not None:
            self._waking.tell(waiter)

    async def wait(self) -> list[recorder.Receipt]:
        """The receipts of all entries, in order. Raises what the first that failed did. Giving up changes nothing."""
        if not self._ended:
            self._waiter = asyncio.get_running_loop().create_future()
            if not self._ended:
                await self._waiter
        if self._error is not None:
            raise self._error
        return self._receipts
