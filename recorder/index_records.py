"""Records by what the index knows of them: of chosen sessions, kinds or times, without reading what lies elsewhere.

Strategy: the index's blocks (256 records of one segment, with their span of times) that can hold a record that is asked
for are read, neighbours in one go, and every record is then judged by its own leaf. So a block that promised too much
costs time, and one with a wrong offset is found by reading its segment from the start.
"""
# ruff: noqa: S608 - statements are put together of our own texts and numbers; values are always bound

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterator, Sequence

from recorder.index_query import Selection, forget, nanoseconds
from recorder.reader import Record, Store

__all__ = ["following", "longest_block", "records_of"]

_BLOCKS = (
    "SELECT segment, first_seq, last_seq, at FROM blocks WHERE log = ?1 AND last_time >= ?2 AND first_time < ?3 "
    "ORDER BY segment, first_seq"
)
_CHOSEN = (
    "SELECT DISTINCT b.segment, b.first_seq, b.last_seq, b.at FROM temp.chosen_spans c CROSS JOIN blocks b "
    "ON b.log = ?1 AND b.first_seq BETWEEN c.first_seq - ?4 AND c.last_seq AND b.last_seq >= c.first_seq "
    "WHERE c.log = ?1 AND b.last_time >= ?2 AND b.first_time < ?3 ORDER BY b.segment, b.first_seq"
)
_FEW = 2_000  # sessions up to which blocks are chosen by them; beyond, every block of the time is read
_ALWAYS = 1 << 63


def records_of(
    store: Store,
    base: sqlite3.Connection,
    selection: Selection | None,
    kinds: Sequence[str],
    since: str | None,
    until: str | None,
) -> Iterator[Record]:
    """As `Index.records`."""
    first = nanoseconds(since) if since is not None else -_ALWAYS
    last = nanoseconds(until) if until is not None else _ALWAYS - 1
    sessions, few = None, False
    if selection is not None:
        found = base.execute(_spans(selection), selection.values).fetchall()
        sessions = {ident for ident, _, _, _ in found}
        few = len(sessions) <= _FEW
        if few:
            base.execute("CREATE TEMP TABLE IF NOT EXISTS chosen_spans (log, first_seq, last_seq)")
            base.executemany("INSERT INTO chosen_spans VALUES (?, ?, ?)", _united(found))
    blocks = {}
    for log in store.logs:
        narrow = (log, first, last, longest_block(base, log)) if few else (log, first, last)
        blocks[log] = base.execute(_CHOSEN if few else _BLOCKS, narrow).fetchall()
    forget(base)
    wanted = frozenset(kinds)
    only = next(iter(sessions)) if sessions is not None and len(sessions) == 1 else None
    for log, chosen in blocks.items():
        for record in _merged(store, log, chosen, only):
            leaf = record.leaf
            if sessions is not None and leaf["session"] not in sessions:
                continue
            if (not wanted or leaf["kind"] in wanted) and first <= leaf["time"] < last:
                yield record


def following(store: Store, base: sqlite3.Connection, log: int, seq: int) -> Iterator[Record]:
    """As `Index.following`. Blocks are fetched a few at a time: a reader that stops early costs little."""
    at, longest = seq, longest_block(base, log)
    while True:
        found = base.execute(
            "SELECT segment, first_seq, last_seq, at FROM blocks WHERE log = ?1 AND first_seq >= ?2 - ?3 "
            "AND last_seq >= ?2 ORDER BY first_seq LIMIT 64",
            (log, at, longest),
        ).fetchall()
        # blocks of several classes overlap: only what no block behind these can precede is in order
        end = found[-1][1] if len(found) == 64 else 1 << 62
        last = at
        for record in _merged(store, log, sorted(found)):
            if at <= record.seq < end:
                last = record.seq + 1
                yield record
        if len(found) < 64:
            return
        at = max(last, end)


def longest_block(base: sqlite3.Connection, log: int) -> int:
    """How far apart the first and the last record of one block are at most: how far back to look for a record."""
    (longest,) = base.execute("SELECT max(last_seq - first_seq) FROM blocks WHERE log = ?", (log,)).fetchone()
    return int(longest or 0)


def _spans(selection: Selection) -> str:
    inner = selection.select("s.n AS n, s.id AS id")
    return f"SELECT q.id, p.log, p.first_seq, p.last_seq FROM ({inner}) q JOIN spans p ON p.session = q.n"


def _united(spans: Sequence[tuple[str, int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """(log, first, last) of what they cover, so that no block is found for each of many long sessions anew."""
    at: tuple[int, int, int] | None = None
    for log, first, last in sorted((log, first, last) for _, log, first, last in spans):
        if at is not None and at[0] == log and first <= at[2] + 1:
            at = (log, at[1], max(at[2], last))
        else:
            if at is not None:
                yield at
            at = (log, first, last)
    if at is not None:
        yield at


def _merged(
    store: Store, log: int, blocks: Sequence[tuple[int, int, int, int]], only: str | None = None
) -> Iterator[Record]:
    """The records of these blocks, in order, each segment read in runs of neighbouring blocks."""
    by_class: dict[str, list[tuple[int, int, int, int]]] = {}
    segments = {block[0] for block in blocks}
    if len(segments) <= 1:
        return _stream(store, log, blocks, only)
    names = {number: store.segment_class(log, number) for number in segments}
    for block in blocks:
        by_class.setdefault(names[block[0]], []).append(block)
    streams = [_stream(store, log, run, only) for run in by_class.values()]
    if len(streams) == 1:
        return streams[0]
    return heapq.merge(*streams, key=lambda record: record.seq)


def _stream(store: Store, log: int, blocks: Sequence[tuple[int, int, int, int]], only: str | None) -> Iterator[Record]:
    at = 0
    while at < len(blocks):
        segment, first, last, start = blocks[at]
        at += 1
        while at < len(blocks) and blocks[at][0] == segment and blocks[at][1] == last + 1:
            last = blocks[at][2]
            at += 1
        yield from store.stretch(log, segment, start, first, last, only)
