"""Sessions: search and filters as addresses, a page at a time, newest first.

Strategy: nothing counts and nothing skips: a page begins behind a cursor. "Newer" is the same walk the other way, whose
page is then turned round, so that both ways cost what a page holds, however deep.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from adapter_asgi.console.acting import looked
from adapter_asgi.console.page import Page as Entry
from adapter_asgi.console.roles import ROLES
from adapter_asgi.console.visit import HOME, Visit
from recorder.errors import RequestError
from recorder.index import Index, Page, Query

__all__ = ["FILTERS", "PAGES_OF_SESSIONS", "Asked", "page", "wanted"]

FILTERS = (
    *("subject", "repository", "job", "branch", "environment", "run", "actor"),
    *("command", "effect", "rule", "error", "approver"),
)
_PERIOD = ("since", "until", "text", "session")
_SHOWN = 50
_OFFERED = 100
"""Values of one field that its menu offers; any other may be typed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A search: its filters by name, and the cursor to go on from, `older` or `newer`."""

    filters: Mapping[str, str]
    older: str | None = None
    newer: str | None = None

    def address(self, **more: str | None) -> str:
        """The address of this search."""
        values = {**self.filters, **{name: value for name, value in more.items() if value}}
        return f"{HOME}/sessions" + (f"?{urlencode(values)}" if values else "")


def wanted(values: Mapping[str, str]) -> tuple[dict[str, str], Query]:
    """The filters that an address or a form gives, and the query that they mean. Raises RequestError."""
    chosen = {name: values[name].strip() for name in (*FILTERS, *_PERIOD) if values.get(name, "").strip()}
    for name, value in chosen.items():
        if len(value) > 1024:
            raise RequestError(f"{name} is too long", "at most 1,024 characters")
        if not value.isprintable():
            raise RequestError(f"{name} holds characters that no record's field has", "leave them out")
    facts = [(name, chosen[name]) for name in FILTERS if name in chosen]
    rest = {name: chosen.get(name) for name in _PERIOD}
    return chosen, Query(facts, rest["text"], rest["since"], rest["until"], rest["session"])


async def page(visit: Visit) -> Response:
    """GET /console/sessions"""
    given = visit.query
    try:
        filters, query = wanted(given)
        asked = Asked(filters, given.get("older") or None, given.get("newer") or None)
        (found, newer, older), menus = await visit.evidence.ask(
            lambda index: (_page(index, query, asked), _menus(index, filters))
        )
    except RequestError as error:
        return visit.error(400, "That search cannot be", f"{error.message}. {error.help}".strip())
    await looked(visit, "list", None, len(found.sessions), dict(filters))
    return visit.page(
        "sessions.html",
        title="Sessions",
        sessions=found.sessions,
        filters=filters,
        menus=menus,
        newer=asked.address(newer=newer) if newer else None,
        older=asked.address(older=older) if older else None,
        newest=asked.address() if asked.older or asked.newer else None,
    )


def _page(index: Index, query: Query, asked: Asked) -> tuple[Page, str | None, str | None]:
    """The page, and the cursors of the pages of newer and of older sessions, where there are any."""
    if asked.newer is None:
        found = index.page(query, after=asked.older, limit=_SHOWN, newest=True)
        has_newer, has_older = asked.older is not None, found.next is not None
    else:
        back = index.page(query, after=asked.newer, limit=_SHOWN)
        found = Page(back.sessions[::-1], None)
        has_newer, has_older = back.next is not None, True
    if not found.sessions:
        return found, None, None
    first, last = (index.cursor(str(found.sessions[at]["id"])) for at in (0, -1))
    return found, first if has_newer else None, last if has_older else None


def _menus(index: Index, filters: Mapping[str, str]) -> dict[str, list[str]]:
    """What each field's menu offers; the last values of a field with many are reached by typing."""
    return {name: index.values(name, limit=_OFFERED, prefix=_prefix(filters.get(name, ""))) for name in FILTERS}


def _prefix(value: str) -> str:
    return value.partition("*")[0] if "*" in value else ""


PAGES_OF_SESSIONS = (Entry("GET", "/sessions", frozenset(ROLES), page),)
