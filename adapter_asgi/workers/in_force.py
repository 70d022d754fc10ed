"""What is in force in all workers, in files that the worker that took it up writes for the others: policy, lock.

Strategy: files on disk change while they are read, so only one worker reads them, one at a time; the others take the
texts that it read. A worker that is started again takes them too, whatever the disk says meanwhile.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from adapter_asgi.errors import AdapterError

__all__ = ["LOCK", "POLICY", "InForce", "Published"]

POLICY, LOCK = "policy.json", "lock.json"
"""The files' names among the gate's state."""


@dataclass(frozen=True, slots=True)
class Published:
    """`texts` are (name, text) in the order in which they were read; `changed` the difference to those before."""

    mark: str
    digest: str
    texts: tuple[tuple[str, str], ...]
    changed: str = ""


class InForce:
    """One worker's view of the file; `told` is called after each writing. Raises `AdapterError` STA01."""

    def __init__(self, path: Path, told: Callable[[], object] = lambda: None) -> None:
        self._path, self._told = path, told
        self._mark, self._seen = "", (0, 0)

    def publish(self, digest: str, texts: list[tuple[str, str]], changed: str) -> None:
        """From now on the others take this one, whole or not at all."""
        made = Published(secrets.token_hex(8), digest, tuple(texts), changed)
        new = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            new.touch(0o600)
            new.write_text(json.dumps(asdict(made)))
            new.replace(self._path)
        except OSError as error:
            raise AdapterError("STA01", f"cannot write {self._path}: {error.strerror}") from None
        self._mark = made.mark
        self._told()

    def newer(self) -> Published | None:
        """What was published since this worker last asked or published, if anything."""
        try:
            found = self._path.stat()
            seen = (found.st_mtime_ns, found.st_ino)
            if seen == self._seen:
                return None
            data = json.loads(self._path.read_text())
        except FileNotFoundError:
            return None  # nobody has published yet
        except (OSError, ValueError):
            raise AdapterError("STA01", f"cannot read {self._path}") from None
        self._seen = seen
        if data["mark"] == self._mark:
            return None
        self._mark = data["mark"]
        texts = tuple((name, text) for name, text in data["texts"])
        return Published(data["mark"], data["digest"], texts, data["changed"])
