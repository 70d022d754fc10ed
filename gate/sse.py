"""Server-sent events, cut anywhere (WHATWG HTML §9.2.6), with the bytes of each event kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gate.errors import UPSTREAM_WITHHELD, RefusedError

__all__ = ["KEEPALIVE", "Reader", "ServerEvent", "frame"]

KEEPALIVE = b":\n\n"
_ID = 1024  # bytes; no client could resume from a longer one
# Two line ends in a row. It begins with a set of characters, which `re` scans for several times as fast as for choices.
_END = re.compile(rb"[\r\n](?:(?<=\n)|\n|(?!\n|\Z))(?:\r\n|\n|\r(?!\n|\Z))")


@dataclass(slots=True)
class ServerEvent:
    """One event. `plain` says that `raw` holds nothing but the fields below, so it may be passed on as it came."""

    raw: bytes
    name: bytes = b"message"
    data: bytes = b""
    id: bytes | None = None
    retry: bytes | None = None
    plain: bool = True
    has_data: bool = False


class Reader:
    """`feed` returns the events that are complete; an event, finished or not, has at most `limit` bytes."""

    __slots__ = ("_buffer", "_limit", "_scanned", "_started")

    def __init__(self, limit: int = 64 << 20) -> None:
        self._buffer = bytearray()
        self._limit = limit
        self._scanned = 0
        self._started = False

    @property
    def held(self) -> int:
        """Bytes of an event that is not complete yet."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[ServerEvent]:
        """The events completed by `data`. Raises RefusedError GT302 when one grows over the limit."""
        self._buffer += data
        if not self._started and len(self._buffer) >= 3:
            self._started = True
            if self._buffer.startswith(b"\xef\xbb\xbf"):
                del self._buffer[:3]
        events = []
        position = 0
        while found := _END.search(self._buffer, max(position, self._scanned)):
            if found.end() - position > self._limit:
                raise self._too_large()
            events.append(_event(bytes(self._buffer[position : found.end()])))
            position = found.end()
            self._scanned = position
        del self._buffer[:position]
        self._scanned = max(0, len(self._buffer) - 3)
        if len(self._buffer) > self._limit:
            raise self._too_large()
        return events

    def _too_large(self) -> RefusedError:
        return RefusedError(
            "GT302",
            f"The server sent a message of more than {self._limit >> 20} MiB; it was withheld.",
            rpc_code=UPSTREAM_WITHHELD,
        )

    def close(self) -> list[ServerEvent]:
        """The event that the stream's end completes, if its final line end was still in doubt (a lone CR)."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        self._scanned = 0
        return [_event(rest)] if rest.endswith((b"\r\r", b"\n\r", b"\n\n")) else []


def frame(data: bytes, event: ServerEvent | None = None) -> bytes:
    """One event that carries `data` and the id and retry of `event`; JSON may be laid out in lines."""
    lines = [b"event: message"]
    if event is not None:
        if event.id is not None:
            lines.append(b"id: " + event.id)
        if event.retry is not None:
            lines.append(b"retry: " + event.retry)
    lines += [b"data: " + line for line in data.splitlines()] or [b"data: "]
    return b"\n".join(lines) + b"\n\n"


def _event(raw: bytes) -> ServerEvent:
    event = ServerEvent(raw)
    data: list[bytes] = []
    seen: set[bytes] = set()
    for line in raw.splitlines():  # of bytes: at CR, LF and CRLF only
        if not line:
            continue
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            data.append(value)
            continue
        event.plain &= field not in seen  # the last one counts, and nobody has looked at what those before it say
        seen.add(field)
        if field == b"event":
            event.name = value or b"message"
        elif field == b"id" and b"\0" not in value and len(value) <= _ID:
            event.id = value
        elif field == b"retry" and value.isdigit() and len(value) < 8:
            event.retry = value
        else:
            event.plain = False
    event.has_data = bool(data)
    event.data = b"\n".join(data)
    return event
