"""The gate, without I/O: one exchange between a client and an MCP server as events in, effects out.

    exchange = gate.open(principal, session, now)
    for effect in exchange.receive(ClientRequest(headers, body)):  # Record | Hold | Lease | Forward | Send | Close …
        perform(effect)

`adapter_asgi/pump.py` is the reference for `perform`; docs/how-to/embed.md walks through it.
"""

from datetime import datetime

from gate.binding import digest_under
from gate.case import Limits
from gate.effects import (
    Answer,
    CancelUpstream,
    Charge,
    Close,
    Consume,
    Effect,
    Forward,
    Hold,
    Lease,
    Record,
    Send,
    Spend,
    Start,
)
from gate.errors import GateError, MalformedError, ProtocolError, RefusedError
from gate.events import (
    ApprovalConsumed,
    ApprovalGiven,
    ApprovalPending,
    ApprovalRefused,
    ApprovalWaiting,
    ClientGone,
    ClientRequest,
    Event,
    Leased,
    LeaseFailed,
    LimitReached,
    LimitsHeld,
    RecordFailed,
    Revoked,
    SessionOver,
    UpstreamAnswered,
    UpstreamData,
    UpstreamEnded,
    UpstreamFailed,
    UpstreamStarted,
)
from gate.exchange import Exchange
from gate.ledger import closing_entries, cut_entries
from gate.lockfile import Lockfile, ServerLock
from gate.principal import Principal
from gate.routing import LEGACY, MODERN
from gate.session import Session

__all__ = [
    "LEGACY",
    "MODERN",
    "Answer",
    "ApprovalConsumed",
    "ApprovalGiven",
    "ApprovalPending",
    "ApprovalRefused",
    "ApprovalWaiting",
    "CancelUpstream",
    "Charge",
    "ClientGone",
    "ClientRequest",
    "Close",
    "Consume",
    "Effect",
    "Event",
    "Exchange",
    "Forward",
    "GateError",
    "Hold",
    "Lease",
    "LeaseFailed",
    "Leased",
    "LimitReached",
    "Limits",
    "LimitsHeld",
    "Lockfile",
    "MalformedError",
    "Principal",
    "ProtocolError",
    "Record",
    "RecordFailed",
    "RefusedError",
    "Revoked",
    "Send",
    "ServerLock",
    "Session",
    "SessionOver",
    "Spend",
    "Start",
    "UpstreamAnswered",
    "UpstreamData",
    "UpstreamEnded",
    "UpstreamFailed",
    "UpstreamStarted",
    "closing_entries",
    "cut_entries",
    "digest_under",
    "open",
]


def open(principal: Principal, session: Session, now: datetime, limits: Limits | None = None) -> Exchange:  # noqa: A001
    """An exchange for one request of `principal`'s in `session`, decided as of `now` (UTC)."""
    return Exchange(principal, session, now, limits or Limits())
