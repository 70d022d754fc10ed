"""A part's own SQLite file: every error of it is the adapter's, with the file's name and no traceback."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adapter_asgi.errors import AdapterError

__all__ = ["Database", "connect"]


class Database(sqlite3.Connection):
    """`execute` raises `AdapterError` STA05 where SQLite cannot do what it is told."""

    place: str = ""

    def execute(self, *said: Any) -> sqlite3.Cursor:
        try:
            return super().execute(*said)
        except sqlite3.Error as error:
            raise AdapterError("STA05", f"{self.place} cannot be used: {error}") from None

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """One transaction, all of it or nothing; whoever else wants to write waits. Raises `AdapterError` STA05."""
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            if self.in_transaction:
                self.rollback()
            raise


def connect(path: Path | str, schema: str, *, synchronous: str = "FULL") -> Database:
    """Open or make the file; `path` may be ":memory:". Raises `AdapterError` STA04 for what is no such file."""
    try:
        made = sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Database)
        made.place = str(path)
        made.executescript(
            f"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; PRAGMA busy_timeout=5000;{schema}"
        )
    except sqlite3.Error as error:
        help_ = "bring it back from its backup, or move it away: the gate then starts without what it held"
        raise AdapterError("STA04", f"{path} is damaged: {error}", help_) from None
    return made
