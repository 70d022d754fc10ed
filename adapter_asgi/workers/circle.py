"""What a gate does together with the other workers: hear what they changed, answer what they ask, speak for all.

Strategy: whoever changes an approval, the policy or the tools' lock tells the others to look, and they look each second
in any case, so that nothing hangs on a message that was lost. What was decided elsewhere is read from where it is kept,
never taken from a message. What comes into force is also counted in memory that all share, and a worker that has taken
up less takes up the rest before it decides on its next request (`current`): from the moment of its publication nothing
is decided by what was in force before, whatever becomes of the message.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

import policy_lang
from adapter_asgi.approvals.asked import Asked, spell
from adapter_asgi.errors import AdapterError
from adapter_asgi.sessions import SessionError
from adapter_asgi.state import State
from adapter_asgi.workers.in_force import LOCK, POLICY, InForce
from adapter_asgi.workers.peers import Peers
from adapter_asgi.workers.seat import Seat
from adapter_asgi.workers.turnstile import Turnstile

__all__ = ["Circle"]

_EVERY = 1.0
_TRIES = 5
"""Looks in a row that may fail until this worker ends, because it cannot know what is in force."""
_RENEWED = 15.0
"""Seconds that another worker has to take up what is in force and to fetch the issuers' keys."""
_log = logging.getLogger("hoopgate")


class _Desk(Protocol):
    def look(self) -> Sequence[tuple[str, str]]: ...
    async def show(self, id_: str) -> Asked: ...


class _Adopting(Protocol):
    async def adopt(self) -> bool: ...


class Circle:
    """One worker's part. `desk_turn` and `policy_turn` let one at a time change approvals, and what is in force."""

    def __init__(self, seat: Seat, state: State) -> None:
        self.seat = seat
        self.desk_turn = Turnstile(state.file("approvals.lock"))
        self.policy_turn = Turnstile(state.file("policy.lock"))
        self.policy = InForce(state.file(POLICY), seat.board.publish)
        self.lock = InForce(state.file(LOCK), seat.board.publish)
        self.peers = Peers(seat, state.folder, spell)
        self._followers: tuple[_Adopting, ...] = ()
        self._taken = -1  # publications
        self._taking = asyncio.Lock()
        self._renew: Callable[[], Awaitable[None]] | None = None
        self._failed = 0
        self._tasks: set[asyncio.Task[Any]] = set()

    def close(self) -> None:
        """Give the files back."""
        self.desk_turn.close()
        self.policy_turn.close()

    async def current(self) -> None:
        """What follows is decided by what is in force now. Raises SessionError SES05 (503) where that cannot be had."""
        if self._taken == self.seat.board.published:
            return
        try:
            await self._take_up()
        except (AdapterError, policy_lang.PolicyError):
            words = "This worker cannot take up the policy in force."
            raise SessionError("SES05", words, "Call again.", status=503) from None

    async def _take_up(self) -> None:
        """Raises AdapterError, PolicyError."""
        async with self._taking:
            published = self.seat.board.published
            if self._taken == published:
                return
            taken = [await follower.adopt() for follower in self._followers]
            self._taken = published
        if any(taken) and self._renew is not None:
            task = asyncio.create_task(_suppressed(self._renew))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    @contextlib.asynccontextmanager
    async def answering(
        self,
        desk: _Desk,
        followers: tuple[_Adopting, ...],
        revoked: Callable[[str, Asked], None],
        renew_keys: Callable[[], Awaitable[None]],
        told: Mapping[str, Callable[[], Any]],
    ) -> AsyncIterator[None]:
        """While inside, look when another worker says so, and each second; answer what is `told`.

        `followers` take up what is in force; each time one has, the issuers' keys are renewed.
        """
        self._followers, self._renew = followers, renew_keys

        async def look(*_: object) -> bool:
            looked = await self._looked()  # first, for what waited for people is decided by it
            for id_, state in desk.look():
                if state == "revoked":
                    revoked(state, await desk.show(id_))
            return looked

        async def renew(*_: object) -> bool:
            looked = await look()
            await _suppressed(renew_keys)
            return looked

        def answer(said: Callable[[], Any]) -> Callable[[Any, str], Awaitable[Any]]:
            async def handler(_: Any, __: str) -> Any:
                found = said()
                return await found if isinstance(found, Awaitable) else found

            return handler

        handlers = {name: answer(said) for name, said in told.items()}
        await self.peers.open({"look": look, "renew": renew, **handlers})
        watching = asyncio.create_task(_again(look))
        try:
            yield
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
            for task in self._tasks:
                task.cancel()
            await self.peers.close()

    async def all_renew(self) -> list[int]:
        """Have the others take up what is in force, and renew their issuers' keys; those that have not in time."""
        others = self.seat.others
        answers = await self.peers.ask("renew", _RENEWED)
        late = [other for other in others if answers.get(other) is not True]
        for other in late:
            _log.warning("worker %d has not taken up yet what is in force: until it has, it refuses calls", other)
        return late

    async def _looked(self) -> bool:
        """A worker that cannot know what is in force decides nothing: it ends, and another takes its place."""
        try:
            await self._take_up()
        except (AdapterError, policy_lang.PolicyError) as error:
            self._failed += 1
            _log.error("what is in force in the other workers cannot be taken up, and calls are refused: %s", error)
            if self._failed >= _TRIES or not isinstance(error, AdapterError) or error.code != "STA01":
                os.kill(os.getpid(), signal.SIGKILL)
            return False
        self._failed = 0
        return True


async def _again(look: Callable[[], Awaitable[bool]]) -> None:
    while True:
        await asyncio.sleep(_EVERY)
        try:
            await look()
        except AdapterError as error:
            _log.error("what other workers changed cannot be read: %s", error)


async def _suppressed(work: Callable[[], Awaitable[None]]) -> None:
    with contextlib.suppress(AdapterError):
        await work()
