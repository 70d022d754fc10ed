"""What a report notices in each record: one small observer a subject, each with the kinds that it listens to.

Strategy: one pass over the leaves, in order within each log. An observer keeps only what a later record needs (calls
that are open, sessions that have not ended, approvals that wait), so memory follows what is open at a time and not the
length of the period. Records before the period (`counted` false) are noted for what follows them and not counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, ClassVar

from recorder.reader import Record
from recorder.report.figure import Figures
from recorder.report.reviews import BREAK_GLASS, Reviews

__all__ = ["Asked", "observers"]

Observe = Callable[[Record, dict[str, Any], bool], None]
_HOUR = 3600 * 10**9
_SESSION_KINDS = ("session.opened", "session.identity", "session.ended", "decision", "request", "response")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the report was asked: `destructive` patterns; seconds `idle` that end a session and `review` that may lie
    between two reviews; the period in UTC nanoseconds.
    """

    destructive: tuple[str, ...]
    idle: int
    review: int
    begin: int
    end: int


class Calls:
    """Decisions, and the calls that follow them."""

    kinds = ("decision", "request", "call.ended", "call.interrupted", "approval.consumed")

    def __init__(self, figures: Figures, asked: Asked) -> None:
        self._figures, self._destructive = figures, asked.destructive
        self._decided: set[str] = set()
        figures["decisions"].columns = ("effect",)
        figures["flows"].columns = ("caller", "command", "effect")
        figures["subjects"].columns = ("caller", "last seen", "policy")
        figures["decisions.clear"].columns = ("command", "kind")
        self._subjects: dict[str, tuple[str, str]] = {}

    def take(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        call = data.get("call", "")
        if record.kind == "decision":
            if data.get("effect") != "deny":
                self._decided.add(call)
            if counted:
                self._decision(record, data)
        elif record.kind == "request":
            if call not in self._decided and counted:
                self._figures["calls.undecided"].add(record, str(data.get("command", "")))
        elif record.kind == "approval.consumed":
            self._decided.add(call)
            if counted and _matches(data.get("command"), self._destructive):
                self._figures["destructive.approved"].add(record, data["command"])
        else:
            self._decided.discard(call)
            if record.kind == "call.interrupted" and counted:
                self._figures["calls.interrupted"].add(record, str(data.get("command", "")))

    def _decision(self, record: Record, data: dict[str, Any]) -> None:
        figures, effect = self._figures, str(data.get("effect", "?"))
        command = str(data.get("command") or data.get("method") or "")
        subject = str(data.get("subject", ""))
        figures["decisions"].add(record)
        figures["decisions"].row(effect)
        figures["flows"].add()
        figures["flows"].row(subject, command, effect)
        self._last_used(subject, record.time, str(data.get("policy", "")))
        rules = data.get("rules")
        if effect == "deny":
            figures["decisions.denied"].add(record, command)
            return
        if not rules and data.get("basis") != "protocol":
            figures["allowed.unruled"].add(record, command)
        if effect == "allow" and _matches(command, self._destructive):
            figures["destructive.unapproved"].add(record, command)
        if clear := data.get("clear"):
            figures["decisions.clear"].add(record, command)
            for kind in clear:
                figures["decisions.clear"].row(command, kind)
            if not rules:
                figures["clear.unruled"].add(record, command)

    def _last_used(self, subject: str, time: str, policy: str) -> None:
        if len(self._subjects) < 10_000 or subject in self._subjects:
            self._subjects[subject] = max(self._subjects.get(subject, ("", "")), (time, policy))

    def finish(self) -> None:
        for subject, (time, policy) in self._subjects.items():
            self._figures["subjects"].add()
            self._figures["subjects"].row(subject, time[:19] + "Z", policy[:23])


class Identities:
    """Who acted: named on every event, authenticated before anything is allowed."""

    kinds = _SESSION_KINDS

    def __init__(self, figures: Figures, asked: Asked) -> None:
        del asked
        self._figures = figures
        self._identified: set[str] = set()
        figures["sessions.verified"].columns = ("provider",)

    def take(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        figures, unsafe = self._figures, data.get("unsafe") is True
        if record.kind == "session.identity":
            self._identified.add(record.session)
            if counted and not unsafe:
                figures["sessions.verified"].add(record)
                figures["sessions.verified"].row(str(data.get("provider") or data.get("issuer", "?")))
        elif record.kind == "session.ended":
            self._identified.discard(record.session)
        if not counted:
            return
        named = "subject" in data and "issuer" in data
        figures["events.identified" if named else "events.unidentified"].add(record, record.kind)
        unverified = unsafe or record.session not in self._identified
        if record.kind == "decision" and data.get("effect") != "deny" and unverified:
            figures["allowed.unverified"].add(record, str(data.get("command") or data.get("method") or ""))


class Sessions:
    """Sessions that end, and those that are left open."""

    kinds = (*_SESSION_KINDS, "call.ended")

    def __init__(self, figures: Figures, asked: Asked) -> None:
        self._figures, self._limit = figures, asked.end - asked.idle * 10**9
        self._open: dict[str, Record] = {}
        figures["sessions.ended"].columns = ("cause",)

    def take(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        if record.kind != "session.ended":
            self._open[record.session] = record
            return
        self._open.pop(record.session, None)
        if counted:
            self._figures["sessions.ended"].add(record)
            self._figures["sessions.ended"].row(str(data.get("cause", "?")))

    def finish(self) -> None:
        for record in self._open.values():
            if record.leaf["time"] < self._limit:
                self._figures["sessions.overdue"].add(record, "the last record of the session")


class Approvals:
    """Approvals from asking to use, and broken glass with its review."""

    kinds = (
        *("approval.requested", "approval.given", "approval.refused", "approval.consumed", "approval.expired"),
        *("approval.revoked", "approval.void", "review"),
    )

    def __init__(self, figures: Figures, asked: Asked) -> None:
        self._figures, self._end = figures, asked.end
        self._broken: dict[str, Record] = {}
        self._reviewed: dict[str, int] = {}
        figures["approvals"].columns = ("what became of it",)

    def take(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        figures, approval = self._figures, str(data.get("approval", ""))
        broken = record.kind == "approval.given" and data.get("cause") == BREAK_GLASS
        if broken:
            self._broken[approval] = record
        if record.kind == "review":
            self._reviewed.setdefault(approval, record.leaf["time"])
        elif counted:
            figures["approvals"].add(record, str(data.get("command", "")))
            figures["approvals"].row(record.kind.removeprefix("approval."))
            if record.kind == "approval.given" and data.get("approver", "") == data.get("subject"):
                figures["approvals.self"].add(record, str(data["approver"]))
            if broken:
                figures["emergency.used"].add(record, str(data.get("approver", "")))
            if record.kind == "approval.consumed" and _after(record, data.get("expires")):
                figures["approvals.late"].add(record, str(data["expires"]))

    def finish(self) -> None:
        for approval, record in self._broken.items():
            if min(self._reviewed.get(approval, self._end), self._end) - record.leaf["time"] > 72 * _HOUR:
                self._figures["emergency.unreviewed"].add(record, str(record.data.get("approver", "")))


class Messages:
    """What was released, and what masking did to it."""

    kinds = ("response", "refusal", "limit")

    def __init__(self, figures: Figures, asked: Asked) -> None:
        del asked
        self._figures = figures
        figures["masked"].columns = ("kind",)
        figures["refusals"].columns = ("code",)
        figures["authentication.failed"].columns = ("code", "address")

    def take(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        figures = self._figures
        if not counted:
            return
        if record.kind == "limit":
            figures["limits.reached"].add(record, str(data.get("rule", "")))
        elif record.kind == "refusal":
            name = "refusals" if record.session else "authentication.failed"
            code = str(data.get("error", "?"))
            figures[name].add(record, code)
            figures[name].row(*((code,) if record.session else (code, str(data.get("source_ip", "")))))
        else:
            figures["responses"].add(record)
            if data.get("changed"):
                figures["responses.masked"].add(record, str(data.get("command", "")))
            for kind, count in data.get("masked", {}).items():
                figures["masked"].add(record, kind, count)
                figures["masked"].row(kind, times=count)


class Keeping:
    """The records themselves: at which level, under which key, and what was lost."""

    kinds = ("",)

    def __init__(self, figures: Figures, asked: Asked) -> None:
        del asked
        self._figures = figures
        figures["coverage"].columns = ("level",)

    def take(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        del data
        if not counted:
            return
        leaf = record.leaf
        if record.session:
            self._figures["coverage"].add()
            self._figures["coverage"].row(str(leaf.get("level", "?")))
        if "sha256" in leaf.get("payload", ()):
            self._figures["payloads.encrypted" if leaf.get("key") else "payloads.unencrypted"].add(record)


class Listed:
    """Acts that are listed one by one."""

    _LISTS: ClassVar[dict[str, tuple[str, str]]] = {
        "policy.activated": ("policies", "new"),
        "tools.changed": ("tools.changed", "server"),
        "read": ("readings", "action"),
        "export": ("exports", "digest"),
        "key.rotated": ("keys.changed", "kek"),
        "signer.rotated": ("keys.changed", "signer"),
        "retention.expired": ("expiries", "segment"),
        "gap": ("recording.gaps", "cause"),
        "log.opened": ("clock.facts", "log"),
        "clock": ("clock.facts", "jump_ns"),
    }
    kinds = (*_LISTS, "lease.issued", "lease.renewed", "lease.used", "lease.revoked", "gate.started")

    def __init__(self, figures: Figures, asked: Asked) -> None:
        del asked
        self._figures = figures
        figures["leases"].columns = ("what",)

    def take(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        figures = self._figures
        if not counted:
            return
        if record.kind.startswith("lease."):
            figures["leases"].add(record, str(data.get("grant", "")))
            figures["leases"].row(record.kind.removeprefix("lease."))
        elif record.kind == "gate.started":
            if str(data.get("cause", "")).startswith("sole path: not"):
                figures["gate.reachable_around"].add(record, ", ".join(data.get("targets", ())))
        else:
            name, field = self._LISTS[record.kind]
            figures[name].add(record, str(data.get(field, "")))
            if record.kind == "policy.activated" and not (data.get("who") or data.get("user")):
                figures["policies.nameless"].add(record)
            if record.kind == "clock" and "jump_ns" in data:
                figures["clock.jumps"].add(record, f"{data['jump_ns']} ns")


class Disposal:
    """Erasures, and the holds that should have stopped them. Acts lie in logs of their own: time orders them."""

    kinds = ("hold.set", "hold.lifted", "session.erased")

    def __init__(self, figures: Figures, asked: Asked) -> None:
        del asked
        self._figures = figures
        self._acts: list[tuple[Record, bool]] = []

    def take(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        del data
        self._acts.append((record, counted))

    def finish(self) -> None:
        holds: dict[str, frozenset[str]] = {}
        for record, counted in sorted(self._acts, key=lambda act: act[0].leaf["time"]):
            data = record.data
            if record.kind == "hold.set":
                holds[data["hold"]] = frozenset(data.get("targets", ()))
            elif record.kind == "hold.lifted":
                holds.pop(data.get("hold", ""), None)
            elif counted:
                target = str(data.get("target", ""))
                self._figures["erasures"].add(record, target)
                if any(target in targets for targets in holds.values()):
                    self._figures["erasures.held"].add(record, target)


def observers(figures: Figures, asked: Asked) -> tuple[dict[str, list[Observe]], list[Callable[[], None]]]:
    """By kind the observers that listen ("" for every record), and what is to be done at the end."""
    listening: dict[str, list[Observe]] = {}
    finishing: list[Callable[[], None]] = []
    for make in (Calls, Identities, Sessions, Approvals, Messages, Keeping, Listed, Disposal, Reviews):
        observer = make(figures, asked)
        for kind in observer.kinds:
            listening.setdefault(kind, []).append(observer.take)
        finish = getattr(observer, "finish", None)
        if finish is not None:
            finishing.append(finish)
    return listening, finishing


def _matches(command: object, patterns: Iterable[str]) -> bool:
    return isinstance(command, str) and any(fnmatchcase(command, pattern) for pattern in patterns)


def _after(record: Record, expires: object) -> bool:
    if not isinstance(expires, str):
        return False
    return bool(record.leaf["time"] > datetime.fromisoformat(expires).timestamp() * 1e9 + 1e9)
