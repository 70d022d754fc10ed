"""Which provider makes the credential of a policy's `grant "NAME"`, and which leases are out.

Strategy: a lease belongs to one principal, session, profile and approval, and is lent again only there, until 2/3 of
its life is over; then the next call gets a fresh one, and where a call still runs on it, it is prolonged. It is in the
ledger before its provider hears of it and until it is revoked, whether by the session's end, by its own, by its
approval's, or by the sweep after a crash. What runs on a lease that is taken back before its end is cut. A revocation
that fails is tried again.
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
from adapter_asgi.approvals.asked import moment
from adapter_asgi.credentials.lease import CredentialError, CredentialProvider, Lease, Wanted
from adapter_asgi.credentials.ledger import Ledger, Out
from adapter_asgi.credentials.unsafe_static import UnsafeStatic
from adapter_asgi.running import Running

__all__ = ["Broker", "Evidence"]

_RENEW_AT = 2 / 3

_log = logging.getLogger(__name__)


class Evidence(Protocol):
    """What the broker needs of `recorder.Log`."""

    def submit(self, entry: recorder.Entry) -> Any:
        """A `concurrent.futures.Future` that is done when the entry is durable."""


@dataclass(frozen=True, slots=True)
class _Held:
    """A lease that may be lent. `latest` is how long whoever asked last may have one (Unix seconds)."""

    lease: Lease
    seconds: int
    renew_at: float
    latest: float


class Broker:
    """All leases of the process. `clock()` is Unix seconds; `until(id)` is the end of an approval for a time, or None.

    `running` knows which leases are in use.
    """

    def __init__(
        self,
        providers: Mapping[str, CredentialProvider],
        ledger: Ledger,
        log: Evidence,
        clock: Callable[[], float] = time.time,
        *,
        until: Callable[[str], float | None] = lambda _: None,
        running: Running | None = None,
    ) -> None:
        self._providers = providers
        self._ledger = ledger
        self._log = log
        self._clock = clock
        self._until = until
        self._running = running or Running()
        self._held: dict[tuple[str, ...], _Held] = {}
        self._aside: dict[str, _Held] = {}  # by id: a fresh one took their place, but a call may run on them still
        self._making: dict[tuple[str, ...], asyncio.Lock] = {}
        self._ended: set[str] = set()

    async def lease(
        self, grant: policy_lang.Grant, principal: gate.Principal, session: str, approval: str = ""
    ) -> Lease:
        """A credential for this session, or for the `approval` that was spent on the call.

        Raises `CredentialError` CRED01 (no such profile), CRED02 (no time left).
        """
        provider = self._providers.get(grant.profile)
        if provider is None:
            help_ = f"add [grant.{grant.profile}] to hoopgate.toml"
            raise CredentialError("CRED01", f'no credential is configured for grant "{grant.profile}"', help_)
        key = (session, grant.profile, principal.issuer, principal.subject, approval)
        async with self._making.setdefault(key, asyncio.Lock()):
            latest = self._latest(principal, approval)
            held = self._held.get(key)
            if held is None or self._clock() >= held.renew_at:
                wanted = Wanted(secrets.token_hex(8), self._least(grant, latest), principal, session)
                fresh = await self._make(provider, wanted, approval, latest)
                if held is not None:
                    self._aside[held.lease.id] = held
                    fresh = replace(fresh, lease=replace(fresh.lease, renews=held.lease.id))
                held = fresh
            held = self._held[key] = replace(held, latest=latest)
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

    async def end_approval(self, approval: str) -> tuple[str, ...]:
        """An approval was taken back: so is everything that was lent on it; recorded here."""
        outs = [out for out in self._ledger.all() if out.approval == approval]
        return await self._revoke(outs, "revoked")

    async def sweep(self, *, everything: bool = False) -> tuple[str, ...]:
        """Prolong what is in use and take back what has run out, or after a crash all of the ledger; recorded here."""
        if not everything:
            await self._prolong()
        now = self._clock()
        outs = [out for out in self._ledger.all() if everything or out.expires <= now or out.id in self._ended]
        return await self._revoke(outs, "interrupted" if everything else "expired")

    async def close(self) -> None:
        """Take everything back."""
        await self._revoke(self._ledger.all(), "stopped")

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _make(self, provider: CredentialProvider, wanted: Wanted, approval: str, latest: float) -> _Held:
        now = self._clock()
        out = Out(wanted.id, wanted.grant.profile, wanted.session, now + wanted.seconds, {}, approval)
        self._ledger.put(out)

        def remember(handle: Mapping[str, Any]) -> None:
            nonlocal out
            out = replace(out, handle=handle)
            self._ledger.put(out)

        try:
            lease = await provider.lease(wanted, remember)
            _check_headers(lease, wanted)
        except BaseException:
            self._ended.add(wanted.id)  # the next sweep ends whatever there is of it
            raise
        ends = min(now + wanted.seconds, lease.expires.timestamp() if lease.expires else latest)
        self._ledger.put(replace(out, expires=ends))
        return self._keep(replace(lease, expires=datetime.fromtimestamp(ends, UTC)), wanted.seconds, ends, latest)

    def _keep(self, lease: Lease, seconds: int, ends: float, latest: float) -> _Held:
        now = self._clock()
        return _Held(lease, seconds, now + (ends - now) * _RENEW_AT, latest)

    async def _prolong(self) -> None:
        """What a call runs on at 2/3 of its life lives on, as long as the rule, the token and the provider allow."""
        now = self._clock()
        outs = {out.id: out for out in self._ledger.all()}
        for place, key, held in self._all_held():
            out = outs.get(held.lease.id)
            ends = min(now + held.seconds, held.latest)
            if out is None or now < held.renew_at or held.lease.id not in self._running or ends <= out.expires:
                continue
            try:
                told = await self._providers[out.profile].prolong(out.handle, int(ends - now))
            except CredentialError as error:
                _log.warning("lease %s of grant %s cannot be prolonged: %s", out.id, out.profile, error.message)
                continue
            if told is not None and place.get(key) is held:
                ends = min(ends, told.timestamp())
                self._ledger.put(replace(out, expires=ends))
                lease = replace(held.lease, expires=datetime.fromtimestamp(ends, UTC))
                place[key] = self._keep(lease, held.seconds, ends, held.latest)
                await self._record("lease.renewed", out, {"expires": moment(ends), "seconds": int(ends - now)})

    def _all_held(self) -> list[tuple[dict[Any, _Held], Any, _Held]]:
        return [(place, key, held) for place in (self._held, self._aside) for key, held in place.items()]

    async def _revoke(self, outs: Iterable[Out], cause: str) -> tuple[str, ...]:
        taken = []
        for out in outs:
            self._forget(out.id)
            if cause != "expired":
                self._running.cut(
                    out.id, f'The credential of grant "{out.profile}" that the call runs on was taken back.'
                )
            try:
                await self._provider_of(out).revoke(out.handle)
            except CredentialError as error:
                self._ended.add(out.id)
                _log.warning("lease %s of grant %s cannot be revoked yet: %s", out.id, out.profile, error.message)
                continue
            if cause:
                await self._record("lease.revoked", out, {"cause": cause})
            self._ledger.drop(out.id)
            self._ended.discard(out.id)
            taken.append(out.id)
        return tuple(taken)

    def _provider_of(self, out: Out) -> CredentialProvider:
        """Raises `CredentialError` while a lease is out that cannot be taken back: CRED01 where its table was taken
        from the configuration, CRED06 where the key to what was remembered of it is another.
        """
        if out.profile in self._providers and not out.lost:
            return self._providers[out.profile]
        if out.expires <= self._clock():
            return UnsafeStatic({})  # it has ended by itself
        if out.lost:
            help_ = "bring back the key that belongs to this state; without it the lease ends by itself"
            raise CredentialError("CRED06", "what was remembered of the lease cannot be read with this key", help_)
        raise CredentialError("CRED01", f"[grant.{out.profile}] is gone from hoopgate.toml; the lease ends by itself")

    def _forget(self, id_: str) -> None:
        for place, key, held in self._all_held():
            if held.lease.id == id_:
                del place[key]

    async def _record(self, kind: str, out: Out, more: Mapping[str, Any]) -> None:
        metadata = {
            "lease": out.id,
            "grant": out.profile,
            **({"approval": out.approval} if out.approval else {}),
            **more,
        }
        await asyncio.wrap_future(self._log.submit(recorder.Entry(kind, out.session, metadata)))

    def _latest(self, principal: gate.Principal, approval: str) -> float:
        """No lease outlives the token that asked for it, nor the approval that it was lent on."""
        token = float("inf") if principal.expires is None else principal.expires.timestamp()
        window = self._until(approval) if approval else None
        return min(token, float("inf") if window is None else window)

    def _least(self, grant: policy_lang.Grant, latest: float) -> policy_lang.Grant:
        left = latest - self._clock()
        if left <= 0:
            raise CredentialError("CRED02", "the caller's token has ended", "ask the CI for a fresh one")
        return replace(grant, seconds=max(1, int(min(grant.seconds, left))))


def _check_headers(lease: Lease, wanted: Wanted) -> None:
    """A secret that is no header's value (RFC 9110 section 5.5) is not the provider's to give. Raises CRED04."""
    for name, value in lease.headers:
        if not (value.isascii() and value.isprintable() and value and value.strip() == value):
            message = f'what grant "{wanted.grant.profile}" gives cannot stand in the header {name}'
            raise CredentialError("CRED04", message)
