"""A session again: on the terminal in its own rhythm, or as a mock MCP server that answers as the upstream did.

`Script` is sans-IO: a message in, messages out. `serve_lines` drives it over two streams (MCP's stdio transport); a web
adapter can drive the same object over HTTP.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, TextIO

from recorder.reader import Record

__all__ = ["Script", "pauses", "play", "serve_lines"]

_LIST_ERROR = -31_404  # outside JSON-RPC's reserved range
_CAPABILITIES: dict[str, Any] = {"tools": {}, "resources": {}, "prompts": {}}


def pauses(records: Sequence[Record], speed: float, max_idle: float) -> list[float]:
    """Seconds to wait before each record: the session's rhythm, `speed` times as fast, no pause above `max_idle`."""
    times = [int(record.leaf["time"]) for record in records]
    gaps = [max(0, after - before) / 1e9 for before, after in pairwise(times)]
    return [0.0, *(min(gap / speed, max_idle) for gap in gaps)][: len(times)]


def play(
    lines: Sequence[str],
    waits: Sequence[float],
    out: TextIO,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Write the lines, each after its pause."""
    for text, wait in zip(lines, waits, strict=True):
        if wait > 0:
            out.flush()
            sleep(wait)
        out.write(text + "\n")


class Script:
    """What the upstream answered in one session, by request.

    `messages`: (call, kind, payload) of the session's requests and responses in order. The same request (method and
    params; ids and `_meta` do not count) gets the recorded answers in the order in which they came; then the last
    again.
    """

    def __init__(self, messages: Iterable[tuple[str, str, bytes]]) -> None:
        self._answers: dict[str, list[list[dict[str, Any]]]] = {}
        self._turn: dict[str, int] = {}
        self._tools: dict[str, None] = {}
        asked: dict[str, list[dict[str, Any]]] = {}
        for call, kind, payload in messages:
            for message in _messages(payload):
                if kind == "request" and "method" in message:
                    told: list[dict[str, Any]] = []
                    asked[call] = told
                    self._answers.setdefault(_key(message), []).append(told)
                    if message["method"] == "tools/call":
                        self._tools[str((message.get("params") or {}).get("name"))] = None
                elif kind == "response" and call in asked:
                    asked[call].append(message)

    def answer(self, message: dict[str, Any]) -> list[dict[str, Any]]:
        """The messages that answer this one: those recorded, with this one's id; none for a notification."""
        if "id" not in message or "method" not in message:
            return []
        key = _key(message)
        recorded = [told for told in self._answers.get(key, []) if told]
        if recorded:
            turn = self._turn.get(key, 0)
            self._turn[key] = turn + 1
            return [
                {**item, "id": message["id"]} if "result" in item or "error" in item else item
                for item in recorded[min(turn, len(recorded) - 1)]
            ]
        return [{"jsonrpc": "2.0", "id": message["id"], **self._made_up(message)}]

    def _made_up(self, message: dict[str, Any]) -> dict[str, Any]:
        """What a client needs to get as far as its calls, where the session has no record of it."""
        method = message["method"]
        if method == "initialize":
            wanted = (message.get("params") or {}).get("protocolVersion", "2025-11-25")
            info = {"name": "hoopgate replay", "version": "1"}
            return {"result": {"protocolVersion": wanted, "capabilities": _CAPABILITIES, "serverInfo": info}}
        if method == "ping":
            return {"result": {}}
        if method == "tools/list":
            return {"result": {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in self._tools]}}
        if method in ("resources/list", "prompts/list", "resources/templates/list"):
            return {"result": {{"r": "resources", "p": "prompts"}[method[0]]: []}}
        return {"error": {"code": _LIST_ERROR, "message": f"{method}: this call is not in the recorded session"}}


def serve_lines(script: Script, source: Iterable[str], out: TextIO) -> None:
    """MCP's stdio transport: one JSON-RPC message a line in, one a line out, until the input ends."""
    for line in source:
        try:
            message = json.loads(line)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            error = {"code": -32700, "message": "one JSON-RPC message a line is expected"}
            replies: list[dict[str, Any]] = [{"jsonrpc": "2.0", "id": None, "error": error}]
        else:
            replies = script.answer(message)
        out.writelines(json.dumps(reply, separators=(",", ":")) + "\n" for reply in replies)
        out.flush()


def _key(message: dict[str, Any]) -> str:
    params = message.get("params")
    kept = {name: value for name, value in params.items() if name != "_meta"} if isinstance(params, dict) else params
    return json.dumps([message["method"], kept], sort_keys=True)


def _messages(payload: bytes) -> Iterator[dict[str, Any]]:
    """The JSON-RPC messages of a recorded body: JSON, a batch, or server-sent events."""
    text = payload.decode("utf-8", "replace").lstrip()
    if not text.startswith(("{", "[")):
        events = text.replace("\r\n", "\n").split("\n\n")
        for event in events:
            data = "\n".join(line[5:].lstrip(" ") for line in event.split("\n") if line.startswith("data:"))
            if data.startswith(("{", "[")):
                yield from _messages(data.encode())
        return
    try:
        value = json.loads(text)
    except ValueError:
        return
    yield from (item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict))
