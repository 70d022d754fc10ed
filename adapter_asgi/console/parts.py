"""What the console is made of: the gate's parts that its pages ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import recorder
from adapter_asgi.approvals.desk import ApprovalDesk
from adapter_asgi.approvals.people import People
from adapter_asgi.approvals.signin import SignIn
from adapter_asgi.health import Health
from adapter_asgi.policy import PolicyHolder
from adapter_asgi.sessions import SessionRegistry
from adapter_asgi.settings import Settings
from recorder.keys import Keys

__all__ = ["Parts"]


@dataclass(frozen=True, slots=True)
class Parts:
    """`mask` takes JSON and gives it masked whole; `keys` are the store's, for payloads that are read for a reason.

    `others` asks the gate's other workers for what they are `told` to say.
    """

    settings: Settings
    signin: SignIn
    desk: ApprovalDesk
    people: People
    policy: PolicyHolder
    sessions: SessionRegistry
    health: Health
    log: recorder.Log
    keys: Keys
    mask: Callable[[Any], Any]
    others: Callable[[str], Awaitable[Mapping[int, Any]]] | None = None
