"""`/mcp/{server}`: from an HTTP request to an exchange. An ASGI application; everything else is the gate's.

In order: the path, Host and Origin, the body's size, who is calling, which session. Then the pump.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

import gate
import policy_lang
import recorder
from adapter_asgi.context import Context
from adapter_asgi.delivery import Message, Send
from adapter_asgi.early_answer import EarlyAnswer
from adapter_asgi.errors import AdapterError
from adapter_asgi.identity.error import IdentityError
from adapter_asgi.promptly import promptly
from adapter_asgi.pump import Pump
from adapter_asgi.sessions import SessionError, SessionRegistry
from adapter_asgi.upstream import Upstream

__all__ = ["Endpoint", "EndpointLimits"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
_SWEEP = 15.0
_CUTTING = 5.0  # seconds for the calls of a session that was ended to be over
_GONE = (404, 410)  # beside success: what a DELETE is answered with where there is no session any more


class Authenticator(Protocol):
    """What the endpoint needs of `identity.Authenticator`."""

    async def authenticate(self, authorization: str | None, peer: str, *, server: str = "") -> gate.Principal: ...


class PolicyInForce(Protocol):
    """What the endpoint needs of `PolicyHolder`."""

    @property
    def current(self) -> policy_lang.Policy: ...


class Placing(Protocol):
    """What the endpoint needs where the gate has several workers (`workers.placing`)."""

    async def moved(
        self,
        scope: Any,
        principal: gate.Principal,
        server: str,
        found: Mapping[str, str],
        begins: bool | None = None,
    ) -> bool: ...
    async def current(self) -> None: ...


class Leases(Protocol):
    """What the endpoint needs of `Broker` beside lending."""

    async def end_session(self, session: str) -> tuple[str, ...]: ...


class EndingLog(Protocol):
    """What the endpoint needs of `recorder.Log` beside appending."""

    def end_session(self, session: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class EndpointLimits:
    """`body` bytes of a request, `reading` seconds to send them in, `exchanges` at once, and the gate's own limits."""

    body: int = 16 << 20
    reading: float = 60.0
    exchanges: int = 20_000
    gate: gate.Limits = field(default_factory=gate.Limits)


