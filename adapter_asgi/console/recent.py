"""The newest records in short, for counts that a page can give at once: a bounded window, never the whole store.

Strategy: the window is filled once from the last records of each log and afterwards goes on where it ended, so that a
page costs what was recorded since the one before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from recorder.index import Index
from recorder.reader import Record

__all__ = ["WINDOW", "Item", "Recent"]

WINDOW = 20_000
"""Records that are looked back at, of all logs together."""


class Item(NamedTuple):
    """What counts need of one record. `time`: UTC nanoseconds."""

    time: int
    kind: str
    effect: str = ""
    rules: tuple[str, ...] = ()
    policy: str = ""
    level: str = ""
    masked: tuple[tuple[str, int], ...] = ()
    approval: str = ""


class Recent:
    """Used by the thread that reads the store. One for all visits."""

    def __init__(self) -> None:
        self._next: dict[int, int] = {}
        self._items: deque[Item] = deque(maxlen=WINDOW)

    def items(self, index: Index) -> tuple[Item, ...]:
        """The window, by time."""
        covered = index.covered()
        for log, first in self._begin(covered).items():
            for record in index.following(log, first):
                self._next[log] = record.seq + 1
                self._items.append(_item(record))
        return tuple(sorted(self._items, key=lambda item: item.time))

    def _begin(self, covered: dict[int, int]) -> dict[int, int]:
        """Where each log is read from: behind what was seen; one that was not seen yet, its share back."""
        if any(self._next.get(log, 0) > size for log, size in covered.items()):
            self._next.clear()  # the store is another one
            self._items.clear()
        new = sorted((size, log) for log, size in covered.items() if log not in self._next)
        starts, left = dict(self._next), WINDOW
        for number, (size, log) in enumerate(new):
            share = min(size, left // (len(new) - number))
            starts[log], left = size - share, left - share
        return {log: start for log, start in starts.items() if start < covered.get(log, 0)}


def _item(record: Record) -> Item:
    data: dict[str, Any] = record.leaf.get("data", {})
    return Item(
        int(record.leaf["time"]),
        record.kind,
        str(data.get("effect", "")),
        tuple(_texts(data.get("rules", ()))),
        str(data.get("policy", "")),
        str(data.get("record", "")),
        tuple(data.get("masked", {}).items()),
        str(data.get("approval", "")),
    )


def _texts(values: Any) -> Iterator[str]:
    return (str(value) for value in values)
