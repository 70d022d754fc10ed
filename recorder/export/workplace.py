"""The folder beside an export in which its files are made, so that what was interrupted can be resumed.

Strategy: each file is written aside, synced and renamed, so a file that is there is whole. `plan.json` pins what was
asked and which records belong to it; the same question finds it again, another one is refused.
"""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from recorder.archive import MAX_BYTES, Member, ending, entry, member
from recorder.errors import RequestError

__all__ = ["Workplace"]

_PLAN = "plan.json"
_CHUNK = 1 << 20


class Workplace:
    """`out`: the export that will be; the folder is `out` with `.part` behind it."""

    def __init__(self, out: Path) -> None:
        self.out, self.folder = out, out.with_name(out.name + ".part")

    def plan(self, asked: dict[str, Any]) -> dict[str, Any] | None:
        """The plan of an interrupted export of the same question, else None. Raises RequestError for another's."""
        try:
            found = json.loads((self.folder / _PLAN).read_text(encoding="utf-8"))
        except FileNotFoundError:
            if self.folder.exists():
                shutil.rmtree(self.folder)
            return None
        except (OSError, ValueError):
            found = {}
        if json.loads(json.dumps(asked)) != found.get("asked"):
            raise RequestError(
                f"{self.folder} is another export that was interrupted", "ask for the same again, or remove that folder"
            )
        return dict(found)

    def begin(self, plan: dict[str, Any]) -> None:
        """Make the folder, for its owner alone, and pin the plan."""
        self.folder.mkdir(mode=0o700, parents=False)
        self.write(_PLAN, [json.dumps(plan).encode()])

    def remove(self) -> None:
        """Nothing is made here any more."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def has(self, name: str) -> bool:
        return (self.folder / name).is_file()

    def path(self, name: str) -> Path:
        """Where a file of that name is made; its folder is there."""
        path = self.folder / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        return path

    def write(self, name: str, parts: Iterable[bytes]) -> None:
        """One file, whole or not at all."""
        aside = self.path(f"{name}.new")
        with aside.open("wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self.folder / name)

    def names(self) -> list[str]:
        """The files that are whole, in the order in which they stand in the export."""
        found = (path for path in self.folder.rglob("*") if path.is_file() and path.suffix != ".new")
        return sorted(name for path in found if (name := path.relative_to(self.folder).as_posix()) != _PLAN)

    def sums(self) -> Iterator[tuple[str, str, int, int]]:
        """(name, SHA-256, CRC-32, size) of each file."""
        for name in self.names():
            digest, crc, size = sha256(), 0, 0
            for chunk in self._chunks(name):
                digest.update(chunk)
                crc, size = zlib.crc32(chunk, crc), size + len(chunk)
            yield name, digest.hexdigest(), crc, size

    def assemble(self, sums: Iterable[tuple[str, str, int, int]], manifest: bytes) -> None:
        """Put the archive in its place and remove the folder. Raises RequestError where it exceeds its format."""
        aside = self.out.with_name(self.out.name + ".new")
        members: list[Member] = []
        with aside.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            for name, _, crc, size in sums:
                item = Member(name, crc, size, file.tell())
                if item.offset + size > MAX_BYTES - (1 << 20):
                    aside.unlink()
                    raise RequestError("the export would exceed 4 GiB", "export a shorter period, or fewer sessions")
                file.write(member(item))
                for chunk in self._chunks(name):
                    file.write(chunk)
                members.append(item)
            last = Member("manifest", zlib.crc32(manifest), len(manifest), file.tell())
            file.write(member(last) + manifest)
            members.append(last)
            offset = file.tell()
            directory = b"".join(entry(item) for item in members)
            file.write(directory + ending(len(members), len(directory), offset))
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self.out)
        self.remove()

    def _chunks(self, name: str) -> Iterator[bytes]:
        with (self.folder / name).open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
