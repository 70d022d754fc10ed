"""Who is calling, as the gate needs to know it: a verified identity, without the token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    import policy_lang

__all__ = ["Principal"]


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified caller.

    `identity` holds the attributes that the policy looks at (no command, no arguments, no time).
    `same_as` is what makes two callers *the same principal* for approvals, in this order: issuer, tenant,
    repository, commit, workflow, job, branch, environment, actor; an attribute that is none or unknown is "".
    `expires` is the moment (UTC) at which the token ends; nothing is forwarded after it.
    `unsafe` says that nobody verified anything (`[identity.unsafe_loopback]`); every record then says so too.
    """

    identity: policy_lang.Request
    issuer: str
    subject: str
    display: str
    run: str | None = None
    kind: str = "ci"  # "ci", "person" or "agent"
    expires: datetime | None = None
    unsafe: bool = False
    same_as: tuple[str, ...] = ()
