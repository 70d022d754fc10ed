"""Rules as bits: bit i of an integer says that rule i is not false, bit n + i that it is true.

What a line or a check does to a rule is then an *and* with an integer, and what an attribute's value does to all rules
that fix it to whole values is one *and* as well: a `Column`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, TypeAlias, TypeVar

from policy_lang.attributes import UNKNOWN
from policy_lang.compiled import Based, Line
from policy_lang.evaluate import Check
from policy_lang.formula import FALSE, UNSURE, Truth

_POOLED = 65536
_LARGE = 64  # values of a column from which on it is not worth comparing with others
_Part = TypeVar("_Part")

Step: TypeAlias = (
    "tuple[int, int, int, Check]"  # a rule's bit, what to keep if the check is false, if unsure; the check
)
Column: TypeAlias = "tuple[int, dict[Any, int], int]"  # where an attribute stands, bits by value, bits of other values


class Pool:
    """Parts that many plans have alike, kept once: what is used often stays near the processor."""

    def __init__(self) -> None:
        self._kept: dict[Any, Any] = {}

    def step(self, place: int, n: int, check: Check) -> Step:
        known: Step | None = self._kept.get((place, n, check))
        if known is None:
            known = 1 << place, ~lost(FALSE, place, n), ~lost(UNSURE, place, n), check
            self._keep((place, n, check), known)
        return known

    def shared(self, part: _Part) -> _Part:
        """The equal part that was met first."""
        known: _Part | None = self._kept.get(part)
        return self._keep(part, part) if known is None else known

    def column(self, column: Column) -> Column:
        at, table, other = column
        if len(table) > _LARGE:
            return column
        key = (at, frozenset(table.items()), other)
        known: Column | None = self._kept.get(key)
        if known is None:
            shared = {value: self.shared(bits) for value, bits in table.items()}
            known = self._keep(key, (at, shared, self.shared(other)))
        return known

    def _keep(self, key: Any, value: Any) -> Any:
        if len(self._kept) >= _POOLED:
            self._kept.clear()
        self._kept[key] = value
        return value


def lost(truth: Truth, place: int, n: int) -> int:
    """The bits that a rule loses when a condition of it has this truth."""
    return 1 << n + place if truth == UNSURE else 1 << n + place | 1 << place


def ones(bits: int) -> list[int]:
    places = []
    while bits:
        low = bits & -bits
        places.append(low.bit_length() - 1)
        bits ^= low
    return places


def columns_of(rules: list[Based], pool: Pool) -> tuple[list[Column], list[Step]]:
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
        both = lost(FALSE, place, n)
        other &= ~both
        unsure &= ~lost(UNSURE, place, n)
        for value in values:
            named[value] |= both
    table: dict[Any, int] = {value: other | bits for value, bits in named.items()}
    return at, table | {UNKNOWN: unsure}, other
