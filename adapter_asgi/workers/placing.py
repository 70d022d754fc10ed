"""Which worker a request belongs to, and the way there.

A session belongs to the worker that began it, and its id says which that is. Where the protocol has no session, the
caller's run belongs to one worker by a hash, the same for all. A new session goes to the worker that holds the fewest;
where each caller has a quota, to the one that the caller belongs to, for the quota is counted there.

Nothing is decided on an id that is not verified: whoever makes one up is refused by the worker that it leads to.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import gate
from adapter_asgi.sessions import SessionError
from adapter_asgi.workers.connection import ARRIVAL, Arrival, Outboxes
from adapter_asgi.workers.seat import Seat

__all__ = ["Placing", "mark_of"]

_MARK = re.compile("[0-9a-f]{2}")
_PATIENCE = 5.0
"""Seconds that a run's call waits for its worker to be started again."""
_LOOK = 0.05
_EVERY = 1.0


class _Sessions(Protocol):
    def __len__(self) -> int: ...


async def _nothing() -> None:
    pass


class Placing:
    """For one worker. `by_caller` keeps all of a caller's sessions in one worker.

    `current` has this worker decide by what is in force in all of them; what it raises refuses the request.
    """

    def __init__(
        self,
        seat: Seat,
        sessions: _Sessions,
        *,
        by_caller: bool,
        current: Callable[[], Awaitable[None]] = _nothing,
    ) -> None:
        self._seat, self._sessions, self._by_caller, self._current = seat, sessions, by_caller, current
        self._outboxes = Outboxes(seat.outboxes)
        self.number, self.workers = seat.number, seat.count

    async def current(self) -> None:
        """What follows is decided by what is in force now. Raises SessionError SES05."""
        await self._current()

    async def moved(
        self,
        scope: Any,
        principal: gate.Principal,
        server: str,
        found: Mapping[str, str],
        begins: bool | None = None,
    ) -> bool:
        """Whether another worker has the request now; `begins` a session, or None while the body is not read.

        Once the body is read, what stays is decided by what is in force now. Raises SessionError SES04 (503) where the
        request belongs to another worker and cannot go there, SES05 (503) where this one lacks what is in force.
        """
        arrival: Arrival | None = scope.get("extensions", {}).get(ARRIVAL)
        if arrival is None or arrival.settled:
            await self.current()
            return False
        place = self._place(arrival, principal, server, found, begins)
        if place is None:
            return False
        here = place == self._seat.number or arrival.moved  # it is sent once: what two workers know may differ
        if not here and (begins or _held(found) is not None):
            here = not self._seat.board.up(place)  # a session of a worker that has ended is not found here either
        if here:
            arrival.stays()
            await self.current()
            return False
        if begins:
            self._count(place)
        await self.move(arrival, place)
        return True

    async def move(self, arrival: Arrival, worker: int) -> None:
        """Send the request to that worker, once it is there. Raises SessionError SES04."""
        try:
            async with asyncio.timeout(_PATIENCE):
                while not self._seat.board.up(worker):  # noqa: ASYNC110 (another process says so, in shared memory)
                    await asyncio.sleep(_LOOK)
            gone = await arrival.move(self._outboxes, worker)
        except (OSError, TimeoutError):
            gone = False
        if not gone:
            raise SessionError("SES04", "The worker for this call cannot be reached.", "Call again.", status=503)

    async def count(self) -> None:
        """Tell the others, each second, how many sessions are here."""
        while True:
            self._seat.board.put(self._seat.number, "sessions", len(self._sessions))
            await asyncio.sleep(_EVERY)

    def _place(
        self, arrival: Arrival, principal: gate.Principal, server: str, found: Mapping[str, str], begins: bool | None
    ) -> int | None:
        """The worker's number; None where the body has to be read first."""
        held = _held(found)
        if held is not None:
            return self._of_session(held)
        if begins is None and "mcp-protocol-version" not in found:
            return None
        if begins:
            return self._of_new(arrival, principal)
        return self._of_run(principal, server)

    def _of_session(self, held: str) -> int:
        mark = _MARK.match(held, 30)
        worker = self._seat.count if mark is None else int(mark[0], 16)
        return worker if worker < self._seat.count else self._seat.number

    def _of_new(self, arrival: Arrival, principal: gate.Principal) -> int:
        if self._by_caller:
            return self._of_caller(principal)
        if arrival.moved:  # chosen by whoever sent it
            return self._seat.number
        board, own = self._seat.board, self._seat.number
        up = [worker for worker in range(self._seat.count) if worker == own or board.up(worker)]
        fewest = min(up, key=lambda worker: (board.get(worker, "sessions"), worker != own))
        if fewest == own:
            self._count(own)
        return fewest

    def _of_run(self, principal: gate.Principal, server: str) -> int:
        if self._by_caller:
            return self._of_caller(principal)
        return self._hashed(server, principal.issuer, principal.subject, principal.run or "")

    def _of_caller(self, principal: gate.Principal) -> int:
        """Callers as the quota knows them: the issuer, and the repository or else the subject."""
        known = principal.identity.known()
        return self._hashed(principal.issuer, str(known.get("repository") or principal.subject))

    def _hashed(self, *parts: str) -> int:
        text = "\0".join(f"{len(part)}:{part}" for part in parts).encode("utf-8", "surrogatepass")
        return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest()) % self._seat.count

    def _count(self, worker: int) -> None:
        """One more is about to begin there; the worker's own next count corrects it."""
        board = self._seat.board
        board.put(worker, "sessions", board.get(worker, "sessions") + 1)


def mark_of(worker: int) -> str:
    """What a session's id says of its worker: two hexadecimal digits."""
    return f"{worker:02x}"


def _held(found: Mapping[str, str]) -> str | None:
    """The session's id that the client holds, in an era that has sessions."""
    held = found.get("mcp-session-id")
    return held if found.get("mcp-protocol-version") != gate.MODERN else None
