"""The desk at which calls wait for people: submit, wait, decide, consume.

Strategy: the store is the state, the log is the evidence. A decision is recorded durably *before* it takes effect, a
consumption takes effect *before* it is recorded: whatever moment a crash picks, nothing runs on a word without record,
and nothing runs twice. Changes are serialised by one lock; waiting holds nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any, Protocol

import gate
import recorder
from adapter_asgi.approvals.asked import DECIDED, Asked, Ticket, Word, moment, spell
from adapter_asgi.approvals.error import ApprovalError
from adapter_asgi.approvals.freeze import Freeze
from adapter_asgi.approvals.people import Approver, People
from adapter_asgi.approvals.question import asked_of, call_key, question_of
from adapter_asgi.approvals.rulebook import BREAK_GLASS, check_word, may_break_glass, may_decide, may_review
from adapter_asgi.approvals.store import ApprovalStore

__all__ = ["ApprovalDesk", "Evidence", "Freeze", "Listener"]


Listener = Callable[[str, Asked], None]
"""Is told what happened to an approval (requested, approved, refused, revoked, void, break-glass). Must not block."""

_MOST_PENDING = 25
"""Calls of one caller that may wait at once, so that approvers are not worn down."""

_VOID = {"policy": "the policy that asked for it changed", "tool": "the tool that it is for changed"}

_log = logging.getLogger(__name__)


class Evidence(Protocol):
    """What the desk needs of `recorder.Log`."""

    def submit(self, entry: recorder.Entry) -> Any:
        """A `concurrent.futures.Future` that is done when the entry is durable."""


class ApprovalDesk:
    """One for the whole process. `clock()` is Unix seconds; `proven` refuses words whose independence is not proven.

    Where several processes share the store, `changing` lets one of them at a time change it, and `news` is called
    after each change, to have the others look.
    """

    def __init__(
        self,
        store: ApprovalStore,
        log: Evidence,
        people: People,
        *,
        proven: bool = False,
        freezes: Sequence[Freeze] = (),
        listeners: Sequence[Listener] = (),
        clock: Callable[[], float] = time.time,
        changing: AbstractAsyncContextManager[Any] | None = None,
        news: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._log = log
        self._people = people
        self._proven = proven
        self._freezes = freezes
        self._listeners = [*listeners]
        self._clock = clock
        self._changing = changing or asyncio.Lock()
        self._news = news
        self._changed: dict[str, asyncio.Event] = {}

    # --- for the gate -------------------------------------------------------------------------------------------------

    async def submit(self, hold: gate.Hold) -> Ticket:
        """The ticket of this call: of the identical call's approval where there is one, else of a new request."""
        async with self._changing:
            await self._expire()
            found = self._standing(hold)
            if found is not None:
                self._store.set_tool(found.id, hold.tool)
                return _ticket(found)
            await self._void_others(hold)
            found = asked_of(hold, self._clock())
            if self._store.pending_of(found.requester.key) >= _MOST_PENDING:
                return Ticket("", "refused", reason=f"{_MOST_PENDING} calls of this caller wait already")
            await self._record("approval.requested", found, payload=question_of(found))
            self._store.add(found)
        self._tell("requested", found)
        return _ticket(found)

    async def wait(self, id_: str, timeout: float) -> Ticket:  # noqa: ASYNC109 (the gate gives up, not the desk)
        """The ticket once it is decided, or as it stands after so many seconds. Raises `ApprovalError` APR01."""
        asked = self._get(id_)
        if asked.state != "pending":
            return _ticket(asked)
        event = self._changed.setdefault(id_, asyncio.Event())
        try:
            async with asyncio.timeout(max(0.0, min(timeout, asked.expires - self._clock()))):
                await event.wait()
        except TimeoutError:
            await self.sweep()
        return _ticket(self._get(id_))

    async def consume(self, id_: str, digest: str) -> bool:
        """Spend the approval on this very call. True once that is in the evidence; false if it cannot be spent."""
        async with self._changing:
            asked = self._store.get(id_)
            if asked is None or self._frozen(asked) or not self._store.consume(id_, digest, self._clock()):
                return False
            await self._record("approval.consumed", asked, {"approvers": [word.approver for word in asked.words]})
        return True

    def until(self, id_: str) -> float | None:
        """The end of an approval that was given for a time (Unix seconds); None for one that is for one call."""
        asked = self._store.get(id_)
        return None if asked is None or asked.lasts is None else asked.expires

    # --- for people ---------------------------------------------------------------------------------------------------

    async def newest(self, limit: int, before: float | None = None) -> list[Asked]:
        """The newest approvals that do not wait any more; `before` a moment of creation, to go on from."""
        return self._store.newest(limit, before)

    async def list(self, states: Iterable[str] = ()) -> list[Asked]:
        """Every approval, oldest first."""
        await self.sweep()
        return self._store.all(states)

    async def show(self, id_: str) -> Asked:
        """One approval with its arguments. Raises `ApprovalError` APR01."""
        await self.sweep()
        return self._get(id_)

    async def approve(self, id_: str, approver: Approver, reason: str = "") -> Asked:
        """Count this person's word; they may say why. Raises `ApprovalError` (see `rulebook.may_decide`)."""
        async with self._changing:
            await self._expire()
            asked = self._get(id_)
            groups = may_decide(asked, approver, self._people)
            check_word(asked, approver, self._people, proven=self._proven)
            self._refuse_frozen()
            word = self._word(asked, approver, groups)
            after = replace(asked, words=(*asked.words, word))
            extra = {"groups": list(groups), "given": len(after.words), **_by(approver)}
            about: dict[str, Any] = {"ids": list(approver.ids), "independence": word.independence}
            if reason.strip():
                about["reason"] = reason
            await self._record("approval.given", asked, extra, about)
            self._store.add_word(id_, word, None if after.unmet() else self._usable_until(asked))
            self._wake(id_)
        return self._told("approved", id_)

    async def refuse(self, id_: str, approver: Approver, reason: str) -> Asked:
        """End it, finally, with a reason. Raises `ApprovalError`; APR08 when there is no reason."""
        return await self._end(id_, approver, reason, ("pending",), "refused")

    async def revoke(self, id_: str, approver: Approver, reason: str) -> Asked:
        """Take an approval back, used or not. What runs on it is ended by the listeners. Raises `ApprovalError`."""
        return await self._end(id_, approver, reason, ("approved", "consumed"), "revoked")

    async def break_glass(self, id_: str, approver: Approver, reason: str) -> Asked:
        """Approve alone in an emergency, whatever is frozen: it is told at once, and reviewed later.

        Raises `ApprovalError`, APR08 when there is no reason.
        """
        _need(reason)
        async with self._changing:
            await self._expire()
            asked = self._get(id_)
            may_break_glass(asked, approver, self._people)
            word = self._word(asked, approver, tuple(group for demand in asked.demands for group in demand.groups))
            about = {"ids": list(approver.ids), "independence": word.independence, "reason": reason}
            await self._record("approval.given", asked, {"cause": BREAK_GLASS, **_by(approver)}, about)
            self._store.move(id_, ("pending",), "pending", review="due", reason=reason)
            self._store.add_word(id_, word, self._usable_until(asked))
            self._wake(id_)
        _log.warning("the glass was broken: approval %s of %s by %s", id_, asked.command, approver.name)
        return self._told(BREAK_GLASS, id_)

    async def review(self, id_: str, approver: Approver) -> Asked:
        """Sign off a broken glass. Raises `ApprovalError` (see `rulebook.may_review`)."""
        async with self._changing:
            asked = self._get(id_)
            may_review(asked, approver, self._people)
            await self._record("review", asked, _by(approver))
            self._store.mark_reviewed(id_)
        return self._get(id_)

    def concerns(self, asked: Asked, approver: Approver) -> bool:
        """Whether somebody of one of the groups that are asked is looking."""
        wanted = {group for demand in asked.demands for group in demand.groups} | {BREAK_GLASS}
        return not wanted.isdisjoint(self._people.groups_of(approver))

    async def record_reading(self, asked: Asked, who: str, reason: str = "", *, via: str) -> None:
        """Somebody saw the call unmasked; on the page they said why."""
        by = {"who": who, "action": "reveal", "via": via}
        await self._record("read", asked, by, {"reason": reason} if reason else None)

    async def sweep(self) -> None:
        """Expire what has run out of time."""
        async with self._changing:
            await self._expire()

    def look(self) -> Sequence[tuple[str, str]]:
        """Wake whoever waits for what another process decided; what changed since the last look, and to what."""
        moved = self._store.moved()
        for id_, _ in moved:
            self._wake_here(id_)
        return moved

    async def adopt(self, digest: Callable[[Asked], str | None]) -> tuple[str, ...]:
        """Another policy is in force: void what it decides otherwise (`digest` of the call under it differs)."""
        void = []
        async with self._changing:
            await self._expire()
            for asked in self._store.all(("pending", "approved")):
                if digest(asked) != asked.digest:
                    await self._void(asked, "policy")
                    void.append(asked.id)
        for id_ in void:
            self._told("void", id_)
        return tuple(void)

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _end(self, id_: str, approver: Approver, reason: str, states: Sequence[str], after: str) -> Asked:
        _need(reason)
        async with self._changing:
            await self._expire()
            asked = self._get(id_)
            may_decide(asked, approver, self._people, states)
            await self._record(f"approval.{after}", asked, _by(approver), {"reason": reason})
            self._store.move(id_, states, after, decider=approver.name, reason=reason)
            self._wake(id_)
        return self._told(after, id_)

    def _told(self, event: str, id_: str) -> Asked:
        asked = self._get(id_)
        self._tell(event, asked)
        return asked

    def _tell(self, event: str, asked: Asked) -> None:
        for listener in self._listeners:
            listener(event, asked)

    def listen(self, listener: Listener) -> None:
        """Tell this one too of what happens from now on."""
        self._listeners.append(listener)

    def _refuse_frozen(self) -> None:
        for freeze in self._freezes:
            if freeze.holds(self._clock()):
                help_ = "wait for its end; in an emergency: `hoopgate approvals break-glass`"
                raise ApprovalError("APR11", f"nothing is approved until {moment(freeze.end)} (a freeze window)", help_)

    def _frozen(self, asked: Asked) -> bool:
        return not asked.review and any(freeze.holds(self._clock()) for freeze in self._freezes)

    def _get(self, id_: str) -> Asked:
        asked = self._store.get(id_)
        if asked is None:
            raise ApprovalError("APR01", f"there is no approval {id_[:64]!r}", "`hoopgate approvals list` shows them")
        return asked

    def _standing(self, hold: gate.Hold) -> Asked | None:
        """What already stands for the identical call: this run's refusal, whoever asked since, or an open approval."""
        run = hold.principal.run or hold.session
        found = self._store.of_digest(hold.digest)
        for asked in found:
            if asked.state == "refused" and asked.run == run:
                return asked
        open_ = next((asked for asked in found if asked.state in ("pending", "approved")), None)
        return None if open_ is None or _differ(open_.tool, hold.tool) else open_

    async def _void_others(self, hold: gate.Hold) -> None:
        """The same call under another slice of the policy: what was asked or given for it holds no more."""
        for asked in self._store.of_call(call_key(hold)):
            await self._void(asked, "tool" if _differ(asked.tool, hold.tool) else "policy")

    async def _void(self, asked: Asked, cause: str) -> None:
        await self._record("approval.void", asked, {"cause": cause})
        self._store.move(asked.id, ("pending", "approved"), "void", reason=_VOID[cause])
        self._wake(asked.id)

    async def _expire(self) -> None:
        for asked in self._store.due(self._clock()):
            await self._record("approval.expired", asked)
            self._store.move(asked.id, ("pending", "approved"), "expired", reason="its time ran out")
            self._wake(asked.id)

    def _usable_until(self, asked: Asked) -> float:
        return self._clock() + (asked.lasts or min(demand.within for demand in asked.demands))

    def _word(self, asked: Asked, approver: Approver, groups: tuple[str, ...]) -> Word:
        independence = self._people.independence(asked.requester.ids, approver.ids)
        return Word(approver.name, approver.names, groups, approver.local, approver.user, independence, self._clock())

    def _wake(self, id_: str) -> None:
        self._wake_here(id_)
        self._news()

    def _wake_here(self, id_: str) -> None:
        event = self._changed.pop(id_, None)
        if event is not None:
            event.set()

    async def _record(
        self, kind: str, asked: Asked, extra: dict[str, Any] | None = None, payload: dict[str, Any] | None = None
    ) -> None:
        metadata = {
            "approval": asked.id,
            "call": asked.call,
            "server": asked.server,
            "command": asked.command,
            "rules": list(asked.rules),
            "policy": asked.policy,
            "subject": asked.requester.subject,
            "issuer": asked.requester.issuer,
            "run": asked.run,
            "expires": moment(asked.expires),
            **(extra or {}),
        }
        body = spell(payload).encode("ascii") if payload is not None else None
        entry = recorder.Entry(kind, asked.session, metadata, payload=body)
        await asyncio.wrap_future(self._log.submit(entry))


def _ticket(asked: Asked) -> Ticket:
    return Ticket(
        id=asked.id,
        state=asked.state,
        approvers=tuple(word.approver for word in asked.words),
        reason=asked.reason or ("" if asked.state not in DECIDED else f"the approval is {asked.state}"),
        decider=asked.decider,
        expires=asked.expires,
        demands=asked.unmet() or asked.demands,
    )


def _differ(one: str, other: str) -> bool:
    """Whether two fingerprints, both known, are of different tools."""
    return bool(one and other) and one != other


def _by(approver: Approver) -> dict[str, Any]:
    """Who decided, and how that is known."""
    about = {"approver": approver.name, "asserted": "local" if approver.local else "oidc"}
    known = {"user": approver.user, "via": approver.via}
    return {**about, **{name: value for name, value in known.items() if value}}


def _need(reason: str) -> None:
    if not reason.strip():
        raise ApprovalError("APR08", "this needs a reason", 'say why: --reason "…"')
