"""An answer of the endpoint's own, before there is an exchange: nothing was decided, and nothing is recorded."""

from __future__ import annotations

import json
from collections.abc import Sequence

from adapter_asgi.delivery import Send

__all__ = ["EarlyAnswer"]


class EarlyAnswer(Exception):  # noqa: N818 - an answer that ends the request early, not an error of the program's
    """`words` under `code`, with an HTTP status; raised wherever the request is found to go no further."""

    def __init__(self, status: int, code: str, words: str, headers: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(words)
        self._status, self._headers = status, headers
        error = {"code": -32600, "message": words, "data": {"code": code}}
        self._body = json.dumps({"jsonrpc": "2.0", "id": None, "error": error}).encode()

    async def send(self, send: Send) -> None:
        headers = [("content-type", "application/json"), ("content-length", str(len(self._body))), *self._headers]
        raw = [(key.encode("latin-1"), value.encode("latin-1", "replace")) for key, value in headers]
        await send({"type": "http.response.start", "status": self._status, "headers": raw})
        await send({"type": "http.response.body", "body": self._body})
