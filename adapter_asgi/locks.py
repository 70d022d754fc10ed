"""The tools' locks in force: read again while the gate serves, each on record, with the last good ones kept."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import gate
import recorder
from adapter_asgi.locking import LockError, differences, read
from adapter_asgi.policy import Log
from gate.lockfile import Lockfile

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
        self._held = Lockfile({}) if path is None else read(path)
        self.current = self._of(self._held)

    def listen(self, listener: Callable[[Mapping[str, gate.ServerLock]], object]) -> None:
        """Tell this one of every file that comes into force, but not of the first."""
        self._listeners.append(listener)

    async def activate(self, log: Log, who: str) -> None:
        """Record the locks that the gate starts with. Raises RecorderError."""
        if self.path is not None:
            await self._record(log, None, self._held, who, "serve")

    async def renew(self, log: Log, who: str | None, via: str) -> bool:
        """Read the file again; whether another one is in force, on record before it is.

        What is no lockfile, or cannot be recorded, is logged and changes nothing.
        """
        if self.path is None:
            return False
        try:
            held = await asyncio.to_thread(read, self.path)
            if changed := _digest(held) != _digest(self._held):
                await self._record(log, self._held, held, who, via)
        except (LockError, recorder.RecorderError) as error:
            self.stale = error.message
            _log.error("the tools' lock cannot be used, and the last good one stays: %s", error)
            return False
        self.stale = ""
        if changed:
            self._take_up(held)
        return changed

    def _take_up(self, held: Lockfile) -> None:
        found = self._of(held)
        for name in found.keys() & self.current.keys():
            found[name].follow(self.current[name])
        self._held, self.current = held, found
        for listener in self._listeners:
            listener(found)

    def _of(self, held: Lockfile) -> dict[str, gate.ServerLock]:
        names = {name: held.server(name, alert=self._alert) for name in held.servers}
        return {name: found for name, found in names.items() if found is not None}

    async def _record(self, log: Log, old: Lockfile | None, new: Lockfile, who: str | None, via: str) -> None:
        metadata = {"old": None if old is None else _digest(old), "new": _digest(new), "who": who, "via": via}
        diff = "\n".join(differences(old or Lockfile({}), new))
        payload = json.dumps({"path": str(self.path), "diff": diff}).encode()
        await asyncio.wrap_future(log.submit(recorder.Entry("lock.activated", "", metadata, payload=payload)))


def _digest(held: Lockfile) -> str:
    text = json.dumps(held.to_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
