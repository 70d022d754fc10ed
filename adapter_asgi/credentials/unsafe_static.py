"""A fixed secret from hoopgate.toml, for development: it is the same for everybody and nobody can take it back."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import gate
import policy_lang
from adapter_asgi.credentials.lease import Lease

__all__ = ["UnsafeStatic"]


class UnsafeStatic:
    """Lends the same headers to everybody. Revoking ends nothing but the record of it."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = tuple((name.lower(), value) for name, value in headers.items())

    async def lease(self, grant: policy_lang.Grant, principal: gate.Principal, session: str) -> Lease:
        """The configured headers."""
        del principal, session
        ends = datetime.now(UTC) + timedelta(seconds=grant.seconds)
        return Lease(self._headers, f"static-{secrets.token_hex(6)}", ends)

    async def revoke(self, id_: str) -> None:
        """Nothing can be done."""
