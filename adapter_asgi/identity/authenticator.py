"""A bearer token → a `gate.Principal`: the nine steps in their order, and the cache in front of them.

Order (identity.md): size → structure → header → issuer → key → signature → claims → replay → normalise. A cached token
has passed all nine; what can still change for it (the clock, the peer, a withdrawn key) is checked again.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import gate
import policy_lang
from adapter_asgi.errors import AdapterError
from adapter_asgi.identity import claims as claim_rules
from adapter_asgi.identity.caller import SAME_AS, Caller
from adapter_asgi.identity.error import IdentityError
from adapter_asgi.identity.keys import TTL, IssuerKeys
from adapter_asgi.identity.normalise import Attributes, map_generic, normalise
from adapter_asgi.identity.own_tokens import OwnTokens
from adapter_asgi.identity.replay import ReplayMarks
from adapter_asgi.identity.template import Provider, find
from adapter_asgi.identity.token import Token, bearer, take_apart
from policy_lang.attributes import CALLER

__all__ = ["Authenticator", "Enricher", "Issuer", "Loopback", "Verified"]

_CACHE = 10_000


@dataclass(frozen=True, slots=True)
class Issuer:
    """One configured issuer: whose tokens are believed, for which audience, as what."""

    name: str
    url: str
    audience: str
    provider: Provider
    caller: str
    keys: IssuerKeys
    tenant: str | None = None
    algorithms: tuple[str, ...] = ("RS256",)
    max_lifetime: int = 3600
    mapping: Mapping[str, str | tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Loopback:
    """`[identity.unsafe_loopback]`: fixed attributes for whoever connects over loopback."""

    attributes: Mapping[str, Any]

    def principal(self) -> gate.Principal:
        """Whoever it is."""
        values: dict[str, Any] = dict.fromkeys(CALLER)
        values.update(self.attributes)
        found = Attributes(values, dict.fromkeys(values, "attested"))
        return gate.Principal(
            identity=policy_lang.Request.from_json({**values, "claims": {}, "provenance": "attested"}),
            issuer="unsafe_loopback",
            subject=found.known("actor_id") or found.known("actor") or "unsafe_loopback",
            display="whoever connects over loopback (unsafe_loopback)",
            run=found.known("run") or None,
            kind=found.known("caller") or "agent",
            unsafe=True,
            same_as=("unsafe_loopback", *(found.known(name) for name in SAME_AS)),
        )


@dataclass(frozen=True, slots=True)
class Verified:
    """A token that passed steps 1 to 7. `claims` are the issuer's words; they are never logged."""

    issuer: Issuer
    claims: Mapping[str, Any] = field(repr=False)
    digest: bytes
    attributes: Attributes


class Enricher(Protocol):
    """Finds out what a token does not attest, with the gate's own credential."""

    async def enrich(self, issuer: Issuer, claims: Mapping[str, Any], found: Attributes) -> None:
        """Add attributes (provenance `enriched`); what cannot be had stays unknown. Never raises."""


