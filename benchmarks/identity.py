"""What it costs to know who is calling: a fresh RS256 token and a cached one, beside PyJWT and joserfc bare.

    python benchmarks/identity.py

Prints median microseconds. The bare libraries check the signature, issuer, audience and expiry only.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
import uuid
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import jwt as pyjwt
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import RSAKey

sys.path[0] = str(Path(__file__).resolve().parent.parent)  # `recorder` is the package, not the file beside this one

from adapter_asgi.identity.authenticator import Authenticator, Issuer  # noqa: E402
from adapter_asgi.identity.keys import IssuerKeys  # noqa: E402
from adapter_asgi.identity.providers import PROVIDERS  # noqa: E402
from adapter_asgi.identity.replay import ReplayMarks  # noqa: E402

URL, AUDIENCE = "https://ci.example", "https://gate.example"
FRESH, CACHED = 2_000, 50_000
KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})


def mint() -> str:
    """A token as GitHub makes them."""
    now = int(time.time())
    claims = {
        "iss": URL, "aud": AUDIENCE, "sub": "repo:acme@123/ehr@456:environment:prod", "jti": str(uuid.uuid4()),
        "iat": now, "nbf": now - 5, "exp": now + 300, "repository": "acme/ehr", "repository_id": "456",
        "repository_owner_id": "123", "ref": "refs/heads/main", "ref_protected": "true", "sha": "c0ffee" * 6,
        "event_name": "push", "workflow_ref": "acme/ehr/.github/workflows/deploy.yml@refs/heads/main",
        "environment": "prod", "actor": "alice", "actor_id": "9", "run_id": "77", "check_run_id": "1001",
    }  # fmt: skip
    return joserfc_jwt.encode({"alg": "RS256", "kid": "k1", "typ": "JWT"}, claims, KEY)


async def fetch(url: str) -> bytes:
    """The issuer's documents."""
    if url.endswith("configuration"):
        return json.dumps({"issuer": URL, "jwks_uri": f"{URL}/jwks"}).encode()
    return json.dumps({"keys": [KEY.as_dict(private=False)]}).encode()


def median(run: Callable[[str], Any], tokens: list[str]) -> float:
    """Median microseconds of `run` over the tokens."""
    times = []
    for token in tokens:
        start = time.perf_counter()
        run(token)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e6


async def median_async(run: Callable[[str], Awaitable[Any]], tokens: list[str]) -> float:
    """The same for a coroutine."""
    times = []
    for token in tokens:
        start = time.perf_counter()
        await run(token)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e6


async def main() -> None:
    """Measure and print."""
    keys = IssuerKeys(URL, fetch, time.monotonic)
    issuer = Issuer("github", URL, AUDIENCE, PROVIDERS["github"], "ci", keys, tenant="123")
    who = Authenticator({URL: issuer}, ReplayMarks(":memory:", b"k" * 32), "https://gate.example/metadata")

    async def show(token: str) -> Any:
        return await who.authenticate(f"Bearer {token}", "10.0.0.1")

    public = RSAKey.import_key(KEY.as_dict(private=False))
    registry = joserfc_jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": URL}, aud={"essential": True, "value": AUDIENCE}, exp={"essential": True}
    )

    def joserfc_bare(token: str) -> None:
        registry.validate(joserfc_jwt.decode(token, public, algorithms=["RS256"]).claims)

    def pyjwt_bare(token: str) -> None:
        pyjwt.decode(token, public.public_key, algorithms=["RS256"], audience=AUDIENCE, issuer=URL)

    tokens = [mint() for _ in range(FRESH)]
    await show(mint())
    ours = await median_async(show, tokens)
    joserfc, other = median(joserfc_bare, tokens), median(pyjwt_bare, tokens)
    print(f"fresh RS256 token, hoopgate   {ours:7.1f} µs")
    print(f"fresh RS256 token, joserfc    {joserfc:7.1f} µs   (hoopgate takes {ours / joserfc:.1f} times as long)")
    print(f"fresh RS256 token, PyJWT      {other:7.1f} µs   (hoopgate takes {ours / other:.1f} times as long)")
    print(f"cached token, hoopgate        {await median_async(show, [tokens[0]] * CACHED):7.2f} µs")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    asyncio.run(main())
