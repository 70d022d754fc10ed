"""A loaded policy: deciding, binding to a caller, and asking what could be.

Strategy: a call's address (its command) selects a plan once: the rules that can apply to it, with their address lines
already decided, and the most telling caller attribute as an index into them. Deciding walks the few rules left, and the
set of rules that apply selects the decision, which is built once for each such set. Binding to a caller decides the
caller's lines too, so that a residual over arguments and clock is all that is left. Every cache is bounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from policy_lang.attributes import CALL_AT, CLAIMS_AT, Values
from policy_lang.canonical import digest
from policy_lang.decision import Decision
from policy_lang.diagnostic import Diagnostic
from policy_lang.join import join
from policy_lang.meaning import Detector, Meaning
from policy_lang.partial import could_permit, could_permit_on
from policy_lang.plan import Compiled, Plan, compiled_rules, plan_of
from policy_lang.plan import Index as RuleIndex
from policy_lang.request import Request, address
from policy_lang.segments import has_dot_segments

_PLANS = 16384
_DECISIONS = 16384
_RESIDUALS = 2048
_OUTCOMES = 512
_HIDDEN = "The name has dot segments, which could mean another resource than the one that was decided on."


class Policy:
    """What `load` and `compile` give. Immutable to its users; safe to share between threads."""

    def __init__(self, meaning: Meaning, warnings: tuple[Diagnostic, ...] = ()) -> None:
        self._meaning = meaning
        self.digest: str = digest(meaning)
        self._rules: list[Compiled] = compiled_rules(meaning)
        self._index = RuleIndex(self._rules)
        self._plans: dict[Values, Plan] = {}
        self._commands: dict[str, Plan] = {}
        self._decisions: dict[tuple[int, ...], Decision] = {}
        self._refusal = Decision("deny", record="digest", reason=_HIDDEN, policy=self.digest)

    @property
    def meaning(self) -> Meaning:
        """The checked policy as data."""
        return self._meaning

    @property
    def detectors(self) -> tuple[Detector, ...]:
        """The site's own identifiers, for the masker."""
        return self._meaning.detectors

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of all rules, in order."""
        return tuple(rule.name for rule in self._meaning.rules)

    def decide(self, request: Request) -> Decision:
        """Decide one whole request. Never raises."""
        values = request.values
        command = values[CALL_AT + 1]
        plan = self._commands.get(command) if isinstance(command, str) else None
        if plan is None:
            plan = self._plan(values[CALL_AT:CLAIMS_AT])
        if plan.refused:
            return self._refusal
        args, time = request.args, request.time
        applied: list[int] = []
        for mark, base, checks in plan.entries(values):
            truth = base
            for check in checks:
                one = check(values, args, time)
                if one < truth:
                    truth = one
                    if not one:
                        break
            if truth:
                applied.append(mark + truth)
        return self._decision(tuple(applied))

    def bind(self, identity: Request) -> BoundPolicy:
        """The policy for one caller. What the request says about a call, arguments or time is not used."""
        return BoundPolicy(self, identity.values)

    # ---- shared with BoundPolicy

    def _plan(self, call: Values) -> Plan:
        """The plan of an address, prepared once."""
        plan = self._plans.get(call)
        if plan is None:
            if len(self._plans) >= _PLANS:
                self._plans.clear()
                self._commands.clear()
            refused = any(isinstance(name, str) and has_dot_segments(name) for name in call)
            plan = plan_of(self._index, call, refused)
            self._plans[call] = plan
            if isinstance(call[1], str) and call[0] == call[1].partition("/")[0]:
                self._commands[call[1]] = plan
        return plan

    def _decision(self, applied: tuple[int, ...]) -> Decision:
        """The decision of a set of applying rules; each number is three times the rule's place plus its truth."""
        decision = self._decisions.get(applied)
        if decision is None:
            if len(self._decisions) >= _DECISIONS:
                self._decisions.clear()
            rules = self._meaning.rules
            pairs = [(rules[number // 3], number % 3 == 2) for number in sorted(applied)]
            decision = join(pairs, self._meaning.kinds, self.digest)
            self._decisions[applied] = decision
        return decision


class _Residual:
    """What is left of a plan for one caller: rules that surely apply or are unsure, and rules that depend on the call."""

    __slots__ = ("_decisions", "_fixed", "_open", "_policy", "_values")

    def __init__(self, policy: Policy, plan: Plan, values: Values) -> None:
        self._policy, self._values = policy, values
        self._decisions: dict[tuple[int, ...], Decision] = {}
        fixed: list[int] = []
        self._open: list[tuple[int, int, Any]] = []
        for mark, base, caller, late in plan.parts(values):
            truth = min((check(values, None, None) for check in caller), default=base)
            truth = min(truth, base)
            if truth and late:
                self._open.append((mark, truth, late))
            elif truth:
                fixed.append(mark + truth)
        self._fixed = tuple(fixed)

    def fixed(self) -> Decision | None:
        """The decision, where nothing depends on arguments or clock."""
        return None if self._open else self._policy._decision(self._fixed)

    def decide(self, args: Mapping[str, Any], time: datetime | None) -> Decision:
        values = self._values
        applied: list[int] = []
        for mark, base, checks in self._open:
            truth = base
            for check in checks:
                one = check(values, args, time)
                if one < truth:
                    truth = one
                    if not one:
                        break
            if truth:
                applied.append(mark + truth)
        key = tuple(applied)
        decision = self._decisions.get(key)
        if decision is None:
            if len(self._decisions) >= _OUTCOMES:
                self._decisions.clear()
            decision = self._decisions[key] = self._policy._decision(self._fixed + key)
        return decision


class BoundPolicy:
    """A policy for one caller: the caller's lines are decided, calls and arguments are open."""

    __slots__ = ("_policy", "_residuals", "_values")

    def __init__(self, policy: Policy, values: Values) -> None:
        self._policy, self._values = policy, values
        self._residuals: dict[str | None, Decision | _Residual] = {}

    @property
    def policy(self) -> Policy:
        return self._policy

    def decide(
        self,
        command: str | None = None,
        args: Mapping[str, Any] | None = None,
        *,
        server: str | None = None,
        resource: str | None = None,
        prompt: str | None = None,
        method: str | None = None,
        time: datetime | None = None,
    ) -> Decision:
        """Decide one call: a tool call by `command` ("server/tool"), or a resource, prompt or method of a `server`.

        `args` is the call's arguments (a JSON object), `time` an aware datetime (unknown without). Never raises.
        """
        residual = self._residuals.get(command)
        if residual is None or resource is not None or prompt is not None or method is not None:
            residual = self._residual(server, command, resource, prompt, method)
        if residual.__class__ is Decision:
            return residual  # type: ignore[return-value]
        return residual.decide({} if args is None else args, time)  # type: ignore[union-attr]

    def could(self, command: str) -> bool:
        """Whether some arguments, at some time, could be permitted or held for approval."""
        call = address(None, command, None, None, None)
        plan = self._policy._plan(call)
        return not plan.refused and could_permit(plan, self._at(call))

    def could_server(self, server: str) -> bool:
        """Whether anything on the server (tools, resources, prompts, methods) could be permitted or held."""
        return could_permit_on(
            self._policy._rules, server, self._at((server, *self._values[CALL_AT + 1 : CLAIMS_AT])), self.could
        )

    def _at(self, call: Values) -> Values:
        values = self._values
        return values[:CALL_AT] + call + values[CLAIMS_AT:]

    def _residual(
        self, server: str | None, command: str | None, resource: str | None, prompt: str | None, method: str | None
    ) -> Decision | _Residual:
        policy = self._policy
        said = [name for name in (command, resource, prompt, method) if name is not None]
        if len(said) > 1:  # two addresses for one call: which one the upstream obeys is not known
            return Decision("deny", record="digest", reason="The call names more than one thing.", policy=policy.digest)
        call = address(server, command, resource, prompt, method)
        plan = policy._plan(call)
        if plan.refused:
            return policy._refusal
        residual = _Residual(policy, plan, self._at(call))
        kept = residual.fixed() or residual
        if command is not None:
            if len(self._residuals) >= _RESIDUALS:
                self._residuals.clear()
            self._residuals[command] = kept
        return kept
