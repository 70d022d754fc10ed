"""A gate on loopback in this process: real uvicorn, real aiohttp, a real MCP server, the real policy and log."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import httpx2
import uvicorn
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

import gate
import policy_lang
import recorder
from adapter_asgi.budgets import Budgets
from adapter_asgi.context import Context
from adapter_asgi.endpoint import Endpoint, EndpointLimits
from adapter_asgi.identity.error import IdentityError
from adapter_asgi.listener import Listener
from adapter_asgi.sessions import SessionRegistry
from adapter_asgi.upstream import HttpUpstream, Upstream, http_client

OPEN = 'rule "everything" { server "toy"\n allow\n mask none }'


@contextlib.asynccontextmanager
async def serving(app: Any, http: Any = "auto") -> AsyncIterator[str]:
    """`app` under uvicorn on a free port of loopback; gives its base URL. The gate is served by its own `Listener`."""
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="error", lifespan="auto", timeout_graceful_shutdown=1, http=http)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[held]))
    while not server.started:
        if task.done():
            task.result()
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{held.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        held.close()


class Tokens:
    """`Bearer NAME` is NAME's; anything else is refused."""

    async def authenticate(self, authorization: str | None, peer: str, *, server: str = "") -> gate.Principal:
        if authorization is None or not authorization.startswith("Bearer "):
            raise IdentityError("ID01", "no token", metadata="http://gate.example/meta")
        return caller(authorization.removeprefix("Bearer "))


_CALLERS: dict[str, gate.Principal] = {}


def caller(name: str) -> gate.Principal:
    if name not in _CALLERS:
        identity = policy_lang.Request.from_json({"caller": "ci", "actor": name, "provenance": "attested"})
        same = ("https://ci.example", *[""] * 7, name)
        _CALLERS[name] = gate.Principal(identity, "https://ci.example", name, name, "run-1", same_as=same)
    return _CALLERS[name]


@dataclass
class Policies:
    current: policy_lang.Policy


@dataclass
class Ticket:
    id: str
    state: str
    approvers: tuple[str, ...] = ()
    reason: str = ""
    decider: str = ""


@dataclass
class ToyDesk:
    """Everything asked for stays pending until the test says otherwise. The real desk has tests of its own."""

    tickets: dict[str, Ticket] = field(default_factory=dict)
    holds: list[gate.Hold] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    spent: list[str] = field(default_factory=list)

    async def submit(self, hold: gate.Hold) -> Ticket:
        self.holds.append(hold)
        found = self.tickets.setdefault(hold.digest, Ticket(f"AP{len(self.tickets) + 1}", "pending"))
        self.asked.set()
        return found

    async def wait(self, id_: str, timeout: float) -> Ticket:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self.changed.wait()
        return next(ticket for ticket in self.tickets.values() if ticket.id == id_)

    async def consume(self, id_: str, digest: str) -> bool:
        ticket = self.tickets[digest]
        if ticket.state != "approved":
            return False
        ticket.state = "consumed"
        self.spent.append(id_)
        return True

    def decide(self, state: str, **more: Any) -> None:
        for ticket in self.tickets.values():
            ticket.state = state
            for key, value in more.items():
                setattr(ticket, key, value)
        self.changed.set()


class NoCredentials:
    async def lease(self, grant: Any, principal: Any, session: str, approval: str = "") -> Any:
        raise NotImplementedError


@dataclass
class Gateway:
    url: str
    upstream: str
    log: recorder.Log
    endpoint: Endpoint
    policies: Policies
    desk: ToyDesk
    context: Context
    entries: list[recorder.Entry]

    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.entries]

    @contextlib.asynccontextmanager
    async def client(self, mode: str = "auto", who: str = "alice", **options: Any) -> AsyncIterator[Client]:
        headers = {"Authorization": f"Bearer {who}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=300) as http,
            Client(streamable_http_client(self.url, http_client=http), mode=mode, **options) as client,
        ):
            yield client

    @contextlib.asynccontextmanager
    async def http(self, who: str = "alice") -> AsyncIterator[aiohttp.ClientSession]:
        headers = {
            "Authorization": f"Bearer {who}",
            "Accept": "application/json, text/event-stream",
            "Content-Type": "application/json",
        }
        async with aiohttp.ClientSession(headers=headers) as session:
            yield session


class _Tee:
    """The real log, and a list of what went into it."""

    def __init__(self, log: recorder.Log, entries: list[recorder.Entry]) -> None:
        self._log, self._entries = log, entries

    def submit(self, entry: recorder.Entry) -> Any:
        self._entries.append(entry)
        return self._log.submit(entry)

    def submit_to(self, entries: Sequence[recorder.Entry], outcome: Any) -> None:
        self._entries += entries
        self._log.submit_to(entries, outcome)

    def end_session(self, session: str) -> Any:
        return self._log.end_session(session)


@contextlib.asynccontextmanager
async def gateway(
    folder: Any,
    app: Any = None,
    policy: str = OPEN,
    *,
    upstream: Callable[[str], Upstream] | Upstream | None = None,
    limits: EndpointLimits | None = None,
    wrap: Callable[[Any], Awaitable[Any]] | None = None,
) -> AsyncIterator[Gateway]:
    """A gate called `toy` in front of `app` (an ASGI application) or of `upstream`."""
    async with contextlib.AsyncExitStack() as stack:
        log = recorder.open(folder / "store", keys=None)
        stack.callback(log.close)
        base = await stack.enter_async_context(serving(app)) if app is not None else ""
        http = await stack.enter_async_context(http_client())
        leg = upstream if upstream is not None else HttpUpstream("toy", f"{base}/mcp", http)
        entries: list[recorder.Entry] = []
        desk, policies = ToyDesk(), Policies(policy_lang.compile(policy, name="test.hoop"))
        context = Context(_Tee(log, entries), desk, NoCredentials(), Budgets(), asyncio.Event(), tick=0.05)
        context.receipt = log.signed_receipt
        endpoint = Endpoint(
            {"toy": leg}, Tokens(), policies, context, SessionRegistry(b"r" * 32, "none"), limits=limits
        )
        url = await stack.enter_async_context(serving(endpoint_app(endpoint), Listener))
        yield Gateway(f"{url}/mcp/toy", f"{base}/mcp", log, endpoint, policies, desk, context, entries)


def endpoint_app(endpoint: Endpoint) -> Any:
    """The endpoint with a lifespan, as the application around it would give it."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await endpoint(scope, receive, send)
            return
        await receive()
        async with endpoint.running(grace=2.0):
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    return app
