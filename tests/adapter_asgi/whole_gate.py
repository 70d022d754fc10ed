"""The whole gate in this process, as `hoopgate serve` puts it together, in front of a server that says what it saw."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from serving import serving

import policy_lang
import recorder
from adapter_asgi import settings
from adapter_asgi.app import Gate, opened
from adapter_asgi.state import State

SSN = "123-45-6789"
POLICY = """
rule "reading" { command "ehr/read", "ehr/fails"
    allow
    mask ssn }
"""
CONFIG = """
listen = "127.0.0.1:0"
policy = "p.hoop"
store = "store"
[identity.unsafe_loopback]
repository = "acme/etl"
run = "77"
[server.ehr]
url = "{url}/mcp"
"""


@dataclass
class Server:
    """An MCP server that answers every call with an SSN and keeps what it was asked."""

    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    answer: Any = None  # an ASGI application that answers in its place

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.answer is not None:
            await self.answer(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        self.headers.append({key.decode(): value.decode() for key, value in scope["headers"]})
        self.bodies.append(body)
        rpc_id = json.loads(body).get("id") if body else None
        result = {"content": [{"type": "text", "text": f"the number is {SSN}"}]}
        answer = json.dumps({"jsonrpc": "2.0", "id": rpc_id, "result": result}).encode()
        start = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]}
        await send(start)
        await send({"type": "http.response.body", "body": answer})


@dataclass
class Running:
    url: str
    gate: Gate
    server: Server
    log: recorder.Log
    settings: settings.Settings

    async def call(self, tool: str = "read", meta: Any = None, **more: Any) -> dict[str, Any]:
        """One call of a tool with planted arguments."""
        params = {"name": tool, "arguments": {"patient": f"Zenobia {SSN}"}} | ({"_meta": meta} if meta else {})
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        headers = {
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": "2025-11-25",
            **more.get("headers", {}),
        }
        async with aiohttp.ClientSession() as client:
            async with client.post(f"{self.url}/mcp/ehr", json=message, headers=headers) as answer:
                text = await answer.text()
            return dict(json.loads(text)) if text.startswith("{") else {"text": text}

    async def page(self, path: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as client, client.get(f"{self.url}{path}") as answer:
            return answer.status, await answer.text()


@contextlib.asynccontextmanager
async def whole_gate(folder: Path, policy: str = POLICY, first: str = "", last: str = "") -> AsyncIterator[Running]:
    """`first` and `last` are put before and after the configuration's own lines."""
    server = Server()
    (folder / "p.hoop").write_text(policy)
    async with serving(server) as address:
        (folder / "hoopgate.toml").write_text(first + CONFIG.format(url=address) + last)
        config = settings.load(folder / "hoopgate.toml", {})
        with contextlib.closing(State(config.state, config.keys)) as state, recorder.open(config.store) as log:
            found = policy_lang.load(config.policy)
            async with opened(config, found, "none", log, state) as gate, serving(gate.app) as url:  # type: ignore[arg-type] # no model is needed
                gate.health.serving = True
                yield Running(url, gate, server, log, config)
