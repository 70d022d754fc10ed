"""Which question to the policy a message is, and what the answer means (design.md, "Which methods need a rule")."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import masking
from gate.call import Call, merge_plans, passes_as_protocol
from gate.errors import INVALID_PARAMS, MalformedError, RefusedError
from gate.strict_json import canonical

if TYPE_CHECKING:
    import policy_lang
    from gate.messages import Message
    from gate.session import Session

__all__ = ["HOUSEKEEPING", "allows_from_server", "approval_digest", "check_reach", "judge", "plan_for"]

# They carry lists and capabilities only, masked and filtered: a deny on `method` still bites.
HOUSEKEEPING = frozenset(
    {
        "initialize", "ping", "server/discover", "logging/setLevel", "tools/list", "prompts/list", "resources/list",
        "resources/templates/list",
    }
)  # fmt: skip
_RESOURCES = frozenset({"resources/read", "resources/subscribe", "resources/unsubscribe"})
_ADDRESS_LENGTH = 4096


def judge(message: Message, session: Session, now: datetime) -> Call:
    """Decide on one request or notification of the client's.

    Raises MalformedError (GT115, GT116) where it cannot be addressed. The decision may be a denial: see `Call`.
    """
    bound, server = session.bound, session.server
    params, method = message.params, message.method
    command = None
    housekeeping = False
    if method == "tools/call":
        command = f"{server}/{_address(params, 'name')}"
        decision = bound.decide(command, _arguments(params), time=now)
    elif method in _RESOURCES:
        decision = bound.decide(server=server, resource=_address(params, "uri"), method=None, time=now)
    elif method == "prompts/get":
        decision = bound.decide(server=server, prompt=_address(params, "name"), args=_arguments(params), time=now)
    elif method in HOUSEKEEPING or message.kind != "request":
        housekeeping = True
        decision = bound.decide(server=server, method=method, time=now)
    else:
        decision = bound.decide(server=server, method=method, time=now)
        if method == "subscriptions/listen":
            decision = _with_resources(decision, params, session, now)
    plan = plan_for(decision, housekeeping)
    if method.startswith("tasks/"):
        plan = merge_plans(plan, session.tasks.get(str(params.get("taskId")), masking.ALL))
    call_id, decision_id = session.ids.pair()
    return Call(call_id, message, decision, decision_id, plan, command, housekeeping, known=_known(message))


def plan_for(decision: policy_lang.Decision, housekeeping: bool) -> Mapping[str, str]:
    """What is masked: the decision's plan, or everything where no rule permits."""
    if decision.effect == "deny" or (housekeeping and decision.effect != "allow"):
        return masking.ALL
    return decision.mask


def check_reach(call: Call, session: Session) -> None:
    """Raise RefusedError GT201 unless the call may go on: permitted, waiting for people, or housekeeping."""
    decision = call.decision
    if passes_as_protocol(call, session) or (decision.effect != "deny" and not call.housekeeping):
        return
    if decision.reason:
        why = decision.reason
    elif decision.rules:
        why = "A rule denies it."
    else:
        why = f"No rule allows {call.command or call.method} for this caller."
    raise RefusedError("GT201", why, rules=decision.rules, decision=call.decision_id)


def allows_from_server(method: str, session: Session, now: datetime) -> tuple[bool, Mapping[str, str]]:
    """Whether a rule permits this request (or this notification unknown to MCP) of the upstream's, and its masks."""
    decision = session.bound.decide(server=session.server, method=method, time=now)
    return decision.effect == "allow", plan_for(decision, False)


def approval_digest(call: Call, session: Session) -> str:
    """What an approval is bound to, hex SHA-256 (identity.md, "Approvals").

    The principal, the server, what is addressed, the canonical arguments and input responses, and the slice of the
    policy that decided. Computed again at execution: whatever changed since asks anew. The tool's schema is bound
    beside it (`binding.tool_of`).
    """
    decision, params = call.decision, call.message.params
    bound_to = {
        "principal": list(session.principal.same_as) or [session.principal.issuer, session.principal.subject],
        "server": session.server,
        "method": call.method,
        "address": call.command or params.get("uri") or params.get("name"),
        "arguments": params.get("arguments"),
        "inputResponses": params.get("inputResponses"),
        "rules": list(decision.rules),
        "mask": dict(decision.mask),
        "record": decision.record,
        "grant": None if decision.grant is None else [decision.grant.profile, decision.grant.seconds],
        "approvals": [
            [*item.from_, str(item.count), str(item.within), str(item.for_), item.rule] for item in decision.approvals
        ],
    }
    return hashlib.sha256(canonical(bound_to)).hexdigest()


def _with_resources(
    decision: policy_lang.Decision, params: Mapping[str, Any], session: Session, now: datetime
) -> policy_lang.Decision:
    """A subscription is permitted if the method and every resource that it names are."""
    wanted = params.get("notifications")
    uris = wanted.get("resourceSubscriptions") if isinstance(wanted, dict) else None
    for uri in uris if isinstance(uris, list) else ():
        other = session.bound.decide(server=session.server, resource=_checked(uri, "uri"), time=now)
        if other.effect != "allow":
            return other
        decision = dataclasses.replace(decision, mask=merge_plans(decision.mask, other.mask))
    return decision


def _arguments(params: Mapping[str, Any]) -> dict[str, Any]:
    arguments = params.get("arguments")
    if arguments is None:
        return {}
    if not isinstance(arguments, dict):
        raise MalformedError("GT116", 'The call\'s "arguments" are not an object.', rpc_code=INVALID_PARAMS)
    return arguments


def _address(params: Mapping[str, Any], key: str) -> str:
    return _checked(params.get(key), key)


def _checked(value: Any, key: str) -> str:
    """The name or URI that is addressed. One that could be read as another is refused before it is decided."""
    if not isinstance(value, str) or not value or len(value) > _ADDRESS_LENGTH:
        raise MalformedError(
            "GT115",
            f'The call\'s "{key}" is not a string of 1 to {_ADDRESS_LENGTH} characters.',
            rpc_code=INVALID_PARAMS,
        )
    if not value.isascii() or "%" in value or "." in value or not value.isprintable():
        _check_segments(value, key)
    return value


def _check_segments(value: str, key: str) -> None:
    decoded = value
    for _ in range(4):
        if not decoded.isprintable():
            raise MalformedError("GT115", f'The call\'s "{key}" has control characters.', rpc_code=INVALID_PARAMS)
        path = decoded.replace("\\", "/").partition("?")[0].partition("#")[0]
        if any(part in (".", "..") for part in path.split("/")):
            raise MalformedError(
                "GT115",
                f'The call\'s "{key}" has dot segments; it could be read as another.',
                "Send it without . and .. between slashes.",
                rpc_code=INVALID_PARAMS,
            )
        once_more = _unquoted(decoded, key) if "%" in decoded else decoded
        if once_more == decoded:
            return
        decoded = once_more
    raise MalformedError("GT115", f'The call\'s "{key}" is percent-encoded too often.', rpc_code=INVALID_PARAMS)


def _unquoted(value: str, key: str) -> str:
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError:
        words = f'The call\'s "{key}" has percent-encoded bytes that are not UTF-8.'
        raise MalformedError("GT115", words, rpc_code=INVALID_PARAMS) from None


def _known(message: Message) -> tuple[Any, ...]:
    """The client's own id and token: an answer repeats them, and they are not masked."""
    return (message.id, message.meta.get("progressToken"))
