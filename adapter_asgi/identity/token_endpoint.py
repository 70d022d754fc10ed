"""`POST /token`: the exchange of a CI's token for one of the gate's; and the documents that say how to check those.

Sources: RFC 8693 section 2, RFC 7523 section 2.1, RFC 6749 section 5, RFC 7517, OpenID Connect Discovery 1.0.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapter_asgi.identity.authenticator import Authenticator
from adapter_asgi.identity.error import IdentityError
from adapter_asgi.identity.minting import ALGORITHM, Minter
from adapter_asgi.identity.token import MAX_SIZE

__all__ = ["routes"]

_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_ASSERTION = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_TYPES = ("urn:ietf:params:oauth:token-type:jwt", "urn:ietf:params:oauth:token-type:id_token")
_FIELD = {_EXCHANGE: "subject_token", _ASSERTION: "assertion"}
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def routes(who: Authenticator, minter: Minter) -> list[Route]:
    """`/token`, `/.well-known/jwks.json` and `/.well-known/openid-configuration`."""

    async def token(request: Request) -> Response:
        if int(request.headers.get("content-length") or MAX_SIZE * 3) > MAX_SIZE * 2:
            return _refused("invalid_request", "the form is too large, or does not say how large it is", 413)
        try:
            form = await request.form(max_files=0, max_fields=10)
        except HTTPException:
            return _refused("invalid_request", "the body is not a form")
        asked = str(form.get("grant_type"))
        if asked not in _FIELD:
            return _refused("unsupported_grant_type", "a CI's token is exchanged here, nothing else")
        if asked == _EXCHANGE and form.get("subject_token_type") not in _TYPES:
            return _refused("invalid_request", "subject_token_type is a JWT or an id_token")
        peer = request.client.host if request.client else ""
        try:
            text, seconds = await who.exchange(str(form.get(_FIELD[asked]) or ""), peer)
        except IdentityError as error:
            who.refuse(error, peer)
            return _refused("invalid_grant", error.public)
        body = {"access_token": text, "token_type": "Bearer", "expires_in": seconds}
        return JSONResponse({**body, "issued_token_type": _TYPES[0]}, headers=_NO_STORE)

    async def jwks(_: Request) -> Response:
        return JSONResponse(minter.jwks())

    async def discovery(_: Request) -> Response:
        return JSONResponse(
            {
                "issuer": minter.issuer,
                "jwks_uri": f"{minter.issuer}/.well-known/jwks.json",
                "token_endpoint": f"{minter.issuer}/token",
                "grant_types_supported": list(_FIELD),
                "response_types_supported": [],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": [ALGORITHM],
            }
        )

    return [
        Route("/token", token, methods=["POST"]),
        Route("/.well-known/jwks.json", jwks),
        Route("/.well-known/openid-configuration", discovery),
    ]


def _refused(error: str, description: str, status: int = 400) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status, headers=_NO_STORE)
