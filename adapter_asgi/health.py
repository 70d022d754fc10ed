"""`/healthz` says that calls are served, `/readyz` on what: a policy that decides, and a store that records."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapter_asgi.locks import Locks
from adapter_asgi.policy import PolicyHolder
from adapter_asgi.reach import Reach

__all__ = ["Health"]


class _Recording(Protocol):
    async def records(self) -> bool: ...


class Health:
    """The two routes. `serving` is set while calls are served; it ends when the gate begins to drain.

    `others` gives the `state` of the gate's other workers, `count` is how many workers there are.
    """

    def __init__(
        self,
        policy: PolicyHolder,
        evidence: _Recording,
        others: Callable[[], Awaitable[Sequence[Mapping[str, Any]]]] | None = None,
        count: int = 1,
        *,
        reach: Reach | None = None,
        locks: Locks | None = None,
    ) -> None:
        self._reach, self._locks = reach or Reach(), locks or Locks(None)
        self._others, self._count = others, count
        self.serving = False
        self._policy, self._evidence = policy, evidence

    def routes(self) -> list[Route]:
        """`/healthz` and `/readyz`."""
        return [Route("/healthz", self._healthz), Route("/readyz", self._readyz)]

    async def _healthz(self, _: Request) -> Response:
        return JSONResponse({"status": "ok" if self.serving else "not serving"}, 200 if self.serving else 503)

    async def state(self) -> dict[str, Any]:
        """As `own`, of all workers: `recording` is every worker's, `stale` anyone's, `workers` how many serve."""
        state = await self.own()
        if self._others is not None:
            others = await self._others()
            state["recording"] = all(one["recording"] for one in (state, *others))
            state["stale"] = next((one["stale"] for one in (state, *others) if one["stale"]), "")
            state["lock"] = next((one["lock"] for one in (state, *others) if one["lock"]), "")
            state["down"] = sorted({name for one in (state, *others) for name in one["down"]})
            state["workers"] = sum(one["serving"] for one in (state, *others))
        return state

    async def own(self) -> dict[str, Any]:
        """`serving`, `recording`, and `stale`: why the policy on disk does not decide, "" while it does.

        `lock`: the same of the tools' lock. `down`: the servers that were not reached when they were last called.
        """
        return {
            "serving": self.serving,
            "recording": await self._evidence.records(),
            "stale": self._policy.stale,
            "lock": self._locks.stale,
            "down": sorted(self._reach.down),
        }

    async def _readyz(self, _: Request) -> Response:
        """Not ready while it drains, nor while nothing can be recorded."""
        state = await self.state()
        ready = state["serving"] and state["recording"]
        body = {
            "ready": ready,
            "policy": self._policy.current.digest,
            "stale": bool(state["stale"]),
            "recording": state["recording"],
        }
        if state["stale"]:
            body["reason"] = state["stale"]
        if state["lock"]:
            body["lock"] = state["lock"]
        if state["down"]:
            body["down"] = state["down"]
        if "workers" in state:
            body["workers"] = {"serving": state["workers"], "of": self._count}
        return JSONResponse(body, 200 if ready else 503)
