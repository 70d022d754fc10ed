"""The first page: what is live, what waits, what was refused and why, and what is wrong."""

from __future__ import annotations

from pathlib import Path

from office import Office
from office import office as opened

from adapter_asgi.console import now

HOSTILE = "update<img src=x onerror=alert(1)>\u3164"  # the gate itself refuses control and direction characters


async def test_it_names_the_live_sessions_and_what_was_refused(busy: Office) -> None:
    text = (await (await busy.signed_in("operator")).get("/console/")).text
    assert "3 sessions are live" in text
    refused = text[text.index('id="refused"') : text.index('id="newest"')]
    assert refused.count("ehr/delete") == 2
    assert "nobody deletes" in refused
    assert "nothing permits it" in refused
    assert refused.count("GT201") == 3
    assert "all is well" in text


async def test_what_waits_for_the_person_stands_first(office: Office) -> None:
    await office.waits()
    reviewer = (await (await office.signed_in("dana")).get("/console/")).text
    assert "1 call waits" in reviewer
    assert "for you" in reviewer
    for name in ("rita", "aud", "opal"):
        assert "for you" not in (await (await office.signed_in(name)).get("/console/")).text


async def test_a_long_session_is_named_and_not_read(busy: Office, monkeypatch: object) -> None:
    old, now._LONG = now._LONG, 1
    try:
        text = (await (await busy.signed_in("operator")).get("/console/")).text
    finally:
        now._LONG = old
    assert "a long session" in text


async def test_a_broken_policy_and_a_drain_are_said(busy: Office) -> None:
    busy.gate.policy.stale = "the policy on disk has errors"
    busy.gate.health.serving = False
    text = (await (await busy.signed_in("operator")).get("/console/")).text
    assert "something is wrong" in text
    assert "is not the one that decides: the policy on disk has errors" in text
    assert "draining" in text


async def test_a_log_that_cannot_be_written_is_said(busy: Office) -> None:
    busy.gate.health._evidence.recording = False  # type: ignore[attr-defined] # as after a write that failed
    busy.log.close()
    text = (await (await busy.signed_in("operator")).get("/console/")).text
    assert "Nothing can be recorded" in text


async def test_a_hostile_name_of_a_tool_is_text_in_every_place(tmp_path: Path) -> None:
    policy = 'rule "any" {\n command "ehr/*"\n allow\n require approval from "privacy" within 30m\n}\n'
    async with opened(tmp_path, policy=policy) as office:
        answer = await office.call(HOSTILE)
        browser = await office.signed_in("dana")
        requested = [str(one.data["approval"]) for one in office.records("approval.requested")]
        assert requested, answer
        one = await browser.get(f"/console/approvals/{requested[0]}")
        for page in (one, await browser.get("/console/"), await browser.get("/console/approvals")):
            assert "<img" not in page.text
            assert not set("\u3164") & set(page.text)
        assert "<title>ehr/update&lt;img src=x onerror=alert(1)&gt;U+3164" in one.text
