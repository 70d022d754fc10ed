"""One test per attack of identity.md. What is refused is refused by the check that is meant to, seen by its code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from issuing import AUDIENCE, NOW, URL, World, b64, github_claims, rsa, sign_raw
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, RSAKey

from adapter_asgi.identity.error import IdentityError
from adapter_asgi.identity.token import MAX_SIZE

HEADER = {"alg": "RS256", "kid": "k1", "typ": "JWT"}


@pytest.fixture
def world() -> World:
    return World()


async def _code(world: World, token: str, peer: str = "10.0.0.1") -> str:
    with pytest.raises(IdentityError) as caught:
        await world.show(token, peer)
    assert token not in str(caught.value)
    assert caught.value.public in {"the token was not accepted", "the authorization header is too large"}
    return caught.value.code


def _text(**changes: Any) -> str:
    return json.dumps(github_claims(**changes))


async def test_a_good_token_is_accepted(world: World) -> None:
    principal = await world.show(world.mint())
    assert (principal.subject, principal.kind, principal.run) == ("repo:acme@123/ehr@456:environment:prod", "ci", "77")


# --- size, structure ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", [None, "", "Basic abc", "Bearer", "Bearer  ", "token x"])
async def test_without_a_bearer_token_the_answer_is_a_bare_challenge(world: World, scheme: str | None) -> None:
    with pytest.raises(IdentityError) as caught:
        await world.who.authenticate(scheme, "10.0.0.1", server="ehr")
    metadata = "https://gate.example/.well-known/oauth-protected-resource/mcp/ehr"
    assert caught.value.challenge == f'Bearer resource_metadata="{metadata}"'
    assert (caught.value.code, caught.value.status) == ("ID01", 401)


async def test_an_oversized_token_is_refused_before_it_is_read(world: World) -> None:
    assert await _code(world, "a" * (MAX_SIZE + 1)) == "ID02"
    assert await _code(world, world.mint(padding="x" * MAX_SIZE)) == "ID02"


@pytest.mark.parametrize(
    "token", ["x", "a.b", "a.b.c.d", "a..c", ".b.c", "a.b.", "a.b.c=", "a b.c.d", "ä.b.c", "e30.e30.\n", "a+b.c/d.e"]
)
async def test_what_is_not_three_parts_of_base64url_is_refused(world: World, token: str) -> None:
    with pytest.raises(IdentityError) as caught:
        await world.show(token)
    assert caught.value.code in {"ID01", "ID03"}


async def test_json_serialisation_is_refused(world: World) -> None:
    head, body, tail = world.mint().split(".")
    assert await _code(world, json.dumps({"protected": head, "payload": body, "signature": tail})) == "ID03"


async def test_another_spelling_of_the_same_signature_is_refused(world: World) -> None:
    token = world.mint()
    for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        changed = token[:-1] + last
        if changed != token:
            assert await _code(world, changed) in {"ID03", "ID32"}


@pytest.mark.parametrize(
    "payload",
    [
        "[]",
        '"x"',
        "null",
        "",
        "{",
        '{"a":NaN}',
        '{"a":Infinity}',
        '{"a":1e999}',
        "{}{}",
        '{"a":1,}',
        "{'a':1}",
        '{"a":' + "1" * 5000 + "}",
        b"\xff\xfe{}",
        b'\xef\xbb\xbf{"a":1}',
    ],
)
async def test_claims_that_are_not_one_strict_json_object_are_refused(world: World, payload: str | bytes) -> None:
    assert await _code(world, sign_raw(HEADER, payload)) == "ID03"


async def test_depth_is_bounded(world: World) -> None:
    deep = "[" * 3000 + "]" * 3000
    assert await _code(world, sign_raw(HEADER, _text().replace('"acme/ehr"', deep))) == "ID03"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"sub": ', '"sub": "admin", "sub": '),
        ('"repository": ', '"x": {"a": 1, "a": 2}, "repository": '),
        ('"repository": ', '"\\u0072epository": "x", "repository": '),
    ],
)
async def test_a_member_that_stands_twice_is_refused(world: World, old: str, new: str) -> None:
    text = _text()
    assert old in text
    assert await _code(world, sign_raw(HEADER, text.replace(old, new, 1))) == "ID03"
    assert await _code(world, sign_raw('{"alg":"none","alg":"RS256","kid":"k1"}', text)) == "ID03"


# --- header ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("jku", "https://evil.example/jwks"),
        ("jwk", {"kty": "RSA"}),
        ("x5u", "https://evil.example/cert"),
        ("x5c", ["MIIB"]),
        ("crit", ["exp"]),
        ("b64", False),
        ("b64", True),
        ("zip", "DEF"),
    ],
)
async def test_a_header_that_brings_keys_or_extensions_is_refused(world: World, name: str, value: Any) -> None:
    assert await _code(world, sign_raw({**HEADER, name: value}, _text())) == "ID04"


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", "", "HS256", "HS512", "rs256", "RSA1_5", "ES256K", None, 1])
async def test_no_algorithm_but_an_asymmetric_signature(world: World, alg: Any) -> None:
    header = {**HEADER, "alg": alg}
    assert await _code(world, sign_raw(header, _text())) == "ID05"
    assert await _code(world, f"{b64(header)}.{b64(_text())}.AA") == "ID05"


async def test_the_public_key_is_no_shared_secret(world: World) -> None:
    pem = rsa("k1").as_pem(private=False)
    signed = f"{b64({**HEADER, 'alg': 'HS256'})}.{b64(_text())}"
    tag = hmac.new(pem, signed.encode(), hashlib.sha256).digest()
    assert await _code(world, f"{signed}.{b64(tag)}") == "ID05"


@pytest.mark.parametrize("kid", [..., None, "", 1, "k" * 300])
async def test_a_key_must_be_named(world: World, kid: Any) -> None:
    header = {k: v for k, v in {**HEADER, "kid": kid}.items() if v is not ...}
    assert await _code(world, sign_raw(header, _text())) == "ID06"


@pytest.mark.parametrize("typ", ["logout+jwt", "dpop+jwt", "secevent+jwt", "at+jwt", "kb+jwt", "JOSE", 1])
async def test_a_token_of_another_class_is_refused(world: World, typ: Any) -> None:
    assert await _code(world, sign_raw({**HEADER, "typ": typ}, _text())) == "ID07"


# --- issuer, key, signature -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "iss", [URL + "/", URL.upper(), "https://evil.example", URL + ".evil", "", None, [URL], 1, ...]
)
async def test_the_issuer_is_compared_exactly_and_never_asked(world: World, iss: Any) -> None:
    assert await _code(world, sign_raw(HEADER, _text(iss=iss))) == "ID10"
    assert not world.fetched


@pytest.mark.parametrize("alg", ["RS384", "PS256", "ES256", "EdDSA"])
async def test_the_algorithm_comes_from_the_configuration(world: World, alg: str) -> None:
    assert await _code(world, sign_raw({**HEADER, "alg": alg}, _text())) == "ID11"


async def test_a_key_of_another_type_does_not_fit_the_algorithm() -> None:
    world = World(algorithms=("RS256", "ES256"))
    curve = ECKey.generate_key("P-256", {"kid": "e1"})
    world.published.append(curve)
    assert await _code(world, sign_raw({**HEADER, "alg": "ES256"}, _text())) == "ID31"
    assert await _code(world, sign_raw({**HEADER, "kid": "e1"}, _text())) == "ID31"
    wrong_curve = ECKey.generate_key("P-384", {"kid": "e2"})
    world.published.append(wrong_curve)
    world.ticks += 60
    assert await _code(world, sign_raw({"alg": "ES256", "kid": "e2"}, _text())) == "ID31"
    good = jwt.encode({"alg": "ES256", "kid": "e1"}, github_claims(), curve)
    assert (await world.show(good)).run == "77"


async def test_a_key_that_says_its_algorithm_is_held_to_it() -> None:
    world = World(algorithms=("RS256", "RS512"))
    marked = RSAKey.import_key(rsa("k1").as_dict(private=True), {"kid": "k1", "alg": "RS512"})
    world.published[:] = [marked]
    assert await _code(world, world.mint()) == "ID31"


async def test_a_stranger_s_key_does_not_sign(world: World) -> None:
    stranger = RSAKey.import_key(rsa("stranger").as_dict(private=True), {"kid": "k1"})
    assert await _code(world, world.mint(stranger)) == "ID32"


async def test_a_changed_claim_breaks_the_signature(world: World) -> None:
    head, body, tail = world.mint().split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    assert await _code(world, f"{head}.{b64({**claims, 'repository': 'acme/other'})}.{tail}") == "ID32"
    assert await _code(world, f"{head}.{body}.AAAA") == "ID32"


async def test_a_weak_key_is_no_key(world: World) -> None:
    with pytest.warns(SecurityWarning):
        weak = RSAKey.generate_key(1024, {"kid": "weak"})
    world.published.append(weak)
    token = sign_raw({**HEADER, "kid": "weak"}, _text(), weak)
    assert await _code(world, token) == "ID30"


async def test_a_key_for_encryption_or_a_private_one_is_no_key(world: World) -> None:
    encrypting = RSAKey.import_key(rsa("enc").as_dict(private=False), {"kid": "enc", "use": "enc"})
    world.published.append(encrypting)
    assert await _code(world, world.mint(rsa("enc"))) == "ID30"


# --- claims ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "aud",
    [
        "https://other.example",
        AUDIENCE + ".evil",
        AUDIENCE + "/",
        AUDIENCE.upper(),
        [AUDIENCE, "https://other.example"],
        [AUDIENCE, AUDIENCE],
        [],
        [[AUDIENCE]],
        None,
        1,
        {},
        ...,
    ],
)
async def test_the_audience_is_this_gate_alone(world: World, aud: Any) -> None:
    assert await _code(world, sign_raw(HEADER, _text(aud=aud))) == "ID20"


async def test_a_list_of_one_audience_is_one(world: World) -> None:
    assert (await world.show(world.mint(aud=[AUDIENCE]))).run == "77"


@pytest.mark.parametrize(("name", "value"), [("sub", ...), ("sub", ""), ("sub", 1), ("sub", "x" * 2000), ("jti", 7)])
async def test_the_subject_and_the_id_are_texts(world: World, name: str, value: Any) -> None:
    assert await _code(world, sign_raw(HEADER, _text(**{name: value}))) == "ID21"


async def test_a_token_that_never_ends_is_refused(world: World) -> None:
    assert await _code(world, world.mint(exp=...)) == "ID22"


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", ["1800000300", True, None, [1], {}, -1, 1e300])
async def test_a_time_is_a_finite_number(world: World, name: str, value: Any) -> None:
    assert await _code(world, sign_raw(HEADER, _text(**{name: value}))) == "ID26"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iat": NOW - 400, "nbf": NOW - 400, "exp": NOW - 30}, "ID23"),
        ({"exp": NOW - 3600, "iat": NOW - 4000, "nbf": NOW - 4000}, "ID23"),
        ({"nbf": NOW + 31}, "ID24"),
        ({"iat": NOW + 31}, "ID24"),
        ({"exp": NOW + 315_360_000}, "ID25"),
        ({"exp": NOW + 3601, "nbf": ...}, "ID25"),
        ({"exp": NOW + 3601}, "ID25"),
        ({"exp": NOW + 300, "iat": ..., "nbf": NOW - 3301}, "ID25"),
        ({"exp": NOW + 3700, "iat": ..., "nbf": ...}, "ID25"),
    ],
)
async def test_times_are_held_to_the_clock_and_to_the_cap(world: World, changes: dict[str, Any], code: str) -> None:
    assert await _code(world, world.mint(**changes)) == code


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": NOW - 29, "iat": NOW - 300, "nbf": NOW - 300},
        {"nbf": NOW + 29},
        {"exp": NOW + 3600, "nbf": ...},
        {"exp": NOW + 3600, "nbf": NOW - 5},  # GitLab, for a job whose timeout is an hour
        {"exp": NOW + 300, "iat": ..., "nbf": ...},
        {"exp": NOW + 299.5},
    ],
)
async def test_a_small_skew_and_a_missing_iat_are_borne(world: World, changes: dict[str, Any]) -> None:
    assert (await world.show(world.mint(**changes))).run == "77"


async def test_a_table_may_raise_the_cap() -> None:
    world = World(max_lifetime=86400)
    assert (await world.show(world.mint(exp=NOW + 80000))).run == "77"


@pytest.mark.parametrize("owner", ["124", "", ..., None, "1234", ["123", "x"]])
async def test_another_tenant_of_the_same_issuer_is_refused(world: World, owner: Any) -> None:
    assert await _code(world, sign_raw(HEADER, _text(repository_owner_id=owner))) == "ID12"


# --- replay ---------------------------------------------------------------------------------------------------------


async def test_the_same_token_again_in_its_own_run_is_accepted(world: World) -> None:
    token = world.mint()
    assert await world.show(token) == await world.show(token)


@pytest.mark.parametrize(
    "change", [{"run_id": "78"}, {"repository_id": "457"}, {"repository": "acme/x"}, {"sub": "other"}]
)
async def test_the_same_id_with_another_run_or_repository_is_refused(world: World, change: dict[str, Any]) -> None:
    await world.show(world.mint(jti="one"))
    assert await _code(world, world.mint(jti="one", **change)) == "ID40"


async def test_a_token_shown_from_another_address_is_refused(world: World) -> None:
    token = world.mint()
    await world.show(token, "10.0.0.1")
    assert await _code(world, token, "10.0.0.2") == "ID40"
    assert (await world.show(token, "10.0.0.1")).run == "77"


async def test_a_token_without_id_is_bound_by_its_hash(world: World) -> None:
    token = world.mint(jti=...)
    await world.show(token, "10.0.0.1")
    assert await _code(world, token, "10.0.0.2") == "ID40"


async def test_replay_is_refused_after_a_restart_too(tmp_path: Any) -> None:
    first = World(tmp_path / "marks")
    token = first.mint(jti="one")
    await first.show(token)
    first.marks.close()
    second = World(tmp_path / "marks")
    assert await _code(second, token, "10.9.9.9") == "ID40"
    assert await _code(second, second.mint(jti="one", run_id="78")) == "ID40"
    assert (await second.show(token)).run == "77"
    second.marks.close()


async def test_marks_do_not_tell_what_they_mark(tmp_path: Any) -> None:
    world = World(tmp_path / "marks")
    await world.show(world.mint(jti="the-very-id"))
    world.marks.close()
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"the-very-id" not in raw
    assert b"acme" not in raw


async def test_a_cached_token_ends_with_its_time(world: World) -> None:
    token = world.mint()
    await world.show(token)
    world.now = NOW + 331
    assert await _code(world, token) == "ID23"


async def test_no_refusal_says_more_than_it_must(world: World) -> None:
    with pytest.raises(IdentityError) as caught:
        await world.show(world.mint(aud="https://other.example"))
    assert caught.value.challenge == (
        'Bearer error="invalid_token", error_description="the token was not accepted", '
        'resource_metadata="https://gate.example/.well-known/oauth-protected-resource"'
    )


_STEPS = {
    "size": "ID02", "structure": "ID03", "header": "ID04", "issuer": "ID10", "key": "ID30", "signature": "ID32",
    "claims": "ID23", "tenant": "ID12", "replay": "ID40",
}  # fmt: skip


def _faulty(*faults: str) -> str:
    """A token with every one of these faults."""
    claims = github_claims(jti="shown", run_id="78" if "replay" in faults else "77")
    if "tenant" in faults:
        claims["repository_owner_id"] = "999"
    if "claims" in faults:
        claims |= {"iat": int(NOW) - 900, "nbf": int(NOW) - 900, "exp": int(NOW) - 600}
    if "issuer" in faults:
        claims["iss"] = "https://evil.example"
    if "size" in faults:
        claims["padding"] = "x" * MAX_SIZE
    text = json.dumps(claims)
    if "structure" in faults:
        text = f'{text[:-1]},"sub":"twice"}}'
    header = {**HEADER, "kid": "k9" if "key" in faults else "k1", **({"jku": "x"} if "header" in faults else {})}
    return sign_raw(header, text, rsa("k2") if "signature" in faults else None)


@pytest.mark.parametrize("first", range(len(_STEPS)))
async def test_the_checks_come_in_their_order(world: World, first: int) -> None:
    await world.show(_faulty())
    faults = list(_STEPS)[first:]
    assert await _code(world, _faulty(*faults)) == _STEPS[faults[0]]
