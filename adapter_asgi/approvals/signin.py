"""An approver's sign-in: OpenID Connect, authorization code with PKCE, authenticated afresh each time.

Strategy: the browser carries everything, sealed (AES-256-GCM) in cookies that scripts cannot read: for ten minutes the
flow (state, nonce, verifier), then for fifteen the person. Authlib speaks OAuth: the request with its PKCE challenge,
how the client authenticates, what OpenID Connect asks of an ID token. That token first passes the same strict checks
as a CI's; on top of them comes that the person authenticated just now.

Sources: OpenID Connect Core 1.0 section 3.1, RFC 7636 (PKCE), RFC 9700 (best practice), RFC 9207 (issuer in answers).
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from authlib.oauth2.client import OAuth2Client  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.parameters import prepare_token_request  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc.errors import JoseError

from adapter_asgi.approvals.error import ApprovalError
from adapter_asgi.approvals.people import Approver, from_token
from adapter_asgi.identity.authenticator import Verified
from adapter_asgi.identity.claims import SKEW
from adapter_asgi.identity.error import IdentityError
from adapter_asgi.identity.keys import Fetch, FetchError
from adapter_asgi.identity.strict_json import StrictJSONError, parse_object
from adapter_asgi.identity.token import take_apart

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
    others: tuple[str, ...] = ()

    @property
    def approver(self) -> Approver:
        """For the desk."""
        return Approver(self.name, self.ids, self.groups, via="console", others=self.others)


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
        self._issuer, self._client_id = issuer, client_id
        self._oauth = OAuth2Client(
            None,
            client_id,
            client_secret,
            scope="openid profile email",
            redirect_uri=f"{home}/signed-in",
            code_challenge_method="S256",
        )
        self._aead = AESGCM(key)
        self._client, self._fetch, self._verify, self._clock = client, fetch, verify, clock

    async def begin(self, to: str) -> tuple[str, str]:
        """Where to send the browser, and the flow's cookie. Raises `ApprovalError` APR20."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        place, _ = await self._endpoint("authorization_endpoint")
        afresh = {"nonce": nonce, "prompt": "login", "max_age": "0"}
        url, _ = self._oauth.create_authorization_url(place, state=state, code_verifier=verifier, **afresh)
        flow = {"state": state, "nonce": nonce, "verifier": verifier, "to": to}
        return url, self._seal("flow", {**flow, "until": self._clock() + FLOW_SECONDS})

    async def finish(self, flow_cookie: str, query: Mapping[str, str]) -> tuple[Person, str]:
        """The person, and the page that was wanted. Raises `ApprovalError` APR21 (not our flow), APR22 (not fresh)."""
        flow = self._open("flow", flow_cookie)
        if flow is None or not hmac.compare_digest(flow["state"].encode(), query.get("state", "").encode()):
            raise ApprovalError("APR21", "this sign-in was not begun here, or took too long", "begin again")
        if query.get("iss", self._issuer) != self._issuer or not query.get("code"):
            raise ApprovalError("APR21", "the provider did not sign you in", "begin again")
        token, access = await self._redeem(query["code"], flow["verifier"])
        verified = await self._check(token, access, flow["nonce"])
        approver = from_token(verified)
        until = self._clock() + PERSON_SECONDS
        csrf = secrets.token_urlsafe(24)
        person = Person(approver.name, approver.ids, approver.groups, until, csrf, approver.others)
        return person, flow["to"]

    def cookie(self, person: Person) -> str:
        """What the browser keeps."""
        return self._seal("person", asdict(person))

    def person(self, cookie: str) -> Person | None:
        """Who this browser's user is, if it is signed in still."""
        data = self._open("person", cookie)
        if data is None:
            return None
        return Person(**{**data, **{name: tuple(data[name]) for name in ("ids", "groups", "others")}})

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _check(self, token: str, access: str, nonce: str) -> Verified:
        """The strict checks, then OpenID Connect's own (nonce, azp, at_hash), then that it is fresh."""
        try:
            verified = await self._verify(token)
        except IdentityError as error:
            raise ApprovalError("APR21", f"the provider's token does not hold ({error.code})") from None
        claims = dict(verified.claims)
        if verified.issuer.url != self._issuer or verified.issuer.caller != "person":
            raise ApprovalError("APR21", "the token is not a person's of this provider")
        asked = {"nonce": nonce, "client_id": self._client_id, "access_token": access}
        try:
            CodeIDToken(claims, take_apart(token).header, params=asked).validate(now=int(self._clock()), leeway=SKEW)
        except (JoseError, ValueError, TypeError):
            raise ApprovalError("APR21", "the token belongs to another sign-in") from None
        since = claims.get("auth_time")
        if isinstance(since, bool) or not isinstance(since, int | float) or abs(self._clock() - since) > _FRESH:
            raise ApprovalError("APR22", "the provider does not say that you authenticated just now")
        return verified

    async def _redeem(self, code: str, verifier: str) -> tuple[str, str]:
        """The ID token and the access token that the code is good for."""
        url, methods = await self._endpoint("token_endpoint")
        basic = "client_secret_basic"
        auth = self._oauth.client_auth(basic if basic in methods else "client_secret_post")
        body = prepare_token_request(
            "authorization_code", redirect_uri=self._oauth.redirect_uri, code=code, code_verifier=verifier
        )
        url, headers, body = auth.prepare("POST", url, {"Content-Type": "application/x-www-form-urlencoded"}, body)
        try:
            options: Any = {"data": body, "headers": headers, "timeout": _TIMEOUT, "allow_redirects": False}
            async with self._client.post(url, **options) as answer:
                told = parse_object(await answer.content.read(256 * 1024)) if answer.status == 200 else {}
        except (aiohttp.ClientError, TimeoutError, OSError, StrictJSONError):
            told = {}
        token, access = told.get("id_token"), told.get("access_token")
        if not isinstance(token, str):
            raise ApprovalError("APR21", "the provider gave no token for this sign-in", "begin again")
        return token, access if isinstance(access, str) else ""

    async def _endpoint(self, name: str) -> tuple[str, Sequence[str]]:
        """An address of the provider's, and how clients may authenticate there (OpenID Connect Discovery 1.0)."""
        try:
            found = parse_object(await self._fetch(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"))
        except (FetchError, StrictJSONError):
            found = {}
        url, own = found.get(name), urlsplit(self._issuer)
        good = isinstance(url, str) and (urlsplit(url).scheme in ("https", own.scheme))
        if found.get("issuer") != self._issuer or not good:
            raise ApprovalError("APR20", "the sign-in's provider cannot be reached", "try again later")
        methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return str(url), methods if isinstance(methods, list) else []

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
