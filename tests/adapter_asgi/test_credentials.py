"""Leases: one per session and rule, for the least time, renewed at two thirds, taken back whatever happens."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from holding import Log, principal
from joserfc import jwt
from joserfc.jwk import KeySet
from serving import serving
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import recorder
from adapter_asgi.credentials.broker import Broker
from adapter_asgi.credentials.lease import CredentialError, Lease, Remember, Wanted
from adapter_asgi.credentials.ledger import Ledger, Out
from adapter_asgi.credentials.oauth import ClientCredentials, Server, TokenExchange
from adapter_asgi.credentials.unsafe_static import UnsafeStatic
from adapter_asgi.identity.minting import Minter
from adapter_asgi.running import Running
from policy_lang import Grant

GRANT = Grant("reader", 900)
NOW = 1_800_000_000.0


class Provider:
    """Counts what it lends; `fail` makes the next lease or revocation fail."""

    def __init__(self, lives: float | None = None) -> None:
        self.lent: dict[str, Wanted] = {}
        self.live: set[str] = set()
        self.fail = ""
        self.lives = lives

    async def lease(self, wanted: Wanted, remember: Remember) -> Lease:
        remember({"id": wanted.id})
        self.lent[wanted.id] = wanted
        self.live.add(wanted.id)
        if self.fail == "lease":
            raise CredentialError("CRED03", "down")
        if self.fail == "crash":
            raise RuntimeError("the process ends here")
        ends = None if self.lives is None else datetime.fromtimestamp(NOW + self.lives, UTC)
        return Lease((("authorization", f"secret-{wanted.id}"),), wanted.id, ends)

    async def prolong(self, handle: Mapping[str, Any], seconds: int) -> datetime | None:
        if self.fail == "prolong":
            raise CredentialError("CRED03", "down")
        assert handle["id"] in self.live
        return None if self.lives else datetime.fromtimestamp(NOW + 10_000, UTC)

    async def revoke(self, handle: Mapping[str, Any]) -> None:
        if self.fail == "revoke":
            raise CredentialError("CRED03", "down")
        self.live.discard(handle.get("id", ""))


class Bank:
    """A broker on a standing clock."""

    def __init__(self, path: Path | str = ":memory:", provider: Provider | None = None) -> None:
        self.now = NOW
        self.provider = provider or Provider()
        self.log = Log()
        self.ledger = Ledger(path, b"l" * 32)
        self.windows: dict[str, float] = {}
        self.running = Running()
        self.broker = Broker(
            {"reader": self.provider},
            self.ledger,
            self.log,
            lambda: self.now,
            until=self.windows.get,
            running=self.running,
        )


async def test_a_session_has_one_lease_and_another_session_or_caller_another() -> None:
    bank = Bank()
    first = await bank.broker.lease(GRANT, principal(), "s-1")
    assert (await bank.broker.lease(GRANT, principal(), "s-1")).id == first.id
    assert (await bank.broker.lease(GRANT, principal(), "s-2")).id != first.id
    other = replace(principal(), subject="repo:acme/other")
    assert (await bank.broker.lease(GRANT, other, "s-1")).id != first.id


async def test_a_lease_is_renewed_at_two_thirds_of_its_life() -> None:
    bank = Bank(provider=Provider(lives=300))
    first = await bank.broker.lease(GRANT, principal(), "s-1")
    bank.now += 199
    assert (await bank.broker.lease(GRANT, principal(), "s-1")).id == first.id
    bank.now += 1
    second = await bank.broker.lease(GRANT, principal(), "s-1")
    assert (first.renews, second.renews) == ("", first.id)
    assert bank.provider.live == {first.id, second.id}  # a call may run on the first still
    bank.now += 100
    assert first.id in await bank.broker.sweep()


@pytest.mark.parametrize(
    ("grant", "token", "provider", "least"),
    [(900, None, None, 900), (900, 300, None, 300), (900, 300, 60, 60), (30, 300, 60, 30), (900, None, 5000, 900)],
)
async def test_the_least_of_all_lives_counts(grant: int, token: int | None, provider: float | None, least: int) -> None:
    bank = Bank(provider=Provider(lives=provider))
    ends = None if token is None else datetime.fromtimestamp(NOW + token, UTC)
    lease = await bank.broker.lease(Grant("reader", grant), replace(principal(), expires=ends), "s-1")
    assert lease.expires == datetime.fromtimestamp(NOW + least, UTC)


async def test_no_lease_outlives_the_window_of_its_approval() -> None:
    bank = Bank()
    bank.windows["a-1"] = NOW + 45
    lease = await bank.broker.lease(GRANT, principal(), "s-1", "a-1")
    assert lease.expires == datetime.fromtimestamp(NOW + 45, UTC)
    assert (await bank.broker.lease(GRANT, principal(), "s-1", "a-1")).id == lease.id
    assert (await bank.broker.lease(GRANT, principal(), "s-1", "a-2")).id != lease.id
    assert (await bank.broker.lease(GRANT, principal(), "s-1")).id != lease.id


async def test_an_approval_s_end_takes_back_what_was_lent_on_it_wherever_it_was_spent() -> None:
    bank, cut = Bank(), list[str]()
    one = await bank.broker.lease(GRANT, principal(), "s-1", "a-1")
    two = await bank.broker.lease(GRANT, principal(), "s-2", "a-1")
    other = await bank.broker.lease(GRANT, principal(), "s-1")
    bank.running.enter(one.id, cut.append)
    assert set(await bank.broker.end_approval("a-1")) == {one.id, two.id}
    assert bank.provider.live == {other.id}
    assert len(cut) == 1
    assert [(entry.kind, entry.metadata["cause"], entry.metadata["approval"]) for entry in bank.log.entries] == [
        ("lease.revoked", "revoked", "a-1")
    ] * 2


async def test_what_a_long_call_runs_on_is_prolonged_as_long_as_its_token_lives() -> None:
    bank = Bank()
    ends = datetime.fromtimestamp(NOW + 100, UTC)
    lease = await bank.broker.lease(Grant("reader", 60), replace(principal(), expires=ends), "s-1")
    idle = await bank.broker.lease(Grant("reader", 60), principal(), "s-2")
    bank.running.enter(lease.id, lambda _: None)
    for after, out in ((39, NOW + 60), (40, NOW + 100), (59, NOW + 100)):
        bank.now = NOW + after
        await bank.broker.sweep()
        assert {row.id: row.expires for row in bank.ledger.all()} == {lease.id: out, idle.id: NOW + 60}
    [entry] = bank.log.entries
    assert (entry.kind, entry.metadata["lease"], entry.metadata["seconds"]) == ("lease.renewed", lease.id, 60)
    bank.now = NOW + 60
    assert await bank.broker.sweep() == (idle.id,)
    bank.now = NOW + 100
    assert await bank.broker.sweep() == (lease.id,)


async def test_a_long_call_keeps_what_it_runs_on_though_later_calls_have_another() -> None:
    bank = Bank()
    first = await bank.broker.lease(Grant("reader", 60), principal(), "s-1")
    bank.running.enter(first.id, lambda _: None)
    bank.now += 40
    second = await bank.broker.lease(Grant("reader", 60), principal(), "s-1")
    assert second.renews == first.id
    await bank.broker.sweep()
    assert {row.id: row.expires for row in bank.ledger.all()} == {first.id: NOW + 100, second.id: NOW + 100}


@pytest.mark.parametrize(("lives", "fail"), [(60.0, ""), (None, "prolong")])
async def test_what_cannot_be_prolonged_ends_in_its_time(lives: float | None, fail: str) -> None:
    bank = Bank(provider=Provider(lives))
    lease = await bank.broker.lease(Grant("reader", 60), principal(), "s-1")
    bank.running.enter(lease.id, lambda _: None)
    bank.provider.fail = fail
    bank.now += 50
    assert await bank.broker.sweep() == ()
    assert [row.expires for row in bank.ledger.all()] == [NOW + 60]
    bank.now += 10
    assert await bank.broker.sweep() == (lease.id,)


async def test_a_lease_whose_table_is_gone_is_not_said_to_be_taken_back_before_it_ends(tmp_path: Path) -> None:
    first = Bank(tmp_path / "leases")
    lease = await first.broker.lease(GRANT, principal(), "s-1")
    without = Broker({}, first.ledger, first.log, lambda: first.now)
    assert await without.sweep(everything=True) == ()
    assert first.log.entries == []
    first.now += 900
    assert await without.sweep() == (lease.id,)
    first.ledger.close()


async def test_a_token_that_has_ended_gets_nothing() -> None:
    bank = Bank()
    ended = replace(principal(), expires=datetime.fromtimestamp(NOW, UTC))
    with pytest.raises(CredentialError, match="CRED02"):
        await bank.broker.lease(GRANT, ended, "s-1")


async def test_a_grant_without_a_table_gets_nothing() -> None:
    with pytest.raises(CredentialError, match=r"\[grant.other\]"):
        await Bank().broker.lease(Grant("other", 60), principal(), "s-1")


async def test_a_session_s_end_takes_its_leases_back_and_no_other() -> None:
    bank = Bank()
    first = await bank.broker.lease(GRANT, principal(), "s-1")
    second = await bank.broker.lease(GRANT, principal(), "s-2")
    assert await bank.broker.end_session("s-1") == (first.id,)
    assert bank.provider.live == {second.id}
    assert await bank.broker.end_session("s-1") == ()
    assert (await bank.broker.lease(GRANT, principal(), "s-1")).id != first.id


async def test_a_lease_that_has_run_out_is_taken_back_and_recorded() -> None:
    bank = Bank()
    lease = await bank.broker.lease(Grant("reader", 60), principal(), "s-1")
    assert await bank.broker.sweep() == ()
    bank.now += 60
    assert await bank.broker.sweep() == (lease.id,)
    assert bank.provider.live == set()
    [entry] = bank.log.entries
    assert (entry.kind, entry.metadata["lease"], entry.metadata["cause"]) == ("lease.revoked", lease.id, "expired")


async def test_a_revocation_that_fails_is_tried_again() -> None:
    bank = Bank()
    lease = await bank.broker.lease(GRANT, principal(), "s-1")
    bank.provider.fail = "revoke"
    assert await bank.broker.end_session("s-1") == ()
    assert await bank.broker.sweep() == ()
    bank.provider.fail = ""
    assert await bank.broker.sweep() == (lease.id,)
    assert bank.ledger.all() == []


async def test_a_lease_that_half_failed_is_swept() -> None:
    bank = Bank()
    bank.provider.fail = "lease"
    with pytest.raises(CredentialError):
        await bank.broker.lease(GRANT, principal(), "s-1")
    bank.provider.fail = ""
    assert len(bank.provider.live) == 1
    await bank.broker.sweep()
    assert bank.provider.live == set()


@pytest.mark.parametrize("fail", ["", "crash"])
async def test_a_crash_leaves_no_lease_after_the_sweep(tmp_path: Path, fail: str) -> None:
    first = Bank(tmp_path / "leases")
    first.provider.fail = fail
    with contextlib.suppress(RuntimeError):
        await first.broker.lease(GRANT, principal(), "s-1")
    first.ledger.close()
    assert len(first.provider.live) == 1
    first.provider.fail = ""
    second = Bank(tmp_path / "leases", first.provider)
    assert len(await second.broker.sweep(everything=True)) == 1
    assert second.provider.live == set()
    assert second.log.entries[0].metadata["cause"] == "interrupted"
    second.ledger.close()


async def test_the_ledger_holds_no_secret_in_clear_and_survives_another_key(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "leases", b"l" * 32)
    ledger.put(Out("i", "reader", "s-1", NOW, {"token": "the-secret"}))
    ledger.close()
    assert b"the-secret" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    other = Ledger(tmp_path / "leases", b"m" * 32)
    assert other.all()[0].handle == {}
    other.close()


async def test_no_secret_is_in_a_lease_s_text_or_in_a_record() -> None:
    bank = Bank()
    lease = await bank.broker.lease(GRANT, principal(), "s-1")
    assert "secret-" not in repr(lease)
    await bank.broker.close()
    assert "secret-" not in repr(bank.log.entries)


async def test_the_static_provider_lends_what_is_configured() -> None:
    wanted = Wanted("i", GRANT, principal(), "s-1")
    lease = await UnsafeStatic({"Authorization": "Bearer x"}).lease(wanted, lambda _: None)
    assert lease.headers == (("authorization", "Bearer x"),)


# --- OAuth ------------------------------------------------------------------------------------------------------------


class AuthorizationServer:
    """Client credentials, exchange and revocation, in the shapes of RFC 6749, 8693 and 7009."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.revoked: list[str] = []
        self.answer: Any = {"access_token": "at-1", "token_type": "Bearer", "expires_in": 120}
        self.status = 200
        self.app = Starlette(
            routes=[Route("/token", self.token, methods=["POST"]), Route("/revoke", self.revoke, methods=["POST"])]
        )

    async def token(self, request: Request) -> Response:
        if request.headers["authorization"] != "Basic " + base64.b64encode(b"gate:s3cret").decode():
            return JSONResponse({"error": "invalid_client"}, 401)
        self.forms.append({name: str(value) for name, value in (await request.form()).items()})
        return JSONResponse(self.answer, self.status)

    async def revoke(self, request: Request) -> Response:
        self.revoked.append(str((await request.form())["token"]))
        return Response(status_code=200)


