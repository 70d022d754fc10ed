"""What people do in the console, on record under their own name before it is done."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import recorder
from recorder.reader import Record
from recorder.rfc6962 import leaf_hash

if TYPE_CHECKING:
    from adapter_asgi.console.visit import Visit

__all__ = ["MOST_REASON", "VIA", "act", "looked", "read", "reason_of"]

VIA = "console"
MOST_REASON = 2_000
"""Characters of a reason; what is longer is refused, never cut."""


def reason_of(visit: Visit) -> str | None:
    """The reason that the form gives; None where it gives none, or one that is too long."""
    reason = visit.form.get("reason", "").strip()
    return reason if 0 < len(reason) <= MOST_REASON else None


async def act(visit: Visit, kind: str, metadata: Mapping[str, Any], reason: str, session: str = "") -> int:
    """One act, durable when this returns; the reason is in the payload. Returns its number. Raises RecorderError."""
    told = {"who": visit.person.name, "via": VIA, **metadata}
    entry = recorder.Entry(kind, session, told, payload=reason.encode())
    return (await asyncio.wrap_future(visit.parts.log.submit(entry))).seq


async def read(visit: Visit, action: str, session: str, records: Sequence[Record], reason: str) -> int:
    """Payloads of these records are about to be shown. The digest is of their leaves, which are public."""
    digest = sha256(b"".join(leaf_hash(record.raw) for record in records)).hexdigest()
    metadata = {"action": action, "target": session, "count": len(records), "digest": digest}
    return await act(visit, "read", metadata, reason)


async def looked(visit: Visit, action: str, session: str | None, count: int, asked: Mapping[str, Any]) -> None:
    """Metadata were looked at: on record without a reason; what was asked for is in the payload."""
    metadata = {"who": visit.person.name, "via": VIA, "action": action, "target": session, "count": count}
    payload = json.dumps(asked, sort_keys=True).encode()
    entry = recorder.Entry("read", "", metadata, payload=payload, best_effort=True)
    await asyncio.wrap_future(visit.parts.log.submit(entry))
