"""Evidence: exports and reports to build and download, reviews to sign off, holds, and what retention would remove."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.responses import FileResponse, Response

from adapter_asgi.console.acting import MOST_REASON, VIA, act, looked, reason_of
from adapter_asgi.console.jobs import Jobs, TooManyError
from adapter_asgi.console.page import Page
from adapter_asgi.console.roles import AUDITOR, REVIEWER
from adapter_asgi.console.visit import HEADERS, Visit
from recorder import report
from recorder.errors import RecorderError, RequestError
from recorder.export import LEDGERS, Wanted
from recorder.export.asking import FORMATS
from recorder.index import Index
from recorder.index_query import nanoseconds
from recorder.ledger import Hold, read_ledger
from recorder.reader import Record
from recorder.report import reviews
from recorder.retention import lift_hold, plan, set_hold

__all__ = ["PAGES_OF_EVIDENCE", "Reviewed", "reviewed"]

_FACTS = ("repository", "job", "branch", "environment", "subject", "command", "effect", "rule")
_REVIEW = 31 * 86_400
_SHOWN = 50
_EXAMINERS, _AUDITOR, _REVIEWER = frozenset((AUDITOR, REVIEWER)), frozenset((AUDITOR,)), frozenset((REVIEWER,))


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The newest sign-offs, and the spans (first, last; RFC 3339) that nobody reviewed in time."""

    signed: tuple[Record, ...]
    overdue: tuple[tuple[str, str], ...]


def reviewed(index: Index, now: int) -> Reviewed:
    """`now`: UTC nanoseconds."""
    signed, spans = reviews.reviewed(index, _acts(index, "review"), now, _REVIEW * 10**9)
    overdue = tuple((reviews.moment(first), reviews.moment(last)) for first, last in spans)
    return Reviewed(tuple(signed[::-1][:_SHOWN]), overdue)


async def page(visit: Visit) -> Response:
    """GET /console/evidence"""
    now = time.time_ns()
    signed, holds = await visit.evidence.ask(lambda index: (reviewed(index, now), _holds(index)))
    jobs = await asyncio.to_thread(_shown, visit)
    return visit.page(
        "evidence.html",
        title="Evidence",
        jobs=jobs,
        busy=any(job["state"] in ("waiting", "running") for job in jobs),
        reviews=signed,
        holds=holds,
        facts=_FACTS,
        ledgers=LEDGERS,
        formats=FORMATS,
        frameworks=report.names(),
        kinds=[name.lstrip(".") for name in report.FORMATS],
        today=_moment(now)[:10],
        auditor=AUDITOR in visit.roles,
        reviewer=REVIEWER in visit.roles,
        months=(_month_before(_moment(now)[:7]), _moment(now)[:7]),
    )


async def build_export(visit: Visit) -> Response:
    """POST /console/evidence/exports"""
    form, reason = visit.form, reason_of(visit)
    if reason is None:
        return _unreasoned(visit)
    try:
        wanted = Wanted(
            sessions=(form["session"].strip(),) if form.get("session", "").strip() else None,
            facts=tuple((name, form[name].strip()) for name in _FACTS if form.get(name, "").strip()),
            since=_time(form.get("since", "")),
            until=_time(form.get("until", "")),
            ledgers=tuple(name for name in LEDGERS if form.get(f"ledger-{name}")),
            formats=tuple(name for name in FORMATS if form.get(f"format-{name}")) or ("ndjson",),
            payloads=bool(form.get("payloads")),
        )
    except RequestError as error:
        return visit.error(400, "That export cannot be", f"{error.message}. {error.help}".strip())
    asked = {"kind": "export", "reason": reason, "wanted": wanted.to_json()}
    return await _begin(visit, f"hoopgate-export-{_stamp()}.zip", "Export", _AUDITOR, asked)


async def build_report(visit: Visit) -> Response:
    """POST /console/evidence/reports"""
    form, reason = visit.form, reason_of(visit)
    if reason is None:
        return _unreasoned(visit)
    framework, kind = form.get("framework", ""), f".{form.get('kind', '')}"
    if framework not in report.names() or kind not in report.FORMATS:
        return visit.error(400, "That report cannot be", "Choose a framework and a format from the lists.")
    try:
        since, until = _time(form.get("since", "")), _time(form.get("until", ""))
    except RequestError as error:
        return visit.error(400, "That report cannot be", f"{error.message}. {error.help}".strip())
    facts = [(name, form[name].strip()) for name in _FACTS if form.get(name, "").strip()]
    told = {"framework": framework, "since": since, "until": until, "facts": facts, "verify": bool(form.get("verify"))}
    asked = {"kind": "report", "reason": reason, "report": told}
    return await _begin(visit, f"hoopgate-{framework}-{_stamp()}{kind}", f"Report, {framework}", _EXAMINERS, asked)


async def _begin(visit: Visit, name: str, title: str, roles: frozenset[str], asked: Mapping[str, Any]) -> Response:
    settings, who = visit.parts.settings, visit.person.name
    about = {"store": str(settings.store.resolve()), "keys": str(settings.keys.resolve()), "kek": settings.kek}
    try:
        await visit.evidence.shared(Jobs).start(
            settings.state / "console", name, title, who, roles, {**asked, **about, "who": who}
        )
    except TooManyError:
        return visit.error(429, "Too many at once", "Wait until one of those that are being built is done.")
    except OSError as error:
        return visit.error(503, "It cannot be built", f"{error.strerror}: the directory beside the store.")
    return visit.to("/evidence")


