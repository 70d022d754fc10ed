"""The index: a SQLite file that answers questions about sessions and can be made again from the segments at any time.

Strategy: it is never written while records are, so it costs the gate nothing. Whoever asks brings it up to date first,
aside, and puts it in place by rename; so a reader sees one whole state, and a crash leaves the one before. The file's
own CRC-32 stands in its header (`PRAGMA user_version`), so that no byte of it can change unseen, and `covered` names
the size and root of each log that it was made from.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recorder import layout
from recorder.disk import PosixDisk
from recorder.errors import RequestError
from recorder.lock import INDEXER, Lock
from recorder.reader import Record, Store
from recorder.rfc6962 import Tree, leaf_hash
from recorder.sessions import IDENTITY
from recorder.verify_index import CRC_AT, SCHEMA, crc_of, facts_of

__all__ = ["Query", "query", "reindex", "spans", "update"]


@dataclass(frozen=True, slots=True)
class Query:
    """Which sessions: every condition that is given must hold.

    `facts`: (field, value) pairs such as ("command", "ehr/search"), ("effect", "deny"), ("rule", …), or an identity's
    field such as ("job", "nightly-etl"); a value may hold `*`. `text`: somewhere in the metadata. `since`, `until`:
    RFC 3339.
    """

    facts: Sequence[tuple[str, str]] = ()
    text: str | None = None
    since: str | None = None
    until: str | None = None


def reindex(path: Path) -> int:
    """Make the index anew from the segments. Returns the number of records. Raises StoreError, RequestError,
    OSError.
    """
    return _build(Store(path), None)


def update(path: Path) -> int:
    """Bring the index up to date, making it anew if it is damaged or belongs to other records. Returns the records."""
    store = Store(path)
    target = path / layout.INDEX
    if not target.is_file() or crc_of(target.read_bytes()) is None:
        return _build(store, None)
    return _build(store, target)


def query(path: Path, wanted: Query | None = None) -> list[dict[str, Any]]:
    """The sessions as JSON objects, by start. Where the store cannot be written, the index is made in memory."""
    try:
        update(path)
        with closing(sqlite3.connect(f"file:{path / layout.INDEX}?mode=ro&immutable=1", uri=True)) as base:
            return _ask(base, wanted or Query())
    except (OSError, RequestError, sqlite3.OperationalError):
        with closing(sqlite3.connect(":memory:")) as base:
            base.executescript(SCHEMA)
            store = Store(path)
            for log in store.logs:
                _take(base, store.records(log=log))
            return _ask(base, wanted or Query())


def spans(path: Path, session: str) -> dict[int, tuple[int, int]] | None:
    """For each log the first and last record of a session, or None where no index can say. Brings the index up to
    date.
    """
    try:
        update(path)
        with closing(sqlite3.connect(f"file:{path / layout.INDEX}?mode=ro&immutable=1", uri=True)) as base:
            found = base.execute("SELECT log, first_seq, last_seq FROM sessions WHERE id = ?", (session,)).fetchall()
    except (OSError, RequestError, sqlite3.OperationalError):
        return None
    return {log: (first, last) for log, first, last in found}


def _build(store: Store, start: Path | None) -> int:
    lock = Lock.take(store.root, INDEXER)
    if lock is None:
        raise RequestError("another process is making the index", "wait for it")
    try:
        return _build_aside(store, start)
    finally:
        lock.release()


def _build_aside(store: Store, start: Path | None) -> int:
    aside = store.root / f"{layout.INDEX}.new"
    aside.unlink(missing_ok=True)
    with closing(sqlite3.connect(":memory:")) as base:
        if start is not None:
            base.deserialize(start.read_bytes())
        else:
            base.executescript(SCHEMA)
        covered = dict(base.execute("SELECT log, size FROM covered").fetchall())
        total = changed = 0
        for log in store.logs:
            first = covered.get(log, 0)
            tree = _tree(base, log)
            count = _take(base, _grow(store.records(log=log, first=first), tree))
            total, changed = total + first + count, changed + count
            if count or log not in covered:
                state = json.dumps([value.hex() for value in tree.stack])
                row = (log, tree.size, tree.root().hex(), state)
                base.execute("INSERT OR REPLACE INTO covered VALUES (?, ?, ?, ?)", row)
        if changed or start is None:
            base.commit()
            _place(store.root, base)
    return total


def _tree(base: sqlite3.Connection, log: int) -> Tree:
    tree = Tree()
    row = base.execute("SELECT size, stack FROM covered WHERE log = ?", (log,)).fetchone()
    if row:
        tree.size, tree.stack = row[0], [bytes.fromhex(value) for value in json.loads(row[1])]
    return tree


def _grow(records: Iterator[Record], tree: Tree) -> Iterator[Record]:
    for record in records:
        tree.add(leaf_hash(record.raw))
        yield record


def _place(root: Path, base: sqlite3.Connection) -> None:
    """Write the database with its checksum in its header, wholly or not at all."""
    base.execute("VACUUM")
    data = bytearray(base.serialize())
    data[CRC_AT : CRC_AT + 4] = bytes(4)
    data[CRC_AT : CRC_AT + 4] = zlib.crc32(data).to_bytes(4, "big")
    PosixDisk(root).replace(layout.INDEX, bytes(data))


def _take(base: sqlite3.Connection, records: Iterator[Record]) -> int:
    """Put records into the tables. Returns how many there were."""
    count = 0
    for record in records:
        count += 1
        if not record.session:
            continue
        key = (record.session, record.log)
        base.execute(
            "INSERT INTO sessions VALUES (?1, ?2, ?3, ?3, ?4, ?4, 0, 1, 0) ON CONFLICT DO UPDATE SET "
            "last_time = ?3, last_seq = ?4, records = records + 1",
            (*key, record.leaf["time"], record.seq),
        )
        if record.kind == "session.ended":
            base.execute("UPDATE sessions SET ended = 1 WHERE id = ? AND log = ?", key)
        elif record.kind in ("gap", "call.interrupted"):
            base.execute("UPDATE sessions SET gaps = gaps + 1 WHERE id = ? AND log = ?", key)
        for name, value in facts_of(record.kind, record.data):
            base.execute(
                "INSERT INTO facts VALUES (?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1",
                (*key, name, value),
            )
    return count


def _ask(base: sqlite3.Connection, wanted: Query) -> list[dict[str, Any]]:
    where: list[str] = ["1"]
    values: list[str | int] = []
    for name, value in wanted.facts:
        where.append("EXISTS (SELECT 1 FROM facts f WHERE f.session = s.id AND f.name = ? AND f.value GLOB ?)")
        values += [name, value]
    if wanted.text is not None:
        where.append(
            "(s.id LIKE ?1 OR EXISTS (SELECT 1 FROM facts f WHERE f.session = s.id AND f.value LIKE ?1))".replace(
                "?1", "?"
            )
        )
        values += [f"%{wanted.text}%"] * 2
    for bound, column, sign in ((wanted.since, "last_time", ">="), (wanted.until, "first_time", "<")):
        if bound is not None:
            where.append(f"s.{column} {sign} ?")
            values.append(_nanoseconds(bound))
    statement = (
        "SELECT id, min(first_time), max(last_time), max(ended), sum(records), sum(gaps) FROM sessions s "  # noqa: S608
        f"WHERE {' AND '.join(where)} GROUP BY id ORDER BY min(first_time), id"
    )
    return [_session(base, row) for row in base.execute(statement, values)]


def _session(base: sqlite3.Connection, row: tuple[str, int, int, int, int, int]) -> dict[str, Any]:
    ident, first, last, ended, records, gaps = row
    found = base.execute("SELECT name, value, sum(count) FROM facts WHERE session = ? GROUP BY name, value", (ident,))
    told: dict[str, Any] = {"id": ident, "started": _moment(first), "last": _moment(last), "ended": bool(ended)}
    told |= {"records": records, "gaps": gaps, "commands": {}, "effects": {}, "rules": {}}
    for name, value, count in found:
        if name in IDENTITY:
            told.setdefault(name, value)
        elif f"{name}s" in told:
            told[f"{name}s"][value] = count
    return told


def _moment(nanoseconds: int) -> str:
    from datetime import UTC, datetime

    whole, rest = divmod(nanoseconds, 1_000_000_000)
    return datetime.fromtimestamp(whole, UTC).replace(microsecond=rest // 1000).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _nanoseconds(text: str) -> int:
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RequestError(
            f'"{text[:40]}" is no point in time', "write it as 2026-11-22 or 2026-11-22T14:00:00Z"
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(moment.timestamp()) * 1_000_000_000
