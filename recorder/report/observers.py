"""What a report notices in each record: one small observer a subject, each with the kinds that it listens to.

Strategy: one pass over the leaves, in order within each log. An observer keeps only what a later record needs (calls
that are open, sessions that have not ended, approvals that wait), so memory follows what is open at a time and not the
length of the period. Records before the period (`counted` false) are noted for what follows them and not counted. Each
kind has a method of its own, found in one table: most of a report's time goes into these few lines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, ClassVar, Protocol

from recorder.reader import Record
from recorder.report.disposal import Disposal
from recorder.report.figure import Figures
from recorder.report.reviews import BREAK_GLASS, Reviews

__all__ = ["EVERY", "Asked", "observers"]

Observe = Callable[[Record, dict[str, Any], bool], None]
EVERY = ""
_HOUR = 3600 * 10**9
_REMEMBERED = 10_000
"""Callers and commands of which something is kept."""
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


class _Observer(Protocol):
    """What an observer is. It may have a `finish`, called behind the last record."""

    def __init__(self, figures: Figures, asked: Asked) -> None: ...
    def listens(self) -> dict[str, Observe]: ...


class Calls:
    """Decisions, and the calls that follow them."""

    def __init__(self, figures: Figures, asked: Asked) -> None:
        self._figures, self._destructive = figures, asked.destructive
        self._decided: set[str] = set()
        figures["decisions"].columns = ("effect",)
        figures["flows"].columns = ("caller", "command", "effect")
        figures["subjects"].columns = ("caller", "last seen", "policy")
        figures["decisions.clear"].columns = ("command", "kind")
        self._subjects: dict[str, tuple[int, str]] = {}
        self._known: dict[str, bool] = {}

    def listens(self) -> dict[str, Observe]:
        ended = {"call.ended": self._ended, "call.interrupted": self._interrupted}
        return {"decision": self._decision, "request": self._request, "approval.consumed": self._consumed, **ended}

    def _request(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        if counted and data.get("call", "") not in self._decided:
            self._figures["calls.undecided"].add(record, str(data.get("command", "")))

    def _consumed(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        self._decided.add(data.get("call", ""))
        if counted and self._destroys(data.get("command")):
            self._figures["destructive.approved"].add(record, data["command"])

    def _ended(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        del record, counted
        self._decided.discard(data.get("call", ""))

    def _interrupted(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        self._decided.discard(data.get("call", ""))
        if counted:
            self._figures["calls.interrupted"].add(record, str(data.get("command", "")))

    def _decision(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        effect = str(data.get("effect", "?"))
        if effect != "deny":
            self._decided.add(data.get("call", ""))
        if not counted:
            return
        figures = self._figures
        command = str(data.get("command") or data.get("method") or "")
        subject = str(data.get("subject", ""))
        figures["decisions"].add(record)
        figures["decisions"].row(effect)
        figures["flows"].add()
        figures["flows"].row(subject, command, effect)
        self._last_used(subject, int(record.leaf["time"]), str(data.get("policy", "")))
        if effect == "deny":
            figures["decisions.denied"].add(record, command)
            return
        rules = data.get("rules")
        if not rules and data.get("basis") != "protocol":
            figures["allowed.unruled"].add(record, command)
        if effect == "allow" and self._destroys(command):
            figures["destructive.unapproved"].add(record, command)
        if clear := data.get("clear"):
            figures["decisions.clear"].add(record, command)
            for kind in clear:
                figures["decisions.clear"].row(command, kind)
            if not rules:
                figures["clear.unruled"].add(record, command)

    def _destroys(self, command: object) -> bool:
        """Whether it fits one of the patterns; a command comes again and again, so each is matched once."""
        known = self._known.get(command) if isinstance(command, str) else False
        if known is None:
            known = any(fnmatchcase(str(command), pattern) for pattern in self._destructive)
            if len(self._known) < _REMEMBERED:
                self._known[str(command)] = known
        return known

    def _last_used(self, subject: str, time: int, policy: str) -> None:
        last = self._subjects.get(subject)
        if last is None:
            if len(self._subjects) < _REMEMBERED:
                self._subjects[subject] = (time, policy)
        elif last[0] < time:
            self._subjects[subject] = (time, policy)

    def finish(self) -> None:
        for subject, (time, policy) in self._subjects.items():
            self._figures["subjects"].add()
            seen = datetime.fromtimestamp(time // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            self._figures["subjects"].row(subject, seen, policy[:23])


class Identities:
    """Who acted: named on every event, authenticated before anything is allowed."""

    def __init__(self, figures: Figures, asked: Asked) -> None:
        del asked
        self._figures = figures
        self._identified: set[str] = set()
        self._named, self._unnamed = figures["events.identified"], figures["events.unidentified"]
        figures["sessions.verified"].columns = ("provider",)

    def listens(self) -> dict[str, Observe]:
        own = {"session.identity": self._identity, "session.ended": self._ended, "decision": self._decision}
        return {**dict.fromkeys(_SESSION_KINDS, self._event), **own}

    def _event(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        if counted:
            (self._named if "subject" in data and "issuer" in data else self._unnamed).add(record, record.leaf["kind"])

    def _identity(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        self._identified.add(record.leaf["session"])
        self._event(record, data, counted)
        if counted and data.get("unsafe") is not True:
            self._figures["sessions.verified"].add(record)
            self._figures["sessions.verified"].row(str(data.get("provider") or data.get("issuer", "?")))

    def _ended(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        self._identified.discard(record.leaf["session"])
        self._event(record, data, counted)

    def _decision(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        self._event(record, data, counted)
        unverified = data.get("unsafe") is True or record.leaf["session"] not in self._identified
        if counted and unverified and data.get("effect") != "deny":
            about = str(data.get("command") or data.get("method") or "")
            self._figures["allowed.unverified"].add(record, about)


class Sessions:
    """Sessions that end, and those that are left open: of each the place of its last record."""

    def __init__(self, figures: Figures, asked: Asked) -> None:
        self._figures, self._limit = figures, asked.end - asked.idle * 10**9
        self._open: dict[str, tuple[int, int, int]] = {}
        figures["sessions.ended"].columns = ("cause",)

    def listens(self) -> dict[str, Observe]:
        return {**dict.fromkeys((*_SESSION_KINDS, "call.ended"), self._event), "session.ended": self._ended}

    def _event(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        del data, counted
        leaf = record.leaf
        self._open[leaf["session"]] = (record.log, record.seq, leaf["time"])

    def _ended(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        self._open.pop(record.leaf["session"], None)
        if counted:
            self._figures["sessions.ended"].add(record)
            self._figures["sessions.ended"].row(str(data.get("cause", "?")))

    def finish(self) -> None:
        for session, (log, seq, time) in self._open.items():
            if time < self._limit:
                last = Record(log, seq, 0, {"session": session, "time": time}, b"", b"")
                self._figures["sessions.overdue"].add(last, "the last record of the session")


class Approvals:
    """Approvals from asking to use, and broken glass with its review."""

    _KINDS = (
        *("approval.requested", "approval.given", "approval.refused", "approval.consumed", "approval.expired"),
        *("approval.revoked", "approval.void", "review"),
    )

    def listens(self) -> dict[str, Observe]:
        return dict.fromkeys(self._KINDS, self._take)

    def __init__(self, figures: Figures, asked: Asked) -> None:
        self._figures, self._end = figures, asked.end
        self._broken: dict[str, Record] = {}
        self._reviewed: dict[str, int] = {}
        figures["approvals"].columns = ("what became of it",)

    def _take(self, record: Record, data: dict[str, Any], counted: bool) -> None:
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

    def __init__(self, figures: Figures, asked: Asked) -> None:
        del asked
        self._figures = figures
        figures["masked"].columns = ("kind",)
        figures["refusals"].columns = ("code",)
        figures["authentication.failed"].columns = ("code", "address")

    def listens(self) -> dict[str, Observe]:
        return {"response": self._response, "refusal": self._refusal, "limit": self._limit}

    def _limit(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        if counted:
            self._figures["limits.reached"].add(record, str(data.get("rule", "")))

    def _refusal(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        if not counted:
            return
        name = "refusals" if record.session else "authentication.failed"
        code = str(data.get("error", "?"))
        self._figures[name].add(record, code)
        self._figures[name].row(*((code,) if record.session else (code, str(data.get("source_ip", "")))))

    def _response(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        if not counted:
            return
        figures = self._figures
        figures["responses"].add(record)
        if data.get("changed"):
            figures["responses.masked"].add(record, str(data.get("command", "")))
        for kind, count in data.get("masked", {}).items():
            figures["masked"].add(record, kind, count)
            figures["masked"].row(kind, times=count)


class Keeping:
    """The records themselves: at which level, under which key, and what was lost."""

    def __init__(self, figures: Figures, asked: Asked) -> None:
        del asked
        self._figures = figures
        self._levels: dict[str, int] = {}
        figures["coverage"].columns = ("level",)

    def listens(self) -> dict[str, Observe]:
        return {EVERY: self._take}

    def _take(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        del data
        if not counted:
            return
        leaf = record.leaf
        if leaf["session"]:
            level = leaf.get("level", "?")
            self._levels[level] = self._levels.get(level, 0) + 1
        if "payload" in leaf and "sha256" in leaf["payload"]:
            self._figures["payloads.encrypted" if leaf.get("key") else "payloads.unencrypted"].add(record)

    def finish(self) -> None:
        for level, count in self._levels.items():
            self._figures["coverage"].add(times=count)
            self._figures["coverage"].row(str(level), times=count)


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
    _KINDS = (*_LISTS, "lease.issued", "lease.renewed", "lease.used", "lease.revoked", "gate.started")

    def listens(self) -> dict[str, Observe]:
        return dict.fromkeys(self._KINDS, self._take)

    def __init__(self, figures: Figures, asked: Asked) -> None:
        del asked
        self._figures = figures
        figures["leases"].columns = ("what",)

    def _take(self, record: Record, data: dict[str, Any], counted: bool) -> None:
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


def observers(figures: Figures, asked: Asked) -> tuple[dict[str, list[Observe]], list[Callable[[], None]]]:
    """By kind the methods that take its records (EVERY: of kinds that are not in the table), and what is to be done at
    the end.
    """
    made = [kind(figures, asked) for kind in _OBSERVERS]
    tables = [observer.listens() for observer in made]
    every = [table[EVERY] for table in tables if EVERY in table]
    listening: dict[str, list[Observe]] = {EVERY: every}
    for table in tables:
        for kind, take in table.items():
            if kind != EVERY:
                listening.setdefault(kind, list(every)).append(take)
    return listening, [observer.finish for observer in made if hasattr(observer, "finish")]


def _after(record: Record, expires: object) -> bool:
    if not isinstance(expires, str):
        return False
    return bool(record.leaf["time"] > datetime.fromisoformat(expires).timestamp() * 1e9 + 1e9)


_OBSERVERS: tuple[type[_Observer], ...] = (
    *(Calls, Identities, Sessions, Approvals, Messages, Keeping, Listed, Disposal, Reviews),
)
