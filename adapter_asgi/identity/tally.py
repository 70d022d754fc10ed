"""How often something happened under each name lately, counted by all processes that share the file.

Rows are found by a keyed hash of the name: the file tells nothing without the key. What is lost with a power cut is a
minute's count.
"""

from __future__ import annotations

import hmac
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from adapter_asgi.database import connect

__all__ = ["Tally"]

_SCHEMA = "CREATE TABLE IF NOT EXISTS seen (name BLOB PRIMARY KEY, since REAL NOT NULL, times INTEGER) WITHOUT ROWID;"
_ONE_MORE = """
INSERT INTO seen VALUES (:name, :now, 1) ON CONFLICT (name) DO UPDATE SET
    times = CASE WHEN since BETWEEN :since AND :now THEN times + 1 ELSE 1 END,
    since = CASE WHEN since BETWEEN :since AND :now THEN since ELSE :now END
RETURNING since, times
"""
_SWEEP_EVERY = 256
_NAMES = 10_000


class Tally:
    """Counts up to `most` in `window` seconds from the first; `clock()` is Unix seconds.

    Raises `AdapterError` STA04 for what is no such file.
    """

    def __init__(
        self, path: Path, key: bytes, *, window: float, most: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._key, self._window, self._most, self._clock = key, window, most, clock
        self._db = connect(path, _SCHEMA, synchronous="OFF")
        self._over: OrderedDict[str, float] = OrderedDict()  # names that have more than `most`, since when
        self._counted = 0

    def close(self) -> None:
        """Release the file."""
        self._db.close()

    def __call__(self, name: str) -> int:
        """One more; how many that makes, of which each is given once. Beyond `most` it says only that it is beyond.

        Raises `AdapterError` STA05.
        """
        now = self._clock()
        if 0 <= now - self._over.get(name, float("-inf")) <= self._window:
            return self._most + 1
        mark = hmac.digest(self._key, name.encode("utf-8", "surrogatepass"), "sha256")
        about = {"name": mark, "now": now, "since": now - self._window}
        [(since, times)] = self._db.execute(_ONE_MORE, about).fetchall()
        if times > self._most:
            self._over[name] = since
            if len(self._over) > _NAMES:
                self._over.popitem(last=False)
        self._counted += 1
        if self._counted % _SWEEP_EVERY == 0:
            self._db.execute("DELETE FROM seen WHERE since < ?", (now - self._window,))
        return int(times)
