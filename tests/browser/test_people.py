"""Each role at its daily work, in a real browser, against a real gate."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect
from yesterday import RULE, RUN


@pytest.mark.parametrize(("name", "areas"), [("dana", "Approvals"), ("aud", "Approvals"), ("opal", "Now")])
def test_each_role_signs_in_and_out(visit: Any, name: str, areas: str) -> None:
    page = visit(name)
    expect(page.get_by_role("heading", name="Now", exact=True)).to_be_visible()
    expect(page.get_by_role("navigation")).to_contain_text(areas)
    page.get_by_role("button", name="Sign out").click()
    page.goto("/console/")
    expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()


def test_a_stranger_gets_no_further_than_the_sign_in(visit: Any) -> None:
    page = visit("norma")
    expect(page.get_by_role("heading", name="Not for your role")).to_be_visible()


def test_yesterdays_refused_call_and_its_reason_are_found(visit: Any) -> None:
    page = visit("aud")
    row = page.get_by_role("region", name="Refused lately").get_by_role("row").filter(has_text=f"run {RUN}")
    expect(row).to_contain_text(RULE)
    expect(row).to_contain_text("GT201")
    row.get_by_role("link", name="ehr/delete_patient").click()
    expect(page.get_by_role("main")).to_contain_text(RULE)


def test_a_person_approves_a_call_that_a_real_client_waits_on(visit: Any, calling: Any, patient: str) -> None:
    waiting = calling("ehr", "update_patient", {"patient_id": patient, "phone": "(413) 555-0100"}, pipeline_id="801")
    page = visit("dana")
    link = page.get_by_role("listitem").filter(has_text="run 801").get_by_role("link")
    expect(link).to_be_visible()  # the first page shows it by itself, without loading anew
    link.click()
    expect(page.get_by_role("main")).to_contain_text("run 801")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status")).to_contain_text("Your word is on record")
    expect(page.locator(".state")).to_have_text(re.compile("approved|consumed"))
    assert not waiting.result(timeout=300).refused


def test_two_clicks_from_a_notice_to_a_decision(visit: Any, calling: Any, patient: str, stage: Any) -> None:
    waiting = calling("ehr", "update_patient", {"patient_id": patient, "phone": "(413) 555-0101"}, pipeline_id="802")
    page = visit("dana")
    address = page.get_by_role("listitem").filter(has_text="run 802").get_by_role("link").get_attribute("href")
    page.goto(stage.issuer.replace("127.0.0.1", "localhost") + "/jwks")  # another site
    page.evaluate("address => { document.body.innerHTML = `<a href='${address}'>a notice</a>` }", stage.gate + address)
    page.get_by_role("link", name="a notice").click()
    page.get_by_label("Why not").fill("the number is wrong")
    page.get_by_role("button", name="Refuse").click()
    expect(page.locator(".state")).to_have_text("refused")
    seen = waiting.result(timeout=300)
    assert seen.refused
    assert "the number is wrong" in seen.text


def test_an_auditor_looks_but_cannot_decide(visit: Any, calling: Any, patient: str) -> None:
    waiting = calling("ehr", "update_patient", {"patient_id": patient, "phone": "(413) 555-0102"}, pipeline_id="803")
    page = visit("aud")
    page.get_by_role("listitem").filter(has_text="run 803").get_by_role("link").click()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    expect(page.get_by_role("main")).to_contain_text("auditors decide nothing")
    expect(page.locator("pre").first).not_to_contain_text("555-0102")
    page.get_by_label("Why you need to see").fill("examination 7")
    page.get_by_role("button", name="Show it unmasked").click()
    expect(page.locator("pre").first).to_contain_text("555-0102")
    other = visit("dana")
    other.get_by_role("listitem").filter(has_text="run 803").get_by_role("link").click()
    other.get_by_label("Why not").fill("never mind")
    other.get_by_role("button", name="Refuse").click()
    assert waiting.result(timeout=300).refused


def test_a_page_that_is_not_renewed_any_more_says_so(visit: Any) -> None:
    page = visit("opal")
    page.context.clear_cookies()
    expect(page.get_by_role("status")).to_contain_text("not renewed any more")
