"""An approval that is taken back ends what runs on it: the stream, the leases, and so the database's sessions.

In that order, for nothing waits for it: the exchange is cut at once, answers that could still be fetched are given up,
then the providers are asked to take back what they lent.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Any, Protocol

import gate
import recorder
from adapter_asgi.approvals.asked import Asked
from adapter_asgi.errors import AdapterError
from adapter_asgi.running import Running

__all__ = ["Ending"]

_REMEMBERED = 1024  # approvals; both tellings of one come within moments
_log = logging.getLogger(__name__)


class _Lender(Protocol):
    async def end_approval(self, approval: str) -> tuple[str, ...]: ...


class _Sessions(Protocol):
    def all(self) -> Iterable[gate.Session]: ...


class _Log(Protocol):
    def submit(self, entry: recorder.Entry) -> Any: ...


class Ending:
    """A `Listener` of the desk."""

    def __init__(self, running: Running, lender: _Lender, sessions: _Sessions, log: _Log) -> None:
        self._running, self._lender, self._sessions, self._log = running, lender, sessions, log
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended: dict[str, None] = {}  # the newest: to end one a second time does nothing, and costs a task

    def __call__(self, event: str, asked: Asked) -> None:
        """End what runs on an approval that was just taken back."""
        if event == "revoked" and asked.id not in self._ended:  # told once by the desk, once by what it wrote
            self._ended[asked.id] = None
            if len(self._ended) > _REMEMBERED:
                del self._ended[next(iter(self._ended))]
            self._running.cut(asked.id, f"Approval {asked.id} was taken back by {asked.decider}: {asked.reason}")
            task = asyncio.create_task(self._end(asked))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait for what was begun."""
        await asyncio.gather(*self._tasks)

    async def _end(self, asked: Asked) -> None:
        try:
            for session in self._sessions.all():
                for entry in gate.cut_entries(session, asked.id):
                    await asyncio.wrap_future(self._log.submit(entry))
            await self._lender.end_approval(asked.id)
        except (AdapterError, recorder.RecorderError) as error:
            _log.error("what was lent on approval %s is taken back later: %s", asked.id, error)
