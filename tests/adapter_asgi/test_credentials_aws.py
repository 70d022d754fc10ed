"""AWS sessions by web identity, against moto's STS and against answers that are none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from holding import principal
from joserfc import jwt
from joserfc.jwk import KeySet
from serving import serving
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapter_asgi.credentials.aws import AwsRole
from adapter_asgi.credentials.lease import CredentialError, Lease, Wanted
from adapter_asgi.identity.minting import Minter
from policy_lang import Grant

ROLE = "arn:aws:iam::123456789012:role/etl"
HEADERS = {"X-Key": "{AccessKeyId}", "X-Secret": "{SecretAccessKey}", "X-Token": "{SessionToken}"}


async def _lease(url: str, folder: Path, seconds: int = 900) -> Lease:
    async with aiohttp.ClientSession() as client:
        provider = AwsRole(client, Minter(folder, "https://gate.example"), url, ROLE, HEADERS)
        return await provider.lease(Wanted("i", Grant("lake", seconds), principal(), "s-1"), lambda _: None)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_moto_s_sts_lends_a_session(tmp_path: Path) -> None:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    await asyncio.to_thread(server.start)
    try:
        host, port = server.get_host_and_port()
        asked = datetime.now(UTC)
        lease = await _lease(f"http://{host}:{port}/", tmp_path)
        answered = datetime.now(UTC)
    finally:
        await asyncio.to_thread(server.stop)
    headers = dict(lease.headers)
    assert headers["x-key"].startswith("ASIA")
    assert headers["x-secret"]
    assert headers["x-token"]
    assert lease.expires is not None
    assert asked + timedelta(seconds=800) < lease.expires < answered + timedelta(seconds=960)


class Sts:
    def __init__(self) -> None:
        self.form: dict[str, str] = {}
        self.answer = (200, "<x/>")
        self.app = Starlette(routes=[Route("/", self.ask, methods=["POST"])])

    async def ask(self, request: Request) -> Response:
        self.form = {name: str(value) for name, value in (await request.form()).items()}
        return Response(self.answer[1], self.answer[0], media_type="text/xml")


@pytest.fixture
async def sts() -> AsyncIterator[tuple[Sts, str]]:
    made = Sts()
    async with serving(made.app) as url:
        yield made, url


async def test_the_identity_is_the_gate_s_own_statement(sts: tuple[Sts, str], tmp_path: Path) -> None:
    made, url = sts
    with pytest.raises(CredentialError):
        await _lease(url, tmp_path)
    key = KeySet.import_key_set(Minter(tmp_path, "https://gate.example").jwks())
    claims = jwt.decode(made.form["WebIdentityToken"], key, algorithms=["ES256"]).claims
    assert (claims["aud"], claims["sub"], claims["actor"]) == ("sts.amazonaws.com", "repo:acme/ehr", "alice")
    assert made.form["RoleSessionName"] == "repo-acme-ehr"
    assert made.form["DurationSeconds"] == "900"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((403, "<ErrorResponse/>"), "CRED03"),
        ((302, ""), "CRED03"),
        ((200, ""), "CRED04"),
        ((200, "<x/>"), "CRED04"),
        ((200, "{}"), "CRED04"),
        ((200, '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), "CRED04"),
    ],
)
async def test_an_answer_that_is_none_is_an_error(sts: tuple[Sts, str], tmp_path: Path, answer: Any, code: str) -> None:
    sts[0].answer = answer
    with pytest.raises(CredentialError, match=code):
        await _lease(sts[1], tmp_path)


async def test_less_than_aws_lends_is_not_asked_for(sts: tuple[Sts, str], tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match="CRED05"):
        await _lease(sts[1], tmp_path, seconds=899)
    assert sts[0].form == {}
