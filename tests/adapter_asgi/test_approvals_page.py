"""An approver signs in afresh, sees the whole call, and decides with a form that nobody else could have sent."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from holding import Office, demand, hold
from issuing import NOW, URL, World, rsa
from joserfc import jwt
from starlette.applications import Starlette
from starlette.testclient import TestClient

from adapter_asgi.approvals.page import Page
from adapter_asgi.approvals.signin import SignIn
from adapter_asgi.identity.providers import PROVIDERS

GATE = "https://gate.example"
CLIENT = "gate-client"


class Answer:
    def __init__(self, status: int, body: bytes) -> None:
        self.status, self.content = status, self
        self._body = body

    async def read(self, _: int) -> bytes:
        return self._body

    async def __aenter__(self) -> Answer:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None


class Provider(World):
    """An OpenID provider: hands out a code for an authorization request and redeems it once, checking PKCE."""

    def __init__(self) -> None:
        super().__init__()
        generic = replace(self.issuer, provider=PROVIDERS["generic"], caller="person", tenant=None, audience=CLIENT)
        self.issuer = replace(generic, mapping={"actor": "email"})
        self.who = self.authenticator()
        self.codes: dict[str, dict[str, str]] = {}
        self.claims: dict[str, Any] = {"sub": "u-1", "email": "dana", "email_verified": True}
        self.methods: list[str] | None = None  # how clients may authenticate; the default is basic

    async def fetch(self, url: str) -> bytes:
        if url.endswith("/.well-known/openid-configuration"):
            places = {"authorization_endpoint": f"{URL}/authorize", "token_endpoint": f"{URL}/token"}
            methods = {} if self.methods is None else {"token_endpoint_auth_methods_supported": self.methods}
            return json.dumps({"issuer": URL, "jwks_uri": f"{URL}/jwks", **places, **methods}).encode()
        return await super().fetch(url)

    def authorize(self, url: str) -> str:
        """The address that the provider would send the browser back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert (asked["prompt"], asked["max_age"], asked["code_challenge_method"]) == ("login", "0", "S256")
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{urlsplit(asked['redirect_uri']).path}?code={code}&state={asked['state']}"

    def post(self, url: str, *, data: str, headers: dict[str, str], **_: Any) -> Answer:
        assert url == f"{URL}/token"
        return self.redeem(dict(parse_qsl(data)), headers)

    def redeem(self, data: dict[str, str], headers: dict[str, str]) -> Answer:
        asked = self.codes.pop(data["code"], None)
        basic = base64.b64encode(f"{CLIENT}:s3cret".encode()).decode()
        known = headers.get("Authorization") == f"Basic {basic}"
        if self.methods is not None and "client_secret_basic" not in self.methods:
            known = (data.get("client_id"), data.get("client_secret")) == (CLIENT, "s3cret")
        digest = hashlib.sha256(data["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or challenge != asked["code_challenge"] or not known:
            return Answer(400, b"{}")
        times = {"iat": int(NOW), "exp": int(NOW) + 300, "auth_time": int(NOW) - 5}
        claims = {"iss": URL, "aud": CLIENT, "nonce": asked["nonce"], **times, **self.claims}
        token = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, rsa("k1"))
        return Answer(200, json.dumps({"id_token": token, "access_token": "x"}).encode())


class Desk(Office):
    def __init__(self) -> None:
        super().__init__()
        self.provider = Provider()
        self.now = NOW
        flow = SignIn(
            URL, CLIENT, "s3cret", f"{GATE}/approvals", b"c" * 32, self.provider, self.provider.fetch,  # type: ignore[arg-type]
            self.provider.who.verify, lambda: self.now,
        )  # fmt: skip
        page = Page(self.desk, flow, self.log, lambda _: {"name": "[NAME]"}, secure=True)
        self.app = Starlette(routes=page.routes())

    def browser(self) -> TestClient:
        return TestClient(self.app, base_url=GATE, follow_redirects=False)

    def sign_in(self, browser: TestClient, to: str = "/approvals") -> Any:
        sent = browser.get("/approvals/sign-in", params={"to": to})
        assert sent.status_code == 303
        return browser.get(self.provider.authorize(sent.headers["location"]))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def _csrf(text: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', text)
    assert found is not None
    return found[1]


async def test_the_whole_way_from_a_link_to_a_word(desk: Desk) -> None:
    ticket, browser = await desk.desk.submit(hold(demand(count=2))), desk.browser()
    sent = browser.get(f"/approvals/{ticket.id}")
    assert sent.headers["location"].endswith(f"/approvals/sign-in?to=/approvals/{ticket.id}")
    signed = desk.sign_in(browser, f"/approvals/{ticket.id}")
    assert f'href="/approvals/{ticket.id}"' in signed.text
    for attribute in ("HttpOnly", "Secure", "SameSite=strict"):
        assert attribute in signed.headers["set-cookie"]
    assert ticket.id in browser.get("/approvals").text
    shown = browser.get(f"/approvals/{ticket.id}")
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    answer = browser.post(f"/approvals/{ticket.id}/approve", data={"csrf": _csrf(shown.text)})
    assert answer.status_code == 303
    asked = await desk.desk.show(ticket.id)
    assert [(word.approver, word.local) for word in asked.words] == [("dana", False)]
    again = browser.post(f"/approvals/{ticket.id}/approve", data={"csrf": _csrf(shown.text)})
    assert (again.status_code, "already approved" in again.text) == (409, True)
    assert len((await desk.desk.show(ticket.id)).words) == 1


async def test_a_patient_is_shown_only_with_a_reason_and_that_is_a_record(desk: Desk) -> None:
    ticket, browser = await desk.desk.submit(hold()), desk.browser()
    desk.sign_in(browser)
    shown = browser.get(f"/approvals/{ticket.id}").text
    assert "Ann Example" not in shown
    form = {"csrf": _csrf(shown)}
    assert "Ann Example" not in browser.post(f"/approvals/{ticket.id}/reveal", data={**form, "reason": " "}).text
    revealed = browser.post(f"/approvals/{ticket.id}/reveal", data={**form, "reason": "is it the right one?"})
    assert "Ann Example" in revealed.text
    [entry] = [entry for entry in desk.log.entries if entry.kind == "read"]
    assert (entry.metadata["who"], entry.metadata["action"]) == ("dana", "reveal")
    assert b"the right one" in (entry.payload or b"")


async def test_a_refusal_goes_through_the_page_with_its_reason(desk: Desk) -> None:
    ticket, browser = await desk.desk.submit(hold()), desk.browser()
    desk.sign_in(browser)
    form = {"csrf": _csrf(browser.get(f"/approvals/{ticket.id}").text), "reason": "wrong patient"}
    assert browser.post(f"/approvals/{ticket.id}/refuse", data=form).status_code == 303
    assert (await desk.desk.show(ticket.id)).reason == "wrong patient"


@pytest.mark.parametrize("csrf", [None, "", "x" * 32])
async def test_a_form_from_elsewhere_decides_nothing(desk: Desk, csrf: str | None) -> None:
    ticket, browser = await desk.desk.submit(hold()), desk.browser()
    desk.sign_in(browser)
    for verb in ("approve", "refuse", "reveal"):
        data = {"reason": "x"} if csrf is None else {"csrf": csrf, "reason": "x"}
        assert browser.post(f"/approvals/{ticket.id}/{verb}", data=data).status_code == 403
    assert browser.get(f"/approvals/{ticket.id}/approve").status_code == 405
    assert (await desk.desk.show(ticket.id)).words == ()


async def test_without_a_session_nothing_is_shown_or_decided(desk: Desk) -> None:
    ticket, browser = await desk.desk.submit(hold()), desk.browser()
    assert browser.get("/approvals").status_code == 303
    assert browser.post(f"/approvals/{ticket.id}/approve", data={"csrf": "x"}).status_code == 403
    browser.cookies.set("hoopgate-person", "AAAA", domain="gate.example", path="/approvals")
    assert browser.get("/approvals").status_code == 303


async def test_a_session_ends(desk: Desk) -> None:
    browser = desk.browser()
    desk.sign_in(browser)
    assert browser.get("/approvals").status_code == 200
    desk.now += 900
    assert browser.get("/approvals").status_code == 303


async def test_who_is_of_no_group_that_is_asked_sees_nothing(desk: Desk) -> None:
    desk.provider.claims["email"] = "rita"
    ticket, browser = await desk.desk.submit(hold()), desk.browser()
    desk.sign_in(browser)
    assert ticket.id not in browser.get("/approvals").text
    assert browser.get(f"/approvals/{ticket.id}").status_code == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": ["another"]},
        {"azp": "another"},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"auth_time": int(NOW) + 301},
        {"aud": "another"},
        {"auth_time": int(NOW) - 301},
        {"auth_time": None},
        {"auth_time": True},
        {"exp": int(NOW) - 60, "iat": int(NOW) - 400},
        {"iss": "https://evil.example"},
    ],
)
async def test_a_token_that_is_not_of_this_sign_in_or_not_fresh_signs_nobody_in(
    desk: Desk, claims: dict[str, Any]
) -> None:
    desk.provider.claims.update(claims)
    browser = desk.browser()
    assert desk.sign_in(browser).status_code == 403
    assert browser.get("/approvals").status_code == 303


