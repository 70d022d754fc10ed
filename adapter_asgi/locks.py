"""The tools' locks in force: read again while the gate serves, with the last good ones kept."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import gate
from adapter_asgi.locking import LockError, read

__all__ = ["Locks"]

_log = logging.getLogger("hoopgate")


class Locks:
    """The locks of the file at `path`, by server; none where there is no file. Raises LockError where it is none.

    `stale` says why the file on disk is not what is in force, "" while it is.
    """

    def __init__(self, path: Path | None, *, alert: bool = False) -> None:
        self.path, self.stale = path, ""
        self._alert = alert
        self._listeners: list[Callable[[Mapping[str, gate.ServerLock]], object]] = []
        self._digest, self.current = ("", {}) if path is None else self._read(path)

    def listen(self, listener: Callable[[Mapping[str, gate.ServerLock]], object]) -> None:
        """Tell this one of every file that comes into force, but not of the first."""
        self._listeners.append(listener)

    async def renew(self) -> bool:
        """Read the file again; whether another one is in force. What is no lockfile is logged, and changes nothing."""
        if self.path is None:
            return False
        try:
            digest, found = await asyncio.to_thread(self._read, self.path)
        except LockError as error:
            self.stale = error.message
            _log.error("the tools' lock cannot be used, and the last good one stays: %s", error)
            return False
        self.stale = ""
        if digest == self._digest:
            return False
        _log.info("the tools' lock %s is in force, before it %s", digest, self._digest)
        for name in found.keys() & self.current.keys():
            found[name].follow(self.current[name])
        self._digest, self.current = digest, found
        for listener in self._listeners:
            listener(found)
        return True

    def _read(self, path: Path) -> tuple[str, dict[str, gate.ServerLock]]:
        held = read(path)
        names = {name: held.server(name, alert=self._alert) for name in held.servers}
        digest = hashlib.sha256(repr(held.to_json()).encode()).hexdigest()
        return digest, {name: found for name, found in names.items() if found is not None}
