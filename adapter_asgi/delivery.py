"""What is released, on its way to the client: begun when there is something to send, with a receipt where it can.

The beginning of an answer is kept until its first bytes are there, so that a short answer can say how long it is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import gate
import recorder
from adapter_asgi.promptly import promptly
from recorder.receipt import NAME

__all__ = ["Delivery", "Message", "Send"]

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
_RECEIPT = NAME.encode()
_STREAM = ("content-type", "text/event-stream")


class Delivery:
    """One answer to the client of one exchange.

    A client that takes nothing for `stall` seconds is taken to have left: `gone`. `told` is the record of the newest
    answer, from which `receipt` makes the line that the caller keeps.
    """

    __slots__ = ("_finished", "_receipt", "_send", "_stall", "_start", "_stream", "gone", "told")

    def __init__(self, send: Send, stall: float, receipt: Callable[[recorder.Receipt], str] | None) -> None:
        self._send, self._stall, self._receipt = send, stall, receipt
        self._start: Message | None = None
        self._stream = self._finished = False
        self.gone = False
        self.told: recorder.Receipt | None = None

    @property
    def kept(self) -> bool:
        """Whether there is a beginning that the client does not know of yet."""
        return self._start is not None

    def begin(self, effect: gate.Start) -> None:
        """The status and headers."""
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in effect.headers]
        self._start = {"type": "http.response.start", "status": effect.status, "headers": headers}
        self._stream = _STREAM in effect.headers

    async def flush(self) -> None:
        """Let the client know that its answer has begun, before anything of it comes."""
        if self._start is not None:
            await self._emit({"type": "http.response.body", "body": b"", "more_body": True})

    async def release(self, pieces: list[bytes], final: bool) -> None:
        """Send these bytes; `final`: nothing comes after them."""
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        if final:
            data += self._line()
            if self._start is not None:
                self._start["headers"].append((b"content-length", b"%d" % len(data)))
        await self._emit({"type": "http.response.body", "body": data, "more_body": not final})
        self._finished = final

    async def finish(self) -> None:
        """Nothing more comes. A second time is nothing."""
        if not self._finished:
            await self.release([b""], True)

    def _line(self) -> bytes:
        """What the caller may keep of its answer, a header while there is one to come; else a comment of the stream."""
        told, receipt = self.told, self._receipt
        if told is None or told.seq < 0 or receipt is None:
            return b""
        try:
            line = receipt(told).encode()
        except recorder.RecorderError:  # the answer is durable all the same
            return b""
        if self._start is not None:
            self._start["headers"].append((_RECEIPT, line))
            return b""
        return b": %b: %b\n\n" % (_RECEIPT, line) if self._stream else b""

    async def _emit(self, body: Message) -> None:
        start, self._start = self._start, None
        if self.gone:
            return
        try:
            await promptly(self._deliver(start, body), self._stall)
        except TimeoutError:
            self.gone = True

    async def _deliver(self, start: Message | None, body: Message) -> None:
        if start is not None:
            await self._send(start)
        await self._send(body)
