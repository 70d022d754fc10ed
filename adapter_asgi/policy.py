"""The policy in force: loaded once, replaced only by a good one, and every change of it a record."""

from __future__ import annotations

import asyncio
import difflib
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import policy_lang
import recorder
from policy_lang.files import read_sources

__all__ = ["Log", "PolicyHolder"]

_MOST = 256 << 10  # characters of a diff that are recorded


class Log(Protocol):
    """What the holder needs of `recorder.Log`."""

    def submit(self, entry: recorder.Entry) -> Any: ...


class PolicyHolder:
    """`current` is what decides now. `stale` says why a reload failed, "" while the file's policy is in force.

    `before` is the policy that `current` replaced in this process, if any, and `changed` the difference of their texts.
    """

    def __init__(self, path: Path, policy: policy_lang.Policy) -> None:
        self.path = path
        self.current = policy
        self.stale = ""
        self.before: policy_lang.Policy | None = None
        self.changed = ""
        self._texts: Mapping[str, str] = {}
        self._changing = asyncio.Lock()
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
        self._texts = await asyncio.to_thread(_texts, self.path)
        await self._record(log, "", self.current.digest, who, via, "")
        await self._tell()

    async def reload(self, log: Log, who: str, via: str) -> bool:
        """Read the path again; true if another policy decides now. Raises `PolicyError`, keeping the last good one.

        It decides once its activation is durable: raises `RecorderError` where that cannot be, and nothing changes.
        """
        async with self._changing:
            try:
                policy, texts = await asyncio.to_thread(lambda: (policy_lang.load(self.path), _texts(self.path)))
            except policy_lang.PolicyError:
                self.stale = "the policy on disk has errors; the last good one decides"
                raise
            changed = policy.digest != self.current.digest
            if changed:
                diff = await asyncio.to_thread(_difference, self._texts, texts)
                await self._record(log, self.current.digest, policy.digest, who, via, diff)
                self.before, self.changed = self.current, diff
            self.current, self.stale, self._texts = policy, "", texts
            if changed:
                await self._tell()
            return changed

    async def _tell(self) -> None:
        for listener in self._listeners:
            await listener(self.current)

    async def _record(self, log: Log, old: str, new: str, who: str, via: str, diff: str) -> None:
        metadata = {"policy": new, "old": old, "new": new, "who": who, "via": via}
        payload = json.dumps({"path": str(self.path), "diff": diff}).encode()
        await asyncio.wrap_future(log.submit(recorder.Entry("policy.activated", "", metadata, payload=payload)))


def _texts(path: Path) -> dict[str, str]:
    sources, _ = read_sources(path)
    return {source.name: source.text for source in sources}


def _difference(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    lines: list[str] = []
    for name in sorted({*before, *after}):
        old, new = before.get(name, "").splitlines(keepends=True), after.get(name, "").splitlines(keepends=True)
        lines += difflib.unified_diff(old, new, name, name)
    text = "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
    return text if len(text) <= _MOST else f"{text[:_MOST]}\n… and {len(text) - _MOST} characters more\n"
