"""The first page: what is unhealthy, what waits, who is at it now, what was refused lately."""

from __future__ import annotations

import heapq
from typing import Any

from starlette.responses import Response

from adapter_asgi.console.approvals import waits_for
from adapter_asgi.console.evidence import UNREADABLE
from adapter_asgi.console.page import Page
from adapter_asgi.console.roles import APPROVER, ROLES
from adapter_asgi.console.visit import Visit
from adapter_asgi.sessions import SessionRegistry
from recorder.index import Index, Query

__all__ = ["PAGES_OF_NOW", "live_sessions"]

_SHOWN = 20
_REFUSED = 10
"""Sessions in which refused calls are looked for; what is older is found among the sessions."""
_LONG = 1_000
"""Records of a session beyond which the page does not read it: it names the session alone."""


async def page(visit: Visit) -> Response:
    """GET /console/; who is an approver alone begins where they decide."""
    if visit.roles == {APPROVER}:
        return visit.to("/approvals")
    parts = visit.parts
    ill = await _ill(visit)
    newest: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    try:
        newest = await visit.evidence.ask(lambda index: index.page(Query(), limit=_SHOWN, newest=True).sessions)
        refused = await visit.evidence.ask(_refusals)
    except UNREADABLE as error:
        ill.append(f"The store cannot be read: {getattr(error, 'message', type(error).__name__)}.")
    live, lives = await _live(visit)
    waiting = await parts.desk.list(("pending",))
    waiting.sort(key=lambda asked: (not waits_for(visit, asked), asked.expires))
    return visit.page(
        "now.html",
        title="Now",
        ill=ill,
        waiting=[{**asked.to_json(), "mine": waits_for(visit, asked)} for asked in waiting[:_SHOWN]],
        waits=len(waiting),
        live=live,
        lives=lives,
        newest=newest,
        refused=refused,
        sees_calls="operator" not in visit.roles or len(visit.roles) > 1,
    )


async def _ill(visit: Visit) -> list[str]:
    """What is not as it should be, in words; nothing while all is well."""
    state = await visit.parts.health.state()
    ill = []
    if not state["serving"]:
        ill.append("The gate is draining: it takes no calls.")
    if not state["recording"]:
        ill.append("Nothing can be recorded, so no call is served. The gate's log says why.")
    if state["stale"]:
        ill.append(f"The policy on disk is not the one that decides: {state['stale']}.")
    if state["lock"]:
        ill.append(f"The tools' lock on disk is not the one in force: {state['lock']}.")
    ill += [f'The server "{name}" could not be reached when it was last called.' for name in state["down"]]
    return ill


async def _live(visit: Visit) -> tuple[list[dict[str, Any]], int]:
    """The sessions that the gate holds, the last used first, and how many there are."""
    own = live_sessions(visit.parts.sessions)
    others = {} if visit.parts.others is None else await visit.parts.others("live")
    all_ = [own, *others.values()]
    rows = heapq.nlargest(_SHOWN, (row for one in all_ for row in one["rows"]), key=lambda row: float(row["used"]))
    return rows, sum(one["number"] for one in all_)


def live_sessions(sessions: SessionRegistry) -> dict[str, Any]:
    """The sessions of this process: the last used (`used` is the system's monotonic clock), and their number."""
    held = heapq.nlargest(_SHOWN, sessions.all(), key=lambda session: session.last_used)
    rows = [
        {
            "id": session.id,
            "server": session.server,
            "caller": session.principal.display,
            "run": session.principal.run or "",
            "open": session.open_exchanges,
            "used": session.last_used,
        }
        for session in held
    ]
    return {"rows": rows, "number": len(sessions)}


def _refusals(index: Index) -> list[dict[str, Any]]:
    """The newest refused calls: when, what, whose, by which rule, and the code where it was no rule's."""
    found: list[dict[str, Any]] = []
    for session in index.page(Query(facts=[("effect", "deny")]), limit=_REFUSED, newest=True).sessions:
        caller = str(session.get("display") or session.get("subject") or "unknown")
        about = {"session": session["id"], "caller": caller}
        if session["records"] > _LONG:
            found.append({**about, "time": session["last"], "command": "", "rules": [], "code": ""})
            continue
        records = index.session_records(str(session["id"]))
        codes = {one.data.get("call"): str(one.data.get("error", "")) for one in records if one.kind == "refusal"}
        for one in records:
            if one.kind == "decision" and one.data.get("effect") == "deny":
                told = {"time": one.time, "command": str(one.data.get("command") or one.data.get("method") or "")}
                rules = [str(rule) for rule in one.data.get("rules", ())]
                found.append({**about, **told, "rules": rules, "code": codes.get(one.data.get("call"), "")})
    return sorted(found, key=lambda one: str(one["time"]), reverse=True)[:_SHOWN]


PAGES_OF_NOW: tuple[Page, ...] = (Page("GET", "/", frozenset({*ROLES, APPROVER}), page),)
