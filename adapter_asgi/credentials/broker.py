"""Which provider makes the credential of a policy's `grant "NAME"`, and which leases are out.

A lease belongs to one principal, session and profile, and is lent again only there, until 2/3 of its life is over.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import gate
import policy_lang
from adapter_asgi.credentials.lease import CredentialError, CredentialProvider, Lease

__all__ = ["Broker"]

_RENEW_AT = 2 / 3


@dataclass(frozen=True, slots=True)
class _Out:
    profile: str
    lease: Lease
    renew_at: float


class Broker:
    """All leases of the process. `clock()` is Unix seconds."""

    def __init__(self, providers: Mapping[str, CredentialProvider], clock: Callable[[], float] = time.time) -> None:
        self._providers = providers
        self._clock = clock
        self._out: dict[str, dict[tuple[str, ...], _Out]] = {}
        self._making: dict[tuple[str, ...], asyncio.Lock] = {}

    async def lease(self, grant: policy_lang.Grant, principal: gate.Principal, session: str) -> Lease:
        """A credential for this session. Raises `CredentialError` CRED01 (no such profile), CRED02 (no time left)."""
        provider = self._providers.get(grant.profile)
        if provider is None:
            help_ = f"add [grant.{grant.profile}] to hoopgate.toml"
            raise CredentialError("CRED01", f'no credential is configured for grant "{grant.profile}"', help_)
        key = (grant.profile, principal.issuer, principal.subject)
        async with self._making.setdefault((session, *key), asyncio.Lock()):
            held = self._out.get(session, {}).get(key)
            if held is not None and self._clock() < held.renew_at:
                return held.lease
            return await self._make(provider, self._least(grant, principal), principal, session, key)

    async def revoke(self, id_: str) -> None:
        """Take one lease back."""
        for session, leases in list(self._out.items()):
            for key, held in list(leases.items()):
                if held.lease.id == id_:
                    del leases[key]
                    await self._providers[held.profile].revoke(id_)
            if not leases:
                self._out.pop(session, None)

    async def end_session(self, session: str) -> tuple[str, ...]:
        """Take back everything that this session has; gives the ids. What fails to be revoked is raised at the end."""
        taken, failed = [], []
        for key, held in self._out.pop(session, {}).items():
            self._making.pop((session, *key), None)
            try:
                await self._providers[held.profile].revoke(held.lease.id)
                taken.append(held.lease.id)
            except CredentialError as error:
                failed.append(error)
        if failed:
            raise failed[0]
        return tuple(taken)

    async def close(self) -> None:
        """Take everything back."""
        for session in list(self._out):
            await self.end_session(session)

    async def _make(
        self,
        provider: CredentialProvider,
        grant: policy_lang.Grant,
        principal: gate.Principal,
        session: str,
        key: tuple[str, ...],
    ) -> Lease:
        now = self._clock()
        lease = await provider.lease(grant, principal, session)
        latest = datetime.fromtimestamp(now + grant.seconds, UTC)
        ends = min(lease.expires or latest, latest)
        lease = replace(lease, expires=ends)
        renew_at = now + (ends.timestamp() - now) * _RENEW_AT
        self._out.setdefault(session, {})[key] = _Out(grant.profile, lease, renew_at)
        return lease

    def _least(self, grant: policy_lang.Grant, principal: gate.Principal) -> policy_lang.Grant:
        """No lease outlives the token that asked for it."""
        if principal.expires is None:
            return grant
        left = int(principal.expires.timestamp() - self._clock())
        if left <= 0:
            raise CredentialError("CRED02", "the caller's token has ended", "ask the CI for a fresh one")
        return replace(grant, seconds=min(grant.seconds, left))
