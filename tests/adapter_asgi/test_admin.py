"""The gate's own socket: its user's only, and the commands that speak through it."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from holding import Office, demand, hold
from issuing import World

from adapter_asgi import settings
from adapter_asgi.admin import AdminSocket, ask
from adapter_asgi.approvals.asked import spell
from adapter_asgi.approvals.doors import Doors
from adapter_asgi.cli import run
from adapter_asgi.errors import AdapterError

CONFIG = """
policy = "policies/"
store = "evidence"
[identity.github]
issuer = "http://127.0.0.1:1"
audience = "x"
"""


class Desk(Office):
    """An office behind its socket, with a configuration file that leads there."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder / "evidence.state"
        self.folder.mkdir()
        self.world = World()
        self.config = folder / "hoopgate.toml"
        self.config.write_text(CONFIG)
        self.door = AdminSocket(self.folder, Doors(self.desk, self.world.who.verify).handlers(), spell)

    async def command(self, *words: str) -> int:
        return await asyncio.to_thread(run, [*words[:2], "--config", str(self.config), *words[2:]])


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.delenv("HOOPGATE_TOKEN", raising=False)
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    made = Desk(folder)
    await made.door.start()
    yield made
    await made.door.stop()


async def test_the_socket_is_its_user_s_only_however_long_its_path(desk: Desk) -> None:
    path = desk.folder / "admin.sock"
    assert len(str(path)) > 107
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert await asyncio.to_thread(ask, desk.folder, {"do": "approvals.list"}) == []


async def test_a_stale_socket_is_replaced_and_a_stop_removes_it(desk: Desk) -> None:
    again = AdminSocket(desk.folder, {}, spell)
    await again.start()
    await again.stop()
    assert not (desk.folder / "admin.sock").exists()


@pytest.mark.parametrize("line", [{"do": "nonsense"}, {}, {"do": ["x"]}])
async def test_an_unknown_command_is_answered_as_such(desk: Desk, line: dict[str, Any]) -> None:
    with pytest.raises(AdapterError, match="ADM02"):
        await asyncio.to_thread(ask, desk.folder, line)


async def test_list_approve_and_show_on_the_command_line(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    ticket = await desk.desk.submit(hold(demand(count=2)))
    assert await desk.command("approvals", "list", "--json") == 0
    [row] = json.loads(capsys.readouterr().out)
    assert (row["id"], row["state"], row["given"]) == (ticket.id, "pending", 0)
    assert await desk.command("approvals", "approve", ticket.id, "--as", "dana") == 0
    assert await desk.command("approvals", "show", ticket.id) == 0
    shown = capsys.readouterr().out
    assert "Ann Example" in shown
    assert "dana (local" in shown
    assert await desk.command("approvals", "list", "--state", "approved", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (["approve", "{id}", "--as", "alice"], 1, "APR03"),
        (["approve", "{id}", "--as", "mallory"], 1, "APR04"),
        (["approve", "nothing", "--as", "dana"], 1, "APR01"),
        (["approve", "{id}"], 2, "APR10"),
        (["refuse", "{id}", "--as", "dana"], 2, "APR08"),
        (["refuse", "{id}", "--as", "mallory", "--reason", "x"], 1, "APR04"),
    ],
)
async def test_what_does_not_count_says_so_in_the_exit_status(
    desk: Desk, capsys: pytest.CaptureFixture[str], words: list[str], status: int, code: str
) -> None:
    ticket = await desk.desk.submit(hold())
    given = [word.format(id=ticket.id) for word in words]
    assert await desk.command("approvals", *given) == status
    assert code in capsys.readouterr().err
    assert (await desk.desk.show(ticket.id)).state == "pending"


async def test_a_refusal_is_final_and_a_second_decision_fails(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    ticket = await desk.desk.submit(hold())
    assert await desk.command("approvals", "refuse", ticket.id, "--as", "dana", "--reason", "wrong patient") == 0
    assert await desk.command("approvals", "approve", ticket.id, "--as", "omar") == 1
    assert "APR02" in capsys.readouterr().err
    refusal = next(entry for entry in desk.log.entries if entry.kind == "approval.refused")
    assert refusal.metadata["asserted"] == "local"
    assert refusal.metadata["user"]


async def test_a_ci_token_is_no_person_s_word(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = await desk.desk.submit(hold())
    monkeypatch.setenv("HOOPGATE_TOKEN", desk.world.mint())
    assert await desk.command("approvals", "approve", ticket.id, "--as", "dana") == 1
    assert (await desk.desk.show(ticket.id)).state == "pending"


async def test_a_person_s_token_says_who_decides_and_is_not_printed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.world.issuer = replace(desk.world.issuer, caller="person", tenant=None)
    doors = Doors(desk.desk, desk.world.authenticator().verify)
    desk.door._handlers = doors.handlers()
    desk.world.now = desk.now = 1_800_000_000.0
    ticket = await desk.desk.submit(hold(demand(count=2)))
    nobody = {"actor": ..., "actor_id": ...}
    token = desk.world.mint(sub="u-1", email="Ines@clinic.example", email_verified=True, **nobody)
    monkeypatch.setenv("HOOPGATE_TOKEN", token)
    assert await desk.command("approvals", "approve", ticket.id) == 0
    unverified = desk.world.mint(sub="u-2", email="omar", email_verified=False, **nobody)
    monkeypatch.setenv("HOOPGATE_TOKEN", unverified)
    assert await desk.command("approvals", "approve", ticket.id) == 1
    stranger = desk.world.mint(iss="https://elsewhere.example", sub="u-1", **nobody)
    for refused, status in ((token[:-4] + "AAAA", 1), (stranger, 1), ("x.y.z", 2)):
        monkeypatch.setenv("HOOPGATE_TOKEN", refused)
        assert await desk.command("approvals", "approve", ticket.id) == status
    captured = capsys.readouterr()
    assert token[:40] not in captured.out + captured.err
    [word] = (await desk.desk.show(ticket.id)).words
    assert (word.approver, word.local) == ("Ines@clinic.example", False)


async def test_without_a_gate_the_command_says_where_it_looked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "hoopgate.toml").write_text(CONFIG)
    assert await asyncio.to_thread(run, ["approvals", "list", "--config", str(tmp_path / "hoopgate.toml")]) == 2
    assert "ADM03" in capsys.readouterr().err
    assert settings.load(tmp_path / "hoopgate.toml", {}).state.name == "evidence.state"


async def test_an_unknown_state_is_not_every_state(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        await desk.command("approvals", "list", "--state", "open")
    assert left.value.code == 2
    assert "pending" in capsys.readouterr().err


async def test_what_cannot_be_recorded_is_said_and_not_done(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    ticket = await desk.desk.submit(hold())
    desk.log.broken = True
    assert await desk.command("approvals", "approve", ticket.id, "--as", "dana") == 2
    assert "error[ADM05]" in capsys.readouterr().err
    assert (await desk.desk.show(ticket.id)).words == ()
