"""A gate that is told to stop lets what runs come to its end, and sends everybody else elsewhere."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

import aiohttp
from loopback import serving
from own_process import own_process

import recorder

POLICY = 'rule "all" { server "ehr"\n    allow\n    mask none }\n'
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "echo", "arguments": {}}}
HEADERS = {"Accept": "application/json, text/event-stream"}


class Slow:
    """Answers a call when it is let."""

    def __init__(self) -> None:
        self.asked, self.let = asyncio.Event(), asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = (await receive()).get("body", b"")
        if b"tools/call" in body:
            self.asked.set()
            await self.let.wait()
        answer = json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": "slow"}]}})
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": answer.encode()})


async def test_while_it_drains_it_is_not_ready_and_what_runs_is_answered(tmp_path: Path) -> None:
    slow = Slow()
    async with (
        serving(slow) as upstream,
        own_process(tmp_path, upstream, POLICY) as gate,
        aiohttp.ClientSession(f"http://127.0.0.1:{gate.port}") as http,
    ):
        running = asyncio.create_task(http.post("/mcp/ehr", json=CALL, headers=HEADERS))
        await slow.asked.wait()
        gate.process.send_signal(signal.SIGTERM)
        ready = True
        while ready:
            async with http.get("/readyz") as page:
                ready = (await page.json())["ready"]
        assert page.status == 503
        async with http.post("/mcp/ehr", json=CALL, headers=HEADERS) as refused:
            assert (refused.status, refused.headers["retry-after"]) == (503, "5")
            assert (await refused.json())["error"]["data"]["code"] == "EP02"
        slow.let.set()
        async with await running as answer:
            assert "slow" in await answer.text()
        assert await gate.process.wait() == 0
    recorder.verify(tmp_path / "store")
