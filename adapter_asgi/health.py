"""`/healthz` says that calls are served, `/readyz` on what."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapter_asgi.policy import PolicyHolder

__all__ = ["Health"]


class Health:
    """The two routes. `serving` is set while calls are served."""

    def __init__(self, policy: PolicyHolder) -> None:
        self.serving = False
        self._policy = policy

    def routes(self) -> list[Route]:
        """`/healthz` and `/readyz`."""
        return [Route("/healthz", self._healthz), Route("/readyz", self._readyz)]

    async def _healthz(self, _: Request) -> Response:
        return JSONResponse({"status": "ok" if self.serving else "not serving"}, 200 if self.serving else 503)

    async def _readyz(self, _: Request) -> Response:
        body = {"ready": self.serving, "policy": self._policy.current.digest, "stale": bool(self._policy.stale)}
        if self._policy.stale:
            body["reason"] = self._policy.stale
        return JSONResponse(body, 200 if self.serving else 503)
