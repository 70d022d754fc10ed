"""`hoopgate connect SERVER`: a client that speaks only stdio reaches the gate, and a pipeline changes nothing else.

One line in is one POST; what comes back, JSON or a stream, goes out as lines. A token that has ended is fetched anew
and the message sent once more. The legacy eras' session and GET stream are kept; the modern era's headers are written
from the message.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import aiohttp

__all__ = ["Connection"]

_MODERN = "io.modelcontextprotocol/protocolVersion"
_NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
_GATE_UNREACHABLE = -31000

Write = Callable[[str], Awaitable[None]]


class Connection:
    """`token()` gives a fresh token; `write(line)` takes one message without its end of line."""

    def __init__(self, url: str, token: Callable[[], str], client: aiohttp.ClientSession, write: Write) -> None:
        self._url = url
        self._fetch = token
        self._client = client
        self._write = write
        self._token = ""
        self._fetching = asyncio.Lock()
        self._session: str | None = None
        self._version: str | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, lines: AsyncIterator[str]) -> None:
        """Until the input ends and everything that was asked is answered."""
        async for line in lines:
            if not line.strip():
                continue
            message = _parse(line)
            sending = self._spawn(self._send(line, message))
            if message.get("method") in ("initialize", "notifications/initialized"):
                await asyncio.wait({sending})  # what follows needs the session that this one makes
            if message.get("method") == "notifications/initialized" and self._session is not None:
                listening = self._spawn(self._listen())
                self._tasks.discard(listening)
                self._listening = listening
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self._leave()

    _listening: asyncio.Task[None] | None = None

    def _spawn(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _send(self, line: str, message: Mapping[str, Any]) -> None:
        try:
            if not await self._post(line, message):
                self._token = ""
                await self._post(line, message, last=True)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            await self._fail(message, f"the gate cannot be reached ({type(error).__name__})")

    async def _post(self, line: str, message: Mapping[str, Any], *, last: bool = False) -> bool:
        """False when the token was refused and another may help."""
        headers = {**await self._headers(), **_routing(message)}
        async with self._client.post(self._url, data=line.encode(), headers=headers) as answer:
            if answer.status == 401 and not last:
                return False
            self._session = answer.headers.get("Mcp-Session-Id", self._session)
            if answer.content_type == "text/event-stream":
                async for data in _events(answer):
                    await self._release(data, message)
            elif answer.status >= 300:
                await self._refused(answer, message)
            elif body := (await answer.text()).strip():
                await self._release(body, message)
        return True

    async def _release(self, data: str, message: Mapping[str, Any]) -> None:
        if message.get("method") == "initialize":
            result = _parse(data).get("result")
            if isinstance(result, dict) and isinstance(result.get("protocolVersion"), str):
                self._version = result["protocolVersion"]
        await self._write(" ".join(data.splitlines()))

    async def _refused(self, answer: aiohttp.ClientResponse, message: Mapping[str, Any]) -> None:
        """The gate's own words where it has some: they say which rule, and how to mend it."""
        error = _parse(await answer.text()).get("error")
        words = error.get("message") if isinstance(error, dict) else None
        await self._fail(message, str(words or f"the gate refused with {answer.status}"))

    async def _fail(self, message: Mapping[str, Any], words: str) -> None:
        if "id" in message and "method" in message:
            error = {"code": _GATE_UNREACHABLE, "message": words}
            await self._write(json.dumps({"jsonrpc": "2.0", "id": message["id"], "error": error}))

    async def _listen(self) -> None:
        """What the server says on its own (legacy eras); a server that has no such stream answers 405."""
        headers = {**await self._headers(), "Accept": "text/event-stream"}
        try:
            async with self._client.get(self._url, headers=headers) as answer:
                if answer.status == 200:
                    async for data in _events(answer):
                        await self._write(" ".join(data.splitlines()))
        except (aiohttp.ClientError, TimeoutError, OSError):
            return

    async def _leave(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
        if self._session is not None:
            try:
                async with self._client.delete(self._url, headers=await self._headers()):
                    pass
            except (aiohttp.ClientError, TimeoutError, OSError):
                return

    async def _headers(self) -> dict[str, str]:
        async with self._fetching:
            if not self._token:
                self._token = await asyncio.to_thread(self._fetch)
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Accept": "application/json, text/event-stream",
            "Content-Type": "application/json",
        }
        if self._session is not None:
            headers["Mcp-Session-Id"] = self._session
        if self._version is not None:
            headers["MCP-Protocol-Version"] = self._version
        return headers


def _parse(text: str) -> Mapping[str, Any]:
    """The message for looking at; what goes on is always the text itself."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _routing(message: Mapping[str, Any]) -> dict[str, str]:
    """The modern era's headers, which must equal the body (MCP 2026-07-28, "Transports")."""
    params = message.get("params")
    meta = params.get("_meta") if isinstance(params, dict) else None
    version = meta.get(_MODERN) if isinstance(meta, dict) else None
    if not isinstance(params, dict) or not isinstance(version, str):
        return {}
    method = str(message.get("method"))
    headers = {"MCP-Protocol-Version": version, "Mcp-Method": method}
    name = params.get(_NAMED.get(method, ""))
    if isinstance(name, str):
        plain = name.isascii() and name.isprintable() and name == name.strip() and not name.startswith("=?base64?")
        headers["Mcp-Name"] = name if plain else f"=?base64?{base64.b64encode(name.encode()).decode()}?="
    return headers


async def _events(answer: aiohttp.ClientResponse) -> AsyncIterator[str]:
    """The data of each event of a stream (WHATWG HTML, "Server-sent events")."""
    data: list[str] = []
    pending = b""
    async for chunk in answer.content.iter_any():
        pending += chunk
        *lines, pending = pending.split(b"\n")
        for raw in lines:
            line = raw.rstrip(b"\r").decode("utf-8", "replace")
            if line.startswith("data:"):
                data.append(line[5:].removeprefix(" "))
            elif not line and data:
                text, data = "\n".join(data), []
                if text:
                    yield text
