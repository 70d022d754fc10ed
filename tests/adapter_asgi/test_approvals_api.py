"""Approvals over HTTP: a person's token and nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from holding import Office, demand, hold
from issuing import World
from serving import serving
from starlette.applications import Starlette
from starlette.testclient import TestClient

from adapter_asgi.approvals.api import PATH, Api
from adapter_asgi.approvals.doors import Doors
from adapter_asgi.cli import run


class Remote(Office):
    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.ci = self.world.mint()
        self.world.issuer = replace(self.world.issuer, caller="person", tenant=None)
        self.failed: list[tuple[str, str]] = []
        who = self.world.authenticator(refused=lambda error, peer: self.failed.append((error.code, peer)))
        doors = Doors(self.desk, who.verify, lambda _: "masked")
        self.app = Starlette(routes=Api(self.desk, doors, who.refuse).routes())
        self.client = TestClient(self.app)

    def token(self, email: str, **claims: Any) -> str:
        nobody = {"actor": ..., "actor_id": ...}
        return self.world.mint(sub=f"sub-{email}", email=email, email_verified=True, **nobody, **claims)

    def ask(self, token: str | None, **request: Any) -> Any:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return self.client.post(PATH, json=request, headers=headers)


@pytest.fixture
def remote() -> Remote:
    return Remote()


async def test_a_person_decides_with_a_token(remote: Remote) -> None:
    ticket = await remote.desk.submit(hold(demand(count=2)))
    token = remote.token("dana")
    assert [row["id"] for row in remote.ask(token, do="approvals.list").json()["ok"]] == [ticket.id]
    shown = remote.ask(token, do="approvals.show", id=ticket.id, reason="is it she?").json()["ok"]
    assert shown["arguments"]["name"] == "Ann Example"
    assert not shown["masked"]
    assert remote.ask(token, do="approvals.approve", id=ticket.id).json()["ok"]["given"] == 1
    assert remote.ask(token, do="approvals.approve", id=ticket.id).status_code == 409
    refused = remote.ask(remote.token("omar"), do="approvals.refuse", id=ticket.id, reason="no")
    assert refused.json()["ok"]["state"] == "refused"


async def test_a_request_with_a_key_is_done_once_for_its_person(remote: Remote) -> None:
    ticket = await remote.desk.submit(hold(demand(count=2)))
    dana, omar = remote.token("dana"), remote.token("omar")

    def ask(token: str, key: str, **request: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        return remote.client.post(PATH, json=request, headers=headers)

    first = ask(dana, "k-1", do="approvals.approve", id=ticket.id)
    assert first.json()["ok"]["given"] == 1
    again = ask(remote.token("dana"), "k-1", do="approvals.approve", id=ticket.id)
    assert (again.status_code, again.json()) == (200, first.json())
    assert ask(dana, "k-1", do="approvals.refuse", id=ticket.id, reason="x").status_code == 422
    assert ask(dana, "k-2", do="approvals.approve", id=ticket.id).status_code == 409
    assert ask(omar, "k-1", do="approvals.approve", id=ticket.id).json()["ok"]["given"] == 2
    assert ask(dana, "k" * 256, do="approvals.list").status_code == 400
    assert remote.log.kinds().count("approval.given") == 2


async def test_who_sees_the_arguments_is_a_record(remote: Remote) -> None:
    ticket = await remote.desk.submit(hold())
    masked = remote.ask(remote.token("dana"), do="approvals.show", id=ticket.id).json()["ok"]
    assert (masked["arguments"], masked["masked"]) == ("masked", True)
    assert "read" not in remote.log.kinds()
    remote.ask(remote.token("dana"), do="approvals.show", id=ticket.id, reason="is it she?")
    [read] = [entry for entry in remote.log.entries if entry.kind == "read"]
    assert (read.metadata["who"], read.metadata["via"], read.metadata["approval"]) == ("dana", "api", ticket.id)
    assert b"is it she?" in (read.payload or b"")


async def test_a_name_alone_is_nobody(remote: Remote) -> None:
    ticket = await remote.desk.submit(hold())
    answer = remote.ask(None, **{"do": "approvals.approve", "id": ticket.id, "as": "dana"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    answer = remote.ask("a.b.c", **{"do": "approvals.approve", "id": ticket.id, "as": "dana"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "APR12")
    assert 'resource_metadata="https://gate.example/' in answer.headers["www-authenticate"]
    assert [code for code, _ in remote.failed] == ["ID01", "ID03"]
    assert (await remote.desk.show(ticket.id)).words == ()


async def test_who_is_of_no_group_that_is_asked_sees_and_decides_nothing(remote: Remote) -> None:
    ticket = await remote.desk.submit(hold())
    for email in ("rita", "mallory"):
        token = remote.token(email)
        assert remote.ask(token, do="approvals.list").json() == {"ok": []}
        for verb in ("show", "approve", "revoke", "review"):
            answer = remote.ask(token, do=f"approvals.{verb}", id=ticket.id)
            assert answer.status_code == 403
            assert "Ann Example" not in answer.text


async def test_what_cannot_be_recorded_is_not_done(remote: Remote) -> None:
    ticket = await remote.desk.submit(hold())
    remote.log.broken = True
    answer = remote.ask(remote.token("dana"), do="approvals.approve", id=ticket.id)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "ADM05")
    assert (await remote.desk.show(ticket.id)).words == ()


@pytest.mark.parametrize(
    "body",
    [
        *("", "[]", "{", "x" * 20_000, '{"do":"reload"}', '{"do":"approvals.fly"}', '{"do":["approvals.list"]}'),
        *('{"do":"approvals.list","states":5}', '{"do":"approvals.list","states":["open"]}'),
        *('{"do":"approvals.list","states":"pending"}', '{"do":"approvals.list","states":[[]]}'),
    ],
)
async def test_what_is_no_command_is_refused(remote: Remote, body: str) -> None:
    headers = {"Authorization": f"Bearer {remote.token('dana')}"}
    assert remote.client.post(PATH, content=body, headers=headers).status_code == 400


@pytest.fixture
async def gate(remote: Remote) -> AsyncIterator[str]:
    async with serving(remote.app) as url:
        yield url


async def test_the_command_line_reaches_a_gate_elsewhere(
    remote: Remote, gate: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ticket = await remote.desk.submit(hold())
    monkeypatch.setenv("HOOPGATE_TOKEN", remote.token("dana"))
    assert await asyncio.to_thread(run, ["approvals", "list", "--gate", gate, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["id"] == ticket.id
    assert await asyncio.to_thread(run, ["approvals", "approve", ticket.id, "--gate", gate]) == 0
    assert await asyncio.to_thread(run, ["approvals", "approve", ticket.id, "--gate", gate]) == 1
    assert "APR02" in capsys.readouterr().err
    monkeypatch.delenv("HOOPGATE_TOKEN")
    assert await asyncio.to_thread(run, ["approvals", "list", "--gate", gate]) == 2
    monkeypatch.setenv("HOOPGATE_TOKEN", "x")
    assert await asyncio.to_thread(run, ["approvals", "list", "--gate", "http://127.0.0.1:1"]) == 2
