"""Dynamic secrets of OpenBao or HashiCorp Vault, reached with a login of the caller's own (their JWT auth method).

Strategy: the gate signs a statement about the caller and logs in with it, so that the vault's audit log names the
caller and its policies bind it. The login's token is the handle: revoking it revokes every secret that came from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from adapter_asgi.credentials.lease import CredentialError, Lease, Remember, Wanted
from adapter_asgi.credentials.web import ask
from adapter_asgi.identity.minting import Minter

__all__ = ["OpenBao"]


class OpenBao:
    """`path` is read with a login to `role` at the auth method `mount`; `headers` are filled from the secret's data."""

    def __init__(
        self,
        client: aiohttp.ClientSession,
        minter: Minter,
        url: str,
        role: str,
        path: str,
        headers: Mapping[str, str],
        mount: str = "jwt",
    ) -> None:
        self._client = client
        self._minter = minter
        self._url = url.rstrip("/")
        self._role, self._path, self._mount = role, path, mount
        self._headers = headers

    async def lease(self, wanted: Wanted, remember: Remember) -> Lease:
        """A secret of its own. Raises `CredentialError` CRED03, CRED04 (the answer lacks what the headers need)."""
        statement = self._minter.statement(wanted.principal, self._url, seconds=60)
        form = {"role": self._role, "jwt": statement}
        login = await ask(self._client, "POST", f"{self._url}/v1/auth/{self._mount}/login", json=form)
        auth = login.get("auth")
        token = auth.get("client_token") if isinstance(auth, dict) else None
        if not isinstance(token, str) or not token:
            raise CredentialError("CRED04", f"{self._url} gave no token at login")
        remember({"token": token})
        secret = await ask(self._client, "GET", f"{self._url}/v1/{self._path}", headers={"X-Vault-Token": token})
        remember({"token": token, "lease": str(secret.get("lease_id") or "")})
        told = secret.get("lease_duration")
        seconds = told if isinstance(told, int) and told > 0 else wanted.seconds
        lives = timedelta(seconds=min(seconds, wanted.seconds))
        return Lease(self._fill(secret.get("data")), wanted.id, datetime.now(UTC) + lives)

    async def prolong(self, handle: Mapping[str, Any], seconds: int) -> datetime | None:
        """Renew the login and the secret; the shorter of both lives counts. A secret without a life is not renewed."""
        if not handle.get("lease"):
            return None
        login = await self._renew(handle, "auth/token/renew-self", {"increment": f"{seconds}s"})
        secret = await self._renew(handle, "sys/leases/renew", {"lease_id": handle["lease"], "increment": seconds})
        auth = login.get("auth")
        told = [auth.get("lease_duration") if isinstance(auth, dict) else None, secret.get("lease_duration")]
        lives = [life for life in told if isinstance(life, int) and life > 0]
        if len(lives) < len(told):
            return None
        return datetime.now(UTC) + timedelta(seconds=min(seconds, *lives))

    async def _renew(self, handle: Mapping[str, Any], path: str, form: Mapping[str, Any]) -> Mapping[str, Any]:
        headers = {"X-Vault-Token": handle["token"]}
        return await ask(self._client, "POST", f"{self._url}/v1/{path}", headers=headers, json=form)

    async def revoke(self, handle: Mapping[str, Any]) -> None:
        """Revoke the login, and with it every secret; a login that has ended already is no error."""
        if "token" not in handle:
            return
        try:
            url = f"{self._url}/v1/auth/token/revoke-self"
            await ask(self._client, "POST", url, headers={"X-Vault-Token": handle["token"]})
        except CredentialError as error:
            if not error.message.endswith("refused with 403"):
                raise

    def _fill(self, data: Any) -> tuple[tuple[str, str], ...]:
        try:
            filled = [(name.lower(), template.format_map(data)) for name, template in self._headers.items()]
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            message = f"the secret at {self._path} lacks what the headers of its grant need"
            raise CredentialError("CRED04", message) from None
        return tuple(filled)
