"""An upstream over streamable HTTP. One pool of connections is shared by all of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

import gate
from adapter_asgi.deadlines import Deadlines
from adapter_asgi.upstream.connection import BrokenError, Connection
from adapter_asgi.upstream.leg import UpstreamError
from adapter_asgi.upstream.pool import Origin, Pool

__all__ = ["HttpUpstream", "http_client"]

_FIRST_BYTE = 600.0
_GOODBYE = 10.0


def http_client() -> Pool:
    """The client for every HTTP upstream: no cookies, no redirects, no decoding, no proxy from the environment."""
    return Pool()


class _HttpLeg:
    __slots__ = ("_connection", "_name", "_origin", "_pool", "headers", "status")

    def __init__(self, connection: Connection, origin: Origin, pool: Pool, name: str) -> None:
        self._connection: Connection | None = connection
        self._origin, self._pool, self._name = origin, pool, name
        self.status = connection.status
        self.headers = connection.headers

    def whole(self) -> bytes | None:
        connection = self._connection
        body = None if connection is None else connection.whole()
        if body is not None and connection is not None:
            self._connection = None
            self._pool.give(self._origin, connection)
        return body

    def at_once(self) -> bytes | None:
        connection = self._connection
        if connection is None:
            return b""
        piece = connection.at_once()
        if piece == b"":
            self._connection = None
            self._pool.give(self._origin, connection)
        return piece

    async def read(self) -> bytes:
        if self._connection is None:
            return b""
        try:
            piece = await self._connection.read()
        except BrokenError:
            raise UpstreamError("UP03", f'The server "{self._name}" broke off its answer.') from None
        except TimeoutError:
            raise UpstreamError("UP02", f'The server "{self._name}" did not end its answer in time.') from None
        if not piece:
            await self.close()
        return piece

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._pool.give(self._origin, connection)


class HttpUpstream:
    """The server at `url`; `client` is `http_client()`'s. Raises ValueError for a URL that is none."""

    def __init__(self, name: str, url: str, client: Pool, *, first_byte: float = _FIRST_BYTE) -> None:
        self.name = name
        self._origin, self._client, self._first_byte = Origin.of(url), client, Deadlines(first_byte)

    def open(self, forward: gate.Forward, session: gate.Session) -> Coroutine[Any, Any, _HttpLeg]:
        """Send the request, wait for an answer. Raises UpstreamError UP01 (unreachable), UP02 (too slow)."""
        del session
        return self._send(forward.method, forward.headers, forward.body)

    async def tell(self, answer: gate.Answer, session: gate.Session) -> None:
        """POST the gate's answer. Raises UpstreamError."""
        del session
        await (await self._send("POST", answer.headers, answer.body)).close()

    async def end_session(self, session: gate.Session) -> None:
        """DELETE the upstream's session (MCP 2025-03-26, "Session Management")."""
        if session.upstream_id is None:
            return
        headers = [("mcp-session-id", session.upstream_id)]
        if session.version is not None:
            headers.append(("mcp-protocol-version", session.version))
        with contextlib.suppress(UpstreamError, TimeoutError):
            async with asyncio.timeout(_GOODBYE):
                await (await self._send("DELETE", headers, b"")).close()

    async def close(self) -> None:
        """Nothing: the pool is shared, and closed by whoever made it."""

    async def _send(self, method: str, headers: Any, body: bytes) -> _HttpLeg:
        origin, pool = self._origin, self._client
        try:
            request = origin.request(method, headers, len(body) if method == "POST" else None)
            connection = await pool.take(origin)
        except (OSError, ValueError):  # TimeoutError is an OSError
            raise UpstreamError("UP01", f'The server "{self.name}" cannot be reached.') from None
        try:
            await connection.ask(request, body, self._first_byte)
        except TimeoutError:
            raise UpstreamError("UP02", f'The server "{self.name}" did not answer in time.') from None
        except BrokenError:
            raise UpstreamError("UP01", f'The server "{self.name}" cannot be reached.') from None
        finally:
            if connection.broken:
                pool.give(origin, connection)
        return _HttpLeg(connection, origin, pool, self.name)
