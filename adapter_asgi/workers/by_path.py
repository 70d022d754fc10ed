"""What one worker answers for all: the console, and a log's own checkpoint."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from adapter_asgi.sessions import SessionError
from adapter_asgi.workers.connection import ARRIVAL
from adapter_asgi.workers.placing import Placing
from adapter_asgi.workers.seat import MOST

__all__ = ["ByPath"]

_NUMBERS = [str(worker) for worker in range(MOST)]


class ByPath:
    """`app`, with `/console` answered by worker 0, and `/checkpoint?worker=N` by worker N (without it by worker 0)."""

    def __init__(self, app: Callable[[Any, Any, Any], Awaitable[None]], placing: Placing) -> None:
        self._app, self._placing = app, placing

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        arrival = scope.get("extensions", {}).get(ARRIVAL)
        worker = self._worker(scope) if scope["type"] == "http" and arrival is not None else None
        if worker is None or worker == self._placing.number:
            await self._app(scope, receive, send)
            return
        try:
            await self._placing.move(arrival, worker)
        except SessionError as error:
            body = json.dumps({"error": {"code": error.code, "message": error.message}}).encode()
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": error.status, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    def _worker(self, scope: Any) -> int | None:
        path = scope["path"]
        if path == "/console" or path.startswith(("/console/", "/approvals")):
            return 0
        if path != "/checkpoint":
            return None
        said = parse_qs(scope["query_string"].decode("latin-1")).get("worker", ["0"])[0]
        return _NUMBERS.index(said) if said in _NUMBERS[: self._placing.workers] else None
