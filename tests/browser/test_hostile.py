"""What callers and servers write is looked at, never run: script tags, bidi, escapes, huge texts."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

SCRIPT = "<script>document.title='owned';alert(1)</script><img src=x onerror=alert(2)>"
BIDI = "\u202ereversed\u202c \u2066isolated\u2069 zero\u200bwidth \ufeffmark"
ESCAPES = "\x1b]0;owned\x07\x1b[2J\x00\x08\r"
HUGE = "A" * 150_000


def test_hostile_arguments_are_shown_harmlessly(visit: Any, calling: Any, patient: str) -> None:
    phone = f"{SCRIPT} {BIDI} {ESCAPES} </pre></main> {{{{ 7*7 }}}} javascript:alert(3) {HUGE}"
    calling("ehr", "update_patient", {"patient_id": patient, "phone": phone}, pipeline_id="890", ref="main")
    page = visit("dana")
    page.get_by_role("listitem").filter(has_text="run 890").get_by_role("link").click()
    page.get_by_label("Why you need to see").fill(SCRIPT + BIDI)
    page.get_by_role("button", name="Show it unmasked").click()
    shown = page.locator("pre").first
    for text in ("<script>document.title='owned'", "U+202E", "U+2066", "U+200B", "U+FEFF", "{{ 7*7 }}", "</main>"):
        expect(shown).to_contain_text(text)
    expect(shown).to_contain_text("cut here")
    assert page.title().endswith("hoopgate")
    assert page.locator("main img, main script, main iframe").count() == 0
    text = page.inner_text("main")
    assert not set("\u202e\u2066\u200b\ufeff\x1b\x00") & set(text)
    page.get_by_label("Why not").fill(SCRIPT)
    page.get_by_role("button", name="Refuse").click()
    expect(page.get_by_role("main")).to_contain_text("because: <script>")
    assert page.title().endswith("hoopgate")


def test_hostile_addresses_are_shown_harmlessly(visit: Any, stage: Any) -> None:
    page = visit("dana")
    for path in (
        "/console/approvals/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/console/approvals?before=%3Cscript%3E",
        "/console/sessions?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "/console/sessions/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/console/%3Cscript%3Ealert(1)%3C/script%3E",
    ):
        page.goto(stage.gate + path)
        assert page.title().endswith("hoopgate")
        assert page.locator("main script").count() == 0


def test_another_sites_frame_shows_nothing(visit: Any, stage: Any) -> None:
    page = visit("dana")
    page.goto(stage.issuer + "/people/authorize")
    with page.expect_console_message(lambda message: "frame-ancestors 'none'" in message.text):
        page.evaluate("url => { document.body.innerHTML = `<iframe src='${url}'></iframe>` }", f"{stage.gate}/console/")
    assert "Waiting for a person" not in page.frames[-1].content()
