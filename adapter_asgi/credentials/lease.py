"""What a credential provider gives, and what it has to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import gate
import policy_lang
from adapter_asgi.errors import AdapterError

__all__ = ["CredentialError", "CredentialProvider", "Lease"]


class CredentialError(AdapterError):
    """No credential could be had, or taken back (codes CRED…). Holds no secret."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A credential on loan: headers for the upstream (lower-case names), an id for the records, its end (UTC)."""

    headers: Sequence[tuple[str, str]] = field(repr=False)
    id: str
    expires: datetime | None = None


class CredentialProvider(Protocol):
    """Makes credentials for one `[grant.NAME]`. Both methods may talk to the network; neither logs a secret."""

    async def lease(self, grant: policy_lang.Grant, principal: gate.Principal, session: str) -> Lease:
        """A fresh credential for this caller and session, for `grant.seconds` at most. Raises `CredentialError`."""

    async def revoke(self, id_: str) -> None:
        """Take it back, and end what was opened with it; again is no error. Raises `CredentialError`."""
