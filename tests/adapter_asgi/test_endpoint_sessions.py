"""The end of a session while calls are open in it: nothing of it goes on, and nothing of it is found again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from loopback import Gateway, gateway

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 0,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}


def call(rpc_id: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": rpc_id, "method": "tools/call", "params": {"name": "wait", "arguments": {}}}


class Upstream:
    """Gives a session, holds every call and GET open until it is hung up on, and keeps what it was sent."""

    def __init__(self) -> None:
        self.reached: list[tuple[str, Any]] = []
        self.deleted: int | None = 200  # the status of a DELETE; None: held open
        self.goodbye = b""
        self.running = 0
        self.changed = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for _ in range(2):
                await send({"type": (await receive())["type"] + ".complete"})
            return
        body = (await receive()).get("body", b"")
        tree = json.loads(body) if body else {}
        self.reached.append((scope["method"], tree.get("method")))
        if scope["method"] == "DELETE" and self.deleted is not None:
            await self._say(send, self.deleted, self.goodbye)
        elif scope["method"] == "DELETE":
            await self._hold("silent", receive, send)
        elif tree.get("method") == "initialize":
            result = {"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": {"name": "u", "version": "1"}}
            answer = {"jsonrpc": "2.0", "id": tree["id"], "result": result}
            await self._say(send, 200, json.dumps(answer).encode(), (b"mcp-session-id", b"theirs"))
        elif "id" not in tree and tree:
            await self._say(send, 202, b"")
        else:
            await self._hold(tree.get("id"), receive, send)

    async def _hold(self, rpc_id: Any, receive: Any, send: Any) -> None:
        self.running += 1
        self.changed.set()
        head = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]}
        if rpc_id != "silent":
            await send(head)
            await send({"type": "http.response.body", "body": b": open\n\n", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        self.running -= 1
        self.changed.set()

    async def _say(self, send: Any, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
        kind = [(b"content-type", b"application/json")] if body else []
        await send({"type": "http.response.start", "status": status, "headers": [*kind, *headers]})
        await send({"type": "http.response.body", "body": body})

    async def until(self, running: int) -> None:
        while self.running != running:
            self.changed.clear()
            await self.changed.wait()


@pytest.fixture
def upstream() -> Upstream:
    return Upstream()


@asynccontextmanager
async def begun(gated: Gateway) -> AsyncIterator[aiohttp.ClientSession]:
    """A client that holds a session."""
    async with gated.http() as http:
        async with http.post(gated.url, json=INITIALIZE) as answer:
            http.headers["Mcp-Session-Id"] = answer.headers["Mcp-Session-Id"]
            await answer.read()
        http.headers["MCP-Protocol-Version"] = "2025-06-18"
        yield http


async def _read(http: aiohttp.ClientSession, url: str, rpc_id: Any) -> tuple[int, str]:
    async with http.post(url, json=call(rpc_id)) as answer:
        return answer.status, await answer.text()


async def test_a_delete_ends_the_calls_and_the_streams_of_its_session(tmp_path: Path, upstream: Upstream) -> None:
    async with gateway(tmp_path, upstream) as gated, begun(gated) as http:
        silent = asyncio.create_task(_read(http, gated.url, "silent"))
        streaming = asyncio.create_task(_read(http, gated.url, 2))
        listening = await http.get(gated.url)
        await upstream.until(3)
        async with http.delete(gated.url) as answer:
            assert answer.status == 200
        status, words = await silent
        assert status == 404
        assert json.loads(words)["error"]["data"]["code"] == "GT213"
        status, words = await streaming
        assert (status, "GT213" in words) == (200, True)
        assert b"data:" not in await listening.read()
        listening.close()
        await upstream.until(0)
        while "session.ended" not in gated.kinds():
            await asyncio.sleep(0.01)
    kinds = gated.kinds()
    assert kinds[-1] == "session.ended", "something of the session was recorded after its end"
    ended = {e.metadata["call"]: e.metadata["outcome"] for e in gated.entries if e.kind == "call.ended"}
    assert sorted(ended.values()) == ["complete", "complete", "cut", "cut", "cut"]  # initialize, DELETE; the three
    assert {e.metadata["call"] for e in gated.entries if e.kind == "request"} == set(ended)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_after_a_delete_the_session_is_over_whatever_is_asked(
    tmp_path: Path, upstream: Upstream, method: str
) -> None:
    async with gateway(tmp_path, upstream) as gated, begun(gated) as http:
        async with http.delete(gated.url) as answer:
            assert answer.status == 200
        reached = len(upstream.reached)
        body = {"json": call(5)} if method == "POST" else {}
        async with http.request(method, gated.url, **body) as answer:
            assert answer.status == 404
            assert (await answer.json())["error"]["data"]["code"] == "SES02"
        assert len(upstream.reached) == reached


@pytest.mark.parametrize("status", [405, 501, 400, 500])
async def test_a_delete_that_the_server_refuses_leaves_the_session_as_it_is(
    tmp_path: Path, upstream: Upstream, status: int
) -> None:
    """A server that lets no client end a session answers 405 (MCP 2025-11-25, "Session Management")."""
    upstream.deleted = status
    async with gateway(tmp_path, upstream) as gated, begun(gated) as http:
        open_ = asyncio.create_task(_read(http, gated.url, 2))
        await upstream.until(1)
        async with http.delete(gated.url) as answer:
            assert answer.status == status
        assert not open_.done()
        another = asyncio.create_task(_read(http, gated.url, 3))
        await upstream.until(2)
        assert "session.ended" not in gated.kinds()
        deleted = [e for e in gated.entries if e.kind == "call.ended"][-1]
        assert (deleted.metadata["method"], deleted.metadata["outcome"]) == (
            "DELETE",
            "error",
        )  # on record all the same
        upstream.deleted = 204
        async with http.delete(gated.url) as answer:
            assert answer.status == 204
        assert {"GT213" in (await task)[1] for task in (open_, another)} == {True}
        async with http.post(gated.url, json=call(5)) as answer:
            assert answer.status == 404
        while "session.ended" not in gated.kinds():
            await asyncio.sleep(0)
    assert gated.kinds().count("session.ended") == 1


@pytest.mark.parametrize("status", [200, 202, 404, 410])
async def test_several_deletes_end_a_session_once(tmp_path: Path, upstream: Upstream, status: int) -> None:
    upstream.deleted = status
    async with gateway(tmp_path, upstream) as gated, begun(gated) as http:

        async def delete() -> int:
            async with http.delete(gated.url) as answer:
                return answer.status

        assert set(await asyncio.gather(*(delete() for _ in range(4)))) <= {status, 404}
        assert await delete() == 404
    assert gated.kinds().count("session.ended") == 1


@pytest.mark.parametrize("goodbye", [b'{"message":"Ann Lee has left"}', b"null", b"bye", b"\xff"])
async def test_whatever_words_a_server_ends_a_session_with_it_is_over(
    tmp_path: Path, upstream: Upstream, goodbye: bytes
) -> None:
    upstream.goodbye = goodbye
    async with gateway(tmp_path, upstream) as gated, begun(gated) as http:
        async with http.delete(gated.url) as answer:
            assert (answer.status, await answer.read()) == (200, b"")  # no message of MCP's, and nothing else passes
        async with http.post(gated.url, json=call(5)) as answer:
            assert answer.status == 404
        while "session.ended" not in gated.kinds():
            await asyncio.sleep(0)


async def test_a_delete_that_the_gate_refuses_ends_nothing(tmp_path: Path, upstream: Upstream) -> None:
    async with gateway(tmp_path, upstream) as gated, begun(gated) as http:
        async with http.delete(gated.url, data=b"{}") as answer:
            assert (answer.status, (await answer.json())["error"]["data"]["code"]) == (400, "GT119")
        assert ("DELETE", None) not in upstream.reached
        open_ = asyncio.create_task(_read(http, gated.url, 2))
        await upstream.until(1)
        open_.cancel()
        await upstream.until(0)


async def test_whoever_deletes_a_session_and_leaves_has_ended_it(tmp_path: Path, upstream: Upstream) -> None:
    upstream.deleted = None
    async with gateway(tmp_path, upstream) as gated, begun(gated) as http:
        leaving = asyncio.create_task(http.delete(gated.url))
        await upstream.until(1)
        upstream.deleted = 200
        leaving.cancel()
        while "session.ended" not in gated.kinds():
            await asyncio.sleep(0)
        assert upstream.reached.count(("DELETE", None)) == 2  # its server is told once more
        async with http.post(gated.url, json=call(5)) as answer:
            assert answer.status == 404
    assert gated.kinds().count("session.ended") == 1


async def test_one_id_twice_in_one_session_is_one_call(tmp_path: Path, upstream: Upstream) -> None:
    async with gateway(tmp_path, upstream) as gated, begun(gated) as http:
        first = asyncio.create_task(_read(http, gated.url, 7))
        await upstream.until(1)
        status, words = await _read(http, gated.url, 7)
        assert (status, json.loads(words)["error"]["data"]["code"]) == (400, "GT105")
        other = asyncio.create_task(_read(http, gated.url, "7"))
        await upstream.until(2)
        for task in (first, other):
            task.cancel()
        await upstream.until(0)
        while gated.endpoint.open_exchanges:
            await asyncio.sleep(0.01)
        again = asyncio.create_task(_read(http, gated.url, 7))  # free again once the client has left
        await upstream.until(1)
        again.cancel()
        await upstream.until(0)
    assert [reached for reached in upstream.reached if reached[1] == "tools/call"] == [("POST", "tools/call")] * 3


async def test_nobody_cancels_or_resumes_what_is_anothers(tmp_path: Path, upstream: Upstream) -> None:
    cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 7}}
    async with gateway(tmp_path, upstream) as gated, begun(gated) as http, begun(gated) as other:
        held = asyncio.create_task(_read(http, gated.url, 7))
        await upstream.until(1)
        async with other.post(gated.url, json=cancel) as answer:
            assert (answer.status, await answer.read()) == (202, b"")
        async with gated.http("mallory") as stranger:
            headers = {"Mcp-Session-Id": http.headers["Mcp-Session-Id"], "MCP-Protocol-Version": "2025-06-18"}
            async with stranger.post(gated.url, json=cancel, headers=headers) as answer:
                assert answer.status == 400
        assert ("POST", "notifications/cancelled") not in upstream.reached
        async with other.get(gated.url, headers={"Last-Event-ID": "hers"}) as answer:
            assert (answer.status, (await answer.json())["error"]["data"]["code"]) == (400, "GT123")
        assert "GET" not in {method for method, _ in upstream.reached}
        async with http.post(gated.url, json=cancel) as answer:
            assert answer.status == 202
        assert ("POST", "notifications/cancelled") in upstream.reached
        held.cancel()
        await upstream.until(0)
    refused = [e.metadata["error"] for e in gated.entries if e.kind == "refusal"]
    assert refused == ["GT212", "GT123"]
