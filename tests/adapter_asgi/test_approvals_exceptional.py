"""What is not the rule: taking an approval back, breaking the glass, frozen times, and approvers who are worn down."""

from __future__ import annotations

from typing import Any

import pytest
from holding import Office, demand, hold, person, principal

from adapter_asgi.approvals.desk import ApprovalDesk
from adapter_asgi.approvals.error import ApprovalError
from adapter_asgi.approvals.freeze import Freeze
from adapter_asgi.approvals.people import People
from adapter_asgi.approvals.rulebook import BREAK_GLASS

APPROVERS = {"privacy": ("dana", "omar"), BREAK_GLASS: ("bea", "alice")}


@pytest.fixture
def office() -> Office:
    return _office()


def _office(**options: Any) -> Office:
    made = Office()
    made.people = People(APPROVERS, {})
    made.told: list[tuple[str, str]] = []  # type: ignore[attr-defined]
    made.desk = ApprovalDesk(
        made.store,
        made.log,
        made.people,
        clock=lambda: made.now,
        listeners=[lambda event, asked: made.told.append((event, asked.id))],  # type: ignore[attr-defined]
        **options,
    )
    return made


async def _refused(awaitable: Any) -> str:
    with pytest.raises(ApprovalError) as caught:
        await awaitable
    return caught.value.code


async def test_an_approval_is_taken_back_before_its_use(office: Office) -> None:
    ticket = await office.desk.submit(hold())
    assert await _refused(office.desk.revoke(ticket.id, person("dana"), "x")) == "APR02"
    await office.desk.approve(ticket.id, person("dana"))
    assert await _refused(office.desk.revoke(ticket.id, person("mallory"), "x")) == "APR04"
    assert await _refused(office.desk.revoke(ticket.id, person("alice"), "x")) == "APR03"
    assert await _refused(office.desk.revoke(ticket.id, person("omar"), " ")) == "APR08"
    assert (await office.desk.revoke(ticket.id, person("omar"), "wrong patient")).state == "revoked"
    assert not await office.desk.consume(ticket.id, "d" * 64)
    assert office.log.kinds()[-1] == "approval.revoked"


async def test_what_runs_on_an_approval_is_told_of_its_end(office: Office) -> None:
    ticket = await office.desk.submit(hold(demand(lasts=600)))
    await office.desk.approve(ticket.id, person("dana"))
    assert await office.desk.consume(ticket.id, "d" * 64)
    await office.desk.revoke(ticket.id, person("omar"), "stop")
    assert not await office.desk.consume(ticket.id, "d" * 64)
    assert office.told == [("requested", ticket.id), ("approved", ticket.id), ("revoked", ticket.id)]  # type: ignore[attr-defined]


async def test_the_glass_is_broken_by_one_with_a_reason_and_reviewed_by_another(office: Office) -> None:
    ticket = await office.desk.submit(hold(demand(count=2)))
    assert await _refused(office.desk.break_glass(ticket.id, person("dana"), "fire")) == "APR04"
    assert await _refused(office.desk.break_glass(ticket.id, person("alice"), "fire")) == "APR03"
    assert await _refused(office.desk.break_glass(ticket.id, person("bea"), "")) == "APR08"
    assert (await office.desk.break_glass(ticket.id, person("bea"), "fire")).state == "approved"
    shown = await office.desk.show(ticket.id)
    assert (shown.state, shown.review) == ("approved", "due")


async def test_a_broken_glass_is_recorded_with_its_cause_told_and_reviewed_once(office: Office) -> None:
    ticket = await office.desk.submit(hold())
    await office.desk.break_glass(ticket.id, person("bea"), "fire")
    assert await office.desk.consume(ticket.id, "d" * 64)
    [given] = [entry for entry in office.log.entries if entry.kind == "approval.given"]
    assert given.metadata["cause"] == BREAK_GLASS
    assert b"fire" in (given.payload or b"")
    assert (BREAK_GLASS, ticket.id) in office.told  # type: ignore[attr-defined]
    assert await _refused(office.desk.review(ticket.id, person("bea"))) == "APR03"
    assert await _refused(office.desk.review(ticket.id, person("mallory"))) == "APR04"
    assert (await office.desk.review(ticket.id, person("dana"))).review == "done"
    assert await _refused(office.desk.review(ticket.id, person("dana"))) == "APR02"


async def test_in_a_freeze_nothing_is_approved_and_nothing_approved_is_used() -> None:
    office = _office(freezes=[Freeze(1_800_000_100.0, 1_800_000_200.0)])
    early = await office.desk.submit(hold())
    await office.desk.approve(early.id, person("dana"))
    office.now = 1_800_000_100.0
    late = await office.desk.submit(hold(digest="e" * 64, arguments={}))
    assert await _refused(office.desk.approve(late.id, person("dana"))) == "APR11"
    assert not await office.desk.consume(early.id, "d" * 64)
    await office.desk.break_glass(late.id, person("bea"), "fire")
    assert await office.desk.consume(late.id, "e" * 64)
    office.now = 1_800_000_200.0
    assert await office.desk.consume(early.id, "d" * 64)


async def test_a_caller_cannot_wear_approvers_down(office: Office) -> None:
    for number in range(25):
        assert (await office.desk.submit(hold(digest=f"{number:064}", arguments={"n": number}))).state == "pending"
    refused = await office.desk.submit(hold(digest="f" * 64, arguments={"n": 99}))
    assert (refused.state, refused.id) == ("refused", "")
    assert "25" in refused.reason
    assert (await office.desk.submit(hold(digest=f"{3:064}", arguments={"n": 3}))).state == "pending"
    other = await office.desk.submit(hold(digest="a" * 64, principal=_other()))
    assert other.state == "pending"


def _other() -> Any:
    from dataclasses import replace

    return replace(principal(), subject="repo:acme/other")
