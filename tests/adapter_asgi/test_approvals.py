"""The desk: whose word counts, for how long, and that it is spent once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from holding import KEY, Office, demand, hold, person, principal

import recorder
from adapter_asgi.approvals.asked import spell
from adapter_asgi.approvals.error import ApprovalError
from adapter_asgi.approvals.store import ApprovalStore


@pytest.fixture
def office() -> Office:
    return Office()


async def _refused(awaitable: Any) -> str:
    with pytest.raises(ApprovalError) as caught:
        await awaitable
    return caught.value.code


async def test_a_call_waits_is_approved_and_is_consumed_once(office: Office) -> None:
    ticket = await office.desk.submit(hold())
    assert ticket.state == "pending"
    waiting = asyncio.create_task(office.desk.wait(ticket.id, 60))
    await asyncio.sleep(0)
    await office.desk.approve(ticket.id, person("dana"))
    assert (await waiting).state == "approved"
    assert (await waiting).approvers == ("dana",)
    assert await office.desk.consume(ticket.id, "d" * 64)
    assert not await office.desk.consume(ticket.id, "d" * 64)
    assert office.log.kinds() == ["approval.requested", "approval.given", "approval.consumed"]


async def test_waiting_gives_up_after_its_time(office: Office) -> None:
    ticket = await office.desk.submit(hold())
    assert (await office.desk.wait(ticket.id, 0)).state == "pending"


async def test_the_identical_call_finds_its_approval(office: Office) -> None:
    first = await office.desk.submit(hold())
    assert (await office.desk.submit(hold(principal=principal(run="78")))).id == first.id
    await office.desk.approve(first.id, person("dana"))
    again = await office.desk.submit(hold(principal=principal(run="79")))
    assert (again.id, again.state) == (first.id, "approved")
    assert await office.desk.consume(first.id, "d" * 64)
    assert (await office.desk.submit(hold())).id != first.id


async def test_another_digest_consumes_nothing(office: Office) -> None:
    ticket = await office.desk.submit(hold())
    await office.desk.approve(ticket.id, person("dana"))
    assert not await office.desk.consume(ticket.id, "e" * 64)
    assert not await office.desk.consume("unknown", "d" * 64)
    assert await office.desk.consume(ticket.id, "d" * 64)


async def test_an_approval_that_nobody_gave_is_not_consumed(office: Office) -> None:
    ticket = await office.desk.submit(hold())
    assert not await office.desk.consume(ticket.id, "d" * 64)


# --- whose word counts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who", ["alice", "ALICE", " alice ", "github:alice", "9", "repo:acme/ehr", "acme/ehr (run 77)"]
)
async def test_nobody_approves_for_themselves_under_any_of_their_names(office: Office, who: str) -> None:
    ticket = await office.desk.submit(hold())
    assert await _refused(office.desk.approve(ticket.id, person(who, groups=("privacy",)))) == "APR03"
    assert await _refused(office.desk.refuse(ticket.id, person(who, groups=("privacy",)), "no")) == "APR03"


async def test_the_actor_is_found_through_the_people_table_and_through_claims() -> None:
    office = Office(people={"Dana": ["github:alice", "dana"]})
    ticket = await office.desk.submit(hold())
    assert await _refused(office.desk.approve(ticket.id, person("dana"))) == "APR03"
    requester = principal(claims={"user_email": "omar"})
    ticket = await office.desk.submit(hold(principal=requester, digest="f" * 64))
    assert await _refused(office.desk.approve(ticket.id, person("omar"))) == "APR03"


async def test_an_outsider_s_word_does_not_count(office: Office) -> None:
    ticket = await office.desk.submit(hold())
    for name in ("mallory", "rita", "root", "dana2"):
        assert await _refused(office.desk.approve(ticket.id, person(name))) == "APR04"
        assert await _refused(office.desk.refuse(ticket.id, person(name), "no")) == "APR04"


async def test_groups_come_from_the_configuration_and_from_the_token(office: Office) -> None:
    ticket = await office.desk.submit(hold())
    assert (await office.desk.approve(ticket.id, person("new", groups=("privacy",)))).state == "approved"


async def test_names_are_compared_without_case(office: Office) -> None:
    ticket = await office.desk.submit(hold())
    assert (await office.desk.approve(ticket.id, person("sub-5", "ines@clinic.EXAMPLE"))).state == "approved"


async def test_two_words_are_two_people(office: Office) -> None:
    ticket = await office.desk.submit(hold(demand(count=2)))
    assert (await office.desk.approve(ticket.id, person("dana"))).state == "pending"
    assert await _refused(office.desk.approve(ticket.id, person("Dana"))) == "APR05"
    assert await _refused(office.desk.approve(ticket.id, person("subject-1", "dana"))) == "APR05"
    assert (await office.desk.approve(ticket.id, person("omar"))).state == "approved"
    assert await _refused(office.desk.approve(ticket.id, person("Ines@Clinic.example"))) == "APR02"


async def test_one_person_with_two_accounts_is_one_person() -> None:
    office = Office(people={"Dana Doe": ["dana", "omar"]})
    ticket = await office.desk.submit(hold(demand(count=2)))
    await office.desk.approve(ticket.id, person("dana"))
    assert await _refused(office.desk.approve(ticket.id, person("omar"))) == "APR05"


async def test_every_demand_must_be_met_and_either_group_of_one_will_do(office: Office) -> None:
    ticket = await office.desk.submit(hold(demand("privacy", rule="a"), demand("records", "board", rule="b")))
    assert (await office.desk.approve(ticket.id, person("omar"))).state == "pending"
    assert (await office.desk.approve(ticket.id, person("rita"))).state == "approved"


async def test_a_person_in_both_groups_meets_both_demands(office: Office) -> None:
    ticket = await office.desk.submit(hold(demand("privacy", rule="a"), demand("records", rule="b")))
    assert (await office.desk.approve(ticket.id, person("dana"))).state == "approved"


async def test_at_most_one_word_is_only_asserted(office: Office) -> None:
    ticket = await office.desk.submit(hold(demand(count=2)))
    await office.desk.approve(ticket.id, person("dana", local=True))
    assert await _refused(office.desk.approve(ticket.id, person("omar", local=True))) == "APR06"
    assert (await office.desk.approve(ticket.id, person("omar"))).state == "approved"
    given = [entry.metadata for entry in office.log.entries if entry.kind == "approval.given"]
    assert [(one["asserted"], one.get("user")) for one in given] == [("local", "root"), ("oidc", None)]


async def test_independence_is_said_and_where_wanted_demanded() -> None:
    table = {"Alice": ["github:alice"], "Dana": ["dana"]}
    recorded = Office(people=table)
    ticket = await recorded.desk.submit(hold(demand(count=2)))
    await recorded.desk.approve(ticket.id, person("dana"))
    await recorded.desk.approve(ticket.id, person("omar"))
    words = (await recorded.desk.show(ticket.id)).words
    assert [word.independence for word in words] == ["established", "not established"]
    proven = Office(people=table, proven=True)
    ticket = await proven.desk.submit(hold())
    assert await _refused(proven.desk.approve(ticket.id, person("omar"))) == "APR07"
    assert (await proven.desk.approve(ticket.id, person("dana"))).state == "approved"


# --- refusal, time, policy --------------------------------------------------------------------------------------------


async def test_a_refusal_needs_a_reason_and_is_final_for_its_run(office: Office) -> None:
    ticket = await office.desk.submit(hold())
    assert await _refused(office.desk.refuse(ticket.id, person("dana"), "  ")) == "APR08"
    waiting = asyncio.create_task(office.desk.wait(ticket.id, 60))
    await asyncio.sleep(0)
    await office.desk.refuse(ticket.id, person("dana"), "not this patient")
    answer = await waiting
    assert (answer.state, answer.reason, answer.decider) == ("refused", "not this patient", "dana")
    assert await _refused(office.desk.approve(ticket.id, person("omar"))) == "APR02"
    again = await office.desk.submit(hold())
    assert (again.id, again.state) == (ticket.id, "refused")
    other_run = await office.desk.submit(hold(principal=principal(run="78")))
    assert other_run.state == "pending"
    assert other_run.id != ticket.id


async def test_a_request_expires_and_its_end_is_recorded(office: Office) -> None:
    ticket = await office.desk.submit(hold(demand(within=60)))
    office.now += 60
    assert await _refused(office.desk.approve(ticket.id, person("dana"))) == "APR02"
    assert (await office.desk.wait(ticket.id, 10)).state == "expired"
    assert office.log.kinds() == ["approval.requested", "approval.expired"]
    assert (await office.desk.submit(hold())).state == "pending"


async def test_an_approval_that_is_not_used_expires(office: Office) -> None:
    ticket = await office.desk.submit(hold(demand(within=60)))
    office.now += 59
    await office.desk.approve(ticket.id, person("dana"))
    office.now += 60
    assert not await office.desk.consume(ticket.id, "d" * 64)
    await office.desk.sweep()
    assert (await office.desk.show(ticket.id)).state == "expired"


async def test_an_approval_for_a_time_is_used_until_its_end(office: Office) -> None:
    ticket = await office.desk.submit(hold(demand(lasts=600)))
    await office.desk.approve(ticket.id, person("dana"))
    for _ in range(3):
        assert await office.desk.consume(ticket.id, "d" * 64)
    office.now += 600
    assert not await office.desk.consume(ticket.id, "d" * 64)


async def test_one_demand_for_once_makes_the_whole_approval_for_once(office: Office) -> None:
    ticket = await office.desk.submit(hold(demand("privacy", lasts=600, rule="a"), demand("privacy", rule="b")))
    await office.desk.approve(ticket.id, person("dana"))
    assert await office.desk.consume(ticket.id, "d" * 64)
    assert not await office.desk.consume(ticket.id, "d" * 64)


async def test_what_was_approved_under_another_policy_is_void(office: Office) -> None:
    ticket = await office.desk.submit(hold())
    await office.desk.approve(ticket.id, person("dana"))
    changed = await office.desk.submit(hold(digest="e" * 64, policy="sha256:q"))
    assert changed.state == "pending"
    assert (await office.desk.show(ticket.id)).state == "void"
    assert not await office.desk.consume(ticket.id, "d" * 64)
    other_arguments = await office.desk.submit(hold(digest="f" * 64, arguments={"id": 8}))
    assert (await office.desk.show(changed.id)).state == "pending"
    assert other_arguments.state == "pending"


async def test_what_another_policy_decides_otherwise_is_void_once_it_is_in_force(office: Office) -> None:
    waiting = await office.desk.submit(hold())
    approved = await office.desk.submit(hold(digest="e" * 64, arguments={"id": 8}))
    kept = await office.desk.submit(hold(digest="f" * 64, arguments={"id": 9}))
    await office.desk.approve(approved.id, person("dana"))
    holding_on = asyncio.create_task(office.desk.wait(waiting.id, 60))
    await asyncio.sleep(0)
    assert set(await office.desk.adopt(lambda asked: "f" * 64)) == {waiting.id, approved.id}
    assert (await holding_on).state == "void"
    assert not await office.desk.consume(approved.id, "e" * 64)
    assert (await office.desk.show(kept.id)).state == "pending"
    void = [entry for entry in office.log.entries if entry.kind == "approval.void"]
    assert {entry.metadata["approval"]: entry.metadata["cause"] for entry in void} == {
        waiting.id: "policy",
        approved.id: "policy",
    }
    assert await office.desk.adopt(lambda asked: None) == (kept.id,)


async def test_what_was_asked_about_one_tool_does_not_hold_for_a_changed_one(office: Office) -> None:
    ticket = await office.desk.submit(hold())
    assert (await office.desk.submit(hold(tool="sha256:one"))).id == ticket.id
    assert (await office.desk.submit(hold())).id == ticket.id
    await office.desk.approve(ticket.id, person("dana"))
    changed = await office.desk.submit(hold(tool="sha256:two"))
    assert (changed.id != ticket.id, changed.state) == (True, "pending")
    assert not await office.desk.consume(ticket.id, "d" * 64)
    [void] = [entry for entry in office.log.entries if entry.kind == "approval.void"]
    assert void.metadata["cause"] == "tool"


# --- faults and concurrency -------------------------------------------------------------------------------------------


async def test_a_word_that_cannot_be_recorded_does_not_count(office: Office) -> None:
    ticket = await office.desk.submit(hold())
    office.log.broken = True
    with pytest.raises(recorder.RecorderError):
        await office.desk.approve(ticket.id, person("dana"))
    with pytest.raises(recorder.RecorderError):
        await office.desk.submit(hold(digest="f" * 64, arguments={}))
    office.log.broken = False
    shown = await office.desk.show(ticket.id)
    assert (shown.state, shown.words) == ("pending", ())
    assert len(await office.desk.list()) == 1


async def test_a_consumption_that_cannot_be_recorded_is_spent_all_the_same(office: Office) -> None:
    ticket = await office.desk.submit(hold())
    await office.desk.approve(ticket.id, person("dana"))
    office.log.broken = True
    with pytest.raises(recorder.RecorderError):
        await office.desk.consume(ticket.id, "d" * 64)
    office.log.broken = False
    assert not await office.desk.consume(ticket.id, "d" * 64)


async def test_of_two_hundred_parallel_consumers_one_wins(office: Office) -> None:
    ticket = await office.desk.submit(hold())
    await office.desk.approve(ticket.id, person("dana"))
    won = await asyncio.gather(*(office.desk.consume(ticket.id, "d" * 64) for _ in range(200)))
    assert won.count(True) == 1


async def test_of_two_hundred_consumers_in_threads_on_one_file_one_wins(tmp_path: Path) -> None:
    office = Office(tmp_path / "approvals")
    ticket = await office.desk.submit(hold())
    await office.desk.approve(ticket.id, person("dana"))

    def consume() -> bool:
        store = ApprovalStore(tmp_path / "approvals", KEY)
        try:
            return store.consume(ticket.id, "d" * 64, office.now)
        finally:
            store.close()

    won = await asyncio.gather(*(asyncio.to_thread(consume) for _ in range(200)))
    assert won.count(True) == 1
    office.store.close()


async def test_a_hundred_identical_calls_ask_once(office: Office) -> None:
    tickets = await asyncio.gather(*(office.desk.submit(hold()) for _ in range(100)))
    assert len({ticket.id for ticket in tickets}) == 1
    assert office.log.kinds() == ["approval.requested"]


async def test_everything_survives_a_restart_and_nothing_is_readable_without_the_key(tmp_path: Path) -> None:
    first = Office(tmp_path / "approvals")
    ticket = await first.desk.submit(hold(demand(count=2)))
    await first.desk.approve(ticket.id, person("dana"))
    first.store.close()
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"Ann Example" not in raw
    assert b"dana" not in raw
    second = Office(tmp_path / "approvals")
    assert (await second.desk.submit(hold())).id == ticket.id
    assert (await second.desk.approve(ticket.id, person("omar"))).state == "approved"
    second.store.close()
    with pytest.raises(ApprovalError, match="APR09"):
        ApprovalStore(tmp_path / "approvals", b"b" * 32).all()


async def test_no_argument_and_no_reason_is_in_a_leaf(office: Office) -> None:
    ticket = await office.desk.submit(hold())
    await office.desk.refuse(ticket.id, person("dana"), "the secret reason")
    text = repr([entry.metadata for entry in office.log.entries])
    assert "Ann Example" not in text
    assert "secret reason" not in text
    payloads = b"".join(entry.payload or b"" for entry in office.log.entries)
    assert b"Ann Example" in payloads
    assert b"secret reason" in payloads


# --- what is shown ----------------------------------------------------------------------------------------------------


async def test_list_and_show_have_the_documented_members(office: Office) -> None:
    ticket = await office.desk.submit(hold(demand(count=2)))
    [row] = [asked.to_json() for asked in await office.desk.list()]
    assert row == {
        "id": ticket.id,
        "state": "pending",
        "command": "ehr/update_patient",
        "requester": "acme/ehr (run 77)",
        "rule": "r",
        "from": ["privacy"],
        "count": 2,
        "given": 0,
        "created": "2027-01-15T08:00:00Z",
        "expires": "2027-01-15T08:30:00Z",
    }
    await office.desk.approve(ticket.id, person("dana"))
    shown = (await office.desk.show(ticket.id)).to_json(whole=True)
    assert shown["given"] == 1
    assert shown["arguments"] == {"id": 7, "name": "Ann Example"}
    assert shown["words"][0]["approver"] == "dana"


async def test_numbers_stay_as_they_were_spelled(tmp_path: Path) -> None:
    office = Office(tmp_path / "approvals")
    arguments = {"big": 9007199254740993, "price": Decimal("1.10"), "tiny": Decimal("1E-400")}
    ticket = await office.desk.submit(hold(arguments=arguments))
    office.store.close()
    again = Office(tmp_path / "approvals")
    shown = await again.desk.show(ticket.id)
    assert shown.arguments == arguments
    assert spell(shown.arguments) == '{"big":9007199254740993,"price":1.10,"tiny":1E-400}'
    again.store.close()


async def test_an_unknown_approval_is_named(office: Office) -> None:
    for awaitable in (
        office.desk.show("x"),
        office.desk.approve("x", person("dana")),
        office.desk.refuse("x", person("dana"), "no"),
        office.desk.wait("x", 1),
    ):
        assert await _refused(awaitable) == "APR01"


async def test_of_two_hundred_consumers_in_two_processes_on_one_file_one_wins(tmp_path: Path) -> None:
    office = Office(tmp_path / "approvals")
    office.now = time.time()
    ticket = await office.desk.submit(hold())
    await office.desk.approve(ticket.id, person("dana"))
    script = str(Path(__file__).with_name("consumer.py"))
    command = [sys.executable, script, str(tmp_path / "approvals"), ticket.id, "d" * 64, KEY.hex(), "100"]
    racers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("\n")
        racer.stdin.flush()
    wins = [int(racer.communicate()[0]) for racer in racers]
    assert sorted(wins) == [0, 1]
    assert (await office.desk.show(ticket.id)).state == "consumed"
    office.store.close()
