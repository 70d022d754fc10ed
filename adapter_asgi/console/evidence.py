"""The store as the console's pages read it: one thread, one connection, brought up to date now and then.

Strategy: an index is asked by one thread at a time, and must not block the loop that serves calls. What is asked is
therefore done in a thread of its own, in order. Bringing it up to date takes a tenth of that thread's time at most, so
that what a page tells is a moment old, and FRESH seconds at most beyond the time that this takes.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import recorder
from recorder import index
from recorder.index import Index

__all__ = ["FRESH", "UNREADABLE", "Evidence"]

FRESH = 1.0
_SHARE = 10
UNREADABLE = (recorder.RecorderError, sqlite3.Error, OSError)
"""What a question raises where the store or its index cannot be read."""
T = TypeVar("T")


class Evidence:
    """`await evidence.ask(lambda index: index.page(…))`. Close it at the end."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="console")
        self._index: Index | None = None
        self._due = float("-inf")
        self._shared: dict[type, Any] = {}

    def shared(self, kind: type[T]) -> T:
        """The one object of this type that an area's pages share between visits; its `close` is called at the end."""
        if kind not in self._shared:
            self._shared[kind] = kind()
        found: T = self._shared[kind]
        return found

    async def ask(self, question: Callable[[Index], T]) -> T:
        """The question's answer. Raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._answer, question)

    def renew(self) -> None:
        """Something was recorded that the next question has to know."""
        self._due = float("-inf")

    async def do(self, work: Callable[[], T]) -> T:
        """What takes a while and needs no index, such as masking a payload, in the same thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def close(self) -> None:
        """Give the connection back."""
        for one in self._shared.values():
            if hasattr(one, "close"):
                one.close()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._drop)
        self._thread.shutdown()

    def _answer(self, question: Callable[[Index], T]) -> T:
        began = time.monotonic()
        if self._index is None or began >= self._due:
            index.update(self.store)
            self._drop()
            self._index = Index.open(self.store, update=False)
            now = time.monotonic()
            self._due = now + min(FRESH, _SHARE * (now - began))
        return question(self._index)

    def _drop(self) -> None:
        if self._index is not None:
            self._index.close()
            self._index = None
