"""An issuer in this process: keys, documents, tokens. Nothing touches the network, and time stands where it is put."""

from __future__ import annotations

import base64
import json
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from adapter_asgi.identity.authenticator import Authenticator, Issuer
from adapter_asgi.identity.keys import FetchError, IssuerKeys
from adapter_asgi.identity.providers import PROVIDERS
from adapter_asgi.identity.replay import ReplayMarks

URL = "https://ci.example"
AUDIENCE = "https://gate.example"
NOW = 1_800_000_000.0
METADATA = "https://gate.example/.well-known/oauth-protected-resource"

_KEYS: dict[str, RSAKey] = {}


def rsa(kid: str, size: int = 2048) -> RSAKey:
    """A key that is made once a run: making one takes a tenth of a second."""
    if kid not in _KEYS:
        _KEYS[kid] = RSAKey.generate_key(size, {"kid": kid, "use": "sig"})
    return _KEYS[kid]


def b64(raw: bytes | str | dict[str, Any]) -> str:
    if isinstance(raw, dict):
        raw = json.dumps(raw)
    data = raw.encode() if isinstance(raw, str) else raw
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign_raw(header: dict[str, Any] | str, payload: dict[str, Any] | str | bytes, key: RSAKey | None = None) -> str:
    """A token with exactly this header and payload, validly signed: libraries refuse to make some of these."""
    signed = f"{b64(header)}.{b64(payload)}"
    private = (key or rsa("k1")).private_key
    assert private is not None
    return f"{signed}.{b64(private.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def github_claims(**changes: Any) -> dict[str, Any]:
    claims: dict[str, Any] = {
        "iss": URL,
        "aud": AUDIENCE,
        "sub": "repo:acme@123/ehr@456:environment:prod",
        "jti": str(uuid.uuid4()),
        "iat": int(NOW),
        "nbf": int(NOW) - 5,
        "exp": int(NOW) + 300,
        "repository": "acme/ehr",
        "repository_id": "456",
        "repository_owner": "acme",
        "repository_owner_id": "123",
        "ref": "refs/heads/main",
        "ref_type": "branch",
        "ref_protected": "true",
        "sha": "c0ffee",
        "event_name": "push",
        "workflow_ref": "acme/ehr/.github/workflows/deploy.yml@refs/heads/main",
        "environment": "prod",
        "actor": "alice",
        "actor_id": "9",
        "run_id": "77",
        "run_attempt": "1",
        "check_run_id": "1001",
    }
    claims.update(changes)
    return {name: value for name, value in claims.items() if value is not ...}


class World:
    """One GitHub-like issuer, its documents, and the authenticator that believes it."""

    def __init__(self, folder: Path | str = ":memory:", **issuer: Any) -> None:
        self.now = NOW
        self.ticks = 0.0
        self.fetched: Counter[str] = Counter()
        self.published: list[RSAKey | ECKey] = [rsa("k1")]
        self.down = False
        self.documents: dict[str, bytes] = {}
        self.keys = IssuerKeys(URL, self.fetch, lambda: self.ticks)
        options: dict[str, Any] = {"tenant": "123", **issuer}
        self.issuer = Issuer("github", URL, AUDIENCE, PROVIDERS["github"], "ci", self.keys, **options)
        self.marks = ReplayMarks(folder, b"k" * 32)
        self.who = self.authenticator()

    def authenticator(self, **options: Any) -> Authenticator:
        return Authenticator({URL: self.issuer}, self.marks, METADATA, clock=lambda: self.now, **options)

    async def fetch(self, url: str) -> bytes:
        self.fetched[url] += 1
        if self.down:
            raise FetchError(f"{url} cannot be reached")
        if url in self.documents:
            return self.documents[url]
        if url.endswith("/.well-known/openid-configuration"):
            return json.dumps({"issuer": URL, "jwks_uri": f"{URL}/jwks"}).encode()
        return json.dumps({"keys": [key.as_dict(private=False) for key in self.published]}).encode()

    def mint(self, key: RSAKey | None = None, header: dict[str, Any] | None = None, **changes: Any) -> str:
        key = key or rsa("k1")
        head = {"alg": "RS256", "kid": key.kid, "typ": "JWT", **(header or {})}
        return jwt.encode({k: v for k, v in head.items() if v is not ...}, github_claims(**changes), key)

    async def show(self, token: str, peer: str = "10.0.0.1") -> Any:
        return await self.who.authenticate(f"Bearer {token}", peer)
