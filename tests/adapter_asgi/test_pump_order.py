"""Nothing is released, and nothing is asked of an upstream, before what stands around it in a row is durable."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

import gate
import recorder
from adapter_asgi.context import Context
from adapter_asgi.pump import Pump
from adapter_asgi.waking import Durable


class Log:
    """Makes durable what it was given once it is told to."""

    def __init__(self) -> None:
        self.given: list[tuple[list[str], Durable]] = []
        self.asked = asyncio.Event()

    def submit_to(self, entries: Sequence[recorder.Entry], outcome: Durable) -> None:
        self.given.append(([entry.kind for entry in entries], outcome))
        self.asked.set()

    async def keep(self) -> list[str]:
        await self.asked.wait()
        self.asked.clear()
        kinds, outcome = self.given.pop()
        for number in range(len(kinds)):
            outcome.set_result(recorder.Receipt(number, b"leaf"))
        return kinds


class Leg:
    status, headers = 200, ()

    def whole(self) -> bytes:
        return b"{}"

    async def close(self) -> None:
        pass


class Exchange:
    """Answers each event with the next of these lists of effects."""

    failure = ""

    def __init__(self, *answers: list[gate.Effect]) -> None:
        self._answers = [*answers]

    def weight(self, _: gate.Event) -> int:
        return 0

    def receive(self, _: gate.Event, __: Any = None) -> list[gate.Effect]:
        return self._answers.pop(0)

    @property
    def done(self) -> bool:
        return not self._answers

    def close(self) -> None:
        pass


def record(kind: str) -> gate.Record:
    return gate.Record(recorder.Entry(kind, "s"))


START, CLOSE = gate.Start(200, [("content-type", "text/event-stream")]), gate.Close()


@pytest.mark.parametrize(
    "released",
    [
        [record("response"), record("call.ended"), START, gate.Send(b"one"), gate.Send(b"two"), CLOSE],
        [START, record("response"), gate.Send(b"one"), record("call.ended"), gate.Send(b"two"), CLOSE],
        [START, gate.Send(b"one"), gate.Send(b"two"), CLOSE, record("response"), record("call.ended")],
    ],
)
async def test_what_is_released_waits_for_all_records_of_its_row(released: list[gate.Effect]) -> None:
    log, sent, opened = Log(), bytearray(), []

    async def send(message: Any) -> None:
        sent.extend(message.get("body", b""))

    async def receive() -> Any:
        return await asyncio.Event().wait()

    async def open_(forward: gate.Forward, _: Any) -> Leg:
        opened.append(forward)
        return Leg()

    async def renew() -> None:
        pass

    nothing: Any = SimpleNamespace()
    context = Context(log, nothing, nothing, nothing, asyncio.Event(), receipt=lambda told: f"v1 {told.seq}")
    asked = [record("decision"), record("request"), gate.Forward("POST", [], b"")]
    upstream: Any = SimpleNamespace(name="toy", open=open_)
    exchange: Any = Exchange(asked, released)
    pump = Pump(exchange, SimpleNamespace(id="s"), upstream, context, receive, send, renew)  # type: ignore[arg-type]
    run = asyncio.ensure_future(pump.run(gate.ClientRequest((), b"")))
    await log.asked.wait()
    assert opened == []
    assert await log.keep() == ["decision", "request"]
    await log.asked.wait()
    assert len(opened) == 1
    assert sent == b""
    assert await log.keep() == ["response", "call.ended"]
    await run
    assert sent == b"onetwo"
    assert pump._client.told == recorder.Receipt(0, b"leaf")
