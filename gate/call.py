"""One request of the client's, with what was decided on it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import policy_lang
    from gate.allowance import Allowance
    from gate.messages import Message
    from gate.session import Session

__all__ = ["Call", "Identifiers", "key_of", "merge_plans", "passes_as_protocol"]

_PAIRS = 32
_STRICTEST_FIRST = ("redact", "token", "generalize", "shift", "partial")


@dataclass(slots=True)
class Call:
    """`subject` is what the policy looked at: the `command`, or else the JSON-RPC method.

    `plan` says what is masked in every answer to it. `ended` is set once its `call.ended` is recorded.
    """

    id: str
    message: Message
    decision: policy_lang.Decision
    decision_id: str
    plan: Mapping[str, str]
    command: str | None = None
    housekeeping: bool = False
    messages: int = 0
    ended: bool = False
    forwarded: bool = False
    known: tuple[Any, ...] = field(default=())
    approval: str = ""  # that was spent on it
    allowance: Allowance | None = None  # where its rules count bytes of results
    about: dict[str, Any] | None = None  # what every record of the call says, made by the ledger
    method: str = field(init=False)
    tool: str | None = field(init=False)  # that is called, where one is

    def __post_init__(self) -> None:
        self.method = self.message.method
        name = self.message.params.get("name")
        self.tool = name if self.method == "tools/call" and isinstance(name, str) else None


def passes_as_protocol(call: Call, session: Session) -> bool:
    """Whether it is housekeeping that nothing denies, of a caller who could be permitted something on the server."""
    decision = call.decision
    denied = decision.effect == "deny" and bool(decision.rules)
    return call.housekeeping and not denied and session.reachable


class Identifiers:
    """New ids, from random bytes that are asked for many at a time. For one thread at a time."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = ""

    def pair(self) -> tuple[str, str]:
        """The ids of a call and of its decision: 16 hex digits each."""
        left = self._left or secrets.token_hex(_PAIRS * 16)
        self._left = left[32:]
        return left[:16], left[16:32]


def key_of(rpc_id: Any) -> tuple[type, Any]:
    """A JSON-RPC id as a dictionary's key: 1 and "1" are two ids."""
    return type(rpc_id), rpc_id


def merge_plans(first: Mapping[str, str], second: Mapping[str, str]) -> Mapping[str, str]:
    """Every kind that either plan masks, each with the method that keeps least."""
    if not first or not second or first == second:
        return first or second
    merged = dict(first)
    for kind, method in second.items():
        before = merged.get(kind, method)
        merged[kind] = min(before, method, key=_STRICTEST_FIRST.index)
    return merged
