"""The bytes of a segment, read. Writing is `recorder/segments.py`; the verifier imports only this.

    segment = "HGSEG1\\r\\n" | u32 length | header JSON | u32 crc32(header JSON) | frame*
    frame   = "HGR1" | u32 leaf bytes | u32 body bytes | u64 seq | u64 group | u32 crc32 | leaf | body
    body    = "" | u32 bytes of the payload's ciphertext | that ciphertext | the sealed original, if any

Little-endian. `crc32` covers the frame without the crc itself. `group` is the first seq of the group that was synced
together: a frame whose group is greater than n proves that record n had been acknowledged.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

__all__ = [
    "FRAME",
    "FRAME_MAGIC",
    "LENGTH",
    "SEGMENT_MAGIC",
    "Broken",
    "Frame",
    "behind",
    "header",
    "read_header",
    "scan",
    "seq_at",
    "split",
    "stream",
]

SEGMENT_MAGIC = b"HGSEG1\r\n"
FRAME_MAGIC = b"HGR1"
FRAME = struct.Struct("<4sIIQQI")
LENGTH = struct.Struct("<I")
PIECE = 1024 * 1024
SMALL = 4096
MAX_HEADER = 64 * 1024 * 1024
MAX_FRAME = 144 * 1024 * 1024  # a payload and an original of the largest size, sealed, and the leaf


class Frame(NamedTuple):
    """One record as it lies in a segment: `offset` to `end`, in bytes."""

    seq: int
    group: int
    leaf: bytes
    body: bytes
    offset: int
    end: int


class Broken(Exception):  # noqa: N818 - a finding, not an error yet: a torn tail or damage, as the caller sees it
    """The bytes from `offset` on are no whole frame, or no whole header (offset 0)."""

    def __init__(self, offset: int, what: str) -> None:
        super().__init__(what)
        self.offset = offset
        self.what = what


def header(data: bytes | memoryview) -> tuple[dict[str, Any], int]:
    """The segment's header and the offset of its first frame. Raises Broken."""
    start = len(SEGMENT_MAGIC)
    if bytes(data[:start]) != SEGMENT_MAGIC or len(data) < start + 4:
        raise Broken(0, "no segment header")
    (length,) = LENGTH.unpack_from(data, start)
    end = start + 4 + length
    if length > MAX_HEADER or len(data) < end + 4:
        raise Broken(0, "the segment header is cut")
    text = bytes(data[start + 4 : end])
    if LENGTH.unpack_from(data, end)[0] != zlib.crc32(text):
        raise Broken(0, "the segment header's checksum does not fit")
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Broken(0, "the segment header is no object")
    return value, end + 4


def read_header(path: Path) -> tuple[dict[str, Any], int]:
    """The header of the segment file at `path`; one small read, rarely two. Raises Broken, OSError."""
    with path.open("rb", buffering=0) as file:
        data = file.read(SMALL)
        start = len(SEGMENT_MAGIC)
        if len(data) == SMALL:
            whole = start + 4 + LENGTH.unpack_from(data, start)[0] + 4
            while len(data) < min(whole, MAX_HEADER) and (more := file.read(whole - len(data))):
                data += more
        return header(data)


def scan(data: bytes, offset: int, end: int | None = None, base: int = 0) -> Iterator[Frame]:
    """Every frame from `offset` on, with its checksum checked. `base`: where in its file `data` begins, for the offsets
    of the frames. Raises Broken, with the offset in `data`, at the first that is not whole.
    """
    end = len(data) if end is None else end
    unpack, crc32, size = FRAME.unpack_from, zlib.crc32, FRAME.size
    while offset < end:
        if offset + size > end:
            raise Broken(offset, "a frame's header is cut")
        magic, leaf_size, body_size, seq, group, crc = unpack(data, offset)
        if magic != FRAME_MAGIC:
            raise Broken(offset, "no frame begins here")
        start = offset + size
        middle = start + leaf_size
        stop = middle + body_size
        if stop > end:
            raise Broken(offset, "a frame is cut")
        if crc32(data[start:stop], crc32(data[offset : start - 4])) != crc:
            raise Broken(offset, "a frame's checksum does not fit")
        yield Frame(seq, group, data[start:middle], data[middle:stop], base + offset, base + stop)
        offset = stop


def stream(file: BinaryIO, offset: int, end: int | None = None) -> Iterator[Frame]:
    """As `scan` to the file's end, or to byte `end`, a piece at a time, in bounded memory."""
    base, data = offset, b""
    left = (1 << 62) if end is None else end - offset
    file.seek(offset)
    while True:
        more = file.read(min(left, max(PIECE, len(data))))
        left -= len(more)
        data += more
        at = 0
        try:
            for frame in scan(data, 0, base=base):
                at = frame.end - base
                yield frame
        except Broken as broken:
            if not more:
                raise Broken(base + broken.offset, broken.what) from None
        if not more:
            return
        base, data = base + at, data[at:]


def behind(data: bytes, offset: int) -> Iterator[Frame]:
    """The whole frames that lie past a break at `offset`, wherever they begin."""
    position = data.find(FRAME_MAGIC, offset + 1)
    while position >= 0:
        try:
            frame = next(scan(data, position))
        except Broken:
            position = data.find(FRAME_MAGIC, position + 1)
        else:
            yield frame
            position = data.find(FRAME_MAGIC, frame.end)


def seq_at(data: bytes, offset: int) -> int | None:
    """The seq that a frame header at `offset` claims, or None if no header is there."""
    if len(data) < offset + FRAME.size or data[offset : offset + 4] != FRAME_MAGIC:
        return None
    seq: int = FRAME.unpack_from(data, offset)[3]
    return seq


def split(body: bytes) -> tuple[bytes, bytes]:
    """The payload's ciphertext and the sealed original (b"" if there is none) of a frame's body."""
    (length,) = LENGTH.unpack_from(body)
    if 4 + length > len(body):
        raise Broken(0, "a payload's length does not fit its frame")
    return body[4 : 4 + length], body[4 + length :]
