"""What a call may still show where its rules count bytes of results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gate.effects import Charge, Effect
from gate.errors import LIMIT_REACHED, RefusedError

if TYPE_CHECKING:
    from gate.call import Call
    from gate.effects import Spend

__all__ = ["Allowance", "charge"]


@dataclass(slots=True)
class Allowance:
    """`left` bytes may go to the client on the account of `spend`; the calls of a batch share one."""

    spend: Spend
    left: int


def charge(call: Call, size: int, out: list[Effect]) -> None:
    """Count `size` bytes that are about to be released. Raises RefusedError GT206: they are more than is left."""
    allowance = call.allowance
    if allowance is None:
        return
    if size > allowance.left:
        rules = tuple(limit.rule for limit in allowance.spend.limits if limit.unit == "bytes")
        raise RefusedError(
            "GT206",
            f"The answer has {size} bytes, and the budget of its rule has {allowance.left} left; it was withheld.",
            "Ask for less at once, or later.",
            rpc_code=LIMIT_REACHED,
            rules=rules,
            decision=call.decision_id,
        )
    allowance.left -= size
    spend = allowance.spend
    out.append(Charge(spend.limits, spend.principal, spend.session, size))
