"""One exchange: a request of the client's and everything that follows from it, as events in and effects out.

Strategy: every (state, event) that may happen is a row of `TABLE`; a missing row *is* the protocol error. A handler
computes all of its effects before any of them is performed, and whatever it raises, anything at all, ends in the one
handler `_fail`: a refusal and a record, and nothing of what was computed.

What is not here: I/O, clocks, authentication (the principal is an input), how the upstream's messages are masked.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gate import events as ev
from gate import wire
from gate.call import Call, key_of, merge_plans
from gate.effects import CancelUpstream, Close, Consume, Effect, Forward, Hold, Lease, Record, Send, Spend, Start
from gate.errors import (
    LIMIT_REACHED,
    NEEDS_APPROVAL,
    UPSTREAM_FAILED,
    UPSTREAM_WITHHELD,
    GateError,
    MalformedError,
    ProtocolError,
    RefusedError,
)
from gate.judge import approval_digest, check_reach, judge
from gate.ledger import Ledger
from gate.messages import Message, read_client_body, read_server_data
from gate.opening import approval_state, open_values
from gate.release import Release, withheld
from gate.routing import Routing, headers_for_client, headers_for_upstream, read_routing
from gate.sse import KEEPALIVE, Reader, ServerEvent, frame
from gate.strict_json import parse, write

if TYPE_CHECKING:
    import recorder
    from gate.principal import Principal
    from gate.session import Session

__all__ = ["TABLE", "Exchange", "Limits"]

_BATCHES = "2025-03-26"  # the only version with JSON-RPC batches; also what a missing version header means
_RESUMABLE = frozenset({"tools/call", "prompts/get", "resources/read"})  # what input_required may answer


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
        self._ledger = Ledger(session)
        self._out: list[Effect] = []
        self._request: ev.ClientRequest | None = None
        self._routing: Routing | None = None
        self._array = False
        self._rewritten = False
        self._messages: list[Message] = []
        self._calls: list[Call] = []
        self._refusals: list[dict[str, Any]] = []
        self._approval = ""
        self._digest = ""
        self._rounds = self._steps = 0
        self._waited = 0.0
        self._release: Release | None = None
        self._started = ""  # "", "json" or "stream": what the client has been sent
        self._upstream_open = False
        self._status = 0
        self._kind = ""
        self._headers: list[tuple[str, str]] = []
        self._body = bytearray()
        self._reader: Reader | None = None
        self._resumable = False

    # -- the driver's side -----------------------------------------------------------------------------------------

    def receive(self, event: ev.Event, now: datetime | None = None) -> list[Effect]:
        """The effects that `event` causes, in the order in which they must be performed. Never raises.

        `now` moves the exchange's clock (UTC); without it, time stands still but for what `ApprovalWaiting` says.
        """
        if now is not None:
            self._now = now
        self._out = []
        try:
            handler = TABLE.get((self.state, type(event)))
            if handler is None:
                raise ProtocolError("GT001", f"{type(event).__name__} cannot happen in the state {self.state!r}.")
            handler(self, event)
            return self._out
        except Exception as error:  # noqa: BLE001 - the one fail-closed boundary of the gate
            return self._fail(error)

    @property
    def done(self) -> bool:
        """Whether nothing more will happen."""
        return self.state == "done"

    def _fail(self, error: Exception) -> list[Effect]:
        """Whatever went wrong: refuse, record, release nothing more."""
        self._out = []
        self.failure = where_it_failed(error)
        known = error if isinstance(error, (MalformedError, RefusedError)) else None
        try:
            self._refuse_all(known or GateError("GT500", "The gate failed on this message; nothing more of it passes."))
        except Exception:  # noqa: BLE001 - the boundary itself: end without words rather than not at all
            self._out = [CancelUpstream()] if self._upstream_open else []
            if not self._started:
                self._out.append(Start(500, ()))
            self._out.append(Close())
        self.state = "done"
        return self._out

    def _record(self, *entries: recorder.Entry) -> None:
        self._out += map(Record, entries)

    # -- the client's request --------------------------------------------------------------------------------------

    def _on_request(self, event: ev.ClientRequest) -> None:
        self._request = event
        is_post = event.method == "POST"
        routing = self._routing = read_routing(event.headers, body=is_post)
        self._announce(event.peer)
        if is_post:
            self._read_post(event.body)
        elif event.method in ("GET", "DELETE"):
            self._read_stream_request(event)
        else:
            raise MalformedError("GT117", f"{event.method[:16]} is not a method of this endpoint.", status=405)
        self._decide(routing)

    def _announce(self, peer: str) -> None:
        if not self._session.announced:
            self._session.announced = True
            era = "modern" if self._routing is not None and self._routing.modern else "legacy"
            self._record(*self._ledger.opened(self._session, peer, era))

    def _read_post(self, body: bytes) -> None:
        assert self._routing is not None  # noqa: S101 - set by the caller
        batch = read_client_body(body)
        self._array, self._messages = batch.array, batch.messages
        for message in batch.messages:
            try:
                self._routing.check(message)
            except MalformedError as error:
                error.id = message.id
                raise
        if batch.array and (self._routing.version or self._session.version or _BATCHES) != _BATCHES:
            raise MalformedError("GT118", "This version of the protocol has no batches.", "Send one message a request.")

    def _read_stream_request(self, event: ev.ClientRequest) -> None:
        assert self._routing is not None  # noqa: S101 - set by the caller
        self._routing.check_version()
        if self._routing.modern:
            raise MalformedError("GT117", f"MCP 2026-07-28 has no {event.method}; only POST.", status=405)
        if event.body:
            raise MalformedError("GT119", f"A {event.method} has no body.")
        self._messages = [Message("stream", {}, None, event.method)]

    def _decide(self, routing: Routing) -> None:
        held: list[Call] = []
        for message in self._messages:
            if message.kind in ("result", "error"):
                self._take_answer(message, routing)
                continue
            self._check_reuse(message)
            opened = open_values(message, self._session.sealer)
            self._rewritten |= opened.rewritten
            self._rounds = opened.rounds
            call = self._judge(message)
            try:
                check_reach(call, self._session)
                self._check_alone(call)
            except RefusedError as error:
                self._refuse_one(call, error)
                continue
            self._calls.append(call)
            if call.decision.effect == "approval" and not call.housekeeping:
                held.append(call)
        if not self._calls:
            self._answer_refusals()
        elif held:
            self._hold(held[0])
        else:
            self._spend()

    def _judge(self, message: Message) -> Call:
        try:
            call = judge(message, self._session, self._now)
            if call.tool is not None and self._routing is not None:
                schema = self._session.tools.get(call.tool, {}).get("inputSchema")
                self._routing.check_arguments(message, schema)
        except MalformedError as error:
            error.id = message.id
            raise
        self._record(self._ledger.decision(call))
        return call

    def _check_reuse(self, message: Message) -> None:
        """An id that still waits for its answer would have its answer taken for another's."""
        if message.kind == "request" and self._session.client_id and key_of(message.id) in self._session.unfinished:
            raise MalformedError("GT105", "A request with this id is still open in this session.")

    def _check_alone(self, call: Call) -> None:
        waits = call.decision.effect == "approval" or call.decision.grant is not None
        if waits and not call.housekeeping and len(self._messages) > 1:
            raise RefusedError(
                "GT203",
                "This call needs an approval or a credential of its own, which a batch cannot carry.",
                "Send it alone.",
                rules=call.decision.rules,
                decision=call.decision_id,
            )

    def _take_answer(self, message: Message, routing: Routing) -> None:
        """The client's answer to a request of the upstream's: only if it was asked, and only once."""
        method = None if routing.modern else self._session.awaited.pop(key_of(message.id), None)
        if method is None:
            raise MalformedError("GT120", "This is an answer to a request that nobody made.")
        answer = Message("notification", message.tree, message.id, method)
        call = judge(Message("notification", {}, None, method), self._session, self._now)
        call.message = answer
        self._record(self._ledger.decision(call))
        self._calls.append(call)

    # -- between the decision and the upstream ---------------------------------------------------------------------

    def _hold(self, call: Call) -> None:
        self._digest = approval_digest(call, self._session)
        modern = self._comes_back(call)
        if modern and self._rounds >= self._limits.rounds:
            wait = 0.0
        else:
            wait = self._limits.leg if modern else self._limits.hold
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
        return self._routing is not None and self._routing.modern and call.method in _RESUMABLE

    def _on_waiting(self, event: ev.ApprovalWaiting) -> None:
        """Keep the client's connection alive: a comment, and progress where the client asked for it."""
        self._now += timedelta(seconds=max(0.0, event.elapsed - self._waited))
        self._waited = event.elapsed
        if self._routing is None or not self._routing.takes_stream:
            return
        if not self._started:
            self._start_stream(200)
        token = self._calls[0].message.meta.get("progressToken")
        if token is None:
            self._out.append(Send(KEEPALIVE))
        else:
            self._steps += 1
            self._out.append(Send(frame(wire.progress(token, self._steps, f"waiting for approval {event.approval}"))))

    def _on_given(self, event: ev.ApprovalGiven) -> None:
        """Decide anew: the policy, the clock or the arguments' meaning may have changed since people were asked."""
        before = self._calls[0]
        self._check_token()
        call = judge(before.message, self._session, self._now)
        call.id = before.id
        self._calls = [call]
        if call.decision != before.decision:
            self._record(self._ledger.decision(call))
        check_reach(call, self._session)
        self._approval = event.approval
        if call.decision.effect != "approval":
            self._approval = ""
        elif approval_digest(call, self._session) != self._digest:
            self._hold(call)
            return
        self._spend()

    def _on_refused(self, event: ev.ApprovalRefused) -> None:
        call = self._calls[0]
        who = f" by {event.approver}" if event.approver else ""
        raise RefusedError(
            "GT204",
            f"Approval {event.approval} was not given{who}: {event.reason}",
            rules=call.decision.rules,
            decision=call.decision_id,
            approval=event.approval,
        )

    def _on_pending(self, event: ev.ApprovalPending) -> None:
        call = self._calls[0]
        if self._comes_back(call) and self._rounds < self._limits.rounds:
            state = approval_state(call.message, self._session.sealer, self._rounds + 1)
            self._record(self._ledger.ended(call, "cut"))
            self._send_answers([wire.input_required(call.message, state)])
            return
        raise RefusedError(
            "GT205",
            wire.pending_words(call, event.approval),
            rpc_code=NEEDS_APPROVAL,
            rules=call.decision.rules,
            decision=call.decision_id,
            approval=event.approval,
        )

    def _spend(self) -> None:
        limits = tuple(limit for call in self._calls for limit in call.decision.limits if not call.housekeeping)
        if limits:
            self.state = "spending"
            self._out.append(Spend(limits, self._principal, self._session.id))
        else:
            self._on_held(None)

    def _on_held(self, _: ev.LimitsHeld | None) -> None:
        if self._approval:
            self.state = "consuming"
            self._out.append(Consume(self._approval, self._digest))
        else:
            self._lease()

    def _on_limit(self, event: ev.LimitReached) -> None:
        decision = self._calls[0].decision_id
        raise RefusedError("GT206", event.message, rpc_code=LIMIT_REACHED, rules=(event.rule,), decision=decision)

    def _on_consumed(self, _: ev.ApprovalConsumed) -> None:
        self._lease()

    def _lease(self) -> None:
        grant = next((call.decision.grant for call in self._calls if not call.housekeeping), None)
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
        self._forward(tuple(event.headers))

    def _on_lease_failed(self, event: ev.LeaseFailed) -> None:
        raise RefusedError(
            "GT207",
            f"No credential could be had for this call: {event.message}",
            rpc_code=UPSTREAM_FAILED,
            decision=self._calls[0].decision_id,
        )

    def _check_token(self) -> None:
        expires = self._principal.expires
        if expires is not None and expires <= self._now:
            raise RefusedError(
                "GT208",
                "The caller's token ended while the call waited; nothing was run and no approval was spent.",
                "Run the call again with a new token.",
                decision=self._calls[0].decision_id,
            )

    def _forward(self, lent: tuple[tuple[str, str], ...]) -> None:
        """The intents are durable before anything is sent; what is sent is what was decided on."""
        assert self._request is not None and self._routing is not None  # noqa: S101, PT018 - set in "new"
        for call in self._calls:
            alone = len(self._messages) == 1
            body = self._request.body if alone else write(call.message.tree)
            self._record(self._ledger.request(call, body))
            call.forwarded = True
        stream = self._calls[0]
        asked = {key_of(call.message.id): call for call in self._calls if call.message.kind == "request"}
        self._release = Release(self._session, self._ledger, asked, stream, self._routing.modern)
        self.state, self._upstream_open = "forwarding", True
        self._out.append(Forward(self._request.method, [*self._upstream_headers(), *lent], self._upstream_body()))

    def _upstream_headers(self) -> list[tuple[str, str]]:
        assert self._request is not None and self._routing is not None  # noqa: S101, PT018 - set in "new"
        last = self._routing.last_event
        if last is not None:
            last = self._session.sealer.open(last, "value") or last
        name = self._calls[0].message.params.get("uri") if self._rewritten else None
        return headers_for_upstream(
            self._request.headers,
            session=self._session.upstream_id,
            last_event=last if self._request.method == "GET" else None,
            body=self._request.method == "POST",
            name=name if isinstance(name, str) else None,
        )

    def _upstream_body(self) -> bytes:
        assert self._request is not None  # noqa: S101 - set in "new"
        if self._request.method != "POST":
            return b""
        if len(self._calls) == len(self._messages) and not self._rewritten:
            return self._request.body
        trees = [call.message.tree for call in self._calls]
        return write(trees if self._array else trees[0])

    # -- the upstream's answer -------------------------------------------------------------------------------------

    def _on_started(self, event: ev.UpstreamStarted) -> None:
        headers = dict(event.headers)
        self._status, self._kind = event.status, headers.get("content-type", "").partition(";")[0].strip().lower()
        if 300 <= event.status < 400:
            raise self._upstream_error("answered with a redirect, which is not followed.")
        if event.status in (401, 407):
            raise self._upstream_error("does not accept the gate's credential.")
        if headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise self._upstream_error("sent a compressed answer, which cannot be masked; it was withheld.")
        self._headers = headers_for_client(event.headers)
        self._take_session(headers.get("mcp-session-id"))
        self.state = "streaming"
        if self._kind == "text/event-stream" and event.status == 200:
            self._reader = Reader(self._limits.message)
            if not self._started:
                self._start_stream(200)
            self._out += [Send(frame(write(answer))) for answer in self._refusals]
            self._refusals = []

    def _take_session(self, upstream_id: str | None) -> None:
        """The client never sees the upstream's session id: it gets the gate's, which only it can use."""
        method = self._calls[0].method
        if upstream_id is not None and method == "initialize" and self._status == 200:
            self._session.upstream_id = upstream_id
        if upstream_id is not None and self._session.client_id is not None:
            self._headers.append(("mcp-session-id", self._session.client_id))

    def _on_data(self, event: ev.UpstreamData) -> None:
        if self._reader is None:
            self._body += event.data
            if len(self._body) > self._limits.message:
                raise RefusedError(
                    "GT302",
                    f"The server's answer is larger than {self._limits.message >> 20} MiB; it was withheld.",
                    "Ask for less at once.",
                    rpc_code=UPSTREAM_WITHHELD,
                )
            return
        for item in self._reader.feed(event.data):
            self._pass_event(item)

    def _pass_event(self, event: ServerEvent) -> None:
        assert self._release is not None  # noqa: S101 - set by _forward
        sealed = None if event.id is None else self._release.event_id(event.id)
        self._resumable |= event.id is not None
        plain = event.plain and sealed == event.id
        event.id = sealed
        if not event.data:
            self._pass_empty(event, plain)
            return
        if event.name != b"message":
            raise withheld(GateError("GT301", "an event of an unknown kind."))
        released = self._release_data(event.data)
        if released is event.data and plain:
            self._out.append(Send(event.raw))
        elif released is not None:
            self._out.append(Send(frame(released, event)))

    def _pass_empty(self, event: ServerEvent, plain: bool) -> None:
        if plain:
            self._out.append(Send(event.raw))
        elif event.id is None and event.retry is None:
            self._out.append(Send(KEEPALIVE))
        else:
            self._out.append(Send(frame(b"", event)))

    def _release_data(self, data: bytes, *, lenient: bool = False) -> bytes | None:
        """What may be released of one body or one event: `data` itself where nothing changed."""
        assert self._release is not None  # noqa: S101 - set by _forward
        try:
            batch = read_server_data(data)
        except MalformedError as error:
            raise withheld(error) from None
        if not batch.array:
            return self._release.message(batch.messages[0], data, self._now, self._out, lenient=lenient)
        passed = []
        for message in batch.messages:
            raw = write(message.tree)
            released = self._release.message(message, raw, self._now, self._out)
            passed.append((raw, released))
        if all(raw is released for raw, released in passed):
            return data
        kept = [released for _, released in passed if released is not None]
        return b"[" + b",".join(kept) + b"]" if kept else None

    def _on_ended(self, _: ev.UpstreamEnded) -> None:
        self._upstream_open = False
        if self._reader is not None:
            self._end_stream()
        elif not self._body:
            self._end_empty()
        elif self._kind == "application/json":
            self._end_json(bytes(self._body))
        else:
            self._end_other()

    def _end_json(self, body: bytes) -> None:
        if self._status >= 400:
            try:
                read_server_data(body)
            except MalformedError:
                self._end_other()
                return
        released = self._release_data(body, lenient=self._status >= 400)
        if released is None:
            raise withheld(GateError("GT301", "it does not answer the request."))
        if self._refusals:
            refused = [write(answer) for answer in self._refusals]
            inner = [released[1:-1]] if released[:1] == b"[" else [released]
            released = b"[" + b",".join([*inner, *refused]) + b"]"
        self._end_calls("cut")
        if self._started == "stream":
            self._out.append(Send(frame(released)))
        else:
            self._start(self._status, wire.JSON)
            self._out.append(Send(released))
        self._close()

    def _end_empty(self) -> None:
        """No body: an acknowledgement (202), or a status alone."""
        if self._started == "stream" or self._refusals:
            raise self._upstream_error(f"answered with HTTP {self._status} and nothing else.")
        self._end_calls("complete" if self._status < 400 else "error")
        self._start(self._status, ())
        self._close()

    def _end_other(self) -> None:
        """A body that is no message: only an error's text is passed, masked as the calls are."""
        if self._status < 400 or self._started == "stream":
            raise self._upstream_error(f"answered with HTTP {self._status} and no MCP message; it was withheld.")
        body = bytes(self._body)
        masked = self._mask_other(body)
        for call in self._calls:
            self._record(self._ledger.response(call, masked, None, body if masked != body else None, "error"))
        self._end_calls("error")
        kind = "application/json" if self._kind == "application/json" else "text/plain; charset=utf-8"
        self._start(self._status, [("content-type", kind)])
        self._out.append(Send(masked))
        self._close()

    def _mask_other(self, body: bytes) -> bytes:
        plan: Mapping[str, str] = {}
        for call in self._calls:
            plan = merge_plans(plan, call.plan)
        masker = self._session.masker(plan)
        if masker is None:
            return body
        if self._kind == "application/json":
            try:
                return write(masker.mask_json(parse(body)).value)
            except MalformedError:
                return write({"error": "withheld"})
        try:
            return str(masker.mask_text(body.decode()).value).encode()
        except UnicodeDecodeError:
            return b"withheld"

    def _end_stream(self) -> None:
        assert self._reader is not None and self._release is not None  # noqa: S101, PT018 - set before streaming
        for item in self._reader.close():
            self._pass_event(item)
        unanswered = [call for call in self._calls if key_of(call.message.id) in self._release.unanswered]
        if self._resumable and self._session.client_id is not None:
            self._leave_unfinished(unanswered)
        elif unanswered:
            raise self._upstream_error("closed the stream before it answered.")
        self._end_calls("complete")
        self._close()

    def _leave_unfinished(self, calls: list[Call]) -> None:
        """Legacy streams may end before the answer; it comes to a GET with Last-Event-ID (MCP 2025-11-25)."""
        for call in calls:
            self._calls.remove(call)
            oldest = self._session.leave_unfinished(key_of(call.message.id), call)
            if oldest is not None:
                self._record(self._ledger.ended(oldest, "cut"))

    def _on_upstream_failed(self, event: ev.UpstreamFailed) -> None:
        self._upstream_open = False
        raise RefusedError("GT300", event.message, rpc_code=UPSTREAM_FAILED, status=502)

    def _on_gone(self, _: ev.ClientGone) -> None:
        """The client left. In 2026-07-28 that cancels the call; before, the answer may still be fetched."""
        if self._upstream_open:
            self._out.append(CancelUpstream())
        if self._reader is not None and self._resumable and self._session.client_id is not None:
            assert self._release is not None  # noqa: S101 - set before streaming
            self._leave_unfinished([c for c in self._calls if key_of(c.message.id) in self._release.unanswered])
        self._end_calls("cut")
        self._upstream_open = False
        self.state = "done"

    def _on_unrecorded(self, event: ev.RecordFailed) -> None:
        """Nothing can be recorded, so nothing more happens; this refusal cannot be recorded either."""
        error = RefusedError("GT501", event.message, "Ask whoever runs the gate.", rpc_code=5030, status=503)
        self._refuse_all(error)
        self._out = [effect for effect in self._out if not isinstance(effect, Record)]

    def _ignore(self, _: ev.Event) -> None:
        pass

    # -- answers of the gate's own ---------------------------------------------------------------------------------

    def _upstream_error(self, what: str) -> RefusedError:
        name = self._session.server
        return RefusedError("GT300", f'The server "{name}" {what}', rpc_code=UPSTREAM_FAILED, status=502)

    def _refuse_one(self, call: Call, error: RefusedError) -> None:
        self._record(self._ledger.refusal(error, call))
        if call.message.kind == "request":
            modern = self._routing is not None and self._routing.modern
            self._refusals.append(wire.refusal_answer(error, call.message, modern=modern))

    def _answer_refusals(self) -> None:
        """Nothing may go upstream: answer what was asked, 403 where nothing was (a notification, a GET)."""
        if self._refusals:
            self._send_answers(self._refusals)
            return
        self._start(403, wire.JSON)
        error = RefusedError("GT201", "No rule allows this for this caller.")
        self._out.append(Send(write(wire.error_answer(error, None))))
        self._close()

    def _refuse_all(self, error: GateError) -> None:
        """End the exchange with `error`: for every request that is still unanswered, or for the message as a whole."""
        if self._upstream_open:
            self._out.append(CancelUpstream())
            self._upstream_open = False
        waiting = [call for call in self._calls if self._waits(call)]
        self._record_refusal(error, waiting)
        answers = [self._answer_with(error, call.message) for call in waiting if call.message.kind == "request"]
        self._end_calls("refused" if not any(call.forwarded for call in waiting) else "error")
        if self._started == "stream":
            self._out += [Send(frame(write(answer))) for answer in answers]
            self._close()
            return
        if answers:
            status = error.status if isinstance(error, (MalformedError, RefusedError)) else 500
            status = 200 if "result" in answers[0] else status
            self._send_answers([*answers, *self._refusals], status)
            return
        self._start(_status_of(error), [*wire.JSON, *_allow(error)])
        self._out.append(Send(write(wire.error_answer(error, getattr(error, "id", None)))))
        self._close()

    def _waits(self, call: Call) -> bool:
        if call.ended:
            return False
        return (
            self._release is None
            or call.message.kind != "request"
            or (key_of(call.message.id) in self._release.unanswered)
        )

    def _record_refusal(self, error: GateError, calls: list[Call]) -> None:
        body = self._request.body[: 64 << 10] if self._request is not None and not calls else None
        if calls:
            self._record(*(self._ledger.refusal(error, call) for call in calls))
        else:
            self._record(self._ledger.refusal(error, None, body or None))

    def _answer_with(self, error: GateError, message: Message) -> dict[str, Any]:
        modern = self._routing is not None and self._routing.modern
        if isinstance(error, RefusedError) and error.status == 200:
            return wire.refusal_answer(error, message, modern=modern)
        return wire.error_answer(error, message.id)

    def _send_answers(self, answers: list[dict[str, Any]], status: int = 200) -> None:
        if self._started == "stream":
            self._out += [Send(frame(write(answer))) for answer in answers]
        else:
            self._start(status, wire.JSON)
            self._out.append(Send(write(answers if self._array else answers[0])))
        self._close()

    def _start(self, status: int, headers: Any) -> None:
        self._started = "json"
        self._out.append(Start(status, [*headers, *self._headers]))

    def _start_stream(self, status: int) -> None:
        self._started = "stream"
        self._out.append(Start(status, [*wire.STREAM, *(h for h in self._headers if h[0] == "mcp-session-id")]))

    def _end_calls(self, outcome: str) -> None:
        self._record(*(self._ledger.ended(call, outcome) for call in self._calls if not call.ended and call.forwarded))

    def _close(self) -> None:
        self.state = "done"
        self._out.append(Close())


def where_it_failed(error: Exception) -> str:
    """The exception's type and where it was raised; "" for what the gate itself refuses. Never its message."""
    if isinstance(error, (MalformedError, RefusedError)):
        return ""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-4:]))
    return f"{type(error).__name__} at {places}"


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
        return 403 if error.status == 200 else error.status
    return 500


def _allow(error: GateError) -> list[tuple[str, str]]:
    return [("allow", "POST")] if _status_of(error) == 405 else []


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
