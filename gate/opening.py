"""Sealed values in a client's message, opened before anything is decided, so that the policy sees what they are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gate.messages import Message
    from gate.seal import Sealer

__all__ = ["Opened", "approval_state", "open_values"]

_RELATED = "io.modelcontextprotocol/related-task"


@dataclass(frozen=True, slots=True)
class Opened:
    """`rewritten` says that the message is no longer the one that came; `rounds` counts the legs of a modern hold."""

    rewritten: bool = False
    rounds: int = 0


_NOTHING = Opened()
_SEALABLE = frozenset({"cursor", "requestState", "uri", "taskId", "ref", "notifications"})


def open_values(message: Message, sealer: Sealer) -> Opened:
    """Open what the gate sealed: cursors, states, URIs and task ids. Raises MalformedError GT114 for another's."""
    params = message.params
    if params.keys().isdisjoint(_SEALABLE) and _RELATED not in message.meta:
        return _NOTHING
    rewritten = rounds = 0
    state = params.get("requestState")
    if isinstance(state, str) and (leg := sealer.open(state, "approval")) is not None:
        content = json.loads(leg)
        rounds, rewritten = content["rounds"], 1
        if content["state"] is None:
            del params["requestState"]
        else:
            params["requestState"] = content["state"]
    for holder, key in _places(params):
        value = holder[key]
        if isinstance(value, str):
            opened = sealer.open(value, "value")
            if opened is None:
                opened = sealer.open_uri(value)
            if opened is not None:
                holder[key], rewritten = opened, 1
    return Opened(bool(rewritten), rounds)


def approval_state(message: Message, sealer: Sealer, rounds: int) -> str:
    """The state of the next leg: how many there were, and the upstream's own state where it has one."""
    return sealer.seal(json.dumps({"rounds": rounds, "state": message.params.get("requestState")}), "approval")


def _places(params: dict[str, Any]) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = [
        (params, key) for key in ("cursor", "requestState", "uri", "taskId") if key in params
    ]
    reference, wanted = params.get("ref"), params.get("notifications")
    related = params["_meta"].get(_RELATED) if isinstance(params.get("_meta"), dict) else None
    if isinstance(reference, dict) and "uri" in reference:
        found.append((reference, "uri"))
    if isinstance(related, dict) and "taskId" in related:
        found.append((related, "taskId"))
    for key in ("resourceSubscriptions", "taskIds"):
        uris = wanted.get(key) if isinstance(wanted, dict) else None
        if isinstance(uris, list):
            found += [(uris, index) for index in range(len(uris))]
    return found
