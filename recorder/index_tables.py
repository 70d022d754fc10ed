"""The index's tables, and how records become rows. Shared by who makes an index and who verifies one; standard library.

Strategy: rows are a function of the records alone, whatever the portions in which they arrive, so an index that grew
for a year equals one made anew. Texts are kept once (`texts`); a fact says that a session has a text, and leads with
the session's start, so that "sessions with this job, by start, from here on" is a walk along one key. `blocks` says
where in a segment each 256 records begin: a hint to readers, which check it. `acts` are the rare records of what was
done to the store itself.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from recorder.rfc6962 import Tree

__all__ = ["ACTS", "BLOCK", "FACTS", "FORMAT", "IDENTITY", "SCHEMA", "Filler", "facts_of", "stack_root"]

FORMAT = 4
BLOCK = 256  # records of one segment to a block
PORTION = 50_000  # records that are gathered before rows are written
MAX_TEXTS = 500_000  # numbers of texts that are remembered while filling

SCHEMA = """
CREATE TABLE covered (log INTEGER PRIMARY KEY, size INTEGER NOT NULL, root TEXT NOT NULL, stack TEXT NOT NULL);
CREATE TABLE longest (only INTEGER PRIMARY KEY CHECK (only = 0), ns INTEGER NOT NULL);
CREATE TABLE sessions (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, first_time INTEGER NOT NULL,
    last_time INTEGER NOT NULL, ended INTEGER NOT NULL, records INTEGER NOT NULL, gaps INTEGER NOT NULL);
CREATE TABLE spans (session INTEGER NOT NULL, log INTEGER NOT NULL, first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL, PRIMARY KEY (session, log)) WITHOUT ROWID;
CREATE TABLE texts (t INTEGER PRIMARY KEY, name TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (name, value));
CREATE TABLE facts (t INTEGER NOT NULL, first_time INTEGER NOT NULL, session INTEGER NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (t, first_time, session)) WITHOUT ROWID;
CREATE TABLE blocks (log INTEGER NOT NULL, segment INTEGER NOT NULL, first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL, at INTEGER NOT NULL, records INTEGER NOT NULL, first_time INTEGER NOT NULL,
    last_time INTEGER NOT NULL, PRIMARY KEY (log, first_seq, segment)) WITHOUT ROWID;
CREATE TABLE acts (kind TEXT NOT NULL, log INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (kind, log, seq))
    WITHOUT ROWID;
CREATE INDEX sessions_by_time ON sessions (first_time, n);
CREATE INDEX facts_by_session ON facts (session, t, count);
CREATE INDEX blocks_by_segment ON blocks (log, segment, first_seq);
CREATE INDEX blocks_by_length ON blocks (log, last_seq - first_seq);
INSERT INTO longest VALUES (0, 0);
"""

IDENTITY = (
    *("caller", "subject", "issuer", "display", "provider", "tenant", "repository", "workflow", "job", "branch", "tag"),
    *("commit", "environment", "event", "actor", "run", "source_ip"),
)
_COUNTED = {"decision": ("command", "effect"), "refusal": ("error",)}
_ANYWHERE = ("approver", "approval", "lease")
ACTS = frozenset(
    (
        *("hold.set", "hold.lifted", "session.erased", "retention.expired", "export", "review", "policy.activated"),
        *(
            "key.rotated",
            "signer.rotated",
            "lock.activated",
            "tools.changed",
            "gate.started",
            "gate.stopped",
            "log.opened",
            "gap",
            "clock",
        ),
    )
)
FACTS = (*IDENTITY, "command", "effect", "rule", "error", *_ANYWHERE)


def facts_of(kind: str, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the index keeps of one record beside its time: the identity, commands, effects, rules, errors, people."""
    if kind == "session.identity":
        yield from ((name, str(data[name])) for name in IDENTITY if name in data)
    for name in _COUNTED.get(kind, ()):
        value = data.get(name) or (data.get("method") if name == "command" else None)
        if value:
            yield name, str(value)
    if kind == "decision":
        yield from (("rule", str(rule)) for rule in data.get("rules", ()))
    for name in _ANYWHERE:
        if name in data:
            yield name, str(data[name])


def stack_root(stack: object) -> str:
    """The root, in hex, of the tree that an index goes on from; "" where that is not legible."""
    tree = Tree()
    try:
        tree.stack = [bytes.fromhex(value) for value in json.loads(str(stack))]
    except (ValueError, TypeError):
        return ""
    return tree.root().hex()


class _Gathered:
    """What one portion says of one session."""

    __slots__ = ("ended", "facts", "first_time", "gaps", "last_time", "records", "spans")

    def __init__(self, time: int) -> None:
        self.first_time = self.last_time = time
        self.ended = self.records = self.gaps = 0
        self.spans: dict[int, list[int]] = {}
        self.facts: dict[tuple[str, str], int] = {}


