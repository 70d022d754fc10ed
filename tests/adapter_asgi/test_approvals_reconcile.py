"""An older copy of the approvals brings nothing back that was spent."""

from __future__ import annotations

import shutil
from pathlib import Path

from holding import KEY, Office, demand, hold, person

import recorder
from adapter_asgi.approvals.desk import ApprovalDesk
from adapter_asgi.approvals.reconcile import end, reconcile
from adapter_asgi.approvals.store import ApprovalStore


async def test_consumed_stays_consumed_when_an_older_copy_comes_back(tmp_path: Path) -> None:
    with recorder.open(tmp_path / "evidence") as log:
        office = Office(tmp_path / "approvals")
        desk = ApprovalDesk(office.store, log, office.people)
        spent = await desk.submit(hold())
        await desk.approve(spent.id, person("dana"))
        window = await desk.submit(hold(demand(lasts=600), digest="e" * 64, arguments={}))
        await desk.approve(window.id, person("dana"))
        unused = await desk.submit(hold(digest="f" * 64, arguments={"n": 2}))
        await desk.approve(unused.id, person("dana"))
        office.store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(tmp_path / "approvals", tmp_path / "older")
        assert await desk.consume(spent.id, "d" * 64)
        assert await desk.consume(window.id, "e" * 64)
        office.store.close()
        older = ApprovalStore(tmp_path / "older", KEY)
        assert reconcile(older, tmp_path / "evidence") == (spent.id,)
        again = ApprovalDesk(older, log, office.people)
        assert not await again.consume(spent.id, "d" * 64)
        assert await again.consume(window.id, "e" * 64)
        assert await again.consume(unused.id, "f" * 64)
        older.close()


def test_without_anything_open_the_evidence_is_not_read(tmp_path: Path) -> None:
    assert reconcile(ApprovalStore(tmp_path / "approvals", KEY), tmp_path / "nothing") == ()


async def test_what_another_worker_is_about_to_end_keeps_its_reason(tmp_path: Path) -> None:
    office = Office(tmp_path / "approvals")
    asked = await office.desk.submit(hold())
    found = {asked.id: "approval.refused"}  # its record is there already, the change of the store comes next
    await office.desk.refuse(asked.id, person("dana"), "not today")
    assert end(office.store, found) == ()
    kept = await office.desk.show(asked.id)
    assert (kept.state, kept.decider, kept.reason) == ("refused", "dana", "not today")
    office.store.close()
