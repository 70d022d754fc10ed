"""What the `limit` clauses of a policy allow, counted per rule and principal in this process."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence

import gate
import policy_lang

__all__ = ["Budgets"]


class Budgets:
    """Sliding windows, one per rule, period and principal; a run that is unknown counts as the session.

    What this does not do: survive a restart, or count over several processes.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._spent: dict[tuple[str, ...], deque[float]] = {}
        self._sweep_at = 0.0

    def spend(
        self, limits: Sequence[policy_lang.Limit], principal: gate.Principal, session: str
    ) -> gate.LimitsHeld | gate.LimitReached:
        """Count one call against all of them, or against none if one of them is used up."""
        now = self._clock()
        windows = [(limit, self._window(limit, principal, session, now)) for limit in limits]
        for limit, window in windows:
            if len(window) >= limit.count:
                return gate.LimitReached(limit.rule, _words(limit, window, now))
        for _, window in windows:
            window.append(now)
        return gate.LimitsHeld()

    def _window(self, limit: policy_lang.Limit, principal: gate.Principal, session: str, now: float) -> deque[float]:
        who = (limit.rule, str(limit.per), str(limit.count), principal.issuer, principal.subject)
        key = (*who, principal.run or session) if limit.per == "run" else (*who, *principal.same_as)
        window = self._spent.setdefault(key, deque())
        if limit.per != "run":
            while window and window[0] <= now - limit.per:
                window.popleft()
        return window


def _words(limit: policy_lang.Limit, window: deque[float], now: float) -> str:
    if limit.per == "run":
        return f"This run has made all {limit.count} calls that its budget allows."
    left = int(window[0] + limit.per - now) + 1 if window else limit.per
    return f"All {limit.count} calls in {limit.per} s are made; the next one may go in {left} s."
