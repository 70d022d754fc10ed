"""Steps 5 and 6: an issuer's keys, found through its discovery document, kept and renewed; the signature.

Strategy: one `KeySet` of an issuer is fetched once for everybody who waits (single flight), renewed in the background
of use when it is `TTL` old, and kept when renewing fails. Kids that nobody knows and signatures that do not hold cause
at most one fetch in `COOL_DOWN` seconds. The time and the network come in as functions.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import default_registry

from adapter_asgi.identity.error import IdentityError
from adapter_asgi.identity.strict_json import StrictJSONError, parse_object
from adapter_asgi.identity.token import Token

__all__ = ["COOL_DOWN", "TTL", "Fetch", "FetchError", "IssuerKeys"]

COOL_DOWN = 30.0
"""Seconds between two fetches that unknown key ids cause."""
RETRY = 2.0
"""Seconds between two attempts while no keys are known at all."""
TTL = 600.0
"""Seconds after which known keys are renewed, so that a withdrawn key stops working."""
STALE = 86_400.0
"""Seconds for which the last good keys are used while the issuer cannot be reached."""

_MAX_KEYS = 100
_MIN_RSA = 2048
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
_USES = (None, "sig", "jwt-svid")

_log = logging.getLogger(__name__)

Key = RSAKey | ECKey | OKPKey
Fetch = Callable[[str], Awaitable[bytes]]


class FetchError(Exception):
    """A document of the issuer could not be had; the text names the URL and the reason."""


class IssuerKeys:
    """The keys of one issuer. `fetch(url)` returns a body or raises `FetchError`; `clock()` is monotonic seconds."""

    def __init__(self, issuer: str, fetch: Fetch, clock: Callable[[], float]) -> None:
        self.issuer = issuer
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, list[Key]] = {}
        self._good_at: float | None = None
        self._tried_at: float | None = None
        self._asked_at: float | None = None
        self._flight: asyncio.Task[None] | None = None

    @property
    def known(self) -> bool:
        """Whether any key has been had yet."""
        return bool(self._keys)

    async def verify(self, token: Token) -> None:
        """Check the token's signature. Raises `IdentityError` ID30 to ID32, or ID51 when no keys can be had."""
        good = _holds(token, await self._candidates(token.kid))
        if not good and self._may_ask(self._clock()):  # an issuer may change a key under its name
            await self._refresh()
            good = _holds(token, self._keys.get(token.kid, []))
        if not good:
            raise IdentityError("ID32", "the token's signature does not hold")

    async def prefetch(self) -> None:
        """Try to have keys before the first caller comes; failing is no error yet."""
        await self._refresh()

    async def _candidates(self, kid: str) -> list[Key]:
        now = self._clock()
        if not self._keys:
            if self._tried_at is None or now - self._tried_at >= RETRY or self._flight is not None:
                await self._refresh()
            if not self._keys:
                raise IdentityError("ID51", f"no keys of {self.issuer} can be had")
            if kid not in self._keys:
                self._asked_at = now  # what was just fetched does not have it
        elif self._good_at is not None and now - self._good_at > STALE:
            await self._refresh()
            if self._clock() - self._good_at > STALE:
                raise IdentityError("ID51", f"the keys of {self.issuer} are too old")
        elif self._tried_at is not None and now - self._tried_at >= TTL:
            await self._refresh()
        if kid not in self._keys and (self._flight is not None or self._may_ask(now)):
            await self._refresh()
        return self._keys.get(kid, [])

    def _may_ask(self, now: float) -> bool:
        if self._asked_at is not None and now - self._asked_at < COOL_DOWN:
            return False
        self._asked_at = now
        return True

    async def _refresh(self) -> None:
        """Fetch once for everybody who waits now. A caller that goes away does not end it."""
        if self._flight is None:
            self._flight = asyncio.create_task(self._load())
            self._flight.add_done_callback(self._landed)
        await asyncio.shield(self._flight)

    def _landed(self, _: asyncio.Task[None]) -> None:
        self._flight = None

    async def _load(self) -> None:
        self._tried_at = self._clock()
        try:
            keys = _read_keys(await self._fetch(await self._jwks_uri()))
        except (FetchError, StrictJSONError) as error:
            _log.warning(
                "keys of %s: %s; %s", self.issuer, error, "keeping the last good ones" if self._keys else "none"
            )
            return
        if not keys:
            _log.warning("keys of %s: the document has no usable key", self.issuer)
            return
        self._keys, self._good_at = keys, self._clock()

    async def _jwks_uri(self) -> str:
        """From the issuer's discovery document (OpenID Connect Discovery 1.0 section 4), which must name the issuer."""
        document = parse_object(await self._fetch(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"))
        if document.get("issuer") != self.issuer:
            raise FetchError("the discovery document is another issuer's")
        uri = document.get("jwks_uri")
        if not isinstance(uri, str):
            raise FetchError("the discovery document has no jwks_uri")
        parts, own = urlsplit(uri), urlsplit(self.issuer)
        if parts.scheme != "https" and (parts.scheme, parts.hostname) != (own.scheme, own.hostname):
            raise FetchError("the jwks_uri is not https")
        return uri


def _holds(token: Token, keys: list[Key]) -> bool:
    """Whether one of the keys made the signature. Raises `IdentityError` ID30, ID31 where none could have."""
    if not keys:
        raise IdentityError("ID30", "the token is signed with a key that its issuer does not publish")
    fitting = [key for key in keys if _fits(key, token.algorithm)]
    if not fitting:
        raise IdentityError("ID31", "the token's algorithm does not fit the type of its key")
    model = default_registry.algorithms[token.algorithm]
    return any(model.verify(token.signed, token.signature, key) for key in fitting)


def _read_keys(body: bytes) -> dict[str, list[Key]]:
    """The usable public signature keys of a JWK set (RFC 7517), by kid; whatever else it holds is passed over."""
    rows = parse_object(body).get("keys")
    if not isinstance(rows, list) or len(rows) > _MAX_KEYS:
        raise FetchError("the key set is not a list of keys")
    keys: dict[str, list[Key]] = {}
    for row in rows:
        key = _read_key(row)
        if key is not None:
            keys.setdefault(row["kid"], []).append(key)
    return keys


def _read_key(row: Any) -> Key | None:
    if not isinstance(row, dict) or not isinstance(row.get("kid"), str) or row.get("use") not in _USES:
        return None
    kinds: dict[Any, type[Key]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
    kind = kinds.get(row.get("kty")) if isinstance(row.get("kty"), str) else None
    if kind is None or "d" in row:
        return None
    public = {name: value for name, value in row.items() if name in ("kty", "kid", "alg", "n", "e", "crv", "x", "y")}
    if kind is RSAKey and not _is_long(public.get("n")):
        return None
    try:
        return kind.import_key(public)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _is_long(modulus: Any) -> bool:
    """At least 2048 bits (NIST SP 800-131A), told from the length of the base64url text."""
    return isinstance(modulus, str) and len(modulus.rstrip("=").lstrip("A")) * 6 // 8 * 8 >= _MIN_RSA


def _fits(key: Key, algorithm: str) -> bool:
    """The key's type, curve and own `alg` allow this algorithm (RFC 8725 section 3.1)."""
    if key.alg is not None and key.alg != algorithm:
        return False
    if isinstance(key, RSAKey):
        return algorithm[:2] in ("RS", "PS")
    if isinstance(key, ECKey):
        return _CURVES.get(algorithm) == key.curve_name
    return algorithm == "EdDSA" and key.curve_name == "Ed25519"
