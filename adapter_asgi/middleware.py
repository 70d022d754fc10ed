"""The gate as ASGI middleware: in front of the MCP path of an application that already runs, in its process.

    app = GateMiddleware(app, server="ehr", config="hoopgate.toml")

The application's MCP path is reached through the gate alone; every other path is the application's as before. The
gate opens with the application's lifespan and closes after it. What it does not do: start without a lifespan (a server
that runs none gets 503 on the MCP path), handle signals, set up logging; those are the server's.
"""

from __future__ import annotations

import asyncio
import contextlib
import posixpath
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import masking
import policy_lang
import recorder
from adapter_asgi import lifecycle
from adapter_asgi import settings as configuration
from adapter_asgi.app import Gate
from adapter_asgi.errors import AdapterError
from adapter_asgi.upstream import AsgiUpstream

__all__ = ["GateMiddleware"]

Message = MutableMapping[str, Any]
Application = Callable[[Any, Any, Any], Awaitable[None]]
_OWN = ("/.well-known/oauth-protected-resource", "/console", "/approvals")
_CLOSED = b'{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"The gate is not open."}}'


class GateMiddleware:
    """`app` with the gate before `path`, under which the policy knows it as `server`.

    `own` are the paths that the gate itself answers. `ner` is the language model; by default it is loaded.
    """

    def __init__(
        self,
        app: Application,
        *,
        server: str,
        path: str = "/mcp",
        config: str | Path | None = None,
        own: tuple[str, ...] = _OWN,
        ner: Any = None,
    ) -> None:
        self._app, self._server, self._path, self._own = app, server, path.rstrip("/"), own
        self._config, self._ner = config, ner
        self._gate: Gate | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        plain = posixpath.normpath(f"/{path.lstrip('/')}")
        if _is_below(plain, self._path):
            await self._pass(scope, plain, receive, send)
        elif self._gate is not None and any(_is_below(plain, one) for one in self._own):
            await self._gate.app({**scope, "path": plain, "root_path": ""}, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _pass(self, scope: Any, plain: str, receive: Any, send: Any) -> None:
        """To the gate; nothing at or below the path reaches the application in another way."""
        if self._gate is None or scope["type"] != "http":
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 503, "headers": headers})
            await send({"type": "http.response.body", "body": _CLOSED})
            return
        name = self._server if plain == self._path else plain.removeprefix(self._path).strip("/")
        path = f"/mcp/{name}"
        await self._gate.app({**scope, "path": path, "raw_path": path.encode(), "root_path": ""}, receive, send)

    async def _lifespan(self, scope: Any, receive: Any, send: Any) -> None:
        """The gate opens before the application starts, and has closed before its end is told."""
        begin = await receive()
        last: list[Message] = []
        try:
            async with self._opened():
                await self._inner_lifespan(scope, begin, receive, send, last)
        except (AdapterError, recorder.RecorderError, policy_lang.PolicyError, masking.MaskingError) as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        for message in last:
            await send(message)

    async def _inner_lifespan(self, scope: Any, begin: Message, receive: Any, send: Any, last: list[Message]) -> None:
        waiting, began = [begin], False

        async def receiving() -> Message:
            return waiting.pop() if waiting else await receive()

        async def sending(message: Message) -> None:
            nonlocal began
            began = True
            if message["type"].startswith("lifespan.shutdown"):
                last.append(message)
            else:
                await send(message)

        try:
            await self._app(scope, receiving, sending)
        except (KeyError, TypeError, ValueError, AssertionError, RuntimeError, NotImplementedError):
            if began:
                raise
        if not began:  # an application without a lifespan (ASGI, "Lifespan Protocol")
            await send({"type": "lifespan.startup.complete"})
            await receive()
            last.append({"type": "lifespan.shutdown.complete"})

    @contextlib.asynccontextmanager
    async def _opened(self) -> AsyncIterator[None]:
        settings = configuration.load(self._config)
        if settings.workers > 1:
            help_ = "leave `workers` out here; where one process is not enough, `hoopgate serve` has several"
            raise AdapterError("SRV06", f"in an application's process one gate serves, not {settings.workers}", help_)
        policy = await asyncio.to_thread(policy_lang.load, settings.policy)
        ner = self._ner or await asyncio.to_thread(masking.load_ner, settings.prose)
        inner = {self._server: AsgiUpstream(self._server, self._app, self._path)}
        with lifecycle.opened_store(settings) as store:
            async with lifecycle.standing(settings, policy, ner, store, "middleware", inner) as gate:
                gate.health.serving, self._gate = True, gate
                try:
                    yield
                finally:
                    gate.health.serving, self._gate = False, None


def _is_below(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}/")
