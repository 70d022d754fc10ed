"""Nobody sees or does what is not for them, and no page of somebody else's makes them."""

from __future__ import annotations

import itertools
import logging
import re
import sqlite3
from typing import Any

import pytest
from office import PEOPLE, Office, token_of

from adapter_asgi.console import now
from adapter_asgi.console.page import Page
from adapter_asgi.console.roles import APPROVER, AUDITOR, OPERATOR, REVIEWER
from adapter_asgi.console.table import PAGES

ROLE_OF = {"dana": REVIEWER, "aud": AUDITOR, "opal": OPERATOR, "ines": APPROVER, "norma": ""}


PATHS = ("/console/", "/console/approvals", "/console/sign-in", "/console/static/console.css")


def address(page: Page) -> str:
    return "/console" + re.sub(r"\{[^}]*\}", "0123456789ab", re.sub(r"\{[^}]*:int\}", "1", page.path))


@pytest.mark.parametrize("name", ROLE_OF)
async def test_each_page_is_for_its_roles_alone(office: Office, name: str) -> None:
    role, browser = ROLE_OF[name], await office.signed_in(name)
    csrf = token_of((await browser.get("/console/approvals")).text)
    for page in PAGES:
        form = {"csrf": csrf, "reason": "because"}
        answer = await (browser.get(address(page)) if page.method == "GET" else browser.post(address(page), data=form))
        barred = answer.status_code == 403 and "Not for your role" in answer.text
        assert barred == (role not in page.roles), (page.method, page.path, answer.status_code)
        assert answer.status_code not in (401, 405, 500), (page.method, page.path)


async def test_without_a_sign_in_no_page_says_anything(office: Office) -> None:
    browser = await office.browser()
    for page in PAGES:
        if page.method == "GET":
            answer = await browser.get(address(page))
            assert (answer.status_code, answer.text) == (303, "")
            assert answer.headers["location"].startswith("/console/sign-in?to=/console/")
        else:
            assert (await browser.post(address(page), data={"csrf": "x"})).status_code == 401


async def test_a_form_that_is_not_of_this_sign_in_does_nothing(office: Office) -> None:
    browser, other = await office.signed_in("reviewer"), await office.signed_in("reviewer")
    stolen = token_of((await other.get("/console/")).text)
    for page in PAGES:
        if page.method == "GET":
            continue
        for form in ({}, {"csrf": ""}, {"csrf": stolen}, {"csrf": "ä"}):
            answer = await browser.post(address(page), data={**form, "reason": "x"})
            assert answer.status_code in (403, 413), page.path
            assert "Not accepted" in answer.text
        assert (await browser.get(address(page))).status_code in (200, 404)


async def test_other_methods_find_nothing(office: Office) -> None:
    browser = await office.signed_in("reviewer")
    for method, path in itertools.product(("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"), PATHS):
        assert (await browser.request(method, path)).status_code == 405


async def test_a_head_is_guarded_as_a_get(office: Office) -> None:
    assert (await (await office.browser()).head("/console/approvals")).status_code == 303
    assert (await (await office.signed_in("reviewer")).head("/console/approvals")).status_code == 200


NO_FORMS: tuple[tuple[dict[str, str], bytes], ...] = (
    ({"content-type": "application/x-www-form-urlencoded"}, b"csrf=x&reason=" + b"x" * 70_000),
    ({"content-type": "application/x-www-form-urlencoded"}, b"&".join(b"f%d=1" % i for i in range(60))),
    ({"content-type": "application/x-www-form-urlencoded"}, b"csrf=\xff"),
    ({"content-type": "text/plain"}, b"csrf=x"),
    ({"content-type": "application/json"}, b'{"csrf":"x"}'),
    ({}, b"csrf=x"),
    ({"content-type": "application/x-www-form-urlencoded", "content-length": "²"}, b"csrf=x"),
)


async def test_a_form_too_large_or_no_form_is_refused(office: Office) -> None:
    browser = await office.signed_in("reviewer")
    for headers, body in NO_FORMS:
        raw = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
        answer = await browser.post("/console/approvals/0123456789ab/approve", content=body, headers=raw)
        assert answer.status_code == 413, (headers, body[:40])


async def test_every_answer_forbids_frames_scripts_of_others_and_keeping(busy: Office) -> None:
    browser = await busy.signed_in("reviewer")
    paths = ["/console", "/console/", "/console/sign-in", "/console/signed-in", "/console/approvals", "/console/xyz"]
    for path in (*paths, "/console/approvals/0123456789ab", "/approvals/0123456789ab"):
        headers = (await browser.get(path)).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert "script-src 'self'" in headers["content-security-policy"], path
        assert "unsafe" not in headers["content-security-policy"], path
        assert (headers["x-frame-options"], headers["cache-control"]) == ("DENY", "no-store"), path
        assert headers["x-content-type-options"] == "nosniff", path


async def test_pages_hold_no_script_or_style_of_their_own(busy: Office) -> None:
    text = (await (await busy.signed_in("reviewer")).get("/console/")).text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?! src=\"/console/static/)|https?://", text)


async def test_static_files_are_two_and_no_more(office: Office) -> None:
    browser = await office.browser()
    for name in ("..%2fapp.py", "%2e%2e/app.py", "console.css%00", "....//app.py", "", "console.CSS"):
        answer = await browser.get(f"/console/static/{name}")
        assert (answer.status_code, "import" in answer.text) == (404, False), name


async def test_old_links_lead_on(office: Office) -> None:
    browser = await office.browser()
    for old, new in {
        "/approvals/0123456789ab": "/console/approvals/0123456789ab",
        "/approvals": "/console/approvals",
        "/approvals//evil.example": "/console/approvals",
        "/approvals/0123456789ab/approve": "/console/approvals",
    }.items():
        answer = await browser.get(old)
        assert (answer.status_code, answer.headers["location"]) == (308, new)


async def test_a_page_that_fails_is_a_page_and_is_logged_without_values(
    busy: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(visit: Any) -> Any:
        raise ValueError("Zenobia Quill")

    monkeypatch.setattr(now, "_live", fail)
    with caplog.at_level(logging.ERROR):
        answer = await (await busy.signed_in("operator")).get("/console/")
    assert (answer.status_code, "This page failed" in answer.text) == (500, True)
    assert "Traceback" not in answer.text + caplog.text
    assert "Zenobia" not in answer.text + caplog.text
    assert "ValueError at" in caplog.text


async def test_a_template_that_lacks_a_value_fails_as_a_page(busy: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(now, "_live", lambda visit: [{}])
    answer = await (await busy.signed_in("operator")).get("/console/")
    assert (answer.status_code, "undefined" in answer.text.lower()) == (500, False)


@pytest.mark.parametrize("error", [sqlite3.DatabaseError("x"), PermissionError(13, "no")])
async def test_a_store_that_cannot_be_read_is_said(
    busy: Office, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(*_: object, **__: object) -> Any:
        raise error

    monkeypatch.setattr("adapter_asgi.console.evidence.index.update", broken)
    monkeypatch.setattr("adapter_asgi.console.evidence.FRESH", 0.0)
    answer = await (await busy.signed_in("operator")).get("/console/")
    assert (answer.status_code, "The store cannot be read" in answer.text) == (200, True)


async def test_the_navigation_names_only_what_the_person_may_see(office: Office) -> None:
    for role, sees in {"reviewer": True, "auditor": True, "operator": False}.items():
        text = (await (await office.signed_in(role)).get("/console/")).text
        assert ('href="/console/approvals"' in text) == sees
    assert set(PEOPLE.values()) <= set(ROLE_OF)
