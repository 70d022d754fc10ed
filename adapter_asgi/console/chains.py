"""What a session's records tell of its approvals and credentials: who decided, and how long each credential lived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

__all__ = ["Approval", "Lease", "approvals", "leases"]


@dataclass(slots=True)
class Approval:
    """One approval's steps in order; `waited`: seconds from the request to the last word of a person, or None."""

    id: str
    command: str
    steps: list[Mapping[str, Any]] = field(default_factory=list)
    waited: float | None = None


@dataclass(slots=True)
class Lease:
    """A credential on loan: when it was lent, until when it held, how often it was used, when it was taken back."""

    id: str
    grant: str = ""
    issued: str = ""
    expires: str = ""
    revoked: str = ""
    used: int = 0
    renews: str = ""
    ref: str = ""


def approvals(values: Sequence[Mapping[str, Any]]) -> list[Approval]:
    """The approval chains in these records."""
    found: dict[str, Approval] = {}
    for value in values:
        if not str(value["kind"]).startswith("approval."):
            continue
        ident = str(value.get("approval", ""))
        chain = found.setdefault(ident, Approval(ident, str(value.get("command", ""))))
        chain.steps.append(value)
        if value["kind"] in ("approval.given", "approval.refused") and chain.steps[0]["kind"] == "approval.requested":
            chain.waited = _between(str(chain.steps[0]["time"]), str(value["time"]))
    return list(found.values())


def leases(values: Sequence[Mapping[str, Any]]) -> list[Lease]:
    """The credentials lent in these records."""
    found: dict[str, Lease] = {}
    for value in values:
        if not str(value["kind"]).startswith("lease."):
            continue
        lease = found.setdefault(str(value.get("lease", "")), Lease(str(value.get("lease", ""))))
        lease.grant = str(value.get("grant", lease.grant))
        if value["kind"] in ("lease.issued", "lease.renewed"):
            lease.issued, lease.expires = str(value["time"]), str(value.get("expires", ""))
            lease.renews, lease.ref = str(value.get("old", "")), str(value["ref"])
        elif value["kind"] == "lease.used":
            lease.used += 1
        elif value["kind"] == "lease.revoked":
            lease.revoked = str(value["time"])
    return list(found.values())


def _between(first: str, last: str) -> float:
    return (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds()
