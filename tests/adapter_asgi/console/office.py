"""A whole gate in this process with a console, a provider at which people sign in, and calls that were recorded.

    async with office(tmp_path) as o:                    # dana, omar and ines are of the group privacy, and so is aud
        browser = await o.signed_in("reviewer")          # dana; "auditor" aud, "operator" opal, "nobody" norma
        page = await browser.get("/console/")
        await browser.post("/console/…", data={"csrf": token_of(page.text), …})
        await o.call("read", {"patient": "7"}, run="575")        # one call of a pipeline; a run is a session
        waiting = await o.waits()                                # the id of a call that waits for dana

Strategy: no listener and no model: the clients speak ASGI to the application; only the provider and the server behind
the gate listen, because the gate reaches them by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from serving import serving

import policy_lang
import recorder
from adapter_asgi import settings
from adapter_asgi.app import Gate, opened
from adapter_asgi.state import State

GATE = "https://gate.example"
PEOPLE = {"reviewer": "dana", "auditor": "aud", "operator": "opal", "nobody": "norma"}
SSN = "123-45-6789"
POLICY = """
rule "reading" { command "ehr/read*"
    allow
    mask all except id }
rule "changes wait" { command "ehr/update*"
    allow
    require approval from "privacy" within 30m
    mask all except id }
rule "nobody deletes" { command "ehr/delete*"
    deny because "Pipelines do not delete." }
"""
CONFIG = """
url = "https://gate.example"
policy = "p.hoop"
store = "store"
hold = 1
[identity.gitlab]
issuer = "{issuer}"
tenant = "72"
audience = "https://gate.example"
[identity.clinic]
provider = "generic"
issuer = "{issuer}/people"
audience = "console"
client_secret = "s3cret"
caller = "person"
claims = {{ actor = "email" }}
[server.ehr]
url = "{server}/mcp"
[approvers]
privacy = ["dana@clinic.example", "omar@clinic.example", "ines@clinic.example", "aud@clinic.example"]
[roles]
reviewer = ["dana@clinic.example", "omar@clinic.example", "rita@clinic.example"]
auditor = ["aud@clinic.example"]
operator = ["opal@clinic.example"]
"""


_ISSUERS: list[Any] = []  # one for the whole run: making its key takes a while


def example() -> Any:
    """The clinic example's `issuer` module."""
    folder = str(Path(__file__).parents[3] / "examples" / "clinic")
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module("issuer")


@dataclass
class Server:
    """An MCP server that answers every call with what one planted."""

    text: str = f"Zenobia Quill, born 1951-03-04, number {SSN}"
    bodies: list[dict[str, Any]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        asked = json.loads(body) if body else {}
        self.bodies.append(asked)
        result = {"content": [{"type": "text", "text": self.text}]}
        answer = json.dumps({"jsonrpc": "2.0", "id": asked.get("id"), "result": result}).encode()
        start = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]}
        await send(start)
        await send({"type": "http.response.body", "body": answer})


@dataclass
class Office:
    """What a test has in hand. `issuer` mints tokens and signs people in; `server` is behind the gate."""

    gate: Gate
    log: recorder.Log
    settings: settings.Settings
    issuer: Any
    server: Server
    folder: Path
    state: State
    stack: contextlib.AsyncExitStack

    async def browser(self) -> httpx2.AsyncClient:
        """Somebody who has not signed in. Redirects are not followed."""
        transport = httpx2.ASGITransport(app=self.gate.app, raise_app_exceptions=False)
        return await self.stack.enter_async_context(httpx2.AsyncClient(transport=transport, base_url=GATE))

    async def sign_in(self, browser: httpx2.AsyncClient, name: str, to: str = "/console/") -> httpx2.Response:
        """As a person does: to the provider and back. Gives the page that says so."""
        sent = await browser.get("/console/sign-in", params={"to": to})
        assert sent.status_code == 303, sent.text
        return await browser.get(await self.authorized(sent.headers["location"], name))

    async def authorized(self, url: str, name: str) -> str:
        """The address that the provider sends the browser back to."""
        async with httpx2.AsyncClient() as client:
            back = await client.get(f"{url.replace('/authorize?', '/continue?')}&person={name}")
        return str(back.headers["location"])

    async def signed_in(self, role: str) -> httpx2.AsyncClient:
        """A client of somebody with this role, or of the person of this name."""
        browser = await self.browser()
        signed = await self.sign_in(browser, PEOPLE.get(role, role))
        assert signed.status_code == 200, signed.text
        return browser

    async def call(self, tool: str, arguments: Any = None, *, run: str = "574", **claims: Any) -> dict[str, Any]:
        """One call of the pipeline; the JSON-RPC answer."""
        token = self.issuer.mint({**example().nightly_etl(GATE), "pipeline_id": run, "job_id": f"{run}1", **claims})
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": "2025-06-18",
            "Host": "gate.example",
        }
        params = {"name": tool, "arguments": arguments or {}}
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        answer = await (await self.browser()).post("/mcp/ehr", json=message, headers=headers, timeout=300)
        lines = [line.removeprefix("data:") for line in answer.text.splitlines() if line.startswith("data:")]
        found = [json.loads(line) for line in lines if line.strip()] or [json.loads(answer.text)]
        return dict(found[-1])

    async def waits(self, arguments: Any = None, *, run: str = "574") -> str:
        """The id of a call of `update` that waits for a person; the gate has let its client go meanwhile."""
        task = asyncio.create_task(self.call("update", arguments or {"patient": "Zenobia Quill"}, run=run))
        browser = await self.signed_in("reviewer")
        while True:
            found = re.findall(r"/console/approvals/([0-9a-f]{12})", (await browser.get("/console/approvals")).text)
            if found:
                self.stack.push_async_callback(_end, task)
                return str(found[-1])
            await asyncio.sleep(0)

    def records(self, *kinds: str) -> list[recorder.reader.Record]:
        """The store's records of these kinds."""
        return [record for record in recorder.reader.Store(self.settings.store).records() if record.kind in kinds]


def token_of(text: str) -> str:
    """The CSRF token of a page's forms."""
    found = re.search(r'name="csrf" value="([^"]+)"', text)
    assert found is not None, text
    return found[1]


@contextlib.asynccontextmanager
async def office(folder: Path, *, policy: str = POLICY, more: str = "") -> AsyncIterator[Office]:
    """The gate, opened; `more` joins its configuration."""
    module, server = example(), Server()
    (folder / "p.hoop").write_text(policy)
    async with contextlib.AsyncExitStack() as stack:
        issuer = _ISSUERS[0] if _ISSUERS else module.Issuer("")
        _ISSUERS[:] = [issuer]
        address = await stack.enter_async_context(serving(issuer.app()))
        issuer.at(address)
        behind = await stack.enter_async_context(serving(server))
        file = folder / "hoopgate.toml"
        file.write_text(CONFIG.format(issuer=address, server=behind) + more)
        config = settings.load(file, {})
        state = stack.enter_context(contextlib.closing(State(config.state, config.keys)))
        log = stack.enter_context(recorder.open(config.store))
        ner: Any = "none"
        gate = await stack.enter_async_context(opened(config, policy_lang.load(config.policy), ner, log, state))
        gate.health.serving = True
        clients = await stack.enter_async_context(contextlib.AsyncExitStack())
        yield Office(gate, log, config, issuer, server, folder, state, clients)


async def _end(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
