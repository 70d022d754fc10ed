"""A permitted call on its way: budgets, the approval spent, a credential, the upstream, and its answer to the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.allowance import Allowance
from gate.case import grant_of
from gate.effects import CancelUpstream, Consume, Forward, Lease, Spend
from gate.errors import LIMIT_REACHED, NEEDS_APPROVAL, UPSTREAM_FAILED, ProtocolError, RefusedError
from gate.inflow import Inflow
from gate.refusal import end_calls, refuse_all
from gate.routing import headers_for_upstream
from gate.strict_json import write

if TYPE_CHECKING:
    from gate import events as ev
    from gate.case import Case

__all__ = [
    "on_answered",
    "on_consumed",
    "on_data",
    "on_ended",
    "on_gone",
    "on_held",
    "on_lease_failed",
    "on_leased",
    "on_limit",
    "on_revoked",
    "on_session_over",
    "on_started",
    "on_upstream_failed",
    "spend",
]


def spend(case: Case) -> None:
    if any(call.decision.limits and not call.housekeeping for call in case.calls):
        case.state = "spending"
        case.out.append(_spend_of(case))
    else:
        _consume(case)


def _spend_of(case: Case) -> Spend:
    limits = tuple(limit for call in case.calls for limit in call.decision.limits if not call.housekeeping)
    return Spend(limits, case.principal, case.session.id)


def on_held(case: Case, event: ev.LimitsHeld) -> None:
    if event.left is not None:
        allowance = Allowance(_spend_of(case), event.left)
        for call in case.calls:
            call.allowance = allowance
    _consume(case)


def on_limit(case: Case, event: ev.LimitReached) -> None:
    decision = case.calls[0].decision_id
    raise RefusedError("GT206", event.message, rpc_code=LIMIT_REACHED, rules=(event.rule,), decision=decision)


def _consume(case: Case) -> None:
    if case.approval:
        case.state = "consuming"
        case.out.append(Consume(case.approval, case.digest))
    else:
        _lease(case)


def on_consumed(case: Case, event: ev.ApprovalConsumed) -> None:
    case.calls[0].approval = event.approval
    _lease(case)


def _lease(case: Case) -> None:
    grant = grant_of(case.calls[0])
    if grant is not None:
        case.state = "leasing"
        case.out.append(Lease(grant, case.principal, case.session.id, case.approval))
    else:
        _forward(case, ())


def on_leased(case: Case, event: ev.Leased) -> None:
    call = case.calls[0]
    if event.lease_id not in case.session.leases:
        case.record(case.ledger.leased(call, event, case.now))
        case.session.leases.add(event.lease_id)
        for _, value in event.headers:
            for word in value.split():
                case.session.known.learn("secret", word)
    case.record(case.ledger.lease_used(call, event.lease_id))
    _forward(case, tuple(event.headers))


def on_lease_failed(case: Case, event: ev.LeaseFailed) -> None:
    words = f"No credential could be had for this call: {event.message}"
    decision = case.calls[0].decision_id
    raise RefusedError("GT207", words, rpc_code=UPSTREAM_FAILED, decision=decision)


def _forward(case: Case, lent: tuple[tuple[str, str], ...]) -> None:
    """The intents are durable before anything is sent; what is sent is what was decided on."""
    alone = len(case.messages) == 1
    for call in case.calls:
        case.record(case.ledger.request(call, case.request.body if alone else write(call.message.tree)))
        call.forwarded = True
    case.inflow = Inflow(
        case.session,
        case.ledger,
        case.calls,
        case.reply,
        case.out,
        modern=case.routing.modern,
        limit=case.limits.message,
        now=case.now,
    )
    case.state, case.upstream_open = "forwarding", True
    case.out.append(Forward(case.request.method, [*_upstream_headers(case), *lent], _upstream_body(case)))


def _upstream_headers(case: Case) -> list[tuple[str, str]]:
    last = case.routing.last_event if case.request.method == "GET" else None
    if last is not None:
        last = case.session.sealer.open(last, "value") or last
    name = case.calls[0].message.params.get("uri") if case.rewritten else None
    return headers_for_upstream(
        case.request.headers,
        session=case.session.upstream_id,
        last_event=last,
        body=case.request.method == "POST",
        name=name if isinstance(name, str) else None,
    )


def _upstream_body(case: Case) -> bytes:
    if case.request.method != "POST":
        return b""
    if len(case.calls) == len(case.messages) and not case.rewritten:
        return case.request.body
    trees = [call.message.tree for call in case.calls]
    return write(trees if case.reply.array else trees[0])


def _inflow_of(case: Case) -> Inflow:
    if case.inflow is None:
        raise ProtocolError("GT001", "The upstream answers though nothing was forwarded.")
    case.inflow.now = case.now
    return case.inflow


def on_started(case: Case, event: ev.UpstreamStarted) -> None:
    _inflow_of(case).begin(event)
    case.state = "streaming"


def on_data(case: Case, event: ev.UpstreamData) -> None:
    _inflow_of(case).feed(event.data)


def on_ended(case: Case, _: ev.UpstreamEnded) -> None:
    case.upstream_open = False
    _inflow_of(case).end()
    case.state = "done"


def on_answered(case: Case, event: ev.UpstreamAnswered) -> None:
    case.upstream_open = False
    _inflow_of(case).whole(event)
    case.state = "done"


def on_upstream_failed(case: Case, event: ev.UpstreamFailed) -> None:
    case.upstream_open = False
    raise RefusedError("GT300", event.message, rpc_code=UPSTREAM_FAILED, status=502)


def on_revoked(case: Case, event: ev.Revoked) -> None:
    """What it runs on was taken back: the upstream is cut off, and the client is told why."""
    call = case.calls[0]
    error = RefusedError(
        "GT210",
        event.message,
        rpc_code=NEEDS_APPROVAL,
        rules=call.decision.rules,
        decision=call.decision_id,
        approval=case.approval,
    )
    refuse_all(case, error, "cut")


def on_session_over(case: Case, _: ev.SessionOver) -> None:
    """Whoever ended the session waits for nothing in it any more."""
    call = case.calls[0]
    words = "The session was ended while the call was open; the rest of its answer was not passed on."
    refuse_all(case, RefusedError("GT213", words, status=404, decision=call.decision_id), "cut")


def on_gone(case: Case, _: ev.ClientGone) -> None:
    """The client left. In 2026-07-28 that cancels the call; before, the answer may still be fetched."""
    if case.upstream_open:
        case.out.append(CancelUpstream())
    if case.inflow is not None:
        case.inflow.leave_unfinished()
    end_calls(case, "cut")
    case.upstream_open = False
    case.state = "done"
