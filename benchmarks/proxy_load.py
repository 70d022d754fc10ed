"""The load of `benchmarks/proxy.py`: MCP requests over plain sockets, each client with one request in flight."""

from __future__ import annotations

import asyncio
import json
import math
import statistics
import time
from typing import Any

META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
TEXTS = [
    f"Visit {n}: blood pressure 128/82, weight stable, follow-up in six weeks. Reviewed by the care team."
    for n in range(64)
]


HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "load", "version": "1"}}


def request(text: str, events: int = 0, *, old: bool = False, held: str = "") -> bytes:
    """A `tools/call` that is answered with `text`, as JSON or after `events` notifications on a stream.

    `old` is for a gateway that speaks 2025-06-18, and calls the server's tool by another name; `held` a session's id.
    """
    if held:
        return in_session("tools/call", {"name": "echo", "arguments": {"text": text}}, held)
    if old:
        return post("tools/call", {"name": "toy-echo", "arguments": {"text": text}}, old=True)
    arguments: dict[str, Any] = {"text": text}
    if events:
        arguments["events"] = events
    params = {"name": "echo", "arguments": arguments, "_meta": {**META, "progressToken": "t"} if events else META}
    return post("tools/call", params, "Mcp-Name: echo\r\n")


def post(method: str, params: dict[str, Any], more: str = "", *, old: bool = False) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}, separators=(",", ":"))
    version = "2025-06-18\r\n" if old else f"2026-07-28\r\nMcp-Method: {method}\r\nAuthorization: Bearer alice\r\n"
    head = (
        f"POST /mcp/{'' if old else 'toy'} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n"
        f"MCP-Protocol-Version: {version}{more}Content-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


def in_session(method: str, params: dict[str, Any], held: str = "") -> bytes:
    """A request of 2025-11-25; without a session that which begins one."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}, separators=(",", ":"))
    about = f"MCP-Protocol-Version: 2025-11-25\r\nMcp-Session-Id: {held}\r\n" if held else ""
    accept = "Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n"
    head = f"POST /mcp/toy HTTP/1.1\r\nHost: 127.0.0.1\r\n{accept}{about}Content-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


async def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    """A session's id."""
    writer.write(in_session("initialize", HELLO))
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    if " 200 " not in head:
        raise SystemExit(f"the contender begins no session: {head[:300]}")
    await reader.readexactly(int(head.split("content-length: ")[1].split("\r\n")[0]))
    return head.split("mcp-session-id: ")[1].split("\r\n")[0]


async def client(
    port: int,
    until: float,
    number: int,
    took: list[float],
    most: float = math.inf,
    *,
    old: bool = False,
    session: bool = False,
) -> None:
    """One request after the other until `until` (perf_counter seconds), or `most` in all; in a `session` of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    held = await begin(reader, writer) if session else ""
    requests = [request(text, old=old, held=held) for text in TEXTS]
    turn = number
    while (begun := time.perf_counter()) < until and len(took) < most:
        writer.write(requests[turn % len(requests)])
        body = await answer(reader)
        took.append(time.perf_counter() - begun)
        if b'"result"' not in body or b'"isError":true' in body:
            raise SystemExit(f"the contender answered {body[:300]!r}")
        turn += 1
    if held:
        writer.write(f"DELETE /mcp/toy HTTP/1.1\r\nHost: 127.0.0.1\r\nMcp-Session-Id: {held}\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
    writer.close()


async def answer(reader: asyncio.StreamReader) -> bytes:
    """One answer's body, framed either way."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if not head.startswith(b"http/1.1 200"):
        raise SystemExit(f"the contender answered {head[:300]!r} {await reader.read(500)!r}")
    if b"content-length: " in head:
        return await reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r\n")[0]))
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)
    return body


async def warm(port: int, requests: int = 4 * len(TEXTS), *, old: bool = False, session: bool = False) -> None:
    """Every text a few times: what is measured is the steady state. A text never seen before costs the masker more."""
    await client(port, math.inf, 0, [], requests, old=old, session=session)


async def load(
    port: int, clients: int, seconds: float, *, old: bool = False, session: bool = False
) -> dict[str, float]:
    """Requests per second, p50 and p99 in ms."""
    took: list[float] = []
    begun = time.perf_counter()
    how: Any = {"old": old, "session": session}
    await asyncio.gather(*(client(port, begun + seconds, n, took, **how) for n in range(clients)))
    spent = time.perf_counter() - begun
    took.sort()
    return {
        "requests_per_second": round(len(took) / spent, 1 if len(took) < 1000 else None),
        "p50_ms": round(statistics.median(took) * 1000, 3),
        "p99_ms": round(took[int(len(took) * 0.99)] * 1000, 3),
        "requests": len(took),
    }


async def events(port: int, count: int, streams: int) -> float:
    """Events per second over `streams` streams of `count` each."""

    async def read(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request(TEXTS[number], count))
        body = await answer(reader)
        if body.count(b"data: ") != count + 1:
            raise SystemExit(f"{body.count(b'data: ')} of {count + 1} events came: {body[-300:]!r}")
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(read(number) for number in range(streams)))
    return streams * count / (time.perf_counter() - begun)


async def hold_streams(port: int, count: int) -> list[asyncio.StreamWriter]:
    """Open `count` subscriptions and leave them open."""
    held = []
    for _ in range(count):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(post("subscriptions/listen", {"notifications": {"toolsListChanged": True}, "_meta": META}))
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head:
            raise SystemExit(f"the contender answered {head[:300]!r}")
        held.append(writer)
    return held
