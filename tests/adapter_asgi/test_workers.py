"""Several workers are one gate: each connection finds its session, and what is counted is counted once."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import toy_server
from issuing import AUDIENCE, World
from loopback import serving as serving_whole
from own_process import CONFIG
from serving import serving
from workers import ACCEPT, Session, Together, spread, text_of, together

import recorder
from recorder.reader import Store

POLICY = """
rule "open" { command "ehr/echo", "ehr/changes", "ehr/polls", "ehr/record"
    allow
    mask ssn }
rule "counted" { command "ehr/steps"
    allow
    limit 40 per 1h }
rule "asking" { command "ehr/delete"
    allow
    mask none
    require approval from "privacy" within 10m }
"""
ASKING = '[approvers]\nprivacy = ["dana"]\n'
MODERN = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "echo"}


def toy(**options: Any) -> Any:
    return serving_whole(toy_server.build().streamable_http_app(**options))


async def hoopgate(folder: Path, *words: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "adapter_asgi", *words), cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=2
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


def modern(text: str) -> dict[str, Any]:
    """A self-contained call of 2026-07-28."""
    about = {"protocolVersion": "2026-07-28", "clientCapabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    meta = {f"io.modelcontextprotocol/{name}": value for name, value in about.items()}
    return {"method": "tools/call", "id": 7, "params": {"name": "echo", "arguments": {"text": text}, "_meta": meta}}


async def test_every_connection_finds_its_session_and_a_session_ends_everywhere(tmp_path: Path) -> None:
    async with toy() as upstream, together(tmp_path, upstream, POLICY, 3) as gate:
        sessions = await spread(gate, 3, each=2)
        for _ in range(4):
            answers = await asyncio.gather(*(one.call("echo", text=one.id) for one in sessions))
            assert [text_of(message) for _, _, message in answers] == [one.id for one in sessions]
        # one connection that carries everybody's requests in turn, as a balancer's does
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as http:
            for one in [*sessions, *sessions]:
                params = {"name": "echo", "arguments": {"text": one.id}}
                body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
                async with http.post(f"{gate.url}/mcp/ehr", json=body, headers={**ACCEPT, **one.headers}) as answer:
                    assert one.id in await answer.text()
        ended = sessions[0]
        assert await ended.end() in (200, 204)
        assert {(await ended.call("echo", text="late"))[0] for _ in range(6)} == {404}
        forged = [one.id[:30] + f"{worker:02x}" + one.id[32:] for one in sessions[1:] for worker in (0, 1, 2, 200)]
        statuses = [(await gate.send({"method": "ping", "id": 1}, {"Mcp-Session-Id": id_}))[0] for id_ in forged]
        assert sum(status == 400 for status in statuses) == 3 * len(sessions[1:])  # all but each one's own
        strange = [ended.id[:30] + end + ended.id[32:] for end in ("-1", "-2", "-f", "+1", "zz") for _ in range(6)]
        assert {(await gate.send({"method": "ping", "id": 1}, {"Mcp-Session-Id": id_}))[0] for id_ in strange} == {400}
        number = await gate.page(f"/checkpoint?worker={'1' * 5000}")
        assert number[0] == 200
    recorder.verify(tmp_path / "store")
    assert {record.log for record in Store(tmp_path / "store").records() if record.kind == "response"} == {0, 513, 514}


async def test_the_official_client_streams_and_resumes_whatever_worker_its_connections_reach(tmp_path: Path) -> None:
    options = {"event_store": toy_server.Events(), "retry_interval": 10}

    async def legacy(gate: Together, number: int) -> None:
        heard = asyncio.Event()

        async def hears(message: Any) -> None:
            if "list_changed" in str(getattr(message, "method", "")):
                heard.set()

        async with gate.client("legacy", message_handler=hears) as client:
            said = await client.call_tool("echo", {"text": f"legacy {number}"})
            assert said.content[0].text == f"legacy {number}"  # type: ignore[union-attr] # text, as served
            fetched = await client.call_tool("polls", {})  # its stream is closed: resumed by Last-Event-ID
            assert fetched.content[0].text.startswith("fetched")  # type: ignore[union-attr] # text, as served
            while not heard.is_set():  # the session's own stream may not be open yet
                await client.call_tool("changes", {})

    async def current(gate: Together, number: int) -> None:
        async with gate.client("2026-07-28") as client:
            said = await client.call_tool("echo", {"text": f"modern {number}"})
            assert said.content[0].text == f"modern {number}"  # type: ignore[union-attr] # text, as served

    async with toy(**options) as upstream, together(tmp_path, upstream, POLICY, 2) as gate:
        await asyncio.gather(*(one(gate, number) for number in range(4) for one in (legacy, current)))
    recorder.verify(tmp_path / "store")
    records = [*Store(tmp_path / "store").records()]
    begun = {record.log for record in records if record.kind == "session.opened" and record.data.get("era") != "modern"}
    assert begun == {0, 513}


async def test_a_callers_run_without_sessions_is_one_workers_however_large_its_requests(tmp_path: Path) -> None:
    async with toy() as upstream, together(tmp_path, upstream, POLICY, 3) as gate:
        words = ["short", "some " * 14_000, "more " * 60_000]
        answers = await asyncio.gather(*(gate.send(modern(text), MODERN) for text in words * 3))
        assert [status for status, _, _ in answers] == [200] * 9
        assert [len(text_of(message)) for _, _, message in answers] == [len(text) for text in words] * 3
        # without a version's header the body has to be read before it is known whose the request is
        bare = {"method": "tools/call", "id": 3, "params": {"name": "echo", "arguments": {"text": "many " * 20_000}}}
        assert {(await gate.send(bare, {}))[0] for _ in range(6)} <= {200, 400}
        raw = json.dumps({"jsonrpc": "2.0", **modern("behind")}).encode()
        head = "".join(f"{name}: {value}\r\n" for name, value in {**ACCEPT, **MODERN}.items())
        one = f"POST /mcp/ehr HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}Content-Length: {len(raw)}\r\n\r\n".encode() + raw
        for worker in (0, 1, 2) * 2:  # two in one piece: the second goes where the first did
            with gate.only(worker):
                reader, writer = await asyncio.open_connection("127.0.0.1", gate.gate.port)
                writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + one + one)
                await reader.readuntil(b"200 OK")  # answered where it came
            await reader.readuntil(b"200 OK")
            await reader.readuntil(b"behind")
            await reader.readuntil(b"200 OK")
            await reader.readuntil(b"behind")
            writer.close()
            await writer.wait_closed()
    recorder.verify(tmp_path / "store")
    calls = [record for record in Store(tmp_path / "store").records() if record.kind == "response"]
    assert len({record.log for record in calls if record.data.get("command") == "ehr/echo"}) == 1


async def test_a_budget_is_exact_over_all_workers(tmp_path: Path) -> None:
    async with toy() as upstream, together(tmp_path, upstream, POLICY, 3) as gate:
        sessions = await spread(gate, 3)
        calls = [one.call("steps", count=0) for one in sessions * (1 + 120 // len(sessions))]
        answers = [message["result"] for _, _, message in await asyncio.gather(*calls)]
        assert sum(not result.get("isError") for result in answers) == 40
        status, page = await gate.page("/metrics")
    assert status == 200
    counted = [line for line in page.splitlines() if line.startswith("hoopgate_calls_total") and "complete" in line]
    assert len(counted) == 3, page
    assert 'hoopgate_worker_up{worker="2"} 1' in page


async def asked(folder: Path, count: int) -> list[dict[str, Any]]:
    """The approvals, as soon as there are `count`."""
    rows: list[dict[str, Any]] = []
    while len(rows) < count:
        rows = json.loads((await hoopgate(folder, "approvals", "list", "--json"))[1])
    return rows


async def test_what_is_approved_through_any_worker_frees_the_call_in_another(tmp_path: Path) -> None:
    async with toy() as upstream, together(tmp_path, upstream, POLICY, 2, config=CONFIG + ASKING) as gate:
        sessions = await spread(gate, 2)
        held = [asyncio.create_task(one.call("delete", text=one.id)) for one in sessions]
        rows = await asked(tmp_path, len(sessions))
        for row in rows:
            status, _ = await hoopgate(tmp_path, "approvals", "approve", row["id"], "--as", "dana")
            assert status == 0
        answers = [await one for one in held]
        assert {text_of(message) for _, _, message in answers} == {"deleted"}
        again = [asyncio.create_task(one.call("delete", text=sessions[0].id)) for one in sessions]
        rows = []
        while not [row for row in rows if row["state"] == "pending"]:
            rows = json.loads((await hoopgate(tmp_path, "approvals", "list", "--json"))[1])
        [waiting] = [row for row in rows if row["state"] == "pending"]  # the identical call waits once, in all workers
        await hoopgate(tmp_path, "approvals", "refuse", waiting["id"], "--as", "dana", "--reason", "once is enough")
        for one in again:
            assert "once is enough" in text_of((await one)[2])
    kinds = [record.kind for record in Store(tmp_path / "store").records() if record.kind.startswith("approval")]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "approval.requested": len(sessions) + 1,
        "approval.given": len(sessions),
        "approval.consumed": len(sessions),
        "approval.refused": 1,
    }


async def test_a_policy_is_taken_up_by_all_workers_and_by_one_that_is_started_again(tmp_path: Path) -> None:
    closed = 'rule "closed" { command "ehr/record"\n    allow }\n'
    async with toy() as upstream, together(tmp_path, upstream, POLICY, 3) as gate:
        sessions = await spread(gate, 3)
        (tmp_path / "p.hoop").write_text(closed)
        assert (await hoopgate(tmp_path, "reload", "--as", "ann"))[0] == 0
        answers = await asyncio.gather(*(one.call("echo", text="now") for one in sessions))
        assert all(message["result"]["isError"] for _, _, message in answers)
        (tmp_path / "p.hoop").write_text(POLICY)
        gate.gate.process.send_signal(signal.SIGHUP)
        while any(message["result"].get("isError") for _, _, message in answers):
            answers = await asyncio.gather(*(one.call("echo", text="now") for one in sessions))
        (tmp_path / "p.hoop").write_text("rule")
        os.kill(gate.pids[1], signal.SIGKILL)
        assert await gate.again() == 1
        fresh = next(one for one in await spread(gate, 3) if one.worker == 1)
        assert text_of((await fresh.call("echo", text="in force"))[2]) == "in force"
        status, ready = await gate.page("/readyz")
        assert (status, json.loads(ready)["workers"]) == (200, {"serving": 3, "of": 3})
    activated = [one.data for one in Store(tmp_path / "store").records() if one.kind == "policy.activated"]
    assert len(activated) == 3  # once each, not once a worker
    recorder.verify(tmp_path / "store")


async def test_a_token_of_one_run_is_no_other_runs_in_any_worker(tmp_path: Path) -> None:
    world = World()

    async def issuer(scope: Any, _: Any, send: Any) -> None:
        document = json.loads(await world.fetch(scope["path"]))
        if "issuer" in document:
            document = {"issuer": base, "jwks_uri": f"{base}/jwks"}
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": json.dumps(document).encode()})

    def token(**claims: Any) -> dict[str, str]:
        now = int(time.time())
        minted = world.mint(**{"iss": base, "iat": now, "nbf": now, "exp": now + 300, "jti": "one", **claims})
        return {"Authorization": f"Bearer {minted}"}

    async with serving(issuer) as base, toy() as upstream:
        config = CONFIG.replace(
            '[identity.unsafe_loopback]\nrepository = "acme/etl"\n',
            f'[identity.github]\nissuer = "{base}"\naudience = "{AUDIENCE}"\ntenant = "123"\n',
        )
        async with together(tmp_path, upstream, POLICY, 3, config=config) as gate:
            mine = await asyncio.gather(*(gate.send(modern("mine"), {**MODERN, **token()}) for _ in range(9)))
            assert {status for status, _, _ in mine} == {200}
            for worker in range(3):
                with gate.only(worker):
                    assert (await gate.send(modern("lent"), {**MODERN, **token(run_id="78")}))[0] == 401
    refused = [one.log for one in Store(tmp_path / "store").records() if one.data.get("error") == "ID40"]
    assert sorted(refused) == [0, 513, 514]


@pytest.mark.slow
async def test_a_worker_that_is_killed_takes_along_its_sessions_and_nothing_else(tmp_path: Path) -> None:
    kept: list[str] = []
    async with toy() as upstream, together(tmp_path, upstream, POLICY, 2) as gate:
        sessions = await spread(gate, 2, each=4)
        killed = asyncio.Event()
        failed: list[tuple[int, int]] = []

        async def anew() -> Session:
            """What a client does whose connection broke: again."""
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    return await gate.begin()

        async def work(one: Session) -> None:
            for number in range(60):
                try:
                    status, headers, message = await one.call("echo", text=f"{number}")
                except aiohttp.ClientError:
                    status, headers, message = 0, {}, {}
                if status == 200:
                    assert text_of(message) == str(number)
                    kept.extend(line for line in [headers.get("hoopgate-receipt")] if line)
                else:
                    assert killed.is_set()
                    assert status in (0, 404)  # broken off, or over: initialize anew
                    failed.append((one.worker, status))
                    one = await anew()
                if number == 20 and not killed.is_set():
                    killed.set()
                    os.kill(gate.pids[1], signal.SIGKILL)

        await asyncio.gather(*(work(one) for one in sessions))
        assert await gate.again() == 1
        assert {worker for worker, status in failed if status == 404} <= {1}
        assert any(worker == 1 for worker, _ in failed)
        _, page = await gate.page("/metrics")
        assert 'hoopgate_worker_restarts_total{worker="1"} 1' in page
        assert (await gate.page("/healthz"))[0] == 200
    lines = tmp_path / "job.log"
    lines.write_text("".join(f"hoopgate-receipt: {line}\n" for line in kept))
    recorder.verify(tmp_path / "store")
    status, told = await hoopgate(tmp_path, "verify", "store", *(["--receipt", str(lines)] if kept else []))
    assert status == 0, told
    records = [*Store(tmp_path / "store").records()]
    begun = {one.data["call"] for one in records if one.kind == "request"}
    ended = {one.data["call"] for one in records if one.kind in ("call.ended", "call.interrupted")}
    assert begun <= ended


@pytest.mark.slow
async def test_a_gate_killed_whole_starts_with_fewer_workers_and_ends_what_all_left_open(
    tmp_path: Path,
) -> None:
    async with toy() as upstream:
        async with together(tmp_path, upstream, POLICY.replace("ehr/polls", "ehr/forever"), 3) as gate:
            sessions = await spread(gate, 3)
            open_ = [asyncio.create_task(one.call("forever")) for one in sessions]
            while toy_server.SEEN.count("forever began") < len(sessions):
                await asyncio.sleep(0)
            gate.gate.process.kill()
            await gate.gate.process.wait()
            broken = await asyncio.gather(*open_, return_exceptions=True)
            assert all(isinstance(one, aiohttp.ClientError) for one in broken)
        async with together(tmp_path, upstream, POLICY, 1) as gate:
            assert (await gate.page("/healthz"))[0] == 200
    records = [*Store(tmp_path / "store").records()]
    assert {one.log for one in records if one.kind == "call.interrupted"} == {0, 513, 514}
    recorder.verify(tmp_path / "store")


@pytest.mark.slow
async def test_all_workers_drain_in_time_and_held_calls_are_told_how_to_come_back(tmp_path: Path) -> None:
    async with toy() as upstream, together(tmp_path, upstream, POLICY, 2, config=CONFIG + ASKING) as gate:
        sessions = await spread(gate, 2)
        held = [asyncio.create_task(one.call("delete", text=one.id)) for one in sessions]
        rows = await asked(tmp_path, len(sessions))
        gate.gate.process.terminate()
        async with asyncio.timeout(20):
            assert await gate.gate.process.wait() == 0
        told = " ".join([text_of((await one)[2]) for one in held])
        assert all(row["id"] in told for row in rows)
    assert "0 after the last checkpoint" in (await hoopgate(tmp_path, "verify", "store"))[1]
