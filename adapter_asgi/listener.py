"""The gate's side towards its clients: uvicorn's HTTP/1.1, with an answer's head and first bytes in one write.

uvicorn writes the head as soon as an application gives it, which wakes a client for nothing. ASGI says otherwise (HTTP
& WebSocket 2.3, "Response Start"): a server sends nothing of an answer before it has the first of its body.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["OPTIONS", "Listener"]

_GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


class Listener(HttpToolsProtocol):
    """uvicorn's own; each answer is written to a `_Joined`, but that to a HEAD, which is nothing but a head."""

    def on_headers_complete(self) -> None:
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is not before and self.scope["method"] != "HEAD":
            self.cycle.transport = _Joined(self.transport)  # type: ignore[assignment] # as much as a cycle asks for


class _Joined:
    """What one answer is written to. Its first bytes are its head, and are kept for those that follow."""

    __slots__ = ("_head", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head: bytes | None = None  # b"" once it is written

    def write(self, data: bytes) -> None:
        if self._head is None and data != _GO_ON:
            self._head = data
            return
        if self._head:
            data, self._head = self._head + data, b""
        self._transport.write(data)

    def close(self) -> None:
        """Nothing follows: what is kept goes out."""
        if self._head:
            self.write(b"")
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()


OPTIONS: dict[str, Any] = {
    "http": Listener,
    "ws": "none",
    "lifespan": "off",
    "log_config": None,
    "access_log": False,
    "server_header": False,
}
"""How the gate configures uvicorn, whatever else is configured."""
