"""An issuer's keys: found, shared, renewed, kept; floods and outages are borne."""

from __future__ import annotations

import asyncio
import json

import pytest
from issuing import URL, World, rsa
from joserfc.jwk import RSAKey

from adapter_asgi.identity.error import IdentityError
from adapter_asgi.identity.keys import COOL_DOWN, RETRY, STALE, TTL

JWKS = f"{URL}/jwks"
DISCOVERY = f"{URL}/.well-known/openid-configuration"


async def _refused(world: World, token: str) -> str:
    with pytest.raises(IdentityError) as caught:
        await world.show(token)
    return caught.value.code


async def test_a_hundred_first_callers_cause_one_fetch() -> None:
    world = World()
    tokens = [world.mint() for _ in range(100)]
    await asyncio.gather(*(world.show(token) for token in tokens))
    assert world.fetched == {DISCOVERY: 1, JWKS: 1}


async def test_a_flood_of_unknown_keys_causes_one_fetch_in_the_cool_down() -> None:
    world = World()
    await world.show(world.mint())
    for number in range(50):
        assert await _refused(world, world.mint(rsa("unknown"), {"kid": f"u{number}"})) == "ID30"
    assert world.fetched[JWKS] == 2
    world.ticks += COOL_DOWN
    assert await _refused(world, world.mint(rsa("unknown"))) == "ID30"
    assert world.fetched[JWKS] == 3


async def test_a_first_caller_with_an_unknown_key_causes_one_fetch() -> None:
    world = World()
    for number in range(5):
        assert await _refused(world, world.mint(rsa("unknown"), {"kid": f"u{number}"})) == "ID30"
    assert world.fetched[JWKS] == 1


async def test_a_key_that_is_changed_under_its_name_is_accepted_within_the_cool_down() -> None:
    world = World()
    await world.show(world.mint())
    world.published[:] = [RSAKey.import_key(rsa("k2").as_dict(private=False), {"kid": "k1"})]
    assert (await world.show(world.mint(rsa("k2"), {"kid": "k1"}))).run == "77"
    for _ in range(5):
        assert await _refused(world, world.mint(rsa("k1"))) == "ID32"
    assert world.fetched[JWKS] == 2


async def test_a_rotated_key_is_accepted_at_once_and_within_the_cool_down_of_a_flood() -> None:
    world = World()
    await world.show(world.mint())
    world.published.append(rsa("k2"))
    assert (await world.show(world.mint(rsa("k2")))).run == "77"
    await _refused(world, world.mint(rsa("unknown")))
    world.published.append(rsa("k3"))
    assert await _refused(world, world.mint(rsa("k3"))) == "ID30"
    world.ticks += COOL_DOWN
    assert (await world.show(world.mint(rsa("k3")))).run == "77"
    assert COOL_DOWN <= 60


async def test_a_withdrawn_key_stops_working_once_the_keys_are_renewed() -> None:
    world = World()
    world.published.append(rsa("k2"))
    await world.show(world.mint(rsa("k2")))
    world.published.pop()
    world.ticks += TTL
    assert await _refused(world, world.mint(rsa("k2"))) == "ID30"


async def test_the_last_good_keys_are_kept_while_the_issuer_is_down_but_not_for_ever() -> None:
    world = World()
    await world.show(world.mint())
    world.down = True
    world.ticks += TTL
    assert (await world.show(world.mint())).run == "77"
    world.ticks += STALE
    assert await _refused(world, world.mint()) == "ID51"


async def test_an_issuer_that_comes_up_late_is_asked_again_soon() -> None:
    world = World()
    world.down = True
    assert await _refused(world, world.mint()) == "ID51"
    assert await _refused(world, world.mint()) == "ID51"
    assert world.fetched[DISCOVERY] == 1
    world.down = False
    world.ticks += RETRY
    assert (await world.show(world.mint())).run == "77"


async def test_a_caller_that_goes_away_does_not_end_the_fetch_of_the_others() -> None:
    world = World()
    first = asyncio.create_task(world.show(world.mint()))
    second = asyncio.create_task(world.show(world.mint()))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).run == "77"


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": URL + "/", "jwks_uri": JWKS},
        {"issuer": "https://evil.example", "jwks_uri": JWKS},
        {"jwks_uri": JWKS},
        {"issuer": URL},
        {"issuer": URL, "jwks_uri": "http://ci.example/jwks"},
        {"issuer": URL, "jwks_uri": 1},
        [],
    ],
)
async def test_a_discovery_document_that_is_not_this_issuer_s_is_not_believed(document: object) -> None:
    world = World()
    world.documents[DISCOVERY] = json.dumps(document).encode()
    assert await _refused(world, world.mint()) == "ID51"


@pytest.mark.parametrize(
    "jwks",
    [
        b"",
        b"[]",
        b"{}",
        b'{"keys":{}}',
        b'{"keys":[]}',
        b'{"keys":[1,null,"x",{}]}',
        b'{"keys":[{"kty":"RSA","kid":"k1"}]}',
        b'{"keys":[{"kty":"RSA","kid":"k1","n":"AQAB","e":"!"}]}',
        b'{"keys":[{"kty":"oct","kid":"k1","k":"AAAA"}]}',
        b'{"keys":[{"kty":["RSA"],"kid":"k1"}]}',
        b'{"keys":[],"keys":[]}',
        b'{"keys":[' + b"{}," * 200 + b"{}]}",
    ],
)
async def test_a_key_set_without_a_usable_key_gives_none(jwks: bytes) -> None:
    world = World()
    world.documents[JWKS] = jwks
    assert await _refused(world, world.mint()) == "ID51"


async def test_a_broken_key_beside_a_good_one_does_no_harm() -> None:
    world = World()
    good = rsa("k1").as_dict(private=False)
    world.documents[JWKS] = json.dumps({"keys": [{"kty": "RSA", "kid": "k1", "n": "", "e": ""}, good]}).encode()
    assert (await world.show(world.mint())).run == "77"


async def test_two_keys_of_one_name_are_both_tried() -> None:
    world = World()
    other = {**rsa("k2").as_dict(private=False), "kid": "k1"}
    world.documents[JWKS] = json.dumps({"keys": [other, rsa("k1").as_dict(private=False)]}).encode()
    assert (await world.show(world.mint())).run == "77"


async def test_a_spiffe_key_use_is_understood() -> None:
    world = World()
    key = {**rsa("k1").as_dict(private=False), "use": "jwt-svid"}
    world.documents[JWKS] = json.dumps({"keys": [key]}).encode()
    assert (await world.show(world.mint())).run == "77"
