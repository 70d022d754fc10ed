"""The rare records of what was done to a store (holds, erasures, exports, rotations …), without reading all of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from recorder import layout
from recorder.index import Index
from recorder.index_tables import ACTS
from recorder.ledger import TOLD, Ledger, read_ledger
from recorder.reader import Record, Store

__all__ = ["acts", "ledger_of"]


def acts(index: Index, kinds: Iterable[str] = ACTS) -> Iterator[Record]:
    """Records of these kinds (of ACTS), log by log. What the index does not cover yet is read from the segments."""
    wanted = frozenset(kinds) & ACTS
    covered = index.covered()
    for log, seq in index.acts(sorted(wanted)):
        record = index.record(log, seq)
        if record is not None and record.kind in wanted:
            yield record
    for log in index.store.logs:
        for record in index.store.records(log=log, first=covered.get(log, 0)):
            if record.kind in wanted:
                yield record


def ledger_of(path: Path, *, update: bool = True) -> Ledger:
    """The standing of a store: `recorder.ledger.read_ledger`, through the index. `update`: bring that up to date; if
    not, nothing in the store is changed.
    """
    if not update and not (path / layout.INDEX).is_file():
        return read_ledger(Store(path))
    with Index.open(path, update=update) as index:
        return read_ledger(index.store, acts(index, TOLD))
