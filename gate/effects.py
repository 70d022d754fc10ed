"""What an exchange asks for. Plain data: `Exchange.receive` yields effects, the driver performs them, in order.

An effect that follows a `Record` is performed only once that record is durable. Effects that have an outcome say
which events answer them; the outcome goes back through `Exchange.receive` before anything else does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any

from gate.plain import plain

if TYPE_CHECKING:
    import policy_lang
    import recorder
    from gate.principal import Principal

__all__ = [
    "Answer",
    "CancelUpstream",
    "Charge",
    "Close",
    "Consume",
    "Effect",
    "Forward",
    "Hold",
    "Lease",
    "Record",
    "Send",
    "Spend",
    "Start",
]

Headers = Sequence[tuple[str, str]]


@plain
class Record:
    """Make this entry durable before the next effect is performed."""

    entry: recorder.Entry


@plain
class Spend:
    """Count this call against the budgets of its rules. Answered by `LimitsHeld` or `LimitReached`."""

    limits: tuple[policy_lang.Limit, ...]
    principal: Principal
    session: str


@plain
class Charge:
    """Count these bytes of results against the budgets, durably, before anything that follows. It has no answer."""

    limits: tuple[policy_lang.Limit, ...]
    principal: Principal
    session: str
    size: int


@plain
class Hold:
    """Ask people, and wait at most `wait` seconds for them.

    Answered by `ApprovalGiven`, `ApprovalRefused` or, after any number of `ApprovalWaiting`, `ApprovalPending`.
    `digest` is the hex SHA-256 over everything that the approval is bound to (identity.md, "Approvals").
    `requirements` must *all* be met. `arguments` is the JSON value as it was sent, numbers as they were spelled
    (`decimal.Decimal` or int). `reveals` is what a person may be shown beside it. `tool` is the fingerprint of the
    tool's schema, "" where it is not known; `basis` is what `digest_under` needs to tell the digest under another
    policy.
    """

    digest: str
    requirements: tuple[policy_lang.Approval, ...]
    principal: Principal
    session: str
    server: str
    command: str
    arguments: Any = field(repr=False)
    rules: tuple[str, ...]
    policy: str
    call: str = ""
    wait: float = 50.0
    reveals: Mapping[str, Any] = field(default_factory=dict)
    tool: str = ""
    basis: Mapping[str, Any] = field(default_factory=dict, repr=False)


@plain
class Consume:
    """Spend the approval on this call, atomically. Answered by `ApprovalConsumed` or `ApprovalRefused`."""

    approval: str
    digest: str


@plain
class Lease:
    """Get a credential for this call. Answered by `Leased` or `LeaseFailed`."""

    grant: policy_lang.Grant
    principal: Principal
    session: str
    approval: str = ""  # that was spent on the call


@plain
class Forward:
    """Send this to the upstream. Answered by `UpstreamStarted` and what follows it, or by `UpstreamFailed`."""

    method: str
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)


@plain
class Answer:
    """Send this to the upstream beside the exchange: the gate's own answer to a request of the upstream's."""

    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)


@plain
class Start:
    """Begin the answer to the client."""

    status: int
    headers: Headers


@plain
class Send:
    """Release these bytes to the client."""

    data: bytes = field(repr=False)


@plain
class Close:
    """The answer to the client is complete."""


@plain
class CancelUpstream:
    """Nobody waits for the upstream's answer any more: close the connection to it."""


Effect = Record | Spend | Charge | Hold | Consume | Lease | Forward | Answer | Start | Send | Close | CancelUpstream
