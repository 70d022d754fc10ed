"""An upstream over streamable HTTP. One aiohttp client is shared by all of them."""

from __future__ import annotations

import asyncio
import contextlib
import io
from typing import Any

import aiohttp

import gate
from adapter_asgi.upstream.leg import UpstreamError

__all__ = ["HttpUpstream", "http_client"]

_CONNECT = 10.0
_FIRST_BYTE = 600.0
_LARGE = 1 << 20  # bytes; more than that is sent in pieces, so that others get their turn
_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "content-length"})


def http_client() -> aiohttp.ClientSession:
    """The client for every HTTP upstream: no cookies, no redirects, no decoding, no proxy from the environment.

    Idle connections are dropped before servers usually do (uvicorn and Node: 5 s), so that none is used as it dies.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=3.0),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT),
        auto_decompress=False,
        skip_auto_headers=("User-Agent", "Accept", "Content-Type"),
        headers={"Accept-Encoding": "identity"},
    )


class _HttpLeg:
    __slots__ = ("_ended", "_name", "_response", "headers", "status")

    def __init__(self, response: aiohttp.ClientResponse, name: str) -> None:
        self._response, self._name, self._ended = response, name, False
        self.status = response.status
        self.headers = [
            (key, value.decode("latin-1"))
            for raw, value in response.raw_headers
            if (key := raw.decode("latin-1").lower()) not in _HOP
        ]

    async def read(self) -> bytes:
        try:
            piece = await self._response.content.readany()
        except (aiohttp.ClientError, ConnectionError, TimeoutError):
            raise UpstreamError("UP03", f'The server "{self._name}" broke off its answer.') from None
        self._ended = not piece
        return piece

    async def close(self) -> None:
        if self._ended:
            self._response.release()
        else:
            self._response.close()


class HttpUpstream:
    """The server at `url`; `client` is `http_client()`'s."""

    def __init__(self, name: str, url: str, client: aiohttp.ClientSession, *, first_byte: float = _FIRST_BYTE) -> None:
        self.name = name
        self._url, self._client, self._first_byte = url, client, first_byte

    async def open(self, forward: gate.Forward, session: gate.Session) -> _HttpLeg:
        """Send the request, wait for the answer's headers. Raises UpstreamError UP01 (unreachable), UP02 (too slow)."""
        del session
        return _HttpLeg(await self._send(forward.method, forward.headers, forward.body), self.name)

    async def tell(self, answer: gate.Answer, session: gate.Session) -> None:
        """POST the gate's answer. Raises UpstreamError."""
        del session
        response = await self._send("POST", answer.headers, answer.body)
        response.release()

    async def end_session(self, session: gate.Session) -> None:
        """DELETE the upstream's session (MCP 2025-03-26, "Session Management")."""
        if session.upstream_id is None:
            return
        headers = [("mcp-session-id", session.upstream_id)]
        if session.version is not None:
            headers.append(("mcp-protocol-version", session.version))
        with contextlib.suppress(UpstreamError, TimeoutError):
            async with asyncio.timeout(_CONNECT):
                (await self._send("DELETE", headers, b"")).release()

    async def close(self) -> None:
        """Nothing: the client is shared, and closed by whoever made it."""

    async def _send(self, method: str, headers: Any, body: bytes) -> aiohttp.ClientResponse:
        try:
            async with asyncio.timeout(self._first_byte):
                data = io.BytesIO(body) if len(body) > _LARGE else body or None
                return await self._client.request(method, self._url, data=data, headers=headers, allow_redirects=False)
        except TimeoutError:
            raise UpstreamError("UP02", f'The server "{self.name}" did not answer in time.') from None
        except (aiohttp.ClientError, ConnectionError, ValueError):
            raise UpstreamError("UP01", f'The server "{self.name}" cannot be reached.') from None