@pytest.mark.parametrize("methods", [None, ["client_secret_post"], ["client_secret_basic", "private_key_jwt"]])
async def test_the_gate_authenticates_as_the_provider_says(desk: Desk, methods: list[str] | None) -> None:
    desk.provider.methods = methods
    assert desk.sign_in(desk.browser()).status_code == 200


async def test_a_sign_in_that_was_begun_elsewhere_or_earlier_is_refused(desk: Desk) -> None:
    victim, attacker = desk.browser(), desk.browser()
    sent = attacker.get("/approvals/sign-in")
    back = desk.provider.authorize(sent.headers["location"])
    assert victim.get(back).status_code == 403
    desk.now += 600
    assert attacker.get(back).status_code == 403


async def test_a_code_is_redeemed_with_the_verifier_of_its_own_flow(desk: Desk) -> None:
    first, second = desk.browser(), desk.browser()
    stolen = dict(
        parse_qsl(urlsplit(desk.provider.authorize(first.get("/approvals/sign-in").headers["location"])).query)
    )
    mine = dict(
        parse_qsl(urlsplit(desk.provider.authorize(second.get("/approvals/sign-in").headers["location"])).query)
    )
    mixed = {"code": stolen["code"], "state": mine["state"]}
    assert second.get("/approvals/signed-in", params=mixed).status_code == 403


@pytest.mark.parametrize(
    "to", ["https://evil.example", "//evil.example", "/other", "/approvals/../x", "/approvals/x?y=1"]
)
async def test_the_sign_in_leads_nowhere_else(desk: Desk, to: str) -> None:
    assert 'href="/approvals">Go on' in desk.sign_in(desk.browser(), to).text


async def test_hostile_text_is_text(desk: Desk) -> None:
    ticket = await desk.desk.submit(hold(command="ehr/<script>alert(1)</script>\u202e"))
    browser = desk.browser()
    desk.sign_in(browser)
    shown = browser.get(f"/approvals/{ticket.id}").text
    assert "<script>" not in shown
    assert "\u202e" not in shown
    assert "&lt;script&gt;" in shown
