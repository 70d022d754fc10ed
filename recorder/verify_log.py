"""Verification of one log: its segments, records, tree, tiles and checkpoints. Reads; imports nothing that writes."""

from __future__ import annotations

import heapq
import itertools
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

from recorder import frames, layout
from recorder.errors import VerificationError
from recorder.frames import Broken
from recorder.note import Checkpoint, Note, parse_checkpoint, parse_notes
from recorder.rfc6962 import Tree

__all__ = ["LogFindings", "check_ciphertexts", "verify_log"]

TOLD = frozenset(
    b"log.opened log.seen key.rotated signer.rotated session.erased retention.expired hold.set hold.lifted".split()
)
BATCH = 4096


@dataclass(slots=True)
class LogFindings:
    """What one log holds, as far as it was verified. `facts`: leaves that later steps need, by record number."""

    log: int
    store: str = ""
    records: int = 0
    payloads: int = 0
    removed: int = 0
    live: bool = False
    notes: list[tuple[Note, Checkpoint]] = field(default_factory=list)
    facts: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    slots: dict[int, tuple[str, str, int]] = field(default_factory=dict)
    roots: dict[int, bytes] = field(default_factory=dict)
    leaves: dict[int, bytes] = field(default_factory=dict)
    root: bytes = b""
    stripped: dict[int, list[int]] = field(default_factory=dict)
    resized: dict[int, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Segment:
    number: int
    name: str
    header: dict[str, Any]
    start: int


def verify_log(
    root: Path, log: int, live: bool, wanted: set[int], told: Callable[[int, int, int, int, bytes], None] | None = None
) -> LogFindings:
    """Steps 2 to 5 of `recorder.verify`. `wanted`: sizes whose root is to be kept in `roots`, and the hash of their
    last leaf in `leaves`. Raises VerificationError.
    """
    found = LogFindings(log, live=live)
    found.notes = _checkpoints(root, log)
    sizes = {checkpoint.size for _, checkpoint in found.notes} | wanted
    tree = Tree([])
    tiles = _Tiles(root, log)
    if 0 in sizes:
        found.roots[0] = tree.root()
    hashes: list[bytes] = []
    for value in _records(root, found, told):
        hashes.append(value)
        size = found.records
        if len(hashes) >= BATCH or size in sizes:
            tree.extend(hashes)
            hashes.clear()
            tiles.compare(tree)
            if size in sizes:
                found.roots[size] = tree.root()
                found.leaves[size - 1] = value
    tree.extend(hashes)
    tiles.compare(tree)
    found.root = tree.root()
    found.roots[tree.size] = found.root
    _check_roots(found)
    tiles.finish(found.notes[-1][1].size if found.notes else 0, live)
    return found


def _checkpoints(root: Path, log: int) -> list[tuple[Note, Checkpoint]]:
    path = root / layout.checkpoints(log)
    name = layout.checkpoints(log)
    try:
        notes = parse_notes(path.read_bytes()) if path.exists() else []
        found = [(note, parse_checkpoint(note.text)) for note in notes]
    except VerificationError as error:
        raise VerificationError(f"{name}: {error.message}", place=name) from None
    for (_, before), (_, after) in itertools.pairwise(found):
        if after.size < before.size:
            raise VerificationError(f"{name}: checkpoint {after.size} follows checkpoint {before.size}", place=name)
    return found


def _check_roots(found: LogFindings) -> None:
    name = layout.checkpoints(found.log)
    for _, checkpoint in found.notes:
        if checkpoint.size > found.records:
            raise VerificationError(
                f"log {found.log}: record {found.records} is missing; {name} signs {checkpoint.size} records",
                "records were cut off or lost after they were signed",
                place=name,
                record=found.records,
            )
        if found.roots[checkpoint.size] != checkpoint.root:
            raise VerificationError(
                f"log {found.log}: the records below {checkpoint.size} do not give the root that {name} signs",
                "a record below that number was altered, reordered or replaced",
                place=name,
                record=checkpoint.size - 1,
            )


def _records(
    root: Path, found: LogFindings, told: Callable[[int, int, int, int, bytes], None] | None
) -> Iterator[bytes]:
    """The leaf hash of each record in order, each checked on its own."""
    chains = _chains(root, found)
    streams = [_stream(root, chain, found) for chain in chains.values()]
    merged = streams[0] if len(streams) == 1 else heapq.merge(*streams, key=lambda item: item[0])
    for seq, segment, leaf, body, at in merged:
        if seq != found.records:
            place = segment.name
            if seq > found.records and found.live:
                return  # the writer is at work: what it has not finished is not there yet
            what = "is missing" if seq > found.records else "is there twice"
            number = min(seq, found.records)
            raise VerificationError(
                f"log {found.log}: record {number} {what} (found {seq} in {place})", place=place, record=number
            )
        _check_record(found, seq, segment, leaf, body)
        found.records += 1
        if told is not None:
            told(found.log, segment.number, seq, at, leaf)
        yield sha256(b"\x00" + leaf).digest()


def _chains(root: Path, found: LogFindings) -> dict[str, list[_Segment]]:
    """The segments of each retention class, in order; headers checked, contents not yet read."""
    chains: dict[str, list[_Segment]] = {}
    numbers = layout.segment_numbers(root, found.log)
    headers = {number: _header(root / layout.segment(found.log, number), found.log, number) for number in numbers}
    found.store = _usual_store([header for header, _ in headers.values()], found.notes)
    for position, (number, (header, start)) in enumerate(headers.items()):
        name = layout.segment(found.log, number)
        if number != position:
            missing = layout.segment(found.log, position)
            raise VerificationError(f"{missing} is missing", place=missing)
        if (header.get("store"), header.get("log"), header.get("number")) != (found.store, found.log, number):
            raise VerificationError(f"{name} belongs to another place or store", place=name)
        if header.get("format") != 1 or not isinstance(header.get("class"), str):
            raise VerificationError(f"{name} is of an unknown format", "upgrade hoopgate", place=name)
        chain = chains.setdefault(header["class"], [])
        prior = header.get("prior")
        if (prior is None) != (not chain) or (prior is not None and prior["number"] != chain[-1].number):
            raise VerificationError(f"{name} does not follow the segment that it names", place=name)
        chain.append(_Segment(number, name, header, start))
    return chains


def _usual_store(headers: list[dict[str, Any]], notes: list[tuple[Note, Checkpoint]]) -> str:
    """The store's id as most headers and checkpoints give it, so that the foreign one among them is the one named."""
    votes = Counter(str(header.get("store")) for header in headers)
    votes.update(parts[1] for _, checkpoint in notes if len(parts := checkpoint.origin.split("/")) == 3)
    return votes.most_common(1)[0][0] if votes else ""


def _header(path: Path, log: int, number: int) -> tuple[dict[str, Any], int]:
    name = layout.segment(log, number)
    try:
        return frames.read_header(path)
    except Broken as error:
        raise VerificationError(f"{name}: {error}", place=name) from None
    except OSError as error:
        raise VerificationError(f"{name} cannot be read: {error.strerror}", place=name) from None


def _stream(root: Path, chain: list[_Segment], found: LogFindings) -> Iterator[tuple[int, _Segment, bytes, bytes, int]]:
    """(seq, segment, leaf, body, offset) of a class's records, in order."""
    last = -1
    for position, segment in enumerate(chain):
        sealed = chain[position + 1].header["prior"]["end"] if position + 1 < len(chain) else None
        with (root / segment.name).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if sealed is not None and size != sealed:
                found.resized[segment.number] = (size, sealed)
            try:
                for frame in frames.stream(file, segment.start, sealed and min(sealed, size)):
                    if frame.seq <= last:
                        raise Broken(frame.offset, f"record {frame.seq} comes after record {last}")
                    last = frame.seq
                    yield frame.seq, segment, frame.leaf, frame.body, frame.offset
            except Broken as broken:
                if found.live and sealed is None:
                    return  # the writer is at work on this very group
                file.seek(broken.offset)
                claimed = frames.seq_at(file.read(frames.FRAME.size), 0)
                _torn(segment, broken, max(last, segment.header["first"] - 1), claimed)


def _torn(segment: _Segment, broken: Broken, last: int, claimed: int | None) -> None:
    record = claimed if claimed is not None and claimed > last else last + 1
    raise VerificationError(
        f"record {record}: {broken.what}, at byte {broken.offset} of {segment.name}",
        "altered, or torn by a crash: opening the store once (starting the gate) cuts a torn end and records it",
        place=segment.name,
        record=record,
    )


def _check_record(found: LogFindings, seq: int, segment: _Segment, leaf: bytes, body: bytes) -> None:
    """The leaf says its own number, and the ciphertexts are those that it commits to."""
    if not leaf.startswith(b'{"seq":%d,"time":' % seq):
        _bad(seq, segment.name, "its leaf is another record's")
    start = leaf.find(b'"kind":"') + 8
    if leaf[start : leaf.find(b'"', start)] in TOLD:
        found.facts.append((seq, json.loads(leaf)))
    kept = check_ciphertexts(seq, leaf, body, segment.name)
    if kept:
        found.payloads += 1
    elif kept is False:
        found.removed += 1
        found.stripped.setdefault(segment.number, []).append(seq)
    if kept is not None and leaf.find(b'"slot":') >= 0:
        _introduce(found, seq, json.loads(leaf)["key"])


def check_ciphertexts(seq: int, leaf: bytes, body: bytes, place: str) -> bool | None:
    """True: the ciphertexts are those that the leaf commits to. False: they are gone. None: the leaf knows of none.

    Raises VerificationError where they are others. Strategy: the two digests are found by their fixed spelling in the
    leaf, which no recorded text can imitate because a quotation mark inside a JSON string is always escaped.
    """
    payload, original = leaf.find(b'"payload":{"sha256":"'), leaf.find(b'"original":{"sha256":"')
    if payload < 0 and original < 0:
        if body:
            _bad(seq, place, "it has a payload that its leaf does not know")
        return None
    if not body:
        return False
    size = int.from_bytes(body[:4], "little") + 4
    if size > len(body):
        _bad(seq, place, "its payload is malformed")
    for at, prefix, data in ((payload, 21, body[4:size]), (original, 22, body[size:])):
        if at < 0 and not data:
            continue
        if leaf[at + prefix : at + prefix + 64] != sha256(data).hexdigest().encode() or at < 0:
            _bad(seq, place, "its ciphertext is not the one that its leaf commits to")
    return True


def _introduce(found: LogFindings, seq: int, key: dict[str, Any]) -> None:
    """Remember which slot a session key lies in, and that slot's digest."""
    found.slots.setdefault(key["slot"], (key["sha256"], key["id"], seq))


def _bad(seq: int, place: str, what: str) -> NoReturn:
    raise VerificationError(f"record {seq}, in {place}: {what}", place=place, record=seq)


class _Tiles:
    """The tile files, compared with the tree as it grows: each must hold exactly the hashes that the records give."""

    def __init__(self, root: Path, log: int) -> None:
        self._root, self._log = root, log
        self._seen: list[int] = []
        self._short: dict[int, int] = {}

    def compare(self, tree: Tree) -> None:
        """Take the hashes that the tree has collected and compare them with what is on disk."""
        for level, hashes in enumerate(tree.levels or []):
            if not hashes:
                continue
            while len(self._seen) <= level:
                self._seen.append(0)
            data = b"".join(hashes)
            there = self._read(level, len(data))
            if there != data[: len(there)] or (level in self._short and there):
                self._mismatch(level, there, data)
            if len(there) < len(data):
                self._short.setdefault(level, self._seen[level] + len(there) // 32)
            self._seen[level] += len(hashes)
            hashes.clear()

    def finish(self, signed: int, live: bool) -> None:
        """Everything below the last checkpoint must be on disk, and nothing that no record gives."""
        for level, seen in enumerate(self._seen):
            name = layout.tiles(self._log, level)
            have = self._short.get(level, seen)
            if have < signed >> (8 * level):
                raise VerificationError(f"{name} lacks the hashes from {have} on", place=name)
            if not live and self._read(level, 1):
                raise VerificationError(f"{name} holds hashes that no record gives", place=name)
            if not live and level == 0 and have > signed:
                raise VerificationError(
                    f"{name} was written for {have} records, and the last checkpoint signs {signed}: one is missing",
                    "cut off, or a crash between the two: opening the store once (starting the gate) signs it anew",
                    place=layout.checkpoints(self._log),
                )
        for path in sorted((self._root / "tiles" / str(self._log)).glob("*")):
            if path.name not in {str(level) for level in range(len(self._seen))} and path.stat().st_size:
                place = f"tiles/{self._log}/{path.name}"
                raise VerificationError(f"{place} belongs to no level of the tree", place=place)

    def _read(self, level: int, size: int) -> bytes:
        path = self._root / layout.tiles(self._log, level)
        if not path.is_file():
            return b""
        with path.open("rb") as file:
            file.seek(self._seen[level] * 32)
            return file.read(size)

    def _mismatch(self, level: int, there: bytes, data: bytes) -> NoReturn:
        at = next((i for i in range(0, len(there), 32) if there[i : i + 32] != data[i : i + len(there[i : i + 32])]), 0)
        name, number = layout.tiles(self._log, level), self._seen[level] + at // 32
        record = number << (8 * level)
        raise VerificationError(
            f"{name}: hash {number} is not what the records from {record} on give",
            "the tile or the record was altered; the signed checkpoints tell which",
            place=name,
            record=record,
        )
