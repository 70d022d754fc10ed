"""Each limit is an answer that says which, and nothing goes upstream over it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from loopback import Gateway, gateway

import gate
from adapter_asgi.endpoint import EndpointLimits
from adapter_asgi.upstream import AsgiUpstream

CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "echo", "arguments": {"text": "x"}}}
HEAD = (
    "POST /mcp/toy HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer alice\r\nContent-Type: application/json\r\n"
    "Accept: application/json, text/event-stream\r\n"
)


class Upstream:
    """Answers with `size` bytes, as JSON or as one event; `asked` counts, `held` keeps it from answering."""

    def __init__(self, size: int = 10, kind: str = "application/json") -> None:
        self.size, self.kind, self.asked = size, kind, 0
        self.held = asyncio.Event()
        self.held.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        await self.held.wait()
        text = "y" * self.size
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": text}]}}).encode()
        if self.kind == "text/event-stream":
            body = b"event: message\ndata: " + body + b"\n\n"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", self.kind.encode())]})
        await send({"type": "http.response.body", "body": body})


async def raw(gated: Gateway, text: str) -> str:
    """What comes back for these bytes on a connection of their own."""
    port = int(gated.url.split(":")[2].partition("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text.encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    length = int(answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    answer += await reader.readexactly(length)
    writer.close()
    return answer.decode()


async def test_a_body_that_is_too_large_is_refused_said_or_not(tmp_path: Path) -> None:
    app = Upstream()
    async with gateway(tmp_path, upstream=AsgiUpstream("toy", app), limits=EndpointLimits(body=1000)) as gated:
        said = await raw(gated, f"{HEAD}Content-Length: 1001\r\n\r\n")
        piece = "x" * 600
        chunks = f"258\r\n{piece}\r\n258\r\n{piece}\r\n0\r\n\r\n"
        unsaid = await raw(gated, f"{HEAD}Transfer-Encoding: chunked\r\n\r\n{chunks}")
        at_once = await raw(gated, f"{HEAD}Transfer-Encoding: chunked\r\n\r\n4b0\r\n{piece}{piece}\r\n0\r\n\r\n")
    for answer in (said, unsaid, at_once):
        assert answer.startswith("HTTP/1.1 413")
        assert '"EP05"' in answer
    assert app.asked == 0


@pytest.mark.parametrize("begun", ["", '{"jsonrpc"'])
async def test_a_body_that_does_not_come_is_not_waited_for(tmp_path: Path, begun: str) -> None:
    app = Upstream()
    async with gateway(tmp_path, upstream=AsgiUpstream("toy", app), limits=EndpointLimits(reading=0.05)) as gated:
        answer = await raw(gated, f"{HEAD}Content-Length: 100\r\n\r\n{begun}")
    assert answer.startswith("HTTP/1.1 408")
    assert '"EP07"' in answer
    assert app.asked == 0


async def test_more_calls_than_may_be_at_once_are_told_to_come_back(tmp_path: Path) -> None:
    app = Upstream()
    app.held.clear()
    upstream = AsgiUpstream("toy", app)
    async with gateway(tmp_path, upstream=upstream, limits=EndpointLimits(exchanges=1)) as gated, gated.http() as http:
        first = asyncio.create_task(http.post(gated.url, json=CALL))
        while not app.asked:
            await asyncio.sleep(0.01)
        async with http.post(gated.url, json=CALL) as second:
            assert (second.status, second.headers["retry-after"]) == (503, "5")
            assert (await second.json())["error"]["data"]["code"] == "EP02"
        app.held.set()
        async with await first as answer:
            assert answer.status == 200
        async with http.post(gated.url, json=CALL) as third:
            assert third.status == 200


async def test_more_sessions_than_may_be_held_are_refused_and_idle_ones_end(tmp_path: Path) -> None:
    app = Upstream()
    async with gateway(tmp_path, upstream=AsgiUpstream("toy", app)) as gated, gated.http() as http:
        sessions = gated.endpoint._sessions
        sessions._limit = 1
        async with http.post(gated.url, json=CALL) as first:
            assert first.status == 200
        async with http.post(gated.url, json=CALL, headers={"Authorization": "Bearer bob"}) as second:
            assert second.status == 503
            assert (await second.json())["error"]["data"]["code"] == "SES03"
        sessions._idle = -1.0
        for session in sessions.idle():
            await gated.endpoint.end(session, "idle")
        async with http.post(gated.url, json=CALL, headers={"Authorization": "Bearer bob"}) as third:
            assert third.status == 200
        [ended] = [entry for entry in gated.entries if entry.kind == "session.ended"]
        assert ended.metadata["cause"] == "idle"


@pytest.mark.parametrize("kind", ["application/json", "text/event-stream"])
async def test_a_message_that_is_too_large_is_withheld(tmp_path: Path, kind: str) -> None:
    app = Upstream(5000, kind)
    limits = EndpointLimits(gate=gate.Limits(message=2000))
    async with (
        gateway(tmp_path, upstream=AsgiUpstream("toy", app), limits=limits) as gated,
        gated.http() as http,
        http.post(gated.url, json=CALL) as answer,
    ):
        text = await answer.text()
    assert "it was withheld" in text
    assert "yyy" not in text
    assert [entry.metadata["error"] for entry in gated.entries if entry.kind == "refusal"] == ["GT302"]


async def test_a_client_that_takes_nothing_for_too_long_is_cut_off(tmp_path: Path) -> None:
    ended = asyncio.Event()

    async def flood(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        note = {"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "z" * 65536}}
        try:
            while True:
                body = b"event: message\ndata: " + json.dumps(note).encode() + b"\n\n"
                await send({"type": "http.response.body", "body": body, "more_body": True})
        finally:
            ended.set()

    async with gateway(tmp_path, upstream=AsgiUpstream("toy", flood)) as gated:
        gated.context.stall = 0.1
        port = int(gated.url.split(":")[2].partition("/")[0])
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        call = json.dumps(CALL)
        writer.write(f"{HEAD}Content-Length: {len(call)}\r\n\r\n{call}".encode())
        await ended.wait()
        while b"data" not in (await reader.read(1 << 20)):
            pass
        while await reader.read(1 << 20):
            pass
        writer.close()
    assert [entry.metadata["outcome"] for entry in gated.entries if entry.kind == "call.ended"] == ["cut"]
