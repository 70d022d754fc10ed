"""The gate's own small state beside the store: a directory for its user only, and the key that encrypts it."""

from __future__ import annotations

import base64
import fcntl
import os
import time
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from adapter_asgi.errors import AdapterError

__all__ = ["SOON", "State", "patience"]

_KEY_FILE = "state"
_COUNT = "workers"
_MOST = 64
_PATIENCE = 3.0
SOON = 0.02
"""Seconds between two tries."""


class State:
    """`folder` holds the files, `keys` the key (32 bytes, base64, 0600). Both are made when they are missing.

    One process at a time has it: the folder is locked until the process ends. Raises `AdapterError` STA01 when one
    cannot be made or read, STA02 when the key is damaged, STA03 when another gate runs on it.
    """

    def __init__(self, folder: Path, keys: Path) -> None:
        self.folder, self.keys = folder, keys
        deadline = time.monotonic() + patience(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            keys.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = _lock(folder / "lock", deadline)
            self._secret = _read(keys / _KEY_FILE)
        except OSError as error:
            raise AdapterError("STA01", f"cannot use {error.filename}: {error.strerror}") from None

    def close(self) -> None:
        """Let another gate have it."""
        os.close(self._lock)

    def file(self, name: str) -> Path:
        """Where a part keeps its file."""
        return self.folder / name

    def leases(self, worker: int) -> Path:
        """Where a worker keeps its leases."""
        return self.file(f"leases-{worker}.sqlite" if worker else "leases.sqlite")

    def leases_beyond(self, workers: int) -> list[Path]:
        """What workers kept that the gate has no more."""
        return [file for other in range(workers, _MOST) if (file := self.leases(other)).exists()]

    @property
    def workers(self) -> int:
        """How many workers the gate had when it ran last, 1 where nothing says so."""
        return _workers(self.folder)

    def settle(self, workers: int) -> None:
        """What the workers before left open has its end: from now on there are `workers`."""
        if workers != self.workers:
            self.file(_COUNT).unlink(missing_ok=True)
            _write(self.file(_COUNT), f"{workers}\n".encode())

    def key(self, purpose: str) -> bytes:
        """32 bytes for one purpose (HKDF-SHA256, RFC 5869)."""
        info = f"hoopgate state {purpose}".encode()
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(self._secret)


def patience(folder: Path) -> float:
    """Seconds to wait for what an earlier gate holds: where it was killed, its workers end a moment after it."""
    return _PATIENCE if _workers(folder) > 1 else 0.0


def _workers(folder: Path) -> int:
    try:
        return int((folder / _COUNT).read_text())
    except FileNotFoundError:
        return 1
    except (OSError, ValueError):
        return _MOST


def _lock(path: Path, deadline: float) -> int:
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < deadline:
                time.sleep(SOON)
                continue
            os.close(fd)
            raise AdapterError(
                "STA03", f"another gate runs on {path.parent}", "stop it, or give this one its own store"
            ) from None
        return fd


def _read(path: Path) -> bytes:
    if not path.exists():
        _write(path, base64.b64encode(os.urandom(32)) + b"\n")
    try:
        secret = base64.b64decode(path.read_bytes().strip(), validate=True)
    except ValueError:
        secret = b""
    if len(secret) != 32:
        raise AdapterError("STA02", f"{path} is damaged", "bring it back from its backup")
    return secret


def _write(path: Path, data: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(fd, data)
        os.fsync(fd)
    finally:
        os.close(fd)
