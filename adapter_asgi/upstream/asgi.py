"""An upstream in this very process: an ASGI application that serves MCP, called without a socket between.

This is the gate as middleware of an application that already runs. What it does not do: run the application's
lifespan; whoever mounts the application does that, as for any other.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import gate
from adapter_asgi.upstream.leg import UpstreamError

__all__ = ["AsgiUpstream"]

Application = Callable[[Any, Any, Any], Awaitable[None]]
_QUEUED = 16  # pieces that wait for a slow client before the application has to wait


class _AsgiLeg:
    def __init__(self, name: str, app: Application, scope: MutableMapping[str, Any], body: bytes) -> None:
        self.status = 0
        self.headers: list[tuple[str, str]] = []
        self._name, self._body, self._asked = name, body, False
        self._pieces: asyncio.Queue[MutableMapping[str, Any] | None] = asyncio.Queue(_QUEUED)
        self._left = asyncio.Event()
        self._ended = False
        self._task = asyncio.create_task(self._run(app, scope))

    async def _run(self, app: Application, scope: MutableMapping[str, Any]) -> None:
        try:
            await app(scope, self._receive, self._pieces.put)
        finally:
            with contextlib.suppress(asyncio.QueueFull):
                self._pieces.put_nowait(None)

    async def _receive(self) -> MutableMapping[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": self._body, "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def begin(self) -> _AsgiLeg:
        """Wait for the status. Raises UpstreamError UP05 where the application ends without one."""
        message = await self._next()
        if message is None:
            raise self._broken()
        self.status = message["status"]
        self.headers = [(k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in message.get("headers", [])]
        return self

    def whole(self) -> bytes | None:
        return None

    def at_once(self) -> bytes | None:
        return b"" if self._ended else None

    async def read(self) -> bytes:
        while not self._ended:
            message = await self._next()
            if message is None:
                raise self._broken()
            self._ended = not message.get("more_body", False)
            if body := message.get("body", b""):
                return bytes(body)
        return b""

    async def _next(self) -> MutableMapping[str, Any] | None:
        """The application's next word; None once it has ended without completing its answer."""
        if self._task.done() and self._pieces.empty():
            return None
        return await self._pieces.get()

    async def close(self) -> None:
        """The application sees a disconnect, and a moment later a cancellation."""
        self._left.set()
        if not self._ended:
            self._task.cancel()
        while not self._task.done():
            while not self._pieces.empty():
                self._pieces.get_nowait()
            await asyncio.wait([self._task], timeout=0.1)
        if not self._task.cancelled():
            self._task.exception()

    def _broken(self) -> UpstreamError:
        return UpstreamError("UP05", f'The server "{self._name}" failed before its answer was complete.')


class AsgiUpstream:
    """The MCP server that `app` serves at `path`."""

    def __init__(self, name: str, app: Application, path: str = "/mcp") -> None:
        self.name = name
        self._app, self._path = app, path

    async def open(self, forward: gate.Forward, session: gate.Session) -> _AsgiLeg:
        """Call the application. Raises UpstreamError UP05."""
        del session
        leg = _AsgiLeg(self.name, self._app, self._scope(forward.method, forward.headers), forward.body)
        try:
            return await leg.begin()
        except (asyncio.CancelledError, UpstreamError):
            await leg.close()
            raise

    async def tell(self, answer: gate.Answer, session: gate.Session) -> None:
        """POST the gate's answer to the application. Raises UpstreamError."""
        leg = await self.open(gate.Forward("POST", answer.headers, answer.body), session)
        while await leg.read():
            pass
        await leg.close()

    async def end_session(self, session: gate.Session) -> None:
        """DELETE the application's session."""
        if session.upstream_id is not None:
            with contextlib.suppress(UpstreamError):
                leg = await self.open(gate.Forward("DELETE", [("mcp-session-id", session.upstream_id)], b""), session)
                await leg.close()

    async def close(self) -> None:
        """Nothing: the application is not ours."""

    def _scope(self, method: str, headers: Any) -> MutableMapping[str, Any]:
        raw = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in headers]
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": self._path,
            "raw_path": self._path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(b"host", b"127.0.0.1:80"), *raw],
            "client": ("127.0.0.1", 0),
            "server": ("127.0.0.1", 80),
            "state": {},
        }
