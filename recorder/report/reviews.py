"""Reviews of the period, and the incidents that they cover."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from recorder.index import Index
from recorder.index_query import nanoseconds
from recorder.reader import Record
from recorder.report.figure import Figures

if TYPE_CHECKING:
    from recorder.report.observers import Asked

__all__ = ["BREAK_GLASS", "Reviews", "moment", "reviewed", "uncovered"]

BREAK_GLASS = "break-glass"
_SECOND = 10**9
_MAX = 100_000
"""Incidents of one period that are looked at one by one; more are counted, and told as unreviewed."""


class Reviews:
    """Spans that somebody signed off, what lies between them, and incidents outside them."""

    _INCIDENTS = ("gap", "call.interrupted", "tools.changed")

    def listens(self) -> dict[str, Callable[[Record, dict[str, Any], bool], None]]:
        return {"review": self._review, "approval.given": self._given, **dict.fromkeys(self._INCIDENTS, self._incident)}

    def __init__(self, figures: Figures, asked: Asked) -> None:
        self._figures, self._asked = figures, asked
        self._spans: list[tuple[int, int]] = []
        self._incidents: list[Record] = []
        figures["incidents"].columns = ("kind",)

    def _review(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        if "since" in data and "until" in data:
            self._spans.append((nanoseconds(data["since"]), nanoseconds(data["until"])))
        if counted:
            self._figures["reviews"].add(record, str(data.get("approver") or data.get("user") or ""))

    def _given(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        if data.get("cause") == BREAK_GLASS:
            self._incident(record, data, counted)

    def _incident(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        del data
        if not counted:
            return
        self._figures["incidents"].add(record, record.kind)
        self._figures["incidents"].row(record.kind)
        if len(self._incidents) < _MAX:
            self._incidents.append(record)
        else:
            self._figures["incidents.unreviewed"].add(record, record.kind)

    def finish(self) -> None:
        spans = sorted(self._spans)
        for record in self._incidents:
            if not any(first <= record.leaf["time"] < last for first, last in spans):
                self._figures["incidents.unreviewed"].add(record, record.kind)
        overdue = self._figures["reviews.overdue"]
        overdue.columns = ("from", "to")
        asked = self._asked
        for first, last in uncovered(spans, asked.begin, asked.end, asked.review * _SECOND):
            overdue.add()
            overdue.row(moment(first), moment(last))


def reviewed(
    index: Index, signed: Iterable[Record], now: int, interval: int
) -> tuple[list[Record], list[tuple[int, int]]]:
    """The reviews that were `signed`, by time, and the spans since the first record, longer than `interval`, that none
    of them covers. Reads each log's first record alone. Nanoseconds, UTC.
    """
    found = sorted(signed, key=lambda record: (int(record.leaf["time"]), record.log, record.seq))
    firsts = (next(iter(index.following(log, 0)), None) for log in index.covered())
    begin = min((int(record.leaf["time"]) for record in firsts if record is not None), default=now)
    spans = [
        (nanoseconds(record.data["since"]), nanoseconds(record.data["until"]))
        for record in found
        if "since" in record.data and "until" in record.data
    ]
    return found, uncovered(spans, begin, now, interval)


def uncovered(spans: Sequence[tuple[int, int]], begin: int, end: int, interval: int) -> list[tuple[int, int]]:
    """What of a period no review covers, where it is longer than the interval; all in nanoseconds."""
    found, at = [], begin
    for first, last in [*sorted(spans), (end, end)]:
        if min(first, end) - at > interval:
            found.append((at, min(first, end)))
        at = max(at, last)
    return found


def moment(nanoseconds_: int) -> str:
    """RFC 3339, UTC, whole seconds."""
    return datetime.fromtimestamp(nanoseconds_ // _SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
