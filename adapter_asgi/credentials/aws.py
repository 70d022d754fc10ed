"""Temporary credentials of an AWS role: AssumeRoleWithWebIdentity, where the web identity is the gate's own statement.

The gate needs no AWS key: the account trusts the gate as an OpenID provider, and the role's trust policy binds `sub`
and `aud`. AWS cannot take such a session back before its end, so its life is the shortest that AWS allows for the grant
(15 minutes at least), and the record says so.

Source: AWS STS API reference, AssumeRoleWithWebIdentity.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

import aiohttp

from adapter_asgi.credentials.lease import CredentialError, Lease, Remember, Wanted
from adapter_asgi.identity.minting import Minter

__all__ = ["AwsRole"]

_TIMEOUT = aiohttp.ClientTimeout(total=10)
_NAMESPACE = "{https://sts.amazonaws.com/doc/2011-06-15/}"
_LEAST = 900
_MAX = 64 * 1024


class AwsRole:
    """`headers` are filled with {AccessKeyId}, {SecretAccessKey} and {SessionToken}; `endpoint` is a region's STS."""

    def __init__(
        self, client: aiohttp.ClientSession, minter: Minter, endpoint: str, role: str, headers: Mapping[str, str]
    ) -> None:
        self._client, self._minter, self._endpoint = client, minter, endpoint.rstrip("/")
        self._role, self._headers = role, headers

    async def lease(self, wanted: Wanted, remember: Remember) -> Lease:
        """A session of the role. Raises `CredentialError` CRED03, CRED04, and CRED05 for less than 15 minutes."""
        if wanted.seconds < _LEAST:
            help_ = "grant 15m or more, and let the job exchange its token (`hoopgate token --exchange`)"
            raise CredentialError(
                "CRED05", f"AWS lends for {_LEAST} s at least, and {wanted.seconds} s are left", help_
            )
        remember({})
        form = {
            "Action": "AssumeRoleWithWebIdentity",
            "Version": "2011-06-15",
            "RoleArn": self._role,
            "RoleSessionName": re.sub(r"[^\w+=,.@-]", "-", wanted.principal.subject)[:64],
            "WebIdentityToken": self._minter.statement(wanted.principal, "sts.amazonaws.com", seconds=60),
            "DurationSeconds": str(wanted.seconds),
        }
        found = await self._ask(form)
        try:
            headers = tuple((name.lower(), template.format_map(found)) for name, template in self._headers.items())
            ends = datetime.fromisoformat(found["Expiration"])
        except (KeyError, ValueError, IndexError):
            raise CredentialError("CRED04", "the answer of AWS lacks what the headers of its grant need") from None
        return Lease(headers, wanted.id, ends)

    async def prolong(self, handle: Mapping[str, Any], seconds: int) -> datetime | None:
        """AWS has no way to; the next call gets a session of its own."""
        del handle, seconds
        return None

    async def revoke(self, handle: Mapping[str, Any]) -> None:
        """AWS has no way to; the session ends by itself."""

    async def _ask(self, form: Mapping[str, str]) -> dict[str, str]:
        try:
            async with self._client.post(self._endpoint, data=form, timeout=_TIMEOUT, allow_redirects=False) as answer:
                body = await answer.content.read(_MAX)
                while not answer.content.at_eof() and len(body) < _MAX:
                    body += await answer.content.read(_MAX - len(body))
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise CredentialError("CRED03", f"{self._endpoint} cannot be reached ({type(error).__name__})") from None
        if status != 200:
            raise CredentialError("CRED03", f"{self._endpoint} refused with {status}")
        if b"<!" in body:  # neither a document type nor an entity has a place in an answer
            raise CredentialError("CRED04", f"{self._endpoint} did not answer as STS does")
        try:
            root = ET.fromstring(body)  # noqa: S314 (no document type: see above)
        except ET.ParseError:
            raise CredentialError("CRED04", f"{self._endpoint} did not answer as STS does") from None
        credentials = root.find(f".//{_NAMESPACE}Credentials")
        rows = list(credentials) if credentials is not None else []
        return {row.tag.removeprefix(_NAMESPACE): row.text or "" for row in rows}
