"""An approver signs in at a real OpenID provider on loopback, with a browser's cookies and redirects, and decides."""

from __future__ import annotations

import asyncio
import re
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from authlib.oauth2.rfc7636 import CodeChallenge
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from whole import Whole, whole

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the provider uses what Authlib deprecates
    import oidc_provider_mock
    from oidc_provider_mock import _app, _storage

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the provider's, in its own thread
ASKS = 'rule "reading" {\n command "ehr/read"\n allow\n mask none\n require approval from "privacy" within 10m\n}\n'
TABLE = """
[identity.login]
provider = "generic"
issuer = "{issuer}"
audience = "gate"
caller = "person"
client_secret = "s3cret"
claims = {{ actor = "email" }}
"""


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The provider's URL. The mock names no key in its tokens and checks no PKCE: here it does both."""
    config = _app.OpenIDCode.get_jwt_config
    register = _app.flask_oauth2.AuthorizationServer.register_grant
    store = _storage.Storage.store_authorization_code

    def with_kid(self: Any, *said: Any) -> dict[str, Any]:
        return {**config(self, *said), "kid": _app.storage.jwk.thumbprint()}

    def with_pkce(self: Any, grant: Any, extensions: Any = None) -> None:
        register(self, grant, [*extensions, CodeChallenge(required=True)] if extensions else extensions)

    def with_challenge(self: Any, code: Any) -> None:
        asked = _app.flask.request.args
        for name in ("code_challenge", "code_challenge_method"):
            object.__setattr__(code, name, asked[name])  # a frozen dataclass that has no place for them
        store(self, code)

    monkeypatch.setattr(_app.OpenIDCode, "get_jwt_config", with_kid)
    monkeypatch.setattr(_app.flask_oauth2.AuthorizationServer, "register_grant", with_pkce)
    monkeypatch.setattr(_storage.Storage, "store_authorization_code", with_challenge)
    dana = {"email": "dana@clinic.example", "email_verified": True}
    unverified = {"email": "dana@clinic.example", "email_verified": False}
    users = [oidc_provider_mock.User(sub="u-1", claims=dana), oidc_provider_mock.User(sub="u-2", claims=unverified)]
    with oidc_provider_mock.run_server_in_thread(user_claims=users) as server:
        yield f"http://localhost:{server.server_port}"


async def _answer(request: Request) -> Response:
    message = await request.json()
    return JSONResponse({"jsonrpc": "2.0", "id": message["id"], "result": {"content": [], "isError": False}})


UPSTREAM = Starlette(routes=[Route("/mcp", _answer, methods=["POST"])])


class Browser:
    """Follows redirects by hand, keeps cookies, fills in forms."""

    def __init__(self, gate: Whole, client: aiohttp.ClientSession) -> None:
        self.gate, self.client = gate, client

    async def sign_in(self, sub: str) -> tuple[int, str]:
        async with self.client.get(f"{self.gate.front}/console/sign-in", allow_redirects=False) as sent:
            place = sent.headers["location"]
        async with self.client.post(place, data={"sub": sub}, allow_redirects=False) as back:
            home = re.sub(r"^http://[^/]+", self.gate.front, back.headers["location"])
        async with self.client.get(home, allow_redirects=False) as answer:
            return answer.status, await answer.text()

    async def get(self, path: str) -> str:
        async with self.client.get(f"{self.gate.front}{path}") as answer:
            return await answer.text()

    async def post(self, path: str, **form: str) -> int:
        async with self.client.post(f"{self.gate.front}{path}", data=form, allow_redirects=False) as answer:
            return answer.status


async def test_from_a_sign_in_to_a_decision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provider: str) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        whole(tmp_path, monkeypatch, UPSTREAM, ASKS, TABLE.format(issuer=provider)) as gate,
        aiohttp.ClientSession(cookie_jar=jar) as client,
    ):
        job = asyncio.create_task(_read(gate))
        id_ = await gate.waiting()
        browser = Browser(gate, client)
        assert (await browser.sign_in("u-2"))[0] == 200  # signed in, but the e-mail is nobody's word
        assert "Not for your role" in await browser.get(f"/console/approvals/{id_}")
        status, text = await browser.sign_in("u-1")
        assert (status, "dana@clinic.example" in text) == (200, True)
        page = await browser.get(f"/console/approvals/{id_}")
        [csrf] = set(re.findall(r'name="csrf" value="([^"]+)"', page))
        assert await browser.post(f"/console/approvals/{id_}/approve", csrf="forged") == 403
        assert await browser.post(f"/console/approvals/{id_}/approve", csrf=csrf) == 303
        assert '"isError":false' in await job
    [given] = gate.records("approval.given")
    assert (given.data["approver"], given.data["asserted"]) == ("dana@clinic.example", "oidc")


async def test_an_old_authentication_signs_nobody_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    monkeypatch.setattr(_storage.AuthorizationCode, "get_auth_time", lambda _: int(time.time()) - 301)
    async with (
        whole(tmp_path, monkeypatch, UPSTREAM, ASKS, TABLE.format(issuer=provider)) as gate,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client,
    ):
        status, text = await Browser(gate, client).sign_in("u-1")
        assert (status, "authenticated just now" in text) == (403, True)


async def _read(gate: Whole) -> str:
    async with gate.call(gate.job()) as answer:
        return str(await answer.text())
