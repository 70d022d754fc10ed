"""One exchange: a request of the client's and everything that follows from it, as events in and effects out.

Strategy: every (state, event) that may happen is a row of `TABLE`; a missing row *is* the protocol error. A handler
computes all of its effects before any of them is performed, and whatever it raises, anything at all, ends in the one
handler `_fail`: a refusal and a record, and nothing of what was computed.

What is not here: I/O, clocks, authentication (the principal is an input), how the upstream's messages are masked.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gate import events as ev
from gate import wire
from gate.call import Call, key_of
from gate.effects import CancelUpstream, Close, Consume, Effect, Forward, Hold, Lease, Record, Spend, Start
from gate.errors import (
    LIMIT_REACHED,
    METHOD_NOT_FOUND,
    NEEDS_APPROVAL,
    UPSTREAM_FAILED,
    GateError,
    MalformedError,
    ProtocolError,
    RefusedError,
)
from gate.inflow import Inflow
from gate.judge import approval_digest, check_reach, judge
from gate.messages import Message, read_client_body
from gate.opening import approval_state, open_values
from gate.reply import Reply
from gate.routing import Routing, headers_for_upstream, read_routing
from gate.strict_json import write

if TYPE_CHECKING:
    import recorder
    from gate.principal import Principal
    from gate.session import Session

__all__ = ["TABLE", "Exchange", "Limits"]

_BATCHES = "2025-03-26"  # the only version with JSON-RPC batches; also what a missing version header means
_RESUMABLE = frozenset({"tools/call", "prompts/get", "resources/read"})  # what input_required may answer
_REMOVED = frozenset({"initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"})
_KEPT_OF_REFUSED = 64 << 10  # bytes of a malformed body that are kept as evidence


_Snapshot = tuple[str, list[Call], "set[object] | None"]


@dataclass(frozen=True, slots=True)
class Limits:
    """`message` bytes of one message; `leg` and `hold` seconds a client waits for people; `rounds` legs at most."""

    message: int = 64 << 20
    leg: float = 45.0
    hold: float = 50.0
    rounds: int = 9


class Exchange:
    """Made by `gate.open`. Feed it events with `receive`; perform the effects that it returns, in order."""

    def __init__(self, principal: Principal, session: Session, now: datetime, limits: Limits) -> None:
        self.state = "new"
        self.failure = ""  # where an unexpected exception came from, for the operator's log: no message, no values
        self._principal, self._session, self._now, self._limits = principal, session, now, limits
        self._ledger = session.ledger
        self._out: list[Effect] = []
        self._reply = Reply(self._out)
        self._request: ev.ClientRequest = _NO_REQUEST
        self._routing: Routing = _NO_ROUTING
        self._rewritten = False
        self._messages: list[Message] = []
        self._calls: list[Call] = []
        self._approval = self._digest = ""
        self._rounds = self._steps = 0
        self._waited = 0.0
        self._inflow: Inflow | None = None
        self._upstream_open = False

    # -- the driver's side -----------------------------------------------------------------------------------------

    def receive(self, event: ev.Event, now: datetime | None = None) -> list[Effect]:
        """The effects that `event` causes, in the order in which they must be performed. Never raises.

        `now` moves the exchange's clock (UTC); without it, time stands still but for what `ApprovalWaiting` says.
        """
        if now is not None:
            self._now = now
        self._out.clear()
        before = self._snapshot()
        try:
            handler = TABLE.get((self.state, type(event)))
            if handler is None:
                raise ProtocolError("GT001", f"{type(event).__name__} cannot happen in the state {self.state!r}.")
            handler(self, event)
        except Exception as error:  # noqa: BLE001 - the one fail-closed boundary of the gate
            self._fail(error, before)
        return self._out.copy()

    @property
    def done(self) -> bool:
        """Whether nothing more will happen."""
        return self.state == "done"

    def _snapshot(self) -> _Snapshot:
        unanswered = None if self._inflow is None else self._inflow.state()
        return self._reply.started, [call for call in self._calls if not call.ended], unanswered

    def _fail(self, error: Exception, before: _Snapshot) -> None:
        """Whatever went wrong: refuse, record, release nothing more, and nothing of what this event had caused."""
        self._out.clear()
        self._reply.started, open_calls, unanswered = before
        for call in open_calls:
            call.ended = False
        if self._inflow is not None and unanswered is not None:
            self._inflow.restore(unanswered)
        self.failure = _where(error)
        known = error if isinstance(error, (MalformedError, RefusedError)) else None
        try:
            self._refuse_all(known or GateError("GT500", "The gate failed on this message; nothing more of it passes."))
        except Exception:  # noqa: BLE001 - the boundary itself: end without words rather than not at all
            self._out[:] = [CancelUpstream()] if self._upstream_open else []
            if not self._reply.started:
                self._out.append(Start(500, ()))
            self._out.append(Close())
        self.state = "done"

    def _record(self, *entries: recorder.Entry) -> None:
        self._out += map(Record, entries)

    # -- the client's request --------------------------------------------------------------------------------------

    def _on_request(self, event: ev.ClientRequest) -> None:
        self._request = event
        is_post = event.method == "POST"
        self._routing = read_routing(event.headers, body=is_post)
        self._announce(event.peer)
        if is_post:
            self._read_post(event.body)
        elif event.method in ("GET", "DELETE"):
            self._read_stream_request(event)
        else:
            raise MalformedError("GT117", f"{event.method[:16]} is not a method of this endpoint.", status=405)
        self._decide()

    def _announce(self, peer: str) -> None:
        if not self._session.announced:
            self._session.announced = True
            era = "modern" if self._routing.modern else "legacy"
            self._record(*self._ledger.opened(self._session, peer, era))

    def _read_post(self, body: bytes) -> None:
        batch = read_client_body(body)
        self._reply.array, self._messages = batch.array, batch.messages
        for message in batch.messages:
            try:
                self._routing.check(message)
                self._check_known(message)
            except MalformedError as error:
                error.id = message.id
                raise
        if batch.array and (self._routing.version or self._session.version or _BATCHES) != _BATCHES:
            raise MalformedError("GT118", "This version of the protocol has no batches.", "Send one message a request.")

    def _read_stream_request(self, event: ev.ClientRequest) -> None:
        self._routing.check_version()
        if self._routing.modern:
            raise MalformedError("GT117", f"MCP 2026-07-28 has no {event.method}; only POST.", status=405)
        if event.body:
            raise MalformedError("GT119", f"A {event.method} has no body.")
        self._messages = [Message("stream", {}, None, event.method)]

    def _check_known(self, message: Message) -> None:
        """What 2026-07-28 took out of the protocol is answered as the specification says: 404, method not found."""
        if self._routing.modern and message.kind == "request" and message.method in _REMOVED:
            raise MalformedError("GT121", "Method not found", rpc_code=METHOD_NOT_FOUND, status=404)

    def _decide(self) -> None:
        for message in self._messages:
            if message.kind in ("result", "error"):
                self._take_answer(message)
            else:
                self._decide_on(message)
        held = next((call for call in self._calls if _waits_for_people(call)), None)
        if not self._calls:
            self._answer_refusals()
        elif held is not None:
            self._hold(held)
        else:
            self._spend()

    def _decide_on(self, message: Message) -> None:
        self._check_reuse(message)
        opened = open_values(message, self._session.sealer)
        self._rewritten |= opened.rewritten
        self._rounds = opened.rounds
        call = self._judge(message)
        try:
            check_reach(call, self._session)
            self._check_lock(call)
            self._check_alone(call)
        except RefusedError as error:
            self._refuse_one(call, error)
        else:
            self._calls.append(call)

    def _judge(self, message: Message) -> Call:
        try:
            call = judge(message, self._session, self._now)
            if call.tool is not None and call.tool in self._session.tools:
                self._routing.check_arguments(message, self._session.tools[call.tool].get("inputSchema"))
        except MalformedError as error:
            error.id = message.id
            raise
        self._record(self._ledger.decision(call))
        return call

    def _check_reuse(self, message: Message) -> None:
        """An id that still waits for its answer would have its answer taken for another's."""
        if message.kind == "request" and self._session.client_id and key_of(message.id) in self._session.unfinished:
            raise MalformedError("GT105", "A request with this id is still open in this session.")

    def _check_lock(self, call: Call) -> None:
        if call.tool is not None and self._session.lock is not None and (why := self._session.lock.refusal(call.tool)):
            help_ = "Whoever runs the gate looks at the difference (`hoopgate lock --check`) and locks it anew."
            raise RefusedError("GT209", why, help_, decision=call.decision_id)

    def _check_alone(self, call: Call) -> None:
        if len(self._messages) > 1 and (_waits_for_people(call) or _grant(call) is not None):
            raise RefusedError(
                "GT203",
                "This call needs an approval or a credential of its own, which a batch cannot carry.",
                "Send it alone.",
                rules=call.decision.rules,
                decision=call.decision_id,
            )

    def _take_answer(self, message: Message) -> None:
        """The client's answer to a request of the upstream's: only if it was asked, and only once."""
        method = None if self._routing.modern else self._session.awaited.pop(key_of(message.id), None)
        if method is None:
            raise MalformedError("GT120", "This is an answer to a request that nobody made.")
        call = judge(Message("notification", {}, None, method), self._session, self._now)
        call.message = Message("notification", message.tree, message.id, method)
        self._record(self._ledger.decision(call))
        self._calls.append(call)

    # -- people ----------------------------------------------------------------------------------------------------

    def _hold(self, call: Call) -> None:
        self._digest = approval_digest(call, self._session)
        wait = self._limits.leg if self._comes_back(call) else self._limits.hold
        if self._rounds >= self._limits.rounds:
            wait = 0.0
        self.state = "holding"
        self._out.append(
            Hold(
                digest=self._digest,
                requirements=tuple(call.decision.approvals),
                principal=self._principal,
                session=self._session.id,
                server=self._session.server,
                command=call.command or call.method,
                arguments=_shown(call),
                rules=tuple(call.decision.rules),
                policy=call.decision.policy,
                call=call.id,
                wait=wait,
            )
        )

    def _comes_back(self, call: Call) -> bool:
        """Whether the client may be sent away with a state, to come back on its own."""
        return self._routing.modern and call.method in _RESUMABLE

    def _on_waiting(self, event: ev.ApprovalWaiting) -> None:
        """Keep the client's connection alive: a comment, and progress where the client asked for it."""
        self._now += timedelta(seconds=max(0.0, event.elapsed - self._waited))
        self._waited = event.elapsed
        if not self._routing.takes_stream:
            return
        self._reply.start_stream()
        token = self._calls[0].message.meta.get("progressToken")
        if token is None:
            self._reply.keep_alive()
        else:
            self._steps += 1
            self._reply.event(wire.progress(token, self._steps, f"waiting for approval {event.approval}"))

    def _on_given(self, event: ev.ApprovalGiven) -> None:
        """Decide anew: the policy, the clock or the arguments' meaning may have changed since people were asked."""
        before = self._calls[0]
        self._check_token()
        call = judge(before.message, self._session, self._now)
        call.id = before.id  # of the same call, decided anew
        self._calls = [call]
        if call.decision != before.decision:
            self._record(self._ledger.decision(call))
        check_reach(call, self._session)
        self._approval = event.approval if call.decision.effect == "approval" else ""
        if self._approval and approval_digest(call, self._session) != self._digest:
            self._hold(call)
        else:
            self._spend()

    def _on_refused(self, event: ev.ApprovalRefused) -> None:
        who = f" by {event.approver}" if event.approver else ""
        raise self._about_approval("GT204", f"Approval {event.approval} was not given{who}: {event.reason}", event)

    def _on_pending(self, event: ev.ApprovalPending) -> None:
        call = self._calls[0]
        if not self._comes_back(call) or self._rounds >= self._limits.rounds:
            raise self._about_approval("GT205", wire.pending_words(call, event.approval), event, NEEDS_APPROVAL)
        state = approval_state(call.message, self._session.sealer, self._rounds + 1)
        self._record(self._ledger.ended(call, "cut"))
        self._end_with([wire.input_required(call.message, state)])

    def _about_approval(
        self, code: str, words: str, event: ev.ApprovalRefused | ev.ApprovalPending, rpc_code: int = NEEDS_APPROVAL
    ) -> RefusedError:
        call = self._calls[0]
        return RefusedError(
            code,
            words,
            rpc_code=rpc_code,
            rules=call.decision.rules,
            decision=call.decision_id,
            approval=event.approval,
        )

    # -- budgets, consumption, credentials -------------------------------------------------------------------------

    def _spend(self) -> None:
        limits = tuple(limit for call in self._calls for limit in call.decision.limits if not call.housekeeping)
        if limits:
            self.state = "spending"
            self._out.append(Spend(limits, self._principal, self._session.id))
        else:
            self._consume()

    def _on_held(self, _: ev.LimitsHeld) -> None:
        self._consume()

    def _on_limit(self, event: ev.LimitReached) -> None:
        decision = self._calls[0].decision_id
        raise RefusedError("GT206", event.message, rpc_code=LIMIT_REACHED, rules=(event.rule,), decision=decision)

    def _consume(self) -> None:
        if self._approval:
            self.state = "consuming"
            self._out.append(Consume(self._approval, self._digest))
        else:
            self._lease()

    def _on_consumed(self, _: ev.ApprovalConsumed) -> None:
        self._lease()

    def _lease(self) -> None:
        grant = _grant(self._calls[0])
        if grant is not None:
            self.state = "leasing"
            self._out.append(Lease(grant, self._principal, self._session.id))
        else:
            self._forward(())

    def _on_leased(self, event: ev.Leased) -> None:
        if event.lease_id not in self._session.leases:
            ends = None if event.expires is None else event.expires.isoformat()
            self._record(self._ledger.leased(self._calls[0], event.lease_id, ends))
            self._session.leases.add(event.lease_id)
            for _, value in event.headers:
                for word in value.split():
                    self._session.known.learn("secret", word)
        self._forward(tuple(event.headers))

    def _on_lease_failed(self, event: ev.LeaseFailed) -> None:
        words = f"No credential could be had for this call: {event.message}"
        decision = self._calls[0].decision_id
        raise RefusedError("GT207", words, rpc_code=UPSTREAM_FAILED, decision=decision)

    def _check_token(self) -> None:
        expires = self._principal.expires
        if expires is not None and expires <= self._now:
            raise RefusedError(
                "GT208",
                "The caller's token ended while the call waited; nothing was run and no approval was spent.",
                "Run the call again with a new token.",
                decision=self._calls[0].decision_id,
            )

    # -- the upstream ----------------------------------------------------------------------------------------------

    def _forward(self, lent: tuple[tuple[str, str], ...]) -> None:
        """The intents are durable before anything is sent; what is sent is what was decided on."""
        alone = len(self._messages) == 1
        for call in self._calls:
            self._record(self._ledger.request(call, self._request.body if alone else write(call.message.tree)))
            call.forwarded = True
        self._inflow = Inflow(
            self._session,
            self._ledger,
            self._calls,
            self._reply,
            self._out,
            modern=self._routing.modern,
            limit=self._limits.message,
            now=self._now,
        )
        self.state, self._upstream_open = "forwarding", True
        self._out.append(Forward(self._request.method, [*self._upstream_headers(), *lent], self._upstream_body()))

    def _upstream_headers(self) -> list[tuple[str, str]]:
        last = self._routing.last_event if self._request.method == "GET" else None
        if last is not None:
            last = self._session.sealer.open(last, "value") or last
        name = self._calls[0].message.params.get("uri") if self._rewritten else None
        return headers_for_upstream(
            self._request.headers,
            session=self._session.upstream_id,
            last_event=last,
            body=self._request.method == "POST",
            name=name if isinstance(name, str) else None,
        )

    def _upstream_body(self) -> bytes:
        if self._request.method != "POST":
            return b""
        if len(self._calls) == len(self._messages) and not self._rewritten:
            return self._request.body
        trees = [call.message.tree for call in self._calls]
        return write(trees if self._reply.array else trees[0])

    def _answer(self) -> Inflow:
        if self._inflow is None:
            raise ProtocolError("GT001", "The upstream answers though nothing was forwarded.")
        self._inflow.now = self._now
        return self._inflow

    def _on_started(self, event: ev.UpstreamStarted) -> None:
        self._answer().begin(event)
        self.state = "streaming"

    def _on_data(self, event: ev.UpstreamData) -> None:
        self._answer().feed(event.data)

    def _on_ended(self, _: ev.UpstreamEnded) -> None:
        self._upstream_open = False
        self._answer().end()
        self.state = "done"

    def _on_upstream_failed(self, event: ev.UpstreamFailed) -> None:
        self._upstream_open = False
        raise RefusedError("GT300", event.message, rpc_code=UPSTREAM_FAILED, status=502)

    # -- ends before the end ---------------------------------------------------------------------------------------

    def _on_gone(self, _: ev.ClientGone) -> None:
        """The client left. In 2026-07-28 that cancels the call; before, the answer may still be fetched."""
        if self._upstream_open:
            self._out.append(CancelUpstream())
        if self._inflow is not None:
            self._inflow.leave_unfinished()
        self._end_calls("cut")
        self._upstream_open = False
        self.state = "done"

    def _on_unrecorded(self, event: ev.RecordFailed) -> None:
        """Nothing can be recorded, so nothing more happens; this refusal cannot be recorded either."""
        self._refuse_all(RefusedError("GT501", event.message, "Ask whoever runs the gate.", rpc_code=5030, status=503))
        self._out[:] = [effect for effect in self._out if not isinstance(effect, Record)]

    def _ignore(self, _: ev.Event) -> None:
        """The exchange is over."""

    # -- refusals --------------------------------------------------------------------------------------------------

    def _refuse_one(self, call: Call, error: RefusedError) -> None:
        self._record(self._ledger.refusal(error, call))
        if call.message.kind == "request":
            answer = wire.refusal_answer(error, call.message, modern=self._routing.modern)
            self._reply.refusals.append(answer)

    def _answer_refusals(self) -> None:
        """Nothing may go upstream: answer what was asked, 403 where nothing was (a notification, a GET)."""
        if self._reply.refusals:
            self._end_with(self._reply.refusals)
        else:
            error = RefusedError("GT201", "No rule allows this for this caller.")
            self._reply.body(403, wire.JSON, write(wire.error_answer(error, None)))
            self.state = "done"

    def _refuse_all(self, error: GateError) -> None:
        """End the exchange with `error`: for every request that is still unanswered, or for the message as a whole."""
        if self._upstream_open:
            self._out.append(CancelUpstream())
            self._upstream_open = False
        open_calls = [call for call in self._calls if self._is_open(call)]
        self._record_refusal(error, open_calls)
        answers = [self._answer_with(error, call.message) for call in open_calls if call.message.kind == "request"]
        self._end_calls("error")
        if self._reply.streaming:
            self._end_with(answers)
        elif answers:
            status = 200 if "result" in answers[0] else _status_of(error)
            self._end_with([*answers, *self._reply.refusals], status)
        else:
            words = write(wire.error_answer(error, getattr(error, "id", None)))
            self._reply.body(_status_of(error), [*wire.JSON, *_allow(error)], words)
        self.state = "done"

    def _is_open(self, call: Call) -> bool:
        return not call.ended if self._inflow is None else self._inflow.is_open(call)

    def _record_refusal(self, error: GateError, calls: list[Call]) -> None:
        if calls:
            self._record(*(self._ledger.refusal(error, call) for call in calls))
        else:
            self._record(self._ledger.refusal(error, None, self._request.body[:_KEPT_OF_REFUSED] or None))

    def _answer_with(self, error: GateError, message: Message) -> dict[str, Any]:
        if isinstance(error, RefusedError) and error.status == 200:
            return wire.refusal_answer(error, message, modern=self._routing.modern)
        return wire.error_answer(error, message.id)

    def _end_with(self, answers: list[dict[str, Any]], status: int = 200) -> None:
        self._reply.answers(answers, status)
        self.state = "done"

    def _end_calls(self, outcome: str) -> None:
        self._record(*(self._ledger.ended(call, outcome) for call in self._calls if call.forwarded and not call.ended))


