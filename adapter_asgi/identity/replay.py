"""Step 8: a token travels with one run only (identity.md, "Tokens"); remembered over restarts.

A mark is a keyed hash of the token's id, and what it is bound to is a keyed hash too: the file tells nothing without
the key. One insert a fresh token, no sync: a killed process loses nothing, a power cut at most the last moments.

Where the marks are lost though the gate has served before (the file or its key is gone, the evidence is not), nobody
can say which tokens were shown. The marks then know since when they are whole, and what was issued before is refused.
"""

from __future__ import annotations

import hmac
from pathlib import Path

from adapter_asgi.database import connect

__all__ = ["ReplayMarks"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS mark (id BLOB PRIMARY KEY, bound BLOB NOT NULL, expires REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS whole (keyed BLOB NOT NULL, since REAL NOT NULL);
"""
_SWEEP_EVERY = 4096


class ReplayMarks:
    """Which run and peer first showed a token. `path` may be ":memory:". Raises `AdapterError` STA04, STA05.

    `fresh` says that nothing is remembered: the file, or the key that it was written with, is another.
    """

    def __init__(self, path: Path | str, key: bytes) -> None:
        self._key = key
        self._db = connect(path, _SCHEMA, synchronous="NORMAL")
        self._inserts = 0
        keyed = self._hash("whole", ())
        row = self._db.execute("SELECT since FROM whole WHERE keyed = ?", (keyed,)).fetchone()
        self.fresh = row is None
        self.since: float = 0.0 if row is None else row[0]
        if row is None:
            self._db.execute("DELETE FROM mark")
            self._db.execute("DELETE FROM whole")
            self._db.execute("INSERT INTO whole VALUES (?, 0)", (keyed,))

    def distrust(self, moment: float) -> None:
        """What was shown until `moment` (Unix seconds) is not known: tokens that were issued before are refused."""
        self._db.execute("UPDATE whole SET since = ?", (moment,))
        self.since = moment

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
        text = "\0".join([domain, *[f"{len(part)}:{part}" for part in parts]])
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), "sha256")

    def _sweep(self, now: float) -> None:
        self._inserts += 1
        if self._inserts % _SWEEP_EVERY == 0:
            self._db.execute("DELETE FROM mark WHERE expires < ?", (now,))
