"""What people look up: yesterday's refusal and its reason, a session again, an export, a review."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect
from yesterday import RULE, RUN, SESSION

import recorder


def await_by_reloading(sought: Locator, page: Page) -> None:
    """What a page tells may be a second old, and the checkpoint over the newest records comes after them."""
    for _ in range(80):
        if sought.count():
            break
        page.wait_for_timeout(250)
        page.reload()
    expect(sought).to_be_visible()


def test_yesterdays_refusal_is_searched_for_and_its_reason_told(visit: Any) -> None:
    page = visit("aud")
    page.get_by_role("link", name="Sessions").click()
    page.get_by_label("Effect").select_option("deny")
    page.get_by_text("More filters").click()
    page.get_by_label("Run").fill(RUN)
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile(f"run={RUN}"))
    page.get_by_role("link", name=SESSION).click()
    expect(page.get_by_role("heading", name="Verified")).to_be_visible()
    page.get_by_role("link", name="Why?").first.click()
    expect(page.get_by_role("main")).to_contain_text(RULE)
    expect(page.get_by_role("main")).to_contain_text("GT201")


def test_a_session_is_replayed_and_its_badge_says_what_was_checked(visit: Any, call: Any) -> None:
    call("ehr", "search_patients", {"limit": 1}, pipeline_id="901")
    page = visit("aud", "/console/sessions?run=901")
    session = page.get_by_role("table").get_by_role("link").first
    await_by_reloading(session, page)
    session.click()
    badge = page.get_by_role("region", name=re.compile("Verified"))
    await_by_reloading(badge, page)
    badge.get_by_text("What was checked").click()
    expect(badge).to_contain_text("the key that this gate signs with now")
    page.get_by_role("button", name="Play in its rhythm").click()
    expect(page.get_by_role("status")).to_have_text("All records are shown.", timeout=60_000)
    page.get_by_label("Reason for reading").fill("a question of the ward")
    page.get_by_role("button", name=re.compile("Show .* payload")).click()
    expect(page.locator("mark.mask").first).to_be_visible()


def test_a_proof_is_downloaded_and_holds(visit: Any, tmp_path: Path) -> None:
    page = visit("opal", f"/console/sessions/{SESSION}")
    with page.expect_download() as started:
        page.get_by_role("link", name="Proof of record").first.click()
    file = tmp_path / "record.tlog-proof"
    started.value.save_as(file)
    recorder.verify(file)


def test_one_file_opens_without_the_gate(visit: Any, chromium: Any, tmp_path: Path) -> None:
    page = visit("aud", f"/console/sessions/{SESSION}/offline")
    with page.expect_download() as started:
        page.get_by_role("link", name="Download without payloads").click()
    file = tmp_path / "session.html"
    started.value.save_as(file)
    context = chromium.new_context(offline=True)
    alone = context.new_page()
    said: list[str] = []
    alone.on("console", lambda message: said.append(message.text))
    alone.goto(file.as_uri())
    expect(alone.get_by_role("heading", name="Records", exact=True)).to_be_visible()
    assert alone.evaluate("getComputedStyle(document.querySelector('.badge')).borderTopWidth") == "2px"
    assert said == []
    context.close()


def test_an_export_is_built_downloaded_and_verified(visit: Any, stage: Any, tmp_path: Path) -> None:
    page = visit("aud", "/console/evidence")
    form = page.locator("form").filter(has=page.get_by_role("button", name="Build the export"))
    form.get_by_label("Since").fill("")
    form.get_by_label("Until").fill("")
    form.get_by_label("Only session").fill(SESSION)
    form.get_by_label("Reason").fill("case 7")
    form.get_by_role("button").click()
    link = page.get_by_role("region", name="Files").get_by_role("link").first
    expect(link).to_be_visible(timeout=60_000)
    with page.expect_download() as started:
        link.click()
    file = tmp_path / "export.zip"
    started.value.save_as(file)
    recorder.verify(file)


def test_a_reviewer_signs_off_a_review(visit: Any) -> None:
    page = visit("dana", "/console/evidence")
    form = page.locator("form").filter(has=page.get_by_role("button", name="Sign off"))
    form.get_by_label("What was found").fill("One refusal, as it should be.")
    form.get_by_role("button").click()
    expect(page.get_by_role("region", name="Reviews on record")).to_contain_text("dana")


def test_the_policy_and_the_charts_are_there_for_the_operator(visit: Any) -> None:
    page = visit("opal", "/console/policy")
    expect(page.get_by_role("heading", name="Tests", exact=True)).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="Charts").click()
    expect(page.get_by_role("heading", name="Decisions over time")).to_be_visible()
