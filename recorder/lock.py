"""Who writes which log: one byte of the store's empty `lock` file for each, held as an open-file-description lock.

The kernel drops the lock when its holder ends, however it ends, so nothing is left to clean up after a crash.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
from pathlib import Path

from recorder import layout

__all__ = ["INDEXER", "Lock"]

INDEXER = 1 << 20  # the byte of whoever writes the index; logs have the bytes below
_FLOCK = "hhqqi4x"


class Lock:
    """One held byte. Use `Lock.take`."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    @classmethod
    def take(cls, root: Path, byte: int) -> Lock | None:
        """The lock, or None if somebody else holds it. Raises OSError."""
        fd = os.open(root / layout.LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        request = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, byte, 1, 0)
        try:
            fcntl.fcntl(fd, fcntl.F_OFD_SETLK, request)
        except OSError as error:
            os.close(fd)
            if error.errno in (errno.EAGAIN, errno.EACCES):
                return None
            raise
        return cls(fd)

    def release(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)
