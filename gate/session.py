"""What a caller's calls have in common: the bound policy, the masking key, known values, and who asked what."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import masking
from gate.call import Identifiers
from gate.ledger import Ledger
from gate.underway import Underway

if TYPE_CHECKING:
    import policy_lang
    from gate.call import Call
    from gate.lockfile import ServerLock
    from gate.principal import Principal
    from gate.seal import Sealer

__all__ = ["Session", "keep"]

_KEPT = 10_000  # tools, tasks and unanswered requests that a session remembers
_UNFINISHED = 1024  # calls that wait for a resumption, per session
_PLANS = 64
_EVENTS = 4096  # ids of events that a session may resume from: the newest


def keep(held: dict[Any, Any], key: Any, value: Any) -> None:
    """Remember `value`; the oldest is forgotten where there are too many, so that no server can fill the memory."""
    held[key] = value
    if len(held) > _KEPT:
        del held[next(iter(held))]


@dataclass(slots=True)
class Session:
    """One caller on one server: the MCP session where there is one, else the caller's run.

    `key` (32 random bytes) keys the session's mask tokens and dies with it. `policy` is bound to the caller's identity
    anew whenever it changes. `ner` is the process's one language model, or "none". `awaited` holds the upstream's
    requests that the client has not answered yet (an answer nobody asked for is refused), `unfinished` the calls
    whose stream ended before their answer (it may come by resumption), `tools` what the upstream listed, `underway` the
    client's requests that are open now, `tokens` under which the upstream asked the client for progress.
    """

    id: str
    server: str
    principal: Principal
    policy: policy_lang.Policy
    key: bytes = field(repr=False)
    sealer: Sealer = field(repr=False)
    lock: ServerLock | None = field(default=None, repr=False)  # the server's locked tools
    ner: Any = field(default=None, repr=False)
    client_id: str | None = None  # the session id that the client is given
    upstream_id: str | None = None  # the session id that the upstream gave
    version: str | None = None  # the negotiated version, legacy only
    announced: bool = False
    awaited: dict[Any, str] = field(default_factory=dict)
    unfinished: dict[Any, Call] = field(default_factory=dict, repr=False)
    tools: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    tasks: dict[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    known: masking.KnownValues = field(init=False, repr=False)
    events: dict[str, None] = field(default_factory=dict, repr=False)
    leases: set[str] = field(default_factory=set)
    ids: Identifiers = field(default_factory=Identifiers, repr=False)
    underway: Underway = field(default_factory=Underway, repr=False)
    tokens: dict[Any, None] = field(default_factory=dict, repr=False)
    last_used: float = 0.0  # seconds, monotonic; kept by whoever keeps the sessions
    open_exchanges: int = 0
    # held while what is bound to the policy is made or dropped: a driver may mask in a thread while `adopt` is called
    _renewing: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _bound: policy_lang.BoundPolicy | None = field(default=None, repr=False)
    _ledger: Ledger | None = field(default=None, repr=False)
    _reachable: bool | None = field(default=None, repr=False)
    _maskers: dict[Any, masking.Masker] = field(default_factory=dict, repr=False)
    # by identity, which the plan beside it keeps from being given to another: a policy has few, each as one object
    _by_plan: dict[int, tuple[Mapping[str, str], masking.Masker]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.known = masking.KnownValues(self.key)

    @property
    def bound(self) -> policy_lang.BoundPolicy:
        """The policy, bound to the caller's identity once."""
        found = self._bound
        if found is None:
            with self._renewing:
                found = self._bound = self._bound or self.policy.bind(self.principal.identity)
        return found

    @property
    def reachable(self) -> bool:
        """Whether the policy could permit this caller anything on the server."""
        found = self._reachable
        if found is None:
            with self._renewing:
                found = self._reachable = self.bound.could_server(self.server)
        return found

    @property
    def ledger(self) -> Ledger:
        """Makes the session's records."""
        found = self._ledger
        if found is None:
            with self._renewing:
                found = self._ledger = self._ledger or Ledger(self)
        return found

    def adopt(self, principal: Principal, policy: policy_lang.Policy) -> None:
        """Take up the caller's newest token and the newest policy; both bind anew where they differ."""
        if principal is not self.principal or policy is not self.policy:
            with self._renewing:
                if policy is not self.policy:
                    self._maskers.clear()
                    self._by_plan.clear()
                self.principal, self.policy = principal, policy
                self._bound = self._reachable = self._ledger = None

    def masker(self, plan: Mapping[str, str]) -> masking.Masker | None:
        """The masker for a plan; None where the plan masks nothing. All of a session's maskers share known values.

        Once a credential was lent, secrets are masked whatever the plan says: an upstream that echoes it leaks nothing.
        """
        if self.leases and "secret" not in plan:
            plan = {**plan, "secret": "redact"}
        if not plan:
            return None
        kept = self._by_plan.get(id(plan))
        return kept[1] if kept is not None else self._masker(plan)

    def _masker(self, plan: Mapping[str, str]) -> masking.Masker:
        key = frozenset(plan.items())
        with self._renewing:
            found = self._maskers.get(key)
            if found is None:
                options = {} if self.ner is None else {"ner": self.ner}
                found = masking.Masker(plan, self.key, known=self.known, detectors=self.policy.detectors, **options)
                self._maskers[key] = found
            if len(self._by_plan) >= _PLANS:
                self._by_plan.clear()
            self._by_plan[id(plan)] = plan, found
        return found

    def sent_event(self, event_id: str) -> None:
        """The client may resume after this event: it was sent in this session."""
        self.events.pop(event_id, None)
        self.events[event_id] = None
        if len(self.events) > _EVENTS:
            del self.events[next(iter(self.events))]

    def leave_unfinished(self, key: Any, call: Call) -> Call | None:
        """Keep `call` for a resumption; gives the oldest one if there are too many, which is then cut."""
        self.unfinished[key] = call
        if len(self.unfinished) > _UNFINISHED:
            return self.unfinished.pop(next(iter(self.unfinished)))
        return None
