"""Following a store and delivering what is new, in order within each log."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from adapter_asgi.sinks.cursor import Cursor
from adapter_asgi.sinks.target import Target
from recorder.index import Index
from recorder.reader import Record

__all__ = ["BATCH", "event", "ship"]

BATCH = 500
_POLL = 1.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0

_log = logging.getLogger(__name__)


def event(store: str, record: Record) -> dict[str, Any]:
    """A record as it leaves: its leaf, no payload, under an id that stays the same when it is sent again."""
    return {"id": f"{store}/{record.log}/{record.seq}", **record.to_json()}


def ship(
    path: Path, store: str, target: Target, cursor: Cursor, *, once: bool, stop: threading.Event | None = None
) -> int:
    """Deliver until `stop` is set, or, with `once`, until everything that is there was delivered. Returns how many.

    A receiver that fails is tried again with growing pauses; nothing is skipped. Memory is bounded by BATCH leaves.
    Raises `AdapterError` (the cursor), `StoreError`, with `once` also OSError.
    """
    stop = stop or threading.Event()
    sent = 0
    pause = _FIRST_PAUSE
    while not stop.is_set():
        batch = _next(path, cursor)
        if batch is None:
            if once:
                return sent
            stop.wait(_POLL)
            continue
        log, records = batch
        try:
            target.deliver([event(store, record) for record in records])
        except OSError as error:
            if once:
                raise
            _log.warning("not delivered, trying again in %.0f s: %s", pause, error)
            stop.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            continue
        pause = _FIRST_PAUSE
        cursor.confirm(log, records[-1].seq)
        sent += len(records)
    return sent


def _next(path: Path, cursor: Cursor) -> tuple[int, list[Record]] | None:
    with Index.open(path) as index:
        for log in index.store.logs:
            records = list(islice(_after(index, log, cursor.next(log)), BATCH))
            if records:
                return log, records
    return None


def _after(index: Index, log: int, seq: int) -> Iterator[Record]:
    yield from index.following(log, seq)
