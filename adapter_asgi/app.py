"""The composition root: settings in, one Starlette application out, with everything opened and closed in order.

What is *not* here: any behaviour. Each part is made by its own module; this file says which part gets which.
"""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import aiohttp
from starlette.applications import Starlette
from starlette.routing import Route

import gate
import masking
import policy_lang
import recorder
from adapter_asgi import logs, telemetry
from adapter_asgi.admin import AdminSocket
from adapter_asgi.approvals.api import Api
from adapter_asgi.approvals.asked import spell
from adapter_asgi.approvals.desk import ApprovalDesk
from adapter_asgi.approvals.doors import Doors
from adapter_asgi.approvals.ending import Ending
from adapter_asgi.approvals.store import ApprovalStore
from adapter_asgi.approving import Approving, approving
from adapter_asgi.background import in_background
from adapter_asgi.budgets import Budgets
from adapter_asgi.console import Console, Parts
from adapter_asgi.console.now import live_sessions
from adapter_asgi.console.visit import HOME as CONSOLE
from adapter_asgi.context import Context
from adapter_asgi.credentials.broker import Broker
from adapter_asgi.credentials.ledger import Ledger
from adapter_asgi.credentials.setup import providers
from adapter_asgi.endpoint import Endpoint, EndpointLimits
from adapter_asgi.evidence import checkpoint_route, open_keys
from adapter_asgi.front import Front
from adapter_asgi.health import Health
from adapter_asgi.identity.authenticator import Authenticator
from adapter_asgi.identity.claims import SKEW
from adapter_asgi.identity.failures import ALERT, WINDOW, Failures
from adapter_asgi.identity.fetch import fetcher
from adapter_asgi.identity.metadata import routes as metadata_routes
from adapter_asgi.identity.minting import Minter
from adapter_asgi.identity.own_tokens import OwnTokens
from adapter_asgi.identity.replay import ReplayMarks
from adapter_asgi.identity.setup import authenticator, job_names
from adapter_asgi.identity.tally import Tally
from adapter_asgi.identity.token_endpoint import routes as token_routes
from adapter_asgi.locks import Locks
from adapter_asgi.metrics import Application, Counted, Metrics
from adapter_asgi.policy import PolicyHolder
from adapter_asgi.reach import Reach
from adapter_asgi.reloading import Reloader
from adapter_asgi.running import Running
from adapter_asgi.sessions import SessionRegistry
from adapter_asgi.settings import Settings, is_loopback
from adapter_asgi.signing_in import signing_in
from adapter_asgi.state import State
from adapter_asgi.upstream import HttpUpstream, Pool, StdioUpstream, Upstream, http_client

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer
from adapter_asgi.workers.by_path import ByPath
from adapter_asgi.workers.circle import Circle
from adapter_asgi.workers.pages import merged, metrics_route
from adapter_asgi.workers.placing import Placing, mark_of
from adapter_asgi.workers.seat import Seat

__all__ = ["Gate", "opened"]

