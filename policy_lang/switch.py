"""Addresses that concern a crowd of rules: split by the attribute that most of them fix to whole values."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, final

from policy_lang.attributes import UNKNOWN, Values
from policy_lang.columns import Pool
from policy_lang.compiled import Based, Compiled
from policy_lang.plan import Decide, Plan

_CROWD = 64  # rules for one address from which on they are split by an attribute
_LEAVES = 1024


@final
class Switch:
    """The rules of an address that concern many callers, split by the attribute that most of them fix."""

    __slots__ = ("_decide", "_named", "_others", "_plans", "_pool", "_rules", "at")

    def __init__(self, rules: list[Based], at: int, decide: Decide, pool: Pool) -> None:
        self._rules, self.at, self._decide, self._pool = rules, at, decide, pool
        self._plans: dict[Any, Plan] = {}
        self._named: dict[Any, list[int]] = defaultdict(list)
        self._others: list[int] = []
        for place, (rule, _) in enumerate(rules):
            values = _fixed(rule, at)
            for value in () if values is None else values:
                self._named[value].append(place)
            if values is None:
                self._others.append(place)

    def plan(self, values: Values) -> Plan:
        """The plan for a caller."""
        value = values[self.at]
        key = value if value is UNKNOWN or value in self._named else None
        plan = self._plans.get(key)
        return self._build(key) if plan is None else plan

    def _build(self, key: Any) -> Plan:
        if len(self._plans) >= _LEAVES:
            self._plans.clear()
        places = range(len(self._rules)) if key is UNKNOWN else sorted(self._named.get(key, []) + self._others)
        plan = self._plans[key] = Plan([self._rules[place] for place in places], self._decide, self._pool)
        return plan


def _fixed(rule: Compiled, at: int) -> frozenset[Any] | None:
    """The only values that an attribute can have for a rule, if it fixes them."""
    named = [line.exact for line in rule.lines if line.at == at and line.exact is not None]
    return frozenset.intersection(*named) if named else None


def plan_of(rules: list[Based], decide: Decide, pool: Pool) -> Plan | Switch:
    """The plan of the rules of an address."""
    if len(rules) >= _CROWD:
        counts: dict[int, int] = defaultdict(int)
        for rule, _ in rules:
            for at in {line.at for line in rule.lines if line.exact is not None}:
                counts[at] += 1
        at = max(counts, key=lambda at: (counts[at], -at), default=-1)
        if at >= 0 and counts[at] * 2 >= len(rules):
            return Switch(rules, at, decide, pool)
    return Plan(rules, decide, pool)