class Asking:
    def __init__(self, server: AuthorizationServer, url: str, client: aiohttp.ClientSession) -> None:
        self.double, self.url, self.handles = server, url, []  # type: ignore[var-annotated]
        self.server = Server(
            client, f"{url}/token", "gate", "s3cret", "ehr.read", "https://ehr.example", f"{url}/revoke"
        )

    async def lease(self, provider: ClientCredentials) -> Lease:
        return await provider.lease(Wanted("i", GRANT, principal(), "s-1"), self.handles.append)


@pytest.fixture
async def asking() -> AsyncIterator[Asking]:
    double = AuthorizationServer()
    async with serving(double.app) as url, aiohttp.ClientSession() as client:
        yield Asking(double, url, client)


async def test_client_credentials_give_a_narrow_token_that_is_revoked(asking: Asking) -> None:
    provider = ClientCredentials(asking.server)
    lease = await asking.lease(provider)
    assert lease.headers == (("authorization", "Bearer at-1"),)
    assert lease.expires is not None
    assert lease.expires - datetime.now(UTC) < timedelta(seconds=121)
    form = {"grant_type": "client_credentials", "scope": "ehr.read", "resource": "https://ehr.example"}
    assert asking.double.forms == [form]
    await provider.revoke(asking.handles[-1])
    assert asking.double.revoked == ["at-1"]


