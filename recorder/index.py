"""The index: a SQLite file (WAL) that answers questions about sessions, and can be made again from the segments.

    with Index.open(store) as index:                       # brought up to date first
        page = index.page(Query(facts=[("job", "nightly-*"), ("effect", "deny")]), limit=100)
        more = index.page(Query(…), limit=100, after=page.next)
        for session in index.sessions(Query(since="2026-01-01")): …      # all pages, one after the other
        for record in index.records(Query(facts=[("run", "77")])): …     # reader.Record, in order within each log

Strategy: it is never written while records are, so it costs the gate nothing. Whoever asks brings it up to date first,
in one transaction; readers see one whole state, before or after. `covered` names the size and root of each log that it
was made from; an index that is damaged, of another format, or of other records is made anew, aside, and put in place by
rename. What it says about evidence is a hint: answers that matter are read from the segments.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from recorder import index_words, layout
from recorder.disk import PosixDisk
from recorder.errors import DamageError, RequestError
from recorder.index_query import Page, Query, Selection, page_of, told, values
from recorder.index_records import following, longest_block, records_of
from recorder.index_tables import FORMAT, SCHEMA, Filler, stack_root
from recorder.lock import INDEXER, Lock
from recorder.reader import Record, Store
from recorder.recovery import tree_of
from recorder.rfc6962 import Tree, leaf_hash

__all__ = ["Index", "Page", "Query", "query", "reindex", "spans"]

_READING = "PRAGMA cache_size = -65536; PRAGMA mmap_size = 268435456;"
_FILLING = "PRAGMA cache_size = -131072;"


class Index:
    """One connection to a store's index, for one thread at a time. Made by `Index.open`; a context."""

    def __init__(self, store: Store, base: sqlite3.Connection) -> None:
        self.store, self._base = store, base
        base.executescript("PRAGMA temp_store = MEMORY;")

    @classmethod
    def open(cls, path: str | Path, *, update: bool = True) -> Index:
        """The store's index, brought up to date unless `update` is false or another process is at it.

        Where the store cannot be written, an index is made in a temporary place. Raises StoreError.
        """
        store = Store(path)
        try:
            if update or not (store.root / layout.INDEX).is_file():
                _update(store)
            return cls(store, _connect(store.root, _READING))
        except (OSError, RequestError, sqlite3.Error):
            base = sqlite3.connect("")
            base.executescript("PRAGMA journal_mode = OFF;" + SCHEMA)
            index_words.create(base)
            _fill(store, base)
            return cls(store, base)

    def page(
        self, wanted: Query | None = None, *, after: str | None = None, limit: int = 100, newest: bool = False
    ) -> Page:
        """Up to `limit` sessions by start, behind the cursor `after` (`Page.next` of the page before).

        `newest`: the latest first. Its cost depends on the page, not on the size of the store or the depth of the page.
        Raises RequestError: an unknown field, a malformed time or cursor.
        """
        return page_of(self._base, wanted or Query(), after, limit, newest)

    def sessions(self, wanted: Query | None = None, *, newest: bool = False) -> Iterator[dict[str, Any]]:
        """Every session that fits, by start, fetched a page at a time."""
        after: str | None = None
        while True:
            page = self.page(wanted, after=after, limit=500, newest=newest)
            yield from page.sessions
            if page.next is None:
                return
            after = page.next

    def session(self, ident: str) -> dict[str, Any] | None:
        """One session, by its id."""
        row = self._base.execute("SELECT * FROM sessions WHERE id = ?", (ident,)).fetchone()
        return None if row is None else told(self._base, row)

    def cursor(self, ident: str) -> str | None:
        """The cursor of the page behind this session, in either order; None where there is no such session."""
        row = self._base.execute("SELECT first_time FROM sessions WHERE id = ?", (ident,)).fetchone()
        return None if row is None else json.dumps([row[0], ident])

    def spans(self, ident: str) -> dict[int, tuple[int, int]]:
        """For each log the first and last record of a session; empty where there is none."""
        found = self._base.execute(
            "SELECT log, first_seq, last_seq FROM spans WHERE session = (SELECT n FROM sessions WHERE id = ?)", (ident,)
        )
        return {log: (first, last) for log, first, last in found}

    def values(self, name: str, *, prefix: str = "", after: str = "", limit: int = 100) -> list[str]:
        """The values that a field has in any session, in order, behind `after`: for menus and completion."""
        return values(self._base, name, prefix, after, limit)

    def records(
        self,
        wanted: Query | None = None,
        *,
        kinds: Sequence[str] = (),
        since: str | None = None,
        until: str | None = None,
    ) -> Iterator[Record]:
        """Records of each log in turn, in order, read as they are needed.

        `wanted`: of the sessions that fit it; without it every record, those of the log itself included. `kinds`: only
        these entry kinds. `since`, `until`: RFC 3339, the record's own time. Raises RequestError.
        """
        selection = None if wanted is None else Selection.of(self._base, wanted)
        return records_of(self.store, self._base, selection, kinds, since, until)

    def session_records(self, ident: str) -> list[Record]:
        """All records of one session, by time; only the blocks that hold them are read. Empty where there is none."""
        chosen = Selection("(SELECT first_time, n AS session FROM sessions WHERE id = ?)", values=[ident])
        found = list(records_of(self.store, self._base, chosen, (), None, None))
        return sorted(found, key=lambda record: (record.leaf["time"], record.seq))

    def following(self, log: int, seq: int) -> Iterator[Record]:
        """The records of one log from number `seq` on, in order, as far as the index covers them."""
        return following(self.store, self._base, log, seq)

    def record(self, log: int, seq: int) -> Record | None:
        """One record, by its place; only its block is read."""
        blocks = self._base.execute(
            "SELECT segment, at, first_seq FROM blocks WHERE log = ?1 AND first_seq BETWEEN ?2 - ?3 AND ?2 "
            "AND last_seq >= ?2",
            (log, seq, longest_block(self._base, log)),
        ).fetchall()
        for segment, at, first in blocks:
            for record in self.store.stretch(log, segment, at, first, seq):
                if record.seq == seq:
                    return record
        return None

    def covered(self) -> dict[int, int]:
        """How many records of each log the index was made from."""
        return dict(self._base.execute("SELECT log, size FROM covered").fetchall())

    def acts(self, kinds: Sequence[str]) -> list[tuple[int, int]]:
        """(log, seq) of the covered records of these kinds, which are of `index_tables.ACTS`."""
        found = (self._base.execute("SELECT log, seq FROM acts WHERE kind = ?", (kind,)).fetchall() for kind in kinds)
        return sorted(row for rows in found for row in rows)

    def close(self) -> None:
        """Give the connection back."""
        self._base.close()

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def reindex(path: Path) -> int:
    """Make the index anew from the segments. Returns the number of records. Raises StoreError, RequestError,
    OSError.
    """
    store = Store(path)
    lock = _lock(store)
    try:
        return _make(store)
    finally:
        lock.release()


