"""What one exchange knows so far. The handlers of its events read and write it; nobody else sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gate.effects import Effect, Record
from gate.events import ClientRequest
from gate.messages import Message
from gate.reply import Reply
from gate.routing import Routing

if TYPE_CHECKING:
    import recorder
    from gate.call import Call
    from gate.inflow import Inflow
    from gate.principal import Principal
    from gate.session import Session

__all__ = ["Case", "Limits", "Snapshot", "grant_of", "waits_for_people"]

_RESUMABLE = frozenset({"tools/call", "prompts/get", "resources/read"})  # what input_required may answer
_NO_REQUEST = ClientRequest((), b"")
_NO_ROUTING = Routing({})
Snapshot = tuple[str, "list[Call]", "set[object] | None"]


@dataclass(frozen=True, slots=True)
class Limits:
    """`message` bytes of one message; `leg` and `hold` seconds a client waits for people; `rounds` legs at most."""

    message: int = 64 << 20
    leg: float = 45.0
    hold: float = 50.0
    rounds: int = 9


class Case:
    """One exchange's state. `out` gathers the effects of the event that is being handled."""

    __slots__ = (
        "approval", "calls", "digest", "entered", "idle", "inflow", "ledger", "limits", "messages", "now", "out",
        "principal", "reply", "request", "rewritten", "rounds", "routing", "session", "state", "steps", "tool",
        "unrecordable", "upstream_open", "waited",
    )  # fmt: skip

    def __init__(self, principal: Principal, session: Session, now: datetime, limits: Limits) -> None:
        self.state = "new"
        self.principal, self.session, self.now, self.limits = principal, session, now, limits
        self.ledger = session.ledger
        self.out: list[Effect] = []
        self.reply = Reply(self.out)
        self.request: ClientRequest = _NO_REQUEST
        self.routing: Routing = _NO_ROUTING
        self.rewritten = False  # the messages are no longer the bytes that came
        self.messages: list[Message] = []
        self.calls: list[Call] = []  # those that may go on
        self.entered: list[Any] = []  # ids of requests that this exchange holds open in the session
        self.idle = False  # a notification went no further, which is no error
        self.approval = self.digest = self.tool = ""
        self.rounds = self.steps = 0
        self.waited = 0.0
        self.inflow: Inflow | None = None
        self.upstream_open = False
        self.unrecordable = False  # nothing can be recorded any more, so nothing more is asked to be

    def record(self, *entries: recorder.Entry) -> None:
        """Ask for these entries to be durable before anything that is asked for after them."""
        if not self.unrecordable:
            self.out += map(Record, entries)

    def enter(self, key: Any) -> None:
        """Hold the request of this id open in the session, until the exchange is over."""
        self.session.underway.enter(key)
        self.entered.append(key)

    def leave(self) -> None:
        """Nothing of this exchange is open any more."""
        self.session.underway.leave(self.entered)
        self.entered.clear()

    def comes_back(self, call: Call) -> bool:
        """Whether the client may be sent away with a state, to come back on its own."""
        return self.routing.modern and call.method in _RESUMABLE

    def snapshot(self) -> Snapshot:
        """What `restore` needs to take back what an event has changed."""
        unanswered = None if self.inflow is None else self.inflow.state()
        return self.reply.started, [call for call in self.calls if not call.ended], unanswered

    def restore(self, before: Snapshot) -> None:
        """Nothing of what this event had caused was performed."""
        self.out.clear()
        self.reply.started, open_calls, unanswered = before
        for call in open_calls:
            call.ended = False
        if self.inflow is not None and unanswered is not None:
            self.inflow.restore(unanswered)


def waits_for_people(call: Call) -> bool:
    """Whether the decision asks people."""
    return call.decision.effect == "approval" and not call.housekeeping


def grant_of(call: Call) -> Any:
    """The credential that the decision lends, or None."""
    return None if call.housekeeping else call.decision.grant