async def test_an_exchange_shows_the_gate_s_own_statement_about_the_caller(asking: Asking, tmp_path: Path) -> None:
    minter = Minter(tmp_path, "https://gate.example")
    await asking.lease(TokenExchange(asking.server, minter))
    [form] = asking.double.forms
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:token-exchange"
    claims = jwt.decode(form["subject_token"], KeySet.import_key_set(minter.jwks()), algorithms=["ES256"]).claims
    assert claims["iss"] == "https://gate.example"
    assert claims["aud"] == f"{asking.url}/token"
    assert (claims["sub"], claims["actor"], claims["run"]) == ("repo:acme/ehr", "alice", "77")
    assert claims["exp"] - claims["iat"] == 60


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (400, {"error": "invalid_scope"}),
        (302, {}),
        (200, {}),
        (200, []),
        (200, {"access_token": "", "token_type": "Bearer"}),
        (200, {"access_token": "at", "token_type": "mac"}),
        (200, {"access_token": 1, "token_type": "Bearer"}),
    ],
)
async def test_a_server_that_gives_no_bearer_token_is_an_error_without_the_secret(
    asking: Asking, status: int, answer: Any
) -> None:
    asking.double.status, asking.double.answer = status, answer
    with pytest.raises(CredentialError) as caught:
        await asking.lease(ClientCredentials(asking.server))
    assert "s3cret" not in str(caught.value)
    assert "s3cret" not in repr(asking.server)


