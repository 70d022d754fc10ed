"""What waits for people: a call, the demands on it, and the words given so far. Plain data."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

__all__ = ["DECIDED", "STATES", "Asked", "Demand", "Requester", "Ticket", "Word", "moment", "spell"]

STATES = ("pending", "approved", "refused", "expired", "consumed", "revoked", "void")
DECIDED = STATES[2:]


@dataclass(frozen=True, slots=True)
class Demand:
    """One `require approval`: `count` distinct members of any of `groups`; `lasts` seconds, None for one call."""

    rule: str
    groups: tuple[str, ...]
    count: int = 1
    within: int = 3600
    lasts: int | None = None


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asked. `ids` are all the names it is known by, so that nobody approves for themselves."""

    issuer: str
    subject: str
    display: str
    ids: tuple[str, ...]

    @property
    def key(self) -> str:
        """Tells one requester from another without saying who it is."""
        return hashlib.sha256(f"{self.issuer}\0{self.subject}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Word:
    """One person's yes. `groups` are the approvers' groups that the person was in when giving it."""

    approver: str
    ids: tuple[str, ...]
    groups: tuple[str, ...]
    local: bool
    user: str
    independence: str  # "established" or "not established"
    at: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that waits, or waited. Times are Unix seconds; `run` is the run, or the session where there is none."""

    id: str
    digest: str
    call_key: str
    run: str
    session: str
    call: str
    server: str
    command: str
    rules: tuple[str, ...]
    policy: str
    demands: tuple[Demand, ...]
    requester: Requester
    arguments: Any = field(repr=False)
    created: float
    expires: float
    state: str = "pending"
    reason: str = field(default="", repr=False)
    decider: str = ""
    review: str = ""  # "due" or "done" where the glass was broken
    words: tuple[Word, ...] = ()
    tool: str = ""  # the fingerprint of the tool's schema, where it is known
    basis: Mapping[str, Any] = field(default_factory=dict, repr=False)  # what tells the digest under another policy

    def unmet(self) -> tuple[Demand, ...]:
        """The demands that still lack words."""
        return tuple(demand for demand in self.demands if self.given(demand) < demand.count)

    def given(self, demand: Demand) -> int:
        """How many words count for `demand`."""
        return sum(1 for word in self.words if not set(word.groups).isdisjoint(demand.groups))

    @property
    def lasts(self) -> int | None:
        """Seconds for which the approval may be used again and again; None when it is for one call."""
        times = [demand.lasts for demand in self.demands]
        return None if None in times else min(time for time in times if time is not None)

    def to_json(self, *, whole: bool = False) -> dict[str, Any]:
        """What `hoopgate approvals list|show --json` prints; `whole` adds the arguments and the words."""
        demand = (self.unmet() or self.demands)[0]
        data: dict[str, Any] = {
            "id": self.id,
            "state": self.state,
            "command": self.command,
            "requester": self.requester.display,
            "rule": demand.rule,
            "from": list(demand.groups),
            "count": demand.count,
            "given": self.given(demand),
            "created": moment(self.created),
            "expires": moment(self.expires),
        }
        return {**data, **self._details()} if whole else data

    def _details(self) -> dict[str, Any]:
        return {
            "arguments": self.arguments,
            "subject": self.requester.subject,
            "issuer": self.requester.issuer,
            "run": self.run,
            "rules": list(self.rules),
            "policy": self.policy,
            "tool": self.tool or None,
            "demands": [
                {"rule": d.rule, "from": list(d.groups), "count": d.count, "given": self.given(d)} for d in self.demands
            ],
            "words": [
                {
                    "approver": word.approver,
                    "asserted": "local" if word.local else "oidc",
                    "independence": word.independence,
                    "at": moment(word.at),
                }
                for word in self.words
            ],
            "reason": self.reason or None,
            "decider": self.decider or None,
            "review": self.review or None,
        }


@dataclass(frozen=True, slots=True)
class Ticket:
    """Where an approval stands: `state` is one of `STATES`, `reason` why it was refused or void."""

    id: str
    state: str
    approvers: tuple[str, ...] = ()
    reason: str = ""
    decider: str = ""
    expires: float = 0.0
    demands: tuple[Demand, ...] = ()


def moment(seconds: float) -> str:
    """Unix seconds as RFC 3339 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def spell(value: Any) -> str:
    """Canonical JSON: sorted members, no spaces, every number exactly as it was spelled."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{quoted(str(k))}:{spell(value[k])}" for k in sorted(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(spell, value)) + "]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    return quoted(str(value))
