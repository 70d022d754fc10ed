"""A session as one HTML file that needs nothing else: no script, no address to fetch from, and it says what it is."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from importlib import resources

from starlette.responses import Response

from adapter_asgi.console import chains
from adapter_asgi.console.acting import act, looked, read, reason_of
from adapter_asgi.console.badge import Badge, check
from adapter_asgi.console.lanes import span
from adapter_asgi.console.page import Page
from adapter_asgi.console.payloads import Shown, shown, why_absent
from adapter_asgi.console.replay import MOST, READERS, Loaded, load, needs_reason, told
from adapter_asgi.console.roles import ROLES
from adapter_asgi.console.visit import HEADERS, Visit
from recorder.reader import Payloads

__all__ = ["PAGES_OF_OFFLINE"]

_ALL = frozenset(ROLES)


async def page(visit: Visit) -> Response:
    """GET /console/sessions/{id}/offline: the form."""
    ident = visit.request.path_params["id"]
    session = await visit.evidence.ask(lambda index: index.session(ident))
    if session is None:
        return visit.error(404, "No such session", "The store has no session of this name.")
    may_read = bool(visit.roles & READERS)
    return visit.page("offline-form.html", title="Session as one file", session=session, may_read=may_read)


async def metadata(visit: Visit) -> Response:
    """GET /console/sessions/{id}/offline.html: the file, without payloads."""
    return await _file(visit, None)


async def with_payloads(visit: Visit) -> Response:
    """POST /console/sessions/{id}/offline: the file with what was asked and released, for a reason on record."""
    reason = reason_of(visit)
    return needs_reason(visit) if reason is None else await _file(visit, reason)


async def _file(visit: Visit, reason: str | None) -> Response:
    ident = visit.request.path_params["id"]
    loaded = await visit.evidence.ask(lambda index: load(index, ident))
    if loaded is None:
        return visit.error(404, "No such session", "The store has no session of this name.")
    texts: Mapping[str, Shown] = {}
    if reason is None:
        await looked(visit, "offline", ident, len(loaded.records), {})
    else:
        readable = [record for record in loaded.records if why_absent(record) == ""]
        await read(visit, "offline", ident, readable, reason)
        keys = visit.parts.keys
        texts = await visit.evidence.ask(lambda index: shown(Payloads(index.store, keys), loaded.records))
    own = visit.parts.log.signer
    badge = await visit.evidence.ask(lambda index: check(index.store.root, loaded.records, own))
    body = (await visit.evidence.do(lambda: _rendered(visit, loaded, badge, texts, reason))).encode()
    if reason is not None:  # erasing the session has to name the files that left the store with it
        about = {
            "action": "offline",
            "targets": [ident],
            "count": len(loaded.records),
            "digest": sha256(body).hexdigest(),
        }
        await act(visit, "export", about, reason)
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="session-{_name(ident)}.html"'}
    return Response(body, 200, headers, "text/html")


def _rendered(visit: Visit, loaded: Loaded, badge: Badge, texts: Mapping[str, Shown], reason: str | None) -> str:
    style = (resources.files("adapter_asgi.console") / "static" / "console.css").read_text(encoding="utf-8")
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    every = told(loaded.records)
    return visit.renderer.render(
        "offline.html",
        session=loaded.session,
        values=every,
        badge=badge,
        texts=texts,
        reason=reason,
        approvals=chains.approvals(every),
        leases=chains.leases(every),
        span=span,
        whole=loaded.whole,
        most=MOST,
        style=style,
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        made=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        by=visit.person.name,
    )


def _name(ident: str) -> str:
    return "".join(character for character in ident if character.isalnum() and character.isascii())[:64]


PAGES_OF_OFFLINE = (
    Page("GET", "/sessions/{id}/offline", _ALL, page),
    Page("GET", "/sessions/{id}/offline.html", _ALL, metadata),
    Page("POST", "/sessions/{id}/offline", READERS, with_payloads),
)
