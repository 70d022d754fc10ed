"""Time: sequence is the order; wall time is a claim. So each record also has a monotonic delta, and a jump is a
record.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

__all__ = ["Clock", "boot_digest", "synchronized"]

JUMP = 500_000_000  # nanoseconds between wall and monotonic clock that are worth a record


class Clock:
    """UTC nanoseconds since 1970 and nanoseconds since this log was opened."""

    def __init__(
        self, wall: Callable[[], int] = time.time_ns, monotonic: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self.wall, self._monotonic = wall, monotonic
        self.start = monotonic()
        self._offset = wall() - self.start

    def monotonic(self) -> int:
        """Nanoseconds since the log was opened."""
        return self._monotonic() - self.start

    def jump(self) -> int:
        """Nanoseconds by which the wall clock moved against the monotonic one since this last said so; 0 if little."""
        offset = self.wall() - self._monotonic()
        moved = offset - self._offset
        if abs(moved) < JUMP:
            return 0
        self._offset = offset
        return moved


def synchronized() -> bool | None:
    """Whether the kernel holds its clock to be synchronised (adjtimex(2)); None where it does not say."""
    try:
        adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
    except (OSError, AttributeError):
        return None
    buffer = ctypes.create_string_buffer(512)  # struct timex, modes = 0: read only
    state: int = adjtimex(buffer)
    return None if state < 0 else state != 5  # TIME_ERROR


def boot_digest() -> str | None:
    """A digest of the machine's boot id: tells whether two openings belong to one run of the machine."""
    try:
        text = Path("/proc/sys/kernel/random/boot_id").read_bytes()
    except OSError:
        return None
    return sha256(text.strip()).hexdigest()[:16]
