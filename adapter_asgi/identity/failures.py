"""Failed authentications: which check refused whom, for the operator; an alert when there are too many.

The first `_RECORDED` of an address in a minute are records of their own, so that a flood fills no disk; the log and
whoever listens are told when an address passes the threshold.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

import recorder
from adapter_asgi.errors import AdapterError
from adapter_asgi.identity.error import IdentityError

__all__ = ["ALERT", "WINDOW", "Failures"]

_RECORDED = 10
ALERT = 20
"""Refusals of an address within a window that are told."""
WINDOW = 60.0
"""Seconds."""
_PEERS = 10_000

_log = logging.getLogger(__name__)


class _Log(Protocol):
    def submit(self, entry: recorder.Entry) -> Any: ...


class Failures:
    """Whoever listens is called with the address and the count, once a window; `clock()` is monotonic seconds.

    `tally` counts an address where several processes do so together; what it cannot count is counted here alone.
    """

    def __init__(
        self,
        log: _Log,
        alert: Callable[[str, int], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        tally: Callable[[str], int] | None = None,
    ) -> None:
        self._evidence, self._tally = log, tally
        self._alerts = [] if alert is None else [alert]
        self._clock = clock
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def __call__(self, error: IdentityError, peer: str) -> None:
        """One more refusal. A request without a token at all (ID01) is how clients begin, and is not counted."""
        if error.code == "ID01":
            return
        count = self._count(peer)
        if count <= _RECORDED:
            _log.info("refused a caller from %s: %s (%s)", peer or "nowhere", error.message, error.code)
            metadata = {"error": error.code, "outcome": "refused", "source_ip": peer}
            self._evidence.submit(recorder.Entry("refusal", "", metadata, best_effort=True))
        if count == ALERT:
            _log.warning("%d failed authentications from %s within %d s", count, peer or "nowhere", int(WINDOW))
            for alert in self._alerts:
                alert(peer, count)

    def _count(self, peer: str) -> int:
        """How many this one makes of its address in this window."""
        if self._tally is not None:
            with contextlib.suppress(AdapterError):
                return self._tally(peer)
        now = self._clock()
        since, count = self._seen.pop(peer, (now, 0))
        if now - since >= WINDOW:
            since, count = now, 0
        self._seen[peer] = (since, count + 1)
        if len(self._seen) > _PEERS:
            self._seen.popitem(last=False)
        return count + 1

    def listen(self, alert: Callable[[str, int], None]) -> None:
        """Tell this one too. It must not block."""
        self._alerts.append(alert)
