"""The disk, as the recorder needs it: seven operations, each with its cost and its promise.

Nothing here retries. A descriptor on which a write or a sync failed is closed by its owner and never used again: after
a failed sync the kernel may have dropped the dirty pages, and a second sync would report success for bytes that are
gone.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

__all__ = ["Disk", "File", "PosixDisk", "PosixFile", "sync_directory"]


class File(Protocol):
    """An open file. Writes are not durable before `sync` has returned."""

    def write(self, data: bytes, offset: int) -> None:
        """Write all of `data` at `offset`: one system call, rarely more. Raises OSError."""

    def sync(self) -> None:
        """One fdatasync: when it returns, everything written and the file's size survive a power cut. Raises
        OSError.
        """

    def links(self) -> int:
        """How many names the file still has (one fstat). 0: somebody deleted it."""

    def content(self, size: int) -> bytes:
        """The first `size` bytes, whether or not the file still has a name."""

    def close(self) -> None:
        """Give the descriptor back. Never raises."""


def sync_directory(path: Path) -> None:
    """The names in the directory survive a power cut. Raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


class Disk(Protocol):
    """A directory that a store lives in. Paths are relative to it."""

    def create(self, path: str, data: bytes) -> File:
        """A new file that holds `data`, durable with its name: write, fdatasync, fsync of the directory. Raises OSError
        (FileExistsError if the name is taken)."""

    def open(self, path: str) -> File:
        """An existing file, or a new empty one, for writing. One or two syscalls; a new name is durable (fsync)."""

    def replace(self, path: str, data: bytes) -> None:
        """The file's content becomes `data`, wholly or not at all: write aside, fsync, rename, fsync of the
        directory.
        """

    def truncate(self, path: str, size: int) -> None:
        """Cut the file to `size` bytes, through a descriptor of its own, and sync."""

    def remove(self, path: str) -> None:
        """Unlink, and fsync the directory."""

    def free(self) -> int:
        """Bytes that this process may still write (statvfs)."""


class PosixFile:
    """A file descriptor."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def write(self, data: bytes, offset: int) -> None:
        done = os.pwrite(self._fd, data, offset)
        if done < len(data):
            view = memoryview(data)
            while done < len(data):
                done += os.pwrite(self._fd, view[done:], offset + done)

    def sync(self) -> None:
        os.fdatasync(self._fd)

    def links(self) -> int:
        return os.fstat(self._fd).st_nlink

    def content(self, size: int) -> bytes:
        return os.pread(self._fd, size, 0)

    def close(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            with suppress(OSError):  # the descriptor is gone either way; what mattered was the sync before
                os.close(fd)


class PosixDisk:
    """A local directory. Files are readable by their owner only."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def create(self, path: str, data: bytes) -> File:
        fd = os.open(self.root / path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        file = PosixFile(fd)
        try:
            file.write(data, 0)
            file.sync()
            self._sync_directory(path)
        except OSError:
            file.close()
            raise
        return file

    def open(self, path: str) -> File:
        full = self.root / path
        try:
            return PosixFile(os.open(full, os.O_RDWR | os.O_CLOEXEC))
        except FileNotFoundError:
            full.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            return self.create(path, b"")

    def replace(self, path: str, data: bytes) -> None:
        aside = f"{path}.new"
        fd = os.open(self.root / aside, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        file = PosixFile(fd)
        try:
            file.write(data, 0)
            file.sync()
        finally:
            file.close()
        (self.root / aside).replace(self.root / path)
        self._sync_directory(path)

    def place(self, aside: str, path: str, gone: Sequence[str] = ()) -> None:
        """A file that was made aside, under its name; the files in `gone`, which belong to the one before, go first."""
        fd = os.open(self.root / aside, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
        for name in gone:
            (self.root / name).unlink(missing_ok=True)
        (self.root / aside).replace(self.root / path)
        self._sync_directory(path)

    def truncate(self, path: str, size: int) -> None:
        fd = os.open(self.root / path, os.O_RDWR | os.O_CLOEXEC)
        try:
            os.ftruncate(fd, size)
            os.fsync(fd)
        finally:
            os.close(fd)

    def remove(self, path: str) -> None:
        (self.root / path).unlink(missing_ok=True)
        self._sync_directory(path)

    def free(self) -> int:
        stat = os.statvfs(self.root)
        return stat.f_bavail * stat.f_frsize

    def _sync_directory(self, path: str) -> None:
        sync_directory((self.root / path).parent)
