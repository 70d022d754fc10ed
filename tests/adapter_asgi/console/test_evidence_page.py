"""Exports and reports are built, downloaded and recorded; reviews are signed off; holds are set and lifted."""

from __future__ import annotations

import asyncio
import re
from hashlib import sha256
from pathlib import Path

import httpx2
import pytest
from office import Office, token_of

import recorder

AUD = "aud@clinic.example"


async def post(browser: httpx2.AsyncClient, path: str, **form: str) -> httpx2.Response:
    token = token_of((await browser.get("/console/evidence")).text)
    return await browser.post(f"/console/evidence{path}", data={"csrf": token, **form})


async def _file(browser: httpx2.AsyncClient) -> httpx2.Response:
    """The newest file, once it is built."""
    while True:
        text = (await browser.get("/console/evidence")).text
        assert "failed</strong>" not in text
        if found := re.findall(r'href="(/console/evidence/files/[0-9a-f]+)"', text):
            return await browser.get(found[0])
        await asyncio.sleep(0)


async def test_an_export_verifies_and_is_on_record(busy: Office, tmp_path: Path) -> None:
    busy.log.checkpoint()
    browser = await busy.signed_in("auditor")
    sent = await post(
        browser, "/exports", reason="Case 7", payloads="yes", **{"ledger-masking": "yes", "format-csv": "yes"}
    )
    assert sent.status_code == 303, sent.text
    answer = await _file(browser)
    assert answer.headers["content-disposition"].startswith("attachment")
    file = tmp_path / "export.zip"
    file.write_bytes(answer.content)
    recorder.verify(file, signer=busy.log.signer)
    export = busy.records("export")[-1].data
    assert (export["user"], export["via"]) == (AUD, "console")
    assert [record.data["action"] for record in busy.records("read") if record.data.get("user") == AUD] == ["export"]
    assert "download" in [record.data["action"] for record in busy.records("read") if record.data.get("who") == AUD]
    folder = busy.settings.state / "console"
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_an_export_of_one_pipeline(busy: Office) -> None:
    busy.log.checkpoint()
    browser = await busy.signed_in("auditor")
    await post(browser, "/exports", reason="Case 8", repository="acme/etl", effect="deny")
    assert (await _file(browser)).content[:2] == b"PK"
    assert len(busy.records("export")[-1].data["targets"]) == 2


@pytest.mark.parametrize("role", ["auditor", "reviewer"])
async def test_a_report_is_built_and_its_digest_recorded(busy: Office, role: str) -> None:
    browser = await busy.signed_in(role)
    sent = await post(browser, "/reports", framework="hipaa", kind="html", verify="yes", reason="monthly")
    assert sent.status_code == 303, sent.text
    answer = await _file(browser)
    assert b"164.312(b)" in answer.content
    export = busy.records("export")[-1].data
    assert (export["action"], export["digest"]) == ("report", sha256(answer.content).hexdigest())


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/exports", {"reason": ""}),
        ("/exports", {"reason": "x", "since": "yesterday"}),
        ("/exports", {"reason": "x", "ledger-masking": "yes", "format-ocsf": "yes"}),
        ("/reports", {"reason": "", "framework": "hipaa", "kind": "html"}),
        ("/reports", {"reason": "x", "framework": "../x", "kind": "html"}),
        ("/reports", {"reason": "x", "framework": "hipaa", "kind": "exe"}),
        ("/holds", {"reason": "x", "sessions": "none"}),
        ("/holds", {"reason": "", "sessions": "none"}),
        ("/holds/lift", {"reason": "x", "hold": "none"}),
    ],
)
async def test_what_cannot_be_is_told(busy: Office, path: str, form: dict[str, str]) -> None:
    answer = await post(await busy.signed_in("auditor"), path, **form)
    assert answer.status_code == 400
    assert not busy.records("export", "hold.set", "hold.lifted")


async def test_only_auditors_export_and_hold_and_only_reviewers_sign_off(busy: Office) -> None:
    reviewer, auditor = await busy.signed_in("reviewer"), await busy.signed_in("auditor")
    for path in ("/exports", "/holds", "/holds/lift"):
        assert (await post(reviewer, path, reason="x")).status_code == 403
    assert (await post(auditor, "/reviews", reason="x", since="2026-01-01", until="2026-02-01")).status_code == 403


async def test_a_file_is_for_the_roles_that_may_build_it(busy: Office) -> None:
    busy.log.checkpoint()
    auditor, reviewer = await busy.signed_in("auditor"), await busy.signed_in("reviewer")
    await post(auditor, "/exports", reason="Case 7")
    path = str((await _file(auditor)).request.url.path)
    assert (await reviewer.get(path)).status_code == 404
    assert (await auditor.get("/console/evidence/files/none")).status_code == 404


async def test_a_review_is_signed_off_under_the_persons_name(busy: Office) -> None:
    browser = await busy.signed_in("reviewer")
    sent = await post(browser, "/reviews", since="2026-01-01", until="2026-02-01", reason="nothing odd")
    assert sent.status_code == 303, sent.text
    review = busy.records("review")[-1].data
    assert (review["approver"], review["via"], review["since"]) == ("dana@clinic.example", "console", "2026-01-01")
    assert "2026-01-01 to 2026-02-01" in (await browser.get("/console/evidence")).text


@pytest.mark.parametrize(
    "form",
    [
        {"reason": "x", "since": "", "until": "2026-02-01"},
        {"reason": "x", "since": "2026-02-01", "until": "2026-01-01"},
        {"reason": "x", "since": "2026-02-01", "until": "2999-01-01"},
        {"reason": "", "since": "2026-01-01", "until": "2026-02-01"},
    ],
)
async def test_a_review_that_cannot_be(busy: Office, form: dict[str, str]) -> None:
    assert (await post(await busy.signed_in("reviewer"), "/reviews", **form)).status_code == 400
    assert not busy.records("review")


async def test_a_hold_is_set_and_lifted(busy: Office) -> None:
    ident = busy.records("session.identity")[0].session
    browser = await busy.signed_in("auditor")
    assert (await post(browser, "/holds", sessions=ident, reason="litigation")).status_code == 303
    hold = busy.records("hold.set")[-1].data
    assert (hold["user"], hold["via"], hold["targets"]) == (AUD, "console", [ident])
    text = (await browser.get("/console/evidence")).text
    assert "active" in text
    assert (await post(browser, "/holds/lift", hold=hold["hold"], reason="settled")).status_code == 303
    assert busy.records("hold.lifted")[-1].data["user"] == AUD


async def test_retention_says_what_is_due(busy: Office) -> None:
    page = await (await busy.signed_in("reviewer")).get("/console/evidence/retention")
    assert "Nothing is due." in page.text