def update(path: Path) -> int:
    """Bring the index up to date, making it anew if it is damaged or belongs to other records. Returns the records."""
    return _update(Store(path))


def query(path: Path, wanted: Query | None = None) -> list[dict[str, Any]]:
    """All sessions that fit, as JSON objects, by start. For few; `Index.sessions` and `Index.page` are for many."""
    with Index.open(path) as index:
        return list(index.sessions(wanted))


def spans(path: Path, session: str) -> dict[int, tuple[int, int]]:
    """For each log the first and last record of a session. Brings the index up to date."""
    with Index.open(path) as index:
        return index.spans(session)


def _lock(store: Store) -> Lock:
    lock = Lock.take(store.root, INDEXER)
    if lock is None:
        raise RequestError("another process is making the index", "wait for it")
    return lock


def _connect(root: Path, settings: str) -> sqlite3.Connection:
    base = sqlite3.connect(root / layout.INDEX, timeout=30, check_same_thread=False)
    try:
        base.executescript(settings)
        base.execute("SELECT count(*) FROM covered").fetchone()
    except sqlite3.Error:
        base.close()
        raise
    return base


def _update(store: Store) -> int:
    """One transaction over what is new. Another process that is at it does this for us: its last state will do."""
    target = store.root / layout.INDEX
    try:
        lock = _lock(store)
    except RequestError:
        if not target.is_file():
            raise
        return -1
    try:
        if not target.is_file() or not _follows(store):
            return _make(store)
        base = _connect(store.root, _FILLING)
        try:
            with base:
                return _fill(store, base)
        finally:
            base.close()
    except sqlite3.DatabaseError:
        return _make(store)
    finally:
        lock.release()