class Authenticator:
    """Who is calling. One for the whole process; safe for concurrent calls on one event loop.

    `metadata` is the URL of the protected-resource metadata (RFC 9728) that refusals point to.
    """

    def __init__(
        self,
        issuers: Mapping[str, Issuer],
        marks: ReplayMarks,
        metadata: str,
        *,
        loopback: Loopback | None = None,
        enricher: Enricher | None = None,
        refused: Callable[[IdentityError, str], None] | None = None,
        own: OwnTokens | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._issuers = issuers
        self._marks = marks
        self._metadata = metadata
        self._loopback = None if loopback is None else loopback.principal()
        self._enricher = enricher
        self._refused = refused
        self._own = own
        self._clock = clock
        self._cache: OrderedDict[bytes, tuple[gate.Principal, str, float]] = OrderedDict()

    async def authenticate(self, authorization: str | None, peer: str, *, server: str = "") -> gate.Principal:
        """The caller behind an Authorization header that came from the address `peer`.

        `server` is the name of the MCP server that was asked for; a refusal then points to that resource's metadata.
        Raises `IdentityError`.
        """
        try:
            return await self._authenticate(authorization, peer)
        except IdentityError as error:
            self.refuse(error, peer, server)
            raise

    async def renew_keys(self) -> None:
        """Ask every issuer for its keys now; where that fails, the last good ones stay."""
        await asyncio.gather(*(issuer.keys.prefetch() for issuer in self._issuers.values()))

    def refuse(self, error: IdentityError, peer: str, server: str = "") -> None:
        """Say in `error` where the metadata is, and tell whoever counts refusals."""
        error.metadata = f"{self._metadata}/mcp/{server}" if server else self._metadata
        if self._refused is not None:
            self._refused(error, peer)

    async def verify(self, text: str) -> Verified:
        """Steps 1 to 7 for a token, binding it to nobody. Raises `IdentityError`."""
        return await self._verify(take_apart(text))

    async def _verify(self, token: Token) -> Verified:
        issuer = self._issuer(token)
        await issuer.keys.verify(token)
        claim_rules.check(token.claims, issuer.audience, issuer.max_lifetime, self._clock())
        found = describe(issuer, token.claims)
        _check_tenant(issuer, found)
        return Verified(issuer, token.claims, token.digest, found)

    # --- the steps ----------------------------------------------------------------------------------------------------

    async def _authenticate(self, authorization: str | None, peer: str) -> gate.Principal:
        if self._loopback is not None and (authorization is None or not self._issuers):
            return self._trust_loopback(self._loopback, peer)
        text = bearer(authorization)
        key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        cached = self._cached(key, peer)
        if cached is not None:
            return cached
        principal, ends = await self._fresh(text, peer)
        self._remember(key, principal, peer, ends)
        return principal

    async def _fresh(self, text: str, peer: str) -> tuple[gate.Principal, float]:
        token = take_apart(text)
        if self._own is not None and token.claims.get("iss") == self._own.issuer:
            claims = self._own.verify(token, self._clock())
            ends = float(claims["exp"]) + claim_rules.SKEW
            who = Caller.from_json(claims["caller"])
            self._check_age(claims, self._own.seconds)
            self._claim((self._own.issuer, "jti", str(claims["jti"])), (who.subject, who.run or "", peer), ends)
            return who.principal(peer, ends), ends
        verified = await self._verify(token)
        who = await self._caller(verified)
        ends = float(verified.claims["exp"]) + claim_rules.SKEW
        self._bind(verified, who.found, peer, ends)
        return who.principal(peer, ends), ends

    async def exchange(self, text: str, peer: str) -> tuple[str, int]:
        """A token of the gate's own for a CI's: it outlives it, for the same run and address; and its seconds.

        A token is exchanged once (ID41). Raises `IdentityError`, ID42 where the gate has no tokens of its own.
        """
        if self._own is None:
            raise IdentityError("ID42", "this gate exchanges no tokens")
        verified = await self.verify(text)
        who = await self._caller(verified)
        self._bind(verified, who.found, peer, float(verified.claims["exp"]) + claim_rules.SKEW)
        once = ("exchanged", *_identity_of(verified))
        if not self._mark(once, (secrets.token_hex(16),), float(verified.claims["exp"]) + 3600):
            raise IdentityError("ID41", "the token was exchanged before")
        minted, jti, ends = self._own.mint(who)
        self._claim((self._own.issuer, "jti", jti), (who.subject, who.run or "", peer), ends)
        return minted, self._own.seconds

    async def _caller(self, verified: Verified) -> Caller:
        found = verified.attributes
        if self._enricher is not None:
            await self._enricher.enrich(verified.issuer, verified.claims, found)
        return Caller(
            found=found,
            claims=dict(verified.claims),
            issuer=verified.issuer.url,
            subject=str(verified.claims["sub"]),
            display=_display(verified.issuer, verified.claims, found),
            kind=verified.issuer.caller,
        )

    def _issuer(self, token: Token) -> Issuer:
        issuer = self._issuers.get(url) if isinstance(url := token.claims.get("iss"), str) else None
        if issuer is None:
            raise IdentityError("ID10", "the token's issuer is not configured", "see the [identity.…] tables")
        if token.algorithm not in issuer.algorithms:
            raise IdentityError("ID11", f"[identity.{issuer.name}] does not accept the token's algorithm")
        kind = token.header.get("typ")
        if kind is not None and kind.lower().removeprefix("application/") not in issuer.provider.types:
            raise IdentityError("ID07", "the token is of another class than an identity token")
        return issuer

    def _bind(self, verified: Verified, found: Attributes, peer: str, ends: float) -> None:
        """The first run and peer that show a token keep it."""
        self._check_age(verified.claims, verified.issuer.max_lifetime)
        run = tuple(found.known(name) for name in ("tenant", "repository", "repository_id", "run"))
        self._claim(_identity_of(verified), (verified.claims["sub"], *run, peer), ends)

    def _claim(self, token: tuple[str, ...], holder: tuple[str, ...], ends: float) -> None:
        if not self._mark(token, holder, ends):
            raise IdentityError("ID40", "the token was shown before by another run or from another address")

    def _mark(self, token: tuple[str, ...], holder: tuple[str, ...], ends: float) -> bool:
        try:
            return self._marks.claim(token, holder, ends, self._clock())
        except AdapterError as error:
            raise IdentityError("ID52", f"what was shown cannot be remembered: {error.message}") from None

    def _check_age(self, claims: Mapping[str, Any], lifetime: int) -> None:
        """Whether it can be known that nobody else has shown the token."""
        if self._marks.since:
            begins = claims.get("iat", claims.get("nbf", float(claims["exp"]) - lifetime))
            if begins <= self._marks.since:
                help_ = "ask the CI for a fresh one; or bring back the gate's state from its backup"
                raise IdentityError("ID43", "the token is older than what the gate remembers of shown ones", help_)

    def _trust_loopback(self, caller: gate.Principal, peer: str) -> gate.Principal:
        if not _is_loopback(peer):
            raise IdentityError("ID01", "only loopback may call without a token here")
        return caller

    # --- the cache ----------------------------------------------------------------------------------------------------

    def _cached(self, key: bytes, peer: str) -> gate.Principal | None:
        entry = self._cache.get(key)
        if entry is None:
            return None
        principal, first_peer, until = entry
        if self._clock() >= until:
            del self._cache[key]
            return None
        return principal if first_peer == peer else None

    def _remember(self, key: bytes, principal: gate.Principal, peer: str, ends: float) -> None:
        self._cache[key] = (principal, peer, min(ends, self._clock() + TTL))
        if len(self._cache) > _CACHE:
            self._cache.popitem(last=False)


def describe(issuer: Issuer, claims: Mapping[str, Any]) -> Attributes:
    """The attributes of a verified token under the table that it matched."""
    found = normalise(issuer.provider, claims)
    if issuer.mapping is not None:
        extra = map_generic(issuer.mapping, claims)
        found.values.update(extra.values)
        found.provenance.update(extra.provenance)
    found.put("provider", issuer.provider.name, "derived")
    found.put("issuer", issuer.url)
    found.put("caller", issuer.caller, "derived")
    if issuer.caller == "person":
        found.put("reviewed", None, "derived")
    return found


def _check_tenant(issuer: Issuer, found: Attributes) -> None:
    if issuer.tenant is not None and found.known("tenant") != issuer.tenant:
        help_ = f"[identity.{issuer.name}] pins tenant {issuer.tenant}: {issuer.provider.tenant_help}"
        raise IdentityError("ID12", "the token is another tenant's, or does not say whose it is", help_)


def _identity_of(verified: Verified) -> tuple[str, str, str]:
    """What tells a token from another: its issuer and id, or its hash where it has none."""
    jti = verified.claims.get("jti")
    if isinstance(jti, str):
        return verified.issuer.url, "jti", jti
    return verified.issuer.url, "digest", verified.digest.hex()


def _display(issuer: Issuer, claims: Mapping[str, Any], found: Attributes) -> str:
    """A short name for people: what the provider calls it, then the job or branch if known."""
    names = [value for path in issuer.provider.display if isinstance(value := find(claims, path), str) and value]
    name = names[0] if names and issuer.provider.name == "generic" else "/".join(names) or str(claims["sub"])
    rest = [f"{word} {found.known(word)}" for word in ("job", "branch", "run") if found.known(word)]
    return f"{name} ({', '.join(rest)})" if rest else name


def _is_loopback(peer: str) -> bool:
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
