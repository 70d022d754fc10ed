"""The policy in force: loaded once, replaced only by a good one, and every change of it a record."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, Protocol

import policy_lang
import recorder

__all__ = ["PolicyHolder"]


class _Log(Protocol):
    def submit(self, entry: recorder.Entry) -> Any: ...


class PolicyHolder:
    """`current` is what decides now. `stale` says why a reload failed, "" while the file's policy is in force."""

    def __init__(self, path: Path, policy: policy_lang.Policy) -> None:
        self._path = path
        self.current = policy
        self.stale = ""

    async def activate(self, log: _Log, who: str, via: str) -> None:
        """Record the policy that the gate starts with."""
        await self._record(log, "", self.current.digest, who, via)

    async def reload(self, log: _Log, who: str, via: str) -> bool:
        """Read the path again; true if another policy decides now. Raises `PolicyError`, keeping the last good one."""
        try:
            policy = await asyncio.to_thread(policy_lang.load, self._path)
        except policy_lang.PolicyError:
            self.stale = "the policy on disk has errors; the last good one decides"
            raise
        changed = policy.digest != self.current.digest
        if changed:
            await self._record(log, self.current.digest, policy.digest, who, via)
        self.current, self.stale = policy, ""
        return changed

    async def _record(self, log: _Log, old: str, new: str, who: str, via: str) -> None:
        metadata = {"policy": new, "old": old, "new": new, "who": who, "via": via}
        payload = json.dumps({"path": str(self._path)}).encode()
        await asyncio.wrap_future(log.submit(recorder.Entry("policy.activated", "", metadata, payload=payload)))
