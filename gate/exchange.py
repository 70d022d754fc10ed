"""One exchange: a request of the client's and everything that follows from it, as events in and effects out.

Strategy: every (state, event) that may happen is a row of `TABLE`; a missing row *is* the protocol error. A handler
computes all of its effects before any of them is performed, and whatever it raises, anything at all, ends in the one
handler `_fail`: a refusal and a record, and nothing of what was computed.

The handlers are in `intake` (the client's request), `people` (approvals) and `passage` (budgets, credentials, the
upstream); what they know of the exchange is its `Case`. What is not here: I/O, clocks, authentication (the principal
is an input), how the upstream's messages are masked.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gate import events as ev
from gate import intake, passage, people
from gate.case import Case, Limits, Snapshot
from gate.effects import CancelUpstream, Close, Effect, Start
from gate.errors import GateError, MalformedError, ProtocolError, RefusedError
from gate.refusal import refuse_all

if TYPE_CHECKING:
    from gate.principal import Principal
    from gate.session import Session

__all__ = ["TABLE", "Exchange"]


class Exchange:
    """Made by `gate.open`. Feed it events with `receive`; perform the effects that it returns, in order."""

    __slots__ = ("_case", "failure")

    def __init__(self, principal: Principal, session: Session, now: datetime, limits: Limits) -> None:
        self.failure = ""  # where an unexpected exception came from, for the operator's log: no message, no values
        self._case = Case(principal, session, now, limits)

    def receive(self, event: ev.Event, now: datetime | None = None) -> list[Effect]:
        """The effects that `event` causes, in the order in which they must be performed. Never raises.

        `now` moves the exchange's clock (UTC); without it, time stands still but for what `ApprovalWaiting` says.
        """
        case = self._case
        if now is not None:
            case.now = now
        case.out.clear()
        before = case.snapshot()
        try:
            handler = TABLE.get((case.state, type(event)))
            if handler is None:
                raise ProtocolError("GT001", f"{type(event).__name__} cannot happen in the state {case.state!r}.")
            handler(case, event)
        except Exception as error:  # noqa: BLE001 - the one fail-closed boundary of the gate
            self._fail(error, before)
        if case.entered and case.state == "done":
            case.leave()
        return case.out.copy()

    def close(self) -> None:
        """Nobody drives it any more, done or not: its requests' ids are free again. A second time is nothing."""
        self._case.leave()

    def weight(self, event: ev.Event) -> int:
        """About the bytes that `event` has masked: what a driver with an event loop would rather do in a thread."""
        inflow = self._case.inflow
        if inflow is None:
            return 0
        match event:
            case ev.UpstreamAnswered():
                return inflow.masked(len(event.body))
            case ev.UpstreamData():
                return inflow.weight(event.data)
            case ev.UpstreamEnded():
                return inflow.weight(None)
            case _:
                return 0

    @property
    def state(self) -> str:
        """A row of the table in docs/explanation/gate.md."""
        return self._case.state

    @property
    def done(self) -> bool:
        """Whether nothing more will happen."""
        return self._case.state == "done"

    def _fail(self, error: Exception, before: Snapshot) -> None:
        """Whatever went wrong: refuse, record, release nothing more, and nothing of what this event had caused."""
        case = self._case
        case.restore(before)
        self.failure = _where(error)
        known = error if isinstance(error, (MalformedError, RefusedError)) else None
        try:
            refuse_all(case, known or GateError("GT500", "The gate failed on this message; nothing more of it passes."))
        except Exception:  # noqa: BLE001 - the boundary itself: end without words rather than not at all
            case.out[:] = [CancelUpstream()] if case.upstream_open else []
            if not case.reply.started:
                case.out.append(Start(500, ()))
            case.out.append(Close())
        case.state = "done"


def _where(error: Exception) -> str:
    """The exception's type and where it was raised; "" for what the gate itself refuses. Never its message."""
    if isinstance(error, (MalformedError, RefusedError)):
        return ""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-4:]))
    return f"{type(error).__name__} at {places}"


def _on_unrecorded(case: Case, event: ev.RecordFailed) -> None:
    """Nothing can be recorded, so nothing more happens; this refusal cannot be recorded either."""
    case.unrecordable = True
    refuse_all(case, RefusedError("GT501", event.message, "Ask whoever runs the gate.", rpc_code=5030, status=503))


def _ignore(_: Case, __: ev.Event) -> None:
    """The exchange is over."""


_STATES = ("new", "holding", "spending", "consuming", "leasing", "forwarding", "streaming", "done")

TABLE: dict[tuple[str, type], Callable[[Case, Any], None]] = {
    ("new", ev.ClientRequest): intake.on_request,
    ("holding", ev.ApprovalWaiting): people.on_waiting,
    ("holding", ev.ApprovalGiven): people.on_given,
    ("holding", ev.ApprovalRefused): people.on_refused,
    ("holding", ev.ApprovalPending): people.on_pending,
    ("spending", ev.LimitsHeld): passage.on_held,
    ("spending", ev.LimitReached): passage.on_limit,
    ("consuming", ev.ApprovalConsumed): passage.on_consumed,
    ("consuming", ev.ApprovalRefused): people.on_refused,
    ("leasing", ev.Leased): passage.on_leased,
    ("leasing", ev.LeaseFailed): passage.on_lease_failed,
    ("forwarding", ev.UpstreamStarted): passage.on_started,
    ("forwarding", ev.UpstreamAnswered): passage.on_answered,
    ("forwarding", ev.UpstreamFailed): passage.on_upstream_failed,
    ("streaming", ev.UpstreamData): passage.on_data,
    ("streaming", ev.UpstreamEnded): passage.on_ended,
    ("streaming", ev.UpstreamFailed): passage.on_upstream_failed,
    **{(state, ev.ClientGone): passage.on_gone for state in _STATES[1:-1]},
    **{(state, ev.RecordFailed): _on_unrecorded for state in _STATES[1:-1]},
    **{(state, ev.Revoked): passage.on_revoked for state in _STATES[3:-1]},
    **{(state, ev.SessionOver): passage.on_session_over for state in _STATES[1:-1]},
    ("done", ev.ClientGone): _ignore,
    ("done", ev.Revoked): _ignore,
    ("done", ev.SessionOver): _ignore,
    ("done", ev.RecordFailed): _on_unrecorded,
}
