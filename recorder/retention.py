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
from pathlib import Path

from recorder.entry import MAX_ITEMS, Entry
from recorder.errors import RequestError
from recorder.index import Index
from recorder.index_acts import ledger_of
from recorder.keys import Keys
from recorder.ledger import Hold
from recorder.lock import Lock
from recorder.log import open as open_log
from recorder.reader import Store
from recorder.retention_plan import SIX_YEARS, Expiry, due, entry_for, strip

__all__ = ["SIX_YEARS", "Expiry", "expire", "lift_hold", "plan", "set_hold"]


def plan(path: Path, *, default: int = SIX_YEARS, now: int | None = None) -> list[Expiry]:
    """What is due at `now` (UTC nanoseconds). Changes nothing. `default`: seconds that payloads without a class are
    kept.
    """
    store = Store(path)
    with _quiet_logs(store) as quiet:
        return due(store, ledger_of(path, update=False), default, time.time_ns() if now is None else now, quiet)


def expire(
    path: Path, keys: Keys, *, default: int = SIX_YEARS, now: int | None = None, who: str, via: str = "library"
) -> list[Expiry]:
    """Remove what is due, each segment on record first. Returns what was removed."""
    store = Store(path)
    moment = time.time_ns() if now is None else now
    with open_log(path, keys=keys, acting=True) as log, _quiet_logs(store) as quiet:
        found = due(store, ledger_of(path), default, moment, quiet)
        for item in found:
            log.append(entry_for(item, who, via))
            strip(path, item)
    return found


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
    with Index.open(path) as index:
        for session in sessions:
            if index.session(session) is None:
                raise RequestError(
                    f'no session "{session[:80]}" in {path}', "`hoopgate sessions list` shows what is there"
                )
    ident = os.urandom(8).hex()
    metadata = {"hold": ident, "targets": list(sessions), "user": who, "via": via}
    with open_log(path, keys=keys, acting=True) as log:
        log.append(Entry("hold.set", "", metadata, payload=reason.encode()))
    return ledger_of(path).holds[ident]


def lift_hold(path: Path, keys: Keys, hold: str, reason: str | None, *, who: str, via: str = "library") -> Hold:
    """End a hold. Raises RequestError: no reason, no such hold, lifted already."""
    if not reason or not reason.strip():
        raise RequestError("lifting a hold needs a reason, which is recorded", "give --reason TEXT")
    known = ledger_of(path).holds.get(hold)
    if known is None or known.lifted is not None:
        raise RequestError(f'no active hold "{hold[:40]}"', "`hoopgate hold list` shows them")
    with open_log(path, keys=keys, acting=True) as log:
        log.append(Entry("hold.lifted", "", {"hold": hold, "user": who, "via": via}, payload=reason.encode()))
    return ledger_of(path).holds[hold]


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
