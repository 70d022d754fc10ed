"""Exports: a part of a store that verifies on its own, offline.

    manifest                 C2SP signed note: SHA-256, size and name of every other file
    signers/<fingerprint>    the public signing keys, hex
    log-<n>/checkpoint       the newest checkpoint, a C2SP signed note
    log-<n>/range.json       the place of the records in the log, and the subtree hashes around them
    log-<n>/records          the records as frames, as in a segment

An export of some sessions brings *all* leaves of its period, without payloads of other sessions, so that an omission
shows: the leaves and the hashes around them give the signed root, or they do not.
"""

from __future__ import annotations

import json
import os
import tempfile
import zlib
from collections.abc import Collection, Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from recorder.archive import MAX_BYTES, Member, ending, entry, member
from recorder.entry import MAX_ITEMS, Entry
from recorder.errors import RequestError
from recorder.keys import Keys
from recorder.log import open as open_log
from recorder.proof import Tiles, last_checkpoint
from recorder.reader import Record, Store
from recorder.segments import pack_frame

__all__ = ["export"]


def export(
    path: Path,
    out: Path,
    keys: Keys,
    reason: str | None,
    *,
    sessions: Collection[str] | None = None,
    who: str,
    via: str = "library",
) -> str:
    """Write an export of these sessions, or of everything signed so far; the act is recorded. Returns its digest.

    Raises RequestError: no reason, unknown session, nothing signed yet, too large, `out` exists.
    """
    if not reason or not reason.strip():
        raise RequestError("an export needs a reason, which is recorded", "give --reason TEXT")
    if sessions is not None and len(sessions) > MAX_ITEMS:
        raise RequestError(
            f"an export names at most {MAX_ITEMS} sessions", "leave the sessions out to export everything"
        )
    if out.exists():
        raise RequestError(f"{out} exists", "name a new file")
    store = Store(path)
    ranges = _ranges(store, sessions)
    with open_log(path, keys=keys, acting=True) as log, _Writer(out) as writer:
        for number, (first, end) in ranges.items():
            _add_log(writer, store, number, first, end, sessions)
        for public in sorted((path / "keys").glob("signer-*.pub")):
            writer.add(f"signers/{public.stem.removeprefix('signer-')}", [public.read_bytes()])
        text = "".join(f"{digest} {size} {name}\n" for digest, size, name in writer.files)
        digest = sha256(text.encode()).hexdigest()
        targets = sorted(sessions)[:MAX_ITEMS] if sessions is not None else []
        count = sum(end - first for first, end in ranges.values())
        metadata = {"user": who, "via": via, "targets": targets, "count": count, "digest": digest}
        log.append(Entry("export", "", metadata, payload=reason.encode()))
        writer.add("manifest", [log.sign("hoopgate export v1\n" + text).encode()])
    return digest


def _ranges(store: Store, sessions: Collection[str] | None) -> dict[int, tuple[int, int]]:
    """For each log the signed records from the first to the last of the sessions."""
    found: dict[int, tuple[int, int]] = {}
    for log in store.logs:
        try:
            size = last_checkpoint(store.root, log)[1].size
        except RequestError:
            continue
        if sessions is None:
            found[log] = (0, size)
            continue
        for record in store.records(log=log):
            if record.session in sessions and record.seq < size:
                first, _ = found.get(log, (record.seq, 0))
                found[log] = (first, record.seq + 1)
    if not found:
        raise RequestError("nothing to export: no such session below a checkpoint")
    return found


def _add_log(writer: _Writer, store: Store, log: int, first: int, end: int, sessions: Collection[str] | None) -> None:
    note, checkpoint = last_checkpoint(store.root, log)
    tiles = Tiles(store.root, log)
    place = {
        "store": checkpoint.origin.split("/")[1],
        "log": log,
        "first": first,
        "end": end,
        "sessions": None if sessions is None else sorted(sessions),
        "before": [value.hex() for value in tiles.cover(0, first)],
        "after": [value.hex() for value in tiles.cover(end, checkpoint.size)],
    }
    writer.add(f"log-{log}/checkpoint", [note.render().encode()])
    writer.add(f"log-{log}/range.json", [json.dumps(place, sort_keys=True).encode() + b"\n"])
    writer.add(f"log-{log}/records", _frames(store.records(log=log, first=first), end, sessions))


def _frames(records: Iterator[Record], end: int, sessions: Collection[str] | None) -> Iterator[bytes]:
    for record in records:
        if record.seq >= end:
            return
        body = record.body if sessions is None or record.session in sessions else b""
        yield pack_frame(record.seq, record.seq, record.raw, body)


class _Writer:
    """Writes the archive aside and puts it in its place when it is whole. Bounded memory: members are spooled to
    disk.
    """

    def __init__(self, out: Path) -> None:
        self._out, self._aside = out, out.with_name(out.name + ".part")
        self._file: BinaryIO
        self._members: list[Member] = []
        self.files: list[tuple[str, int, str]] = []

    def __enter__(self) -> _Writer:
        self._file = self._aside.open("wb")
        return self

    def add(self, name: str, parts: Collection[bytes] | Iterator[bytes]) -> None:
        """One more file of the archive. Raises RequestError if the archive becomes too large for its format."""
        digest, crc, size = sha256(), 0, 0
        with tempfile.TemporaryFile() as spool:
            for part in parts:
                spool.write(part)
                digest.update(part)
                crc, size = zlib.crc32(part, crc), size + len(part)
            item = Member(name, crc, size, self._file.tell())
            if item.offset + size > MAX_BYTES - (1 << 20):
                raise RequestError("the export would exceed 4 GiB", "export fewer sessions at a time")
            self._file.write(member(item))
            spool.seek(0)
            while chunk := spool.read(1 << 20):
                self._file.write(chunk)
        self._members.append(item)
        self.files.append((digest.hexdigest(), size, name))

    def __exit__(self, failed: object, *_: object) -> None:
        if failed is None:
            offset = self._file.tell()
            directory = b"".join(entry(item) for item in self._members)
            self._file.write(directory + ending(len(self._members), len(directory), offset))
            self._file.flush()
            os.fsync(self._file.fileno())
        self._file.close()
        if failed is None:
            self._aside.replace(self._out)
        else:
            self._aside.unlink()
