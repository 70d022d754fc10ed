"""Building a report: one pass over the period's leaves, then each control's status from its figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from recorder.errors import RequestError, VerificationError
from recorder.index import Index, Query
from recorder.index_query import nanoseconds
from recorder.proof import record_proof
from recorder.reader import Record, Store
from recorder.report.controls import Control, Framework, load
from recorder.report.figure import Figure, Figures, Link
from recorder.report.observers import EVERY, Asked, observers
from recorder.verify import verify_report

__all__ = ["DESTRUCTIVE", "Finding", "Report", "Status", "build"]

Status = Literal["evidence", "partial", "not covered by this tool"]
DESTRUCTIVE = tuple(
    f"*/*{word}*" for word in ("delete", "remove", "drop", "erase", "purge", "destroy", "truncate", "overwrite")
)
IDLE = 15 * 60
REVIEW = 31 * 86_400
PROOFS = 200
_LEAD = 24 * 3600 * 10**9
"""What began in the day before the period is known, not counted: its calls may end inside."""
_VERIFIED = ("verify.faults", "verify.records", "verify.checkpoints")


@dataclass(frozen=True, slots=True)
class Finding:
    """One control: its status, why, its figures, and how many exceptions there are."""

    control: Control
    status: Status
    why: str
    figures: tuple[Figure, ...]
    exceptions: int

    def to_json(self) -> dict[str, Any]:
        control = self.control
        told = {"id": control.id, "title": control.title, "asks": control.asks, "status": self.status, "why": self.why}
        if control.note:
            told["note"] = control.note
        return {**told, "exceptions": self.exceptions, "figures": [figure.to_json() for figure in self.figures]}


@dataclass(slots=True)
class Report:
    """Findings of one framework for a period; exceptions first. `proofs`: a C2SP tlog-proof for each linked record."""

    framework: Framework
    store: str
    since: str
    until: str
    made: str
    selection: dict[str, str]
    records: int
    verified: str
    findings: list[Finding]
    proofs: dict[str, str] = field(default_factory=dict)
    figures: Figures = field(default_factory=Figures, repr=False)

    def to_json(self) -> dict[str, Any]:
        """The whole report as data; what `docs/reference/reports.md` describes."""
        return {
            "format": "hoopgate report v1",
            "framework": {"name": self.framework.name, "title": self.framework.title, "source": self.framework.source},
            "store": self.store,
            "period": {"since": self.since, "until": self.until},
            "made": self.made,
            "selection": self.selection,
            "records": self.records,
            "verified": self.verified,
            "summary": self.summary(),
            "controls": [finding.to_json() for finding in self.findings],
            "proofs": self.proofs,
        }

    def chosen(self) -> str:
        """Which sessions, in words."""
        return ", ".join(f"{name} {value}" for name, value in self.selection.items()) or "all"

    def standing(self) -> str:
        """The summary, in words."""
        counts = self.summary()
        exceptions = counts.pop("exceptions")
        return f"{', '.join(f'{count} {status}' for status, count in counts.items())}; {exceptions} exceptions"

    def summary(self) -> dict[str, int]:
        """How many controls have each status, and how many exceptions there are."""
        told = dict.fromkeys(("evidence", "partial", "not covered by this tool"), 0)
        for finding in self.findings:
            told[finding.status] += 1
        return {**told, "exceptions": sum(finding.exceptions for finding in self.findings)}


def build(
    store: str | Path,
    framework: str = "hipaa",
    *,
    since: str | None = None,
    until: str | None = None,
    facts: Sequence[tuple[str, str]] = (),
    destructive: Sequence[str] = DESTRUCTIVE,
    idle: int = IDLE,
    review: int = REVIEW,
    verify: bool = True,
    proofs: bool = True,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Count the period (RFC 3339; default: all that is recorded) and judge each control.

    `facts`: only sessions with these facts, as `recorder.index.Query` takes them; what belongs to no session counts
    always. `idle`, `review`: seconds. `progress` is called with the number of records so far, now and then.
    Raises RequestError, StoreError.
    """
    controls = load(framework)
    figures = Figures()
    made = datetime.now(UTC)
    with Index.open(store) as index:
        first = next(iter(index.records()), None)
        if first is None:
            raise RequestError(f"{store} holds no records", "nothing can be reported")
        begin = nanoseconds(since) if since else int(first.leaf["time"])
        end = nanoseconds(until) if until else int(made.timestamp() * 1e9)
        if end <= begin:
            raise RequestError("the period ends before it begins", "give --since before --until")
        asked = Asked(tuple(destructive), idle, review, begin, end)
        count = _observe(index, asked, figures, facts, progress)
        figures["ledger.oldest"].add(first, first.time)
        verified = _verify(index.store, figures) if verify else _unverified(figures)
        findings = [_judge(control, figures) for control in controls.controls]
        findings.sort(key=lambda finding: (finding.exceptions == 0, finding.status == "not covered by this tool"))
        return Report(
            framework=controls,
            store=_name(first),
            since=_moment(begin),
            until=_moment(end),
            made=_moment(int(made.timestamp() * 1e9)),
            selection=dict(facts),
            records=count,
            verified=verified,
            findings=findings,
            proofs=_proofs(index, findings) if proofs else {},
            figures=figures,
        )