async def test_a_server_that_is_down_is_an_error(asking: Asking) -> None:
    down = replace(asking.server, token_url="http://127.0.0.1:1/token")
    with pytest.raises(CredentialError, match="CRED03"):
        await asking.lease(ClientCredentials(down))


@pytest.mark.parametrize("secret", ["a\r\nX-Evil: 1", "a\0", "\u00e9", " a", ""])
async def test_a_secret_that_no_header_can_hold_is_not_lent_and_is_taken_back(secret: str) -> None:
    class Odd(Provider):
        async def lease(self, wanted: Wanted, remember: Remember) -> Lease:
            return replace(await super().lease(wanted, remember), headers=(("authorization", secret),))

    bank = Bank(provider=Odd())
    with pytest.raises(CredentialError, match="CRED04") as caught:
        await bank.broker.lease(GRANT, principal(), "s-1")
    assert "Evil" not in str(caught.value)
    await bank.broker.sweep()
    assert bank.provider.live == set()


async def test_a_lease_whose_handle_cannot_be_read_is_not_said_to_be_revoked(tmp_path: Path) -> None:
    first = Bank(tmp_path / "leases")
    lease = await first.broker.lease(GRANT, principal(), "s-1")
    first.ledger.close()
    other = Bank(tmp_path / "leases", first.provider)
    ledger = Ledger(tmp_path / "leases", b"x" * 32)
    broker = Broker({"reader": first.provider}, ledger, other.log, lambda: other.now)
    assert await broker.sweep(everything=True) == ()
    assert first.provider.live == {lease.id}
    assert other.log.entries == []
    other.now += GRANT.seconds
    assert await broker.sweep() == (lease.id,)
    assert other.log.entries[0].metadata["cause"] == "expired"


async def test_a_revocation_that_cannot_be_recorded_is_done_and_recorded_later() -> None:
    bank = Bank()
    lease = await bank.broker.lease(GRANT, principal(), "s-1")
    bank.now += GRANT.seconds
    bank.log.broken = True
    with pytest.raises(recorder.WriteError):
        await bank.broker.sweep()
    bank.log.broken = False
    assert await bank.broker.sweep() == (lease.id,)
    assert [entry.kind for entry in bank.log.entries] == ["lease.revoked"]
