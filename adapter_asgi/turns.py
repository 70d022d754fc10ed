"""Large messages are masked in a thread, so that nobody else is held up; within a session everybody takes turns.

Strategy: an exchange, its session and the session's masks are used by one thread at a time. While a thread is at work
in a session, every other event of that session waits for it: the session learns and masks in the same order as if there
were no threads. What is small, which is nearly everything, is done at once in the loop.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import gate

__all__ = ["LARGE", "Turns"]

LARGE = 8 << 10
"""Bytes to be masked from which on it is done in a thread: some milliseconds of prose that was never read before."""
_THREADS = 2


class Turns:
    """Feeds events to the exchanges of one loop."""

    def __init__(self) -> None:
        self._busy: dict[str, asyncio.Future[list[gate.Effect]]] = {}  # by session
        self._threads: ThreadPoolExecutor | None = None

    def at_once(self, exchange: gate.Exchange, session: str, event: gate.Event) -> list[gate.Effect] | None:
        """As `exchange.receive`, now; None where it has to be waited for: `receive` does."""
        if session in self._busy or exchange.weight(event) >= LARGE:
            return None
        return exchange.receive(event, datetime.now(UTC))

    async def receive(self, exchange: gate.Exchange, session: str, event: gate.Event) -> list[gate.Effect]:
        """As `exchange.receive`, now, once nobody else is at work in the session."""
        while (job := self._busy.get(session)) is not None:
            await asyncio.wait((job,))
        now = datetime.now(UTC)
        if exchange.weight(event) < LARGE:
            return exchange.receive(event, now)
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="hoopgate-masks")
        job = asyncio.get_running_loop().run_in_executor(self._threads, exchange.receive, event, now)
        self._busy[session] = job
        job.add_done_callback(lambda _: self._busy.pop(session))  # before those who wait for it go on
        return await asyncio.shield(job)  # whoever stops waiting does not give the session free
