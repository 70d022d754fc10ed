"""The verifiable part of an export: frames in parts, their place in the log, the checkpoint and the signers."""

from __future__ import annotations

import json
from collections.abc import Iterator

from recorder.export.places import Places
from recorder.note import Checkpoint, Note
from recorder.proof import Tiles, last_checkpoint
from recorder.reader import Store
from recorder.segments import pack_frame

__all__ = ["PART", "frames_of", "parts", "place_of", "signers"]

PART = 50_000
"""Records to a part: what is lost at most when an export is interrupted, and made again when it is resumed."""


def parts(places: Places, log: int) -> Iterator[tuple[str, int, int]]:
    """(name, first, end) of each part of a log's records."""
    first, end, _ = places.ranges[log]
    for number, start in enumerate(range(first, end, PART)):
        yield f"log-{log}/records-{number:06d}", start, min(start + PART, end)


def frames_of(store: Store, places: Places, log: int, first: int, end: int, payloads: bool) -> Iterator[bytes]:
    """The frames of one part; leaves always, ciphertexts of the chosen sessions."""
    for record in store.records(log=log, first=first):
        if record.seq >= end:
            return
        body = record.body if payloads and places.has(record.session) else b""
        yield pack_frame(record.seq, record.seq, record.raw, body)


def place_of(store: Store, places: Places, log: int, payloads: bool) -> bytes:
    """`range.json`: where the records stand in the log, and the hashes around them."""
    first, end, size = places.ranges[log]
    tiles = Tiles(store.root, log)
    _, checkpoint = last_checkpoint(store.root, log)
    chosen = [] if not payloads else None if places.sessions is None else sorted(places.sessions)
    place = {
        "store": checkpoint.origin.split("/")[1],
        "log": log,
        "first": first,
        "end": end,
        "sessions": chosen,
        "before": [value.hex() for value in tiles.cover(0, first)],
        "after": [value.hex() for value in tiles.cover(end, size)],
    }
    return json.dumps(place, sort_keys=True).encode() + b"\n"


def checkpoint_of(store: Store, log: int, size: int) -> tuple[Note, Checkpoint]:
    """The checkpoint of that size. Raises RequestError if it is gone."""
    from recorder import layout
    from recorder.errors import RequestError
    from recorder.note import parse_checkpoint, parse_notes

    for note in reversed(parse_notes((store.root / layout.checkpoints(log)).read_bytes())):
        checkpoint = parse_checkpoint(note.text)
        if checkpoint.size == size:
            return note, checkpoint
    raise RequestError(f"log {log} has no checkpoint of {size} records any more", "begin the export anew")


def signers(store: Store) -> Iterator[tuple[str, bytes]]:
    """The public signing keys, as files of an export."""
    for public in sorted((store.root / "keys").glob("signer-*.pub")):
        yield f"signers/{public.stem.removeprefix('signer-')}", public.read_bytes()
