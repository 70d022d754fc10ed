"""The client leaves, or the upstream dies, at every state of a call, over real connections: nothing is left running."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from loopback import Gateway, ToyDesk, gateway

import gate
from adapter_asgi.upstream import HttpUpstream, http_client

POLICY = """rule "writes" { command "toy/write"
    allow
    mask ssn
    grant "writer" for 10m
    require approval from "privacy" }"""
META = {"io.modelcontextprotocol/protocolVersion": gate.MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
STATES = ["holding", "consuming", "leasing", "forwarding", "streaming json", "streaming events"]


@dataclass
class Lease:
    headers: list[tuple[str, str]] = field(default_factory=lambda: [("authorization", "Bearer lent")])
    id: str = "L1"
    expires: None = None
    renews: str = ""


class Stops:
    """Stops the call where it is told to: says so, and goes on when it may."""

    def __init__(self, state: str) -> None:
        self._state = state
        self.reached, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def at(self, state: str) -> None:
        if state == self._state:
            self.reached.set()
            await self.may_go_on.wait()


class Desk(ToyDesk):
    def __init__(self, stops: Stops) -> None:
        super().__init__()
        self._stops = stops

    async def submit(self, hold: gate.Hold) -> Any:
        ticket = await super().submit(hold)
        if self._stops._state == "holding":
            self._stops.reached.set()
        else:
            ticket.state = "approved"
        return ticket

    async def consume(self, id_: str, digest: str) -> bool:
        await self._stops.at("consuming")
        return await super().consume(id_, digest)


class Lender:
    def __init__(self, stops: Stops) -> None:
        self._stops = stops

    async def lease(self, grant: Any, principal: Any, session: str, approval: str = "") -> Lease:
        await self._stops.at("leasing")
        return Lease()


class Upstream:
    """Begins an answer and never ends it, unless it is told to die; counts what runs."""

    def __init__(self, stops: Stops, state: str) -> None:
        self._stops, self._state = stops, state
        self.running = self.began = 0
        self.dies = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for _ in range(2):
                await send({"type": (await receive())["type"] + ".complete"})
            return
        self.running, self.began = self.running + 1, self.began + 1
        try:
            await self._answer(receive, send)
        finally:
            self.running -= 1

    async def _answer(self, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        if self._state.startswith("streaming"):
            kind = b"text/event-stream" if self._state.endswith("events") else b"application/json"
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
            piece = b": hello\n\n" if self._state.endswith("events") else b'{"jsonrpc":"2.0",'
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        self._stops.reached.set()
        if self.dies:
            raise ConnectionError
        while (await receive())["type"] != "http.disconnect":
            pass


def _request(url: str, era: str) -> bytes:
    params: dict[str, Any] = {"name": "write", "arguments": {}}
    headers = ["Host: 127.0.0.1", "Authorization: Bearer alice", "Content-Type: application/json"]
    headers.append("Accept: application/json, text/event-stream")
    if era == "modern":
        params["_meta"] = META
        headers += [f"MCP-Protocol-Version: {gate.MODERN}", "Mcp-Method: tools/call", "Mcp-Name: write"]
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()
    headers.append(f"Content-Length: {len(body)}")
    return "\r\n".join([f"POST {urlsplit(url).path} HTTP/1.1", *headers, "", ""]).encode() + body


async def _until_over(gated: Gateway, upstream: Upstream) -> None:
    while gated.endpoint.open_exchanges or upstream.running:
        await asyncio.sleep(0.005)


def _check_ended(gated: Gateway, upstream: Upstream, outcome: str) -> None:
    requests = [entry.metadata["call"] for entry in gated.entries if entry.kind == "request"]
    ended = [entry.metadata for entry in gated.entries if entry.kind == "call.ended"]
    assert [entry["call"] for entry in ended] == requests
    assert len(requests) >= upstream.began
    assert {entry["outcome"] for entry in ended} <= {outcome}


@pytest.mark.parametrize("era", ["legacy", "modern"])
@pytest.mark.parametrize("state", STATES)
async def test_a_client_that_leaves_in_any_state_leaves_nothing_running_and_nothing_unrecorded(
    tmp_path: Path, state: str, era: str
) -> None:
    stops = Stops(state)
    upstream = Upstream(stops, state)
    async with gateway(tmp_path, upstream, POLICY) as gated:
        gated.context.desk, gated.context.lender = Desk(stops), Lender(stops)
        where = urlsplit(gated.url)
        _, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(_request(gated.url, era))
        await stops.reached.wait()
        writer.transport.abort()
        stops.may_go_on.set()
        await _until_over(gated, upstream)
    _check_ended(gated, upstream, "cut")
    assert upstream.began == int(state.startswith(("forw", "stream"))) or state in ("consuming", "leasing")


@pytest.mark.parametrize("era", ["legacy", "modern"])
@pytest.mark.parametrize("state", STATES[4:])
@pytest.mark.filterwarnings("ignore")
async def test_an_upstream_that_dies_in_any_state_is_told_of_and_its_call_is_over(
    tmp_path: Path, state: str, era: str
) -> None:
    stops = Stops(state)
    upstream = Upstream(stops, state)
    upstream.dies = True
    async with gateway(tmp_path, upstream, POLICY) as gated:
        gated.context.desk, gated.context.lender = Desk(stops), Lender(stops)
        where = urlsplit(gated.url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(_request(gated.url, era).replace(b"Host:", b"Connection: close\r\nHost:"))
        answer = await reader.read()
        writer.close()
        await _until_over(gated, upstream)
    _check_ended(gated, upstream, "error")
    assert b"toy" in answer
    assert b"HTTP/1.1 " in answer


@pytest.mark.parametrize("state", ["forwarding", "streaming json", "streaming events"])
async def test_a_gate_that_cannot_record_any_more_cuts_the_upstream_off(tmp_path: Path, state: str) -> None:
    stops = Stops(state)
    upstream = Upstream(stops, state)
    async with gateway(tmp_path, upstream, POLICY) as gated:
        gated.context.desk, gated.context.lender = Desk(stops), Lender(stops)
        where = urlsplit(gated.url)
        _, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(_request(gated.url, "modern"))
        await stops.reached.wait()
        gated.log.close()
        writer.transport.abort()
        await _until_over(gated, upstream)
    assert upstream.began == 1


async def test_an_upstream_that_hangs_up_before_it_answers_is_told_of_and_its_call_is_over(tmp_path: Path) -> None:
    asked: list[bytes] = []

    async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    server = await asyncio.start_server(hangs_up, "127.0.0.1", 0)
    async with http_client() as client:
        leg = HttpUpstream("toy", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/mcp", client)
        async with gateway(tmp_path, upstream=leg, policy=POLICY) as gated:
            gated.context.desk, gated.context.lender = Desk(Stops("")), Lender(Stops(""))
            where = urlsplit(gated.url)
            reader, writer = await asyncio.open_connection(where.hostname, where.port)
            writer.write(_request(gated.url, "legacy").replace(b"Host:", b"Connection: close\r\nHost:"))
            answer = await reader.read()
            writer.close()
    server.close()
    assert b" 502 " in answer[:16]
    assert b"cannot be reached" in answer
    assert len(asked) == 1
    assert [entry.metadata["outcome"] for entry in gated.entries if entry.kind == "call.ended"] == ["error"]
