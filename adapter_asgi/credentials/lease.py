"""What a credential provider gives, and what it has to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from adapter_asgi.errors import AdapterError

if TYPE_CHECKING:
    import gate
    import policy_lang

__all__ = ["CredentialError", "CredentialProvider", "Lease", "Remember", "Wanted"]

Remember = Callable[[Mapping[str, Any]], None]
"""Keeps, encrypted, what is needed to take a lease back after a crash; may be called again as more is known."""


class CredentialError(AdapterError):
    """No credential could be had, or taken back (codes CRED…). Holds no secret."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: an id that the gate chose, for whom, and for how many seconds at most."""

    id: str
    grant: policy_lang.Grant
    principal: gate.Principal
    session: str

    @property
    def seconds(self) -> int:
        """The longest life that the credential may have."""
        return self.grant.seconds


@dataclass(frozen=True, slots=True)
class Lease:
    """A credential on loan: headers for the upstream (lower-case names), an id for the records, its end (UTC).

    `renews` is the id of the lease that it takes the place of.
    """

    headers: Sequence[tuple[str, str]] = field(repr=False)
    id: str
    expires: datetime | None = None
    renews: str = ""


class CredentialProvider(Protocol):
    """Makes credentials for one `[grant.NAME]`. Its methods may talk to the network; none logs a secret."""

    async def lease(self, wanted: Wanted, remember: Remember) -> Lease:
        """A fresh credential. `remember` is called before anything exists that would outlive a crash.

        Raises `CredentialError`; then nothing is left behind that `revoke` with what was remembered would not end.
        """

    async def prolong(self, handle: Mapping[str, Any], seconds: int) -> datetime | None:
        """Let the credential live that long from now: its new end, or None where that cannot be done.

        Raises `CredentialError`.
        """

    async def revoke(self, handle: Mapping[str, Any]) -> None:
        """End the credential of which `handle` was remembered, and whatever session was opened with it.

        Doing so again is no error. Raises `CredentialError`.
        """
