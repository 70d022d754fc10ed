"""Opening a log again, after a clean stop or a crash: find the clean prefix, cut what is torn, say what was cut.

Strategy: the last checkpoint vouches for every record below its size, and its tiles are on disk; so only the segments
that may hold later records are read. Of those records the contiguous run that begins at the checkpoint is kept. What
follows the run was never acknowledged (an acknowledgement waits for its whole group) and is cut off, with one
exception: if a whole frame of a *later* group lies behind a bad one, the bad one had been acknowledged, and this is
damage, not a torn write. Damage, and a log shorter than its checkpoint, are refused: a person must look, nothing is
changed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recorder import frames, layout
from recorder.disk import Disk
from recorder.errors import DamageError, StoreError, VerificationError
from recorder.frames import Broken, Frame
from recorder.notary import Signed
from recorder.note import parse_checkpoint, parse_notes
from recorder.rfc6962 import WIDTH, Tree, leaf_hash
from recorder.segments import FORMAT, Active
from recorder.usage import Usage

__all__ = ["FOLLOWED", "Recovered", "Torn", "follow", "recover", "tree_of"]

TAIL = 64 * 1024  # bytes of a checkpoint file in which its last whole note stands
DASH = "— ".encode()
MAX_OPEN = 4096  # no gate has so many under way; a caller that never ends its calls must not make headers grow
FOLLOWED = frozenset(("request", "call.ended", "call.interrupted"))
_REPLAYED = frozenset(kind.encode() for kind in (*FOLLOWED, "session.erased", "key.rotated"))


@dataclass(frozen=True, slots=True)
class Torn:
    """Bytes that were cut from a segment's end."""

    segment: int
    offset: int
    bytes: int


@dataclass(slots=True)
class Recovered:
    """The state of a log at its clean end."""

    store: str = ""
    size: int = 0
    signed: Signed = field(default_factory=lambda: Signed(Tree([])))
    active: dict[str, Active] = field(default_factory=dict)
    next_number: int = 0
    open_calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    torn: list[Torn] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)  # keys that a record says are destroyed
    rotated: dict[str, str] = field(default_factory=dict)  # epoch -> digest of its file, as rotated last


@dataclass(slots=True)
class _Segment:
    number: int
    header: dict[str, Any]
    start: int
    sealed_end: int | None = None
    successor_first: int | None = None
    frames: list[Frame] = field(default_factory=list)
    broken: Broken | None = None
    data: bytes = b""


def recover(root: Path, disk: Disk, log: int) -> Recovered:
    """Bring the log to its clean end. Raises DamageError, StoreError or OSError; then nothing was changed."""
    found = Recovered()
    segments = _headers(root, disk, log, found)
    if not segments:
        return found
    found.store = segments[-1].header["store"]
    found.next_number = segments[-1].number + 1
    _checkpoint(root, disk, log, found)
    newest = segments[-1].header
    base = min(found.size, newest["first"])
    touched = [item for item in segments if item.successor_first is None or item.successor_first > base]
    for item in touched:
        _scan(root, log, item, base)
    kept = _run(touched, base, found.size, log)
    _cut(disk, log, touched, kept, found)
    _cut_leftovers(root, disk, log, segments)
    _replay(touched, newest, base, kept, found)
    for item in segments:
        if item.successor_first is None:
            end = item.frames[-1].end if item.frames else item.start
            file = disk.open(layout.segment(log, item.number))
            found.active[item.header["class"]] = Active(item.number, item.header["class"], file, max(end, item.start))
    return found


def _headers(root: Path, disk: Disk, log: int, found: Recovered) -> list[_Segment]:
    """Every segment's header; a last file without a whole header was never used and is removed."""
    segments: list[_Segment] = []
    by_class: dict[str, _Segment] = {}
    numbers = layout.segment_numbers(root, log)
    for position, number in enumerate(numbers):
        path = root / layout.segment(log, number)
        try:
            header, start = frames.read_header(path)
        except Broken as broken:
            if position == len(numbers) - 1:
                found.torn.append(Torn(number, 0, path.stat().st_size))
                disk.remove(layout.segment(log, number))
                break
            raise DamageError(f"{layout.segment(log, number)}: {broken.what}", _LOOK) from None
        if header.get("format") != FORMAT:
            raise StoreError(f"{layout.segment(log, number)} is of format {header.get('format')}", "upgrade hoopgate")
        if number != position:
            raise DamageError(f"{layout.segment(log, position)} is missing", _LOOK)
        item = _Segment(number, header, start)
        before = by_class.get(header["class"])
        if before is not None:
            before.successor_first = header["first"]
            before.sealed_end = header["prior"]["end"]
        by_class[header["class"]] = item
        segments.append(item)
    return segments