class Endpoint:
    """The MCP endpoint of every configured server.

    `hosts` are the names (without port) that a Host or Origin header may give; None accepts every Host, but an Origin
    then has to name the Host. Enter `running()` while it serves: it sweeps idle sessions and drains at the end.
    """

    def __init__(
        self,
        servers: Mapping[str, Upstream],
        authenticator: Authenticator,
        policy: PolicyInForce,
        context: Context,
        sessions: SessionRegistry,
        *,
        hosts: Sequence[str] | None = None,
        limits: EndpointLimits | None = None,
        placing: Placing | None = None,
    ) -> None:
        self._servers, self._authenticator, self._policy = dict(servers), authenticator, policy
        self._context, self._sessions = context, sessions
        self._hosts = None if hosts is None else frozenset(host.lower() for host in hosts)
        self._limits = limits or EndpointLimits()
        self._placing = placing
        self._pumps: dict[str, set[Pump]] = {}  # by the id of a session that a client holds
        self._open = 0
        self._empty = asyncio.Event()

    @property
    def open_exchanges(self) -> int:
        """How many exchanges are going on."""
        return self._open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError("the MCP endpoint serves HTTP only")
        try:
            await self._serve(scope, receive, send)
        except EarlyAnswer as answer:
            await answer.send(send)
        except IdentityError as error:
            challenge = ("www-authenticate", error.challenge)
            await EarlyAnswer(error.status, "EP00", error.public, [challenge]).send(send)
        except SessionError as error:
            await EarlyAnswer(error.status, error.code, str(error.message)).send(send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].rpartition("/mcp/")[2].strip("/")
        upstream = self._servers.get(name)
        if upstream is None:
            raise EarlyAnswer(404, "EP01", "There is no server of this name behind the gate.")
        headers = [(_name(key), value.decode("latin-1")) for key, value in scope["headers"]]
        found = dict(headers)
        if len(found) != len(headers):
            _check_once(headers)
        self._check_names(found)
        if self._context.draining.is_set() or self._open >= self._limits.exchanges:
            raise EarlyAnswer(503, "EP02", "The gate takes no more calls at the moment.", [("retry-after", "5")])
        peer = scope["client"][0] if scope.get("client") else ""
        principal = await self._authenticator.authenticate(found.get("authorization"), peer, server=name)
        if self._placing is not None and await self._placing.moved(scope, principal, name, found):
            return
        body = await self._read(receive, found)
        if self._placing is not None:
            begins = scope["method"] == "POST" and _begins_session(body)
            if await self._placing.moved(scope, principal, name, found, begins):
                return
        request = gate.ClientRequest(headers, body, scope["method"], peer)
        await self._run(request, principal, upstream, found, receive, send)

    async def _run(
        self,
        request: gate.ClientRequest,
        principal: gate.Principal,
        upstream: Upstream,
        found: Mapping[str, str],
        receive: Receive,
        send: Send,
    ) -> None:
        session, begins = self._session(request, principal, upstream.name, found)
        exchange = gate.open(principal, session, datetime.now(UTC), self._limits.gate)

        async def renew() -> None:
            if self._placing is not None:
                await self._placing.current()
            session.adopt(principal, self._policy.current)

        self._open += 1
        session.open_exchanges += 1
        try:
            keeper = _Keeper(send, self._sessions, session) if begins else None
            ender = _Ender(send, self._sessions, session) if _ends_session(request, session) else None
            pump = Pump(exchange, session, upstream, self._context, receive, keeper or ender or send, renew)
            if session.client_id is None:
                await pump.run(request)
            else:
                await self._run_in(session, pump, request)
        finally:
            session.open_exchanges -= 1
            self._open -= 1
            if not self._open:
                self._empty.set()
        if begins and session.upstream_id is None:
            await self._cut_calls(session)
            await self.end(session, "deleted")
        elif ender is not None:
            await self._after_delete(session, ender)

    async def _after_delete(self, session: gate.Session, ender: _Ender) -> None:
        """The session is over once its server has ended it; one that lets no client do so answers 405, and it goes on.

        Where the client left before it was answered nobody knows: then it is over, as the client wished.
        """
        if ender.over or (not ender.answered and self._sessions.drop(session)):
            await self._cut_calls(session)
            await self.end(session, "deleted", tell=not ender.answered)

    async def _run_in(self, session: gate.Session, pump: Pump, request: gate.ClientRequest) -> None:
        """Run a call that ends with its session, if not before."""
        running = self._pumps.setdefault(session.id, set())
        running.add(pump)
        try:
            await pump.run(request)
        finally:
            running.discard(pump)
            if not running:
                self._pumps.pop(session.id, None)

    async def _cut_calls(self, session: gate.Session) -> None:
        """The client has ended the session: no more calls of it, and those that are open end before it does."""
        self._sessions.drop(session)
        tasks = [pump.end_session() for pump in self._pumps.get(session.id, ())]
        if waiting := [task for task in tasks if task is not None]:
            await asyncio.wait(waiting, timeout=_CUTTING)

    def _session(
        self, request: gate.ClientRequest, principal: gate.Principal, server: str, found: Mapping[str, str]
    ) -> tuple[gate.Session, bool]:
        """The session that the request belongs to, and whether it begins one."""
        policy = self._policy.current
        held = found.get("mcp-session-id")
        if held is not None and found.get("mcp-protocol-version") != gate.MODERN:
            return self._sessions.find(held, principal, server, policy), False
        if request.method == "POST" and _begins_session(request.body):
            return self._sessions.begin(principal, server, policy), True
        return self._sessions.of_run(principal, server, policy), False

    # -- before anything is read -----------------------------------------------------------------------------------

    def _check_names(self, found: Mapping[str, str]) -> None:
        """Host and Origin against DNS rebinding (MCP, "Transports", security)."""
        host = _host(f"//{found.get('host', '')}")
        if self._hosts is not None and host not in self._hosts:
            raise EarlyAnswer(403, "EP03", "The Host header does not name this gate.")
        origin = found.get("origin")
        if origin is not None and _host(origin) not in (self._hosts or {host}):
            raise EarlyAnswer(403, "EP04", "The Origin header names a site that may not call this gate.")

    async def _read(self, receive: Receive, found: Mapping[str, str]) -> bytes:
        said = found.get("content-length", "")
        if said.isdigit() and int(said) > self._limits.body:
            raise self._too_large()
        try:
            whole = await promptly(self._read_on(receive), self._limits.reading)
        except TimeoutError:
            raise EarlyAnswer(408, "EP07", f"The body did not come in {self._limits.reading:g} s.") from None
        if len(whole) > self._limits.body:
            raise self._too_large()
        return whole

    async def _read_on(self, receive: Receive) -> bytes:
        message = await receive()
        begun: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        if not more:
            return begun
        whole = bytearray(begun)
        while more and len(whole) <= self._limits.body:
            message = await receive()
            whole += message.get("body", b"")
            more = message.get("more_body", False)
        return bytes(whole)

    def _too_large(self) -> EarlyAnswer:
        return EarlyAnswer(413, "EP05", f"The body is larger than {self._limits.body} bytes.")

    # -- while it serves, and the end ------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def running(self, grace: float = 10.0) -> AsyncIterator[None]:
        """Sweep idle sessions while inside; at the end take no more calls, give open ones `grace` seconds, end all."""
        sweeper = asyncio.create_task(self._sweep())
        try:
            yield
        finally:
            sweeper.cancel()
            await self.drain(grace)

    async def drain(self, grace: float) -> None:
        """Take no more calls; held ones are told how to come back. Then end every session."""
        self._context.draining.set()
        if self._open:
            self._empty.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(grace):
                    await self._empty.wait()
        for session in self._sessions.all():
            await self.end(session, "stopped")
        for upstream in self._servers.values():
            await upstream.close()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP)
            for session in self._sessions.idle():
                await self.end(session, "idle")

    async def end(self, session: gate.Session, cause: str, *, tell: bool = False) -> None:
        """A session is over: unfinished calls are cut, leases taken back, its end recorded.

        `tell` its server too where the client deleted it, which otherwise has done so.
        """
        self._sessions.drop(session)
        name = session.server
        if (tell or cause != "deleted") and name in self._servers:
            await self._servers[name].end_session(session)
        lender = self._context.lender
        taken: Sequence[str] = ()
        if hasattr(lender, "end_session"):
            with contextlib.suppress(AdapterError):
                taken = await lender.end_session(session.id)
        for entry in gate.closing_entries(session, cause, taken):
            with contextlib.suppress(recorder.RecorderError):
                await asyncio.wrap_future(self._context.log.submit(entry))
        log = self._context.log
        if session.announced and hasattr(log, "end_session"):
            with contextlib.suppress(recorder.RecorderError):
                await asyncio.wrap_future(log.end_session(session.id))


