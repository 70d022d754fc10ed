"""One session on a page: what happened, why, and what was checked; payloads only for a reason that is on record."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from office import SSN, Office, token_of

import recorder
from adapter_asgi.console import replay
from adapter_asgi.console.lanes import draw, lane_of
from recorder.entry import KINDS, OWN_KINDS


def _session(office: Office, run: str) -> str:
    found = [one.session for one in office.records("session.identity") if one.data["run"] == run]
    return found[-1]


async def test_the_page_tells_the_session(busy: Office) -> None:
    ident = _session(busy, "574")
    page = await (await busy.signed_in("operator")).get(f"/console/sessions/{ident}")
    assert page.status_code == 200
    for words in ("acme/etl", "ehr/read", "“reading”", "masked", "Over time", "Payloads are for reviewers"):
        assert words in page.text
    assert "Zenobia" not in page.text
    refs = re.findall(r'<li id="r-(\d+-\d+)"', page.text)
    assert len(refs) == len(set(refs)) == sum(record.session == ident for record in busy.records(*KINDS))
    assert re.findall(r'data-ref="(\d+-\d+)"', page.text) == refs


async def test_the_badge_says_what_was_proved(busy: Office) -> None:
    ident = _session(busy, "574")
    busy.log.checkpoint()
    page = (await (await busy.signed_in("auditor")).get(f"/console/sessions/{ident}")).text
    count = sum(record.session == ident for record in busy.records(*KINDS))
    assert f"Verified: {count} of {count} records" in page
    assert busy.log.signer in page
    assert "Not checked here" in page


async def test_the_badge_fails_where_a_record_was_altered(busy: Office) -> None:
    ident = _session(busy, "574")
    busy.log.checkpoint()
    browser = await busy.signed_in("auditor")
    assert "Verified:" in (await browser.get(f"/console/sessions/{ident}")).text
    files = [path for path in (busy.settings.store / "segments").rglob("*") if path.is_file()]
    for path in files:
        data = path.read_bytes()
        path.write_bytes(data.replace(b'"kind":"masking"', b'"kind":"reading"'))
    page = (await browser.get(f"/console/sessions/{ident}")).text
    assert "Verified:" not in page


async def test_payloads_are_shown_for_a_reason_that_is_recorded_first(busy: Office) -> None:
    ident = _session(busy, "574")
    browser = await busy.signed_in("auditor")
    page = await browser.get(f"/console/sessions/{ident}")
    form = {"csrf": token_of(page.text), "reason": "Complaint 7"}
    shown = await browser.post(f"/console/sessions/{ident}/payloads", data=form)
    assert shown.status_code == 200
    assert '<mark class="mask">[SSN]</mark>' in shown.text
    assert SSN not in shown.text
    read = busy.records("read")[-1]
    assert (read.data["who"], read.data["via"], read.data["action"]) == ("aud@clinic.example", "console", "replay")
    assert read.data["target"] == ident
    keys = recorder.Keys.in_directory(busy.settings.keys)
    payloads = recorder.reader.Payloads(recorder.reader.Store(busy.settings.store), keys)
    assert payloads.payload(read) == b"Complaint 7"


@pytest.mark.parametrize("role", ["reviewer", "auditor"])
@pytest.mark.parametrize("reason", ["", "   ", "x" * 2001])
async def test_without_a_reason_nothing_is_read(busy: Office, role: str, reason: str) -> None:
    ident = _session(busy, "574")
    browser = await busy.signed_in(role)
    token = token_of((await browser.get(f"/console/sessions/{ident}")).text)
    for path in (f"{ident}/payloads", f"{ident}/offline"):
        answer = await browser.post(f"/console/sessions/{path}", data={"csrf": token, "reason": reason})
        assert answer.status_code == 400
        assert "[SSN]" not in answer.text
    assert all(record.data["action"] == "show" for record in busy.records("read"))


async def test_an_operator_reads_no_payloads(busy: Office) -> None:
    ident = _session(busy, "574")
    browser = await busy.signed_in("operator")
    form = {"csrf": token_of((await browser.get("/console/")).text), "reason": "curious"}
    for path in (f"{ident}/payloads", f"{ident}/offline"):
        assert (await browser.post(f"/console/sessions/{path}", data=form)).status_code == 403


async def test_why_a_call_was_refused(busy: Office) -> None:
    ident = _session(busy, "575")
    browser = await busy.signed_in("reviewer")
    page = (await browser.get(f"/console/sessions/{ident}")).text
    links = re.findall(r'href="(/console/sessions/[^"]+/why)"', page)
    why = [(await browser.get(link)).text for link in links]
    assert any("Pipelines do not delete." in text and "nobody deletes" in text for text in why)
    assert any("what no rule allows is refused" in text for text in why)
    assert any("GT201" in text for text in why)


async def test_the_gates_own_words_need_a_reason(busy: Office) -> None:
    ident = _session(busy, "574")
    browser = await busy.signed_in("reviewer")
    page = (await browser.get(f"/console/sessions/{ident}")).text
    link = re.findall(r'href="(/console/sessions/[^"]+/why)"', page)[0]
    before = (await browser.get(link)).text
    assert "redact" not in before
    after = await browser.post(link, data={"csrf": token_of(before), "reason": "asked by the team"})
    assert "redact" in after.text
    assert busy.records("read")[-1].data["action"] == "why"


async def test_a_proof_stands_alone(busy: Office, tmp_path: Path) -> None:
    ident = _session(busy, "574")
    busy.log.checkpoint()
    browser = await busy.signed_in("auditor")
    page = (await browser.get(f"/console/sessions/{ident}")).text
    link = re.findall(r'href="(/console/sessions/[^"]+/proof)"', page)[0]
    answer = await browser.get(link)
    file = tmp_path / "record.tlog-proof"
    file.write_bytes(answer.content)
    recorder.verify(file, signer=busy.log.signer)
    other = link.replace(ident, _session(busy, "575"))
    assert (await browser.get(other)).status_code == 404


async def test_the_json_is_that_of_the_command_line(busy: Office) -> None:
    ident = _session(busy, "574")
    value = json.loads((await (await busy.signed_in("operator")).get(f"/console/sessions/{ident}/records.json")).text)
    assert value["complete"] is True
    assert {record["session"] for record in value["records"]} == {ident}


async def test_a_long_session_comes_in_parts(busy: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "_PART", 3)
    monkeypatch.setattr(replay, "MOST", 5)
    ident = _session(busy, "574")
    browser = await busy.signed_in("auditor")
    first = (await browser.get(f"/console/sessions/{ident}")).text
    assert "the first 5 of" in first
    assert "part 1 of 2" in first
    last = (await browser.get(f"/console/sessions/{ident}?part=9")).text
    assert "part 2 of 2" in last


@pytest.mark.parametrize("path", ["nothing", "*", "nothing/records.json", "nothing/records/0/3/proof"])
async def test_what_is_not_there_is_said(busy: Office, path: str) -> None:
    assert (await (await busy.signed_in("auditor")).get(f"/console/sessions/{path}")).status_code == 404


def test_every_kind_has_a_lane() -> None:
    assert all(lane_of(kind) for kind in (*KINDS, *OWN_KINDS))


def test_idle_time_is_collapsed() -> None:
    values = [{"lane": "client", "ref": f"0-{n}", "kind": "request", "time": "2026-11-22T00:00:00"} for n in range(3)]
    drawing = draw(values, [0, 10**9, 3_600 * 10**9])
    assert drawing.width < 400
    assert [words for _, words in drawing.pauses] == ["59 min 59 s idle"]
