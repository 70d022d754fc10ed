"""Access tokens from an OAuth 2.0 authorization server: client credentials (RFC 6749 section 4.4) or an exchange of the
gate's own statement about the caller (RFC 8693). The caller's token is sent to nobody.

The gate's statement is a JWT that it signs itself (`identity/minting.py`); the server trusts the gate's key set.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import aiohttp

from adapter_asgi.credentials.lease import CredentialError, Lease, Remember, Wanted
from adapter_asgi.credentials.web import ask
from adapter_asgi.identity.minting import Minter

__all__ = ["ClientCredentials", "Server", "TokenExchange"]

_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_JWT = "urn:ietf:params:oauth:token-type:jwt"


@dataclass(frozen=True, slots=True)
class Server:
    """An authorization server and the gate's account there. `scope` and `resource` (RFC 8707) narrow the tokens."""

    client: aiohttp.ClientSession
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str = ""
    resource: str = ""
    revocation_url: str = ""

    async def ask(self, url: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        """POST a form with the gate's account (RFC 6749 section 2.3.1). Raises `CredentialError`."""
        account = f"{quote(self.client_id, safe='')}:{quote(self.client_secret, safe='')}"
        basic = b64encode(account.encode()).decode("ascii")
        return await ask(self.client, "POST", url, data=form, headers={"Authorization": f"Basic {basic}"})


class ClientCredentials:
    """Asks as the gate itself; RFC 7009 takes the token back."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def lease(self, wanted: Wanted, remember: Remember) -> Lease:
        """A Bearer token. Raises `CredentialError` CRED03, CRED04 (no such token in the answer)."""
        server = self._server
        narrow = {name: value for name, value in (("scope", server.scope), ("resource", server.resource)) if value}
        answer = await server.ask(server.token_url, {**self._form(wanted), **narrow})
        token, seconds = answer.get("access_token"), answer.get("expires_in", wanted.seconds)
        if not isinstance(token, str) or not token or str(answer.get("token_type", "")).lower() != "bearer":
            raise CredentialError("CRED04", f"{server.token_url} gave no Bearer token")
        remember({"token": token})
        lives = min(int(seconds), wanted.seconds) if isinstance(seconds, int | float) else wanted.seconds
        return Lease((("authorization", f"Bearer {token}"),), wanted.id, datetime.now(UTC) + timedelta(seconds=lives))

    async def prolong(self, handle: Mapping[str, Any], seconds: int) -> datetime | None:
        """A token has the life that it was given; the next call gets another."""
        del handle, seconds
        return None

    async def revoke(self, handle: Mapping[str, Any]) -> None:
        """Revoke the token where the server has a place for that; else it ends with its own life."""
        if self._server.revocation_url and "token" in handle:
            form = {"token": str(handle["token"]), "token_type_hint": "access_token"}
            await self._server.ask(self._server.revocation_url, form)

    def _form(self, wanted: Wanted) -> dict[str, str]:
        del wanted
        return {"grant_type": "client_credentials"}


class TokenExchange(ClientCredentials):
    """Asks on behalf of the caller: the subject of the token is whom the gate verified."""

    def __init__(self, server: Server, minter: Minter) -> None:
        super().__init__(server)
        self._minter = minter

    def _form(self, wanted: Wanted) -> dict[str, str]:
        statement = self._minter.statement(wanted.principal, self._server.token_url, seconds=60)
        return {"grant_type": _EXCHANGE, "subject_token": statement, "subject_token_type": _JWT}
