"""A loaded policy: deciding, binding to a caller, and asking what could be.

Strategy: a call's address (its command) selects a plan, prepared once; the caller's values select what is left of the
plan, which waits for arguments and the clock alone (plan.py). Binding keeps what is left for one caller. The set of
rules that apply selects the decision, built once for each such set (join.py). Every cache is bounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from policy_lang.attributes import CALL_AT, CLAIMS_AT, COMMAND_AT, UNKNOWN, Values
from policy_lang.canonical import digest
from policy_lang.columns import Pool
from policy_lang.compiled import Based, compiled_rules
from policy_lang.decision import Decision
from policy_lang.index import Index
from policy_lang.join import join
from policy_lang.meaning import Detector, Meaning, Rule
from policy_lang.partial import could_permit, could_permit_on
from policy_lang.plan import Plan
from policy_lang.request import Request, address
from policy_lang.residual import Residual, Table
from policy_lang.segments import has_dot_segments
from policy_lang.switch import Switch, plan_of

_WEIGHT = 2_000_000  # rules in all prepared plans together
_RESIDUALS = 2048
_NO_ARGS: dict[str, Any] = {}
_NO_VALUES: Values = ()
_HIDDEN = "The name has dot segments, which could mean another resource than the one that was decided on."


class Policy:
    """What `load` and `compile` give. Immutable to its users; safe to share between threads."""

    def __init__(self, meaning: Meaning) -> None:
        self._meaning = meaning
        self.digest: str = digest(meaning)
        self._rules = compiled_rules(meaning)
        self._index = Index(self._rules)
        self._addresses: dict[Values, Address] = {}
        self._plans: dict[tuple[int, ...], Address] = {}
        self._commands: dict[str, Plan | Switch | Decision] = {}
        self._pool = Pool()
        self._weight = 0
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
        plan = self._commands.get(values[COMMAND_AT])
        if plan is None:
            plan = self._address(values[CALL_AT:CLAIMS_AT]).plan
        if type(plan) is Switch:
            plan = plan.plan(values)
        if type(plan) is Decision:
            return plan
        return plan.decide(values, request.args, request.time)

    def bind(self, identity: Request) -> BoundPolicy:
        """The policy for one caller. What the request says about a call, arguments or time is not used."""
        return BoundPolicy(self, identity.values)

    # ---- shared with BoundPolicy

    def _address(self, call: Values) -> Address:
        """What the policy says about an address, prepared once."""
        prepared = self._addresses.get(call)
        if prepared is None:
            prepared = self._prepare(call)
            self._weight += len(prepared.rules) + 1
            if self._weight > _WEIGHT:
                self._plans.clear()
                self._addresses.clear()
                self._commands.clear()
                self._weight = len(prepared.rules) + 1
            self._addresses[call] = prepared
            if isinstance(call[1], str) and call[0] == call[1].partition("/")[0]:
                self._commands[call[1]] = prepared.plan
        return prepared

    def _prepare(self, call: Values) -> Address:
        if any(isinstance(name, str) and has_dot_segments(name) for name in call):
            return Address([], self._refusal)
        rules = self._index.concerned(call)
        key = tuple([3 * rule.place + truth for rule, truth in rules])
        same = self._plans.get(key)
        if same is None:
            same = self._plans[key] = Address(rules, plan_of(rules, self._decide, self._pool))
        return same

    def _decide(self, applied: list[tuple[Rule, bool]]) -> Decision:
        """The decision of the rules that apply; plans keep it."""
        return join(applied, self._meaning.kinds, self.digest)


class Address(NamedTuple):
    """The rules that concern an address, and their plan; a decision where the address itself is refused."""

    rules: list[Based]
    plan: Plan | Switch | Decision


class BoundPolicy:
    """A policy for one caller: the caller's lines are decided, calls and arguments are open."""

    __slots__ = ("_lefts", "_policy", "_values")

    def __init__(self, policy: Policy, values: Values) -> None:
        self._policy, self._values = policy, values
        self._lefts: dict[str | None, _Left] = {}

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
        left = self._lefts.get(command)
        if left is None or resource is not None or prompt is not None or method is not None:
            left = self._left(server, command, resource, prompt, method)
        if args is None:
            args = _NO_ARGS
        if type(left) is tuple:
            place = 1
            for check in left[0]:
                place = 3 * place + check(_NO_VALUES, args, time)
            decision = left[place]
            return self._fill(command, left, place) if decision is None else decision
        if type(left) is Decision:
            return left
        return left.decide(self._values, args, time)  # type: ignore[union-attr]  # no tuple is left

    def _fill(self, command: str | None, left: Table, place: int) -> Decision:
        table: Table = left[1].filled(place)
        if command in self._lefts:
            self._lefts[command] = table
        return table[place]  # type: ignore[no-any-return]

    def could(self, command: str) -> bool:
        """Whether some arguments, at some time, could be permitted or held for approval."""
        call = address(None, command, None, None, None)
        prepared = self._policy._address(call)
        refused = isinstance(prepared.plan, Decision)
        return not refused and could_permit(prepared.rules, self._at(call))

    def could_server(self, server: str) -> bool:
        """Whether anything on the server (tools, resources, prompts, methods) could be permitted or held."""
        values = self._at((server, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN))
        return could_permit_on(self._policy._rules, server, values, self.could)

    def _at(self, call: Values) -> Values:
        values = self._values
        return values[:CALL_AT] + call + values[CLAIMS_AT:]

    def _left(
        self, server: str | None, command: str | None, resource: str | None, prompt: str | None, method: str | None
    ) -> _Left:
        policy = self._policy
        if sum(name is not None for name in (command, resource, prompt, method)) > 1:
            # Which of two addresses the upstream would obey is not known.
            return Decision("deny", record="digest", reason="The call names more than one thing.", policy=policy.digest)
        call = address(server, command, resource, prompt, method)
        values = self._at(call)
        plan = policy._address(call).plan
        if isinstance(plan, Switch):
            plan = plan.plan(values)
        left: _Left = plan if isinstance(plan, Decision) else plan.residual(values)
        if isinstance(left, Residual):
            left = _At(left, values) if left.looks_back else left.table or left
        if command is not None:
            if len(self._lefts) >= _RESIDUALS:
                self._lefts.clear()
            self._lefts[command] = left
        return left


class _At(NamedTuple):
    """A residual whose conditions look at caller or address again, with the values that have both."""

    left: Residual
    values: Values

    def decide(self, values: Values, args: Any, time: datetime | None) -> Decision:  # noqa: ARG002 - as Residual's
        return self.left.decide(self.values, args, time)


_Left: TypeAlias = "Decision | Table | Residual | _At"
