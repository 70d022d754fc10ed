"""A thread that syncs while the writer's own thread does something else."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from recorder.disk import File

__all__ = ["Syncer"]


class Syncer:
    """One sync at a time: `begin`, then `ended` as often as one likes, then `finish`, which raises what it raised."""

    def __init__(self) -> None:
        self._asked, self._done = threading.Event(), threading.Event()
        self._files: Sequence[File] = ()
        self._error: BaseException | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="hoopgate-sync", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def begin(self, files: Sequence[File]) -> None:
        """Sync these files, in order, in the other thread."""
        self._files, self._error = files, None
        self._done.clear()
        self._asked.set()

    def ended(self) -> bool:
        """Whether `finish` would not wait."""
        return self._done.is_set()

    def finish(self) -> None:
        """Wait for the sync. Raises OSError, as the sync did."""
        self._done.wait()
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """End the thread."""
        self._closing = True
        self._asked.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while True:
            self._asked.wait()
            self._asked.clear()
            if self._closing:
                return
            try:
                for file in self._files:
                    file.sync()
            except BaseException as error:  # noqa: BLE001 - handed to the thread that asked, which raises it
                self._error = error
            self._done.set()
