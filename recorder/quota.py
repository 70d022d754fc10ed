"""A full disk by one caller is refused to that caller first.

A caller is who its session's `session.identity` says: the issuer, and the repository or else the subject. What its
sessions record counts for a day from its first record on, in bytes on the disk. Its next *intent* (`request`) is
refused once that exceeds the quota, or what the disk has left: so one caller takes half of a disk at most, and the rest
stays for the others. Nothing else is refused: what was forwarded is recorded to its end, and so is the refusal.

What it does not do: outlive the process. A gate that starts again counts anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from recorder.entry import Entry
from recorder.errors import QuotaError

__all__ = ["Quota"]

DAY = 86_400.0
LOOK = 1.0  # seconds between two looks at the disk
MAX_SESSIONS = 65_536


class Quota:
    """What each caller recorded today. `limit`: bytes, or None; `free`: bytes that the disk has left."""

    def __init__(self, limit: int | None, free: Callable[[], int], clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._free, self._clock = limit, free, clock
        self._callers: dict[str, str] = {}
        self._used: dict[str, tuple[float, int]] = {}
        self._left, self._look_at = 0, 0.0

    def check(self, entry: Entry) -> None:
        """Learn who the caller is; refuse an intent of one who is over. Raises QuotaError."""
        if entry.kind == "session.identity":
            self._learn(entry.session, entry)
        elif entry.kind == "request" and entry.session in self._callers:
            now = self._clock()
            if self._since(self._callers[entry.session], now)[1] > self._allowed(now):
                raise QuotaError(
                    "this caller has recorded as much as it may today",
                    "it may go on tomorrow; `quota` in the configuration, or a larger disk, raises it",
                )

    def count(self, session: str, size: int) -> None:
        """A record of the session took so many bytes."""
        caller = self._callers.get(session)
        if caller is not None:
            since, used = self._since(caller, self._clock())
            self._used[caller] = (since, used + size)

    def _since(self, caller: str, now: float) -> tuple[float, int]:
        """When the caller's day began, and what it recorded in it."""
        since, used = self._used.get(caller, (now, 0))
        return (since, used) if now - since < DAY else (now, 0)

    def forget(self, session: str) -> None:
        """The session is over; what its caller used still counts."""
        self._callers.pop(session, None)

    def _learn(self, session: str, entry: Entry) -> None:
        told = entry.metadata
        if len(self._callers) >= MAX_SESSIONS:
            self._callers.pop(next(iter(self._callers)))
        self._callers[session] = f"{told.get('issuer')} {told.get('repository') or told.get('subject')}"

    def _allowed(self, now: float) -> int:
        if now >= self._look_at:
            self._left, self._look_at = self._free(), now + LOOK
        return self._left if self._limit is None else min(self._limit, self._left)
