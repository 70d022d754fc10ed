"""A client that stops reading stops its upstream, and the gate's memory does not grow with the answer."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from loopback import serving
from own_process import own_process

PIECE, TOTAL = 64 << 10, 200 << 20
POLICY = 'rule "all" { server "ehr"\n    allow\n    mask none\n    record off }\n'


class Flood:
    """A stream of log messages, 200 MB in all, and the answer. `sent` is how much the gate has taken."""

    def __init__(self) -> None:
        self.sent = 0
        self.moved = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        message = await receive()
        if b"tools/call" not in message.get("body", b""):
            await send({"type": "http.response.start", "status": 405, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        params = {"level": "info", "data": "z" * PIECE}
        note = _event({"jsonrpc": "2.0", "method": "notifications/message", "params": params})
        while self.sent < TOTAL:
            await send({"type": "http.response.body", "body": note, "more_body": True})
            self.sent += len(note)
            self.moved.set()
        result = {"content": [{"type": "text", "text": "done"}]}
        await send({"type": "http.response.body", "body": _event({"jsonrpc": "2.0", "id": 1, "result": result})})

    async def stalls(self) -> None:
        """Until nothing has moved for half a second."""
        while True:
            self.moved.clear()
            try:
                async with asyncio.timeout(0.5):
                    await self.moved.wait()
            except TimeoutError:
                return


def _event(message: Any) -> bytes:
    return b"event: message\ndata: " + json.dumps(message).encode() + b"\n\n"


def _peak(pid: int) -> int:
    """The most memory that a process has had, in bytes (proc(5), VmHWM)."""
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) << 10


@pytest.mark.slow
async def test_200_mb_pass_a_client_that_stops_reading_in_bounded_memory(tmp_path: Path) -> None:
    flood = Flood()
    async with serving(flood) as upstream, own_process(tmp_path, upstream, POLICY) as gate:
        before = _peak(gate.pid)
        call = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"flood","arguments":{}}}'
        head = (
            f"POST /mcp/ehr HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Accept: application/json, text/event-stream\r\nConnection: close\r\n"
            f"Content-Length: {len(call)}\r\n\r\n"
        )
        reader, writer = await asyncio.open_connection("127.0.0.1", gate.port, limit=PIECE)
        writer.write(head.encode() + call)
        await flood.stalls()
        stalled = flood.sent
        got, last = 0, b""
        while data := await reader.read(1 << 20):
            got, last = got + len(data), (last + data)[-2_000:]
        writer.close()
        grown = _peak(gate.pid) - before
    assert stalled < 32 << 20  # the sockets' buffers, which the system sizes; not the answer
    assert got > TOTAL
    assert b"done" in last
    assert grown < 32 << 20
