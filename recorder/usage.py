"""What each caller recorded in a day: kept in memory, carried by segment headers, followed again after a restart.

Strategy: a new segment's header carries the accounts as they stood at its first record; opening a log takes them from
the newest header and adds the records behind it, which it reads in any case. So they are as exact after a crash as
before it, and opening costs no more than the last segment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["DAY", "Usage"]

DAY = 86_400.0
MAX_SESSIONS = 65_536
CARRIED = 4_096  # sessions and callers in a header: the newest, and those who recorded most
_SESSION, _LEVEL = b'"session":"', b'","level":"'
_KIND = b'"kind":"session.identity"'


class Usage:
    """`callers`: who is behind each session. `used`: since when (seconds since 1970), and how many bytes since then."""

    __slots__ = ("callers", "used")

    def __init__(self) -> None:
        self.callers: dict[str, str] = {}
        self.used: dict[str, tuple[float, int]] = {}

    def learn(self, session: str, told: Mapping[str, object]) -> None:
        """The session's caller, by its identity's metadata: the issuer, and the repository or else the subject."""
        if len(self.callers) >= MAX_SESSIONS:
            self.callers.pop(next(iter(self.callers)))
        self.callers[session] = f"{told.get('issuer')} {told.get('repository') or told.get('subject')}"

    def add(self, session: str, size: int, now: float) -> None:
        """A record of the session took so many bytes."""
        caller = self.callers.get(session)
        if caller is not None:
            since, used = self.of(caller, now)
            self.used[caller] = since, used + size

    def of(self, caller: str, now: float) -> tuple[float, int]:
        """When the caller's day began, and what it recorded in it."""
        since, used = self.used.get(caller, (now, 0))
        return (since, used) if now - since < DAY else (now, 0)

    def carried(self, now: float) -> dict[str, Any]:
        """What a header carries; what is a day old is dropped here."""
        self.used = {caller: value for caller, value in self.used.items() if now - value[0] < DAY}
        most = sorted(self.used, key=lambda caller: self.used[caller][1], reverse=True)[:CARRIED]
        return {
            "callers": dict(list(self.callers.items())[-CARRIED:]),
            "used": {name: self.used[name] for name in most},
        }

    @classmethod
    def of_header(cls, carried: Mapping[str, Any]) -> Usage:
        """The accounts as a header carries them; none where it does not."""
        usage = cls()
        usage.callers.update(carried.get("callers", {}))
        usage.used.update(
            {caller: (float(since), int(used)) for caller, (since, used) in carried.get("used", {}).items()}
        )
        return usage

    def follow(self, leaf: bytes, body: int) -> None:
        """Add a record that was read again: its leaf, and the bytes of its body."""
        head = leaf[: leaf.find(_LEVEL)]
        start = head.find(_SESSION)
        if start < 0:
            return
        session = json.loads(head[start + len(_SESSION) - 1 :] + b'"')
        if _KIND in head[:start]:
            self.learn(session, json.loads(leaf)["data"])
        if session in self.callers:
            first = head.find(b'"time":') + 7
            now = int(head[first : head.find(b",", first)]) / 1e9
            self.add(session, len(leaf) - leaf.find(b'"v":') + body, now)
