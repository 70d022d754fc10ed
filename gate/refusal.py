"""What the gate says no with: one call of a batch, or the whole exchange; every refusal with its record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gate import wire
from gate.effects import CancelUpstream
from gate.errors import GateError, MalformedError, RefusedError
from gate.strict_json import write

if TYPE_CHECKING:
    from gate.call import Call
    from gate.case import Case
    from gate.messages import Message

__all__ = ["answer_refusals", "end_calls", "end_with", "refuse_all", "refuse_one"]

_KEPT = 64 << 10  # bytes of a malformed body that are kept as evidence


def refuse_one(case: Case, call: Call, error: RefusedError) -> None:
    case.record(case.ledger.refusal(error, call))
    if call.message.kind == "request":
        answer = wire.refusal_answer(error, call.message, modern=case.routing.modern)
        case.reply.refusals.append(answer)


def answer_refusals(case: Case) -> None:
    """Nothing may go upstream: answer what was asked, 403 where nothing was (a notification, a GET).

    A notification that names nothing is acknowledged, as the protocol says.
    """
    if case.reply.refusals:
        end_with(case, case.reply.refusals)
    elif case.idle:
        case.reply.body(202, (), b"")
        case.state = "done"
    else:
        error = RefusedError("GT201", "No rule allows this for this caller.")
        case.reply.body(403, wire.JSON, write(wire.error_answer(error, None)))
        case.state = "done"


def refuse_all(case: Case, error: GateError, outcome: str = "error") -> None:
    """End the exchange with `error`: for every request that is still unanswered, or for the message as a whole."""
    if case.upstream_open:
        case.out.append(CancelUpstream())
        case.upstream_open = False
    open_calls = [call for call in case.calls if _is_open(case, call)]
    _record_refusal(case, error, open_calls)
    answers = [_answer_with(case, error, call.message) for call in open_calls if call.message.kind == "request"]
    end_calls(case, outcome)
    if case.reply.streaming:
        end_with(case, answers)
    elif answers:
        status = 200 if "result" in answers[0] else _status_of(error)
        end_with(case, [*answers, *case.reply.refusals], status)
    else:
        words = write(wire.error_answer(error, getattr(error, "id", None)))
        case.reply.body(_status_of(error), [*wire.JSON, *_allow(error)], words)
    case.state = "done"


def _is_open(case: Case, call: Call) -> bool:
    return not call.ended if case.inflow is None else case.inflow.is_open(call)


def _record_refusal(case: Case, error: GateError, calls: list[Call]) -> None:
    if calls:
        for call in calls:
            case.record(*case.ledger.limits(error, call), case.ledger.refusal(error, call))
    else:
        case.record(case.ledger.refusal(error, None, case.request.body[:_KEPT] or None))


def _answer_with(case: Case, error: GateError, message: Message) -> dict[str, Any]:
    if isinstance(error, RefusedError) and error.status == 200:
        return wire.refusal_answer(error, message, modern=case.routing.modern)
    return wire.error_answer(error, message.id)


def end_with(case: Case, answers: list[dict[str, Any]], status: int = 200) -> None:
    case.reply.answers(answers, status)
    case.state = "done"


def end_calls(case: Case, outcome: str) -> None:
    case.record(*(case.ledger.ended(call, outcome) for call in case.calls if call.forwarded and not call.ended))


def _status_of(error: GateError) -> int:
    if isinstance(error, MalformedError):
        return error.status
    if isinstance(error, RefusedError):
        return error.status if error.status != 200 else 403
    return 500


def _allow(error: GateError) -> list[tuple[str, str]]:
    return [("allow", "POST")] if _status_of(error) == 405 else []
