"""A person sees the whole call and decides; who may not, cannot; whom it is about is shown for a reason on record."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest
from office import Office, token_of


async def post(browser: httpx2.AsyncClient, id_: str, verb: str, **form: str) -> httpx2.Response:
    """A form of the page, filled in."""
    csrf = token_of((await browser.get("/console/approvals")).text)
    return await browser.post(f"/console/approvals/{id_}/{verb}", data={"csrf": csrf, **form})


async def test_the_list_shows_each_person_what_waits_for_them(office: Office) -> None:
    id_ = await office.waits()
    for name, sees in {"dana": True, "ines": True, "rita": False, "aud": True}.items():
        text = (await (await office.signed_in(name)).get("/console/approvals")).text
        assert (id_ in text) == sees, name


async def test_a_word_counts_and_says_where_it_was_given(office: Office) -> None:
    id_, browser = await office.waits(), await office.signed_in("reviewer")
    answer = await post(browser, id_, "approve", reason="ticket 12")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/console/approvals/{id_}?done=approve")
    page = await browser.get(answer.headers["location"])
    assert "Your word is on record" in page.text
    [given] = office.records("approval.given")
    assert (given.data["approver"], given.data["via"], given.data["asserted"]) == (
        "dana@clinic.example",
        "console",
        "oidc",
    )
    assert "error" not in await office.call("update", {"patient": "Zenobia Quill"})


async def test_deciding_twice_says_what_was_decided(office: Office) -> None:
    id_, dana, ines = await office.waits(), await office.signed_in("dana"), await office.signed_in("ines")
    refused, approved = await asyncio.gather(
        post(dana, id_, "refuse", reason="wrong patient"), post(ines, id_, "approve")
    )
    assert sorted((refused.status_code, approved.status_code)) == [303, 409]
    again = await post(dana, id_, "approve")
    assert again.status_code == 409
    assert "is already" in again.text
    assert len(office.records("approval.given", "approval.refused")) == 1


@pytest.mark.parametrize("verb", ["approve", "refuse", "revoke", "break-glass", "review"])
async def test_an_auditor_decides_nothing_by_whatever_door(office: Office, verb: str) -> None:
    id_, browser = await office.waits(), await office.signed_in("auditor")
    assert (await post(browser, id_, verb, reason="x")).status_code == 403
    page = (await browser.get(f"/console/approvals/{id_}")).text
    assert "auditors decide nothing" in page
    assert ">Approve<" not in page
    claims = {"iss": office.issuer.people.url, "aud": "console", "sub": "person-aud", "email_verified": True}
    token = office.issuer.mint({**claims, "email": "aud@clinic.example"})
    body = {"do": f"approvals.{verb}", "id": id_, "reason": "x"}
    answer = await browser.post("/api/approvals", json=body, headers={"Authorization": f"Bearer {token}"})
    assert "APR14" in answer.text or "APR02" in answer.text, answer.text
    assert office.records("approval.given", "approval.refused", "review") == []


async def test_who_is_not_asked_sees_and_does_nothing(office: Office) -> None:
    id_, browser = await office.waits(), await office.signed_in("rita")
    page = await browser.get(f"/console/approvals/{id_}")
    assert (page.status_code, "does not wait for your group" in page.text) == (403, True)
    for verb in ("approve", "refuse", "reveal"):
        answer = await post(browser, id_, verb, reason="x")
        assert answer.status_code == 403
        assert "Quill" not in answer.text
    assert office.records("approval.given", "approval.refused", "read") == []


async def test_nobody_decides_on_what_they_asked_for(office: Office) -> None:
    asking = asyncio.create_task(office.call("update", {"patient": "1"}, user_email="dana@clinic.example"))
    ines = await office.signed_in("ines")
    while "ehr/update" not in (await ines.get("/console/approvals")).text:
        await asyncio.sleep(0)
    [requested] = office.records("approval.requested")
    id_, dana = str(requested.data["approval"]), await office.signed_in("dana")
    assert "nobody decides for themselves" in (await dana.get(f"/console/approvals/{id_}")).text
    assert (await post(dana, id_, "approve")).status_code == 409
    assert (await post(ines, id_, "approve")).status_code == 303
    await asking


async def test_whom_it_is_about_is_masked_until_there_is_a_reason_on_record(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_, browser = await office.waits({"patient": "Zenobia", "ssn": "123-45-6789"}), await office.signed_in("dana")
    assert "123-45-6789" not in (await browser.get(f"/console/approvals/{id_}")).text
    without = await post(browser, id_, "reveal", reason="  ")
    assert (without.status_code, "123-45-6789" in without.text) == (409, False)
    assert office.records("read") == []
    shown = await post(browser, id_, "reveal", reason="is it the right one?")
    assert "123-45-6789" in shown.text
    [read] = office.records("read")
    assert (read.data["who"], read.data["action"], read.data["via"]) == ("dana@clinic.example", "reveal", "console")


async def test_what_cannot_be_recorded_is_not_shown(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    id_, browser = await office.waits({"ssn": "123-45-6789"}), await office.signed_in("dana")
    office.log.close()
    answer = await post(browser, id_, "reveal", reason="why not")
    assert (answer.status_code, "123-45-6789" in answer.text) == (503, False)


async def test_a_call_says_who_asks_and_why_a_person_is_needed(office: Office) -> None:
    id_, browser = await office.waits(), await office.signed_in("dana")
    text = (await browser.get(f"/console/approvals/{id_}")).text
    for told in ("changes wait", "privacy", "acme/etl", "alice", "production", office.gate.policy.current.digest):
        assert told in text
    assert "Nothing on record proves" in text


async def test_numbers_are_shown_as_they_were_written_and_hidden_characters_seen(office: Office) -> None:
    hidden: dict[str, Any] = {"n": 9007199254740993, "text": "a\u202eb\u200bc\u3164<b>"}
    id_, browser = await office.waits(hidden), await office.signed_in("dana")
    text = (await post(browser, id_, "reveal", reason="look")).text
    assert "9007199254740993" in text
    for code in ("U+202E", "U+200B", "U+3164", "&lt;b&gt;"):
        assert code in text
    assert not set("\u202e\u200b\u3164") & set(text)


async def test_taken_back_is_taken_back(office: Office) -> None:
    id_, browser = await office.waits(), await office.signed_in("dana")
    await post(browser, id_, "approve")
    assert (await post(browser, id_, "revoke", reason="")).status_code == 409
    assert (await post(browser, id_, "revoke", reason="too early")).status_code == 303
    text = (await browser.get(f"/console/approvals/{id_}")).text
    assert "too early" in text
    assert ">Approve<" not in text


async def test_an_unknown_approval_is_unknown(office: Office) -> None:
    browser = await office.signed_in("dana")
    assert (await browser.get("/console/approvals/ffffffffffff")).status_code == 404
    for verb in ("approve", "refuse", "reveal", "revoke", "break-glass", "review"):
        assert (await post(browser, "ffffffffffff", verb, reason="x")).status_code == 404
