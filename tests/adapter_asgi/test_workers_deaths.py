"""What dies while several workers serve takes nothing along but what ran on it, and all of it is on record."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
import toy_server
from loopback import serving as serving_whole
from own_process import CONFIG
from serving import serving
from workers import ACCEPT, HELLO, Together, spread, text_of, together

import recorder
from recorder.reader import Store

OPEN = 'rule "open" { server "ehr"\n    allow\n    mask none }\n'
ASKING = (
    'rule "asking" { command "ehr/delete"\n    allow\n    require approval from "privacy" within 10m\n    mask none }\n'
)
PEOPLE = '[approvers]\nprivacy = ["dana"]\n'
MODERN = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "echo"}

NUMBERS = itertools.count(1)


def whole(store: Path) -> list[Any]:
    """Every record, once each call that began has exactly one end."""
    recorder.verify(store)
    records = [*Store(store).records()]
    begun = [one.data["call"] for one in records if one.kind == "request"]
    ended = [one.data["call"] for one in records if one.kind in ("call.ended", "call.interrupted")]
    assert len(ended) == len(set(ended))
    assert set(begun) <= set(ended)
    return records


async def sent(gate: Together, headers: dict[str, str], tool: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A call on a connection of its own."""
    about = {"protocolVersion": "2026-07-28", "clientCapabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    meta = {f"io.modelcontextprotocol/{name}": value for name, value in about.items()}
    params = {"name": tool, "arguments": {"text": "now"}} | ({"_meta": meta} if headers is MODERN else {})
    body = json.dumps({"jsonrpc": "2.0", "id": next(NUMBERS), "method": "tools/call", "params": params})
    told = {**ACCEPT, **headers, "Host": "127.0.0.1", "Connection": "close", "Content-Length": str(len(body))}
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.gate.port)
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    writer.write(f"POST /mcp/ehr HTTP/1.1\r\n{lines}\r\n{body}".encode())
    return reader, writer


