"""Real PostgreSQL and OpenBao: the whole way from a CI's token to a query, and that revoking ends the open session."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest
from holding import Log, principal
from issuing import AUDIENCE, URL, World
from real_servers import bao, connect, openbao, postgres
from serving import serving
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import masking
import policy_lang
import recorder
from adapter_asgi import settings as configuration
from adapter_asgi.app import opened
from adapter_asgi.credentials.broker import Broker
from adapter_asgi.credentials.lease import CredentialError, Wanted
from adapter_asgi.credentials.ledger import Ledger
from adapter_asgi.credentials.openbao import OpenBao
from adapter_asgi.credentials.postgres import PostgresRole
from adapter_asgi.identity.minting import Minter
from adapter_asgi.state import State
from policy_lang import Grant

pytestmark = pytest.mark.slow

GATE = "https://gate.example"
HEADERS = {"X-Db-User": "{username}", "X-Db-Password": "{password}"}
GRANT = Grant("reader", 900)
_REVOKE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{{name}}';
DROP OWNED BY "{{name}}"; DROP ROLE IF EXISTS "{{name}}";
"""


@pytest.fixture(scope="module")
def dsn() -> Iterator[str]:
    with postgres() as url:
        asyncio.run(_prepare(url))
        yield url


@pytest.fixture(scope="module")
def vault() -> Iterator[tuple[str, str]]:
    with openbao() as started:
        yield started


async def _prepare(dsn: str) -> None:
    link = await connect(dsn)
    await link.execute("CREATE TABLE patient (id int, name text); INSERT INTO patient VALUES (1, 'Ann Example')")
    await link.execute("CREATE ROLE readers NOLOGIN; GRANT SELECT ON patient TO readers")
    await link.close()


async def _roles(dsn: str) -> int:
    link = await connect(dsn)
    try:
        return int(await link.fetchval("SELECT count(*) FROM pg_roles WHERE rolname ~ '^(hoopgate-|v-)'"))
    finally:
        await link.close()


def _configure(vault: tuple[str, str], dsn: str, minter: Minter) -> None:
    """JWT auth that trusts the gate's key, and a database role that makes PostgreSQL roles."""
    url, root = vault
    pem = minter._key.as_pem(private=False).decode()
    bao(url, root, "POST", "sys/auth/jwt", type="jwt")
    bao(url, root, "POST", "auth/jwt/config", jwt_validation_pubkeys=[pem], bound_issuer=minter.issuer)
    policy = 'path "database/creds/reader" { capabilities = ["read"] }'
    bao(url, root, "PUT", "sys/policies/acl/reader", policy=policy)
    role = {"role_type": "jwt", "user_claim": "sub", "bound_audiences": [url], "token_policies": ["reader"]}
    bao(url, root, "POST", "auth/jwt/role/etl", **role, token_ttl="15m", bound_claims={"repository": "acme/ehr"})
    bao(url, root, "POST", "sys/mounts/database", type="database")
    place = dsn.rpartition("@")[2]
    connection = f"postgresql://{{{{username}}}}:{{{{password}}}}@{place}?sslmode=disable"
    bao(
        url, root, "POST", "database/config/ehr", plugin_name="postgresql-database-plugin", allowed_roles="reader",
        connection_url=connection, username="postgres", password="super-secret",
    )  # fmt: skip
    create = "CREATE ROLE \"{{name}}\" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}' IN ROLE readers"
    bao(
        url, root, "POST", "database/roles/reader", db_name="ehr", creation_statements=[create],
        revocation_statements=[_REVOKE], default_ttl="15m",
    )  # fmt: skip


class Records:
    """An upstream that queries with the caller's own role, and keeps its database session open."""

    def __init__(self, dsn: str) -> None:
        self.place = dsn.rpartition("@")[2]
        self.link: Any = None
        self.seen: dict[str, str] = {}
        self.app = Starlette(routes=[Route("/mcp", self.call, methods=["POST"])])

    async def call(self, request: Request) -> Response:
        self.seen = dict(request.headers)
        message = await request.json()
        user, password = self.seen["x-db-user"], self.seen["x-db-password"]
        if self.link is None:
            self.link = await connect(f"postgresql://{self.place}", user=user, password=password)
        name = await self.link.fetchval("SELECT name FROM patient WHERE id = 1")
        text = f"the patient is {name}, read as {user} with {password}"
        result = {"content": [{"type": "text", "text": text}], "isError": False}
        return JSONResponse({"jsonrpc": "2.0", "id": message["id"], "result": result})


async def test_a_role_of_postgresql_is_made_used_and_gone_with_its_open_session(dsn: str) -> None:
    provider = PostgresRole(dsn, "readers", HEADERS)
    ledger = Ledger(":memory:", b"l" * 32)
    broker = Broker({"reader": provider}, ledger, Log())
    lease = await broker.lease(GRANT, principal(), "s-1")
    credentials = dict(lease.headers)
    user, password = credentials["x-db-user"], credentials["x-db-password"]
    link = await connect(dsn, user=user, password=password)
    assert await link.fetchval("SELECT name FROM patient") == "Ann Example"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await link.execute("DELETE FROM patient")
    assert await broker.end_session("s-1") == (lease.id,)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
        await link.fetchval("SELECT name FROM patient")
    with pytest.raises(asyncpg.PostgresError):
        await asyncpg.connect(dsn, user=user, password=password)
    assert await _roles(dsn) == 0
    ledger.close()


