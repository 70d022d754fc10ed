"""People sign in to the console afresh, as themselves, and for a quarter of an hour."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from office import GATE, Office, example, token_of

from adapter_asgi.approvals.signin import Person, SignIn

PERSON = "__Host-hoopgate-console"


@pytest.mark.parametrize(("role", "name"), [("reviewer", "dana"), ("auditor", "aud"), ("operator", "opal")])
async def test_each_role_signs_in(busy: Office, role: str, name: str) -> None:
    page = await (await busy.signed_in(role)).get("/console/")
    assert page.status_code == 200
    assert f"{name}@clinic.example ({role})" in page.text


async def test_who_has_no_role_sees_nothing(office: Office) -> None:
    page = await (await office.signed_in("nobody")).get("/console/")
    assert page.status_code == 403


async def test_an_approver_without_a_role_begins_where_they_decide(office: Office) -> None:
    answer = await (await office.signed_in("ines")).get("/console/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/approvals")


async def test_the_cookie_is_this_hosts_and_no_scripts(office: Office) -> None:
    signed = await office.sign_in(await office.browser(), "dana")
    [cookie] = [one for one in signed.headers.get_list("set-cookie") if one.startswith(f"{PERSON}=")]
    for attribute in ("HttpOnly", "Secure", "SameSite=strict", "Path=/", "Max-Age=900"):
        assert attribute in cookie
    assert "Domain" not in cookie


async def test_the_sign_in_leads_to_what_was_wanted(office: Office) -> None:
    browser = await office.browser()
    sent = await browser.get("/console/approvals?before=1.5")
    assert sent.headers["location"] == "/console/sign-in?to=/console/approvals%3Fbefore%3D1.5"
    signed = await office.sign_in(browser, "dana", "/console/approvals?before=1.5")
    assert 'href="/console/approvals?before=1.5">Go on' in signed.text
    assert 'content="0; url=/console/approvals?before=1.5"' in signed.text


ELSEWHERE = (
    "https://evil.example",
    "//evil.example",
    "/other",
    "/console/../mcp/ehr",
    "/console/%2e%2e/mcp",
    "/console/%2E./x",
    "/console//evil.example",
    "/console/\\evil",
    "/console/%5cevil",
    "/console/\r\nSet-Cookie: x=1",
    "javascript:alert(1)",
    "/consolex",
    "/console/" + "x" * 3000,
    "/console/ä",
    "",
)


async def test_the_sign_in_leads_nowhere_else(office: Office) -> None:
    for to in ELSEWHERE:
        assert 'href="/console/">Go on' in (await office.sign_in(await office.browser(), "dana", to)).text, to


async def test_a_link_from_a_notice_goes_on_by_itself(office: Office) -> None:
    """A strict cookie does not come with a link from elsewhere; the page that answers it comes back with the cookie."""
    browser = await office.browser()
    answer = await browser.get("/console/approvals/0123456789ab", headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, 'url=/console/approvals/0123456789ab"' in answer.text) == (200, True)
    again = await browser.get("/console/approvals/0123456789ab", headers={"Sec-Fetch-Site": "same-origin"})
    assert again.status_code == 303


async def test_a_sign_in_that_somebody_else_began_is_refused(office: Office) -> None:
    victim, attacker = await office.browser(), await office.browser()
    sent = await attacker.get("/console/sign-in")
    back = await office.authorized(sent.headers["location"], "mallory")
    assert (await victim.get(back)).status_code == 403
    await victim.get("/console/sign-in")  # a flow of the victim's own does not help the attacker's code
    assert (await victim.get(back)).status_code == 403
    assert PERSON not in victim.cookies


async def test_a_code_is_good_for_its_own_flow_and_once(office: Office) -> None:
    first, second = await office.browser(), await office.browser()
    backs = [
        dict(parse_qsl(urlsplit(await office.authorized(sent.headers["location"], "dana")).query))
        for sent in (await first.get("/console/sign-in"), await second.get("/console/sign-in"))
    ]
    mixed = {"code": backs[0]["code"], "state": backs[1]["state"]}
    assert (await second.get("/console/signed-in", params=mixed)).status_code == 403
    third = await office.browser()
    back = await office.authorized((await third.get("/console/sign-in")).headers["location"], "dana")
    assert (await third.get(back)).status_code == 200
    assert (await third.get(back)).status_code == 403


async def test_a_cookie_from_before_the_sign_in_is_not_who_one_is_after(office: Office) -> None:
    browser, other = await office.browser(), await office.signed_in("auditor")
    planted = other.cookies[PERSON]
    browser.cookies.set(PERSON, planted, domain="gate.example", path="/")
    await office.sign_in(browser, "dana")
    assert browser.cookies[PERSON] != planted
    assert "dana@clinic.example" in (await browser.get("/console/")).text


async def test_a_forged_cookie_is_nobody(office: Office) -> None:
    for cookie in ("", "AAAA", "é", "=" * 40, "A" * 9000):
        raw = [(b"cookie", f"{PERSON}={cookie}".encode())]
        assert (await (await office.browser()).get("/console/", headers=raw)).status_code == 303


async def test_a_flow_is_no_person(office: Office) -> None:
    browser = await office.browser()
    await browser.get("/console/sign-in")
    flow = browser.cookies["__Host-hoopgate-console-flow"]
    raw = [(b"cookie", f"{PERSON}={flow}".encode())]
    assert (await (await office.browser()).get("/console/", headers=raw)).status_code == 303


async def test_a_person_expires(office: Office) -> None:
    nothing: Any = None
    signin = SignIn("", "", "", "", office.state.key("sign-in"), nothing, nothing, nothing)
    for seconds, status in ((60, 200), (-1, 303)):
        person = Person("dana@clinic.example", ("dana@clinic.example",), (), time.time() + seconds, "t")
        browser = await office.browser()
        browser.cookies.set(PERSON, signin.cookie(person), domain="gate.example", path="/")
        assert (await browser.get("/console/")).status_code == status


async def test_who_signed_out_is_out_with_a_copy_of_the_cookie_too(office: Office) -> None:
    browser = await office.signed_in("reviewer")
    kept, csrf = browser.cookies[PERSON], token_of((await browser.get("/console/")).text)
    assert (await browser.post("/console/sign-out", data={"csrf": "x"})).status_code == 403
    assert (await browser.get("/console/")).status_code == 200
    assert (await browser.post("/console/sign-out", data={"csrf": csrf})).status_code == 200
    assert PERSON not in browser.cookies
    copy = await office.browser()
    copy.cookies.set(PERSON, kept, domain="gate.example", path="/")
    assert (await copy.get("/console/")).status_code == 303


async def test_a_token_that_is_not_of_this_sign_in_or_not_fresh_signs_nobody_in(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    signin, now = __import__("signin"), int(time.time())
    example()
    honest = signin.claims
    for wrong in (
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": ["another"]},
        {"azp": "another"},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"auth_time": now + 400},
        {"aud": "another"},
        {"auth_time": now - 400},
        {"auth_time": None},
        {"auth_time": True},
        {"exp": now - 60, "iat": now - 400, "nbf": now - 400},
        {"iss": "https://evil.example"},
    ):
        monkeypatch.setattr(signin, "claims", lambda asked, wrong=wrong: {**honest(asked), **wrong})
        browser = await office.browser()
        assert (await office.sign_in(browser, "dana")).status_code == 403, wrong
        assert (await browser.get("/console/")).status_code == 303, wrong


async def test_an_unverified_address_is_nobodys(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    signin = __import__("signin")
    honest = signin.claims
    monkeypatch.setattr(signin, "claims", lambda asked: {**honest(asked), "email_verified": False})
    assert (await (await office.signed_in("reviewer")).get("/console/")).status_code == 403


async def test_a_person_of_too_many_names_is_told_so(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser would drop the cookie without a word, and the sign-in would begin again for ever."""
    signin = __import__("signin")
    honest = signin.claims
    monkeypatch.setattr(signin, "claims", lambda asked: {**honest(asked), "upn": "u" * 4000})
    answer = await office.sign_in(await office.browser(), "dana")
    assert (answer.status_code, "more groups and names" in answer.text) == (403, True)


async def test_a_provider_that_cannot_be_reached_is_said(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.issuer.people.url = "http://127.0.0.1:1"  # its discovery document now names another issuer
    answer = await (await office.browser()).get("/console/sign-in")
    assert (answer.status_code, "cannot be reached" in answer.text) == (503, True)
    assert GATE.startswith("https")
