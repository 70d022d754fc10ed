"""`/healthz` says that calls are served, `/readyz` on what: a policy that decides, and a store that records."""

from __future__ import annotations

from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapter_asgi.policy import PolicyHolder

__all__ = ["Health"]


class _Recording(Protocol):
    async def records(self) -> bool: ...


class Health:
    """The two routes. `serving` is set while calls are served; it ends when the gate begins to drain."""

    def __init__(self, policy: PolicyHolder, evidence: _Recording) -> None:
        self.serving = False
        self._policy, self._evidence = policy, evidence

    def routes(self) -> list[Route]:
        """`/healthz` and `/readyz`."""
        return [Route("/healthz", self._healthz), Route("/readyz", self._readyz)]

    async def _healthz(self, _: Request) -> Response:
        return JSONResponse({"status": "ok" if self.serving else "not serving"}, 200 if self.serving else 503)

    async def state(self) -> dict[str, Any]:
        """`serving`, `recording`, and `stale`: why the policy on disk does not decide, "" while it does."""
        recording = await self._evidence.records()
        return {"serving": self.serving, "recording": recording, "stale": self._policy.stale}

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
        if self._policy.stale:
            body["reason"] = self._policy.stale
        return JSONResponse(body, 200 if ready else 503)
