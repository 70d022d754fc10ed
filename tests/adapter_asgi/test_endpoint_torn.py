"""However an upstream's answer is torn and whenever a client leaves, at once and beside many others: nothing goes
further than its record, every call ends once, and no connection is lost or left.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from loopback import Gateway, gateway

import recorder
from adapter_asgi.upstream import HttpUpstream, http_client

JSON = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_NUMBER = re.compile(rb'"n":(\d+)')
_LARGE = 400 << 10  # more than a connection keeps for a slow reader


def _body(number: int, size: int = 0) -> bytes:
    text = f"answer {number} " + "x" * size
    result = {"content": [{"type": "text", "text": text}]}
    return json.dumps({"jsonrpc": "2.0", "id": number, "result": result}).encode()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _pieces(kind: str, number: int) -> list[bytes]:
    """What the upstream writes, one piece after the other; then it goes on to the next request, or hangs up."""
    body = _body(number, _LARGE if kind == "large" else 0)
    head = JSON + b"content-length: %d\r\n\r\n" % len(body)
    return {
        "whole": [head + body],
        "large": [head + body],
        "head first": [head, body],
        "byte by byte": [head, *(body[at : at + 1] for at in range(len(body)))],
        "chunks": [JSON + b"transfer-encoding: chunked\r\n\r\n", _chunk(body[:9]), _chunk(body[9:]), b"0\r\n\r\n"],
        "a stream": [STREAM, _chunk(b"data: " + body + b"\n\n"), b"0\r\n\r\n"],
        "half a body": [head, body[:9]],
        "half a stream": [STREAM, _chunk(b"data: " + body[:9])],
        "a head": [head],
        "half a head": [head[:20]],
        "nothing": [],
        "two answers": [head + body + head + body],
        "no http": [b"\0\1\2\r\n\r\n"],
    }[kind]


HANGS_UP = ("half a body", "half a stream", "a head", "half a head", "nothing", "two answers", "no http")
KINDS = [
    "whole", "large", "head first", "byte by byte", "chunks", "a stream", *HANGS_UP,
]  # fmt: skip
LEAVES = ["at once", "asked", "begun", "never"]


class Late:
    """The real log, which tells a moment later that something is durable: whoever does not wait is seen."""

    def __init__(self, log: Any) -> None:
        self._log, self.loop = log, asyncio.get_running_loop()
        self.durable: list[recorder.Entry] = []

    def submit_to(self, entries: Sequence[recorder.Entry], outcome: Any) -> None:
        self._log.submit_to(entries, _Held(self, list(entries), outcome))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)


class _Held:
    def __init__(self, log: Late, entries: list[recorder.Entry], outcome: Any) -> None:
        self._log, self._entries, self._outcome = log, entries, outcome

    def set_result(self, receipt: recorder.Receipt) -> None:
        loop = self._log.loop
        loop.call_soon_threadsafe(loop.call_later, 0.01, self._tell, receipt)

    def set_exception(self, error: BaseException) -> None:
        self._log.loop.call_soon_threadsafe(self._outcome.set_exception, error)

    def _tell(self, receipt: recorder.Receipt) -> None:
        self._log.durable.append(self._entries.pop(0))
        self._outcome.set_result(receipt)


class Server:
    """Tears its answers; knows what was durable when it was asked."""

    def __init__(self) -> None:
        self.log: Late | None = None
        self.asked: dict[int, asyncio.Event] = {}
        self.begun: dict[int, asyncio.Event] = {}
        self.unrecorded: list[int] = []
        self.open = 0

    def expect(self, number: int) -> None:
        self.asked[number], self.begun[number] = asyncio.Event(), asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._answer(reader, writer):
                    pass
        finally:
            self.open -= 1
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        found = _NUMBER.search(body)
        assert found
        number = int(found[1])
        if not self.durable("request", found[0]):
            self.unrecorded.append(number)
        self.asked[number].set()
        kind = KINDS[number % len(KINDS)]
        for piece in _pieces(kind, number):
            writer.write(piece)
            await writer.drain()
            self.begun[number].set()
        self.begun[number].set()
        return kind not in HANGS_UP

    def durable(self, kind: str, payload: bytes) -> bool:
        """Whether the gate knows that an entry with this in it is durable."""
        assert self.log is not None
        return any(entry.kind == kind and payload in (entry.payload or b"") for entry in self.log.durable)


async def _call(gated: Gateway, server: Server, number: int, leaves: str) -> bytes:
    server.expect(number)
    message = {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": {"name": "t", "arguments": {}}}
    message["params"]["arguments"] = {"n": number}  # type: ignore[index] # it is a dict
    body = json.dumps(message, separators=(",", ":")).encode()
    where = urlsplit(gated.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    head = (
        f"POST {where.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer alice\r\nConnection: close\r\n"
        "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    if leaves == "never":
        answer = await reader.read()
        writer.close()
        return answer
    if leaves == "at once":
        await writer.drain()
    else:
        await (server.asked if leaves == "asked" else server.begun)[number].wait()
    writer.transport.abort()
    return b""


def _check_released(server: Server, number: int, answer: bytes) -> None:
    said = b"answer %d " % number
    kind = KINDS[number % len(KINDS)]
    assert (said in answer) == (kind not in HANGS_UP), (kind, answer[:300])
    if said in answer:
        assert server.durable("response", said)
    else:
        assert b"broke off" in answer or b"cannot be reached" in answer, answer[:300]


async def test_however_an_answer_is_torn_and_whenever_a_client_leaves(tmp_path: Path) -> None:
    server = Server()
    listener = await asyncio.start_server(server, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/mcp"
    async with listener, http_client() as pool, gateway(tmp_path, upstream=HttpUpstream("toy", url, pool)) as gated:
        server.log = gated.context.log = Late(gated.context.log)
        plan = list(itertools.product(range(len(KINDS)), LEAVES, range(2)))
        numbers = [kind + len(KINDS) * (1 + turn) for turn, (kind, _, _) in enumerate(plan)]
        answers = await asyncio.gather(
            *(_call(gated, server, number, leaves) for number, (_, leaves, _) in zip(numbers, plan, strict=True))
        )
        while gated.endpoint.open_exchanges:
            await asyncio.sleep(0.005)
        assert not pool._used
        assert not server.unrecorded
        for number, (_, leaves, _), answer in zip(numbers, plan, answers, strict=True):
            if leaves == "never":
                _check_released(server, number, answer)
        entries = list(gated.entries)
    while server.open:
        await asyncio.sleep(0.005)
    requests = [entry.metadata["call"] for entry in entries if entry.kind == "request"]
    ended = [entry.metadata["call"] for entry in entries if entry.kind == "call.ended"]
    assert len(requests) == len(set(requests))
    assert sorted(requests) == sorted(ended)


@pytest.mark.parametrize("kind", ["half a body", "a head"])
async def test_a_call_that_is_cut_while_its_answer_is_not_whole_closes_the_connection(
    tmp_path: Path, kind: str
) -> None:
    begun, closed = asyncio.Event(), asyncio.Event()

    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for piece in _pieces(kind, 7):
            writer.write(piece)
        await writer.drain()
        begun.set()
        with contextlib.suppress(ConnectionError):
            await reader.read()
        closed.set()
        writer.close()

    listener = await asyncio.start_server(half, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/mcp"
    server = Server()
    server.begun[7] = begun
    async with listener, http_client() as pool, gateway(tmp_path, upstream=HttpUpstream("toy", url, pool)) as gated:
        server.expect = lambda number: None  # type: ignore[method-assign] # this upstream says by itself
        await _call(gated, server, 7, "begun")
        await closed.wait()
        while gated.endpoint.open_exchanges:
            await asyncio.sleep(0.005)
        assert not pool._used
        outcomes = [entry.metadata["outcome"] for entry in gated.entries if entry.kind == "call.ended"]
    assert outcomes == ["cut"]
