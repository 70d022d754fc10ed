"""Tokens and key sets that nobody designed: nothing crashes, nothing is accepted that another library refuses."""

from __future__ import annotations

import asyncio
import base64
import json
import random
from typing import Any

import jwt as pyjwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from issuing import AUDIENCE, NOW, URL, World, b64, github_claims, rsa, sign_raw

from adapter_asgi.identity.error import IdentityError
from adapter_asgi.identity.keys import FetchError, _read_keys
from adapter_asgi.identity.strict_json import StrictJSONError, _parse_slowly, parse_object
from adapter_asgi.identity.token import _decode

HEADER = {"alg": "RS256", "kid": "k1", "typ": "JWT"}
VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 1.5, "", "x", [], {}, [None], {"a": 1}, "0", "null", "é", "\x00", "\u202e", 10**30,
    NOW, NOW + 60, NOW - 60, NOW + 10**9, str(NOW), AUDIENCE, [AUDIENCE], [AUDIENCE, "x"], AUDIENCE + "/", URL,
    URL + "/",
]  # fmt: skip
HEADER_NAMES = ["alg", "kid", "typ", "jku", "jwk", "x5u", "crit", "b64", "zip", "cty", "x"]
HEADER_VALUES: list[Any] = [
    None, "", "none", "HS256", "RS256", "RS512", "PS256", "ES256", "EdDSA", "k1", "k2", "JWT", "jwt", "at+jwt", 1, [],
    ["exp"], False, True, {"kty": "oct"}, "https://evil.example",
]  # fmt: skip


def _mutated(chance: random.Random) -> str:
    claims, header = github_claims(jti=f"j{chance.random()}"), dict(HEADER)
    for _ in range(chance.choice([0, 1, 1, 1, 2, 3])):
        if chance.random() < 0.7:
            name = chance.choice([*claims, "x"])
            if chance.random() < 0.2:
                claims.pop(name, None)
            else:
                claims[name] = chance.choice(VALUES)
        else:
            name = chance.choice(HEADER_NAMES)
            if chance.random() < 0.2:
                header.pop(name, None)
            else:
                header[name] = chance.choice(HEADER_VALUES)
    gap = chance.choice(["", " "])  # what is written without gaps is read on another way
    text = json.dumps(claims, separators=(f",{gap}", f":{gap}"), ensure_ascii=chance.random() < 0.5)
    if chance.random() < 0.1:
        name = chance.choice(["sub", "aud", "exp", "x"])
        text = text.replace(f'"sub":{gap}', f'"{name}":{gap}1,{gap}"sub":{gap}', 1)
    token = sign_raw(header, text)
    if chance.random() < 0.15:
        place = chance.randrange(len(token))
        token = token[:place] + chance.choice("AZaz09-_.= \n") + token[place + chance.choice([0, 1]) :]
    return token


def _oracle(token: str) -> str | None:
    """Why PyJWT refuses the token, or None."""
    options: Any = {"require": ["exp", "aud", "iss", "sub"], "strict_aud": False, "verify_exp": False}
    options |= {"verify_nbf": False, "verify_iat": False}
    public = rsa("k1").public_key
    try:
        claims = pyjwt.decode(token, public, algorithms=["RS256"], audience=AUDIENCE, issuer=URL, options=options)
    except (pyjwt.PyJWTError, ValueError, TypeError) as error:
        return type(error).__name__
    expired = not isinstance(claims["exp"], int | float) or claims["exp"] <= NOW - 30
    return "expired" if expired else None


async def _ours(world: World, token: str) -> str | None:
    try:
        await world.show(token)
    except IdentityError as error:
        if len(token) > 20 and token in str(error):
            pytest.fail("a refusal repeats the token")
        return error.code
    return None


async def _compare(count: int, seed: int) -> tuple[int, int]:
    world, chance, accepted, stricter = World(), random.Random(seed), 0, 0
    for _ in range(count):
        world.ticks += 31
        token = _mutated(chance)
        ours, theirs = await _ours(world, token), _oracle(token)
        if ours is None:
            assert theirs is None, f"accepted here, {theirs} there"
            accepted += 1
        elif theirs is None:
            stricter += 1
    return accepted, stricter


async def test_whatever_is_accepted_here_pyjwt_accepts_too() -> None:
    accepted, stricter = await _compare(1500, seed=1)
    assert accepted > 200
    assert stricter > 100


@pytest.mark.slow
async def test_whatever_is_accepted_here_pyjwt_accepts_too_at_length() -> None:
    accepted, stricter = await _compare(30_000, seed=2)
    assert accepted > 4000
    assert stricter > 2000


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(st.binary(max_size=60), min_size=2, max_size=4).map(
    lambda parts: ".".join(b64(part) for part in parts)
)))  # fmt: skip
def test_noise_is_refused(text: str) -> None:
    assert asyncio.run(_ours(World(), text)) is not None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(header=st.dictionaries(st.sampled_from(HEADER_NAMES), _JSON, max_size=5), claims=_JSON)
def test_signed_noise_is_refused(header: dict[str, Any], claims: Any) -> None:
    token = sign_raw({**HEADER, **header}, json.dumps(claims))
    assert asyncio.run(_ours(World(), token)) is not None


_NAMES = ["kty", "kid", "use", "alg", "n", "e", "crv", "x", "y", "d", "k"]
_KEY = st.dictionaries(
    st.sampled_from(_NAMES),
    st.one_of(_JSON, st.sampled_from(["RSA", "EC", "OKP", "oct", "k1", "sig", "AQAB", "P-256", "Ed25519", "A" * 342])),
    max_size=8,
)


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.lists(_KEY, max_size=4).map(lambda k: json.dumps({"keys": k}).encode())))
def test_a_key_set_that_is_noise_breaks_nothing(body: bytes) -> None:
    try:
        keys = _read_keys(body)
    except (FetchError, StrictJSONError):
        return
    assert all(isinstance(kid, str) for kid in keys)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_a_key_set_that_is_noise_lets_nobody_in(body: bytes) -> None:
    world = World()
    world.documents[f"{URL}/jwks"] = body
    assert asyncio.run(_ours(world, world.mint())) == "ID51"


NUMBERS = st.one_of(
    st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([2**53 + 1, 2**64, 10**30, -0.0])
)
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=8))
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner))
PIECES = st.sampled_from(
    [
        '{"a":1',
        ',"a":2',
        ',"\\u0061":3',
        ',"b":[',
        "]",
        "}",
        "{",
        ",",
        "1e999",
        "NaN",
        "-0",
        "1E5",
        '"\\ud800"',
        " ",
        "\t",
    ]
)


@given(
    st.one_of(
        TREES.map(lambda tree: json.dumps({"x": tree}, separators=(",", ":"), ensure_ascii=False)),
        st.lists(PIECES, max_size=8).map("".join),
    )
)
def test_the_quick_way_reads_what_the_slow_one_reads(text: str) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    try:
        slow = _parse_slowly(raw)
    except StrictJSONError:
        slow = None
    if not isinstance(slow, dict):
        with pytest.raises(StrictJSONError):
            parse_object(raw)
        return
    quick = parse_object(raw)
    assert quick == slow
    assert json.dumps(quick) == json.dumps(slow)  # 1, 1.0 and true are three things


@given(st.binary(max_size=40), st.text("AQgwEIMUYcko048-_Bz9", max_size=3))
def test_a_part_has_one_spelling(raw: bytes, tail: str) -> None:
    text = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    assert _decode(text) == raw
    try:
        other = _decode(text + tail)
    except StrictJSONError:
        return
    assert base64.urlsafe_b64encode(other).rstrip(b"=").decode() == text + tail
