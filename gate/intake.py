"""The client's request: read once, strictly, and every message of it decided on before any of them goes further."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.call import Call, key_of
from gate.case import grant_of, waits_for_people
from gate.errors import METHOD_NOT_FOUND, MalformedError, RefusedError
from gate.judge import check_reach, judge
from gate.messages import Message, read_client_body
from gate.opening import open_values
from gate.passage import spend
from gate.people import hold
from gate.refusal import answer_refusals, refuse_one
from gate.routing import read_routing

if TYPE_CHECKING:
    from gate import events as ev
    from gate.case import Case

__all__ = ["on_request"]

_BATCHES = "2025-03-26"  # the only version with JSON-RPC batches; also what a missing version header means
_ON_TASKS = frozenset({"tasks/get", "tasks/result", "tasks/cancel", "tasks/update"})
_REMOVED = frozenset({"initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"})


def on_request(case: Case, event: ev.ClientRequest) -> None:
    case.request = event
    is_post = event.method == "POST"
    case.routing = read_routing(event.headers, body=is_post)
    _announce(case, event.peer)
    if is_post:
        _read_post(case, event.body)
    elif event.method in ("GET", "DELETE"):
        _read_stream_request(case, event)
    else:
        raise MalformedError("GT117", f"{event.method[:16]} is not a method of this endpoint.", status=405)
    _decide(case)


def _announce(case: Case, peer: str) -> None:
    if not case.session.announced:
        case.session.announced = True
        era = "modern" if case.routing.modern else "legacy"
        case.record(*case.ledger.opened(case.session, peer, era))


def _read_post(case: Case, body: bytes) -> None:
    batch = read_client_body(body)
    case.reply.array, case.messages = batch.array, batch.messages
    for message in batch.messages:
        try:
            case.routing.check(message)
            _check_known(case, message)
        except MalformedError as error:
            error.id = message.id
            raise
    if batch.array and (case.routing.version or case.session.version or _BATCHES) != _BATCHES:
        raise MalformedError("GT118", "This version of the protocol has no batches.", "Send one message a request.")


def _read_stream_request(case: Case, event: ev.ClientRequest) -> None:
    case.routing.check_version()
    if case.routing.modern:
        raise MalformedError("GT117", f"MCP 2026-07-28 has no {event.method}; only POST.", status=405)
    if event.body:
        raise MalformedError("GT119", f"A {event.method} has no body.")
    _check_event(case, event.method)
    case.messages = [Message("stream", {}, None, event.method)]


def _check_event(case: Case, method: str) -> None:
    """A stream is resumed by whoever it was sent to: many callers may be one to the upstream."""
    last = case.routing.last_event
    if method == "GET" and last is not None:
        last = case.session.sealer.open(last, "value") or last
        if last not in case.session.events:
            raise MalformedError("GT123", "The Last-Event-ID is of no event that was sent in this session.")


def _check_known(case: Case, message: Message) -> None:
    """What 2026-07-28 took out of the protocol is answered as the specification says: 404, method not found."""
    if case.routing.modern and message.kind == "request" and message.method in _REMOVED:
        raise MalformedError("GT121", "Method not found", rpc_code=METHOD_NOT_FOUND, status=404)


def _decide(case: Case) -> None:
    for message in case.messages:
        if message.kind in ("result", "error"):
            _take_answer(case, message)
        else:
            _decide_on(case, message)
    held = next((call for call in case.calls if waits_for_people(call)), None)
    if not case.calls:
        answer_refusals(case)
    elif held is not None:
        hold(case, held)
    else:
        spend(case)


def _decide_on(case: Case, message: Message) -> None:
    _check_reuse(case, message)
    opened = open_values(message, case.session.sealer)
    case.rewritten |= opened.rewritten
    case.rounds = opened.rounds
    call = _judged(case, message)
    try:
        check_reach(call, case.session)
        _check_lock(case, call)
        _check_task(case, call)
        _check_named(case, call)
        _check_alone(case, call)
    except RefusedError as error:
        refuse_one(case, call, error)
    else:
        case.calls.append(call)
        if message.kind == "request":
            case.enter(key_of(message.id))


def _judged(case: Case, message: Message) -> Call:
    try:
        call = judge(message, case.session, case.now)
        if call.tool is not None and call.tool in case.session.tools:
            case.routing.check_arguments(message, case.session.tools[call.tool].get("inputSchema"))
    except MalformedError as error:
        error.id = message.id
        raise
    case.record(case.ledger.decision(call))
    return call


def _check_reuse(case: Case, message: Message) -> None:
    """An id that still waits for its answer would have its answer taken for another's."""
    if message.kind == "request" and case.session.client_id and _is_open(case, message.id):
        raise MalformedError("GT105", "A request with this id is still open in this session.")


def _is_open(case: Case, rpc_id: object) -> bool:
    """Whether the session has a request of this id that waits for its answer."""
    if not isinstance(rpc_id, (str, int)):
        return False
    return key_of(rpc_id) in case.session.underway or key_of(rpc_id) in case.session.unfinished


def _check_named(case: Case, call: Call) -> None:
    """A cancellation names a request of this session's, progress a token that was given to it: many callers may be one
    to the upstream. One that comes too late names nothing either, which the protocol says to ignore.
    """
    params = call.message.params
    if call.method == "notifications/cancelled":
        known = _is_open(case, params.get("requestId"))
    elif call.method == "notifications/progress":
        token = params.get("progressToken")
        known = isinstance(token, (str, int)) and key_of(token) in case.session.tokens
    else:
        return
    if not known and call.message.kind != "request":
        case.idle = True
        words = "It names nothing that is open in this session; it went no further."
        raise RefusedError("GT212", words, rules=call.decision.rules, decision=call.decision_id)


def _check_lock(case: Case, call: Call) -> None:
    if call.tool is not None and case.session.lock is not None and (why := case.session.lock.refusal(call.tool)):
        help_ = "Whoever runs the gate looks at the difference (`hoopgate lock --check`) and locks it anew."
        raise RefusedError("GT209", why, help_, decision=call.decision_id)


def _check_task(case: Case, call: Call) -> None:
    """A task is whoever's began it: many callers may be one to the upstream."""
    if call.method in _ON_TASKS and call.message.params.get("taskId") not in case.session.tasks:
        words = "No task of this id was begun in this session."
        raise RefusedError("GT211", words, rules=call.decision.rules, decision=call.decision_id)


def _check_alone(case: Case, call: Call) -> None:
    if len(case.messages) > 1 and (waits_for_people(call) or grant_of(call) is not None):
        raise RefusedError(
            "GT203",
            "This call needs an approval or a credential of its own, which a batch cannot carry.",
            "Send it alone.",
            rules=call.decision.rules,
            decision=call.decision_id,
        )


def _take_answer(case: Case, message: Message) -> None:
    """The client's answer to a request of the upstream's: only if it was asked, and only once."""
    method = None if case.routing.modern else case.session.awaited.pop(key_of(message.id), None)
    if method is None:
        raise MalformedError("GT120", "This is an answer to a request that nobody made.")
    call = judge(Message("notification", {}, None, method), case.session, case.now)
    call.message = Message("notification", message.tree, message.id, method)
    case.record(case.ledger.decision(call))
    case.calls.append(call)