_NO_REQUEST = ev.ClientRequest((), b"")
_NO_ROUTING = Routing({}, {})


def _waits_for_people(call: Call) -> bool:
    return call.decision.effect == "approval" and not call.housekeeping


def _grant(call: Call) -> Any:
    return None if call.housekeeping else call.decision.grant


def _shown(call: Call) -> Any:
    """What an approver sees: a tool's arguments, or another method's whole parameters; and input responses."""
    params = call.message.params
    if call.tool is None:
        return {key: value for key, value in params.items() if key != "_meta"}
    arguments = params.get("arguments") or {}
    responses = params.get("inputResponses")
    return arguments if responses is None else {"arguments": arguments, "inputResponses": responses}


def _status_of(error: GateError) -> int:
    if isinstance(error, MalformedError):
        return error.status
    if isinstance(error, RefusedError):
        return error.status if error.status != 200 else 403
    return 500


def _allow(error: GateError) -> list[tuple[str, str]]:
    return [("allow", "POST")] if _status_of(error) == 405 else []


def _where(error: Exception) -> str:
    """The exception's type and where it was raised; "" for what the gate itself refuses. Never its message."""
    if isinstance(error, (MalformedError, RefusedError)):
        return ""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-4:]))
    return f"{type(error).__name__} at {places}"


