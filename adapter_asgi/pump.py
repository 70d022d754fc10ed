"""The one loop that performs what the gate asks for. This is all that an embedder has to write.

Order is the whole point: nothing after a `Record` is performed before it is durable. The records of one step share one
wait, so that the recorder's group commit is used: a record may be durable early, never late. Everything that waits for
the outside (people, the upstream) can be cut short by the client leaving; records and decrees cannot.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import gate
import recorder
from adapter_asgi.budgets import BudgetError
from adapter_asgi.context import Context
from adapter_asgi.credentials import CredentialError
from adapter_asgi.delivery import Delivery, Message, Send
from adapter_asgi.errors import AdapterError
from adapter_asgi.upstream import Leg, Upstream, UpstreamError

__all__ = ["Pump"]

T = TypeVar("T")
Receive = Callable[[], Awaitable[Message]]
_ANSWERS = ("response", "refusal")  # the records that say what the caller was told
_RELEASES = frozenset[type]({gate.Start, gate.Send, gate.Close})
_NO_APPROVALS = "approvals cannot be reached at the moment"
_NO_LEDGER = "leases cannot be kept at the moment"
_LOG = logging.getLogger("hoopgate")


class _GoneError(Exception):
    """The client has left."""


class _TakenError(Exception):
    """What the call runs on was taken back."""


class _OverError(Exception):
    """The session that the call belongs to was ended."""


class Pump:
    """Drives one exchange from the client's request to its end.

    `renew` gives the session the policy in force: what waited for people is decided anew when they agree.
    """

    def __init__(
        self,
        exchange: gate.Exchange,
        session: gate.Session,
        upstream: Upstream,
        context: Context,
        receive: Receive,
        send: Send,
        renew: Callable[[], Awaitable[None]],
    ) -> None:
        self._exchange, self._session, self._upstream, self._context = exchange, session, upstream, context
        self._receive, self._renew = receive, renew
        self._client = Delivery(send, context.stall, context.receipt)
        self._leg: Leg | None = None
        self._over = self._waiting = False
        self._task: asyncio.Task[Any] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._runs_on: list[str] = []
        self._taken = ""
        self._cutting: asyncio.Future[None] | None = None

    async def run(self, request: gate.ClientRequest) -> None:
        """Until the exchange is done. Raises nothing that the gate knows how to say."""
        self._task = asyncio.current_task()
        watch = self._context.short.begin(self._begin_watch)
        event: gate.Event | None = request
        try:
            while event is not None:
                event = await self._step(event)
        finally:
            if self._exchange.failure:
                _LOG.error("the gate failed on a message and refused it: %s", self._exchange.failure)
            self._context.short.end(watch)
            if self._watching is not None:
                self._watching.cancel()
            if self._runs_on:
                self._context.running.leave(self._runs_on, self.cut)
            self._exchange.close()
            if self._leg is not None:
                await self._leg.close()

    async def _step(self, event: gate.Event) -> gate.Event | None:
        """The effects of one event; the next event, or None at the end."""
        exchange, turns = self._exchange, self._context.turns
        effects = turns.at_once(exchange, self._session.id, event)
        if effects is None:
            effects = await turns.receive(exchange, self._session.id, event)
        try:
            outcome = await self._perform(effects) if effects else None
            if outcome is None and not exchange.done:
                outcome = self._has_come() or await self._read()
            return outcome
        except (recorder.RecorderError, BudgetError) as error:
            if isinstance(event, gate.RecordFailed):
                return None
            return gate.RecordFailed(f"What happens here cannot be recorded ({error.code}), so nothing passes.")
        except _GoneError:
            return None if isinstance(event, gate.ClientGone) else gate.ClientGone()
        except _TakenError:
            return gate.Revoked(self._taken)
        except _OverError:
            return gate.SessionOver()

    # -- effects ---------------------------------------------------------------------------------------------------

    async def _perform(self, effects: Sequence[gate.Effect]) -> gate.Event | None:
        """In order. What is only released is released together, once the records of all of it are durable."""
        outcome: gate.Event | None = None
        entries: list[recorder.Entry] = []
        releases: list[gate.Effect] = []
        for effect in effects:
            kind = effect.__class__
            if kind is gate.Record:
                entries.append(effect.entry)  # type: ignore[union-attr] # a Record, as its class says
            elif kind in _RELEASES:
                releases.append(effect)
            else:
                await self._release(entries, releases)
                entries, releases = [], []
                outcome = await self._do(effect) or outcome
        if entries or releases:
            await self._release(entries, releases)
        return outcome

    async def _release(self, entries: list[recorder.Entry], releases: list[gate.Effect]) -> None:
        """Make these entries durable, in one wait; then release what may be. Raises RecorderError."""
        client = self._client
        if entries:
            client.told = await self._record(entries) or client.told
        pieces: list[bytes] = []
        for effect in releases:
            kind = effect.__class__
            if kind is gate.Send:
                pieces.append(effect.data)  # type: ignore[union-attr] # a Send, as its class says
                continue
            if pieces:
                await client.release(pieces, kind is gate.Close)
            if kind is gate.Start:
                client.begin(effect)  # type: ignore[arg-type] # a Start, as its class says
            else:
                await client.finish()
        if pieces:
            await client.release(pieces, False)

    async def _record(self, entries: list[recorder.Entry]) -> recorder.Receipt | None:
        """The receipt of the last entry that says what the caller was told, where there is one and it is told."""
        context = self._context
        outcome = context.waking.expect(len(entries))
        context.log.submit_to(entries, outcome)
        receipts = await outcome.wait()
        if context.receipt is None:
            return None
        told = [receipt for entry, receipt in zip(entries, receipts, strict=True) if entry.kind in _ANSWERS]
        return told[-1] if told else None

    async def _do(self, effect: gate.Effect) -> gate.Event | None:
        match effect:
            case gate.Forward():
                return await self._forward(effect)
            case gate.Hold():
                return await self._ask(effect)
            case gate.Spend():
                return self._context.budgets.spend(effect.limits, effect.principal, effect.session)
            case gate.Charge():
                self._context.budgets.charge(effect.limits, effect.principal, effect.session, effect.size)
            case gate.Consume():
                return await self._consume(effect)
            case gate.Lease():
                return await self._lease(effect)
            case gate.Answer():
                await self._tell(effect)
            case gate.CancelUpstream():
                await self._cancel()
            case _:
                raise gate.ProtocolError("GT002", f"The pump does not know the effect {type(effect).__name__}.")
        return None

    async def _forward(self, effect: gate.Forward) -> gate.Event:
        try:
            self._leg = await self._interruptible(self._upstream.open(effect, self._session))
        except UpstreamError as error:
            self._context.reach.failed(self._upstream.name, error.code)
            return gate.UpstreamFailed(error.message)
        self._context.reach.answered(self._upstream.name)
        leg = self._leg
        body = leg.whole()
        if body is not None:
            return gate.UpstreamAnswered(leg.status, leg.headers, body)
        return gate.UpstreamStarted(leg.status, leg.headers)

    def _has_come(self) -> gate.Event | None:
        """What the upstream has said already; None where that is nothing, or something is to be done before."""
        if self._client.kept or self._leg is None or self._interruption() is not None:
            return None
        data = self._leg.at_once()
        return None if data is None else gate.UpstreamData(data) if data else gate.UpstreamEnded()

    async def _read(self) -> gate.Event:
        await self._client.flush()
        if self._leg is None:
            raise gate.ProtocolError("GT003", "The exchange waits for an upstream that was never asked.")
        try:
            data = await self._interruptible(self._leg.read())
        except UpstreamError as error:
            return gate.UpstreamFailed(error.message)
        return gate.UpstreamData(data) if data else gate.UpstreamEnded()

    async def _cancel(self) -> None:
        if self._leg is not None:
            leg, self._leg = self._leg, None
            await leg.close()

    async def _tell(self, effect: gate.Answer) -> None:
        with contextlib.suppress(UpstreamError):  # it asked and is gone: the exchange's own leg will say so
            await self._upstream.tell(effect, self._session)

    # -- people, credentials ---------------------------------------------------------------------------------------

    async def _ask(self, hold: gate.Hold) -> gate.Event | None:
        try:
            return await self._hold(hold)
        except AdapterError as error:
            _LOG.error("the approvals cannot be reached: %s", error.message)
            return gate.ApprovalRefused("(none)", _NO_APPROVALS)

    async def _hold(self, hold: gate.Hold) -> gate.Event | None:
        """Wait for people, telling the exchange every few seconds so that the client's connection stays alive.

        The client is watched from here on: what people approve once is not spent on one who has left.
        """
        self._begin_watch()
        begun = time.monotonic()
        ticket = await self._context.desk.submit(hold)
        while ticket.state == "pending":
            left = begun + hold.wait - time.monotonic()
            if left <= 0 or self._context.draining.is_set():
                return gate.ApprovalPending(ticket.id)
            ticket = await self._interruptible(self._context.desk.wait(ticket.id, min(self._context.tick, left)))
            if ticket.state == "pending" and time.monotonic() < begun + hold.wait:
                waiting = gate.ApprovalWaiting(ticket.id, time.monotonic() - begun)
                await self._perform(await self._context.turns.receive(self._exchange, self._session.id, waiting))
                await self._client.flush()
                if self._exchange.done:
                    return None
        if ticket.state in ("approved", "void"):  # void: decided anew, and asked anew where that is what it says
            await self._renew()
            return gate.ApprovalGiven(ticket.id, tuple(ticket.approvers))
        return gate.ApprovalRefused(ticket.id, ticket.reason or ticket.state, ticket.decider)

    async def _consume(self, effect: gate.Consume) -> gate.Event:
        try:
            spent = await self._context.desk.consume(effect.approval, effect.digest)
        except AdapterError as error:
            _LOG.error("the approvals cannot be reached: %s", error.message)
            return gate.ApprovalRefused(effect.approval, _NO_APPROVALS)
        if spent:
            self._depend_on(effect.approval)
            return gate.ApprovalConsumed(effect.approval)
        return gate.ApprovalRefused(effect.approval, "it was spent on another call, or ran out, in the meantime")

    async def _lease(self, effect: gate.Lease) -> gate.Event:
        try:
            lease = await self._context.lender.lease(effect.grant, effect.principal, effect.session, effect.approval)
        except AdapterError as error:
            return gate.LeaseFailed(error.message if isinstance(error, CredentialError) else _NO_LEDGER)
        self._depend_on(lease.id)
        return gate.Leased(tuple(lease.headers), lease.id, lease.expires, lease.renews)

    def _depend_on(self, id_: str) -> None:
        self._context.running.enter(id_, self.cut)
        self._runs_on.append(id_)

    # -- the client leaving, and what it runs on taken back --------------------------------------------------------

    def cut(self, words: str) -> None:
        """End the exchange soon: what it runs on was taken back. The client is told in these words."""
        self._taken = self._taken or words
        self._cut_off()

    def end_session(self) -> asyncio.Task[Any] | None:
        """End the exchange soon: its session was ended. Gives the task that drives it, to be waited for."""
        self._over = True
        self._cut_off()
        return self._task

    def _cut_off(self) -> None:
        if not self._waiting and self._leg is not None:  # the client takes its time; the upstream ends all the same
            self._cutting = asyncio.ensure_future(self._leg.close())
        self._interrupt()

    def _begin_watch(self) -> None:
        """Only for exchanges that take long enough to be left: a task costs more than most of the others do."""
        if self._watching is None:
            self._watching = asyncio.ensure_future(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._client.gone = True
        self._interrupt()

    def _interrupt(self) -> None:
        if self._waiting and self._task is not None:
            self._waiting = False  # a second reason does not cancel a second time
            self._task.cancel()

    def _interruption(self) -> type[Exception] | None:
        return _GoneError if self._client.gone else _TakenError if self._taken else _OverError if self._over else None

    async def _interruptible(self, awaitable: Awaitable[T]) -> T:
        """Await it unless something cuts it short first. Raises _GoneError, _TakenError, _OverError."""
        if (why := self._interruption()) is not None:
            if asyncio.iscoroutine(awaitable):
                awaitable.close()
            raise why
        self._waiting = True
        try:
            return await awaitable
        except asyncio.CancelledError:
            why = self._interruption()
            if why is not None and self._task is not None and self._task.uncancel() == 0:
                raise why from None
            raise
        finally:
            self._waiting = False