def _follows(store: Store) -> bool:
    """Whether the index is of this format and was made from these records, as far as the tiles on disk can tell."""
    with suppress(sqlite3.Error):
        base = _connect(store.root, "")
        try:
            if base.execute("PRAGMA user_version").fetchone() != (FORMAT,):
                return False
            for log, size, root, stack in base.execute("SELECT log, size, root, stack FROM covered"):
                if log not in store.logs or type(size) is not int or stack_root(stack) != root:
                    return False
                with suppress(DamageError):  # the tiles are not that far yet
                    if tree_of(store.root, log, size).root().hex() != root:
                        return False
            return True
        finally:
            base.close()
    return False


def _make(store: Store) -> int:
    """A new index, aside, then in its place. Readers of the one before keep what they have open."""
    aside = store.root / f"{layout.INDEX}.new"
    for name in (aside, aside.with_name(f"{aside.name}-wal"), aside.with_name(f"{aside.name}-shm")):
        name.unlink(missing_ok=True)
    base = sqlite3.connect(aside)
    try:
        base.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _FILLING + SCHEMA)
        base.execute(f"PRAGMA user_version = {FORMAT:d}")
        index_words.create(base)
        total = _fill(store, base)
        base.commit()
        base.executescript("PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL;")
    finally:
        base.close()
    PosixDisk(store.root).place(aside.name, layout.INDEX, gone=(layout.INDEX_WAL, layout.INDEX_SHM))
    return total


def _fill(store: Store, base: sqlite3.Connection) -> int:
    """Take every record that is not covered yet. Returns how many records there are."""
    filler = Filler(base)
    covered = dict(base.execute("SELECT log, size FROM covered").fetchall())
    total = 0
    for log in store.logs:
        first = covered.get(log, 0)
        tree = _tree(base, log)
        for segment, frame in store.raw_frames(log, first, partial(_last_block, base, log)):
            if frame.seq != tree.size:
                break  # behind damage, or a group that is being written: what follows is not settled
            filler.take(log, segment, frame.seq, frame.offset, orjson.loads(frame.leaf))
            tree.add(leaf_hash(frame.leaf))
        total += tree.size
        if tree.size > first or log not in covered:
            state = json.dumps([value.hex() for value in tree.stack])
            row = (log, tree.size, tree.root().hex(), state)
            base.execute("INSERT OR REPLACE INTO covered VALUES (?, ?, ?, ?)", row)
    filler.flush()
    index_words.follow(base)
    return total


def _last_block(base: sqlite3.Connection, log: int, segment: int) -> tuple[int, int] | None:
    """First record and offset of a segment's last block: all that is not covered yet comes behind it."""
    statement = "SELECT first_seq, at FROM blocks WHERE log = ? AND segment = ? ORDER BY first_seq DESC LIMIT 1"
    found: tuple[int, int] | None = base.execute(statement, (log, segment)).fetchone()
    return found


def _tree(base: sqlite3.Connection, log: int) -> Tree:
    tree = Tree()
    row = base.execute("SELECT size, stack FROM covered WHERE log = ?", (log,)).fetchone()
    if row:
        tree.size, tree.stack = row[0], [bytes.fromhex(value) for value in json.loads(row[1])]
    return tree
