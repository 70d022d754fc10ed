"""What a held call asks of people: a new approval, and how an identical call is known again."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import gate
from adapter_asgi.approvals.asked import Asked, Demand, spell
from adapter_asgi.approvals.people import requester

__all__ = ["asked_of", "call_key", "question_of"]


def asked_of(hold: gate.Hold, now: float) -> Asked:
    """A new approval for this call, that nobody has said anything to; `now` is Unix seconds."""
    demands = tuple(Demand(r.rule, tuple(r.from_), r.count, r.within, r.for_) for r in hold.requirements)
    return Asked(
        id=secrets.token_hex(6),
        digest=hold.digest,
        call_key=call_key(hold),
        run=hold.principal.run or hold.session,
        session=hold.session,
        call=hold.call,
        server=hold.server,
        command=hold.command,
        rules=tuple(hold.rules),
        policy=hold.policy,
        demands=demands,
        requester=requester(hold.principal),
        arguments=hold.arguments,
        tool=hold.tool,
        basis=hold.basis,
        created=now,
        expires=now + min(demand.within for demand in demands),
    )


def call_key(hold: gate.Hold) -> str:
    """Who, where and what, whatever the policy says of it."""
    whole = [*hold.principal.same_as, hold.server, hold.command, hold.arguments]
    return hashlib.sha256(spell(whole).encode("ascii")).hexdigest()


def question_of(asked: Asked) -> dict[str, Any]:
    """What is asked, as the evidence keeps it (encrypted)."""
    return {
        "requester": asked.requester.display,
        "arguments": asked.arguments,
        "demands": [{"rule": d.rule, "from": list(d.groups), "count": d.count} for d in asked.demands],
    }
