"""Exports and reports that the console builds: each in a process of its own, one after the other, few files kept.

Strategy: a child that is killed, by whomever, is seen to be gone; only the child's last word, written when its file is
whole and in place, makes the file one that is offered. Files lie beside the store, for the gate's user only, in a
folder that is this gate's while it holds a lock in it. They are copies of evidence that can be built again, so they go
after a day, when there are too many, and with the gate; those of a gate that was killed go when the next one starts.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["BUILDER", "Job", "Jobs", "TooManyError", "sweep"]

BUILDER = (sys.executable, "-P", "-m", "adapter_asgi.console.building")
"""What builds: it is told what to build on its standard input, and ends when that is closed."""
_WAITING = 4
_KEPT = 20
_SECONDS = 86_400
_ROUND = 600.0
"""Seconds between two looks at what is too old; a file goes this much before its day is over."""
_ALIVE = "alive"
_STATUS = 4096
_KILLED = (
    "Its process was ended before the file was whole; perhaps memory was short. Choose less, or use the command line."
)


class TooManyError(Exception):
    """So many wait already that no further one is taken."""


@dataclass(slots=True)
class Job:
    """What is being built for whom. `roles`: who may have the file; `file`: where it will be."""

    id: str
    title: str
    who: str
    roles: frozenset[str]
    file: Path
    asked: str
    process: subprocess.Popen[bytes]
    made: float = field(default_factory=time.monotonic)

    @property
    def state(self) -> str:
        """waiting, running, done or failed."""
        running = self.process.poll() is None  # asked first: what was said last is read when nothing more can come
        told = self.told()
        if running:
            return "running" if told else "waiting"
        return "done" if "digest" in told and self.file.is_file() else "failed"

    @property
    def progress(self) -> str:
        """How far it is."""
        return str(self.told().get("progress", ""))

    @property
    def fault(self) -> str:
        """Why it failed, in words for people."""
        return str(self.told().get("fault", _KILLED)) if self.state == "failed" else ""

    @property
    def digest(self) -> str:
        """As it was recorded."""
        return str(self.told().get("digest", ""))

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.file.stat().st_size if self.state == "done" else 0

    @property
    def folder(self) -> Path:
        """What belongs to it alone."""
        return self.file.parent

    def told(self) -> dict[str, Any]:
        """The child's last word; nothing where it has not said one, or one that cannot be read."""
        with suppress(OSError, ValueError):
            with (self.folder / "status").open("rb") as file:
                told = json.loads(file.read(_STATUS))
            return told if isinstance(told, dict) else {}
        return {}

    def end(self) -> None:
        """Whatever it is doing, it is over; what it left unfinished is gone."""
        with suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        if self.process.stdin is not None:
            with suppress(OSError):
                self.process.stdin.close()


class Jobs:
    """One for all visits. May be used from any thread: each method takes its turn."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._turn = threading.Lock()
        self._folder: Path | None = None
        self._alive = -1
        self._timer: asyncio.TimerHandle | None = None

    def all(self) -> list[Job]:
        """Newest first."""
        with self._turn:
            self._forget()
            return list(self._jobs.values())[::-1]

    def get(self, ident: str) -> Job | None:
        """The job of this id."""
        with self._turn:
            self._forget()
            return self._jobs.get(ident)

    async def start(
        self, folder: Path, name: str, title: str, who: str, roles: frozenset[str], asked: Mapping[str, Any]
    ) -> Job:
        """As `begin`, without holding up the loop; the file goes after a day, whoever looks meanwhile."""
        job = await asyncio.to_thread(self.begin, folder, name, title, who, roles, asked)
        if self._timer is None:
            self._look_later(asyncio.get_running_loop())
        return job

    def begin(
        self, folder: Path, name: str, title: str, who: str, roles: frozenset[str], asked: Mapping[str, Any]
    ) -> Job:
        """Build a file of this name below `folder`; `asked` is what the builder is told.

        Raises TooManyError, OSError.
        """
        with self._turn:
            self._forget()
            if sum(job.state in ("waiting", "running") for job in self._jobs.values()) >= _WAITING:
                raise TooManyError
            ident = secrets.token_hex(8)
            own = self._prepare(folder)
            place = own / ident
            place.mkdir(mode=0o700)
            moment = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            told = {**asked, "file": str(place / name), "turn": str(own / "turn"), "status": str(place / "status")}
            try:
                process = _spawn(told)
            except OSError:
                shutil.rmtree(place, ignore_errors=True)
                raise
            self._jobs[ident] = Job(ident, title, who, roles, place / name, moment, process)
            return self._jobs[ident]

    def close(self) -> None:
        """End what is being built, and remove what was: the gate ends."""
        with self._turn:
            if self._timer is not None:
                self._timer.cancel()
            for job in self._jobs.values():
                job.end()
            self._jobs.clear()
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
                os.close(self._alive)
                self._folder = None

    def _look_later(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look again and again, in another thread, while there is anything."""

        def look() -> None:
            loop.run_in_executor(None, self.all)
            self._look_later(loop)

        self._timer = loop.call_later(_ROUND, look) if self._jobs else None

    def _prepare(self, folder: Path) -> Path:
        """This gate's own folder, locked as long as the gate is there."""
        if self._folder is None:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)  # whatever the mask of new files
            own = folder / secrets.token_hex(8)
            with _alone(folder):
                own.mkdir(mode=0o700)
                self._alive = os.open(own / _ALIVE, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
                fcntl.flock(self._alive, fcntl.LOCK_EX)
            self._folder = own
            sweep(folder)
        return self._folder

    def _forget(self) -> None:
        for job in self._jobs.values():
            if job.state == "failed":
                _leave(job)
        ended = [job for job in self._jobs.values() if job.state in ("done", "failed")]
        old = [job for job in self._jobs.values() if time.monotonic() - job.made > _SECONDS - _ROUND]
        for job in {job.id: job for job in [*old, *ended[: max(0, len(self._jobs) - _KEPT)]]}.values():
            job.end()
            del self._jobs[job.id]
            shutil.rmtree(job.folder, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Remove what gates left here that are no more. Does nothing where there is none. Raises OSError."""
    if not folder.is_dir():
        return
    with _alone(folder):
        for own in folder.iterdir():
            if own.is_dir() and not _held(own / _ALIVE):
                shutil.rmtree(own, ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """No other process makes or removes a gate's folder meanwhile."""
    with (folder / "lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _held(path: Path) -> bool:
    """Whether a gate that is alive has its lock there."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _spawn(asked: Mapping[str, Any]) -> subprocess.Popen[bytes]:
    """The builder, told what to build. Its standard input stays open: when this process ends, so does it."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        BUILDER, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        if process.stdin is not None:
            process.stdin.write(json.dumps(asked).encode() + b"\n")
            process.stdin.flush()
    except OSError:  # it is gone already: its state says so
        pass
    return process


def _leave(job: Job) -> None:
    """Of one that failed nothing stays but its last word."""
    job.end()
    for path in job.folder.iterdir() if job.folder.is_dir() else ():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name != "status":
            path.unlink(missing_ok=True)
