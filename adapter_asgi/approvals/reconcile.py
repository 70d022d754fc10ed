"""Consumed stays consumed, also when the store of approvals is brought back from an older copy.

So does what was refused, taken back or void, also when the gate died between the record of it and its own store. The
evidence is read only where something is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from adapter_asgi.approvals.store import ApprovalStore
from recorder.reader import Record, Store

__all__ = ["end", "ended_in", "reconcile"]

_CONSUMED = "approval.consumed"
_ENDS = ("approval.refused", "approval.revoked", "approval.void", "approval.expired")


def reconcile(approvals: ApprovalStore, evidence: Path) -> tuple[str, ...]:
    """End every open approval that the evidence says has ended; gives their ids. Call it before serving."""
    return end(approvals, ended_in(approvals, evidence))


def ended_in(approvals: ApprovalStore, evidence: Path) -> Mapping[str, str]:
    """The open approvals that the evidence says have ended, and by what; it changes nothing."""
    open_ = {asked.id: asked.lasts is None for asked in approvals.all(("pending", "approved"))}
    if not open_:
        return {}
    return _ended(open_, Store(evidence).records())


def end(approvals: ApprovalStore, ended: Mapping[str, str]) -> tuple[str, ...]:
    """End these, as far as they are open still; gives their ids."""
    open_, after = ("pending", "approved"), {id_: kind.removeprefix("approval.") for id_, kind in ended.items()}
    return tuple(id_ for id_, state in after.items() if approvals.move(id_, open_, state))


def _ended(single: Mapping[str, bool], records: Iterable[Record]) -> dict[str, str]:
    """What ended which approval; `single` says of each that is wanted whether one use ends it."""
    found: dict[str, str] = {}
    for record in records:
        id_ = str(record.data.get("approval")) if record.kind in (*_ENDS, _CONSUMED) else ""
        if id_ in single and (single[id_] or record.kind != _CONSUMED):
            found[id_] = record.kind
    return found
