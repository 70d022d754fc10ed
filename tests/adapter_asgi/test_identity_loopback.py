"""The unsafe identity, failed authentications, and the metadata that refusals lead to."""

from __future__ import annotations

import pytest
from holding import Log
from issuing import METADATA, World
from starlette.applications import Starlette
from starlette.testclient import TestClient

from adapter_asgi.identity.authenticator import Authenticator, Loopback
from adapter_asgi.identity.error import IdentityError
from adapter_asgi.identity.failures import Failures
from adapter_asgi.identity.metadata import routes
from adapter_asgi.identity.replay import ReplayMarks
from policy_lang import compile as compile_policy

POLICY = compile_policy(
    """
rule "the laptop" {
    repository  "acme/etl"
    environment not "production"
    command     "ehr/read"
    allow
    mask        all
}
"""
)


def _loopback(**attributes: object) -> Authenticator:
    return Authenticator({}, ReplayMarks(":memory:", b"k" * 32), METADATA, loopback=Loopback(attributes))


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.9.9.9", "::1"])
async def test_whoever_connects_over_loopback_is_the_configured_caller(peer: str) -> None:
    principal = await _loopback(repository="acme/etl", run="r-1").authenticate(None, peer)
    assert (principal.unsafe, principal.run, principal.issuer) == (True, "r-1", "unsafe_loopback")
    decision = POLICY.bind(principal.identity).decide("ehr/read", {})
    assert decision.effect == "allow"


@pytest.mark.parametrize("peer", ["10.0.0.1", "", "::ffff:10.0.0.1", "2001:db8::1", "127.evil.example"])
async def test_nobody_else_is(peer: str) -> None:
    with pytest.raises(IdentityError) as caught:
        await _loopback().authenticate(None, peer)
    assert caught.value.code == "ID01"


async def test_a_token_is_checked_all_the_same_where_an_issuer_is_configured() -> None:
    world = World()
    who = world.authenticator(loopback=Loopback({"repository": "acme/etl"}))
    assert not (await who.authenticate(f"Bearer {world.mint()}", "127.0.0.1")).unsafe
    with pytest.raises(IdentityError):
        await who.authenticate("Bearer a.b.c", "127.0.0.1")
    assert (await who.authenticate(None, "127.0.0.1")).unsafe


# --- failures ---------------------------------------------------------------------------------------------------------


class Counted:
    def __init__(self) -> None:
        self.log, self.alerts, self.now = Log(), [], 0.0  # type: ignore[var-annotated]
        self.failures = Failures(self.log, lambda peer, count: self.alerts.append((peer, count)), lambda: self.now)

    def fail(self, times: int, peer: str = "10.0.0.1", code: str = "ID32") -> None:
        for _ in range(times):
            self.failures(IdentityError(code, "the token's signature does not hold"), peer)


def test_a_refusal_is_a_record_that_names_the_check_and_the_address() -> None:
    counted = Counted()
    counted.fail(1)
    [entry] = counted.log.entries
    assert (entry.kind, entry.metadata["error"], entry.metadata["source_ip"]) == ("refusal", "ID32", "10.0.0.1")


def test_a_flood_fills_no_disk_and_raises_one_alert(caplog: pytest.LogCaptureFixture) -> None:
    counted = Counted()
    counted.fail(1000)
    assert len(counted.log.entries) == 10
    assert counted.alerts == [("10.0.0.1", 20)]
    assert "failed authentications from 10.0.0.1" in caplog.text
    counted.fail(3, "10.0.0.2")
    assert len(counted.log.entries) == 13
    counted.now = 61.0
    counted.fail(20)
    assert len(counted.log.entries) == 23
    assert len(counted.alerts) == 2


def test_a_client_that_begins_without_a_token_is_no_failure() -> None:
    counted = Counted()
    counted.fail(50, code="ID01")
    assert counted.log.entries == []
    assert counted.alerts == []


# --- metadata ---------------------------------------------------------------------------------------------------------


def test_the_metadata_names_the_resource_that_was_asked_for() -> None:
    client = TestClient(Starlette(routes=routes("https://gate.example", ["https://ci.example"], ["ehr"])))
    path = "/.well-known/oauth-protected-resource"
    assert client.get(path).json()["resource"] == "https://gate.example"
    one = client.get(f"{path}/mcp/ehr").json()
    assert (one["resource"], one["authorization_servers"]) == ("https://gate.example/mcp/ehr", ["https://ci.example"])
    assert client.get(f"{path}/mcp/other").status_code == 404
