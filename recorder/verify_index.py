"""The index says what the segments say, or verification names the session. Reads the store; writes nothing in it.

Strategy: while the records are verified they also fill a second index, in a temporary place that is gone afterwards
(`sqlite3.connect("")`); then both are compared row by row as sets, without regard to the numbers that rows have. So the
comparison is whole at any size, in bounded memory.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from hashlib import sha256
from pathlib import Path
from typing import Any

from recorder import index_words, layout
from recorder.errors import VerificationError
from recorder.index_tables import FORMAT, SCHEMA, Filler, stack_root
from recorder.verify_log import LogFindings

__all__ = ["IndexCheck"]

_HELP = "the segments are the truth: `hoopgate reindex` makes the index again"
_SAID = {
    "sessions": "SELECT id, first_time, last_time, ended, records, gaps FROM sessions",
    "spans": "SELECT s.id, p.log, p.first_seq, p.last_seq FROM spans p JOIN sessions s ON s.n = p.session",
    "texts": "SELECT name, value FROM texts",
    "facts": "SELECT s.id, t.name, t.value, f.first_time, f.count FROM facts f JOIN texts t ON t.t = f.t "
    "JOIN sessions s ON s.n = f.session",
    "blocks": "SELECT log, segment, first_seq, last_seq, records, first_time, last_time FROM blocks",
    "acts": "SELECT kind, log, seq FROM acts",
    "the longest session": "SELECT ns FROM longest",
}
_INDICES = frozenset(("sessions_by_time", "facts_by_session", "blocks_by_segment", "blocks_by_length"))


class IndexCheck:
    """One index under verification; a context. `covered`: how many records of each log it was made from."""

    def __init__(self, root: Path) -> None:
        self._stack = ExitStack()
        self._base = self._open(root)
        try:
            rows = self._rows("SELECT log, size FROM covered")
            if not all(type(log) is int and type(size) is int for log, size in rows):
                raise _bad("is damaged")
            self.covered: dict[int, int] = dict(rows)
            (version,) = self._rows("PRAGMA user_version")
            if version != (FORMAT,):
                raise _bad(f"is of format {version[0]}, not {FORMAT}")
        except VerificationError:
            self._stack.close()
            raise
        self._expected = self._stack.enter_context(closing(sqlite3.connect("")))
        self._expected.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + SCHEMA)
        self._filler = Filler(self._expected)

    @classmethod
    def of(cls, root: Path) -> IndexCheck | None:
        """The check of a store's index; None where it has none. Raises VerificationError."""
        return cls(root) if (root / layout.INDEX).is_file() else None

    def take(self, log: int, segment: int, seq: int, at: int, leaf: bytes) -> None:
        """Take one verified record into account."""
        if seq < self.covered.get(log, 0):
            self._filler.take(log, segment, seq, at, json.loads(leaf))

    def finish(self, found: list[LogFindings]) -> None:
        """Compare. Raises VerificationError."""
        by_log = {item.log: item for item in found}
        for log, size, value, stack in self._rows("SELECT log, size, root, stack FROM covered"):
            item = by_log.get(log)
            if item is None or item.roots.get(size, b"").hex() != value or stack_root(stack) != value:
                raise _bad("was made from other records")
        if self._rows("PRAGMA integrity_check") != [("ok",)]:
            raise _bad("is damaged")
        there = {name for (name,) in self._rows("SELECT name FROM sqlite_master WHERE type = 'index'")}
        if not there >= _INDICES:
            raise _bad("lacks one of its keys")
        name = self._words()
        if name is not None:
            raise _bad(f"finds other things than the {name} hold")
        self._filler.flush()
        for part, statement in _SAID.items():
            if _sum(self._each(statement)) != _sum(self._expected.execute(statement)):
                raise _bad(f"disagrees with the segments about {part}{self._first_odd(statement)}")

    def close(self) -> None:
        """Drop what was gathered."""
        self._stack.close()

    def __enter__(self) -> IndexCheck:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self, root: Path) -> sqlite3.Connection:
        """The index, unaltered by being looked at; a copy of it where its write-ahead log still holds something."""
        path = root / layout.INDEX
        wal = root / layout.INDEX_WAL
        if wal.is_file() and wal.stat().st_size:
            copied = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="hoopgate-verify-")))
            for place in (wal, path):  # the log first: pages that it lost to the file in between are in both
                shutil.copyfile(place, copied / place.name)
            return self._stack.enter_context(closing(sqlite3.connect(copied / path.name)))
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        return self._stack.enter_context(closing(sqlite3.connect(uri, uri=True)))

    def _each(self, statement: str) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._base.execute(statement)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise _bad(f"cannot be read: {error}") from None

    def _rows(self, statement: str) -> list[tuple[Any, ...]]:
        return list(self._each(statement))

    def _words(self) -> str | None:
        try:
            return index_words.odd(self._base)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise _bad(f"cannot be read: {error}") from None

    def _first_odd(self, statement: str) -> str:
        """The first session or number that only one of the two knows, for the message."""
        first, second = set(self._rows(statement)), set(self._expected.execute(statement))
        odd = min((str(row[0]) for row in first ^ second), default="")
        return f': "{odd[:60]}" first' if odd else ""


def _sum(rows: Iterator[tuple[Any, ...]]) -> tuple[int, int]:
    """A digest of a set of rows that does not depend on their order."""
    total = count = 0
    for row in rows:
        total += int.from_bytes(sha256(repr(row).encode("utf-8", "surrogatepass")).digest(), "little")
        count += 1
    return count, total % (1 << 256)


def _bad(what: str) -> VerificationError:
    return VerificationError(f"{layout.INDEX} {what}", _HELP, place=layout.INDEX)
