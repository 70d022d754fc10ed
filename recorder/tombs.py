"""Putting tombstones where session keys were. Apart from `erasure.py`, because opening a log finishes what a crash
cut.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from recorder import layout
from recorder.disk import Disk
from recorder.slots import SLOT_SIZE, Slot, tombstone

__all__ = ["finish"]


def finish(root: Path, disk: Disk, keys: Collection[str]) -> None:
    """Put tombstones where these keys are. Doing it twice changes nothing. Raises OSError."""
    wanted = set(keys)
    for log in layout.logs(root) if wanted else ():
        path = root / layout.slots(log)
        data = path.read_bytes() if path.is_file() else b""
        doomed = []
        for at in range(0, len(data), SLOT_SIZE):
            slot = Slot.parse(data[at : at + SLOT_SIZE])
            if slot is not None and slot.live and slot.key_id.hex() in wanted:
                doomed.append((at, tombstone(slot)))
        if doomed:
            file = disk.open(layout.slots(log))
            try:
                for at, raw in doomed:
                    file.write(raw, at)
                file.sync()
            finally:
                file.close()
