"""A ZIP file with one spelling only: stored members, no dates, no extras, so that every byte of it can be checked.

Any ZIP tool opens it (APPNOTE 4.3). `Archive` refuses whatever `member`, `entry` and `ending` would not have written.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from recorder.errors import VerificationError

__all__ = ["Archive", "Member", "ending", "entry", "member"]

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_DATE = 0x21  # 1980-01-01, the earliest date that the format can say
MAX_BYTES = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the archive; `offset`: where its header begins."""

    name: str
    crc: int
    size: int
    offset: int


def member(item: Member) -> bytes:
    """The header that goes before a member's bytes."""
    name = item.name.encode("ascii")
    return _LOCAL.pack(b"PK\x03\x04", 20, 0, 0, 0, _DATE, item.crc, item.size, item.size, len(name), 0) + name


def entry(item: Member) -> bytes:
    """The member's entry in the directory at the end."""
    name = item.name.encode("ascii")
    numbers = (
        0x0314,
        20,
        0,
        0,
        0,
        _DATE,
        item.crc,
        item.size,
        item.size,
        len(name),
        0,
        0,
        0,
        0,
        0o600 << 16,
        item.offset,
    )
    return _CENTRAL.pack(b"PK\x01\x02", *numbers) + name


def ending(count: int, size: int, offset: int) -> bytes:
    """What closes the archive: `size` bytes of directory, which begins at `offset`."""
    return _END.pack(b"PK\x05\x06", 0, 0, count, count, size, offset, 0)


class Archive:
    """An archive opened for reading; raises VerificationError at any byte that is out of place."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = path.stat().st_size
        with path.open("rb") as file:
            self.members = {item.name: item for item in self._directory(file)}

    def chunks(self, name: str, size: int = 1 << 20) -> Iterator[bytes]:
        """The member's bytes, its checksum checked at the end. Raises VerificationError if it is not there."""
        item = self.members.get(name)
        if item is None:
            raise VerificationError(f"{name} is missing from the export", place=name)
        crc, left = 0, item.size
        with self._path.open("rb") as file:
            file.seek(item.offset + len(member(item)))
            while left:
                data = file.read(min(size, left))
                crc, left = zlib.crc32(data, crc), left - len(data)
                yield data
        if crc != item.crc:
            raise VerificationError(f"{name}: its checksum does not fit", place=name)

    def read(self, name: str) -> bytes:
        """The member's bytes."""
        return b"".join(self.chunks(name))

    def _directory(self, file: BinaryIO) -> list[Member]:
        if self._size < _END.size:
            raise self._malformed()
        file.seek(self._size - _END.size)
        tail = file.read()
        _, _, _, count, _, size, offset, _ = _END.unpack(tail)
        if tail != ending(count, size, offset) or offset + size + _END.size != self._size:
            raise self._malformed()
        file.seek(offset)
        data = file.read(size)
        found, at, begin = [], 0, 0
        for _ in range(count):
            if at + _CENTRAL.size > size:
                raise self._malformed()
            numbers = _CENTRAL.unpack_from(data, at)
            name = data[at + _CENTRAL.size : at + _CENTRAL.size + numbers[10]]
            if not name.isascii() or not name:
                raise self._malformed()
            item = Member(name.decode("ascii"), numbers[7], numbers[8], begin)
            head = member(item)
            file.seek(begin)
            if data[at : at + len(entry(item))] != entry(item) or file.read(len(head)) != head:
                raise self._malformed()
            at, begin = at + len(entry(item)), begin + len(head) + item.size
            found.append(item)
        if at != size or begin != offset or len({item.name for item in found}) != count:
            raise self._malformed()
        return found

    def _malformed(self) -> VerificationError:
        return VerificationError(f"{self._path.name} is not an export: its archive is cut or was altered")
