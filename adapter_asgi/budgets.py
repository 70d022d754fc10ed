"""What the `limit` clauses of a policy allow, counted per rule and principal; kept over restarts, shared by processes.

Strategy: a budget's window is cut into a thousand slots, each a row that sums what was counted in it; a slot counts
until its end has left the window, so that nothing is forgotten early. Rows are found by a keyed hash of whom they
count for: the file tells nothing without the key. Durability: a killed process loses nothing, a power cut at most the
last moments (`synchronous = NORMAL`).
"""

from __future__ import annotations

import hashlib
import hmac
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import gate
import policy_lang
from adapter_asgi.database import connect
from adapter_asgi.errors import AdapterError

__all__ = ["BudgetError", "Budgets"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS spent
    (budget BLOB, slot REAL, amount INTEGER NOT NULL, until REAL NOT NULL, PRIMARY KEY (budget, slot)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS spent_until ON spent (until);
"""
_SLOTS = 1000
_RUN = 90 * 86400.0
"""Seconds that a run's budget is remembered after it was last used: longer than any CI keeps a run."""
_SWEEP_EVERY = 256
Amounts = Mapping[bytes, tuple[int, policy_lang.Limit]]


class BudgetError(AdapterError):
    """Budgets cannot be counted (code BUD01), so nothing that has one may pass."""


class Budgets:
    """Sliding windows, one per rule, period, unit and principal; a run that is unknown counts as the session.

    `path` may be ":memory:". `clock` gives Unix seconds. Use from one thread; several processes may share the file.
    What this does not do: count anew from the evidence where the file is lost; hold an answer back for another call
    that runs at the same time. Calls that begin together are each told what is left of the bytes, and may together
    show that much each.
    """

    def __init__(
        self, path: Path | str = ":memory:", key: bytes = b"budgets", clock: Callable[[], float] = time.time
    ) -> None:
        self._key, self._clock, self._counted = key, clock, 0
        self._db = connect(path, _SCHEMA, synchronous="NORMAL")

    def close(self) -> None:
        """Release the file."""
        self._db.close()

    def spend(
        self, limits: Sequence[policy_lang.Limit], principal: gate.Principal, session: str
    ) -> gate.LimitsHeld | gate.LimitReached:
        """Count one call against all of them, or against none if one of them is used up. Raises BudgetError.

        A limit that stands there twice counts two calls (of one batch).
        """
        now, left = self._clock(), None
        with self._at_once():
            for limit, calls in Counter(limits).items():
                used = self._used(self._budget(limit, principal, session), limit, now)
                if used + (calls if limit.unit == "calls" else 1) > limit.count:
                    return gate.LimitReached(limit.rule, self._words(limit, principal, session, now))
                if limit.unit == "bytes":
                    left = limit.count - used if left is None else min(left, limit.count - used)
            self._count(self._amounts(limits, principal, session, "calls"), now)
        return gate.LimitsHeld(left)

    def charge(self, limits: Sequence[policy_lang.Limit], principal: gate.Principal, session: str, size: int) -> None:
        """Count `size` bytes of results against those limits that count bytes, before they go. Raises BudgetError."""
        with self._at_once():
            found = self._amounts(set(limits), principal, session, "bytes")
            self._count({budget: (size, limit) for budget, (_, limit) in found.items()}, self._clock())

    # -- the file --------------------------------------------------------------------------------------------------

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """One transaction; whoever else wants to count waits."""
        try:
            with self._db.at_once():
                yield
        except AdapterError as error:
            raise BudgetError("BUD01", f"budgets cannot be counted: {error.message}") from None

    def _used(self, budget: bytes, limit: policy_lang.Limit, now: float) -> int:
        query = "SELECT COALESCE(SUM(amount), 0) FROM spent WHERE budget = ? AND slot > ?"
        return int(self._db.execute(query, (budget, _begin(limit, now))).fetchone()[0])

    def _amounts(
        self,
        limits: Sequence[policy_lang.Limit] | set[policy_lang.Limit],
        principal: gate.Principal,
        session: str,
        unit: str,
    ) -> Amounts:
        """How much to count on which budget: each once a call, though several limits of a rule may share it."""
        found: dict[bytes, tuple[int, policy_lang.Limit]] = {}
        for limit, times in Counter(limits).items():
            if limit.unit == unit:
                budget = self._budget(limit, principal, session)
                found[budget] = max(found.get(budget, (0, limit)), (times, limit), key=lambda pair: pair[0])
        return found

    def _count(self, amounts: Amounts, now: float) -> None:
        for budget, (amount, limit) in amounts.items():
            slot, until = _slot(limit, now)
            self._db.execute(
                "INSERT INTO spent VALUES (?, ?, ?, ?) ON CONFLICT (budget, slot)"
                " DO UPDATE SET amount = amount + excluded.amount, until = excluded.until",
                (budget, slot, amount, until),
            )
        self._counted += 1
        if self._counted % _SWEEP_EVERY == 0:
            self._db.execute("DELETE FROM spent WHERE until < ?", (now,))

    def _budget(self, limit: policy_lang.Limit, principal: gate.Principal, session: str) -> bytes:
        """What is counted for whom; not how much is allowed, so that under a policy that allows less it counts on."""
        who = (limit.rule, str(limit.per), limit.unit, principal.issuer, principal.subject)
        parts = (*who, principal.run or session) if limit.per == "run" else (*who, *principal.same_as)
        text = "\0".join(f"{len(part)}:{part}" for part in parts)
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256)

    def _words(self, limit: policy_lang.Limit, principal: gate.Principal, session: str, now: float) -> str:
        what = f"{limit.count} bytes of results" if limit.unit == "bytes" else f"{limit.count} calls"
        if limit.per == "run":
            return f'The rule "{limit.rule}" allows a run {what}, and this run has had them.'
        query = "SELECT slot, amount FROM spent WHERE budget = ? AND slot > ? ORDER BY slot"
        rows = self._db.execute(query, (self._budget(limit, principal, session), _begin(limit, now))).fetchall()
        used = sum(amount for _, amount in rows)
        for slot, amount in rows:
            used -= amount
            if used < limit.count:
                left = math.ceil(slot + limit.per - now)
                return f'The rule "{limit.rule}" allows {what} in {limit.per} s; the next call may go in {left} s.'
        return f'The rule "{limit.rule}" allows {what} in {limit.per} s.'


def _begin(limit: policy_lang.Limit, now: float) -> float:
    return -1.0 if limit.per == "run" else now - limit.per


def _slot(limit: policy_lang.Limit, now: float) -> tuple[float, float]:
    """The end of the slot that `now` is in, and when the row may be forgotten (Unix seconds)."""
    if limit.per == "run":
        return 0.0, now + _RUN
    width = limit.per / _SLOTS
    end = math.ceil(now / width) * width
    return end, end + limit.per