def _observe(
    index: Index, asked: Asked, figures: Figures, facts: Sequence[tuple[str, str]], progress: Callable[[int], None]
) -> int:
    listening, finishing = observers(figures, asked)
    every = listening[EVERY]
    chosen = None
    lead, last = _moment(asked.begin - _LEAD), _moment(asked.end)
    if facts:
        chosen = {found["id"] for found in index.sessions(Query(facts=facts, since=lead, until=last))}
    count = 0
    for record in index.records(since=lead, until=last):
        leaf = record.leaf
        if chosen is not None and leaf["session"] and leaf["session"] not in chosen:
            continue
        counted = leaf["time"] >= asked.begin
        data = leaf.get("data", {})
        for take in listening.get(leaf["kind"], every):
            take(record, data, counted)
        count += counted
        if count % 10_000 == 0:
            progress(count)
    for finish in finishing:
        finish()
    return count


def _verify(store: Store, figures: Figures) -> str:
    try:
        report = verify_report(store.root)
    except VerificationError as error:
        figures["verify.faults"].add(about=error.message)
        figures["verify.faults"].said = error.message
        return f"FAILED: {error.message}"
    figures["verify.records"].add(times=report.records)
    figures["verify.checkpoints"].add(times=report.checkpoints)
    return f"{report.records} records, {report.checkpoints} checkpoints; not checked: {'; '.join(report.unchecked())}"


def _unverified(figures: Figures) -> str:
    for name in _VERIFIED:
        figures[name].checked = False
        figures[name].said = "not checked in this report; run `hoopgate verify`"
    return "not verified in this report; run `hoopgate verify`"


def _judge(control: Control, figures: Figures) -> Finding:
    """Strategy: a status is earned. Evidence needs something seen, no exception, and every measure checked."""
    chosen = tuple(figures[name] for name in control.measures)
    if control.coverage == "none":
        return Finding(control, "not covered by this tool", "outside what a gate can see", (), 0)
    exceptions = sum(figure.count for figure in chosen if figure.measure.role == "exception")
    unchecked = [figure.measure.name for figure in chosen if not figure.checked]
    seen = any(figure.count for figure in chosen if figure.measure.role != "exception")
    if exceptions:
        why = f"{exceptions} exception{'s' * (exceptions != 1)}"
    elif unchecked:
        why = f"not checked: {', '.join(unchecked)}"
    elif control.coverage == "partial":
        why = "the gate sees a part of it"
    elif not seen and not control.quiet:
        why = "nothing of it happened in the period"
    else:
        return Finding(control, "evidence", "no exceptions" if seen else "no exceptions; nothing happened", chosen, 0)
    return Finding(control, "partial", why, chosen, exceptions)


def _proofs(index: Index, findings: Sequence[Finding]) -> dict[str, str]:
    """For the records that the figures name, exceptions first, up to PROOFS of them."""
    found: dict[str, str] = {}
    for log, seq in _linked(findings)[:PROOFS]:
        record = index.record(log, seq)
        if record is not None:
            with suppress(RequestError):  # no checkpoint covers it yet
                found[f"{log}/{seq}"] = record_proof(index.store.root, log, seq, record.raw).render()
    return found


def _linked(findings: Sequence[Finding]) -> list[tuple[int, int]]:
    wanted: list[Link] = []
    for role in ("exception", "evidence", "fact"):
        for finding in findings:
            for figure in finding.figures:
                if figure.measure.role == role:
                    wanted += figure.links[: None if role == "exception" else 3]
    return list(dict.fromkeys((link.log, link.seq) for link in wanted))


def _name(record: Record) -> str:
    return str(record.data.get("store", ""))


def _moment(nanoseconds_: int) -> str:
    seconds, rest = divmod(nanoseconds_, 10**9)
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
