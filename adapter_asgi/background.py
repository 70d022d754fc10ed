"""Work that goes on in the background while a context is entered, and is over when it is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

__all__ = ["in_background"]


@asynccontextmanager
async def in_background(*work: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Run each of `work` as a task while inside; on leaving all are cancelled, then waited for.

    Raises what a task raised before it was cancelled.
    """
    tasks = [asyncio.create_task(begin()) for begin in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
