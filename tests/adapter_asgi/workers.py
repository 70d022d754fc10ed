"""A gate with several workers in processes of its own, and callers that come on whatever connection."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import httpx2
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from own_process import CONFIG, OwnProcess, own_process

ACCEPT = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
HELLO = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}


@dataclass
class Together:
    """`pids` are the workers' processes, by number."""

    gate: OwnProcess
    pids: dict[int, int] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.gate.port}"

    def heard(self, lines: bytes) -> None:
        for worker, pid in re.findall(rb"worker (\d+) serves, process (\d+)", lines):
            self.pids[int(worker)] = int(pid)

    @contextmanager
    def only(self, worker: int) -> Iterator[None]:
        """Meanwhile the others stand still, so that this worker accepts whoever comes."""
        others = [pid for number, pid in self.pids.items() if number != worker]
        for pid in others:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in others:
                os.kill(pid, signal.SIGCONT)

    async def again(self) -> int:
        """The worker that serves again, once it does."""
        line = await self.gate.said_line(b"serves, process")
        self.heard(line)
        found = re.search(rb"worker (\d+)", line)
        assert found
        return int(found[1])

    async def page(self, path: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as http, http.get(f"{self.url}{path}") as answer:
            return answer.status, await answer.text()

    async def begin(self) -> Session:
        """A legacy session, on connections of its own."""
        status, headers, _ = await self.send({"method": "initialize", "id": 0, "params": HELLO}, {})
        assert status == 200, headers
        return Session(self, headers["mcp-session-id"])

    async def send(
        self, message: dict[str, Any], headers: dict[str, str], how: str = "POST"
    ) -> tuple[int, Any, dict[str, Any]]:
        """One request on a fresh connection: the status, the headers, and the message that came."""
        body = json.dumps({"jsonrpc": "2.0", **message}).encode() if message else None
        async with (
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as http,
            http.request(how, f"{self.url}/mcp/ehr", data=body, headers={**ACCEPT, **headers}) as answer,
        ):
            return answer.status, answer.headers, said(await answer.text())

    @asynccontextmanager
    async def client(self, mode: str, **options: Any) -> AsyncIterator[Client]:
        """The official Python client."""
        async with (
            httpx2.AsyncClient(timeout=300) as http,
            Client(streamable_http_client(f"{self.url}/mcp/ehr", http_client=http), mode=mode, **options) as client,
        ):
            yield client


@dataclass
class Session:
    """What a client holds of a legacy session."""

    gate: Together
    id: str
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def worker(self) -> int:
        """As the id says."""
        return int(self.id[30:32], 16)

    @property
    def headers(self) -> dict[str, str]:
        return {"Mcp-Session-Id": self.id, "MCP-Protocol-Version": "2025-06-18"}

    async def call(self, tool: str, /, **arguments: Any) -> tuple[int, Any, dict[str, Any]]:
        """One call on a fresh connection."""
        params = {"name": tool, "arguments": arguments}
        return await self.gate.send({"method": "tools/call", "id": next(self.numbers), "params": params}, self.headers)

    async def end(self) -> int:
        """DELETE; the status."""
        status, _, _ = await self.gate.send({}, self.headers, "DELETE")
        return status


def said(text: str) -> dict[str, Any]:
    """The message of a JSON answer, or the last one of an event stream."""
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: {")]
    found = lines[-1] if lines else text
    return dict(json.loads(found)) if found.startswith("{") else {}


def text_of(message: dict[str, Any]) -> str:
    """The words of a tool's answer."""
    return str(message["result"]["content"][0]["text"])


@asynccontextmanager
async def together(
    folder: Path, upstream: str, policy: str, count: int, first: str = "", config: str = CONFIG
) -> AsyncIterator[Together]:
    """The gate serves with `count` workers while inside."""
    head = f'workers = {count}\nprose = "none"\n{first}'
    async with own_process(folder, upstream, policy, head, config) as process:
        made = Together(process)
        made.heard(process.said)
        yield made


async def spread(gate: Together, workers: int, each: int = 1) -> list[Session]:
    """Sessions until each worker has so many."""
    found: list[Session] = []
    while min([sum(one.worker == worker for one in found) for worker in range(workers)]) < each:
        assert len(found) < 20 * workers * each, [one.worker for one in found]
        found += await asyncio.gather(*(gate.begin() for _ in range(workers)))
    return found
