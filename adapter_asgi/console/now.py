"""The first page: what is going on, what waits, what was refused, what is unhealthy."""

from __future__ import annotations

from starlette.responses import Response

from adapter_asgi.console.visit import Visit
from recorder.index import Query

__all__ = ["page"]

_SHOWN = 20


async def page(visit: Visit) -> Response:
    """GET /console/"""
    parts = visit.parts
    live = await visit.evidence.ask(lambda index: index.page(Query(), limit=_SHOWN, newest=True).sessions)
    refused = await visit.evidence.ask(
        lambda index: index.page(Query(facts=[("effect", "deny")]), limit=_SHOWN, newest=True).sessions
    )
    waiting = [asked.to_json() for asked in await parts.desk.list(("pending",))]
    return visit.page("now.html", title="Now", live=live, refused=refused, waiting=waiting, stale=parts.policy.stale)
