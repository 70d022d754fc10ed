"""One HTTP/1.1 connection to an upstream: a request out, its answer in pieces (RFC 9112).

Strategy: httptools parses in C and calls back; nothing here copies a body or starts a task. Whatever is not plain
HTTP/1.1 (an answer nobody asked for, an upgrade, headers without end) breaks the connection, and a broken or half-read
connection is never used again. The gate can do nothing with an answer that is no stream before it is whole, so nobody
is woken for less. What is given up against a general client: redirects, cookies, proxies and encodings, none of which
the gate wants.
"""

from __future__ import annotations

import asyncio
from typing import Any

import httptools

from adapter_asgi.deadlines import Deadlines

__all__ = ["BrokenError", "Connection"]

_HEAD = 64 << 10  # bytes of an answer's headers
_HIGH = 256 << 10  # bytes of a body that wait for a slow reader before the upstream has to wait
_TOGETHER = 64 << 10  # bytes of a body that are copied, so that they go out in one piece with the head
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})
_HOP = _FRAMING | {b"connection", b"keep-alive", b"te", b"trailer", b"upgrade"}  # of this connection alone


class BrokenError(Exception):
    """The connection ended, or what came over it is no HTTP, before the answer was complete."""


class Connection(asyncio.Protocol):
    """`ask` once, `read` until b"", then either it is `clean` or the connection is closed; and so on.

    `status` and `headers` are the answer's; of the headers, those that go beyond this connection.
    """

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[str, str]] = []
        self.complete = True  # nothing of an answer is outstanding
        self.reusable = False
        self.idle_since = 0.0
        self._transport: Any = None
        self._parser: Any = None
        self._waiter: asyncio.Future[None] | None = None
        self._pieces: list[bytes] = []
        self._held = self._head = 0
        self.broken = False
        self._begun = self._framed = self._paused = self._interim = self._late = self._streams = False
        self._due = False  # there is something to do about the answer
        self._patience: Deadlines | None = None
        self._mark: object = None

    # -- the caller's side -----------------------------------------------------------------------------------------

    async def ask(self, request: bytes, body: bytes, patience: Deadlines) -> None:
        """Send the request; wait for the answer: its status and headers, and the body that is no stream, as far as
        256 KiB. Raises BrokenError, TimeoutError where there is not even a status; what comes later, `read` raises.

        `patience` is with the whole answer, or, where it is a stream of events, with its beginning.
        """
        self.complete = self.reusable = self._begun = self._due = self._late = False
        self._parser = httptools.HttpResponseParser(self)
        self._pieces = []
        self._held = self._head = 0
        self._patience, self._mark = patience, patience.begin(self._on_late)
        try:
            if len(body) <= _TOGETHER:
                self._transport.write(request + body)
            else:
                self._transport.writelines((request, body))
            while not self._due:
                await self._wait()
        except BaseException as error:
            self.close()
            if not (self._begun and isinstance(error, (BrokenError, TimeoutError))):
                raise

    async def read(self) -> bytes:
        """The next piece of the body, b"" at its end. Raises BrokenError, TimeoutError."""
        while (piece := self.at_once()) is None:
            await self._wait()
        return piece

    def at_once(self) -> bytes | None:
        """What has come of the body, b"" at its end; None where nothing has."""
        pieces = self._pieces
        if not pieces:
            return b"" if self.complete else None
        piece = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        self._pieces = []
        self._held = 0
        if self._paused:
            self._paused = False
            self._transport.resume_reading()
        return piece

    def whole(self) -> bytes | None:
        """The body, where all of it has come and nothing of it was read yet; None where not."""
        return self.at_once() or b"" if self.complete and not self._streams else None

    @property
    def clean(self) -> bool:
        """Whether it may be used again: nothing of an answer is outstanding, and nothing of one is left unread."""
        return self.reusable and self.complete and not self._pieces

    def close(self) -> None:
        """At once: what is unread is lost, what is unsent is not sent."""
        self.broken = True
        self.reusable = False
        self._end_patience()
        if self._transport is not None:
            self._transport.abort()

    def _end_patience(self) -> None:
        if self._patience is not None:
            self._patience.end(self._mark)
            self._patience = None

    async def _wait(self) -> None:
        if self._late:
            raise TimeoutError
        if self.broken:
            raise BrokenError
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self, error: BaseException | None = None) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            if error is None:
                waiter.set_result(None)
            else:
                waiter.set_exception(error)

    def _on_late(self) -> None:
        self._late = True
        self._wake(TimeoutError())

    # -- the transport's side --------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self.complete:
            self.close()  # an answer to nothing
            return
        if not self._begun:
            self._head += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail()
        else:
            if not self._begun and self._head > _HEAD:
                self._fail()

    def eof_received(self) -> bool:
        if self._begun and not self._framed and not self.broken:
            self.complete = True  # the end of the connection is the end of this body
            self._end_patience()
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - however it ended, it has ended
        self.reusable = False
        self.broken = True
        self._parser = None  # it holds this connection
        self._end_patience()
        self._wake(None if self.complete else BrokenError())

    def _fail(self) -> None:
        self.complete = False
        self.close()
        self._wake(BrokenError())

    # -- the parser's side -----------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if self._begun:
            raise BrokenError  # a second answer
        self.headers = []
        self._framed = self._streams = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._begun:
            return  # a trailer
        key = name.lower()
        if key in _HOP:
            self._framed = self._framed or key in _FRAMING
            return
        self.headers.append((key.decode("latin-1"), value.decode("latin-1")))
        if key == b"content-type":
            self._streams = value.lower().startswith(b"text/event-stream")

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        self._interim = 100 <= self.status < 200
        if self._interim:
            if self.status == 101:
                raise BrokenError
            return
        self._begun = True
        if self._streams:
            self._end_patience()
        self._framed = self._framed or self.status in (204, 304)
        self.reusable = self._framed and self._parser.should_keep_alive()
        if self._streams or not self._framed or self.status >= 300:
            self._act()

    def on_body(self, data: bytes) -> None:
        self._pieces.append(data)
        self._held += len(data)
        if self._held > _HIGH and not self._paused:
            self._paused = self._due = True
            self._transport.pause_reading()
        if self._due:
            self._wake()

    def on_message_complete(self) -> None:
        if not self._interim:
            self.complete = True
            self._end_patience()
            self._act()

    def _act(self) -> None:
        self._due = True
        self._wake()
