"""One session: lanes, records in order with their addresses, approvals, credentials, what was checked, payloads."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from starlette.responses import JSONResponse, Response

from adapter_asgi.console import chains
from adapter_asgi.console.acting import MOST_REASON, looked, read, reason_of
from adapter_asgi.console.badge import Badge, check
from adapter_asgi.console.lanes import draw, lane_of, rhythm, span
from adapter_asgi.console.page import Page
from adapter_asgi.console.payloads import Shown, shown, why_absent
from adapter_asgi.console.roles import AUDITOR, REVIEWER, ROLES
from adapter_asgi.console.visit import HEADERS, Visit
from recorder.errors import RequestError
from recorder.index import Index, Query
from recorder.proof import record_proof
from recorder.reader import Payloads, Record
from recorder.sessions import with_commands

__all__ = ["MOST", "PAGES_OF_REPLAY", "READERS", "Loaded", "load", "needs_reason", "told"]

MOST = 5_000
"""Records of one session that its pages look at; the export and the command line have all."""
_PART = 200
"""Records on one page."""
_PROVED = 1_000
"""Records that are proved for the badge; of a longer session those of the part that is shown."""
READERS = frozenset((REVIEWER, AUDITOR))


@dataclass(frozen=True, slots=True)
class Loaded:
    """A session as the index has it, and its first MOST records by time."""

    session: Mapping[str, Any]
    records: Sequence[Record]

    @property
    def whole(self) -> bool:
        """Whether these are all."""
        return len(self.records) >= int(self.session["records"])


def load(index: Index, ident: str) -> Loaded | None:
    """The session; None where there is none."""
    session = index.session(ident)
    if session is None:
        return None
    if session["records"] <= MOST:
        return Loaded(session, index.session_records(ident))
    found = list(islice(index.records(Query(session=ident)), MOST))
    return Loaded(session, sorted(found, key=lambda record: (record.leaf["time"], record.seq)))


def told(records: Sequence[Record]) -> list[dict[str, Any]]:
    """The records as a page shows them: as JSON, with lane, name in addresses, and whether there is a payload."""
    values = with_commands(records)
    at = rhythm([int(record.leaf["time"]) for record in records])
    for value, record, moment in zip(values, records, at, strict=True):
        value |= {"ref": f"{record.log}-{record.seq}", "lane": lane_of(record.kind), "at": moment}
        value["text"] = why_absent(record)
    return values


async def page(visit: Visit) -> Response:
    """GET /console/sessions/{id}"""
    return await _page(visit, None)


async def with_payloads(visit: Visit) -> Response:
    """POST /console/sessions/{id}/payloads: the same page with what was asked and released, for a reason."""
    reason = reason_of(visit)
    return needs_reason(visit) if reason is None else await _page(visit, reason)


def needs_reason(visit: Visit) -> Response:
    """Nothing was read."""
    return visit.error(
        400, "A reason is needed", f"Payloads are read for a reason, which is recorded: 1 to {MOST_REASON} characters."
    )


async def _page(visit: Visit, reason: str | None) -> Response:
    ident = visit.request.path_params["id"]
    loaded = await visit.evidence.ask(lambda index: load(index, ident))
    if loaded is None:
        return visit.error(404, "No such session", "The store has no session of this name.")
    number, parts = _part(visit, len(loaded.records))
    part = loaded.records[(number - 1) * _PART : number * _PART]
    texts: Mapping[str, Shown] = {}
    if reason is None:
        await looked(visit, "show", ident, len(loaded.records), {})
    else:
        readable = [record for record in part if why_absent(record) == ""]
        await read(visit, "replay", ident, readable, reason)
        keys = visit.parts.keys
        texts = await visit.evidence.ask(lambda index: shown(Payloads(index.store, keys), part))
    own = visit.parts.log.signer
    proving = loaded.records if len(loaded.records) <= _PROVED else part
    badge = await visit.evidence.ask(lambda index: check(index.store.root, proving, own))
    return await asyncio.to_thread(_shown, visit, loaded, badge, texts, number, parts)


def _shown(visit: Visit, loaded: Loaded, badge: Badge, texts: Mapping[str, Shown], number: int, parts: int) -> Response:
    every = told(loaded.records)
    here = slice((number - 1) * _PART, number * _PART)
    values = every[here]
    times = [int(record.leaf["time"]) for record in loaded.records[here]]
    may_read = bool(visit.roles & READERS)
    return visit.page(
        "replay.html",
        title=f"Session {loaded.session['id'][:12]}",
        session=loaded.session,
        values=values,
        drawing=draw(values, times),
        approvals=chains.approvals(every),
        leases=chains.leases(every),
        badge=badge,
        texts=texts,
        number=number,
        parts=parts,
        whole=loaded.whole,
        most=MOST,
        may_read=may_read,
        readable=sum(value["text"] == "" for value in values),
        span=span,
        current=visit.parts.policy.current.digest,
    )


def _part(visit: Visit, count: int) -> tuple[int, int]:
    """The part that is asked for, and how many there are."""
    parts = max(1, -(-count // _PART))
    asked = {**visit.query, **visit.form}.get("part", "")
    return (min(max(1, int(asked)), parts) if asked.isdecimal() and len(asked) < 9 else 1), parts


async def as_json(visit: Visit) -> Response:
    """GET /console/sessions/{id}/records.json: metadata, as `hoopgate sessions show --json` gives them."""
    ident = visit.request.path_params["id"]
    loaded = await visit.evidence.ask(lambda index: load(index, ident))
    if loaded is None:
        return JSONResponse({"error": "no such session"}, 404, HEADERS)
    await looked(visit, "show", ident, len(loaded.records), {"as": "json"})
    told_ = {"session": loaded.session, "records": with_commands(loaded.records), "complete": loaded.whole}
    return await asyncio.to_thread(JSONResponse, told_, 200, HEADERS)


async def proof(visit: Visit) -> Response:
    """GET /console/sessions/{id}/records/{log}/{seq}/proof: the record's C2SP tlog-proof, for `hoopgate verify`."""
    values = visit.request.path_params
    log, seq = int(values["log"]), int(values["seq"])

    def made(index: Index) -> str | None:
        record = index.record(log, seq) if log in index.store.logs else None
        if record is None or record.session != values["id"]:
            return None
        return record_proof(index.store.root, log, seq, record.raw).render()

    try:
        text = await visit.evidence.ask(made)
    except RequestError as error:
        return visit.error(409, "Not yet", f"{error.message}. A checkpoint is signed each second; try again.")
    if text is None:
        return visit.error(404, "No such record", "The session has no record of this number.")
    name = f"record-{log}-{seq}.tlog-proof"
    return Response(text, 200, {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}, "text/plain")


_ALL = frozenset(ROLES)
PAGES_OF_REPLAY = (
    Page("GET", "/sessions/{id}", _ALL, page),
    Page("POST", "/sessions/{id}/payloads", READERS, with_payloads),
    Page("GET", "/sessions/{id}/records.json", _ALL, as_json),
    Page("GET", "/sessions/{id}/records/{log:int}/{seq:int}/proof", _ALL, proof),
)
