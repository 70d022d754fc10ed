"""One at a time, of all tasks of all processes that name the same file: a lock that ends with whoever holds it.

Strategy: within the process an asyncio lock, between processes flock(2), asked for without blocking the loop. A lock
that the kernel would hand over in a thread could arrive after its task was cancelled, and would then never be given
back; so it is asked for again, at growing intervals.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from pathlib import Path

__all__ = ["Turnstile"]

_SOON, _LATER = 0.001, 0.02


class Turnstile:
    """Use as `async with`. Not to be entered again by the task that is inside."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._here = asyncio.Lock()

    def close(self) -> None:
        """Give the file back; nobody may be inside."""
        os.close(self._fd)

    async def __aenter__(self) -> None:
        await self._here.acquire()
        pause = _SOON
        try:
            while not self._taken():
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LATER)
        except BaseException:
            self._here.release()
            raise

    async def __aexit__(self, *_: object) -> None:
        fcntl.flock(self._fd, fcntl.LOCK_UN)
        self._here.release()

    def _taken(self) -> bool:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