_STATES = ("new", "holding", "spending", "consuming", "leasing", "forwarding", "streaming", "done")

TABLE: dict[tuple[str, type], Callable[[Exchange, Any], None]] = {
    ("new", ev.ClientRequest): Exchange._on_request,
    ("holding", ev.ApprovalWaiting): Exchange._on_waiting,
    ("holding", ev.ApprovalGiven): Exchange._on_given,
    ("holding", ev.ApprovalRefused): Exchange._on_refused,
    ("holding", ev.ApprovalPending): Exchange._on_pending,
    ("spending", ev.LimitsHeld): Exchange._on_held,
    ("spending", ev.LimitReached): Exchange._on_limit,
    ("consuming", ev.ApprovalConsumed): Exchange._on_consumed,
    ("consuming", ev.ApprovalRefused): Exchange._on_refused,
    ("leasing", ev.Leased): Exchange._on_leased,
    ("leasing", ev.LeaseFailed): Exchange._on_lease_failed,
    ("forwarding", ev.UpstreamStarted): Exchange._on_started,
    ("forwarding", ev.UpstreamFailed): Exchange._on_upstream_failed,
    ("streaming", ev.UpstreamData): Exchange._on_data,
    ("streaming", ev.UpstreamEnded): Exchange._on_ended,
    ("streaming", ev.UpstreamFailed): Exchange._on_upstream_failed,
    **{(state, ev.ClientGone): Exchange._on_gone for state in _STATES[1:-1]},
    **{(state, ev.RecordFailed): Exchange._on_unrecorded for state in _STATES[1:-1]},
    ("done", ev.ClientGone): Exchange._ignore,
    ("done", ev.RecordFailed): Exchange._on_unrecorded,
}
