"""A fixed secret from hoopgate.toml, for development: it is the same for everybody and nobody can take it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from adapter_asgi.credentials.lease import Lease, Remember, Wanted

__all__ = ["UnsafeStatic"]


class UnsafeStatic:
    """Lends the same headers to everybody. Revoking ends nothing but the record of it."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = tuple((name.lower(), value) for name, value in headers.items())

    async def lease(self, wanted: Wanted, remember: Remember) -> Lease:
        """The configured headers."""
        del remember
        return Lease(self._headers, wanted.id)

    async def prolong(self, handle: Mapping[str, Any], seconds: int) -> datetime | None:
        """It never ends."""
        del handle
        return datetime.now(UTC) + timedelta(seconds=seconds)

    async def revoke(self, handle: Mapping[str, Any]) -> None:
        """Nothing can be done."""
