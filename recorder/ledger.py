"""What the log itself says about holds, erasures, expiries and exports: read from the leaves, never kept apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from recorder.reader import Record, Store

__all__ = ["Hold", "Ledger", "read_ledger"]

TOLD = frozenset(
    ("hold.set", "hold.lifted", "session.erased", "retention.expired", "export", "key.rotated", "signer.rotated")
)


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold: which sessions, who set it and when."""

    id: str
    sessions: tuple[str, ...]
    who: str
    set: str
    lifted: str | None = None

    def to_json(self) -> dict[str, Any]:
        state = "lifted" if self.lifted else "active"
        told = {"id": self.id, "state": state, "sessions": list(self.sessions), "who": self.who, "set": self.set}
        return {**told, "lifted": self.lifted}


@dataclass(slots=True)
class Ledger:
    """The standing of a store."""

    holds: dict[str, Hold] = field(default_factory=dict)
    erased: dict[str, str] = field(default_factory=dict)  # session -> when
    erased_keys: set[str] = field(default_factory=set)
    expired: set[tuple[int, int]] = field(default_factory=set)  # (log, segment)
    exports: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)  # digest, sessions

    def held(self) -> dict[str, str]:
        """Sessions that a hold protects, and the hold's id."""
        return {session: hold.id for hold in self.holds.values() if hold.lifted is None for session in hold.sessions}

    def take(self, record: Record) -> None:
        """Take one record into account."""
        data = record.data
        if record.kind == "hold.set":
            sessions = tuple(data.get("targets", ()))
            self.holds[data["hold"]] = Hold(data["hold"], sessions, str(data.get("user", "")), record.time)
        elif record.kind == "hold.lifted" and data["hold"] in self.holds:
            hold = self.holds[data["hold"]]
            self.holds[hold.id] = Hold(hold.id, hold.sessions, hold.who, hold.set, record.time)
        elif record.kind == "session.erased":
            self.erased[data["target"]] = record.time
            self.erased_keys.update(data.get("keys", ()))
        elif record.kind == "retention.expired":
            self.expired.add((int(data["log"]), data["segment"]))
        elif record.kind == "export":
            self.exports.append((data.get("digest", ""), tuple(data.get("targets", ()))))


def read_ledger(store: Store, records: Iterable[Record] | None = None) -> Ledger:
    """The ledger of a store; one pass over its leaves, by time across logs."""
    ledger = Ledger()
    found = store.records() if records is None else records
    told = [record for record in found if record.kind in TOLD]
    for record in sorted(told, key=lambda record: (record.leaf["time"], record.log, record.seq)):
        ledger.take(record)
    return ledger
