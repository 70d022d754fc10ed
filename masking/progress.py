"""How far a run is, on a terminal; nothing anywhere else."""

from __future__ import annotations

import sys
from types import TracebackType


class Progress:
    """One line on standard error that is rewritten: `3/10 files, 41 %`."""

    def __init__(self, files: int, size: int) -> None:
        self._files, self._size = files, max(size, 1)
        self._done = self._bytes = 0
        self._shown = ""
        self._terminal = sys.stderr.isatty()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._shown:
            sys.stderr.write("\r" + " " * len(self._shown) + "\r")
            sys.stderr.flush()

    def seen(self, size: int) -> None:
        """So many bytes of the file at hand were read."""
        self._show(self._bytes + size)

    def file_done(self, size: int) -> None:
        """A file of so many bytes is masked."""
        self._done += 1
        self._bytes += size
        self._show(self._bytes)

    def _show(self, size: int) -> None:
        line = f"{self._done}/{self._files} files, {min(100, 100 * size // self._size)} %"
        if self._terminal and line != self._shown:
            self._shown = line
            sys.stderr.write(f"\r{line}")
            sys.stderr.flush()
