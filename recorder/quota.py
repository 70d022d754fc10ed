"""A full disk by one caller is refused to that caller first.

A caller is who its session's `session.identity` says: the issuer, and the repository or else the subject. What its
sessions record counts for a day from its first record on, in bytes on the disk, whether or not the gate was started
anew meanwhile (`recorder/usage.py`). Its next *intent* (`request`) is refused once that exceeds the quota, or what the
disk has left: so one caller takes half of a disk at most, and the rest stays for the others. Nothing else is refused:
what was forwarded is recorded to its end, and so is the refusal.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from recorder.entry import Entry
from recorder.errors import QuotaError
from recorder.usage import Usage

__all__ = ["Quota"]

LOOK = 1.0  # seconds between two looks at the disk


class Quota:
    """What each caller recorded today. `limit`: bytes, or None; `free`: bytes that the disk has left."""

    def __init__(
        self,
        limit: int | None,
        free: Callable[[], int],
        clock: Callable[[], float] = time.time,
        usage: Usage | None = None,
    ) -> None:
        self._limit, self._free, self._clock = limit, free, clock
        self.usage = usage or Usage()
        self._left, self._look_at = 0, 0.0

    def check(self, entry: Entry) -> None:
        """Learn who the caller is; refuse an intent of one who is over. Raises QuotaError."""
        if entry.kind == "session.identity":
            self._learn(entry.session, entry)
        elif entry.kind == "request" and entry.session in self.usage.callers:
            now = self._clock()
            if self.usage.of(self.usage.callers[entry.session], now)[1] > self._allowed():
                raise QuotaError(
                    "this caller has recorded as much as it may today",
                    "it may go on tomorrow; `quota` in the configuration, or a larger disk, raises it",
                )

    def count(self, session: str, size: int) -> None:
        """A record of the session took so many bytes."""
        if session in self.usage.callers:
            self.usage.add(session, size, self._clock())

    def forget(self, session: str) -> None:
        """The session is over; what its caller used still counts."""
        self.usage.callers.pop(session, None)

    def carried(self) -> dict[str, Any]:
        """The accounts, for a segment's header."""
        return self.usage.carried(self._clock())

    def _learn(self, session: str, entry: Entry) -> None:
        self.usage.learn(session, entry.metadata)

    def _allowed(self) -> int:
        now = time.monotonic()
        if now >= self._look_at:
            self._left, self._look_at = self._free(), now + LOOK
        return self._left if self._limit is None else min(self._limit, self._left)
