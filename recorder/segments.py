"""The segments that are being written: one file for each retention class, rolled at 64 MiB.

Strategy: a group of frames goes to its class's file with one pwrite and one fdatasync; the group is durable when every
file that it touched is synced. After an error every touched file is condemned: its good end is remembered, its
descriptor closed for good, and the next write of that class begins a new segment, whose header names the good end of
the one before.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from recorder import layout
from recorder.disk import Disk, File
from recorder.frames import FRAME, FRAME_MAGIC, SEGMENT_MAGIC

__all__ = ["DEFAULT_CLASS", "SEGMENT_BYTES", "Active", "Segments", "frame_parts", "pack_frame", "pack_header"]

SEGMENT_BYTES = 64 * 1024 * 1024
DEFAULT_CLASS = "default"
FORMAT = 1


_HEAD = struct.Struct(FRAME.format.removesuffix("I")).pack
_CRC = struct.Struct("<I").pack
_crc32 = zlib.crc32


def pack_frame(seq: int, group: int, leaf: bytes, body: bytes) -> bytes:
    return b"".join(frame_parts(seq, group, leaf, body))


def frame_parts(seq: int, group: int, leaf: bytes, body: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """The frame in pieces, for a group is joined once."""
    head = _HEAD(FRAME_MAGIC, len(leaf), len(body), seq, group)
    return head, _CRC(_crc32(body, _crc32(leaf, _crc32(head)))), leaf, body


def pack_header(header: Mapping[str, Any]) -> bytes:
    text = json.dumps(header, separators=(",", ":"), sort_keys=True).encode()
    return SEGMENT_MAGIC + struct.pack("<I", len(text)) + text + struct.pack("<I", zlib.crc32(text))


@dataclass(slots=True)
class Active:
    """A segment that takes records: `end` is its good end in bytes, `name` its retention class."""

    number: int
    name: str
    file: File | None
    end: int


class Segments:
    """The writing end of one log's segments. `limit`: bytes after which a segment is rolled."""

    def __init__(self, disk: Disk, store: str, log: int, limit: int = SEGMENT_BYTES) -> None:
        self.disk, self.store, self.log, self.limit = disk, store, log, limit
        self.active: dict[str, Active] = {}
        self._leftovers: dict[int, int] = {}  # condemned segments that could not be cut to their good end yet
        self.next_number = 0

    def write(
        self,
        groups: Mapping[str, Sequence[bytes]],
        first: int,
        state: Callable[[], Mapping[str, Any]],
        sync: Callable[[Sequence[File]], None],
    ) -> None:
        """Make every frame durable. `first` is the group's first seq; `state` gives what goes into headers of new
        segments.

        `sync` syncs files, wherever it does so. Raises OSError; then nothing of the group counts and every touched
        segment is condemned.
        """
        touched: list[tuple[Active, int]] = []
        try:
            for name, frames in groups.items():
                active = self._ready(name, first, state)
                data = b"".join(frames)
                touched.append((active, len(data)))
                assert active.file is not None  # noqa: S101 - _ready opened it
                active.file.write(data, active.end)
            sync([active.file for active, _ in touched if active.file is not None])
        except OSError:
            for active, _ in touched:
                self._condemn(active)
            raise
        for active, size in touched:
            active.end += size

    def deleted(self) -> list[Active]:
        """The active segments whose file no longer has a name."""
        return [active for active in self.active.values() if active.file is not None and active.file.links() == 0]

    def restore(self, active: Active) -> None:
        """Write a deleted segment again, from the descriptor that still holds it. Raises OSError."""
        if active.file is None:
            return
        data, number = active.file.content(active.end), active.number
        active.file.close()
        active.file = None
        active.file = self.disk.create(layout.segment(self.log, number), data)

    def rest(self, number: int) -> None:
        """Give up a segment's descriptor; the next record of its class begins a new segment."""
        for active in self.active.values():
            if active.number == number and active.file is not None:
                active.file.close()
                active.file = None

    def close(self) -> None:
        """Give the descriptors back."""
        self._cut_leftovers()
        for active in self.active.values():
            if active.file is not None:
                active.file.close()

    def _ready(self, name: str, first: int, state: Callable[[], Mapping[str, Any]]) -> Active:
        active = self.active.get(name)
        if active is not None and active.file is not None and active.end < self.limit:
            return active
        header = {
            "class": name,
            "first": first,
            "format": FORMAT,
            "log": self.log,
            "number": self.next_number,
            "prior": None if active is None else {"end": active.end, "number": active.number},
            "store": self.store,
            **state(),
        }
        data = pack_header(header)
        number, self.next_number = self.next_number, self.next_number + 1
        try:
            file = self.disk.create(layout.segment(self.log, number), data)
        except OSError:
            with suppress(OSError):
                self.disk.remove(layout.segment(self.log, number))
                self.next_number = number
            raise
        if active is not None and active.file is not None:
            active.file.close()
        self._cut_leftovers()
        self.active[name] = Active(number, name, file, len(data))
        return self.active[name]

    def _condemn(self, active: Active) -> None:
        if active.file is not None:
            active.file.close()
            active.file = None
        self._leftovers[active.number] = active.end
        self._cut_leftovers()

    def _cut_leftovers(self) -> None:
        """Cut condemned segments to their good ends. The next segment's header names it, whether or not this works."""
        for number, end in list(self._leftovers.items()):
            with suppress(OSError):
                self.disk.truncate(layout.segment(self.log, number), end)
                del self._leftovers[number]
