"""Whose session is whose. A session id that the client holds is authenticated: it cannot be guessed, made or lent."""

from __future__ import annotations

import hmac
import os
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

import gate
import policy_lang
from adapter_asgi.errors import AdapterError
from gate.seal import Sealer

__all__ = ["SessionError", "SessionRegistry"]


class SessionError(AdapterError):
    """A session id that is not this caller's, or that names nothing any more. `status` is the HTTP status."""

    def __init__(self, code: str, message: str, help: str = "", *, status: int) -> None:  # noqa: A002
        super().__init__(code, message, help)
        self.status = status


class SessionRegistry:
    """All sessions of the process. `secret` (32 bytes) outlives it, so that after a restart an id is known to be old.

    An id is 16 random bytes and their HMAC-SHA256 under the secret, the server and the caller, in hex: a forged or a
    lent one is told from one that has ended. A session idles `idle` seconds at most; `limit` sessions at once.
    `locks` holds the locked tools by server. `mark` (hexadecimal digits) ends the random bytes of each id given here.
    """

    def __init__(
        self,
        secret: bytes,
        ner: Any,
        *,
        idle: float = 900.0,
        limit: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
        locks: Mapping[str, gate.ServerLock] | None = None,
        mark: str = "",
    ) -> None:
        self._end = mark
        self._locks = dict(locks or {})
        self._secret, self._ner, self._idle, self._limit, self._clock = secret, ner, idle, limit, clock
        self._held: dict[str, gate.Session] = {}  # by the client's id
        self._runs: dict[tuple[str, ...], gate.Session] = {}  # where the protocol has no session: by caller and run

    def __len__(self) -> int:
        return len(self._held) + len(self._runs)

    def begin(self, principal: gate.Principal, server: str, policy: policy_lang.Policy) -> gate.Session:
        """A session for `initialize`; kept only once the upstream has given one too (`keep`)."""
        session = self._make(principal, server, policy)
        session.client_id = self._mint(principal, server)
        return session

    def keep(self, session: gate.Session) -> None:
        """From now on the client's id finds it."""
        if session.client_id is not None:
            self._held[session.client_id] = session

    def find(self, client_id: str, principal: gate.Principal, server: str, policy: policy_lang.Policy) -> gate.Session:
        """The session of this id. Raises SessionError SES01 (not this caller's, 400), SES02 (over, 404)."""
        if not self._is_ours(client_id, principal, server):
            raise SessionError("SES01", "This session id was not given to this caller.", "Initialize anew.", status=400)
        session = self._held.get(client_id)
        if session is None:
            raise SessionError("SES02", "This session is over.", "Initialize anew.", status=404)
        return self._use(session, principal, policy)

    def of_run(self, principal: gate.Principal, server: str, policy: policy_lang.Policy) -> gate.Session:
        """The session of the caller's run, where the client holds no session id."""
        key = (server, *_who(principal))
        session = self._runs.get(key)
        if session is None:
            session = self._runs[key] = self._make(principal, server, policy)
        return self._use(session, principal, policy)

    def lock(self, locks: Mapping[str, gate.ServerLock]) -> None:
        """From now on these tools are locked, in the sessions that there are as well."""
        self._locks = dict(locks)
        for session in self.all():
            session.lock = self._locks.get(session.server)

    def drop(self, session: gate.Session) -> bool:
        """It is over: the id finds it no more. Whether it did until now."""
        found = session.client_id is not None and self._held.pop(session.client_id, None) is not None
        for key, held in list(self._runs.items()):
            if held is session:
                del self._runs[key]
                found = True
        return found

    def idle(self) -> list[gate.Session]:
        """The sessions that nobody has used for too long."""
        latest = self._clock() - self._idle
        return [session for session in self.all() if not session.open_exchanges and session.last_used < latest]

    def all(self) -> list[gate.Session]:
        """Every session."""
        return [*self._held.values(), *self._runs.values()]

    def _use(self, session: gate.Session, principal: gate.Principal, policy: policy_lang.Policy) -> gate.Session:
        session.last_used = self._clock()
        session.adopt(principal, policy)
        return session

    def _make(self, principal: gate.Principal, server: str, policy: policy_lang.Policy) -> gate.Session:
        if len(self) >= self._limit:
            raise SessionError("SES03", "The gate holds as many sessions as it may.", "Try again later.", status=503)
        sealer = Sealer(self._secret, server, *_who(principal))
        return gate.Session(
            id=secrets.token_hex(16),
            server=server,
            principal=principal,
            policy=policy,
            key=os.urandom(32),
            sealer=sealer,
            ner=self._ner,
            lock=self._locks.get(server),
            last_used=self._clock(),
        )

    def _mint(self, principal: gate.Principal, server: str) -> str:
        start = secrets.token_hex(16)
        start = start[: len(start) - len(self._end)] + self._end
        return start + self._mark(start, principal, server)

    def _is_ours(self, client_id: str, principal: gate.Principal, server: str) -> bool:
        start = client_id[:32]
        mark = self._mark(start, principal, server)
        return hmac.compare_digest(client_id[32:].encode("utf-8", "replace"), mark.encode())

    def _mark(self, start: str, principal: gate.Principal, server: str) -> str:
        words = "\0".join(("hoopgate session", start, server, *_who(principal)))
        return hmac.digest(self._secret, words.encode("utf-8", "replace"), "sha256").hex()[:32]


def _who(principal: gate.Principal) -> tuple[str, ...]:
    return principal.issuer, principal.subject, principal.run or ""
