"""Failed authentications: which check refused whom, for the operator; an alert when there are too many.

The first `_RECORDED` of an address in a minute are records of their own, so that a flood fills no disk; the log and
whoever listens are told when an address passes the threshold.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

import recorder
from adapter_asgi.identity.error import IdentityError

__all__ = ["Failures"]

_RECORDED = 10
_ALERT = 20
_WINDOW = 60.0
_PEERS = 10_000

_log = logging.getLogger(__name__)


class _Log(Protocol):
    def submit(self, entry: recorder.Entry) -> Any: ...


class Failures:
    """Whoever listens is called with the address and the count, once a window; `clock()` is monotonic seconds."""

    def __init__(
        self,
        log: _Log,
        alert: Callable[[str, int], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._evidence = log
        self._alerts = [] if alert is None else [alert]
        self._clock = clock
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def __call__(self, error: IdentityError, peer: str) -> None:
        """One more refusal. A request without a token at all (ID01) is how clients begin, and is not counted."""
        if error.code == "ID01":
            return
        now = self._clock()
        since, count = self._seen.pop(peer, (now, 0))
        if now - since >= _WINDOW:
            since, count = now, 0
        count += 1
        self._seen[peer] = (since, count)
        if len(self._seen) > _PEERS:
            self._seen.popitem(last=False)
        if count <= _RECORDED:
            _log.info("refused a caller from %s: %s (%s)", peer or "nowhere", error.message, error.code)
            metadata = {"error": error.code, "outcome": "refused", "source_ip": peer}
            self._evidence.submit(recorder.Entry("refusal", "", metadata, best_effort=True))
        if count == _ALERT:
            _log.warning("%d failed authentications from %s within %d s", count, peer or "nowhere", int(_WINDOW))
            for alert in self._alerts:
                alert(peer, count)

    def listen(self, alert: Callable[[str, int], None]) -> None:
        """Tell this one too. It must not block."""
        self._alerts.append(alert)
