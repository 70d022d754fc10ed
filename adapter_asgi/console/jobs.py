"""Exports and reports that the console builds: one at a time, in a thread of their own, a bounded number of files.

Strategy: files lie beside the store, for the gate's user only. They are copies of evidence that can be built again, so
they are removed after a day, when there are too many, and when the gate starts anew.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from recorder.errors import RecorderError

__all__ = ["Job", "Jobs", "TooManyError"]

_WAITING = 4
_KEPT = 20
_SECONDS = 86_400
Work = Callable[[Path, Callable[[object], None]], str]
"""Writes the file, tells how far it is, and returns the file's digest."""


class TooManyError(Exception):
    """So many wait already that no further one is taken."""


@dataclass(slots=True)
class Job:
    """What is being built for whom. `roles`: who may have the file."""

    id: str
    title: str
    who: str
    roles: frozenset[str]
    file: Path
    asked: str
    progress: str = ""
    made: float = field(default_factory=time.monotonic)
    future: Future[str] | None = None

    @property
    def state(self) -> str:
        """waiting, running, done or failed."""
        if self.future is None or not (self.future.done() or self.future.running()):
            return "waiting"
        if not self.future.done():
            return "running"
        return "failed" if self.future.cancelled() or self.future.exception() is not None else "done"

    @property
    def fault(self) -> str:
        """Why it failed, in words for people."""
        error = self.future.exception() if self.future is not None and self.state == "failed" else None
        if isinstance(error, RecorderError):
            return f"{error.message}. {error.help}".strip()
        return "" if error is None else f"a fault of the gate ({type(error).__name__})"

    @property
    def digest(self) -> str:
        """As it was recorded."""
        return self.future.result() if self.future is not None and self.state == "done" else ""

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.file.stat().st_size if self.state == "done" and self.file.is_file() else 0


class Jobs:
    """One for all visits; used from the loop's thread."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="evidence")
        self._jobs: dict[str, Job] = {}
        self._cleared: set[Path] = set()

    def all(self) -> list[Job]:
        """Newest first."""
        self._forget()
        return list(self._jobs.values())[::-1]

    def get(self, ident: str) -> Job | None:
        """The job of this id."""
        self._forget()
        return self._jobs.get(ident)

    def begin(self, folder: Path, name: str, title: str, who: str, roles: frozenset[str], work: Work) -> Job:
        """Build a file of this name. Raises TooManyError, OSError."""
        self._forget()
        if sum(job.state in ("waiting", "running") for job in self._jobs.values()) >= _WAITING:
            raise TooManyError
        self._prepare(folder)
        ident = secrets.token_hex(8)
        place = folder / ident
        place.mkdir(mode=0o700)
        moment = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        job = self._jobs[ident] = Job(ident, title, who, roles, place / name, moment)

        def run() -> str:
            def tell(how_far: object) -> None:
                job.progress = str(how_far)

            return work(job.file, tell)

        job.future = self._thread.submit(run)
        return job

    def close(self) -> None:
        """Begin nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _prepare(self, folder: Path) -> None:
        """What a gate before this one left there is nobody's any more."""
        if folder in self._cleared:
            return
        if folder.is_dir():
            shutil.rmtree(folder)
        folder.mkdir(parents=True, mode=0o700)
        folder.chmod(0o700)  # whatever the mask of new files
        self._cleared.add(folder)

    def _forget(self) -> None:
        ended = [job for job in self._jobs.values() if job.state in ("done", "failed")]
        old = [job for job in ended if time.monotonic() - job.made > _SECONDS]
        for job in {job.id: job for job in [*old, *ended[: max(0, len(self._jobs) - _KEPT)]]}.values():
            del self._jobs[job.id]
            shutil.rmtree(job.file.parent, ignore_errors=True)
