"""What the gate itself signs: statements about a verified caller, for vaults and authorization servers, and the tokens
of its own that outlive a CI's five minutes.

One ES256 key in the keys directory; its public half is at the gate's `/.well-known/jwks.json`.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

import gate
from adapter_asgi.errors import AdapterError
from policy_lang.attributes import AS_SAID, CALLER

__all__ = ["ALGORITHM", "KID", "Minter"]

ALGORITHM = "ES256"
KID = "hoopgate"
_FILE = "tokens.jwk"


class Minter:
    """Signs as `issuer` (the gate's public URL). The key is made in the directory `keys` when it is missing.

    Raises `AdapterError` STA01 (unreadable) or STA02 (damaged).
    """

    def __init__(self, keys: Path, issuer: str, clock: Callable[[], float] = time.time) -> None:
        self.issuer = issuer
        self._clock = clock
        self._key = _load(keys / _FILE)

    @property
    def public(self) -> ECKey:
        """The key that checks what this signs."""
        return self._key

    def jwks(self) -> dict[str, Any]:
        """The public key set (RFC 7517)."""
        return {"keys": [{**self._key.as_dict(private=False), "kid": KID, "use": "sig", "alg": ALGORITHM}]}

    def sign(self, claims: Mapping[str, Any], audience: str, seconds: int, kind: str = "JWT") -> str:
        """A JWT over `claims` for one audience."""
        now = int(self._clock())
        times = {"iss": self.issuer, "aud": audience, "iat": now, "nbf": now, "exp": now + seconds}
        header = {"alg": ALGORITHM, "kid": KID, "typ": kind}
        return jwt.encode(header, {"jti": secrets.token_hex(16), **claims, **times}, self._key, algorithms=[ALGORITHM])

    def statement(self, principal: gate.Principal, audience: str, seconds: int) -> str:
        """Whom the gate verified, as attributes that the other side can bind roles to; nothing that is not known."""
        said = principal.identity.values
        known = {
            name: value
            for place, name in enumerate(CALLER)
            if isinstance(value := said[AS_SAID + place], str | bool) and name != "source_ip"
        }
        return self.sign({**known, "sub": principal.subject}, audience, seconds)


def _load(path: Path) -> ECKey:
    try:
        if not path.exists():
            _write(path)
        return ECKey.import_key(json.loads(path.read_text(encoding="ascii")))
    except OSError as error:
        raise AdapterError("STA01", f"cannot use {path}: {error.strerror}") from None
    except (ValueError, JoseError):
        raise AdapterError("STA02", f"{path} is damaged", "bring it back from its backup") from None


def _write(path: Path) -> None:
    key = ECKey.generate_key("P-256").as_dict(private=True)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(fd, json.dumps(key).encode("ascii"))
        os.fsync(fd)
    finally:
        os.close(fd)