class _Keeper:
    """Keeps a new session as soon as its id goes out, before the client can use it."""

    def __init__(self, send: Send, sessions: SessionRegistry, session: gate.Session) -> None:
        self._send, self._sessions, self._session = send, sessions, session

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self._session.upstream_id is not None:
            self._sessions.keep(self._session)
        await self._send(message)


class _Ender:
    """Takes a session away as soon as the client is told that it is over."""

    def __init__(self, send: Send, sessions: SessionRegistry, session: gate.Session) -> None:
        self._send, self._sessions, self._session = send, sessions, session
        self.answered = self.over = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.answered, status = True, message["status"]
            self.over = (status < 300 or status in _GONE) and self._sessions.drop(self._session)
        await self._send(message)


def _ends_session(request: gate.ClientRequest, session: gate.Session) -> bool:
    return request.method == "DELETE" and session.client_id is not None


def _begins_session(body: bytes) -> bool:
    """Whether this is the legacy handshake. What is malformed is not, and is refused by the gate."""
    if b'"initialize"' not in body:
        return False
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(message, dict) and message.get("method") == "initialize"


def _check_once(headers: Sequence[tuple[str, str]]) -> None:
    names = [key for key, _ in headers]
    for name in ("host", "origin", "authorization"):
        if names.count(name) > 1:
            raise EarlyAnswer(400, "EP06", f"The header {name} came twice.")


@functools.lru_cache(maxsize=512)
def _name(key: bytes) -> str:
    return key.decode("latin-1").lower()


@functools.lru_cache(maxsize=256)
def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
