"""What a pump works with: the log, the approvals, the credentials, the budgets; the same for every exchange."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol

import gate
import recorder
from adapter_asgi.budgets import Budgets
from adapter_asgi.deadlines import Deadlines
from adapter_asgi.reach import Reach
from adapter_asgi.running import Running
from adapter_asgi.turns import Turns
from adapter_asgi.waking import Durable, Waking

__all__ = ["Context", "Desk", "Lender", "Log", "Ticket"]

_TICK = 5.0
_STALL = 300.0
"""Seconds that a client may take nothing of what was released before it is cut off."""
_SHORT = 0.25  # seconds after which the client is watched for leaving: many calls at once take longer than one


class Log(Protocol):
    """What the pump needs of `recorder.Log`."""

    def submit(self, entry: recorder.Entry) -> Future[recorder.Receipt]:
        """The future is done when the entry is durable."""

    def submit_to(self, entries: Sequence[recorder.Entry], outcome: Durable) -> None:
        """The same for several in a row, with an outcome that is set once for each."""


class Ticket(Protocol):
    """Where an approval stands."""

    @property
    def id(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def approvers(self) -> tuple[str, ...]: ...
    @property
    def reason(self) -> str: ...
    @property
    def decider(self) -> str: ...


class Desk(Protocol):
    """What the pump needs of `ApprovalDesk`."""

    async def submit(self, hold: gate.Hold) -> Ticket: ...
    async def wait(self, id_: str, timeout: float) -> Ticket: ...  # noqa: ASYNC109 - the desk's own word
    async def consume(self, id_: str, digest: str) -> bool: ...


class Lender(Protocol):
    """What the pump needs of `Broker`."""

    async def lease(self, grant: Any, principal: gate.Principal, session: str, approval: str = "") -> Any: ...


@dataclass(slots=True)
class Context:
    """What a pump works with, the same for every exchange. `draining` is set when the gate stops.

    `receipt`: how a durable record is told to the caller (`Log.signed_receipt`), or None: then it is not.
    """

    log: Log
    desk: Desk
    lender: Lender
    budgets: Budgets
    draining: asyncio.Event
    tick: float = _TICK
    stall: float = _STALL
    running: Running = field(default_factory=Running)
    waking: Waking = field(default_factory=Waking)
    turns: Turns = field(default_factory=Turns)
    short: Deadlines = field(default_factory=lambda: Deadlines(_SHORT))
    reach: Reach = field(default_factory=Reach)
    receipt: Callable[[recorder.Receipt], str] | None = None
