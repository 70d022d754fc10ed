"""The index's format, and the check that it says what the segments say. Reads only."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from recorder import layout
from recorder.errors import VerificationError
from recorder.verify_log import LogFindings

__all__ = ["COMPARED", "CRC_AT", "SCHEMA", "Tally", "check_index", "covered_sizes", "crc_of", "facts_of"]

CRC_AT = 60  # where a SQLite header has `user_version`: four bytes, big-endian, for the application's use
COMPARED = 200_000  # records up to which the index's content is compared in full
_HELP = "the segments are the truth: `hoopgate reindex` makes the index again"

SCHEMA = """
PRAGMA journal_mode = OFF;
CREATE TABLE covered (log INTEGER PRIMARY KEY, size INTEGER, root TEXT, stack TEXT);
CREATE TABLE sessions (id TEXT, log INTEGER, first_time INTEGER, last_time INTEGER, first_seq INTEGER, last_seq INTEGER,
    ended INTEGER, records INTEGER, gaps INTEGER, PRIMARY KEY (id, log)) WITHOUT ROWID;
CREATE TABLE facts (session TEXT, log INTEGER, name TEXT, value TEXT, count INTEGER,
    PRIMARY KEY (session, name, value, log)) WITHOUT ROWID;
CREATE INDEX fact ON facts (name, value);
CREATE INDEX time ON sessions (first_time);
"""

_IDENTITY = (
    *("caller", "subject", "issuer", "display", "provider", "tenant", "repository", "workflow", "job", "branch", "tag"),
    *("commit", "environment", "event", "actor", "run", "source_ip"),
)
_COUNTED = {"decision": ("command", "effect"), "refusal": ("error",)}


def facts_of(kind: str, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the index keeps of one record beside its time: the identity, commands, effects and rules."""
    if kind == "session.identity":
        yield from ((name, str(data[name])) for name in _IDENTITY if name in data)
    for name in _COUNTED.get(kind, ()):
        value = data.get(name) or (data.get("method") if name == "command" else None)
        if value:
            yield name, str(value)
    if kind == "decision":
        yield from (("rule", str(rule)) for rule in data.get("rules", ()))
    for name in ("approver", "approval", "lease"):
        if name in data:
            yield name, str(data[name])


def crc_of(data: bytes) -> int | None:
    """The checksum in the index's header if it fits the file, else None."""
    if len(data) < 100:
        return None
    said = int.from_bytes(data[CRC_AT : CRC_AT + 4], "big")
    return said if said == zlib.crc32(data[:CRC_AT] + bytes(4) + data[CRC_AT + 4 :]) else None


class Tally:
    """What an index over these records must hold, taken record by record, up to each log's covered size."""

    def __init__(self, covered: Mapping[int, int]) -> None:
        self.covered = covered
        self.sessions: dict[tuple[str, int], list[int]] = {}
        self.facts: dict[tuple[str, int, str, str], int] = {}

    def take(self, log: int, seq: int, leaf: bytes) -> None:
        """Take one record into account."""
        if seq >= self.covered.get(log, 0):
            return
        value = json.loads(leaf)
        session, kind = value["session"], value["kind"]
        if not session:
            return
        row = self.sessions.setdefault((session, log), [value["time"], 0, seq, 0, 0, 0, 0])
        row[1], row[3] = value["time"], seq
        row[4] |= kind == "session.ended"
        row[5] += 1
        row[6] += kind in ("gap", "call.interrupted")
        for name, said in facts_of(kind, value.get("data", {})):
            key = (session, log, name, said)
            self.facts[key] = self.facts.get(key, 0) + 1


def covered_sizes(root: Path) -> dict[int, int] | None:
    """How many records of each log the index covers; None if there is no index. Raises VerificationError if it is
    altered.
    """
    path = root / layout.INDEX
    if not path.is_file():
        return None
    if crc_of(path.read_bytes()) is None:
        raise VerificationError(f"{layout.INDEX} was altered: its checksum does not fit", _HELP, place=layout.INDEX)
    with closing(_open(path)) as base:
        return {int(log): int(size) for log, size in _rows(base, "SELECT log, size FROM covered")}


def check_index(root: Path, found: list[LogFindings], tally: Tally | None) -> None:
    """The index was made from these very records, and (with a tally) says what they say. Raises VerificationError."""
    path = root / layout.INDEX
    if not path.is_file():
        return
    by_log = {item.log: item for item in found}
    with closing(_open(path)) as base:
        for log, size, value in _rows(base, "SELECT log, size, root FROM covered"):
            item = by_log.get(log)
            if item is None or item.roots.get(size, b"").hex() != value:
                raise VerificationError(f"{layout.INDEX} was made from other records", _HELP, place=layout.INDEX)
        if tally is None:
            return
        sessions = {(row[0], row[1]): list(row[2:]) for row in _rows(base, "SELECT * FROM sessions")}
        facts = {tuple(row[:4]): row[4] for row in _rows(base, "SELECT * FROM facts")}
    if sessions != tally.sessions or facts != tally.facts:
        odd = next((key for key, row in tally.sessions.items() if sessions.get(key) != row), ("", 0))
        raise VerificationError(
            f'{layout.INDEX} disagrees with the segments, about session "{odd[0][:60]}" first'
            if odd[0]
            else f"{layout.INDEX} disagrees with the segments",
            _HELP,
            place=layout.INDEX,
        )


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)


def _rows(base: sqlite3.Connection, statement: str) -> list[tuple[Any, ...]]:
    try:
        return base.execute(statement).fetchall()
    except sqlite3.Error as error:
        raise VerificationError(f"{layout.INDEX} cannot be read: {error}", _HELP, place=layout.INDEX) from None
