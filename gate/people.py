"""A call that waits for people: held, kept alive, decided anew when they agree, sent away when they take too long."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from gate import wire
from gate.binding import basis_of, tool_of
from gate.effects import Hold
from gate.errors import NEEDS_APPROVAL, RefusedError
from gate.judge import approval_digest, check_reach, judge
from gate.opening import approval_state
from gate.passage import spend
from gate.refusal import end_with

if TYPE_CHECKING:
    from gate import events as ev
    from gate.call import Call
    from gate.case import Case

__all__ = ["hold", "on_given", "on_pending", "on_refused", "on_waiting"]


def hold(case: Case, call: Call) -> None:
    case.digest, case.tool = approval_digest(call, case.session), tool_of(call, case.session)
    wait = case.limits.leg if case.comes_back(call) else case.limits.hold
    if case.rounds >= case.limits.rounds:
        wait = 0.0
    case.state = "holding"
    case.out.append(
        Hold(
            digest=case.digest,
            requirements=tuple(call.decision.approvals),
            principal=case.principal,
            session=case.session.id,
            server=case.session.server,
            command=call.command or call.method,
            arguments=_shown(call),
            rules=tuple(call.decision.rules),
            policy=call.decision.policy,
            call=call.id,
            wait=wait,
            tool=case.tool,
            basis=basis_of(call, case.session, case.now),
        )
    )


def on_waiting(case: Case, event: ev.ApprovalWaiting) -> None:
    """Keep the client's connection alive: a comment, and progress where the client asked for it."""
    case.now += timedelta(seconds=max(0.0, event.elapsed - case.waited))
    case.waited = event.elapsed
    if not case.routing.takes_stream:
        return
    case.reply.start_stream()
    token = case.calls[0].message.meta.get("progressToken")
    if token is None:
        case.reply.keep_alive()
    else:
        case.steps += 1
        case.reply.event(wire.progress(token, case.steps, f"waiting for approval {event.approval}"))


def on_given(case: Case, event: ev.ApprovalGiven) -> None:
    """Decide anew: the policy, the clock or the arguments' meaning may have changed since people were asked."""
    before = case.calls[0]
    _check_token(case)
    call = judge(before.message, case.session, case.now)
    call.id = before.id  # of the same call, decided anew
    case.calls = [call]
    if call.decision != before.decision:
        case.record(case.ledger.decision(call))
    check_reach(call, case.session)
    case.approval = event.approval if call.decision.effect == "approval" else ""
    if case.approval and _is_another(case, call):
        hold(case, call)
    else:
        spend(case)


def _is_another(case: Case, call: Call) -> bool:
    """Whether the call is no longer what people were asked about."""
    tool = tool_of(call, case.session)
    changed = bool(case.tool and tool) and tool != case.tool
    return changed or approval_digest(call, case.session) != case.digest


def on_refused(case: Case, event: ev.ApprovalRefused) -> None:
    who = f" by {event.approver}" if event.approver else ""
    what = f"Approval {event.approval}" if event.approval else "An approval"
    raise _about_approval(case, "GT204", f"{what} was not given{who}: {event.reason}", event)


def on_pending(case: Case, event: ev.ApprovalPending) -> None:
    call = case.calls[0]
    if not case.comes_back(call) or case.rounds >= case.limits.rounds:
        raise _about_approval(case, "GT205", wire.pending_words(call, event.approval), event, NEEDS_APPROVAL)
    state = approval_state(call.message, case.session.sealer, case.rounds + 1)
    case.record(case.ledger.ended(call, "cut"))
    end_with(case, [wire.input_required(call.message, state)])


def _about_approval(
    case: Case, code: str, words: str, event: ev.ApprovalRefused | ev.ApprovalPending, rpc_code: int = NEEDS_APPROVAL
) -> RefusedError:
    call = case.calls[0]
    return RefusedError(
        code,
        words,
        rpc_code=rpc_code,
        rules=call.decision.rules,
        decision=call.decision_id,
        approval=event.approval,
    )


def _check_token(case: Case) -> None:
    expires = case.principal.expires
    if expires is not None and expires <= case.now:
        raise RefusedError(
            "GT208",
            "The caller's token ended while the call waited; nothing was run and no approval was spent.",
            "Run the call again with a new token.",
            decision=case.calls[0].decision_id,
        )


def _shown(call: Call) -> Any:
    """What an approver sees: a tool's arguments, or another method's whole parameters; and input responses."""
    params = call.message.params
    if call.tool is None:
        return {key: value for key, value in params.items() if key != "_meta"}
    arguments = params.get("arguments") or {}
    responses = params.get("inputResponses")
    return arguments if responses is None else {"arguments": arguments, "inputResponses": responses}
