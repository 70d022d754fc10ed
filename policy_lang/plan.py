"""Which rules a call can concern, found without looking at the others.

Strategy: the lines of a rule are sorted by what they look at. Address lines are decided when a command is first seen;
what is left of the policy for that command is a `Plan`. In it a rule is two bits of one integer, "not false" and
"true". For each caller attribute a table gives the bits of all rules for a value, so that the caller's lines of all
rules are decided by one look-up and one *and* for each attribute. The bits left select a `Residual`: the rules that
still wait for arguments or the clock. Where a command concerns a crowd of rules, a `Switch` first splits them by the
attribute that most of them fix to whole values.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import product
from typing import Any, NamedTuple, TypeAlias, TypeVar, final

from policy_lang.attributes import TEXT, TYPES, UNKNOWN, Values, index
from policy_lang.decision import Decision
from policy_lang.evaluate import Check, compiled
from policy_lang.formula import (
    ARGS_SIDE,
    CALL_SIDE,
    CALLER_SIDE,
    CLOCK_SIDE,
    FALSE,
    TRUE,
    UNSURE,
    Field,
    Formula,
    Is,
    OneOf,
    Test,
    Truth,
    leaves,
    sides,
)
from policy_lang.meaning import Meaning, Rule

_CROWD = 64  # rules for one command from which on they are split by an attribute
_RESIDUALS = 4096
_DECISIONS = 4096
_LEAVES = 1024
_POOLED = 65536
_LATE = frozenset({ARGS_SIDE, CLOCK_SIDE})
_FORESEEN = 3  # conditions on arguments up to which every outcome is prepared

Decide: TypeAlias = Callable[["list[tuple[Rule, bool]]"], Decision]
Step: TypeAlias = (
    "tuple[int, int, int, Check]"  # a rule's bit, what to keep if the check is false, if unsure; the check
)
Table: TypeAlias = "tuple[Any, ...]"  # see Residual
_Part = TypeVar("_Part")
Column: TypeAlias = "tuple[int, dict[Any, int], int]"  # where an attribute stands, bits by value, bits of other values
Based: TypeAlias = "tuple[Compiled, Truth]"  # a rule and the truth of its address lines, FALSE excluded


class Line(NamedTuple):
    """A condition on one caller attribute: where the attribute stands, and the only values it can have, if it is so."""

    at: int
    check: Check
    exact: frozenset[Any] | None


class Compiled(NamedTuple):
    """A rule as functions; `place` is its number in the order of names."""

    place: int
    rule: Rule
    call: tuple[Check, ...]  # conditions on the address alone
    lines: tuple[Line, ...]  # on one caller attribute
    caller: tuple[Check, ...]  # on several, or on claims
    late: tuple[Check, ...]  # on arguments or the clock, or on all of these mixed
    late_formulas: tuple[Formula, ...]


def compiled_rules(meaning: Meaning) -> list[Compiled]:
    """Every rule as functions; equal conditions share one."""
    checks: dict[Formula, Check] = {}
    return [_compiled(place, rule, checks) for place, rule in enumerate(meaning.rules)]


def _compiled(place: int, rule: Rule, checks: dict[Formula, Check]) -> Compiled:
    call: list[Check] = []
    lines: list[Line] = []
    caller: list[Check] = []
    late: list[Check] = []
    late_formulas: list[Formula] = []
    for formula in rule.formulas():
        looks_at = sides(formula)
        known = checks.get(formula)
        check = checks.setdefault(formula, compiled(formula)) if known is None else known
        if looks_at == {CALL_SIDE}:
            call.append(check)
        elif looks_at <= {CALLER_SIDE}:
            at = _only_attribute(formula)
            if at is None:
                caller.append(check)
            else:
                lines.append(Line(at, check, _exact(formula)))
        else:
            late.append(check)
            late_formulas.append(formula)
    return Compiled(place, rule, tuple(call), tuple(lines), tuple(caller), tuple(late), tuple(late_formulas))


def _only_attribute(formula: Formula) -> int | None:
    """The one attribute that a formula looks at, if it is one."""
    if isinstance(formula, Test):
        field = formula.subject
        return index(field.name, field.asserted) if isinstance(field, Field) else None
    places = {
        index(leaf.subject.name, leaf.subject.asserted)
        if isinstance(leaf, Test) and isinstance(leaf.subject, Field)
        else None
        for leaf in leaves(formula)
    }
    return places.pop() if len(places) == 1 else None


def _exact(formula: Formula) -> frozenset[Any] | None:
    """The only values for which a formula on one attribute is true, where these are whole values."""
    if not isinstance(formula, Test) or not isinstance(formula.subject, Field):
        return None
    named = formula.predicate
    if isinstance(named, Is):
        return frozenset({named.value})
    return (
        named.exact if TYPES[formula.subject.name] == TEXT and isinstance(named, OneOf) and not named.patterns else None
    )


# ---- from a caller to what is left -----------------------------------------------------------------------------------


class Pool:
    """Parts that many plans have alike, kept once: what is used often stays near the processor."""

    def __init__(self) -> None:
        self._kept: dict[Any, Any] = {}

    def step(self, place: int, n: int, check: Check) -> Step:
        known: Step | None = self._kept.get((place, n, check))
        if known is None:
            known = 1 << place, ~_lost(FALSE, place, n), ~_lost(UNSURE, place, n), check
            self._keep((place, n, check), known)
        return known

    def shared(self, parts: tuple[_Part, ...]) -> tuple[_Part, ...]:
        known: tuple[_Part, ...] | None = self._kept.get(parts)
        return self._keep(parts, parts) if known is None else known

    def column(self, column: Column) -> Column:
        at, table, other = column
        if len(table) > _CROWD:
            return column
        key = (at, frozenset(table.items()), other)
        known: Column | None = self._kept.get(key)
        return self._keep(key, column) if known is None else known

    def _keep(self, key: Any, value: Any) -> Any:
        if len(self._kept) >= _POOLED:
            self._kept.clear()
        self._kept[key] = value
        return value


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
        self._start = sum(1 << i | (1 << n + i if base == TRUE else 0) for i, (_, base) in enumerate(rules))
        columns, caller = _columns(rules, pool)
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
        for number in range(1, 1 << len(lost)) if len(lost) <= _FORESEEN else ():
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
            left = Residual(self, bits, waiting, self._looks_back(bits), self._pool)
        self._residuals[bits] = left
        return left

    def _looks_back(self, bits: int) -> bool:
        """Whether a condition that is left looks at the caller or the address again."""
        rules = (self._rules[i][0] for i in _ones(bits & (1 << len(self._rules)) - 1))
        return any(not sides(formula) <= _LATE for rule in rules for formula in rule.late_formulas)

    def decision(self, bits: int) -> Decision:
        """The decision of what is not false."""
        decision = self._decisions.get(bits)
        if decision is None:
            if len(self._decisions) >= _DECISIONS:
                self._decisions.clear()
            n, rules = len(self._rules), self._rules
            applied = [(rules[i][0].rule, bits >> n + i & 1 == 1) for i in _ones(bits & (1 << n) - 1)]
            decision = self._decisions[bits] = self._decide(applied)
        return decision


@final
class Residual:
    """Rules that wait for arguments or the clock. Shared by all callers for whom the same is left.

    What comes of few conditions is a table, in one piece of memory, as a decision costs little more than the memory
    that it touches: first the conditions; then this residual, which fills in a decision that was not met before; then
    the decisions. The place of a decision is a number to the base 3: a leading 1, then the truths of the conditions.
    """

    __slots__ = ("_bits", "_plan", "_waiting", "looks_back", "table")

    def __init__(self, plan: Plan, bits: int, waiting: tuple[Step, ...], looks_back: bool, pool: Pool) -> None:
        self._plan, self._bits, self._waiting, self.looks_back = plan, bits, waiting, looks_back
        self.table: Table | None = None
        if len(waiting) <= _FORESEEN:
            checks = pool.shared(tuple([step[3] for step in waiting]))
            numbers = product((FALSE, UNSURE, TRUE), repeat=len(waiting))
            decisions = [None if UNSURE in truths else self._decision(truths) for truths in numbers]
            self.table = (checks, self, *[None] * (len(decisions) - 2), *decisions)

    def filled(self, place: int) -> Table:
        """The table, with the decision at a place filled in."""
        table, width = self.table or (), len(self._waiting)
        truths = [place // 3**at % 3 for at in range(width - 1, -1, -1)]
        self.table = (*table[:place], self._decision(truths), *table[place + 1 :])
        return self.table

    def _decision(self, truths: Sequence[Truth]) -> Decision:
        bits = self._bits
        for (_, if_false, if_unsure, _), truth in zip(self._waiting, truths, strict=True):
            if truth != TRUE:
                bits &= if_unsure if truth else if_false
        return self._plan.decision(bits)

    def decide(self, values: Values, args: Any, time: datetime | None) -> Decision:
        bits = self._bits
        for alive, if_false, if_unsure, check in self._waiting:
            if bits & alive:
                truth = check(values, args, time)
                if truth != TRUE:
                    bits &= if_unsure if truth else if_false
        return self._plan.decision(bits)


def _lost(truth: Truth, place: int, n: int) -> int:
    """The bits that a rule loses when a condition of it has this truth."""
    return 1 << n + place if truth == UNSURE else 1 << n + place | 1 << place


def _ones(bits: int) -> list[int]:
    places = []
    while bits:
        low = bits & -bits
        places.append(low.bit_length() - 1)
        bits ^= low
    return places


def _columns(rules: list[Based], pool: Pool) -> tuple[list[Column], list[Step]]:
    """The lines that fix an attribute to whole values, as tables; and the other lines, to be tried one by one."""
    n = len(rules)
    lines: dict[int, dict[int, list[Line]]] = defaultdict(lambda: defaultdict(list))
    for place, (rule, _) in enumerate(rules):
        for line in rule.lines:
            lines[line.at][place].append(line)
    columns: list[Column] = []
    others: list[Step] = []
    for at in sorted(lines):
        fixed: dict[int, frozenset[Any]] = {}
        for place, many in lines[at].items():
            named = [line.exact for line in many if line.exact is not None]
            if named:
                fixed[place] = frozenset.intersection(*named)
            others += [pool.step(place, n, line.check) for line in many if line.exact is None]
        if fixed:
            columns.append(pool.column(_column(at, n, fixed)))
    return columns, others


def _column(at: int, n: int, fixed: dict[int, frozenset[Any]]) -> Column:
    """A table from the attribute's value to the bits of all rules, and the bits for every value that is not in it."""
    other = unsure = (1 << 2 * n) - 1
    named: dict[Any, int] = defaultdict(int)
    for place, values in fixed.items():
        both = _lost(FALSE, place, n)
        other &= ~both
        unsure &= ~_lost(UNSURE, place, n)
        for value in values:
            named[value] |= both
    table: dict[Any, int] = {value: other | bits for value, bits in named.items()}
    return at, table | {UNKNOWN: unsure}, other


# ---- crowds ----------------------------------------------------------------------------------------------------------


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