class Filler:
    """Puts records into the tables of `base`, a portion at a time. Call `flush` at the end; commit is the caller's."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base
        self._sessions: dict[str, _Gathered] = {}
        self._waiting = 0
        self._texts: dict[tuple[str, str], int] = {}
        self._blocks: dict[tuple[int, int], list[int]] = {}
        self._full: list[tuple[int, ...]] = []
        self._acts: list[tuple[str, int, int]] = []

    def take(self, log: int, segment: int, seq: int, at: int, leaf: Mapping[str, Any]) -> None:
        """One record: its log, segment, number, the offset of its frame, and its parsed leaf."""
        time = leaf["time"]
        self._block(log, segment, seq, at, time)
        session, kind = leaf["session"], leaf["kind"]
        if kind in ACTS:
            self._acts.append((kind, log, seq))
        if session:
            known = self._sessions.get(session)
            if known is None:
                known = self._sessions[session] = _Gathered(time)
            elif time < known.first_time:
                known.first_time = time
            known.last_time = max(known.last_time, time)
            known.records += 1
            span = known.spans.setdefault(log, [seq, seq])
            span[1] = seq
            if kind == "session.ended":
                known.ended = 1
            elif kind in ("gap", "call.interrupted"):
                known.gaps += 1
            facts = known.facts
            for fact in facts_of(kind, leaf.get("data", {})):
                facts[fact] = facts.get(fact, 0) + 1
        self._waiting += 1
        if self._waiting >= PORTION:
            self.flush()

    def flush(self) -> None:
        """Write what was gathered."""
        numbers = {session: self._session(session, told) for session, told in self._sessions.items()}
        spans = [
            (numbers[session], log, first, last)
            for session, told in self._sessions.items()
            for log, (first, last) in told.spans.items()
        ]
        self._base.executemany(
            "INSERT INTO spans VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET last_seq = excluded.last_seq", spans
        )
        rows = [
            (self._text(fact), told.first_time, numbers[session], count)
            for session, told in self._sessions.items()
            for fact, count in told.facts.items()
        ]
        rows.sort()
        self._base.executemany(
            "INSERT INTO facts VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count", rows
        )
        open_blocks = [(*key, *block) for key, block in self._blocks.items()]
        self._base.executemany(
            "INSERT OR REPLACE INTO blocks (log, segment, first_seq, last_seq, at, records, first_time, last_time) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [*self._full, *open_blocks],
        )
        self._base.executemany("INSERT INTO acts VALUES (?, ?, ?)", self._acts)
        self._acts.clear()
        self._full.clear()
        self._sessions.clear()
        self._waiting = 0

    def _session(self, session: str, told: _Gathered) -> int:
        """The session's number, its row up to date. `told.first_time` becomes the session's start."""
        base = self._base
        row = base.execute("SELECT n, first_time, last_time FROM sessions WHERE id = ?", (session,)).fetchone()
        if row is None:
            values = (session, told.first_time, told.last_time, told.ended, told.records, told.gaps)
            number = base.execute(
                "INSERT INTO sessions (id, first_time, last_time, ended, records, gaps) VALUES (?, ?, ?, ?, ?, ?)",
                values,
            ).lastrowid
        else:
            number, first, last = row
            if told.first_time < first:
                moved = (told.first_time, number, first)
                base.execute(
                    "UPDATE facts SET first_time = ? WHERE session = ? AND first_time = ?",
                    moved,
                )
            told.first_time, told.last_time = min(first, told.first_time), max(last, told.last_time)
            base.execute(
                "UPDATE sessions SET first_time = ?, last_time = ?, ended = max(ended, ?), records = records + ?, "
                "gaps = gaps + ? WHERE n = ?",
                (told.first_time, told.last_time, told.ended, told.records, told.gaps, number),
            )
        base.execute("UPDATE longest SET ns = ?1 WHERE ns < ?1", (told.last_time - told.first_time,))
        return int(number or 0)

    def _text(self, fact: tuple[str, str]) -> int:
        known = self._texts.get(fact)
        if known is None:
            row = self._base.execute("SELECT t FROM texts WHERE name = ? AND value = ?", fact).fetchone()
            if row is None:
                row = (self._base.execute("INSERT INTO texts (name, value) VALUES (?, ?)", fact).lastrowid,)
            if len(self._texts) >= MAX_TEXTS:
                self._texts.clear()
            known = self._texts[fact] = int(row[0])
        return known

    def _block(self, log: int, segment: int, seq: int, at: int, time: int) -> None:
        """Count the record into its segment's open block, or begin the next."""
        key = (log, segment)
        block = self._blocks.get(key)
        if block is None:
            found = self._base.execute(
                "SELECT first_seq, last_seq, at, records, first_time, last_time FROM blocks "
                "WHERE log = ? AND segment = ? ORDER BY first_seq DESC LIMIT 1",
                key,
            ).fetchone()
            block = self._blocks[key] = list(found) if found else [seq, seq, at, 0, time, time]
        if block[3] == BLOCK:
            self._full.append((*key, *block))
            block[:] = [seq, seq, at, 0, time, time]
        block[1] = seq
        block[3] += 1
        if time < block[4]:
            block[4] = time
        elif time > block[5]:
            block[5] = time
