"""A new policy and the issuers' keys while the gate serves: by command, by SIGHUP, by a change of the files.

Somebody is named for every change of the policy. `hoopgate reload --as NAME` names them. SIGHUP and a change of the
files name nobody in themselves: outside development they count only with `reload = "owner"`, which takes the owner of
the changed files for it, where nobody else can have written them. The last good policy and keys stay in any case.
"""

from __future__ import annotations

import asyncio
import getpass
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Any, Literal

import policy_lang
import recorder
from adapter_asgi.background import in_background
from adapter_asgi.errors import AdapterError
from adapter_asgi.policy import Log, PolicyHolder
from adapter_asgi.watch import Seen, authors, look, look_at

__all__ = ["Reloader"]

_EVERY = 1.0
"""Seconds between two looks at the files. A change counts once two looks have seen the same."""
_log = logging.getLogger("hoopgate")


class Reloader:
    """`renew(who, via)` fetches the issuers' keys anew, and reads the file `beside`. `names` is the setting `reload`.

    `told` has the other workers take up what was taken up here, and gives those that have not in time. `looks` says
    whether it is for this one to look at the files.
    """

    def __init__(
        self,
        policy: PolicyHolder,
        log: Log,
        renew: Callable[[str, str], Awaitable[None]],
        *,
        names: Literal["named", "owner"],
        development: bool,
        told: Callable[[], Awaitable[list[int]]] | None = None,
        beside: Path | None = None,
        looks: Callable[[], bool] = lambda: True,
    ) -> None:
        self._told, self._beside, self._looks = told, beside, looks
        self._policy, self._log, self._renew = policy, log, renew
        self._names, self._development = names, development
        self._loaded: Mapping[str, Seen] = self._look(policy.path)
        self._last = self._loaded

    async def by_command(self, request: Mapping[str, Any], user: str) -> Any:
        """`hoopgate reload`: on the word of whom it names. Raises AdapterError SRV02, SRV03."""
        who = str(request.get("as") or "").strip()
        if not who and not self._development:
            raise AdapterError("SRV02", "who changes the policy?", "name yourself with --as NAME")
        try:
            changed, late = await self._take_up(f"{who} ({user})" if who else user, "reload")
        except policy_lang.PolicyError as error:
            raise AdapterError("SRV03", "the policy has errors, and the last good one stays", str(error)) from None
        return {"changed": changed, "policy": self._policy.current.digest, "late": late}

    async def by_signal(self) -> None:
        """SIGHUP."""
        if self._names != "owner" and not self._development:
            _log.warning("SIGHUP names nobody, so the policy was not read again; use `hoopgate reload --as NAME`")
            return
        await self._unasked("SIGHUP")

    def watching(self) -> AbstractAsyncContextManager[None]:
        """Look at the files while inside, where `reload = "owner"`."""
        return in_background(self._watch) if self._names == "owner" else nullcontext()

    async def look(self) -> None:
        """One look: what has changed since the policy was loaded, and not since the last look, is taken up."""
        now = await asyncio.to_thread(self._look, self._policy.path)
        settled, self._last = now == self._last, now
        if settled and now != self._loaded:
            await self._unasked("file change")

    def _look(self, path: Path) -> dict[str, Seen]:
        found = look(path)
        if self._beside is not None:
            found |= look_at(self._beside)
        return found

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_EVERY)
            if self._looks():
                await self.look()

    async def _unasked(self, via: str) -> None:
        """Nobody waits for an answer: what comes of it is logged."""
        before, now = self._loaded, await asyncio.to_thread(self._look, self._policy.path)
        self._loaded = now  # a state that was refused is not tried again before it changes
        try:
            who = getpass.getuser() if self._names != "owner" else f"{authors(before, now)} (owner of the files)"
            changed, _ = await self._take_up(who, via)
        except policy_lang.PolicyError as error:
            _log.error("the policy has errors, and the last good one stays:\n%s", error)
        except (AdapterError, recorder.RecorderError) as error:
            _log.error("the policy was not read again: %s", error)
        else:
            _log.info("policy %s %s", self._policy.current.digest, "is in force" if changed else "is unchanged")

    async def _take_up(self, who: str, via: str) -> tuple[bool, list[int]]:
        """Whether another policy decides now, and the workers that have not taken up yet what is in force."""
        seen = await asyncio.to_thread(self._look, self._policy.path)
        reading = self._policy.reload(self._log, who, via), self._renew(who, via)
        changed, renewed = await asyncio.gather(*reading, return_exceptions=True)
        late = [] if self._told is None else await self._told()  # a lock may count though the policy has errors
        for outcome in (changed, renewed):
            if isinstance(outcome, BaseException):
                raise outcome
        self._loaded = seen
        return changed is True, late
