"""The console with a keyboard, a screen reader's rules (axe), on a telephone and on a desk, by day and by night."""

from __future__ import annotations

import itertools
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from crawling import kind_of, reachable
from playwright.sync_api import Page, expect

WIDTHS = (360, 1440)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.mark.parametrize("name", ["dana", "aud", "opal"])
def test_no_page_stands_in_anybodys_way(visit: Any, stage: Any, patient: str, calling: Any, name: str) -> None:
    calling("ehr", "update_patient", {"patient_id": patient, "phone": "(413) 555-0150"}, pipeline_id="850")
    page = visit(name)
    expect(page.get_by_role("listitem").filter(has_text="run 850").first).to_be_visible()
    pages = reachable(page, f"{stage.gate}/console/")
    assert "/" in pages
    assert name == "opal" or "/approvals/{id}" in pages
    wrong = [f"{kind}: {found}" for kind, address in pages.items() for found in _wrong(page, address)]
    assert wrong == []


def _wrong(page: Page, address: str) -> list[str]:
    """What axe finds, and whatever is wider than the screen; narrow and wide, light and dark."""
    page.goto(address)
    wrong = []
    for width, scheme in itertools.product(WIDTHS, SCHEMES):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = Axe().run(page, options=RULES).response["violations"]
        wrong += [f"{width} {scheme} {one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wrong += [f"{width}: scrolls sideways by {wide} px"] if wide > 0 else []
    return wrong


def test_the_sign_in_pages_too(visit: Any, stage: Any) -> None:
    page = visit("norma", width=360)
    assert _wrong(page, f"{stage.gate}/console/") == []  # "not for your role"
    page.get_by_role("button", name="Sign out").click()
    assert Axe().run(page, options=RULES).response["violations"] == []
    assert _wrong(page, f"{stage.gate}/console/signed-in") == []
    assert _wrong(page, f"{stage.gate}/console/nothing/here") == []


def test_with_the_keyboard_alone(visit: Any, calling: Any, patient: str) -> None:
    waiting = calling("ehr", "update_patient", {"patient_id": patient, "phone": "(413) 555-0160"}, pipeline_id="860")
    page = visit("dana")
    expect(page.get_by_role("listitem").filter(has_text="run 860")).to_be_visible()
    page.reload()
    _tab_to(page, "Skip to content")
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    href = page.get_by_role("listitem").filter(has_text="run 860").get_by_role("link").get_attribute("href")
    _tab_to(page, "ehr/update_patient", href)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{href}")
    _tab_to(page, "Approve")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Your word is on record")
    assert not waiting.result(timeout=300).refused


def _tab_to(page: Page, name: str, href: str | None = None) -> None:
    """Press Tab until the thing of this name has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        text, at = page.evaluate(
            "[document.activeElement.textContent.trim(), document.activeElement.getAttribute('href')]"
        )
        if text == name and href in (None, at):
            return
    raise AssertionError(f"the keyboard does not reach {name}")


def test_the_first_page_renews_itself_and_leaves_the_focus_alone(visit: Any, calling: Any, patient: str) -> None:
    page = visit("dana")
    page.get_by_role("link", name="Approvals").focus()
    waiting = calling("ehr", "update_patient", {"patient_id": patient, "phone": "(413) 555-0170"}, pipeline_id="870")
    row = page.get_by_role("listitem").filter(has_text="run 870")
    expect(row).to_be_visible()
    expect(page.get_by_role("link", name="Approvals")).to_be_focused()
    row.get_by_role("link").click()
    page.get_by_label("Why not").fill("done")
    page.get_by_role("button", name="Refuse").click()
    assert waiting.result(timeout=300).refused


def test_it_works_without_a_script(visit: Any, calling: Any, patient: str) -> None:
    waiting = calling("ehr", "update_patient", {"patient_id": patient, "phone": "(413) 555-0180"}, pipeline_id="880")
    page = visit("dana", "/console/approvals", java_script_enabled=False)
    row = page.get_by_role("row").filter(has_text="run 880")
    for _ in range(20):
        if row.count():
            break
        page.reload()
    row.get_by_role("link").click()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status")).to_contain_text("Your word is on record")
    assert not waiting.result(timeout=300).refused
    assert kind_of(page.url) == "/approvals/{id}"
