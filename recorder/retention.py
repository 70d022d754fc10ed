"""Retention by class, and legal holds.

A payload's class is the time that its rule asks for (`Entry.retain`), or the store's default. When the newest record of
a segment is older than its class's time, the segment is written anew without payloads: leaves, tiles and proofs stay
for six years and more. Payloads of sessions under a hold are kept. Nothing is removed before `retention.expired` says
so.

It works on segments that nobody writes: sealed ones, and the last ones of logs that no process holds.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recorder import frames, layout
from recorder.disk import PosixDisk
from recorder.entry import MAX_ITEMS, Entry
from recorder.errors import RequestError
from recorder.keys import Keys
from recorder.ledger import Hold, Ledger, read_ledger
from recorder.lock import Lock
from recorder.log import open as open_log
from recorder.reader import Store
from recorder.segments import DEFAULT_CLASS, pack_frame, pack_header

__all__ = ["SIX_YEARS", "Expiry", "expire", "lift_hold", "plan", "set_hold"]

SIX_YEARS = (
    6 * 365 * 86400 + 2 * 86400
)  # seconds; 164.316(b)(2)(i) asks it of documentation, and it is the default here


@dataclass(frozen=True, slots=True)
class Expiry:
    """A segment whose payloads are due. `held`: sessions in it that a hold keeps; `bytes`: of payload to be removed."""

    log: int
    segment: int
    retention: str
    first: int
    last: int
    records: int
    bytes: int
    newest: int
    held: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__} | {"held": list(self.held)}


def plan(path: Path, *, default: int = SIX_YEARS, now: int | None = None) -> list[Expiry]:
    """What is due at `now` (UTC nanoseconds). Changes nothing. `default`: seconds that payloads without a class are
    kept.
    """
    store = Store(path)
    with _quiet_logs(store) as quiet:
        return _plan(store, read_ledger(store), default, time.time_ns() if now is None else now, quiet)


def expire(
    path: Path, keys: Keys, *, default: int = SIX_YEARS, now: int | None = None, who: str, via: str = "library"
) -> list[Expiry]:
    """Remove what is due, each segment on record first. Returns what was removed."""
    store = Store(path)
    moment = time.time_ns() if now is None else now
    with open_log(path, keys=keys, acting=True) as log, _quiet_logs(store) as quiet:
        due = _plan(store, read_ledger(store), default, moment, quiet)
        for item in due:
            metadata = {
                "log": str(item.log),
                "segment": item.segment,
                "first": item.first,
                "last": item.last,
                "count": item.records,
                "bytes": item.bytes,
                "held": list(item.held[:MAX_ITEMS]),
                "user": who,
                "via": via,
            }
            log.append(Entry("retention.expired", "", metadata))
            _strip(path, item)
    return due


def set_hold(
    path: Path, keys: Keys, sessions: Sequence[str], reason: str | None, *, who: str, via: str = "library"
) -> Hold:
    """Protect sessions from expiry and erasure. Raises RequestError: no reason, unknown or erased sessions, too
    many.
    """
    if not reason or not reason.strip():
        raise RequestError("a legal hold needs a reason, which is recorded", "give --reason TEXT")
    if not 0 < len(sessions) <= MAX_ITEMS:
        raise RequestError(f"a hold names 1 to {MAX_ITEMS} sessions", "set several holds")
    store = Store(path)
    for session in sessions:
        store.session(session)
    ident = os.urandom(8).hex()
    metadata = {"hold": ident, "targets": list(sessions), "user": who, "via": via}
    with open_log(path, keys=keys, acting=True) as log:
        log.append(Entry("hold.set", "", metadata, payload=reason.encode()))
    return read_ledger(Store(path)).holds[ident]


def lift_hold(path: Path, keys: Keys, hold: str, reason: str | None, *, who: str, via: str = "library") -> Hold:
    """End a hold. Raises RequestError: no reason, no such hold, lifted already."""
    if not reason or not reason.strip():
        raise RequestError("lifting a hold needs a reason, which is recorded", "give --reason TEXT")
    known = read_ledger(Store(path)).holds.get(hold)
    if known is None or known.lifted is not None:
        raise RequestError(f'no active hold "{hold[:40]}"', "`hoopgate hold list` shows them")
    with open_log(path, keys=keys, acting=True) as log:
        log.append(Entry("hold.lifted", "", {"hold": hold, "user": who, "via": via}, payload=reason.encode()))
    return read_ledger(Store(path)).holds[hold]


@contextmanager
def _quiet_logs(store: Store) -> Iterator[set[int]]:
    """The logs that nobody writes, kept that way for the time of the block."""
    locks = {log: Lock.take(store.root, log) for log in store.logs}
    try:
        yield {log for log, lock in locks.items() if lock is not None}
    finally:
        for lock in locks.values():
            if lock is not None:
                lock.release()


def _plan(store: Store, ledger: Ledger, default: int, now: int, quiet: set[int]) -> list[Expiry]:
    held = ledger.held()
    due = []
    for log in store.logs:
        headers = store.segment_headers(log)
        last = {header["class"]: number for number, header, _ in headers}
        for number, header, start in headers:
            if last[header["class"]] == number and log not in quiet:
                continue
            kept = _seconds(header["class"], default)
            if header["created"] + kept * 1_000_000_000 > now:
                continue  # its oldest record is too young: no need to read it
            item = _due(store, log, number, header["class"], start, held)
            if item is not None and item.newest + kept * 1_000_000_000 <= now:
                due.append(item)
    return due


def _seconds(name: str, default: int) -> int:
    return default if name == DEFAULT_CLASS else int(name.removeprefix("keep-"))


def _due(store: Store, log: int, number: int, name: str, start: int, held: dict[str, str]) -> Expiry | None:
    """What the segment's removal would take; None where it has no payload that may go."""
    keeping: set[str] = set()
    first, last, count, size, newest = -1, -1, 0, 0, 0
    for record in store.segment(log, number, start):
        first, last, newest = record.seq if first < 0 else first, record.seq, max(newest, int(record.leaf["time"]))
        if record.body and record.session in held:
            keeping.add(record.session)
        elif record.body:
            count, size = count + 1, size + len(record.body)
    if not count:
        return None
    return Expiry(log, number, name, first, last, count, size, newest, tuple(sorted(keeping)))


def _strip(root: Path, item: Expiry) -> None:
    """The segment again, without the payloads that are due. Raises OSError."""
    name = layout.segment(item.log, item.segment)
    data = (root / name).read_bytes()
    header, start = frames.header(data)
    held = set(item.held)
    parts = [pack_header(header)]
    for frame in frames.scan(data, start):
        body = frame.body if _session(frame.leaf) in held else b""
        parts.append(pack_frame(frame.seq, frame.group, frame.leaf, body))
    PosixDisk(root).replace(name, b"".join(parts))


def _session(leaf: bytes) -> str:
    import json

    return str(json.loads(leaf)["session"])