def _checkpoint(root: Path, disk: Disk, log: int, found: Recovered) -> None:
    """Take the tree up where the last whole checkpoint left it."""
    path = root / layout.checkpoints(log)
    size = path.stat().st_size if path.exists() else 0
    text, end = _last_note(path, size)
    if end < size:
        found.torn.append(Torn(-1, end, size - end))
        disk.truncate(layout.checkpoints(log), end)
    if end == 0:
        return
    try:
        (note,) = parse_notes(text)
        checkpoint = parse_checkpoint(note.text)
    except VerificationError as error:
        raise DamageError(f"{layout.checkpoints(log)}: {error.message}", _LOOK) from None
    tree = tree_of(root, log, checkpoint.size)
    if tree.root() != checkpoint.root:
        raise DamageError(
            f"the tiles of log {log} do not give the root that checkpoint {checkpoint.size} signed", _LOOK
        )
    written = [checkpoint.size >> (8 * level) for level in range(8) if checkpoint.size >> (8 * level)]
    tree.levels = []
    found.signed = Signed(tree, end, checkpoint.size, note.render(), written)
    found.size = checkpoint.size


def _last_note(path: Path, size: int) -> tuple[bytes, int]:
    """The last whole note of a checkpoint file, and where it ends; (b"", 0) if there is none.

    Strategy: a note is its text and its signatures, each followed by an empty line, and only signatures begin with a
    dash. So the file is read from behind, for there may be a note for each second of years.
    """
    for start in (max(0, size - TAIL), 0) if size else ():
        with path.open("rb") as file:
            file.seek(start)
            parts = file.read(size - start).split(b"\n\n")
        for at in range(len(parts) - 2, 1 if start else 0, -1):  # the first part may be the rest of one
            if parts[at].startswith(DASH):
                behind = sum(len(part) + 2 for part in parts[at + 1 :]) - 2
                return parts[at - 1] + b"\n\n" + parts[at] + b"\n\n", size - behind
    return b"", 0


def tree_of(root: Path, log: int, size: int) -> Tree:
    """The tree of that size, from the tiles on disk. Raises DamageError where they hold fewer hashes."""
    rows: list[list[bytes]] = []
    level = 0
    while size >> (8 * level):
        count = size >> (8 * level)
        first = count // WIDTH * WIDTH
        path = root / layout.tiles(log, level)
        data = b""
        if path.exists():
            with path.open("rb") as file:
                file.seek(first * 32)
                data = file.read((count - first) * 32)
        if len(data) != (count - first) * 32:
            raise DamageError(f"{layout.tiles(log, level)} is shorter than its checkpoint", _LOOK)
        rows.append([data[at : at + 32] for at in range(0, len(data), 32)])
        level += 1
    return Tree.resume(size, rows)


def _scan(root: Path, log: int, item: _Segment, base: int) -> None:
    item.data = (root / layout.segment(log, item.number)).read_bytes()
    end = min(len(item.data), item.sealed_end) if item.sealed_end is not None else len(item.data)
    try:
        for frame in frames.scan(item.data, item.start, end):
            light = frame._replace(body=b"")  # what is recovered is the order; bodies stay on disk
            if frame.seq >= base or not item.frames:
                item.frames.append(light)
            else:
                item.frames[-1] = light  # below the base: only the last one's end matters
    except Broken as broken:
        item.broken = broken


