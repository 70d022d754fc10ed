"""Early erasure: a session's keys are destroyed, so that nothing decrypts its payloads again, and that is certified.

Strategy: the record comes first, then the tombstones. A crash between the two is finished when the log is next opened
(`finish`), because the record says which keys were to go. Leaves, ciphertexts and proofs stay: old proofs still verify.
A tombstone keeps the key's id, so that a restored copy of the key file is known to be one (`Ledger.erased_keys`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from recorder.disk import PosixDisk
from recorder.entry import MAX_ITEMS, Entry
from recorder.errors import RequestError
from recorder.index import Index
from recorder.index_acts import ledger_of
from recorder.keys import Keys
from recorder.log import Log
from recorder.log import open as open_log
from recorder.tombs import finish

__all__ = ["Certificate", "erase"]


@dataclass(frozen=True, slots=True)
class Certificate:
    """A deletion certificate: a signed note (C2SP signed-note) that names what was destroyed and the record of it."""

    session: str
    keys: tuple[str, ...]
    records: int
    exports: tuple[str, ...]
    note: str


def erase(path: Path, keys: Keys, session: str, reason: str | None, *, who: str, via: str = "library") -> Certificate:
    """Destroy the session's keys. Raises RequestError: no such session, a hold, no reason, nothing to destroy."""
    if not reason or not reason.strip():
        raise RequestError("an erasure needs a reason, which is recorded", "give --reason TEXT")
    ledger = ledger_of(path)
    hold = ledger.held().get(session)
    if hold is not None:
        raise RequestError(f"the session is under the legal hold {hold}", "lift the hold first (`hoopgate hold lift`)")
    with Index.open(path) as index:
        records = index.session_records(session)
    if not records:
        raise RequestError(f'no session "{session[:80]}" in {path}', "`hoopgate sessions list` shows what is there")
    found = sorted({_key_id(record.leaf["key"]) for record in records if "key" in record.leaf})
    if not found:
        raise RequestError("the session has no payload: there is nothing to erase")
    if set(found) <= ledger.erased_keys:
        raise RequestError(f"the session was erased already, {ledger.erased[session]}")
    exports = tuple(digest for digest, sessions in ledger.exports if session in sessions)
    with open_log(path, keys=keys, acting=True) as log:
        for at in range(0, len(found), MAX_ITEMS):
            metadata = {
                "target": session,
                "keys": found[at : at + MAX_ITEMS],
                "exports": list(exports[:MAX_ITEMS]),
                "user": who,
                "via": via,
                "count": len(records),
            }
            receipt = log.append(Entry("session.erased", "", metadata, payload=reason.encode()))
        finish(path, PosixDisk(path), found)
        return Certificate(
            session, tuple(found), len(records), exports, _note(log, receipt.seq, session, found, exports)
        )


def _key_id(key: str | dict[str, str]) -> str:
    return key if isinstance(key, str) else key["id"]


def _note(log: Log, seq: int, session: str, keys: list[str], exports: tuple[str, ...]) -> str:
    lines = [
        "hoopgate deletion certificate v1",
        f"store {log.store}",
        f"session {session}",
        *(f"key {key}" for key in keys),
        f"recorded in log {log.number} as record {seq}",
        *(f"export {digest}" for digest in exports),
        "checkpoint",
        *log.checkpoint().split("\n")[:3],
    ]
    return log.sign("\n".join(lines) + "\n")
