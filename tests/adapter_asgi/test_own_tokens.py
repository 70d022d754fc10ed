"""Tokens of the gate's own: once for each of a CI's, for the same run and address, and no further."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from issuing import NOW, World, b64, rsa
from joserfc import jwt
from starlette.applications import Starlette
from starlette.testclient import TestClient

from adapter_asgi.identity.error import IdentityError
from adapter_asgi.identity.minting import Minter
from adapter_asgi.identity.own_tokens import OwnTokens
from adapter_asgi.identity.token_endpoint import routes

GATE = "https://gate.example"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
JWT = "urn:ietf:params:oauth:token-type:jwt"


class Exchanging(World):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.minter = Minter(folder, GATE, lambda: self.now)
        self.refusals: list[str] = []
        self.who = self.authenticator(
            own=OwnTokens(self.minter), refused=lambda error, _: self.refusals.append(error.code)
        )

    async def code(self, token: str, peer: str = "10.0.0.1") -> str:
        with pytest.raises(IdentityError) as caught:
            await self.show(token, peer)
        return caught.value.code

    def forged(self, **changes: Any) -> str:
        claims = {"sub": "x", "caller": {}, **changes}
        return self.minter.sign(claims, GATE, 900, changes.pop("typ", "hoopgate+jwt"))


@pytest.fixture
def world(tmp_path: Path) -> Exchanging:
    return Exchanging(tmp_path)


async def test_it_is_the_same_caller_and_outlives_the_ci_s_token(world: Exchanging) -> None:
    token = world.mint()
    first = await world.show(token)
    own, seconds = await world.who.exchange(token, "10.0.0.1")
    assert seconds == 900
    world.now = NOW + 600
    assert await world.code(token) == "ID23"
    again = await world.show(own)
    assert (again.issuer, again.subject, again.run, again.same_as, again.kind, again.display) == (
        first.issuer,
        first.subject,
        first.run,
        first.same_as,
        first.kind,
        first.display,
    )
    assert again.identity == first.identity
    world.now = NOW + 931
    assert await world.code(own) == "ID23"


async def test_a_token_is_exchanged_once_and_what_comes_out_never(world: Exchanging) -> None:
    token = world.mint()
    own, _ = await world.who.exchange(token, "10.0.0.1")
    with pytest.raises(IdentityError) as caught:
        await world.who.exchange(token, "10.0.0.1")
    assert caught.value.code == "ID41"
    with pytest.raises(IdentityError) as caught:
        await world.who.exchange(own, "10.0.0.1")
    assert caught.value.code == "ID10"


async def test_it_travels_no_further_than_its_address(world: Exchanging) -> None:
    token = world.mint()
    await world.show(token, "10.0.0.1")
    with pytest.raises(IdentityError) as caught:
        await world.who.exchange(token, "10.0.0.2")
    assert caught.value.code == "ID40"
    own, _ = await world.who.exchange(token, "10.0.0.1")
    assert await world.code(own, "10.0.0.2") == "ID40"


async def test_what_the_gate_signs_for_others_is_no_token_of_its_own(world: Exchanging) -> None:
    principal = await world.show(world.mint())
    for statement in (world.minter.statement(principal, GATE, 60), world.forged(typ="JWT")):
        assert await world.code(statement) == "ID07"
    other_audience = world.minter.sign({"sub": "x", "caller": {}}, "https://bao.example", 60, "hoopgate+jwt")
    assert await world.code(other_audience) == "ID20"


async def test_nobody_else_can_make_one(world: Exchanging, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    stranger = Minter(tmp_path / "other", GATE, lambda: world.now)
    assert await world.code(stranger.sign({"sub": "x", "caller": {}}, GATE, 60, "hoopgate+jwt")) == "ID32"
    by_ci = jwt.encode({"alg": "RS256", "kid": "k1", "typ": "hoopgate+jwt"}, {"iss": GATE}, rsa("k1"))
    assert await world.code(by_ci) == "ID11"
    token, _ = await world.who.exchange(world.mint(), "10.0.0.1")
    head, body, tail = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["caller"]["values"]["repository"] = "acme/other"
    assert await world.code(f"{head}.{b64(claims)}.{tail}") == "ID32"


def test_the_key_is_made_once_and_only_its_public_half_is_shown(tmp_path: Path) -> None:
    first, second = Minter(tmp_path, GATE), Minter(tmp_path, GATE)
    assert first.jwks() == second.jwks()
    assert "d" not in first.jwks()["keys"][0]
    assert (tmp_path / "tokens.jwk").stat().st_mode & 0o077 == 0


# --- over HTTP ------------------------------------------------------------------------------------------------------


@pytest.fixture
def client(world: Exchanging) -> TestClient:
    return TestClient(Starlette(routes=routes(world.who, world.minter)), client=("10.0.0.1", 1))


def _form(world: Exchanging, **changes: Any) -> dict[str, str]:
    form = {"grant_type": EXCHANGE, "subject_token": world.mint(), "subject_token_type": JWT, **changes}
    return {name: value for name, value in form.items() if value is not ...}


async def test_the_exchange_answers_as_its_specification_says(world: Exchanging, client: TestClient) -> None:
    answer = client.post("/token", data=_form(world))
    assert answer.status_code == 200
    body = answer.json()
    assert (body["token_type"], body["expires_in"], body["issued_token_type"]) == ("Bearer", 900, JWT)
    assert answer.headers["cache-control"] == "no-store"
    assert (await world.show(body["access_token"])).run == "77"


def test_an_assertion_does_as_well(world: Exchanging, client: TestClient) -> None:
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": world.mint()}
    assert client.post("/token", data=form).status_code == 200


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": ...}, "unsupported_grant_type"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:access_token"}, "invalid_request"),
        ({"subject_token": "nonsense"}, "invalid_grant"),
        ({"subject_token": ...}, "invalid_grant"),
    ],
)
def test_what_cannot_be_exchanged_is_refused_by_name(
    world: Exchanging, client: TestClient, changes: dict[str, Any], error: str
) -> None:
    answer = client.post("/token", data=_form(world, **changes))
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert "nonsense" not in answer.text


def test_a_form_that_is_doubtful_or_too_large_is_refused(world: Exchanging, client: TestClient) -> None:
    form = _form(world)
    double = urlencode([*form.items(), ("subject_token", "x")])
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/token", content=double, headers=headers).status_code == 400
    assert client.post("/token", content="x" * 40_000, headers=headers).status_code == 413


def test_a_refusal_is_counted_with_its_code(world: Exchanging, client: TestClient) -> None:
    form = _form(world)
    client.post("/token", data=form)
    assert client.post("/token", data=form).json()["error"] == "invalid_grant"
    assert world.refusals == ["ID41"]


def test_the_documents_lead_to_the_key(world: Exchanging, client: TestClient) -> None:
    found = client.get("/.well-known/openid-configuration").json()
    assert (found["issuer"], found["jwks_uri"]) == (GATE, f"{GATE}/.well-known/jwks.json")
    assert client.get("/.well-known/jwks.json").json() == world.minter.jwks()
