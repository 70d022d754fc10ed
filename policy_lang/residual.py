"""What waits for arguments and the clock when caller and address are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import product
from typing import Any, TypeAlias, final

from policy_lang.attributes import Values
from policy_lang.columns import Pool, Step
from policy_lang.decision import Decision
from policy_lang.formula import FALSE, TRUE, UNSURE, Truth

FORESEEN = 3  # conditions on arguments up to which every outcome is prepared

Table: TypeAlias = "tuple[Any, ...]"  # see Residual


@final
class Residual:
    """Rules that wait for arguments or the clock. Shared by all callers for whom the same is left.

    What comes of few conditions is a table, in one piece of memory, as a decision costs little more than the memory
    that it touches: first the conditions; then this residual, which fills in a decision that was not met before; then
    the decisions. The place of a decision is a number to the base 3: a leading 1, then the truths of the conditions.
    """

    __slots__ = ("_bits", "_decision_of", "_waiting", "looks_back", "table")

    def __init__(
        self, decision_of: Callable[[int], Decision], bits: int, waiting: tuple[Step, ...], looks_back: bool, pool: Pool
    ) -> None:
        self._decision_of, self._bits, self._waiting, self.looks_back = decision_of, bits, waiting, looks_back
        self.table: Table | None = None
        if len(waiting) <= FORESEEN:
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
        return self._decision_of(bits)

    def decide(self, values: Values, args: Any, time: datetime | None) -> Decision:
        bits = self._bits
        for alive, if_false, if_unsure, check in self._waiting:
            if bits & alive:
                truth = check(values, args, time)
                if truth != TRUE:
                    bits &= if_unsure if truth else if_false
        return self._decision_of(bits)
