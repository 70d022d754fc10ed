"""A file for the SIEM's collector: one JSON object a line. A rotated file is opened anew."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["FileTarget"]


class FileTarget:
    """Appends and syncs. A line that an earlier failure cut is ended first, so no two events share a line."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def deliver(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Raises OSError."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
        with os.fdopen(descriptor, "rb+", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            cut = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            lines = (json.dumps(event, ensure_ascii=False) + "\n" for event in events)
            data = (("\n" if cut else "") + "".join(lines)).encode()
            while data:
                data = data[os.write(descriptor, data) :]
            os.fsync(descriptor)
