"""Where a log is opened: the store's directories, its id, and the keys beside it."""

from __future__ import annotations

import os
from pathlib import Path

from recorder import frames, layout, slots
from recorder.errors import KeysError, StoreError
from recorder.keys import Keys, default_directory

__all__ = ["ASIDE", "default_keys", "prepare", "slot_count", "store_id"]

_PARTS = ("segments", "tiles", "checkpoints", "keys")
ASIDE = (f"{layout.RESERVE}.new", f"{layout.INDEX}.new")  # left by a crash between write and rename
_KNOWN = {*_PARTS, layout.LOCK, layout.RESERVE, layout.INDEX, layout.INDEX_WAL, layout.INDEX_SHM, *ASIDE}


def prepare(root: Path) -> bool:
    """Make the directories; true if the store is new. Raises StoreError if something else lives here."""
    if root.exists() and not root.is_dir():
        raise StoreError(f"{root} is not a directory", "name a directory that holds a store, or a new one")
    strange = sorted(item.name for item in root.iterdir() if item.name not in _KNOWN) if root.exists() else []
    if strange:
        raise StoreError(
            f'{root} holds "{strange[0]}", which is no part of a store', "give the store a directory of its own"
        )
    for part in _PARTS:
        (root / part).mkdir(parents=True, exist_ok=True, mode=0o700)
    return not layout.logs(root)


def default_keys(root: Path, fresh: bool) -> Keys:
    """The keys beside the store, made where the store is new. Raises KeysError where a store's keys are gone."""
    directory = default_directory(root)
    if not fresh and not directory.exists():
        raise KeysError(
            f"the store {root} has records, but its keys are not in {directory}",
            "restore the keys, or name their directory; new keys would not open what is recorded",
        )
    return Keys.in_directory(directory, create=fresh)


def store_id(root: Path) -> str:
    """The store's id: from a log that is there, or new."""
    for log in layout.logs(root):
        return str(frames.read_header(root / layout.segment(log, layout.segment_numbers(root, log)[0]))[0]["store"])
    return os.urandom(8).hex()


def slot_count(root: Path, log: int) -> int:
    """Slots for session keys that the log has, a cut one included."""
    path = root / layout.slots(log)
    return -(-path.stat().st_size // slots.SLOT_SIZE) if path.exists() else 0
