"""The gate as an addon of mitmproxy, in front of one MCP server:

    mitmdump -s mitmproxy_addon.py --mode reverse:http://127.0.0.1:9000 \\
        --set gate_policy=clinic.hoop --set gate_store=var/evidence

It asks nobody and lends nothing: a rule that needs that is refused. Everybody is the same caller; put your own
authentication into `caller`. The prose model is not loaded: patterns and the names of fields find what is masked.
"""

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mitmproxy import ctx, http
from mitmproxy.addonmanager import Loader

import gate
import policy_lang
import recorder
from adapter_asgi.budgets import Budgets
from gate.seal import Sealer

SERVER, PATH = "ehr", "/mcp"
KEPT = 10_000  # sessions; the oldest is forgotten where there are more
CALLER = policy_lang.Request.from_json({"caller": "ci", "repository": "acme/etl", "provenance": "attested"})


@dataclass
class Passing:
    """One flow on its way through the gate. `status`, `headers` and `body` are what the client may have of it."""

    session: gate.Session
    exchange: gate.Exchange
    forward: gate.Forward | None = None
    status: int = 502
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)

    def take(self) -> bytes:
        """What was released since the last time."""
        data = bytes(self.body)
        self.body.clear()
        return data


class GateAddon:
    """mitmproxy's events in, the gate's effects out."""

    def load(self, loader: Loader) -> None:
        """The addon's two options."""
        loader.add_option("gate_policy", str, "", "a .hoop file, or a directory of them")
        loader.add_option("gate_store", str, "", "the directory of the evidence")

    def running(self) -> None:
        """Before the first flow. What raises here ends mitmproxy's start."""
        self.policy = policy_lang.load(ctx.options.gate_policy)
        self.log = recorder.open(ctx.options.gate_store)
        self.budgets, self.secret = Budgets(), secrets.token_bytes(32)
        self.sessions: dict[str, gate.Session] = {}
        self.shared = self.session()

    def done(self) -> None:
        """The proxy stops."""
        if hasattr(self, "log"):
            self.log.close()

    def caller(self, flow: http.HTTPFlow | None) -> gate.Principal:
        """Who is calling: here always the same."""
        del flow
        return gate.Principal(CALLER, "local", "acme/etl", "acme/etl", same_as=("local", "acme/etl"))

    def session(self, client_id: str | None = None) -> gate.Session:
        """One caller on the server, with a key of its own."""
        who, key = self.caller(None), secrets.token_bytes(32)
        sealer = Sealer(self.secret, SERVER, who.issuer, who.subject)
        made = gate.Session(secrets.token_hex(16), SERVER, who, self.policy, key, sealer, ner="none")
        made.client_id = client_id
        return made

    def session_of(self, flow: http.HTTPFlow) -> gate.Session | None:
        """The session that the client's id names, one that begins, or the one of those who have none."""
        named = flow.request.headers.get("mcp-session-id")
        if named is not None:
            return self.sessions.get(named)
        if b'"initialize"' not in (flow.request.raw_content or b""):
            return self.shared
        made = self.session(secrets.token_hex(16))
        self.sessions[made.client_id or ""] = made
        if len(self.sessions) > KEPT:
            del self.sessions[next(iter(self.sessions))]
        return made

    # -- mitmproxy's events ------------------------------------------------------------------------------------------

    async def request(self, flow: http.HTTPFlow) -> None:
        """The client's whole request: refused here, or forwarded as it was decided on."""
        session = self.session_of(flow) if flow.request.path == PATH else None
        if session is None:
            flow.response = http.Response.make(404, b"There is nothing here.")
            return
        passing = Passing(session, gate.open(session.principal, session, datetime.now(UTC)))
        headers = [(name.lower(), value) for name, value in flow.request.headers.items(multi=True)]
        event = gate.ClientRequest(headers, flow.request.raw_content or b"", flow.request.method)
        await asyncio.to_thread(self.perform, passing, event)
        if passing.forward is None:
            flow.response = answer(passing)
            return
        flow.metadata["gate"] = passing
        flow.request.method, flow.request.raw_content = passing.forward.method, passing.forward.body
        flow.request.headers = fields(passing.forward.headers)
        flow.request.headers["host"] = f"{flow.request.host}:{flow.request.port}"
        if passing.forward.body:
            flow.request.headers["content-length"] = str(len(passing.forward.body))

    async def responseheaders(self, flow: http.HTTPFlow) -> None:
        """A stream is passed message by message; anything else is read whole."""
        passing: Passing | None = flow.metadata.get("gate")
        if passing is None or "text/event-stream" not in flow.response.headers.get("content-type", ""):
            return
        await asyncio.to_thread(self.perform, passing, started(flow))
        flow.response.status_code, flow.response.headers = passing.status, fields(passing.headers)
        flow.response.stream = lambda data: self.piece(passing, data)

    def piece(self, passing: Passing, data: bytes) -> bytes:
        """What may go of a piece of a stream. mitmproxy waits here until its records are durable."""
        if not passing.exchange.done:
            self.perform(passing, gate.UpstreamData(data) if data else gate.UpstreamEnded())
        return passing.take()

    async def response(self, flow: http.HTTPFlow) -> None:
        """An answer that is no stream."""
        passing: Passing | None = flow.metadata.get("gate")
        if passing is None or flow.response.stream:
            return
        body = flow.response.raw_content or b""
        for event in (started(flow), gate.UpstreamData(body), gate.UpstreamEnded()):
            if not passing.exchange.done:
                await asyncio.to_thread(self.perform, passing, event)
        flow.response = answer(passing)

    async def error(self, flow: http.HTTPFlow) -> None:
        """Either side broke off: the call gets its end."""
        passing: Passing | None = flow.metadata.get("gate")
        if passing is not None and not passing.exchange.done:
            left = flow.error is not None and "lient disconnected" in flow.error.msg
            event = gate.ClientGone() if left else gate.UpstreamFailed("The server broke off.")
            await asyncio.to_thread(self.perform, passing, event)

    # -- the gate's effects ------------------------------------------------------------------------------------------

    def perform(self, passing: Passing, event: gate.Event) -> None:
        """Everything that follows from `event`, in order; nothing after a record that is not durable."""
        events = [event]
        while events and not passing.exchange.done:
            try:
                for effect in passing.exchange.receive(events.pop(0), datetime.now(UTC)):
                    events += self.one(passing, effect)
            except recorder.RecorderError as failed:
                events = [gate.RecordFailed(f"What happens here cannot be recorded ({failed.code}).")]

    def one(self, passing: Passing, effect: gate.Effect) -> list[gate.Event]:
        """One effect, and the event that answers it, if any."""
        match effect:
            case gate.Record():
                self.log.append(effect.entry)
            case gate.Start():
                passing.status, passing.headers = effect.status, list(effect.headers)
            case gate.Send():
                passing.body += effect.data
            case gate.Forward():
                passing.forward = effect
            case gate.Charge():
                self.budgets.charge(effect.limits, effect.principal, effect.session, effect.size)
            case gate.Spend():
                return [self.budgets.spend(effect.limits, effect.principal, effect.session)]
            case gate.Hold():
                return [gate.ApprovalRefused("none", "this proxy asks nobody")]
            case gate.Lease():
                return [gate.LeaseFailed("this proxy lends nothing")]
        return []


def started(flow: http.HTTPFlow) -> gate.UpstreamStarted:
    """The server's status and headers."""
    headers = [(name.lower(), value) for name, value in flow.response.headers.items(multi=True)]
    return gate.UpstreamStarted(flow.response.status_code, headers)


def fields(headers: list[tuple[str, str]]) -> http.Headers:
    """Headers as mitmproxy has them."""
    return http.Headers([(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers])


def answer(passing: Passing) -> http.Response:
    """What the client gets."""
    return http.Response.make(passing.status, passing.take(), fields(passing.headers))


addons = [GateAddon()]
