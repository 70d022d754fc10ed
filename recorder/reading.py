"""Reading payloads on the record: who read which session, why, and a digest of what was shown."""

from __future__ import annotations

import getpass
import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from recorder.entry import Entry
from recorder.errors import KeysError, RequestError
from recorder.keys import Keys
from recorder.log import open as open_log
from recorder.reader import Payloads, Record, Store
from recorder.rfc6962 import leaf_hash

__all__ = ["act", "add_payloads", "record_view", "user"]


def user() -> str:
    """The operating system's name for whoever runs this."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def act(store: Path, keys: Keys, kind: str, session: str, metadata: dict[str, Any], reason: str | None) -> int:
    """Record one act on the store in a log of its own; the reason goes into the payload. Returns its number.

    Raises RequestError without a reason.
    """
    if not reason or not reason.strip():
        raise RequestError("this needs a reason, which is recorded", "give --reason TEXT")
    told = {"user": user(), "via": "command line", **metadata}
    with open_log(store, keys=keys, acting=True) as log:
        return log.append(Entry(kind, session, told, payload=reason.encode())).seq


def record_view(store: Path, keys: Keys, action: str, target: str | None, count: int, asked: dict[str, Any]) -> None:
    """Record that metadata were looked at: who, what and how many; what was `asked` for is in the payload. No reason is
    needed. Raises what `recorder.open` raises.
    """
    metadata = {"user": user(), "via": "command line", "action": action, "target": target, "count": count}
    with open_log(store, keys=keys, acting=True) as log:
        log.append(Entry("read", "", metadata, payload=json.dumps(asked, sort_keys=True).encode()))


def add_payloads(
    told: list[dict[str, Any]], records: Sequence[Record], store: Path, keys: Keys, reason: str | None, action: str
) -> None:
    """Put each record's payload beside it as `text` (or `absent`), after recording that it is read."""
    if not reason or not reason.strip():
        raise RequestError("payloads are read for a reason, which is recorded", "give --reason TEXT")
    payloads = Payloads(Store(store), keys)
    digest = sha256()
    count = 0
    for value, record in zip(told, records, strict=True):
        try:
            data = payloads.payload(record)
        except KeysError as error:
            value["absent"] = error.message
            continue
        if data is not None:
            value["text"] = data.decode("utf-8", "backslashreplace")
            digest.update(leaf_hash(record.raw))  # of the leaves, which are public: never of what is in a payload
            count += 1
    metadata = {"action": action, "target": records[0].session, "count": count, "digest": digest.hexdigest()}
    act(store, keys, "read", "", metadata, reason)