async def test_a_role_that_a_call_runs_on_is_prolonged(dsn: str) -> None:
    provider, kept = PostgresRole(dsn, "readers", HEADERS), dict[str, Any]()
    await provider.lease(Wanted("abc", Grant("reader", 60), principal(), "s-1"), kept.update)
    ends = await provider.prolong(kept, 600)
    link = await connect(dsn)
    told = await link.fetchval("SELECT rolvaliduntil FROM pg_roles WHERE rolname = $1", kept["role"])
    assert told == ends
    await link.close()
    await provider.revoke(kept)
    assert await provider.prolong({"role": "postgres"}, 600) is None
    assert await _roles(dsn) == 0


async def test_a_crash_between_issue_and_revoke_leaves_no_role_after_the_sweep(dsn: str, tmp_path: Path) -> None:
    first = Broker({"reader": PostgresRole(dsn, "readers", HEADERS)}, Ledger(tmp_path / "l", b"l" * 32), Log())
    await first.lease(GRANT, principal(), "s-1")
    assert await _roles(dsn) == 1
    second = Broker({"reader": PostgresRole(dsn, "readers", HEADERS)}, Ledger(tmp_path / "l", b"l" * 32), Log())
    assert len(await second.sweep(everything=True)) == 1
    assert await _roles(dsn) == 0


async def test_from_a_ci_token_to_a_query_and_no_further(
    dsn: str, vault: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, _ = vault
    upstream = Records(dsn)
    (tmp_path / "p.hoop").write_text(
        'rule "reading" {\n    repository "acme/ehr"\n    command "ehr/read"\n    allow\n'
        '    mask name\n    grant "reader" for 10m\n}\n'
    )
    async with serving(upstream.app) as address:
        config = _config(tmp_path, address, url)
        state = State(config.state, tmp_path / "keys")
        _configure(vault, dsn, Minter(state.keys, config.public_url))
        world = World()
        monkeypatch.setattr("adapter_asgi.app.fetcher", lambda _: world.fetch)
        policy = policy_lang.load(config.policy)
        with recorder.open(config.store) as log:
            async with opened(config, policy, masking.load_ner(), log, state) as gate:
                async with serving(gate.app) as front:
                    answer = await _call(front, _fresh(world))
                text = answer["result"]["content"][0]["text"]
                assert "Ann Example" not in text
                password = upstream.seen["x-db-password"]
                assert password not in text
                assert "authorization" not in upstream.seen
                assert await _roles(dsn) == 1
            assert await _roles(dsn) == 0
            with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
                await upstream.link.fetchval("SELECT name FROM patient")
        state.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert password.encode() not in kept
    report = recorder.verify_report(config.store)
    assert report is not None


async def test_a_secret_of_openbao_s_is_renewed_with_its_login(tmp_path: Path, dsn: str) -> None:
    minter, kept = Minter(tmp_path, GATE), dict[str, Any]()
    who = replace(
        principal(), identity=policy_lang.Request.from_json({"repository": "acme/ehr", "provenance": "attested"})
    )
    with openbao() as vault:
        _configure(vault, dsn, minter)
        async with aiohttp.ClientSession() as client:
            provider = OpenBao(client, minter, vault[0], "etl", "database/creds/reader", HEADERS)
            await provider.lease(Wanted("abc", Grant("reader", 60), who, "s-1"), kept.update)
            asked = datetime.now(UTC)
            ends = await provider.prolong(kept, 300)
            assert ends is not None
            assert asked + timedelta(seconds=200) < ends <= datetime.now(UTC) + timedelta(seconds=300)
            assert await provider.prolong({"token": kept["token"], "lease": ""}, 300) is None
            await provider.revoke(kept)
            with pytest.raises(CredentialError, match="CRED03"):
                await provider.prolong(kept, 300)
        while await _roles(dsn):  # OpenBao takes secrets back after it has answered
            pass


async def test_openbao_refuses_whom_its_role_does_not_know(vault: tuple[str, str], tmp_path: Path, dsn: str) -> None:
    url, _ = vault
    stranger = Minter(tmp_path, GATE)
    async with aiohttp.ClientSession() as client:
        provider = OpenBao(client, stranger, url, "etl", "database/creds/reader", HEADERS)
        broker = Broker({"reader": provider}, Ledger(":memory:", b"l" * 32), Log())
        with pytest.raises(Exception, match="CRED03"):
            await broker.lease(GRANT, principal(), "s-1")
    assert await _roles(dsn) == 0


def _config(folder: Path, upstream: str, vault: str) -> configuration.Settings:
    file = folder / "hoopgate.toml"
    file.write_text(f"""
policy = "p.hoop"
store = "evidence"
[identity.github]
issuer = "{URL}"
audience = "{AUDIENCE}"
tenant = "123"
[server.ehr]
url = "{upstream}/mcp"
[grant.reader]
kind = "openbao"
url = "{vault}"
role = "etl"
path = "database/creds/reader"
headers = {json.dumps(HEADERS).replace(":", " =")}
""")
    return configuration.load(file, {})


def _fresh(world: World) -> str:
    now = int(time.time())
    return world.mint(iat=now, nbf=now, exp=now + 300)


async def _call(front: str, token: str) -> Any:
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2025-06-18",
    }
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "read", "arguments": {}}}
    async with (
        aiohttp.ClientSession() as client,
        client.post(f"{front}/mcp/ehr", json=body, headers=headers) as answer,
    ):
        assert answer.status == 200, await answer.text()
        return await answer.json(content_type=None)
