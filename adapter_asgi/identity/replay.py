"""Step 8: a token travels with one run only (identity.md, "Tokens"); remembered over restarts.

A mark is a keyed hash of the token's id, and what it is bound to is a keyed hash too: the file tells nothing without
the key. One insert a fresh token, no sync: a killed process loses nothing, a power cut at most the last moments.
"""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from pathlib import Path

__all__ = ["ReplayMarks"]

_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=5000;"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS mark (id BLOB PRIMARY KEY, bound BLOB NOT NULL, expires REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS mark_expires ON mark (expires);
"""
_SWEEP_EVERY = 256


class ReplayMarks:
    """Which run and peer first showed a token. `path` may be ":memory:"."""

    def __init__(self, path: Path | str, key: bytes) -> None:
        self._key = key
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.executescript(_PRAGMAS + _SCHEMA)
        self._inserts = 0

    def claim(self, token: tuple[str, ...], holder: tuple[str, ...], expires: float, now: float) -> bool:
        """Bind `token` (its issuer and id) to `holder`; False when it is bound to somebody else already."""
        mark, bound = self._hash("token", token), self._hash("holder", holder)
        self._sweep(now)
        added = self._db.execute("INSERT OR IGNORE INTO mark VALUES (?, ?, ?)", (mark, bound, expires))
        if added.rowcount == 1:
            return True
        row = self._db.execute("SELECT bound FROM mark WHERE id = ?", (mark,)).fetchone()
        return row is not None and hmac.compare_digest(row[0], bound)

    def close(self) -> None:
        """Release the file."""
        self._db.close()

    def _hash(self, domain: str, parts: tuple[str, ...]) -> bytes:
        text = "\0".join((domain, *(f"{len(part)}:{part}" for part in parts)))
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256)

    def _sweep(self, now: float) -> None:
        self._inserts += 1
        if self._inserts % _SWEEP_EVERY == 0:
            self._db.execute("DELETE FROM mark WHERE expires < ?", (now,))
