"""Every trick against real servers, in Python and in TypeScript, that write down what reaches them and what they run.

Whatever reaches a server must be what the policy was asked about, by a reader as strict as the gate's; and nothing runs
that the policy does not permit.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import unquote, urlsplit

import aiohttp
import pytest
from loopback import Gateway, gateway, serving
from mcp.server.mcpserver import MCPServer
from peers import installed, node
from tricks import BODIES, HEADERS, POLICY, RAW, READ

from adapter_asgi.upstream import HttpUpstream, http_client

HERE = __file__.rpartition("/")[0]
TYPESCRIPT = pytest.param("typescript", marks=[pytest.mark.slow, pytest.mark.timeout(1200)])
PASSED = {
    "host", "accept", "accept-encoding", "content-type", "content-length", "mcp-protocol-version", "mcp-method",
    "mcp-name", "traceparent", "tracestate", "baggage",
}  # fmt: skip
PROTOCOL = ("initialize", "ping", "server/discover", "tools/list", "prompts/list", "resources/list")
Reached = tuple[str, list[str], bytes]  # the HTTP method, header names in lower case, the body
Journal = Callable[[], Awaitable[tuple[list[Reached], list[str]]]]


def _python_server(ran: list[str]) -> Any:
    server: MCPServer[Any] = MCPServer("toy", version="1.0.0", log_level="CRITICAL")

    @server.tool()
    def read(force: bool = False) -> str:
        ran.append("read by force" if force else "read")
        return "done"

    @server.tool()
    def delete() -> str:
        ran.append("delete")
        return "done"

    @server.resource("toy://secret")
    def secret() -> str:
        ran.append("toy://secret")
        return "x"

    @server.resource("toy://open/{path}")
    def opened(path: str) -> str:
        ran.append(f"toy://open/{path}")
        return "x"

    @server.prompt(name="open")
    def brief() -> str:
        ran.append("prompt open")
        return "x"

    @server.prompt(name="secret")
    def secrets() -> str:
        ran.append("prompt secret")
        return "x"

    return server.streamable_http_app(stateless_http=True, json_response=True)


class _Tap:
    """Writes down what comes, and passes it on."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.reached: list[Reached] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        self.reached.append((scope["method"], [name.decode() for name, _ in scope["headers"]], body))
        rest = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def again() -> Any:
            return next(rest, None) or await receive()

        await self._app(scope, again, send)


@contextlib.asynccontextmanager
async def _python() -> AsyncIterator[tuple[str, Journal]]:
    ran: list[str] = []
    tap = _Tap(_python_server(ran))

    async def journal() -> tuple[list[Reached], list[str]]:
        return tap.reached, ran

    async with serving(tap) as base:
        yield f"{base}/mcp", journal


