"""An application on a free port of loopback, served in this process's loop as `hoopgate serve` does."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from adapter_asgi.listener import OPTIONS


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """The base URL while it is served."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, **OPTIONS, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    ready = asyncio.Event()
    begin = server.startup

    async def startup(sockets: Any = None) -> None:
        await begin(sockets)
        ready.set()

    server.startup = startup  # type: ignore[method-assign]
    task = asyncio.create_task(server._serve([listener]))
    await ready.wait()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()
