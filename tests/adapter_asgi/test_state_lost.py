"""What the gate keeps for itself is lost, damaged or cannot be written: it refuses, and says what is wrong."""

from __future__ import annotations

import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from holding import principal
from issuing import NOW, World
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from whole import whole

from adapter_asgi.approvals.store import ApprovalStore
from adapter_asgi.budgets import Budgets
from adapter_asgi.credentials.ledger import Ledger, Out
from adapter_asgi.errors import AdapterError
from adapter_asgi.identity.error import IdentityError
from adapter_asgi.identity.replay import ReplayMarks

POLICY = 'rule "reading" {\n command "ehr/read"\n allow\n mask none\n}\n'


async def _code(world: World, token: str) -> str:
    with pytest.raises(IdentityError) as caught:
        await world.show(token)
    return caught.value.code


async def test_what_was_issued_before_the_marks_were_lost_is_refused_for_good(tmp_path: Path) -> None:
    first = World(tmp_path / "marks")
    first.marks.distrust(NOW - 10)
    assert await _code(first, first.mint(iat=int(NOW) - 10)) == "ID43"
    assert await _code(first, first.mint(iat=..., nbf=int(NOW) - 20)) == "ID43"
    assert await _code(first, first.mint(iat=..., nbf=...)) == "ID43"  # it may have been issued an hour before its end
    assert (await first.show(first.mint(iat=int(NOW) - 9))).run == "77"
    first.marks.close()
    second = World(tmp_path / "marks")
    assert not second.marks.fresh
    assert await _code(second, second.mint(iat=int(NOW) - 10)) == "ID43"
    second.marks.close()


async def test_marks_under_another_key_are_no_marks(tmp_path: Path) -> None:
    made = ReplayMarks(tmp_path / "marks", b"a" * 32)
    assert made.fresh
    made.close()
    same = ReplayMarks(tmp_path / "marks", b"a" * 32)
    assert not same.fresh
    same.close()
    other = ReplayMarks(tmp_path / "marks", b"b" * 32)
    assert other.fresh
    other.close()


async def _answer(request: Request) -> Response:
    message = await request.json()
    return JSONResponse({"jsonrpc": "2.0", "id": message["id"], "result": {"content": [], "isError": False}})


UPSTREAM = Starlette(routes=[Route("/mcp", _answer, methods=["POST"])])


@pytest.mark.parametrize(("lost", "status"), [("", 200), ("evidence.state", 401), (".hoopgate-keys/state", 401)])
async def test_a_gate_that_lost_its_state_but_not_its_evidence_takes_no_old_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, lost: str, status: int
) -> None:
    async with whole(tmp_path, monkeypatch, UPSTREAM, POLICY) as gate:
        now = int(time.time())
        token = gate.job(iat=now - 60, nbf=now - 60, exp=now + 240)  # issued before the first start, and good there
        async with gate.call(token) as answer:
            assert answer.status == 200
    if lost:
        path = tmp_path / lost
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    async with whole(tmp_path, monkeypatch, UPSTREAM, POLICY) as again, again.call(token) as answer:
        assert answer.status == status
    assert ("ID43" in caplog.text) is bool(lost)
    assert [record.data["error"] for record in again.records("refusal")] == (["ID43"] if lost else [])


@pytest.mark.parametrize("kept", [ReplayMarks, ApprovalStore, Ledger, Budgets])
def test_a_damaged_file_is_named(tmp_path: Path, kept: Any) -> None:
    path = tmp_path / "file.sqlite"
    path.write_bytes(b"this is no database " * 400)
    with pytest.raises(AdapterError, match="STA04") as caught:
        kept(path, b"k" * 32)
    assert "file.sqlite" in str(caught.value)


async def test_a_token_that_cannot_be_remembered_is_refused(tmp_path: Path) -> None:
    world = World(tmp_path / "marks")
    world.marks._db.execute("PRAGMA query_only = 1")
    assert await _code(world, world.mint()) == "ID52"
    world.marks._db.execute("PRAGMA query_only = 0")
    assert (await world.show(world.mint())).run == "77"
    world.marks.close()


async def test_nothing_is_lent_that_cannot_be_kept(tmp_path: Path) -> None:
    from test_credentials import GRANT, Bank

    bank = Bank(tmp_path / "leases")
    bank.ledger._db.execute("PRAGMA query_only = 1")
    with pytest.raises(AdapterError, match="STA05"):
        await bank.broker.lease(GRANT, principal(), "s-1")
    assert bank.provider.lent == {}
    bank.ledger._db.execute("PRAGMA query_only = 0")
    bank.ledger.put(Out("i", "reader", "s-1", NOW, {}))
    bank.ledger.close()


async def test_a_word_that_cannot_be_kept_is_no_word(tmp_path: Path) -> None:
    from holding import Office, hold, person

    office = Office(tmp_path / "approvals")
    asked = await office.desk.submit(hold())

    def full(_: int, what: str | None, *__: Any) -> int:
        return sqlite3.SQLITE_DENY if what == "COMMIT" else sqlite3.SQLITE_OK

    office.store._db.set_authorizer(full)
    with pytest.raises(AdapterError, match="STA05"):
        await office.desk.approve(asked.id, person("dana"))
    office.store._db.set_authorizer(None)
    kept = await office.desk.show(asked.id)
    assert (kept.state, kept.words) == ("pending", ())
    await office.desk.approve(asked.id, person("dana"))
    assert await office.desk.consume(asked.id, "d" * 64)
    office.store.close()
