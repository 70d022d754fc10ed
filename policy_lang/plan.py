"""Which rules a call can concern, found without looking at the others.

Strategy: the lines of a rule are sorted by what they look at. Address lines are decided when a command is first seen;
what is left of the policy for that command is a `Plan`. In it a rule is two bits of one integer. For each caller
attribute a table gives the bits of all rules for a value, so that the caller's lines of all rules are decided by one
look-up and one *and* for each attribute. The bits left select the decision, or, for a session, the `Residual`: the
rules that still wait for arguments or the clock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias, final

from policy_lang.attributes import Values
from policy_lang.columns import Pool, columns_of, ones
from policy_lang.compiled import Based
from policy_lang.decision import Decision
from policy_lang.formula import ARGS_SIDE, CLOCK_SIDE, TRUE, sides
from policy_lang.meaning import Rule
from policy_lang.residual import FORESEEN, Residual

_LATE = frozenset({ARGS_SIDE, CLOCK_SIDE})
_RESIDUALS = 4096
_DECISIONS = 4096

Decide: TypeAlias = Callable[["list[tuple[Rule, bool]]"], Decision]


@final
class Plan:
    """The rules of one address as bits: bit i says that rule i is not false, bit n + i that it is true."""

    __slots__ = ("_caller", "_columns", "_decide", "_decisions", "_late", "_pool", "_residuals", "_rules", "_start")

    def __init__(self, rules: list[Based], decide: Decide, pool: Pool) -> None:
        n = len(rules)
        self._rules = rules
        self._decide = decide
        self._decisions: dict[int, Decision] = {}
        self._residuals: dict[int, Decision | Residual] = {}
        self._start = pool.shared(
            sum(1 << i | (1 << n + i if base == TRUE else 0) for i, (_, base) in enumerate(rules))
        )
        columns, caller = columns_of(rules, pool)
        caller += [pool.step(i, n, check) for i, (rule, _) in enumerate(rules) for check in rule.caller]
        late = [pool.step(i, n, check) for i, (rule, _) in enumerate(rules) for check in rule.late]
        self._columns = tuple(columns)
        self._caller, self._late = pool.shared(tuple(caller)), pool.shared(tuple(late))
        self._pool = pool

    def decide(self, values: Values, args: Any, time: datetime | None) -> Decision:
        """The decision of a whole request."""
        bits = self._start
        for at, table, other in self._columns:
            bits &= table.get(values[at], other)
        for alive, if_false, if_unsure, check in self._caller:
            if bits & alive:
                truth = check(values, args, time)
                if truth != TRUE:
                    bits &= if_unsure if truth else if_false
        for alive, if_false, if_unsure, check in self._late:
            if bits & alive:
                truth = check(values, args, time)
                if truth != TRUE:
                    bits &= if_unsure if truth else if_false
        decision = self._decisions.get(bits)
        return self._foresee(bits) if decision is None else decision

    def _foresee(self, bits: int) -> Decision:
        """Prepare what other arguments would lead to as well, where that is little."""
        decision = self.decision(bits)
        lost = [~step[1] for step in self._late if bits & step[0]]
        for number in range(1, 1 << len(lost)) if len(lost) <= FORESEEN else ():
            other = bits
            for place, bits_lost in enumerate(lost):
                if number >> place & 1:
                    other &= ~bits_lost
            self.decision(other)
        return decision

    def residual(self, values: Values) -> Decision | Residual:
        """What is left for a caller: a decision, where nothing depends on arguments or clock."""
        bits = self._start
        for at, table, other in self._columns:
            bits &= table.get(values[at], other)
        for alive, if_false, if_unsure, check in self._caller:
            if bits & alive:
                truth = check(values, None, None)
                if truth != TRUE:
                    bits &= if_unsure if truth else if_false
        left = self._residuals.get(bits)
        return self._left(bits) if left is None else left

    def _left(self, bits: int) -> Decision | Residual:
        if len(self._residuals) >= _RESIDUALS:
            self._residuals.clear()
        waiting = self._pool.shared(tuple([step for step in self._late if bits & step[0]]))
        left: Decision | Residual = self.decision(bits)
        if waiting:
            left = Residual(self.decision, bits, waiting, self._looks_back(bits), self._pool)
        self._residuals[bits] = left
        return left

    def _looks_back(self, bits: int) -> bool:
        """Whether a condition that is left looks at the caller or the address again."""
        rules = (self._rules[i][0] for i in ones(bits & (1 << len(self._rules)) - 1))
        return any(not sides(formula) <= _LATE for rule in rules for formula in rule.late_formulas)

    def decision(self, bits: int) -> Decision:
        """The decision of what is not false."""
        decision = self._decisions.get(bits)
        if decision is None:
            if len(self._decisions) >= _DECISIONS:
                self._decisions.clear()
            n, rules = len(self._rules), self._rules
            applied = [(rules[i][0].rule, bits >> n + i & 1 == 1) for i in ones(bits & (1 << n) - 1)]
            decision = self._decisions[self._pool.shared(bits)] = self._decide(applied)
        return decision
