"""A whole gate in this process: configuration, CI and company issuers, desk, leases, evidence, on a real listener."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from issuing import AUDIENCE, URL, World
from serving import serving

import policy_lang
import recorder
from adapter_asgi import settings as configuration
from adapter_asgi.app import Gate, opened
from adapter_asgi.identity.fetch import fetcher
from adapter_asgi.state import State
from recorder.reader import Record, Store

LOGIN = "https://login.example"
CLIENT = "hoopgate-approvals"
CONFIG = f"""
listen = "127.0.0.1:0"
policy = "p.hoop"
store = "evidence"
[identity.github]
issuer = "{URL}"
audience = "{AUDIENCE}"
tenant = "123"
[identity.company]
provider = "generic"
issuer = "{LOGIN}"
audience = "{CLIENT}"
caller = "person"
claims = {{ actor = "email", group = "groups" }}
[approvers]
privacy = ["dana@clinic.example", "omar@clinic.example"]
break-glass = ["bea@clinic.example"]
"""


@dataclass
class Whole:
    """A running gate. `ask` does as approvers do over HTTP, `call` as a job does."""

    front: str
    gate: Gate
    store: Path
    policy: Path
    log: recorder.Log
    state: State
    client: aiohttp.ClientSession
    world: World = field(repr=False)

    def job(self, **claims: Any) -> str:
        now = int(time.time())
        return self.world.mint(**{"iat": now, "nbf": now, "exp": now + 300, **claims})

    def person(self, name: str, **claims: Any) -> str:
        nobody = dict.fromkeys(("actor", "actor_id", "repository", "run_id"), ...)
        email = f"{name}@clinic.example"
        who = {"iss": LOGIN, "aud": CLIENT, "sub": f"u-{name}", "email": email, "email_verified": True}
        return self.job(**nobody, **who, **claims)

    async def ask(self, who: str, do: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.person(who)}"}
        body = {"do": f"approvals.{do}", **more}
        async with self.client.post(f"{self.front}/api/approvals", json=body, headers=headers) as answer:
            return await answer.json()

    async def waiting(self, who: str = "dana") -> str:
        """The id of the one call that waits, once there is one."""
        while True:
            rows = (await self.ask(who, "list", states=["pending"]))["ok"]
            if rows:
                [row] = rows
                return str(row["id"])

    def call(self, token: str, tool: str = "read", arguments: Any = None) -> Any:
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": "2025-06-18",
        }
        params = {"name": tool, "arguments": arguments or {}}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        return self.client.post(f"{self.front}/mcp/ehr", json=body, headers=headers)

    def records(self, *kinds: str) -> list[Record]:
        return [record for record in Store(self.store).records() if record.kind in kinds]


@asynccontextmanager
async def whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch, upstream: Any, policy: str, more: str = "", head: str = ""
) -> AsyncIterator[Whole]:
    """The gate in front of `upstream`, an ASGI application called `ehr`; `head` and `more` join its configuration."""
    (folder / "p.hoop").write_text(policy)
    world = World()

    async def fetch(url: str) -> bytes:
        if url == f"{LOGIN}/.well-known/openid-configuration":
            return json.dumps({"issuer": LOGIN, "jwks_uri": f"{LOGIN}/jwks"}).encode()
        return await (fetcher(client)(url) if url.startswith("http://") else world.fetch(url))

    monkeypatch.setattr("adapter_asgi.app.fetcher", lambda _: fetch)
    async with serving(upstream) as address, aiohttp.ClientSession() as client:
        file = folder / "hoopgate.toml"
        file.write_text(f'{head}{CONFIG}{more}\n[server.ehr]\nurl = "{address}/mcp"\n')
        config = configuration.load(file, {})
        state = State(config.state, config.keys)
        ner: Any = "none"
        with recorder.open(config.store) as log:
            async with (
                opened(config, policy_lang.load(config.policy), ner, log, state) as gate,
                serving(gate.app) as front,
            ):
                yield Whole(front, gate, config.store, folder / "p.hoop", log, state, client, world)
        state.close()
