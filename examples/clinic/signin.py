"""People's sign-in for development, in the place of a company's OpenID provider: whoever one says one is.

``issuer.py`` serves it below ``/people``. It asks for no password, so it listens on loopback only. PKCE, the redirect
address and the single use of a code are checked as a real provider checks them, so that what passes here passes there.
"""

from __future__ import annotations

import base64
import hashlib
import html
import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

PEOPLE = {"dana": "privacy office: reviewer", "aud": "auditor", "opal": "operator"}
"""Who is offered; anybody else can be typed in."""

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sign in (development)</title>
<meta name="viewport" content="width=device-width"><style>body{{font:16px/1.6 system-ui,sans-serif;margin:2rem}}</style>
</head><body><main><h1>Who are you?</h1><p>Development only: nobody asks for a password here.</p>
<form action="/people/continue">{hidden}{buttons}
<p><label>or somebody else: <input name="other"></label> <button name="person" value="">Sign in</button></p>
</form></main></body></html>"""


class SignIn:
    """OpenID Connect for people: ``mint`` signs an ID token for the issuer ``url``."""

    def __init__(self, mint: Callable[[dict[str, Any]], str]) -> None:
        self.url, self._mint = "", mint
        self._codes: dict[str, dict[str, str]] = {}

    def routes(self) -> list[Route]:
        """Discovery, the page, and the token endpoint; the keys are the issuer's own."""
        return [
            Route("/people/.well-known/openid-configuration", self._discovery),
            Route("/people/authorize", self._ask),
            Route("/people/continue", self._continue),
            Route("/people/redeem", self._redeem, methods=["POST"]),
        ]

    async def _discovery(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url,
                "jwks_uri": f"{self.url.removesuffix('/people')}/jwks",
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/redeem",
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                "code_challenge_methods_supported": ["S256"],
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def _ask(self, request: Request) -> Response:
        asked = dict(request.query_params)
        hidden = "".join(
            f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
            for name, value in asked.items()
        )
        buttons = "".join(
            f'<p><button name="person" value="{name}">{name}@clinic.example</button> {what}</p>'
            for name, what in PEOPLE.items()
        )
        return HTMLResponse(_PAGE.format(hidden=hidden, buttons=buttons))

    async def _continue(self, request: Request) -> Response:
        asked = dict(request.query_params)
        person = asked.get("person") or asked.get("other") or "nobody"
        back, state = asked.get("redirect_uri", ""), asked.get("state", "")
        if urlsplit(back).scheme not in ("http", "https") or asked.get("code_challenge_method") != "S256":
            return HTMLResponse("not an authorization request", 400)
        code = secrets.token_urlsafe(24)
        self._codes[code] = {**asked, "person": person}
        return RedirectResponse(f"{back}?{urlencode({'code': code, 'state': state, 'iss': self.url})}", 302)

    async def _redeem(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
        if (
            asked is None
            or challenge != asked.get("code_challenge")
            or form.get("redirect_uri") != asked["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "id_token": self._mint(claims(asked))}
        )


def claims(asked: dict[str, str]) -> dict[str, Any]:
    """What the provider says of the person who signed in just now."""
    name = asked["person"]
    email = name if "@" in name else f"{name}@clinic.example"
    return {
        "aud": asked["client_id"],
        "sub": f"person-{name}",
        "email": email,
        "email_verified": True,
        "auth_time": int(time.time()),
        "nonce": asked.get("nonce", ""),
    }
