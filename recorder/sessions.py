"""What a session was, in short, from its records' leaves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from recorder.reader import Record

__all__ = ["IDENTITY", "Session", "line", "sessions", "with_commands"]

IDENTITY = (
    *("caller", "subject", "issuer", "display", "provider", "tenant", "repository", "workflow", "job", "branch", "tag"),
    *("commit", "environment", "event", "actor", "run", "source_ip"),
)


@dataclass(slots=True)
class Session:
    """A session's summary: who, when, what was called and what was said."""

    id: str
    started: str
    last: str
    ended: bool = False
    records: int = 0
    identity: dict[str, Any] = field(default_factory=dict)
    commands: dict[str, int] = field(default_factory=dict)
    effects: dict[str, int] = field(default_factory=dict)
    gaps: int = 0

    def take(self, record: Record) -> None:
        """Count one more record."""
        data = record.data
        self.records += 1
        self.last = max(self.last, record.time)
        self.ended = self.ended or record.kind == "session.ended"
        self.gaps += record.kind in ("gap", "call.interrupted")
        for name in IDENTITY:
            if name in data and record.kind.startswith(("session.", "decision", "request")):
                self.identity.setdefault(name, data[name])
        if record.kind == "decision":
            command = str(data.get("command") or data.get("method") or "")
            if command:
                self.commands[command] = self.commands.get(command, 0) + 1
            effect = str(data.get("effect", ""))
            self.effects[effect] = self.effects.get(effect, 0) + 1

    def to_json(self) -> dict[str, Any]:
        head = {"id": self.id, "started": self.started, "last": self.last, "ended": self.ended, "records": self.records}
        return {
            **head,
            **self.identity,
            "commands": dict(sorted(self.commands.items())),
            "effects": dict(sorted(self.effects.items())),
            "gaps": self.gaps,
        }


def sessions(records: Iterable[Record]) -> list[Session]:
    """The sessions of these records, by start. Records of the log itself (session "") are left out."""
    found: dict[str, Session] = {}
    for record in records:
        if record.session:
            known = found.get(record.session)
            if known is None:
                known = found[record.session] = Session(record.session, record.time, record.time)
            known.take(record)
    return sorted(found.values(), key=lambda session: session.started)


def with_commands(records: Iterable[Record]) -> list[dict[str, Any]]:
    """The records as JSON objects; those of a call that do not repeat its server and command get them from its
    request.
    """
    told: list[dict[str, Any]] = []
    calls: dict[str, dict[str, Any]] = {}
    for record in records:
        value = record.to_json()
        call = value.get("call")
        if call is not None:
            known = calls.setdefault(call, {})
            for name in ("server", "command", "method"):
                if name in value:
                    known.setdefault(name, value[name])
                elif name in known:
                    value[name] = known[name]
        told.append(value)
    return told


def line(value: dict[str, Any]) -> str:
    """One record on one line of a terminal."""
    what = value.get("command") or value.get("method") or ""
    said = [
        str(value[name])
        for name in ("effect", "outcome", "cause", "error", "approver", "approval", "lease")
        if name in value
    ]
    if value.get("masked"):
        said.append("masked " + ", ".join(f"{count} {kind}" for kind, count in sorted(value["masked"].items())))
    if "basis" in value:
        said.append(f"by the {value['basis']}")
    if value.get("rules"):
        said.append("by " + ", ".join(f'"{rule}"' for rule in value["rules"]))
    size = value.get("payload", {}).get("size")
    if size is not None:
        said.append(f"{size} bytes")
    return f"{value['time'][11:23]}  {value['seq']:>6}  {value['kind']:<18} {what:<28} {'; '.join(said)}".rstrip()
