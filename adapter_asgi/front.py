"""What a request is for, told by its path: a call to a server, or a page of the gate's own."""

from __future__ import annotations

from typing import Any

from adapter_asgi.metrics import Application

__all__ = ["Front"]


class Front:
    """`endpoint` answers what is below `/mcp/`; `pages`, whose routes are looked through one by one, all else."""

    def __init__(self, endpoint: Application, pages: Application) -> None:
        self._endpoint, self._pages = endpoint, pages

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        calls = scope["type"] == "http" and scope["path"].startswith("/mcp/")
        await (self._endpoint if calls else self._pages)(scope, receive, send)