async def ended(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    found = await reader.read()
    writer.close()
    await writer.wait_closed()
    return found


async def test_what_was_on_its_way_to_a_worker_that_is_killed_is_answered_by_the_next(tmp_path: Path) -> None:
    app: Any = toy_server.build().streamable_http_app()
    async with serving_whole(app) as upstream, together(tmp_path, upstream, OPEN, 2) as gate:
        sessions = await spread(gate, 2)
        gone = next(one for one in sessions if one.worker == 1)
        kept = next(one for one in sessions if one.worker == 0)
        with gate.only(0):
            ways = [await sent(gate, headers, "echo") for headers in (gone.headers, kept.headers, MODERN) * 4]
            assert (await gate.page("/healthz"))[0] == 200  # what came before was taken by worker 0
            os.kill(gate.pids[1], signal.SIGKILL)
        assert await gate.again() == 1
        answers = [await ended(*way) for way in ways]
        assert {answer.split()[1] for answer in answers[0::3]} == {b"404"}  # its session is over
        assert {answer.split()[1] for answer in answers[1::3]} == {b"200"}
        assert {answer.split()[1] for answer in answers[2::3]} == {b"200"}
    calls = [one for one in whole(tmp_path / "store") if one.kind == "request" and one.data.get("command")]
    assert len(calls) == 8  # each once


class Mortal:
    """An upstream that dies as its tools are called, and holds what is asked of the tool "forever"."""

    def __init__(self) -> None:
        self.open = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        more = True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        tree = json.loads(body) if body else {}
        how = tree.get("params", {}).get("name", tree.get("method"))
        stream = how in ("in a stream", "forever")
        kind = (b"content-type", b"text/event-stream" if stream else b"application/json")
        head = {"type": "http.response.start", "status": 200, "headers": [kind, (b"mcp-session-id", b"theirs")]}
        if how == "initialize":
            answer = {**HELLO, "serverInfo": {"name": "u", "version": "1"}}
            await send(head)
            data = json.dumps({"jsonrpc": "2.0", "id": tree["id"], "result": answer}).encode()
            await send({"type": "http.response.body", "body": data})
        elif how == "before its answer":
            raise Dead
        elif "id" in tree:
            await send(head)
            piece = b'{"jsonrpc":' if not stream else b": open\n\n"
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            if how != "forever":
                raise Dead
            self.open += 1
            while (await receive())["type"] != "http.disconnect":
                pass
            self.open -= 1
        else:
            await send({**head, "status": 200 if scope["method"] == "DELETE" else 202})
            await send({"type": "http.response.body", "body": b""})


class Dead(Exception):  # noqa: N818 - it is no error
    """The upstream's end."""


@pytest.mark.parametrize("accepts", [0, 1])
async def test_an_upstream_dies_in_every_state_in_either_worker_however_the_call_came_there(
    tmp_path: Path, accepts: int
) -> None:
    app = Mortal()
    async with serving(app) as upstream, together(tmp_path, upstream, OPEN, 2) as gate:
        sessions = await spread(gate, 2)
        states = ("before its answer", "in its answer", "in a stream")
        with gate.only(accepts):
            ways = [await sent(gate, one.headers, state) for one in sessions for state in states]
            assert (await gate.page("/healthz"))[0] == 200
        for way in ways:
            answer = await ended(*way)
            assert b'"result"' not in answer
            assert b"GT300" in answer or b" 500 " in answer.split(b"\r\n")[0]
        open_ = [await sent(gate, one.headers, "forever") for one in sessions]
        for reader, _ in open_:
            await reader.readuntil(b"\r\n\r\n")
        while app.open < len(open_):
            await asyncio.sleep(0.01)
        for _, writer in open_:
            writer.transport.abort()
        held = [await sent(gate, one.headers, "forever") for one in sessions]
        for one in sessions:
            assert await one.end() == 200
        for way in held:
            await ended(*way)
        while app.open:  # no call of the upstream's is left behind
            await asyncio.sleep(0.01)
    whole(tmp_path / "store")


async def hoopgate(folder: Path, *words: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "adapter_asgi", *words), cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=2
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def waiting(folder: Path, count: int) -> list[dict[str, Any]]:
    """The approvals that are waited for, once there are so many."""
    rows: list[dict[str, Any]] = []
    while len(rows) < count:
        rows = json.loads((await hoopgate(folder, "approvals", "list", "--json"))[1])
        rows = [row for row in rows if row["state"] == "pending"]
    return rows


@pytest.mark.parametrize("closed", [True, False])
async def test_calls_that_wait_for_people_in_any_worker_are_decided_by_a_policy_that_comes_meanwhile(
    tmp_path: Path, closed: bool
) -> None:
    toy_server.SEEN.clear()
    app: Any = toy_server.build().streamable_http_app()
    async with (
        serving_whole(app) as upstream,
        together(tmp_path, upstream, ASKING, 2, config=CONFIG + PEOPLE) as gate,
    ):
        sessions = await spread(gate, 2)
        held = [asyncio.create_task(one.call("delete", text=one.id)) for one in sessions]
        rows = await waiting(tmp_path, len(sessions))
        (tmp_path / "p.hoop").write_text(OPEN.replace('server "ehr"', 'command "ehr/echo"') if closed else OPEN)
        assert (await hoopgate(tmp_path, "reload", "--as", "ann"))[0] == 0
        answers = [(await one)[2]["result"] for one in held]
        assert {bool(answer.get("isError")) for answer in answers} == {closed}
        for row in rows:  # nobody's word counts for what was asked under another policy
            assert (await hoopgate(tmp_path, "approvals", "approve", row["id"], "--as", "dana"))[0] != 0
    records = whole(tmp_path / "store")
    kinds = [one.kind for one in records if one.kind.startswith("approval.")]
    assert sorted(set(kinds)) == ["approval.requested", "approval.void"]
    assert kinds.count("approval.void") == len(sessions)


async def test_a_caller_leaves_a_call_that_is_on_its_way_to_another_worker(tmp_path: Path) -> None:
    app: Any = toy_server.build().streamable_http_app()
    async with serving_whole(app) as upstream, together(tmp_path, upstream, OPEN, 2) as gate:
        sessions = await spread(gate, 2)
        there = next(one for one in sessions if one.worker == 1)
        with gate.only(0):
            for how in ("abort", "close") * 3:
                _, writer = await sent(gate, there.headers, "echo")
                assert (await gate.page("/healthz"))[0] == 200
                getattr(writer.transport, how)()
        assert text_of((await there.call("echo", text="still here"))[2]) == "still here"
    whole(tmp_path / "store")
