"""A policy that comes into force voids what it decides otherwise: at once, recorded, and after a restart too."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from whole import whole

ASKS = 'rule "reading" {\n command "ehr/read"\n allow\n mask none\n require approval from "privacy" within 10m\n}\n'
OTHERWISE = ASKS.replace("mask none", "mask ssn")
OPEN = 'rule "reading" {\n command "ehr/read"\n allow\n mask none\n}\n'


async def _read(request: Request) -> Response:
    message = await request.json()
    return JSONResponse({"jsonrpc": "2.0", "id": message["id"], "result": {"content": [], "isError": False}})


UPSTREAM = Starlette(routes=[Route("/mcp", _read, methods=["POST"])])


async def _ask(gate: Any) -> Any:
    async with gate.call(gate.job()) as answer:
        return await answer.text()


async def test_a_call_that_waits_is_asked_about_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with whole(tmp_path, monkeypatch, UPSTREAM, ASKS) as gate:
        job = asyncio.create_task(_ask(gate))
        first = await gate.waiting()
        gate.policy.write_text(OTHERWISE)
        await gate.gate.policy.reload(gate.log, "dana", "test")
        second = await gate.waiting()
        assert second != first
        assert (await gate.ask("dana", "approve", id=first))["error"]["code"] == "APR02"
        await gate.ask("dana", "approve", id=second)
        assert '"isError":false' in await job
    [void] = gate.records("approval.void")
    assert (void.data["approval"], void.data["cause"]) == (first, "policy")
    [consumed] = gate.records("approval.consumed")
    assert consumed.data["approval"] == second


async def test_a_call_that_waits_goes_on_where_nobody_need_be_asked_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with whole(tmp_path, monkeypatch, UPSTREAM, ASKS) as gate:
        job = asyncio.create_task(_ask(gate))
        await gate.waiting()
        gate.policy.write_text(OPEN)
        await gate.gate.policy.reload(gate.log, "dana", "test")
        assert '"isError":false' in await job
    assert gate.records("approval.consumed") == []


async def test_a_policy_that_decides_the_call_the_same_voids_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with whole(tmp_path, monkeypatch, UPSTREAM, ASKS) as gate:
        job = asyncio.create_task(_ask(gate))
        id_ = await gate.waiting()
        gate.policy.write_text(ASKS + OPEN.replace("reading", "writing").replace("ehr/read", "ehr/write"))
        assert await gate.gate.policy.reload(gate.log, "dana", "test")
        await gate.ask("dana", "approve", id=id_)
        assert '"isError":false' in await job
    assert gate.records("approval.void") == []


@pytest.mark.parametrize(("later", "state"), [(ASKS, "approved"), (OTHERWISE, "void"), (OPEN, "void")])
async def test_an_approval_is_held_to_the_policy_of_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, later: str, state: str
) -> None:
    async with whole(tmp_path, monkeypatch, UPSTREAM, ASKS) as gate:
        job = asyncio.create_task(_ask(gate))
        id_ = await gate.waiting()
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
        await gate.ask("dana", "approve", id=id_)
    async with whole(tmp_path, monkeypatch, UPSTREAM, later) as again:
        await again.gate.policy.activate(again.log, "dana", "test")
        assert (await again.ask("dana", "show", id=id_))["ok"]["state"] == state
        assert '"isError":false' in await _ask(again) if state != "void" or later == OPEN else True
