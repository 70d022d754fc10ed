"""Consumed stays consumed, also when the store of approvals is brought back from an older copy.

The evidence is read only where something could be consumed again: an open approval for one call.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from adapter_asgi.approvals.store import ApprovalStore
from recorder.reader import Record, Store

__all__ = ["reconcile"]

_ENDS = ("approval.consumed", "approval.refused", "approval.revoked", "approval.void", "approval.expired")


def reconcile(approvals: ApprovalStore, evidence: Path) -> tuple[str, ...]:
    """End every open approval that the evidence says has ended; gives their ids. Call it before serving."""
    open_ = {asked.id for asked in approvals.all(("pending", "approved")) if asked.lasts is None}
    if not open_:
        return ()
    ended = _ended(open_, Store(evidence).records())
    for id_, kind in ended.items():
        approvals.move(id_, ("pending", "approved"), kind.removeprefix("approval."))
    return tuple(ended)


def _ended(wanted: Collection[str], records: Iterable[Record]) -> dict[str, str]:
    found: dict[str, str] = {}
    for record in records:
        id_ = str(record.data.get("approval")) if record.kind in _ENDS else ""
        if id_ in wanted:
            found[id_] = record.kind
    return found
