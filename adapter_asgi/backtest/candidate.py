"""Deciding a recorded call again, exactly as the gate would have; or saying that it cannot be decided, and why.

Strategy: where everything that the policy looks at was recorded, the gate's own `judge` decides. Where something was
not (the arguments of a refused call, a raw claim, what was merely asserted), each condition on it may be true, unsure
or false; if every way of that comes to the same decision, that is the answer, else the call is counted as undecided.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product

from adapter_asgi.backtest.recorded import Asked, Identity
from gate.call import passes_as_protocol
from gate.errors import MalformedError
from gate.judge import HOUSEKEEPING, judge
from gate.principal import Principal
from gate.seal import Sealer
from gate.session import Session
from policy_lang.attributes import CALL_AT, CLAIMS_AT, UNKNOWN, index
from policy_lang.decision import Decision
from policy_lang.evaluate import compiled
from policy_lang.formula import (
    FALSE,
    TRUE,
    UNSURE,
    Arg,
    Clock,
    Constant,
    Every,
    Field,
    Formula,
    Opposite,
    RawClaim,
    Some,
    SqlTest,
    Test,
    leaves,
)
from policy_lang.join import join
from policy_lang.policy import Policy
from policy_lang.proof.compare import facets
from policy_lang.request import Request, address

__all__ = ["Candidate", "Undecided", "open_tests", "possible"]

_WAYS = 2_000  # combinations of what is open that are looked at
_ALL = frozenset({FALSE, UNSURE, TRUE})


@dataclass(frozen=True)
class Undecided:
    """Why a call cannot be decided again."""

    why: str


@dataclass
class Candidate:
    """A policy that recorded calls are decided under."""

    policy: Policy
    _sessions: dict[tuple[int, str], Session] = field(default_factory=dict, repr=False)

    def decide(self, identity: Identity, asked: Asked) -> Decision | Undecided:
        """The decision under the candidate. Of housekeeping only the effect counts."""
        if asked.message is None and asked.method not in HOUSEKEEPING:
            return self._without_arguments(identity, asked)
        if why := self._looks_at_what_is_missing(identity):
            found = self._all_ways(identity, asked, open_tests(identity, arguments=False), why)
            return self._as_protocol(identity, asked, found, why)
        return self._judged(identity, asked)

    def _as_protocol(
        self, identity: Identity, asked: Asked, found: Decision | Undecided, why: str
    ) -> Decision | Undecided:
        """Housekeeping that nothing denies passes where the caller could reach anything, as far as that is known."""
        needed = asked.method in HOUSEKEEPING or (asked.message is not None and asked.message.kind != "request")
        if isinstance(found, Undecided) or not needed or found.effect == "allow" or found.rules:
            return found
        reachable = self._session(identity, asked.server).reachable
        return Decision("allow", found.rules) if reachable else Undecided(why)

    # ---- all was recorded

    def _judged(self, identity: Identity, asked: Asked) -> Decision | Undecided:
        session = self._session(identity, asked.server)
        if asked.message is None:
            decision = session.bound.decide(server=asked.server, method=asked.method, time=asked.time)
            passes = session.reachable and not (decision.effect == "deny" and decision.rules)
            return Decision("allow", decision.rules) if passes else decision
        try:
            call = judge(asked.message, session, asked.time)
        except MalformedError:
            return Undecided("its message would be refused before it is decided")
        if call.decision.effect != "allow" and passes_as_protocol(call, session):
            return Decision("allow", call.decision.rules)
        return call.decision

    def _session(self, identity: Identity, server: str) -> Session:
        key = (id(identity), server)
        found = self._sessions.get(key)
        if found is None:
            self._sessions.clear()  # sessions come one after the other
            who = Principal(identity.request, identity.issuer, identity.subject, "")
            found = Session("", server, who, self.policy, bytes(32), Sealer(bytes(32)), ner="none")
            self._sessions[key] = found
        return found

    # ---- something was not

    def _looks_at_what_is_missing(self, identity: Identity) -> str:
        """Why not everything that the policy asks of the caller is recorded; "" where it is."""
        is_open = open_tests(identity, arguments=False)
        for rule in self.policy.meaning.rules:
            for formula in rule.formulas():
                for leaf in leaves(formula):
                    if is_open(leaf):
                        return f"{_name(leaf)} is not recorded"
        return ""

    def _without_arguments(self, identity: Identity, asked: Asked) -> Decision | Undecided:
        if asked.command is None:
            return Undecided(asked.missing)
        return self._all_ways(identity, asked, open_tests(identity, arguments=True), asked.missing)

    def _all_ways(
        self, identity: Identity, asked: Asked, is_open: Callable[[Leaf], bool], why: str
    ) -> Decision | Undecided:
        request = _request(identity, asked)
        if request is None:
            return Undecided(why)
        rules, ways, count = [], [], 1
        for rule in self.policy.meaning.rules:
            truths = frozenset({TRUE})
            for formula in rule.formulas():
                truths = _joined(truths, possible(formula, request, is_open), min)
            if truths != {FALSE}:
                rules.append(rule)
                ways.append(sorted(truths))
                count *= len(truths)
                if count > _WAYS:
                    return Undecided(why)
        found: Decision | None = None
        for way in product(*ways):
            applied = [(rule, truth == TRUE) for rule, truth in zip(rules, way, strict=True) if truth != FALSE]
            decision = join(applied, self.policy.meaning.kinds, self.policy.digest)
            if found is not None and facets(found, decision):
                return Undecided(why)
            found = found or decision
        return found or Undecided(why)


Leaf = Test | Clock | SqlTest | Constant


def possible(formula: Formula, request: Request, is_open: Callable[[Leaf], bool]) -> frozenset[int]:
    """The truths that a formula can have where some of its tests are open, each for itself."""
    if isinstance(formula, Opposite):
        return frozenset(TRUE - truth for truth in possible(formula.part, request, is_open))
    if isinstance(formula, (Every, Some)):
        choose = min if isinstance(formula, Every) else max
        truths = frozenset({TRUE if isinstance(formula, Every) else FALSE})
        for part in formula.parts:
            truths = _joined(truths, possible(part, request, is_open), choose)
        return truths
    if is_open(formula):
        return _ALL
    return frozenset({compiled(formula)(request.values, request.args, request.time)})


def _joined(some: frozenset[int], more: frozenset[int], choose: Callable[[int, int], int]) -> frozenset[int]:
    return frozenset(choose(one, other) for one in some for other in more)


def open_tests(identity: Identity, arguments: bool) -> Callable[[Leaf], bool]:
    """Which tests look at what the store does not hold."""
    values = identity.request.values

    def is_open(leaf: Leaf) -> bool:
        if isinstance(leaf, (Clock, Constant)):
            return False
        subject = leaf.subject
        if isinstance(subject, Arg):
            return arguments
        if isinstance(subject, RawClaim):
            return True
        asserted = subject.asserted and values[index(subject.name)] is UNKNOWN
        return asserted or subject.name in identity.open

    return is_open


def _name(leaf: Leaf) -> str:
    subject = getattr(leaf, "subject", None)
    if isinstance(subject, RawClaim):
        return "what the token's raw claims said"
    if isinstance(subject, Field) and subject.asserted:
        return f"what was asserted as {subject.name}"
    return f"the caller's {subject.name}" if isinstance(subject, Field) else "the call"


def _request(identity: Identity, asked: Asked) -> Request | None:
    """The request as far as it is known; None where not even the address is."""
    arguments, resource, prompt = {}, None, None
    if asked.message is not None:
        params = asked.message.params
        given = params.get("arguments")
        arguments = given if isinstance(given, dict) else {}
        resource = params.get("uri") if asked.method.startswith("resources/") else None
        prompt = params.get("name") if asked.method == "prompts/get" else None
    method = None if asked.command or resource or prompt else asked.method
    if method is not None and (asked.message is None and method not in HOUSEKEEPING):
        return None
    call = address(asked.server, asked.command, resource, prompt, method)
    values = identity.request.values
    return Request(values[:CALL_AT] + call + values[CLAIMS_AT:], arguments, asked.time)