_SWEEP = 5.0
"""Seconds between two looks for approvals and leases whose time has run out."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Gate:
    """What is running: the ASGI application and the parts that signals and commands reach."""

    app: Application
    endpoint: Endpoint
    health: Health
    policy: PolicyHolder
    reloader: Reloader


@asynccontextmanager
async def opened(
    settings: Settings,
    policy: policy_lang.Policy,
    ner: masking.Engine | None,
    log: recorder.Log,
    state: State,
    inner: Mapping[str, Upstream] | None = None,
    seat: Seat | None = None,
) -> AsyncIterator[Gate]:
    """A gate that is ready to serve. Leaving it takes back every lease and closes what it opened; not the log.

    `inner` are servers beside those of the configuration; `seat` is its place where it is one of several workers.
    """
    async with AsyncExitStack() as stack:
        yield await _Opening(settings, log, state, stack, seat).gate(policy, ner, inner or {})


class _Callers(NamedTuple):
    """Who may call, and what tells of those who may not."""

    who: Authenticator
    minter: Minter
    failures: Failures


class _Opening:
    """Strategy: one method a part, in the order in which they need each other; `stack` closes them in reverse."""

    def __init__(
        self, settings: Settings, log: recorder.Log, state: State, stack: AsyncExitStack, seat: Seat | None
    ) -> None:
        self._settings, self._log, self._state, self._stack = settings, log, state, stack
        self._circle: Circle | None = None
        if seat is not None:
            self._circle = Circle(seat, state)
            stack.callback(self._circle.close)
        self._metrics = Metrics(log)
        self._reach = Reach()
        common, turn = (None, None) if self._circle is None else (self._circle.lock, self._circle.policy_turn)
        self._locks = Locks(settings.lock, alert=settings.changed_tools == "alert", common=common, changing=turn)
        if settings.log == "json":
            self._metrics.observers.append(logs.told)

    async def gate(self, policy: policy_lang.Policy, ner: masking.Engine | None, inner: Mapping[str, Upstream]) -> Gate:
        await self._locks.activate(self._metrics, getpass.getuser())
        client = await self._stack.enter_async_context(http_client())
        issuers = await self._stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        tracer = self._tracer()
        circle = self._circle
        common, turn = (None, None) if circle is None else (circle.policy, circle.policy_turn)
        holder = PolicyHolder(self._settings.policy, policy, common, turn)
        callers = self._callers(issuers)
        waiting = await approving(
            self._settings, self._state, self._metrics, holder, callers.failures, issuers, circle, self._stack
        )
        running = Running()
        lender = await self._lender(waiting.desk, callers.minter, issuers, running)
        mark = "" if circle is None else mark_of(circle.seat.number)
        sessions = SessionRegistry(self._state.key("sessions"), ner, locks=self._locks.current, mark=mark)
        self._locks.listen(sessions.lock)
        placing = self._placing(sessions)
        servers = {**_upstreams(self._settings, client), **inner}
        if tracer is not None:
            servers = {name: telemetry.TracedUpstream(found) for name, found in servers.items()}
        endpoint = self._endpoint(
            servers, callers.who, holder, sessions, self._context(waiting.desk, lender, running), placing
        )
        self._gauge(endpoint, sessions, holder, waiting.store)
        ending = Ending(running, lender, sessions, self._metrics)
        waiting.desk.listen(ending)
        self._stack.push_async_callback(ending.finish)
        mask = partial(_masked, masking.Masker(masking.ALL, self._state.key("sign-in"), ner=ner or "none"))
        doors = Doors(waiting.desk, callers.who.verify, mask)
        reloader = await self._reloader(holder, callers.who, doors)
        counting = () if placing is None else (placing.count,)
        await self._stack.enter_async_context(in_background(partial(_sweep, waiting.desk, lender), *counting))
        await self._stack.enter_async_context(reloader.watching())
        await self._stack.enter_async_context(endpoint.running(grace=1.0))
        health = await self._health(holder, waiting.desk, ending, callers.who, sessions)
        routes = [
            *health.routes(),
            self._metrics_route(),
            checkpoint_route(self._log),
            *token_routes(callers.who, callers.minter),
            *metadata_routes(self._settings.public_url, self._issuers(), tuple(servers)),
            *Api(waiting.desk, doors, callers.who.refuse).routes(),
            *self._pages(callers.who, waiting, holder, sessions, health, mask, issuers),
        ]
        app: Application = Counted(Front(endpoint, Starlette(routes=routes)), self._metrics)
        if tracer is not None:
            app = telemetry.Traced(app, tracer)
        if placing is not None:
            app = ByPath(app, placing)
        return Gate(app, endpoint, health, holder, reloader)

    def _tracer(self) -> Tracer | None:
        if self._settings.traces is None:
            return None
        self._metrics.observers.append(telemetry.see)
        return self._stack.enter_context(telemetry.tracing(self._settings.traces, version("hoopgate")))

    def _callers(self, client: aiohttp.ClientSession) -> _Callers:
        marks = ReplayMarks(self._state.file("replay.sqlite"), self._state.key("replay"))
        self._stack.callback(marks.close)
        _distrust(marks, self._log, self._settings)
        minter = Minter(self._state.keys, self._settings.public_url)
        jobs = job_names(self._settings, client)
        failures = Failures(self._metrics, tally=self._tally())
        own = OwnTokens(minter)
        return _Callers(authenticator(self._settings, fetcher(client), marks, jobs, failures, own), minter, failures)

    def _tally(self) -> Tally | None:
        """What several workers count failed authentications with."""
        if self._circle is None:
            return None
        path, key = self._state.file("failures.sqlite"), self._state.key("failures")
        tally = Tally(path, key, window=WINDOW, most=ALERT)
        self._stack.callback(tally.close)
        return tally

    async def _lender(
        self, desk: ApprovalDesk, minter: Minter, client: aiohttp.ClientSession, running: Running
    ) -> Broker:
        made = providers(self._settings, client, minter)
        key = self._state.key("leases")
        number, count = (0, 1) if self._circle is None else (self._circle.seat.number, self._circle.seat.count)
        for orphan in self._state.leases_beyond(count) if number == 0 else ():
            with contextlib.closing(Ledger(orphan, key)) as left:
                await Broker(made, left, self._metrics).sweep(everything=True)
        ledger = Ledger(self._state.leases(number), key)
        self._stack.callback(ledger.close)
        lender = Broker(made, ledger, self._metrics, until=desk.until, running=running)
        await lender.sweep(everything=True)
        self._stack.push_async_callback(lender.close)
        return lender

    def _context(self, desk: ApprovalDesk, lender: Broker, running: Running) -> Context:
        budgets = Budgets(self._state.file("budgets.sqlite"), self._state.key("budgets"))
        self._stack.callback(budgets.close)
        receipt = self._log.signed_receipt
        draining = asyncio.Event()
        return Context(
            self._metrics, desk, lender, budgets, draining, running=running, receipt=receipt, reach=self._reach
        )

    def _endpoint(
        self,
        servers: Mapping[str, Upstream],
        who: Authenticator,
        holder: PolicyHolder,
        sessions: SessionRegistry,
        context: Context,
        placing: Placing | None,
    ) -> Endpoint:
        limits = EndpointLimits(gate=gate.Limits(hold=self._settings.hold))
        hosts = _hosts(self._settings)
        return Endpoint(servers, who, holder, context, sessions, hosts=hosts, limits=limits, placing=placing)

    def _placing(self, sessions: SessionRegistry) -> Placing | None:
        if self._circle is None:
            return None
        by_caller = self._settings.quota is not None
        return Placing(self._circle.seat, sessions, by_caller=by_caller, current=self._circle.current)

    def _metrics_route(self) -> Route:
        circle = self._circle
        if circle is None:
            return self._metrics.route()
        board = circle.seat.board

        async def page() -> str:
            pages = {circle.seat.number: self._metrics.render(), **await circle.peers.ask("metrics")}
            return merged(pages, board.column("up"), board.column("restarts"))

        return metrics_route(page)

    async def _health(
        self, holder: PolicyHolder, desk: ApprovalDesk, ending: Ending, who: Authenticator, sessions: SessionRegistry
    ) -> Health:
        """Readiness and metrics: of this process, or of all workers."""
        circle = self._circle
        if circle is None:
            return Health(holder, self._metrics, reach=self._reach, locks=self._locks)

        async def states() -> list[Any]:
            return [*(await circle.peers.ask("health")).values()]

        health = Health(holder, self._metrics, states, circle.seat.count, reach=self._reach, locks=self._locks)
        live = partial(live_sessions, sessions)
        told: dict[str, Callable[[], Any]] = {"metrics": self._metrics.render, "health": health.own, "live": live}
        await self._stack.enter_async_context(
            circle.answering(desk, (holder, self._locks), ending, who.renew_keys, told)
        )
        return health

    def _gauge(self, endpoint: Endpoint, sessions: SessionRegistry, holder: PolicyHolder, store: ApprovalStore) -> None:
        gauges = self._metrics.gauges
        gauges["hoopgate_exchanges_open"] = lambda: endpoint.open_exchanges
        gauges["hoopgate_sessions_open"] = lambda: len(sessions)
        gauges["hoopgate_policy_stale"] = lambda: bool(holder.stale)
        gauges["hoopgate_lock_stale"] = lambda: bool(self._locks.stale)
        servers = (*self._settings.server,)
        self._metrics.by_server["hoopgate_upstream_down"] = lambda: {name: name in self._reach.down for name in servers}
        gauges["hoopgate_approvals_pending"] = lambda: len(store.all(["pending"]))

    def _renewing(self, callers: Authenticator) -> Callable[[str | None, str], Awaitable[None]]:
        """What is read again with the policy: the issuers' keys and the tools' lock."""

        async def renew(who: str | None, via: str) -> None:
            await self._locks.renew(self._metrics, who, via)
            await callers.renew_keys()

        return renew

    async def _reloader(self, holder: PolicyHolder, who: Authenticator, doors: Doors) -> Reloader:
        names, development = self._settings.reload, self._settings.development
        circle = self._circle
        told = None if circle is None else circle.all_renew
        looks = {} if circle is None else {"looks": lambda: circle.seat.looks}
        reloader = Reloader(
            holder,
            self._metrics,
            self._renewing(who),
            names=names,
            development=development,
            told=told,
            beside=self._settings.lock,
            **looks,
        )
        door = AdminSocket(self._state.folder, {**doors.handlers(), "reload": reloader.by_command}, spell)
        await door.start(None if circle is None else circle.seat.admin)
        self._stack.push_async_callback(door.stop)
        return reloader

    def _issuers(self) -> list[str]:
        return [table.issuer for table in self._settings.identity.tables.values()]

    def _pages(
        self,
        who: Authenticator,
        approving: Approving,
        holder: PolicyHolder,
        sessions: SessionRegistry,
        health: Health,
        mask: Callable[[Any], Any],
        client: aiohttp.ClientSession,
    ) -> list[Route]:
        pages = signing_in(self._settings, who, self._state, client)
        if pages is None:
            return []
        signin = pages.at(f"{self._settings.public_url}{CONSOLE}")
        keys, (desk, _, people) = open_keys(self._settings), approving
        others = None if self._circle is None else self._circle.peers.ask
        parts = Parts(self._settings, signin, desk, people, holder, sessions, health, self._log, keys, mask, others)
        console = Console(parts)
        self._stack.push_async_callback(console.close)
        return list(console.routes())


def _masked(masker: masking.Masker, value: Any) -> Any:
    return masker.mask_json(json.loads(spell(value))).value


def _distrust(marks: ReplayMarks, log: recorder.Log, settings: Settings) -> None:
    """The marks of shown tokens are gone, the evidence of earlier calls is not: what was issued before is refused."""
    if marks.fresh and (log.number > 0 or log.size > 1):  # the first record of a new store is that it was opened
        marks.distrust(time.time() + SKEW)
        _log.warning(
            "%s is new, but %s is not: which tokens were shown before is not known, so those that were issued until "
            "now are refused (ID43)",
            settings.state,
            settings.store,
        )


def _hosts(settings: Settings) -> list[str] | None:
    """The names by which clients may call the gate; None where nobody said them and the listener is not loopback."""
    if settings.url is None and not is_loopback(settings.host):
        return None
    names = {urlsplit(settings.public_url).hostname or "", settings.host}
    return sorted(names | {"localhost", "127.0.0.1", "::1"} if is_loopback(settings.host) else names)


def _upstreams(settings: Settings, client: Pool) -> dict[str, Upstream]:
    made: dict[str, Upstream] = {}
    for name, table in settings.server.items():
        if table.url is not None:
            made[name] = HttpUpstream(name, table.url, client)
        else:
            made[name] = StdioUpstream(name, table.command or (), cwd=table.cwd, env=table.env)
    return made


async def _sweep(desk: ApprovalDesk, lender: Broker) -> None:
    """End approvals and leases in time though nobody asks."""
    while True:
        await asyncio.sleep(_SWEEP)
        await desk.sweep()
        await lender.sweep()
