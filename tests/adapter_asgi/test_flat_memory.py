"""Memory stays flat: after any number of calls the process holds what it held before, and caches what their bounds say.

What is counted is what there is, not how much memory the allocators keep for it: every object that the collector
knows, by type, every item of every container, every entry of every cache.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import heapq
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from loopback import Gateway, gateway

from gate import session as sessions
from masking import known, masker, remembered, scanner
from recorder import encoder

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
from proxy_memory import held

CALLS, AT_ONCE = 16, 8
"""Of each kind in a round."""
ROUNDS = 2
TRIALS = 3
"""What a call leaves grows in each of them; what a busy machine has not yet cleared away does not."""
POLICY = """
rule "all" { server "toy"
    allow
    mask all }
rule "not that" { command "toy/never"
    deny because "not that" }
rule "little" { command "toy/counted"
    allow
    limit 30 per 1h }
"""
HELLO = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}


async def upstream(scope: Any, receive: Any, send: Any) -> None:
    """Answers with a patient whom it never named before; as JSON, as a stream, never, or not well."""
    if scope["type"] == "lifespan":
        for _ in range(2):
            await send({"type": (await receive())["type"] + ".complete"})
        return
    body = (await receive()).get("body", b"")
    tree = json.loads(body) if body else {}
    name = tree.get("params", {}).get("name", tree.get("method"))
    head = {"type": "http.response.start", "status": 500 if name == "broken" else 200}
    kind = b"text/event-stream" if name in ("stream", "forever") or scope["method"] == "GET" else b"application/json"
    await send({**head, "headers": [(b"content-type", kind), (b"mcp-session-id", b"theirs")]})
    if name == "forever" or scope["method"] == "GET":
        await send({"type": "http.response.body", "body": b": open\n\n", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        return
    if scope["method"] == "DELETE":
        await send({"type": "http.response.body", "body": b""})
        return
    number = tree.get("id", 0)
    text = f"Patient Ann Lee, MRN {4_000_000 + number}, phone 555-01{number % 100:02}, seen on 2026-03-04"
    note = {"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": text}}
    for step in range(5 if name == "stream" else 0):
        event = f"id: {number}-{step}\ndata: {json.dumps(note)}\n\n".encode()
        await send({"type": "http.response.body", "body": event, "more_body": True})
    result = {"content": [{"type": "text", "text": text}], "structuredContent": {"mrn": f"{4_000_000 + number}"}}
    answer = HELLO | {"serverInfo": {"name": "u", "version": "1"}} if name == "initialize" else result
    last = json.dumps({"jsonrpc": "2.0", "id": number, "result": answer}).encode()
    await send({"type": "http.response.body", "body": b"data: " + last + b"\n\n" if name == "stream" else last})


class Round:
    """So many calls of each kind."""

    def __init__(self, gated: Gateway) -> None:
        self.gated, self.number, self.visits = gated, 0, 0

    async def __call__(self) -> None:
        async with self.gated.http() as http, aiohttp.ClientSession(headers={"Authorization": "Basic x"}) as stranger:
            for _ in range(CALLS // AT_ONCE):
                for name in ("echo", "stream", "broken", "never", "counted"):
                    await asyncio.gather(*(self.ask(http, name) for _ in range(AT_ONCE)))
                for one in (lambda: self.ask(stranger, "echo"), lambda: self.leave(http), lambda: self.visit(http)):
                    await asyncio.gather(*(one() for _ in range(AT_ONCE)))

    async def visit(self, http: aiohttp.ClientSession) -> None:
        """A session with a call, a stream, and a stream of its own that is open when it ends."""
        self.visits += 1
        async with self.session(http) as headers:
            for name in ("echo", "stream"):
                await self.ask(http, name, headers)
            listening = await http.get(self.gated.url, headers=headers)
            await listening.content.readany()
        listening.close()

    async def ask(self, http: aiohttp.ClientSession, name: str, headers: Any = None) -> str:
        self.number += 1
        message = {"jsonrpc": "2.0", "id": self.number, "method": "tools/call", "params": {"name": name}}
        async with http.post(self.gated.url, json=message, headers=headers) as answer:
            return await answer.text()

    async def leave(self, http: aiohttp.ClientSession) -> None:
        self.number += 1
        message = {"jsonrpc": "2.0", "id": self.number, "method": "tools/call", "params": {"name": "forever"}}
        answer = await http.post(self.gated.url, json=message)
        answer.close()

    @contextlib.asynccontextmanager
    async def session(self, http: aiohttp.ClientSession) -> AsyncIterator[dict[str, str]]:
        message = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": HELLO}
        async with http.post(self.gated.url, json=message) as answer:
            headers = {"Mcp-Session-Id": answer.headers["mcp-session-id"], "MCP-Protocol-Version": "2025-06-18"}
            await answer.read()
        yield headers
        async with http.delete(self.gated.url, headers=headers) as answer:
            assert answer.status == 200, await answer.text()


def connections() -> int:
    """Connections of either side that are still known."""
    gc.collect()
    return sum(isinstance(one, asyncio.Protocol) for one in gc.get_objects())


async def later() -> Counter[str]:
    """What is held, once the loop has dropped the timers that were cancelled."""
    await asyncio.sleep(0.1)
    loop: Any = asyncio.get_running_loop()
    timers = [timer for timer in loop._scheduled if not timer.cancelled()]  # it does so itself when they are many
    heapq.heapify(timers)
    loop._scheduled = timers
    return held()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Caches with small bounds, so that they are full before anything is counted."""
    for module, name, bound in (
        (remembered, "_VERDICTS", 8),
        (remembered, "_SPANS", 8),
        (masker, "_MAX_MEMO", 8),
        (known, "_LIMIT", 100),
        (sessions, "_EVENTS", 8),
        (sessions, "_UNFINISHED", 16),
        (sessions, "_KEPT", 64),
        (encoder, "MAX_HEADS", 8),
    ):
        assert hasattr(module, name)
        monkeypatch.setattr(module, name, bound)
    monkeypatch.setattr(scanner.shared(), "remembered", remembered.Remembered())


async def test_whatever_is_asked_and_however_it_ends_nothing_stays(tmp_path: Path, small: None) -> None:
    async with gateway(tmp_path, upstream, POLICY) as gated:
        once = Round(gated)

        async def settled() -> Counter[str]:
            while gated.endpoint.open_exchanges or gated.kinds().count("session.ended") < once.visits:
                await asyncio.sleep(0.01)
            gated.entries.clear()  # the test's own
            once.visits = 0
            gated.log.checkpoint()
            upstreams: Any = gated.endpoint._servers
            await upstreams["toy"]._client.close()  # what is idle there would go a little later
            while connections():
                await asyncio.sleep(0.05)
            found = await later()
            while (again := await later()) != found:  # connections close, tasks end
                found = again
            return found

        for _ in range(2):
            await once()
        before, grown = await settled(), {}
        for _ in range(TRIALS):
            for _ in range(ROUNDS):
                await once()
            after = await settled()
            grown = {name: more for name in after if (more := after[name] - before[name]) >= 3 * ROUNDS * CALLS // 4}
            if not grown:
                break
            before = after
    assert not grown, grown


def test_one_value_for_each_call_in_a_table_would_be_seen() -> None:
    table: dict[str, Any] = {"kept": {}}
    before = held()
    table["kept"] |= {f"{number}": (number, "more") for number in range(CALLS)}
    assert held()["items"] - before["items"] >= 3 * CALLS
