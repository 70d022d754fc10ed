"""What can happen to an exchange. Plain data: whoever drives the gate makes them, `Exchange.receive` takes them.

Headers are pairs of strings, names in lower case, in the order and number in which they came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from datetime import datetime

from gate.plain import plain

__all__ = [
    "ApprovalConsumed",
    "ApprovalGiven",
    "ApprovalPending",
    "ApprovalRefused",
    "ApprovalWaiting",
    "ClientGone",
    "ClientRequest",
    "Event",
    "LeaseFailed",
    "Leased",
    "LimitReached",
    "LimitsHeld",
    "RecordFailed",
    "Revoked",
    "SessionOver",
    "UpstreamAnswered",
    "UpstreamData",
    "UpstreamEnded",
    "UpstreamFailed",
    "UpstreamStarted",
]

Headers = Sequence[tuple[str, str]]


@plain
class ClientRequest:
    """The client's whole HTTP request; `peer` is its address, "" where there is none."""

    headers: Headers
    body: bytes
    method: str = "POST"
    peer: str = ""


@plain
class ApprovalGiven:
    """The people have agreed. The exchange decides anew and, if nothing changed, asks for `Consume`."""

    approval: str
    approvers: tuple[str, ...]


@plain
class ApprovalConsumed:
    """`Consume` succeeded: the approval is spent on this call and on no other."""

    approval: str


@plain
class ApprovalWaiting:
    """Nobody has decided yet, `elapsed` seconds after the hold began; sent every few seconds while the client waits."""

    approval: str
    elapsed: float


@plain
class ApprovalRefused:
    """A person refused, or the approval expired, was spent by another call, or was revoked: `reason` says which."""

    approval: str
    reason: str
    approver: str = ""


@plain
class ApprovalPending:
    """`Hold.wait` seconds have passed and nobody has decided; the client is told how to come back."""

    approval: str


@plain
class Leased:
    """A credential for the upstream: headers that `Forward` adds, an id for the records, and its end (UTC).

    `renews` is the id of the one that it takes the place of, "" where it is the first.
    """

    headers: Headers = field(repr=False)
    lease_id: str
    expires: datetime | None = None
    renews: str = ""


@plain
class LeaseFailed:
    """No credential could be had; `message` holds no secret."""

    message: str


@plain
class LimitsHeld:
    """The call is within every budget, and counted. `left` is how many bytes of results it may show; None: any."""

    left: int | None = None


@plain
class LimitReached:
    """A budget of the policy is spent; `rule` is the rule that sets it, `message` says which and until when."""

    rule: str
    message: str


@plain
class UpstreamStarted:
    """The upstream's status and headers."""

    status: int
    headers: Headers


@plain
class UpstreamData:
    """Some bytes of the upstream's body, cut anywhere."""

    data: bytes = field(repr=False)


@plain
class UpstreamEnded:
    """The upstream's body is complete."""


@plain
class UpstreamAnswered:
    """The upstream's whole answer, where it came at once: its start, its data and its end in one."""

    status: int
    headers: Headers
    body: bytes = field(repr=False)


@plain
class UpstreamFailed:
    """The upstream could not be reached, broke off, or took too long; `message` is fit for the client."""

    message: str


@plain
class RecordFailed:
    """An entry could not be made durable: nothing more is forwarded or released."""

    message: str


@plain
class Revoked:
    """What the call runs on (its approval, its credential) was taken back: nothing more of the answer passes.

    `message` says what and why, fit for the client.
    """

    message: str


@plain
class SessionOver:
    """The client has ended the session (DELETE) that the call belongs to: nothing more of the answer passes."""


@plain
class ClientGone:
    """The client closed its side before the answer was complete."""


Event = (
    ClientRequest
    | ApprovalGiven
    | ApprovalConsumed
    | ApprovalWaiting
    | ApprovalRefused
    | ApprovalPending
    | Leased
    | LeaseFailed
    | LimitsHeld
    | LimitReached
    | RecordFailed
    | Revoked
    | SessionOver
    | UpstreamStarted
    | UpstreamData
    | UpstreamEnded
    | UpstreamAnswered
    | UpstreamFailed
    | ClientGone
)
