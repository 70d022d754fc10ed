"""What one worker asks another: a line of JSON over a socket that the gate's user alone can open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from adapter_asgi.admin import AdminSocket, Handler, ask_soon
from adapter_asgi.errors import AdapterError
from adapter_asgi.workers.seat import Seat

__all__ = ["Peers"]

_PATIENCE = 5.0


class Peers:
    """The doors of all workers in `folder`: this one's own, and the way to the others'."""

    def __init__(self, seat: Seat, folder: Path, encode: Callable[[Any], str]) -> None:
        self._seat, self._folder, self._encode = seat, folder, encode
        self._tasks: set[asyncio.Task[Any]] = set()
        self._told = False
        self._door: AdminSocket | None = None

    async def open(self, handlers: Mapping[str, Handler]) -> None:
        """Answer the others. Raises `AdapterError` ADM01."""
        self._door = AdminSocket(self._folder, handlers, self._encode, _name(self._seat.number))
        await self._door.start()

    async def close(self) -> None:
        """Answer no more."""
        for task in self._tasks:
            task.cancel()
        if self._door is not None:
            await self._door.stop()

    async def ask(self, do: str, patience: float = _PATIENCE) -> dict[int, Any]:
        """What each of the others that serve answers; who does not answer within `patience` seconds is left out."""
        others = self._seat.others
        answers = await asyncio.gather(*(self._ask(other, do, patience) for other in others))
        return {other: answer for other, answer in zip(others, answers, strict=True) if answer is not None}

    def tell(self) -> None:
        """Have the others look at what changed, soon; nobody waits for it."""
        if not self._told and self._seat.others:
            self._told = True
            task = asyncio.get_running_loop().create_task(self._tell())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _tell(self) -> None:
        self._told = False
        await self.ask("look")

    async def _ask(self, other: int, do: str, patience: float) -> Any:
        try:
            async with asyncio.timeout(patience):
                return await ask_soon(self._folder, _name(other), {"do": do})
        except (OSError, ValueError, TimeoutError, AdapterError):
            return None  # it has just ended, or is starting: it looks at everything then


def _name(worker: int) -> str:
    return f"worker-{worker}.sock"
