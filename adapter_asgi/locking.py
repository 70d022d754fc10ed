"""`hoopgate lock`: ask every configured server for its tools; write them down, or compare them with what was."""

from __future__ import annotations

import asyncio
import difflib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gate
from adapter_asgi.errors import AdapterError
from adapter_asgi.upstream import HttpUpstream, StdioUpstream, Upstream, UpstreamError, http_client
from gate.lockfile import LOCKED, Lockfile, locked
from gate.messages import read_server_data
from gate.sse import Reader
from gate.strict_json import write

if TYPE_CHECKING:
    from adapter_asgi.settings import Settings
    from adapter_asgi.tables import ServerTable

__all__ = ["LockError", "ask_all", "check", "differences", "listed", "lock", "read"]

_PAGES = 1000
_VERSION = "2025-11-25"
_META = {"io.modelcontextprotocol/protocolVersion": gate.MODERN, "io.modelcontextprotocol/clientCapabilities": {}}


class LockError(AdapterError):
    """A server cannot be asked, or the lockfile cannot be used (codes LCK…)."""


@dataclass
class _Visit:
    """What an upstream needs to know of a session."""

    id: str = "lock"
    upstream_id: str | None = None
    version: str | None = None
    modern: bool = False


def lock(settings: Settings, path: Path) -> int:
    """Write the lockfile; 0. Raises LockError LCK01 where a server cannot be asked."""
    found = asyncio.run(ask_all(settings.server))
    path.write_text(json.dumps(found.to_json(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    tools = sum(len(held) for held in found.servers.values())
    print(f"locked {tools} tools of {len(found.servers)} servers in {path}")
    return 0


def check(settings: Settings, path: Path) -> int:
    """Print what differs from the lockfile; 0 if nothing does, else 1. Raises LockError."""
    held = read(path)
    lines = differences(held, asyncio.run(ask_all(settings.server)))
    for line in lines:
        print(line)
    if not lines:
        print("every server's tools are as they were locked")
    return 1 if lines else 0


def read(path: Path) -> Lockfile:
    """The lockfile at `path`. Raises LockError LCK02."""
    return read_text(path)[1]


def read_text(path: Path) -> tuple[str, Lockfile]:
    """The file's text, and what it says. Raises LockError LCK02."""
    try:
        data = path.read_bytes()
        return data.decode("utf-8", "replace"), Lockfile.read(data)
    except OSError as error:
        raise LockError("LCK02", f"cannot read {path}: {error.strerror}", "write it with `hoopgate lock`") from None
    except gate.GateError as error:
        raise LockError(error.code, f"{path}: {error.message}", error.help) from None


def differences(held: Lockfile, found: Lockfile) -> list[str]:
    """What a person has to look at, line by line; nothing if the tools are the same."""
    lines: list[str] = []
    for server in sorted({*held.servers, *found.servers}):
        before, after = held.servers.get(server, {}), found.servers.get(server, {})
        for name in sorted({*before, *after}):
            lines += _difference(f"{server}/{name}", before.get(name), after.get(name))
    return lines


def _difference(name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[str]:
    if before is None:
        return [f"{name} is new"]
    if after is None:
        return [f"{name} is gone"]
    if before["digest"] == after["digest"]:
        return []
    lines = [f"{name} has changed:"]
    for key in LOCKED:
        old, new = _pretty(before.get(key)), _pretty(after.get(key))
        if old != new:
            diff = list(difflib.unified_diff(old, new, lineterm="", n=1))[2:]
            lines += [f"  {key}", *(f"    {line}" for line in diff if not line.startswith("@@"))]
    return lines


def _pretty(value: Any) -> list[str]:
    if value is None:
        return []
    return value.splitlines() if isinstance(value, str) else json.dumps(value, indent=1, sort_keys=True).splitlines()


async def ask_all(servers: Mapping[str, ServerTable]) -> Lockfile:
    """The tools of every server. Raises LockError LCK01."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(http_client())
        found: dict[str, dict[str, Any]] = {}
        for name, table in servers.items():
            upstream: Upstream
            if table.url is not None:
                upstream = HttpUpstream(name, table.url, client, first_byte=30.0)
            else:
                upstream = StdioUpstream(name, table.command or (), cwd=table.cwd, env=table.env)
            stack.push_async_callback(upstream.close)
            found[name] = {tool["name"]: locked(tool) for tool in await listed(upstream)}
        return Lockfile(found)


async def listed(upstream: Upstream) -> list[dict[str, Any]]:
    """Every tool of the server, sorted by name; both eras are tried. Raises LockError LCK01."""
    try:
        async with _visiting(upstream) as visit:
            tools = [tool async for tool in _pages(upstream, visit)]
    except UpstreamError as error:
        raise LockError("LCK01", error.message) from None
    return sorted(tools, key=lambda tool: str(tool["name"]))


@asynccontextmanager
async def _visiting(upstream: Upstream) -> AsyncIterator[_Visit]:
    """The legacy handshake; where the server does not know it, the modern protocol, which has none."""
    visit = _Visit()
    who = {"name": "hoopgate-lock", "version": "1"}
    params = {"protocolVersion": _VERSION, "capabilities": {}, "clientInfo": who}
    answer = await _ask(upstream, visit, "initialize", params)
    if "result" in answer:
        visit.version = answer["result"].get("protocolVersion")
        await _send(upstream, visit, {"jsonrpc": "2.0", "method": "notifications/initialized"})
    else:
        visit.modern = True
    try:
        yield visit
    finally:
        await upstream.end_session(visit)  # type: ignore[arg-type] # it looks at the ids only


async def _pages(upstream: Upstream, visit: _Visit) -> AsyncIterator[dict[str, Any]]:
    params: dict[str, Any] = {}
    for _ in range(_PAGES):
        answer = await _ask(upstream, visit, "tools/list", params)
        if "result" not in answer:
            words = answer.get("error", {}).get("message", "")
            raise LockError("LCK01", f'The server "{upstream.name}" does not list its tools: {words}')
        for tool in answer["result"].get("tools", []):
            yield tool
        if not answer["result"].get("nextCursor"):
            return
        params = {"cursor": answer["result"]["nextCursor"]}
    raise LockError("LCK01", f'The server "{upstream.name}" lists its tools without an end.')


async def _ask(upstream: Upstream, visit: _Visit, method: str, params: dict[str, Any]) -> dict[str, Any]:
    if visit.modern:
        params = {**params, "_meta": _META}
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    for data in await _send(upstream, visit, message):
        for answer in read_server_data(data).messages:
            if answer.kind in ("result", "error"):
                return answer.tree
    return {}


async def _send(upstream: Upstream, visit: _Visit, message: dict[str, Any]) -> list[bytes]:
    """The bodies that came back: one of JSON, or those of a stream's events."""
    headers = [("accept", "application/json, text/event-stream"), ("content-type", "application/json")]
    if visit.modern:
        headers += [("mcp-protocol-version", gate.MODERN), ("mcp-method", message["method"])]
    elif visit.version is not None:
        headers.append(("mcp-protocol-version", visit.version))
    if visit.upstream_id is not None:
        headers.append(("mcp-session-id", visit.upstream_id))
    leg = await upstream.open(gate.Forward("POST", headers, write(message)), visit)  # type: ignore[arg-type] # ids only
    try:
        found = dict(leg.headers)
        visit.upstream_id = found.get("mcp-session-id", visit.upstream_id)
        body = b""
        while piece := await leg.read():
            body += piece
    finally:
        await leg.close()
    if found.get("content-type", "").startswith("text/event-stream"):
        reader = Reader()
        return [event.data for event in [*reader.feed(body), *reader.close()] if event.data]
    return [body] if found.get("content-type", "").startswith("application/json") else []
