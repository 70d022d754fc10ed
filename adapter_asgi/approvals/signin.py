"""An approver's sign-in: OpenID Connect, authorization code with PKCE, authenticated afresh each time.

Strategy: the browser carries everything, sealed (AES-256-GCM) in cookies that scripts cannot read: for ten minutes the
flow (state, nonce, verifier), then for fifteen the person. The ID token passes the same strict checks as a CI's;
on top of them the nonce, and that the person authenticated just now.

Sources: OpenID Connect Core 1.0 section 3.1, RFC 7636 (PKCE), RFC 9700 (best practice), RFC 9207 (issuer in answers).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapter_asgi.approvals.error import ApprovalError
from adapter_asgi.approvals.people import Approver, from_token
from adapter_asgi.identity.authenticator import Verified
from adapter_asgi.identity.error import IdentityError
from adapter_asgi.identity.keys import Fetch, FetchError
from adapter_asgi.identity.strict_json import StrictJSONError, parse_object

__all__ = ["FLOW_SECONDS", "PERSON_SECONDS", "Person", "SignIn"]

FLOW_SECONDS = 600
PERSON_SECONDS = 900
_FRESH = 300
"""Seconds since the person authenticated at the provider."""
_TIMEOUT = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in, until when (Unix seconds), and what forms must repeat."""

    name: str
    ids: tuple[str, ...]
    groups: tuple[str, ...]
    until: float
    csrf: str = field(repr=False)

    @property
    def approver(self) -> Approver:
        """For the desk."""
        return Approver(self.name, self.ids, self.groups)


class SignIn:
    """One provider: the `[identity.…]` table of persons that has a `client_secret`; its audience is the client's id.

    `home` is the page's address at the gate; `verify` is the authenticator's.
    """

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str,
        home: str,
        key: bytes,
        client: aiohttp.ClientSession,
        fetch: Fetch,
        verify: Callable[[str], Awaitable[Verified]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._issuer, self._client_id, self._secret = issuer, client_id, client_secret
        self._callback = f"{home}/signed-in"
        self._aead = AESGCM(key)
        self._client, self._fetch, self._verify, self._clock = client, fetch, verify, clock

    async def begin(self, to: str) -> tuple[str, str]:
        """Where to send the browser, and the flow's cookie. Raises `ApprovalError` APR20."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._callback,
            "scope": "openid profile email",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "prompt": "login",
            "max_age": "0",
        }
        place = await self._endpoint("authorization_endpoint")
        flow = {"state": state, "nonce": nonce, "verifier": verifier, "to": to}
        url = f"{place}{'&' if '?' in place else '?'}{urlencode(query)}"
        return url, self._seal("flow", {**flow, "until": self._clock() + FLOW_SECONDS})

    async def finish(self, flow_cookie: str, query: Mapping[str, str]) -> tuple[Person, str]:
        """The person, and the page that was wanted. Raises `ApprovalError` APR21 (not our flow), APR22 (not fresh)."""
        flow = self._open("flow", flow_cookie)
        if flow is None or not hmac.compare_digest(flow["state"].encode(), query.get("state", "").encode()):
            raise ApprovalError("APR21", "this sign-in was not begun here, or took too long", "begin again")
        if query.get("iss", self._issuer) != self._issuer or not query.get("code"):
            raise ApprovalError("APR21", "the provider did not sign you in", "begin again")
        verified = await self._redeem(query["code"], flow["verifier"])
        self._check(verified, flow["nonce"])
        approver = from_token(verified)
        until = self._clock() + PERSON_SECONDS
        person = Person(approver.name, approver.ids, approver.groups, until, secrets.token_urlsafe(24))
        return person, flow["to"]

    def cookie(self, person: Person) -> str:
        """What the browser keeps."""
        return self._seal("person", asdict(person))

    def person(self, cookie: str) -> Person | None:
        """Who this browser's user is, if it is signed in still."""
        data = self._open("person", cookie)
        if data is None:
            return None
        return Person(**{**data, "ids": tuple(data["ids"]), "groups": tuple(data["groups"])})

    # --- inside -------------------------------------------------------------------------------------------------------

    def _check(self, verified: Verified, nonce: str) -> None:
        claims = verified.claims
        said = claims.get("nonce")
        if verified.issuer.url != self._issuer or verified.issuer.caller != "person":
            raise ApprovalError("APR21", "the token is not a person's of this provider")
        if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
            raise ApprovalError("APR21", "the token belongs to another sign-in")
        since = claims.get("auth_time")
        if isinstance(since, bool) or not isinstance(since, int | float) or self._clock() - since > _FRESH:
            raise ApprovalError("APR22", "the provider does not say that you authenticated just now")

    async def _redeem(self, code: str, verifier: str) -> Verified:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._callback,
            "client_id": self._client_id,
            "client_secret": self._secret,
            "code_verifier": verifier,
        }
        url = await self._endpoint("token_endpoint")
        try:
            async with self._client.post(url, data=form, timeout=_TIMEOUT, allow_redirects=False) as answer:
                body = parse_object(await answer.content.read(256 * 1024)) if answer.status == 200 else {}
        except (aiohttp.ClientError, TimeoutError, OSError, StrictJSONError):
            body = {}
        token = body.get("id_token")
        if not isinstance(token, str):
            raise ApprovalError("APR21", "the provider gave no token for this sign-in", "begin again")
        try:
            return await self._verify(token)
        except IdentityError as error:
            raise ApprovalError("APR21", f"the provider's token does not hold ({error.code})") from None

    async def _endpoint(self, name: str) -> str:
        try:
            found = parse_object(await self._fetch(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"))
        except (FetchError, StrictJSONError):
            found = {}
        url, own = found.get(name), urlsplit(self._issuer)
        good = isinstance(url, str) and (urlsplit(url).scheme in ("https", own.scheme))
        if found.get("issuer") != self._issuer or not good:
            raise ApprovalError("APR20", "the sign-in's provider cannot be reached", "try again later")
        return str(url)

    def _seal(self, purpose: str, data: Mapping[str, Any]) -> str:
        nonce = os.urandom(12)
        sealed = nonce + self._aead.encrypt(nonce, json.dumps(data).encode(), purpose.encode())
        return base64.urlsafe_b64encode(sealed).decode("ascii")

    def _open(self, purpose: str, cookie: str) -> dict[str, Any] | None:
        try:
            sealed = base64.urlsafe_b64decode(cookie.encode("ascii"))
            data: dict[str, Any] = json.loads(self._aead.decrypt(sealed[:12], sealed[12:], purpose.encode()))
        except (ValueError, InvalidTag):
            return None
        return data if self._clock() < data["until"] else None
