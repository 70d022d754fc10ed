"""The desk through a whole gate: what people and jobs do over HTTP, and the records that it leaves."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from whole import Whole, whole

POLICY = """
rule "reading" {
    command "ehr/read"
    allow
    mask none
    require approval from "privacy" %s
}
"""


async def _answer(request: Request) -> Response:
    message = await request.json()
    return JSONResponse({"jsonrpc": "2.0", "id": message["id"], "result": {"content": [], "isError": False}})


UPSTREAM = Starlette(routes=[Route("/mcp", _answer, methods=["POST"])])


@contextlib.asynccontextmanager
async def _gate(
    folder: Path, monkeypatch: pytest.MonkeyPatch, need: str = "within 10m", more: str = "", head: str = ""
) -> AsyncIterator[Whole]:
    async with whole(folder, monkeypatch, UPSTREAM, POLICY % need, more, head) as gate:
        yield gate


def _job(gate: Whole, arguments: Any = None, **claims: Any) -> asyncio.Task[str]:
    async def run() -> str:
        async with gate.call(gate.job(**claims), "read", arguments) as answer:
            return str(await answer.text())

    return asyncio.create_task(run())


async def _code(gate: Whole, who: str, do: str, **more: Any) -> str:
    return str((await gate.ask(who, do, **more))["error"]["code"])


async def test_two_words_are_two_people_and_a_third_is_one_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _gate(tmp_path, monkeypatch, "count 2 within 10m") as gate:
        job = _job(gate)
        id_ = await gate.waiting()
        assert (await gate.ask("dana", "approve", id=id_))["ok"]["given"] == 1
        assert await _code(gate, "dana", "approve", id=id_) == "APR05"
        assert (await gate.ask("omar", "approve", id=id_))["ok"]["state"] == "approved"
        assert '"isError":false' in await job
        assert await _code(gate, "omar", "approve", id=id_) == "APR02"
    assert [r.data["approver"] for r in gate.records("approval.given")] == [
        "dana@clinic.example",
        "omar@clinic.example",
    ]


async def test_groups_come_from_the_token_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with _gate(tmp_path, monkeypatch) as gate:
        job = _job(gate)
        id_ = await gate.waiting()
        assert await _code(gate, "rita", "approve", id=id_) == "APR04"
        headers = {"Authorization": f"Bearer {gate.person('rita', groups=['privacy'])}"}
        body = {"do": "approvals.approve", "id": id_}
        async with gate.client.post(f"{gate.front}/api/approvals", json=body, headers=headers) as answer:
            assert answer.status == 200
        assert '"isError":false' in await job


async def test_whoever_started_the_run_does_not_approve_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    more = '[people]\n"Dana Doe" = ["dana@clinic.example", "github:dana-doe"]\n'
    async with _gate(tmp_path, monkeypatch, more=more) as gate:
        job = _job(gate, actor="dana-doe")
        id_ = await gate.waiting("omar")
        assert await _code(gate, "dana", "approve", id=id_) == "APR03"
        assert await _code(gate, "dana", "refuse", id=id_, reason="x") == "APR03"
        await gate.ask("omar", "approve", id=id_)
        assert '"isError":false' in await job


async def test_without_a_proof_of_independence_nobody_s_word_counts_where_that_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = '[people]\n"Alice" = ["alice"]\n"Omar" = ["omar@clinic.example"]\n'
    async with _gate(tmp_path, monkeypatch, more=people, head='independence = "proven"\n') as gate:
        job = _job(gate)
        id_ = await gate.waiting()
        assert await _code(gate, "dana", "approve", id=id_) == "APR07"
        await gate.ask("omar", "approve", id=id_)
        await job
        shown = (await gate.ask("dana", "show", id=id_))["ok"]
        assert [word["independence"] for word in shown["words"]] == ["established"]


async def test_a_refusal_is_final_for_its_run_and_another_run_asks_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _gate(tmp_path, monkeypatch) as gate:
        job = _job(gate)
        id_ = await gate.waiting()
        assert await _code(gate, "dana", "refuse", id=id_) == "APR08"
        await gate.ask("dana", "refuse", id=id_, reason="wrong patient")
        assert "wrong patient" in await job
        assert await _code(gate, "omar", "approve", id=id_) == "APR02"
        assert "wrong patient" in await _job(gate)  # the identical call of the run: nobody is asked
        again = _job(gate, run_id="78")
        other = await gate.waiting()
        assert other != id_
        await gate.ask("omar", "approve", id=other)
        assert '"isError":false' in await again


async def test_the_glass_is_broken_in_a_freeze_and_reviewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    freeze = "/".join((now + timedelta(hours=hours)).isoformat(timespec="seconds") for hours in (-1, 1))
    async with _gate(tmp_path, monkeypatch, head=f'freeze = ["{freeze}"]\n') as gate:
        job = _job(gate)
        id_ = await gate.waiting()
        assert await _code(gate, "dana", "approve", id=id_) == "APR11"
        assert await _code(gate, "dana", "break-glass", id=id_, reason="fire") == "APR04"
        assert await _code(gate, "bea", "break-glass", id=id_) == "APR08"
        assert (await gate.ask("bea", "break-glass", id=id_, reason="fire"))["ok"]["state"] == "approved"
        assert '"isError":false' in await job
        assert await _code(gate, "bea", "review", id=id_) == "APR03"
        assert "ok" in await gate.ask("dana", "review", id=id_)
    [given] = gate.records("approval.given")
    assert given.data["cause"] == "break-glass"
    assert len(gate.records("review")) == 1


async def test_a_caller_s_calls_that_wait_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with _gate(tmp_path, monkeypatch) as gate:
        jobs = [_job(gate, {"n": number}) for number in range(25)]
        while len((await gate.ask("dana", "list"))["ok"]) < 25:
            pass
        assert "25 calls of this caller wait already" in await _job(gate, {"n": 99})
        for row in (await gate.ask("dana", "list"))["ok"]:
            await gate.ask("dana", "refuse", id=row["id"], reason="too many")
        assert all("too many" in text for text in await asyncio.gather(*jobs))


async def test_a_push_or_another_branch_asks_anew_and_a_re_run_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _gate(tmp_path, monkeypatch) as gate:
        job = _job(gate)
        id_ = await gate.waiting()
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)  # a client that hangs up does not void its request
        await gate.ask("dana", "approve", id=id_)
        for change in ({"sha": "beef"}, {"ref": "refs/heads/other"}, {"environment": "test"}, {"actor": "bob"}):
            other = _job(gate, **change)
            await gate.ask("dana", "refuse", id=await gate.waiting(), reason="another call")
            assert "another call" in await other
        assert '"isError":false' in await _job(gate, run_id="78", run_attempt="2", jti="fresh")
    [consumed] = gate.records("approval.consumed")
    assert consumed.data["approval"] == id_
