"""What is due for removal, and its removal, a segment at a time. `retention.py` says what the rules are."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from recorder import frames, layout
from recorder.disk import PosixDisk
from recorder.entry import MAX_ITEMS, Entry
from recorder.index_acts import ledger_of
from recorder.ledger import Ledger
from recorder.reader import Store
from recorder.segments import DEFAULT_CLASS, pack_frame, pack_header

__all__ = ["SIX_YEARS", "Expiry", "due", "entry_for", "expire_own", "may_be_due", "strip"]

SIX_YEARS = 6 * 365 * 86400 + 2 * 86400  # seconds; 164.316(b)(2)(i) asks it of documentation; the default here


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


class Between(Protocol):
    """The writer of the log that is worked on, from within its own thread."""

    def record(self, entry: Entry) -> None: ...

    def rest(self, segment: int) -> None: ...


def may_be_due(path: Path, log: int, default: int, now: int) -> bool:
    """Whether a segment of the log is old enough to look into. Reads headers only."""
    headers = Store(path).segment_headers(log)
    return any(
        header["created"] + _seconds(header["class"], default) * 1_000_000_000 <= now for _, header, _ in headers
    )


def expire_own(path: Path, log: int, writer: Between, default: int, now: int | None) -> list[Expiry]:
    """Remove what is due in one log, from its writer's thread. Raises OSError."""
    store = Store(path)
    found = due(store, ledger_of(path), default, time.time_ns() if now is None else now, {log})
    own = [item for item in found if item.log == log]
    for item in own:
        writer.rest(item.segment)
        writer.record(entry_for(item, "schedule", "schedule"))
        strip(path, item)
    return own


def entry_for(item: Expiry, who: str, via: str) -> Entry:
    """The record that goes before a removal."""
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
    return Entry("retention.expired", "", metadata)


def due(store: Store, ledger: Ledger, default: int, now: int, quiet: set[int]) -> list[Expiry]:
    held = ledger.held()
    found = []
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
                found.append(item)
    return found


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


def strip(root: Path, item: Expiry) -> None:
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
    return str(json.loads(leaf)["session"])
