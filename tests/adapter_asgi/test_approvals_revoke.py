"""An approval is taken back while a call runs on it, over real HTTP: stream, lease and database session end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from real_servers import connect, postgres
from whole import Whole, whole

POLICY = """
rule "watching" {
    command "ehr/watch"
    allow
    mask none
    require approval from "privacy" within 10m %s
    grant "reader" for 10m
}
"""
STATIC = """
[grant.reader]
kind = "unsafe_static"
headers = { X-Secret = "s3cret-of-the-upstream" }
"""
EVENT = b'data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"row"}}\n\n'


class Watched:
    """Streams rows until it is cut off; or, `silent`, does not even begin to answer."""

    def __init__(self, silent: bool = False) -> None:
        self.silent = silent
        self.begun, self.cut = asyncio.Event(), asyncio.Event()
        self.seen: dict[bytes, bytes] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.seen = dict(scope["headers"])
        while (await receive()).get("more_body"):
            pass
        await self.begin()
        self.begun.set()
        if not self.silent:
            headers = [(b"content-type", b"text/event-stream")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": EVENT, "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        self.cut.set()

    async def begin(self) -> None:
        """Before the first row."""


def _answer(text: str) -> Any:
    """The last message of an answer, streamed or not."""
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith(("data: {", "{"))]
    return json.loads(lines[-1])


async def _revoked(gate: Whole, upstream: Watched) -> str:
    """A call is approved by one and runs; the other takes the approval back; what the job was told."""
    async with asyncio.TaskGroup() as tasks:
        job = tasks.create_task(_read(gate))
        id_ = await gate.waiting()
        assert (await gate.ask("dana", "approve", id=id_))["ok"]["state"] == "approved"
        await upstream.begun.wait()
        revoked = await gate.ask("omar", "revoke", id=id_, reason="wrong patient")
        assert revoked["ok"]["state"] == "revoked"
        await upstream.cut.wait()
    return job.result()


async def _read(gate: Whole) -> str:
    async with gate.call(gate.job(), "watch") as answer:
        assert answer.status == 200
        return str(await answer.text())


@pytest.mark.parametrize("lasts", ["", "for 1h"])
@pytest.mark.parametrize("silent", [False, True])
async def test_a_running_call_is_cut_and_its_lease_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, silent: bool, lasts: str
) -> None:
    upstream = Watched(silent)
    async with whole(tmp_path, monkeypatch, upstream, POLICY % lasts, STATIC) as gate:
        told = await _revoked(gate, upstream)
        result = _answer(told)["result"]
        assert result["isError"]
        assert "was taken back by omar@clinic.example: wrong patient" in result["content"][0]["text"]
        assert upstream.seen[b"x-secret"] == b"s3cret-of-the-upstream"
        assert len(gate.gate.endpoint._context.running._runs) == 0
    [approved] = gate.records("approval.revoked")
    [refusal] = gate.records("refusal")
    assert refusal.data["error"] == "GT210"
    [ended] = gate.records("call.ended")
    assert ended.data["outcome"] == "cut"
    leases = gate.records("lease.issued", "lease.used", "lease.revoked")
    assert [record.kind for record in leases] == ["lease.issued", "lease.used", "lease.revoked"]
    assert {record.data["approval"] for record in leases} == {approved.data["approval"]}
    assert leases[2].data["cause"] == "revoked"
    issued = leases[0].data
    assert (issued["grant"], issued["rules"]) == ("reader", ["watching"])
    assert 0 < issued["seconds"] <= 330
    assert "s3cret" not in json.dumps([record.data for record in leases])


async def test_a_client_that_does_not_read_holds_nothing_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upstream, stalled = Watched(), asyncio.Event()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            stalled.set()
            await asyncio.Event().wait()  # as a server does whose client reads no more

    async with whole(tmp_path, monkeypatch, upstream, POLICY % "", STATIC) as gate:
        call = asyncio.ensure_future(gate.gate.app(*_request(gate), send))
        id_ = await gate.waiting()
        await gate.ask("dana", "approve", id=id_)
        await stalled.wait()
        await gate.ask("omar", "revoke", id=id_, reason="wrong patient")
        await upstream.cut.wait()
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)


def _request(gate: Whole) -> tuple[Any, Any]:
    """The call as a server would hand it to the application, from a client that stays."""
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "watch", "arguments": {}}}
    headers = {
        "host": "127.0.0.1",
        "authorization": f"Bearer {gate.job()}",
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": "2025-06-18",
    }
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": "/mcp/ehr", "root_path": "", "query_string": b"", "headers": raw}
    parts = [{"type": "http.request", "body": json.dumps(message).encode()}]

    async def receive() -> Any:
        return parts.pop() if parts else await asyncio.Event().wait()

    return {**scope, "client": ("10.0.0.1", 1), "scheme": "http"}, receive


async def test_a_call_on_another_approval_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upstream = Watched()
    async with whole(tmp_path, monkeypatch, upstream, POLICY % "for 1h", STATIC) as gate:
        other = asyncio.create_task(_read(gate))
        await gate.ask("dana", "approve", id=await gate.waiting())
        await upstream.begun.wait()
        one = asyncio.create_task(_quick(gate))
        id_ = await gate.waiting()
        await gate.ask("dana", "approve", id=id_)
        await gate.ask("omar", "revoke", id=id_, reason="not that one")
        await one
        assert not other.done()
        other.cancel()
        await asyncio.gather(other, return_exceptions=True)


async def _quick(gate: Whole) -> None:
    async with gate.call(gate.job(), "watch", {"n": 2}) as answer:
        await answer.text()


# --- a real database --------------------------------------------------------------------------------------------------


class Querying(Watched):
    """Keeps a session of the caller's own role open while it streams."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place, self.link = place, None

    async def begin(self) -> None:
        user, password = self.seen[b"x-db-user"].decode(), self.seen[b"x-db-password"].decode()
        self.link = await asyncpg.connect(f"postgresql://{self.place}", user=user, password=password)


# asyncpg's own word for a session that ends while it prepares a query is its InternalClientError.
ENDED = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, ConnectionError)


async def _query_for_ever(link: Any) -> None:
    """Until the database ends it: the lease is revoked after the stream was cut."""
    while True:
        await link.fetchval("SELECT 1")


@pytest.fixture(scope="module")
def dsn() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.mark.slow
async def test_the_database_s_session_is_terminated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dsn: str) -> None:
    admin = await connect(dsn)
    await admin.execute("CREATE ROLE readers NOLOGIN")
    upstream = Querying(dsn.rpartition("@")[2])
    grant = f"""
[grant.reader]
kind = "postgres"
dsn = "{dsn}"
member_of = "readers"
headers = {{ X-Db-User = "{{username}}", X-Db-Password = "{{password}}" }}
"""
    async with whole(tmp_path, monkeypatch, upstream, POLICY % "", grant) as gate:
        await _revoked(gate, upstream)
        with pytest.raises(ENDED):
            await _query_for_ever(upstream.link)
    try:
        assert await admin.fetchval("SELECT count(*) FROM pg_stat_activity WHERE usename LIKE 'hoopgate-%'") == 0
        assert await admin.fetchval("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'hoopgate-%'") == 0
    finally:
        await admin.close()
