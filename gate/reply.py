"""The gate's answer to the client, as far as it has gone: nothing yet, JSON, or a stream that stays open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from gate import wire
from gate.effects import Close, Effect, Send, Start
from gate.sse import KEEPALIVE, ServerEvent, frame
from gate.strict_json import write

__all__ = ["Reply"]


class Reply:
    """Appends effects to `out`. `refusals` are answers of the gate's own that wait for the upstream's beside them."""

    def __init__(self, out: list[Effect]) -> None:
        self._out = out
        self.started = ""  # "", "json" or "stream"
        self.array = False
        self.headers: Sequence[tuple[str, str]] = ()  # of the upstream's, those that the client gets
        self.refusals: list[dict[str, Any]] = []

    @property
    def streaming(self) -> bool:
        """Whether the client has been promised a stream."""
        return self.started == "stream"

    def start(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """The status line and headers of an answer that is sent at once."""
        self.started = "json"
        self._out.append(Start(status, [*headers, *self.headers]))

    def start_stream(self) -> None:
        """The status line and headers of a stream, unless it has begun."""
        if not self.started:
            self.started = "stream"
            kept = [pair for pair in self.headers if pair[0] == "mcp-session-id"]
            self._out.append(Start(200, [*wire.STREAM, *kept]))

    def keep_alive(self) -> None:
        """A comment, so that nobody on the way takes the silence for an end."""
        self._out.append(Send(KEEPALIVE))

    def event(self, data: bytes, event: ServerEvent | None = None) -> None:
        """One message on the stream, with the id and retry of `event`."""
        self._out.append(Send(frame(data, event)))

    def raw(self, data: bytes) -> None:
        """Bytes that go out as they came."""
        self._out.append(Send(data))

    def answers(self, answers: Sequence[dict[str, Any]], status: int = 200) -> None:
        """Answers of the gate's own, and the end."""
        if self.streaming:
            for answer in answers:
                self.event(write(answer))
        else:
            self.start(status, wire.JSON)
            self.raw(write(answers if self.array else answers[0]))
        self.close()

    def body(self, status: int, headers: Iterable[tuple[str, str]], data: bytes) -> None:
        """A whole answer: as one event where a stream has begun, else with a status; and the end."""
        if self.streaming:
            self.event(data)
        else:
            self.start(status, headers)
            if data:
                self.raw(data)
        self.close()

    def flush_refusals(self) -> None:
        """On a stream, refusals need not wait for the other answers."""
        for answer in self.refusals:
            self.event(write(answer))
        self.refusals = []

    def close(self) -> None:
        """The answer is complete."""
        self._out.append(Close())
