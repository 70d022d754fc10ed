"""Which provider makes the credential of a policy's `grant "NAME"`, and which leases are out.

Strategy: a lease belongs to one principal, session and profile, and is lent again only there, until 2/3 of its life is
over. It is in the ledger before its provider hears of it and until it is revoked, whether by the session's end, by its
own, or by the sweep after a crash. A revocation that fails is tried again.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

import gate
import policy_lang
import recorder
from adapter_asgi.credentials.lease import CredentialError, CredentialProvider, Lease, Wanted
from adapter_asgi.credentials.ledger import Ledger, Out

__all__ = ["Broker", "Evidence"]

_RENEW_AT = 2 / 3

_log = logging.getLogger(__name__)


class Evidence(Protocol):
    """What the broker needs of `recorder.Log`."""

    def submit(self, entry: recorder.Entry) -> Any:
        """A `concurrent.futures.Future` that is done when the entry is durable."""


@dataclass(frozen=True, slots=True)
class _Held:
    lease: Lease
    renew_at: float


class Broker:
    """All leases of the process. `clock()` is Unix seconds."""

    def __init__(
        self,
        providers: Mapping[str, CredentialProvider],
        ledger: Ledger,
        log: Evidence,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._providers = providers
        self._ledger = ledger
        self._log = log
        self._clock = clock
        self._held: dict[tuple[str, ...], _Held] = {}
        self._making: dict[tuple[str, ...], asyncio.Lock] = {}
        self._ended: set[str] = set()

    async def lease(self, grant: policy_lang.Grant, principal: gate.Principal, session: str) -> Lease:
        """A credential for this session. Raises `CredentialError` CRED01 (no such profile), CRED02 (no time left)."""
        provider = self._providers.get(grant.profile)
        if provider is None:
            help_ = f"add [grant.{grant.profile}] to hoopgate.toml"
            raise CredentialError("CRED01", f'no credential is configured for grant "{grant.profile}"', help_)
        key = (session, grant.profile, principal.issuer, principal.subject)
        async with self._making.setdefault(key, asyncio.Lock()):
            held = self._held.get(key)
            if held is None or self._clock() >= held.renew_at:
                wanted = Wanted(secrets.token_hex(8), self._least(grant, principal), principal, session)
                held = self._held[key] = await self._make(provider, wanted)
            return held.lease

    async def revoke(self, id_: str) -> None:
        """Take one lease back. Raises `CredentialError`; then it stays in the ledger and is tried again."""
        await self._revoke([out for out in self._ledger.all() if out.id == id_], "")

    async def end_session(self, session: str) -> tuple[str, ...]:
        """Take back everything that this session has; gives the ids of what is taken back."""
        outs = [out for out in self._ledger.all() if out.session == session]
        taken = await self._revoke(outs, "")
        for key in [key for key in self._making if key[0] == session]:
            self._held.pop(key, None)
            self._making.pop(key, None)
        return taken

    async def sweep(self, *, everything: bool = False) -> tuple[str, ...]:
        """Take back what has run out, or after a crash everything that is in the ledger; recorded here."""
        now = self._clock()
        outs = [out for out in self._ledger.all() if everything or out.expires <= now or out.id in self._ended]
        return await self._revoke(outs, "interrupted" if everything else "expired")

    async def close(self) -> None:
        """Take everything back."""
        await self._revoke(self._ledger.all(), "stopped")

    async def _make(self, provider: CredentialProvider, wanted: Wanted) -> _Held:
        now = self._clock()
        out = Out(wanted.id, wanted.grant.profile, wanted.session, now + wanted.seconds, {})
        self._ledger.put(out)
        try:
            lease = await provider.lease(wanted, lambda handle: self._ledger.put(replace(out, handle=handle)))
        except BaseException:
            self._ended.add(wanted.id)  # the next sweep ends whatever there is of it
            raise
        latest = datetime.fromtimestamp(now + wanted.seconds, UTC)
        ends = min(lease.expires or latest, latest)
        return _Held(replace(lease, expires=ends), now + (ends.timestamp() - now) * _RENEW_AT)

    async def _revoke(self, outs: Iterable[Out], cause: str) -> tuple[str, ...]:
        taken = []
        for out in outs:
            self._forget(out.id)
            try:
                provider = self._providers.get(out.profile)
                if provider is not None:
                    await provider.revoke(out.handle)
            except CredentialError as error:
                self._ended.add(out.id)
                _log.warning("lease %s of grant %s cannot be revoked yet: %s", out.id, out.profile, error.message)
                continue
            self._ledger.drop(out.id)
            self._ended.discard(out.id)
            taken.append(out.id)
            if cause:
                await self._record(out, cause)
        return tuple(taken)

    def _forget(self, id_: str) -> None:
        for key in [key for key, held in self._held.items() if held.lease.id == id_]:
            del self._held[key]

    async def _record(self, out: Out, cause: str) -> None:
        metadata = {"lease": out.id, "grant": out.profile, "cause": cause}
        await asyncio.wrap_future(self._log.submit(recorder.Entry("lease.revoked", out.session, metadata)))

    def _least(self, grant: policy_lang.Grant, principal: gate.Principal) -> policy_lang.Grant:
        """No lease outlives the token that asked for it."""
        if principal.expires is None:
            return grant
        left = int(principal.expires.timestamp() - self._clock())
        if left <= 0:
            raise CredentialError("CRED02", "the caller's token has ended", "ask the CI for a fresh one")
        return replace(grant, seconds=min(grant.seconds, left))