def _shown(visit: Visit) -> list[dict[str, Any]]:
    """What this person may see of what is built, newest first: one state of each."""
    names = ("id", "title", "who", "asked", "state", "progress", "fault", "digest", "size")
    found = [job for job in visit.evidence.shared(Jobs).all() if job.roles & visit.roles]
    return [{**{name: getattr(job, name) for name in names}, "name": job.file.name} for job in found]


async def download(visit: Visit) -> Response:
    """GET /console/evidence/files/{id}"""
    job = await asyncio.to_thread(visit.evidence.shared(Jobs).get, visit.request.path_params["id"])
    if job is None or not job.roles & visit.roles or job.state != "done":
        return visit.error(404, "No such file", "It was never built, or was removed after a day. Build it again.")
    await looked(visit, "download", None, 1, {"digest": job.digest})
    return FileResponse(job.file, headers=HEADERS, filename=job.file.name, media_type="application/octet-stream")


async def sign_off(visit: Visit) -> Response:
    """POST /console/evidence/reviews"""
    reason = reason_of(visit)
    if reason is None:
        return visit.error(400, "What was found?", f"A review says what was found: 1 to {MOST_REASON} characters.")
    try:
        since, until = _time(visit.form.get("since", "")), _time(visit.form.get("until", ""))
        if since is None or until is None:
            raise RequestError("a review needs the beginning and the end of its period")
        if nanoseconds(until) <= nanoseconds(since):
            raise RequestError("the period ends before it begins")
        if nanoseconds(until) > time.time_ns() + 10**9:
            raise RequestError("nobody reviews what has not happened yet", "give an earlier end")
    except RequestError as error:
        return visit.error(400, "That review cannot be", f"{error.message}. {error.help}".strip())
    metadata = {"action": "sign-off", "since": since, "until": until, "approver": visit.person.name}
    await act(visit, "review", {**metadata, "asserted": "oidc"}, reason)
    visit.evidence.renew()
    return visit.to("/evidence")


async def hold(visit: Visit) -> Response:
    """POST /console/evidence/holds"""
    sessions = visit.form.get("sessions", "").split()
    keys = visit.parts.keys
    return await _holding(visit, lambda store, who, why: set_hold(store, keys, sessions, why, who=who, via=VIA))


async def lift(visit: Visit) -> Response:
    """POST /console/evidence/holds/lift"""
    ident = visit.form.get("hold", "")
    keys = visit.parts.keys
    return await _holding(visit, lambda store, who, why: lift_hold(store, keys, ident, why, who=who, via=VIA))


async def _holding(visit: Visit, done: Callable[[Path, str, str], Hold]) -> Response:
    reason = reason_of(visit)
    if reason is None:
        return _unreasoned(visit)
    store, who = visit.parts.settings.store, visit.person.name
    try:
        await visit.evidence.do(lambda: done(store, who, reason))
    except RequestError as error:
        return visit.error(400, "That hold cannot be", f"{error.message}. {error.help}".strip())
    visit.evidence.renew()
    return visit.to("/evidence")


async def retention(visit: Visit) -> Response:
    """GET /console/evidence/retention: what would be removed now. Changes nothing."""
    settings = visit.parts.settings
    default = settings.retain_days * 86_400
    try:
        due = await asyncio.to_thread(plan, settings.store, default=default)
    except RecorderError as error:
        return visit.error(503, "The store cannot be read", error.message)
    return visit.page("retention.html", title="Retention", due=due, days=settings.retain_days)


def _unreasoned(visit: Visit) -> Response:
    return visit.error(400, "A reason is needed", f"It is recorded with your name: 1 to {MOST_REASON} characters.")


def _acts(index: Index, *kinds: str) -> list[Record]:
    """What the index covers, which is as new as the page."""
    return [record for log, seq in index.acts(kinds) if (record := index.record(log, seq)) is not None]


def _holds(index: Index) -> list[Hold]:
    found = read_ledger(index.store, _acts(index, "hold.set", "hold.lifted")).holds.values()
    return sorted(found, key=lambda one: (one.lifted is not None, one.set))[:_SHOWN]


def _time(text: str) -> str | None:
    """A point in time that can be read, or None for "". Raises RequestError."""
    text = text.strip()
    if text:
        nanoseconds(text)
    return text or None


def _moment(nanoseconds_: int) -> str:
    return datetime.fromtimestamp(nanoseconds_ // 10**9, UTC).isoformat().replace("+00:00", "Z")


def _month_before(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1:04d}-12" if number == 1 else f"{year:04d}-{number - 1:02d}"


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")


PAGES_OF_EVIDENCE = (
    Page("GET", "/evidence", _EXAMINERS, page),
    Page("POST", "/evidence/exports", _AUDITOR, build_export),
    Page("POST", "/evidence/reports", _EXAMINERS, build_report),
    Page("GET", "/evidence/files/{id}", _EXAMINERS, download),
    Page("POST", "/evidence/reviews", _REVIEWER, sign_off),
    Page("POST", "/evidence/holds", _AUDITOR, hold),
    Page("POST", "/evidence/holds/lift", _AUDITOR, lift),
    Page("GET", "/evidence/retention", _EXAMINERS, retention),
)