@contextlib.asynccontextmanager
async def _typescript() -> AsyncIterator[tuple[str, Journal]]:
    folder = await installed()
    process = await asyncio.create_subprocess_exec(
        node(), f"{HERE}/bypass_server.mjs", cwd=folder, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    url = f"http://127.0.0.1:{int(await process.stdout.readline())}"

    async def journal() -> tuple[list[Reached], list[str]]:
        async with aiohttp.ClientSession() as http, http.get(f"{url}/journal") as answer:
            told = json.loads(await answer.read())
        reached = [
            (method, [name.lower() for name in headers[::2]], body.encode("latin-1"))
            for method, headers, body in told["requests"]
        ]
        return reached, told["ran"]

    try:
        yield f"{url}/mcp", journal
    finally:
        process.kill()
        await process.wait()


SERVERS = {"python": _python, "typescript": _typescript}


async def _send(gated: Gateway, data: bytes) -> bytes:
    """Everything that comes back over one connection, to its end; its own end is not told before that."""
    where = urlsplit(gated.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(data)
    answer = b""
    with contextlib.suppress(ConnectionError):
        if data == RAW["a body that is too short"]:
            writer.write_eof()
        answer = await reader.read()
    writer.close()
    return answer


def _request(body: bytes, headers: list[tuple[str, str]]) -> bytes:
    usual = [("Host", "127.0.0.1"), ("Authorization", "Bearer alice"), ("Connection", "close")]
    usual += [("Accept", "application/json, text/event-stream"), ("Content-Length", str(len(body)))]
    if not any(name.lower() == "content-type" for name, _ in headers):
        usual.append(("Content-Type", "application/json"))
    lines = [f"{name}: {value}" for name, value in [*usual, *headers]]
    return "\r\n".join(["POST /mcp/toy HTTP/1.1", *lines, "", ""]).encode("latin-1") + body


def _strictly(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs), "a key twice"
    assert "__proto__" not in dict(pairs)
    return dict(pairs)


def _is_permitted(message: dict[str, Any]) -> bool:
    params = message.get("params", {})
    match message["method"]:
        case "tools/call":
            return params["name"] == "read" and "force" not in params.get("arguments", {})
        case "resources/read":
            flat = params["uri"]
            for _ in range(8):
                flat = unquote(flat).replace("\\", "/")
            return flat.startswith("toy://open/") and ".." not in flat.split("/")
        case "prompts/get":
            return params["name"] == "open"
        case method:
            return method in PROTOCOL or "id" not in message


def _check(reached: list[Reached], ran: list[str]) -> None:
    for method, headers, body in reached:
        assert set(headers) <= PASSED
        assert len(set(headers)) == len(headers)
        assert method == "POST" or not body
        tree = json.loads(body.decode("utf-8"), object_pairs_hook=_strictly) if body else []
        for message in tree if isinstance(tree, list) else [tree]:
            assert _is_permitted(message), message
    for what in ran:
        assert what in ("read", "prompt open") or what.startswith("toy://open/"), what


@contextlib.asynccontextmanager
async def _gate(tmp_path: Any, server: str) -> AsyncIterator[tuple[Gateway, Journal]]:
    async with contextlib.AsyncExitStack() as stack:
        url, journal = await stack.enter_async_context(SERVERS[server]())
        upstream = HttpUpstream("toy", url, await stack.enter_async_context(http_client()))
        yield await stack.enter_async_context(gateway(tmp_path, upstream=upstream, policy=POLICY)), journal


@pytest.mark.parametrize("server", ["python", TYPESCRIPT])
async def test_what_the_policy_permits_reaches_the_server_and_runs(tmp_path: Any, server: str) -> None:
    async with _gate(tmp_path, server) as (gated, journal):
        answer = await _send(gated, _request(READ.encode(), []))
        reached, ran = await journal()
    assert b"done" in answer
    assert len(reached) == 1
    assert ran == ["read"]


@pytest.mark.parametrize("server", ["python", TYPESCRIPT])
async def test_no_body_brings_anything_undecided_to_the_server(tmp_path: Any, server: str) -> None:
    async with _gate(tmp_path, server) as (gated, journal):
        for name, body in BODIES.items():
            answer = await _send(gated, _request(body, []))
            assert answer.startswith((b"HTTP/1.1 2", b"HTTP/1.1 4")), name
            _check(*await journal())
        _, ran = await journal()
    decided = [entry for entry in gated.entries if entry.kind == "request"]
    assert len(ran) <= len(decided)


@pytest.mark.parametrize("server", ["python", TYPESCRIPT])
async def test_no_header_brings_anything_undecided_to_the_server(tmp_path: Any, server: str) -> None:
    async with _gate(tmp_path, server) as (gated, journal):
        for name, (body, headers) in HEADERS.items():
            answer = await _send(gated, _request(body.encode(), headers))
            assert answer.startswith((b"HTTP/1.1 2", b"HTTP/1.1 4")), name
            _check(*await journal())
        assert (await journal())[1] == []


@pytest.mark.parametrize("server", ["python", TYPESCRIPT])
@pytest.mark.filterwarnings("ignore:Invalid HTTP")
async def test_no_framing_brings_anything_undecided_to_the_server(tmp_path: Any, server: str) -> None:
    async with _gate(tmp_path, server) as (gated, journal):
        for data in RAW.values():
            await _send(gated, data)
            _check(*await journal())
        assert "delete" not in (await journal())[1]
