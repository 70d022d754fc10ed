"""The tools' locks in force: read again while the gate serves, each on record, with the last good ones kept.

Several workers have one lock: whichever reads the file again publishes what it took up, and the others take just that.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import gate
import recorder
from adapter_asgi.errors import AdapterError
from adapter_asgi.locking import differences, read_text
from adapter_asgi.policy import Log
from adapter_asgi.workers.in_force import InForce, Published
from gate.lockfile import Lockfile

__all__ = ["Locks"]

_log = logging.getLogger("hoopgate")


class Locks:
    """The locks of the file at `path`, by server; none where there is no file. Raises LockError where it is none.

    `stale` says why the file on disk is not what is in force, "" while it is. Several workers share `common`, and read
    the file one at a time (`changing`); one that begins while there is a lock in force takes that one.
    """

    def __init__(
        self,
        path: Path | None,
        *,
        alert: bool = False,
        common: InForce | None = None,
        changing: AbstractAsyncContextManager[Any] | None = None,
    ) -> None:
        self.path, self.stale = path, ""
        self._alert, self._common = alert, common
        self._changing, self._adopting = changing or asyncio.Lock(), asyncio.Lock()
        self._listeners: list[Callable[[Mapping[str, gate.ServerLock]], object]] = []
        found = None if common is None else common.newer()
        self._begins = found is None
        self._text = ""
        if found is not None:
            self._held = _read(found)
        elif path is None:
            self._held = Lockfile({})
        else:
            self._text, self._held = read_text(path)
        self.current = self._of(self._held)

    def listen(self, listener: Callable[[Mapping[str, gate.ServerLock]], object]) -> None:
        """Tell this one of every file that comes into force, but not of the first."""
        self._listeners.append(listener)

    async def activate(self, log: Log, who: str) -> None:
        """Record the locks that the gate starts with. Raises RecorderError."""
        if self.path is not None and self._begins:
            await self._record(log, None, self._held, who, "serve")
            self._publish(self._text, self._held)

    async def renew(self, log: Log, who: str | None, via: str) -> bool:
        """Read the file again; whether another one is in force, on record before it is.

        What is no lockfile, or cannot be recorded, is logged and changes nothing.
        """
        if self.path is None:
            return False
        try:
            async with self._changing:
                await self.adopt()
                return await self._renew(self.path, log, who, via)
        except (AdapterError, recorder.RecorderError) as error:
            self.stale = error.message
            _log.error("the tools' lock cannot be used, and the last good one stays: %s", error)
            return False

    async def _renew(self, path: Path, log: Log, who: str | None, via: str) -> bool:
        text, held = await asyncio.to_thread(read_text, path)
        if changed := _digest(held) != _digest(self._held):
            await self._record(log, self._held, held, who, via)
        async with self._adopting:
            self._publish(text, held)
            self.stale = ""
            if changed:
                self._take_up(held)
        return changed

    async def adopt(self) -> bool:
        """Take up the lock that another worker did; true if there is one since the last time. It is on record there.

        Raises `AdapterError` where it cannot be had: then this worker may pass nothing.
        """
        async with self._adopting:
            found = None if self._common is None else await asyncio.to_thread(self._common.newer)
            if found is None:
                return False
            if found.digest != _digest(self._held):
                self._take_up(_read(found))
            self.stale = ""
            return True

    def _publish(self, text: str, held: Lockfile) -> None:
        if self._common is not None:
            self._common.publish(_digest(held), [(str(self.path), text)], "")

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


def _read(found: Published) -> Lockfile:
    """What another worker took up, to the letter. Raises `AdapterError` SRV05."""
    try:
        held = Lockfile.read("".join(text for _, text in found.texts).encode())
    except gate.GateError as error:
        raise AdapterError("SRV05", f"the tools' lock {found.digest} is in force, its text cannot be read") from error
    if _digest(held) != found.digest:
        raise AdapterError("SRV05", f"the tools' lock {found.digest} is in force, its text gives {_digest(held)}")
    return held
