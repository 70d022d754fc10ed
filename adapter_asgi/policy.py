"""The policy in force: loaded once, replaced only by a good one, and every change of it a record."""

from __future__ import annotations

import asyncio
import difflib
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol

import policy_lang
import recorder
from adapter_asgi.errors import AdapterError
from adapter_asgi.workers.in_force import InForce
from policy_lang.files import read_sources
from policy_lang.load import of_sources, read
from policy_lang.source import Source

__all__ = ["Log", "PolicyHolder"]

_MOST = 256 << 10  # characters of a diff that are recorded


class Log(Protocol):
    """What the holder needs of `recorder.Log`."""

    def submit(self, entry: recorder.Entry) -> Any: ...


class PolicyHolder:
    """`current` is what decides now. `stale` says why a reload failed, "" while the file's policy is in force.

    `before` is the policy that `current` replaced in this process, if any, and `changed` the difference of their texts.
    Several workers share `common`, and read the path one at a time (`changing`).
    """

    def __init__(
        self,
        path: Path,
        policy: policy_lang.Policy,
        common: InForce | None = None,
        changing: AbstractAsyncContextManager[Any] | None = None,
    ) -> None:
        self.path = path
        self._common = common
        self._adopting = asyncio.Lock()
        self._told = False
        self.current = policy
        self.stale = ""
        self.before: policy_lang.Policy | None = None
        self.changed = ""
        self._texts: Mapping[str, str] = {}
        self._changing = changing or asyncio.Lock()
        self._listeners: list[Callable[[policy_lang.Policy], Awaitable[object]]] = []

    @property
    def texts(self) -> Mapping[str, str]:
        """The texts that were read with the policy in force, by file."""
        return self._texts

    def listen(self, listener: Callable[[policy_lang.Policy], Awaitable[object]]) -> None:
        """Tell this one of every policy that comes into force, the first included."""
        self._listeners.append(listener)

    async def activate(self, log: Log, who: str, via: str) -> None:
        """Record the policy that the gate starts with."""
        if self._common is None:
            sources, _ = await asyncio.to_thread(read_sources, self.path)
        else:
            self.current, sources = await asyncio.to_thread(read, self.path)
        self._texts = {source.name: source.text for source in sources}
        await self._record(log, "", self.current.digest, who, via, "")
        if self._common is not None:
            self._common.publish(self.current.digest, [*self._texts.items()], "")
        await self._tell()

    async def adopt(self) -> bool:
        """Take the policy that another worker took up; true if there is one since the last time.

        It is on record there. Raises `AdapterError` SRV05 where it cannot be had: then this worker may decide nothing.
        """
        async with self._adopting:
            found = None if self._common is None else await asyncio.to_thread(self._common.newer)
            if found is None:
                return False
            changed = found.digest != self.current.digest
            if changed:
                sources = [Source(name, text) for name, text in found.texts]
                policy = await asyncio.to_thread(of_sources, sources)
                if policy.digest != found.digest:
                    raise AdapterError("SRV05", f"policy {found.digest} is in force, its texts give {policy.digest}")
                self.before, self.changed, self.current = self.current, found.changed, policy
            self._texts, self.stale = dict(found.texts), ""
        if changed or not self._told:
            await self._tell()
        return True

    async def reload(self, log: Log, who: str, via: str) -> bool:
        """Read the path again; true if another policy decides now. Raises `PolicyError`, keeping the last good one.

        It decides once its activation is durable: raises `RecorderError` where that cannot be, and nothing changes.
        """
        async with self._changing:
            await self.adopt()
            try:
                policy, sources = await asyncio.to_thread(read, self.path)
            except policy_lang.PolicyError:
                self.stale = "the policy on disk has errors; the last good one decides"
                raise
            changed, diff = policy.digest != self.current.digest, ""
            texts = {source.name: source.text for source in sources}
            if changed:
                diff = await asyncio.to_thread(_difference, self._texts, texts)
                await self._record(log, self.current.digest, policy.digest, who, via, diff)
            async with self._adopting:
                if self._common is not None:
                    self._common.publish(policy.digest, [*texts.items()], diff or self.changed)
                if changed:
                    self.before, self.changed = self.current, diff
                self.current, self.stale, self._texts = policy, "", texts
            if changed:
                await self._tell()
            return changed

    async def _tell(self) -> None:
        self._told = True
        for listener in self._listeners:
            await listener(self.current)

    async def _record(self, log: Log, old: str, new: str, who: str, via: str, diff: str) -> None:
        metadata = {"policy": new, "old": old, "new": new, "who": who, "via": via}
        payload = json.dumps({"path": str(self.path), "diff": diff}).encode()
        await asyncio.wrap_future(log.submit(recorder.Entry("policy.activated", "", metadata, payload=payload)))


def _difference(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    lines: list[str] = []
    for name in sorted({*before, *after}):
        old, new = before.get(name, "").splitlines(keepends=True), after.get(name, "").splitlines(keepends=True)
        lines += difflib.unified_diff(old, new, name, name)
    text = "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
    return text if len(text) <= _MOST else f"{text[:_MOST]}\n… and {len(text) - _MOST} characters more\n"
