"""What a gate does together with the other workers: hear what they changed, answer what they ask, speak for all.

Strategy: whoever changes an approval or the policy tells the others to look, and they look each second in any case, so
that nothing hangs on a message that was lost. What was decided elsewhere is read from where it is kept, never taken
from a message.
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
from adapter_asgi.state import State
from adapter_asgi.workers.in_force import IN_FORCE, InForce
from adapter_asgi.workers.peers import Peers
from adapter_asgi.workers.seat import Seat
from adapter_asgi.workers.turnstile import Turnstile

__all__ = ["Circle"]

_EVERY = 1.0
_TRIES = 5
"""Looks in a row that may fail until this worker ends, because it cannot know which policy decides."""
_log = logging.getLogger("hoopgate")


class _Desk(Protocol):
    def look(self) -> Sequence[tuple[str, str]]: ...
    async def show(self, id_: str) -> Asked: ...


class _Holder(Protocol):
    async def adopt(self) -> bool: ...


class Circle:
    """One worker's part. `desk_turn` and `policy_turn` let one worker at a time change approvals, and the policy."""

    def __init__(self, seat: Seat, state: State) -> None:
        self.seat = seat
        self.desk_turn = Turnstile(state.file("approvals.lock"))
        self.policy_turn = Turnstile(state.file("policy.lock"))
        self.in_force = InForce(state.file(IN_FORCE))
        self.peers = Peers(seat, state.folder, spell)
        self._failed = 0
        self._tasks: set[asyncio.Task[Any]] = set()

    def close(self) -> None:
        """Give the files back."""
        self.desk_turn.close()
        self.policy_turn.close()

    @contextlib.asynccontextmanager
    async def answering(
        self,
        desk: _Desk,
        holder: _Holder,
        revoked: Callable[[str, Asked], None],
        renew_keys: Callable[[], Awaitable[None]],
        told: Mapping[str, Callable[[], Any]],
    ) -> AsyncIterator[None]:
        """While inside, look when another worker says so, and each second; answer what is `told`."""

        async def look(*_: object) -> bool:
            for id_, state in desk.look():
                if state == "revoked":
                    revoked(state, await desk.show(id_))
            if await self._adopted(holder):
                task = asyncio.create_task(_suppressed(renew_keys))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            return True

        def answer(said: Callable[[], Any]) -> Callable[[Any, str], Awaitable[Any]]:
            async def handler(_: Any, __: str) -> Any:
                found = said()
                return await found if isinstance(found, Awaitable) else found

            return handler

        await self.peers.open({"look": look, **{name: answer(said) for name, said in told.items()}})
        watching = asyncio.create_task(_again(look))
        try:
            yield
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
            await self.peers.close()

    async def all_look(self) -> None:
        """Have the others take up what was taken up here; back when they have."""
        answers = await self.peers.ask("look")
        for other in set(self.seat.others) - answers.keys():
            _log.warning("worker %d has not said yet that it took up the policy; it does when it looks next", other)

    async def _adopted(self, holder: _Holder) -> bool:
        """A worker that cannot know which policy decides, decides nothing: it ends, and another takes its place."""
        try:
            taken = await holder.adopt()
        except (AdapterError, policy_lang.PolicyError) as error:
            self._failed += 1
            _log.error("the policy that the other workers have cannot be taken up: %s", error)
            if self._failed >= _TRIES or not isinstance(error, AdapterError) or error.code != "STA01":
                os.kill(os.getpid(), signal.SIGKILL)
            return False
        self._failed = 0
        return taken


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
