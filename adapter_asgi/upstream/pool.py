"""Connections to upstreams: opened when needed, kept a few seconds, lent to one request at a time."""

from __future__ import annotations

import asyncio
import functools
import re
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from adapter_asgi.upstream.connection import Connection

__all__ = ["Origin", "Pool"]

_CONNECT = 10.0
_KEPT = 3.0  # seconds; servers usually keep 5 (uvicorn, Node), and none is to be used as it dies
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2: token


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a URL leads, and the request target there. Raises ValueError for what is no http or https URL.

    `place` is what a connection leads to, whatever is asked for there: host, port, and whether TLS is spoken.
    """

    place: tuple[str, int, bool]
    target: str
    authority: str

    @classmethod
    def of(cls, url: str) -> Origin:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            raise ValueError("an upstream's URL is http or https, has a host and no password")
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        host = parts.hostname if parts.hostname.isascii() else parts.hostname.encode("idna").decode()
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        name = f"[{host}]" if ":" in host else host
        if not all(part.isascii() and part.isprintable() and " " not in part for part in (host, target)):
            raise ValueError("an upstream's URL has characters that need percent-encoding")
        return cls((host, port, secure), target, name if parts.port is None else f"{name}:{port}")

    def request(self, method: str, headers: Iterable[tuple[str, str]], length: int | None) -> bytes:
        """The head of a request. Raises ValueError for a header that HTTP cannot carry."""
        lines = [f"{method} {self.target} HTTP/1.1\r\nhost: {self.authority}\r\naccept-encoding: identity\r\n"]
        for name, value in headers:
            if not _is_token(name):
                raise ValueError("a header's name is no token")
            lines.append(f"{name}: {value}\r\n")
        text = "".join(lines)
        if "\0" in text or text.count("\r") != len(lines) + 2 or text.count("\n") != len(lines) + 2:
            raise ValueError("a header's value has a line break")
        end = "\r\n" if length is None else f"content-length: {length}\r\n\r\n"
        return (text + end).encode("latin-1")


class Pool:
    """Idle connections by origin. Enter it, or close it at the end."""

    def __init__(self) -> None:
        self._idle: dict[tuple[str, int, bool], list[Connection]] = {}
        self._used: set[Connection] = set()
        self._sweep: asyncio.TimerHandle | None = None
        self._tls: ssl.SSLContext | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def take(self, origin: Origin) -> Connection:
        """A connection to `origin`. Raises OSError, TimeoutError."""
        idle = self._idle.get(origin.place)
        while idle:
            connection = idle.pop()
            if connection.reusable:
                break
        else:
            connection = await self._connect(origin)
        self._used.add(connection)
        return connection

    def give(self, origin: Origin, connection: Connection) -> None:
        """It is done with: kept if it is as good as new, else closed."""
        self._used.discard(connection)
        if not connection.clean:
            connection.close()
            return
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        self._idle.setdefault(origin.place, []).append(connection)
        if self._sweep is None:
            self._sweep = loop.call_later(_KEPT, self._drop_old)

    async def close(self) -> None:
        """Every connection, those in use too."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for connection in [*self._used, *(held for idle in self._idle.values() for held in idle)]:
            connection.close()
        self._idle.clear()
        self._used.clear()
        await asyncio.sleep(0)  # the transports close in the loop's next turn

    async def _connect(self, origin: Origin) -> Connection:
        context: ssl.SSLContext | None = None
        host, port, secure = origin.place
        if secure:
            context = self._tls = self._tls or await asyncio.to_thread(ssl.create_default_context)
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(_CONNECT):
            _, connection = await loop.create_connection(Connection, host, port, ssl=context)
        return connection

    def _drop_old(self) -> None:
        loop = asyncio.get_running_loop()
        latest = loop.time() - _KEPT
        for place, idle in list(self._idle.items()):
            kept = [connection for connection in idle if connection.reusable and connection.idle_since > latest]
            for connection in set(idle).difference(kept):
                connection.close()
            if kept:
                self._idle[place] = kept
            else:
                del self._idle[place]
        self._sweep = loop.call_later(_KEPT / 2, self._drop_old) if self._idle else None


@functools.lru_cache(maxsize=256)
def _is_token(name: str) -> bool:
    return _NAME.fullmatch(name) is not None