def _run(touched: list[_Segment], base: int, signed: int, log: int) -> int:
    """The size of the contiguous run of whole records. Raises DamageError where an acknowledged record is not in it."""
    size = base
    for seq in sorted(frame.seq for item in touched for frame in item.frames if frame.seq >= base):
        if seq != size:
            break
        size += 1
    for item in touched:
        broken = item.broken
        if broken is not None and (
            item.sealed_end is not None or _acknowledged(item.data, broken.offset, signed, size)
        ):
            name = layout.segment(log, item.number)
            raise DamageError(f"{name}: {broken.what} at byte {broken.offset}, in acknowledged records", _LOOK)
    if size < signed:
        raise DamageError(f"log {log}: record {size} is missing, and a checkpoint covers {signed} records", _LOOK)
    if any(frame.group > size for item in touched for frame in item.frames):
        raise DamageError(f"log {log}: record {size} is missing, and later ones were acknowledged", _LOOK)
    return size


def _acknowledged(data: bytes, offset: int, signed: int, size: int) -> bool:
    """Whether what is broken at `offset` had been acknowledged: its own header, or a whole frame behind it, tells."""
    seq = frames.seq_at(data, offset)
    if seq is not None and seq < signed:
        return True
    return any(frame.group > size or frame.seq < signed for frame in frames.behind(data, offset))


def _cut(disk: Disk, log: int, touched: list[_Segment], kept: int, found: Recovered) -> None:
    for item in touched:
        whole = [frame for frame in item.frames if frame.seq < kept]
        end = whole[-1].end if whole else item.start
        limit = len(item.data) if item.sealed_end is None else min(len(item.data), item.sealed_end)
        if end < limit:
            found.torn.append(Torn(item.number, end, limit - end))
            disk.truncate(layout.segment(log, item.number), end)
        item.frames = whole


def _cut_leftovers(root: Path, disk: Disk, log: int, segments: list[_Segment]) -> None:
    """What a failed write left behind the good end that the next segment names, and could not be cut at the time."""
    for item in segments:
        name = layout.segment(log, item.number)
        if item.sealed_end is not None and (root / name).stat().st_size > item.sealed_end:
            disk.truncate(name, item.sealed_end)


def _replay(touched: list[_Segment], newest: dict[str, Any], base: int, kept: int, found: Recovered) -> None:
    """Grow the tree past its checkpoint, and follow the calls that are open and what each caller recorded."""
    found.usage = Usage.of_header(newest.get("usage", {}))
    found.open_calls = dict(sorted(newest.get("open_calls", {}).items(), key=lambda item: int(item[1]["seq"])))
    records = sorted((frame for item in touched for frame in item.frames if frame.seq >= base), key=lambda f: f.seq)
    for frame in records:
        if frame.seq >= found.signed.size and frame.seq >= found.signed.tree.size:
            found.signed.tree.add(leaf_hash(frame.leaf))
        if frame.seq >= newest["first"]:
            found.usage.follow(frame.leaf, frame.end - frame.offset - frames.FRAME.size - len(frame.leaf))
        start = frame.leaf.find(b'"kind":"') + 8
        if frame.leaf[start : frame.leaf.find(b'"', start)] not in _REPLAYED:
            continue
        leaf = json.loads(frame.leaf)
        if leaf["kind"] == "session.erased":
            found.erased.update(leaf["data"].get("keys", ()))
        elif leaf["kind"] == "key.rotated":
            found.rotated[leaf["data"]["epoch"]] = leaf["data"]["digest"]
        if frame.seq >= newest["first"]:
            follow(found.open_calls, leaf["kind"], leaf["session"], leaf.get("data", {}), frame.seq)
    found.size = kept


def follow(calls: dict[str, dict[str, Any]], kind: str, session: str, data: Any, seq: int) -> None:
    """Keep the table of calls that have a `request` and no end yet: the newest MAX_OPEN, for headers carry it."""
    if kind not in FOLLOWED:
        return
    call = data.get("call")
    if call is None:
        return
    if kind == "request":
        told = {name: data[name] for name in ("server", "command", "method") if data.get(name) is not None}
        calls.setdefault(call, {"seq": seq, "session": session, **told})
        if len(calls) > MAX_OPEN:
            del calls[next(iter(calls))]
    else:
        calls.pop(call, None)


_LOOK = "no record was changed; run `hoopgate verify` to see what still holds, and restore the store from a copy"
