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

__all__ = ["following", "records_of"]

_BLOCKS = (
    "SELECT segment, first_seq, last_seq, at FROM blocks b WHERE log = ?1 AND last_time >= ?2 AND first_time < ?3 "
)
_CHOSEN = (
    "AND EXISTS (SELECT 1 FROM temp.chosen_spans c WHERE c.log = ?1 AND c.first_seq <= b.last_seq "
    "AND c.last_seq >= b.first_seq) "
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
    sessions, narrow = None, ""
    if selection is not None:
        base.execute("CREATE TEMP TABLE IF NOT EXISTS chosen_spans (id, log, first_seq, last_seq)")
        base.execute(f"INSERT INTO chosen_spans {_spans(selection)}", selection.values)
        sessions = {ident for (ident,) in base.execute("SELECT DISTINCT id FROM chosen_spans")}
        narrow = _CHOSEN if len(sessions) <= _FEW else ""
    blocks = {
        log: base.execute(_BLOCKS + narrow + "ORDER BY segment, first_seq", (log, first, last)).fetchall()
        for log in store.logs
    }
    forget(base)
    wanted = frozenset(kinds)
    for log, found in blocks.items():
        for record in _merged(store, log, found):
            leaf = record.leaf
            if sessions is not None and leaf["session"] not in sessions:
                continue
            if (not wanted or leaf["kind"] in wanted) and first <= leaf["time"] < last:
                yield record


def following(store: Store, base: sqlite3.Connection, log: int, seq: int) -> Iterator[Record]:
    """As `Index.following`. Blocks are fetched a few at a time: a reader that stops early costs little."""
    at = seq
    while True:
        found = base.execute(
            "SELECT segment, first_seq, last_seq, at FROM blocks WHERE log = ? AND last_seq >= ? "
            "ORDER BY first_seq LIMIT 64",
            (log, at),
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


def _spans(selection: Selection) -> str:
    inner = selection.select("s.n AS n, s.id AS id")
    return f"SELECT q.id, p.log, p.first_seq, p.last_seq FROM ({inner}) q JOIN spans p ON p.session = q.n"


def _merged(store: Store, log: int, blocks: Sequence[tuple[int, int, int, int]]) -> Iterator[Record]:
    """The records of these blocks, in order, each segment read in runs of neighbouring blocks."""
    by_class: dict[str, list[tuple[int, int, int, int]]] = {}
    names = {number: header["class"] for number, header, _ in store.segment_headers(log)}
    for block in blocks:
        by_class.setdefault(names.get(block[0], ""), []).append(block)
    streams = [_stream(store, log, run) for run in by_class.values()]
    if len(streams) == 1:
        return streams[0]
    return heapq.merge(*streams, key=lambda record: record.seq)


def _stream(store: Store, log: int, blocks: Sequence[tuple[int, int, int, int]]) -> Iterator[Record]:
    at = 0
    while at < len(blocks):
        segment, first, last, start = blocks[at]
        at += 1
        while at < len(blocks) and blocks[at][0] == segment and blocks[at][1] == last + 1:
            last = blocks[at][2]
            at += 1
        yield from store.stretch(log, segment, start, first, last)
