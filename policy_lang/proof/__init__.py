"""What is certain about a policy over all possible requests: proofs, whole-policy analysis, semantic differences.

Imports are cheap; the work begins when a function is called.

    prove(policy)                    a Proof for every `never`: "proved", "violated" with a request, or "not proved"
    equivalent(old, new)             True, False, or None where it was not shown within bounds
    first_difference(old, new)       a request (JSON) that the two decide differently, or None
    diff(old, new)                   a Difference: every region of requests that is decided differently

Two decisions differ in their effect, approvals, masks, grant, record, retention or limits. The names of rules, reasons
of denials, digests and what `observe` rules would do are not part of that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policy_lang.policy import Policy
    from policy_lang.proof.difference import Difference
    from policy_lang.proof.never import Proof

__all__ = ["diff", "equivalent", "first_difference", "prove"]


def prove(policy: Policy) -> list[Proof]:
    """The proofs of all `never`s of a policy, in the order of their names."""
    from policy_lang.proof.never import proofs

    return proofs(policy.meaning, policy)


def diff(old: Policy, new: Policy) -> Difference:
    """Every region of requests that two policies decide differently."""
    from policy_lang.proof.difference import difference

    return difference(old, new)


def equivalent(old: Policy, new: Policy) -> bool | None:
    """Whether two policies decide every request alike; None where that was not shown."""
    from policy_lang.proof.difference import difference

    found = difference(old, new, first=True)
    if found.changes or found.notes:
        return False
    return True if found.complete else None


def first_difference(old: Policy, new: Policy) -> dict[str, Any] | None:
    """A request in JSON that two policies decide differently, confirmed by both; None if none was found."""
    from policy_lang.proof.difference import difference

    found = difference(old, new, first=True)
    return found.changes[0].request if found.changes else None
