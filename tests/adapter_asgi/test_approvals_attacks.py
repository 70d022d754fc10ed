"""What somebody tries whose word should not count: names of their own choosing, lost moments, old runs."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from holding import KEY, Office, demand, hold, person, principal
from issuing import World

import recorder
from adapter_asgi.approvals.desk import ApprovalDesk
from adapter_asgi.approvals.error import ApprovalError
from adapter_asgi.approvals.people import Approver, People, from_token
from adapter_asgi.approvals.reconcile import reconcile
from adapter_asgi.approvals.rulebook import BREAK_GLASS
from adapter_asgi.approvals.store import ApprovalStore


async def _refused(awaitable: Any) -> str:
    with pytest.raises(ApprovalError) as caught:
        await awaitable
    return caught.value.code


async def _signed(mapping: Mapping[str, str] | None = None, **claims: Any) -> Approver:
    world = World()
    world.issuer = replace(world.issuer, caller="person", tenant=None, mapping=mapping)
    nobody = dict.fromkeys(("actor", "actor_id", "repository", "run_id"), ...)
    return from_token(await world.authenticator().verify(world.mint(**{**nobody, **claims})))


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["preferred_username", "nickname", "upn", "login", "user_login", "actor", "user_id"])
async def test_a_name_that_people_choose_themselves_opens_no_group(name: str) -> None:
    office = Office()
    ticket = await office.desk.submit(hold())
    mallory = await _signed(sub="u-mallory", **{name: "dana"})
    assert await _refused(office.desk.approve(ticket.id, mallory)) == "APR04"
    assert mallory.name == "u-mallory"


@pytest.mark.parametrize("name", ["preferred_username", "nickname", "upn", "login", "oid", "user_id"])
async def test_but_it_tells_who_asked(name: str) -> None:
    office = Office()
    ticket = await office.desk.submit(hold())
    alice = await _signed(sub="dana", **{name: "Alice"})
    assert await _refused(office.desk.approve(ticket.id, alice)) == "APR03"


async def test_a_number_is_a_name_too() -> None:
    office = Office()
    ticket = await office.desk.submit(hold())
    assert await _refused(office.desk.approve(ticket.id, await _signed(sub="dana", user_id=9))) == "APR03"


async def test_two_words_of_one_person_under_a_name_of_their_choosing_are_one() -> None:
    office = Office()
    ticket = await office.desk.submit(hold(demand(count=2)))
    await office.desk.approve(ticket.id, await _signed(sub="dana", preferred_username="d.k"))
    second = await _signed(sub="omar", preferred_username="D.K")
    assert await _refused(office.desk.approve(ticket.id, second)) == "APR05"


async def test_the_table_may_say_which_claim_names_a_person() -> None:
    office = Office()
    ticket = await office.desk.submit(hold(demand(count=3)))
    dana = await _signed({"actor": "upn"}, sub="u-1", upn="dana")
    assert (await office.desk.approve(ticket.id, dana)).words[0].approver == "dana"
    omar = await _signed({"actor": "email"}, sub="u-2", email="omar")
    assert len((await office.desk.approve(ticket.id, omar)).words) == 2
    unverified = {"sub": "u-3", "email": "ines@clinic.example", "email_verified": False}
    assert await _refused(office.desk.approve(ticket.id, await _signed({"actor": "email"}, **unverified))) == "APR04"


@pytest.mark.parametrize(
    ("asks", "decides"),
    [("jose\u0301", "jos\u00e9"), ("\uff41lice", "alice"), ("al\u200bice", "alice"), ("STRASSE", "stra\u00dfe")],
)
async def test_a_name_is_one_name_however_it_is_written(asks: str, decides: str) -> None:
    office = Office()
    for one, other in ((asks, decides), (decides, asks)):
        ticket = await office.desk.submit(hold(principal=principal(actor=one), digest=one.encode().hex()))
        assert await _refused(office.desk.approve(ticket.id, person(other, groups=("privacy",)))) == "APR03"


async def test_canonically_equal_names_are_in_the_group_and_look_alikes_are_not() -> None:
    office = Office()
    office.people = People({"privacy": ("jos\u00e9",)}, {})
    desk = ApprovalDesk(office.store, office.log, office.people, clock=lambda: office.now)
    ticket = await desk.submit(hold(demand(count=2)))
    for name in ("\uff4aos\u00e9", "jos\u200b\u00e9"):
        assert await _refused(desk.approve(ticket.id, person(name))) == "APR04"
    assert len((await desk.approve(ticket.id, person("jose\u0301"))).words) == 1


@pytest.mark.parametrize("claims", [{"owner": "dana"}, {"act": {"sub": "x", "act": {"sub": "Dana"}}}, {"act": "dana"}])
async def test_an_agent_s_owner_and_who_acts_for_somebody_do_not_decide(claims: dict[str, Any]) -> None:
    office = Office()
    ticket = await office.desk.submit(hold(principal=principal(claims=claims)))
    if claims == {"act": "dana"}:  # is not RFC 8693's shape, and names nobody
        assert (await office.desk.approve(ticket.id, person("dana"))).state == "approved"
    else:
        assert await _refused(office.desk.approve(ticket.id, person("dana"))) == "APR03"


async def test_without_the_key_the_store_tells_nobody_s_name(tmp_path: Path) -> None:
    office = Office(tmp_path / "approvals")
    ticket = await office.desk.submit(hold(principal=principal(actor="actor-planted")))
    await office.desk.refuse(ticket.id, person("decider-planted", groups=("privacy",)), "reason-planted")
    assert (await office.desk.show(ticket.id)).decider == "decider-planted"
    office.store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"-planted" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


# --- a refusal is final -----------------------------------------------------------------------------------------------


async def test_a_refused_run_gains_nothing_from_another_run_that_asks_anew() -> None:
    office = Office()
    first = await office.desk.submit(hold())
    await office.desk.refuse(first.id, person("dana"), "wrong patient")
    office.now += 1
    second = await office.desk.submit(hold(principal=principal(run="78")))
    assert second.id != first.id
    assert (await office.desk.submit(hold())).state == "refused"
    await office.desk.approve(second.id, person("dana"))
    again = await office.desk.submit(hold())
    assert (again.id, again.state) == (first.id, "refused")


# --- lost moments -----------------------------------------------------------------------------------------------------


async def test_a_window_that_was_taken_back_stays_so_when_the_gate_died_before_its_store_knew(tmp_path: Path) -> None:
    with recorder.open(tmp_path / "evidence") as log:
        office = Office(tmp_path / "approvals")
        desk = ApprovalDesk(office.store, log, office.people)
        window = await desk.submit(hold(demand(lasts=600)))
        await desk.approve(window.id, person("dana"))
        assert await desk.consume(window.id, "d" * 64)
        office.store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(tmp_path / "approvals", tmp_path / "older")
        await desk.revoke(window.id, person("omar"), "wrong patient")
        office.store.close()
        older = ApprovalStore(tmp_path / "older", KEY)
        assert reconcile(older, tmp_path / "evidence") == (window.id,)
        assert not await ApprovalDesk(older, log, office.people).consume(window.id, "d" * 64)
        older.close()


# --- reviews ----------------------------------------------------------------------------------------------------------


async def test_a_review_that_is_not_due_is_no_record_and_who_asked_reviews_nothing() -> None:
    office = Office()
    office.people = People({"privacy": ("dana", "alice"), BREAK_GLASS: ("bea",)}, {})
    desk = ApprovalDesk(office.store, office.log, office.people, clock=lambda: office.now)
    ticket = await desk.submit(hold())
    assert await _refused(desk.review(ticket.id, person("dana"))) == "APR02"
    await desk.break_glass(ticket.id, person("bea"), "he bleeds")
    assert await _refused(desk.review(ticket.id, person("alice"))) == "APR03"
    assert "review" not in office.log.kinds()
    assert (await desk.review(ticket.id, person("dana"))).review == "done"
    assert await _refused(desk.review(ticket.id, person("dana"))) == "APR02"
    assert office.log.kinds().count("review") == 1
