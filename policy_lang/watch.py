"""Noticing that a policy's files changed, by looking at them twice a second."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

_PAUSE = 0.5  # seconds


def changes(paths: Sequence[str], pause: threading.Event | None = None) -> Iterator[int]:
    """Yields 0 at once, then a rising number after every change, until `pause` is set."""
    stop = pause or threading.Event()
    number, before = 0, None
    while True:
        now = _state(paths)
        if now != before:
            yield number
            number, before = number + 1, now
        if stop.wait(_PAUSE):
            return


def _state(paths: Sequence[str]) -> dict[str, tuple[int, int]]:
    state = {}
    for root in map(Path, paths):
        files = sorted(root.rglob("*.hoop")) if root.is_dir() else [root]
        for file in files:
            try:
                status = file.stat()
            except OSError:
                continue
            state[str(file)] = (status.st_mtime_ns, status.st_size)
    return state
