"""Two runs beside each other: which calls, decisions and masks differ. The run before of the same job comes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from starlette.responses import Response

from adapter_asgi.console.acting import looked
from adapter_asgi.console.page import Page
from adapter_asgi.console.replay import Loaded, load
from adapter_asgi.console.roles import ROLES
from adapter_asgi.console.visit import Visit
from recorder.index import Index, Query
from recorder.reader import Record
from recorder.sessions import with_commands

__all__ = ["MOST_CALLS", "PAGES_OF_DIFFERENCE", "Call", "Line", "calls", "compare"]

MOST_CALLS = 1_000
"""Calls of each run that are compared, in order."""
_SAME = ("repository", "workflow", "job", "branch", "environment")
_TOLD = ("effect", "rules", "masked", "outcome", "error", "approver")


@dataclass(slots=True)
class Call:
    """One call of a session: what it was, and what came of it."""

    command: str
    ref: str
    about: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One row: a call of the one run, of the other, or of both; `changed`: (what, before, after)."""

    before: Call | None
    after: Call | None
    changed: Sequence[tuple[str, str, str]]


def calls(records: Sequence[Record]) -> list[Call]:
    """The calls of a session, in the order in which they began."""
    found: dict[str, Call] = {}
    masks: dict[str, dict[str, int]] = {}
    for value in with_commands(records):
        ident = value.get("call")
        if ident is None:
            continue
        call = found.setdefault(ident, Call("", f"{value['log']}-{value['seq']}"))
        call.command = call.command or str(value.get("command") or value.get("method") or "")
        if value["kind"] in ("decision", "refusal", "call.ended", "call.interrupted", "approval.given"):
            call.about |= {name: _text(value[name]) for name in _TOLD if value.get(name) and name != "masked"}
        if value["kind"] == "masking":
            counts = masks.setdefault(ident, {})
            for kind, count in value.get("masked", {}).items():
                counts[kind] = counts.get(kind, 0) + count
            call.about["masked"] = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    return list(found.values())


def compare(before: Sequence[Call], after: Sequence[Call]) -> list[Line]:
    """The two runs, call by call: matched in order by command, what has no partner alone."""
    matcher = SequenceMatcher(None, [call.command for call in before], [call.command for call in after], False)
    lines: list[Line] = []
    for _, first, end, other, last in matcher.get_opcodes():
        old, new = before[first:end], after[other:last]
        if [call.command for call in old] == [call.command for call in new]:
            lines += [Line(one, two, _changed(one, two)) for one, two in zip(old, new, strict=True)]
        else:
            lines += [Line(one, None, ()) for one in old] + [Line(None, two, ()) for two in new]
    return lines


def _changed(one: Call, two: Call) -> list[tuple[str, str, str]]:
    pairs = ((name, one.about.get(name, "none"), two.about.get(name, "none")) for name in _TOLD)
    return [(name, old, new) for name, old, new in pairs if old != new]


def _text(value: Any) -> str:
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)


async def page(visit: Visit) -> Response:
    """GET /console/sessions/{id}/difference?with=ID"""
    ident = visit.request.path_params["id"]
    chosen = visit.query.get("with", "").strip()
    if not chosen.isprintable():
        return visit.error(400, "No such session", "The name of the other session holds characters that no name has.")
    loaded, other = await visit.evidence.ask(lambda index: _both(index, ident, chosen))
    if loaded is None:
        return visit.error(404, "No such session", "The store has no session of this name.")
    old = calls(other.records)[:MOST_CALLS] if other else []
    new = calls(loaded.records)[:MOST_CALLS]
    lines = await visit.evidence.do(lambda: compare(old, new)) if other else []
    await looked(visit, "difference", ident, len(lines), {"with": other.session["id"] if other else chosen})
    return visit.page(
        "difference.html",
        title="Two runs",
        session=loaded.session,
        other=other.session if other else None,
        chosen=chosen,
        lines=lines,
        different=sum(bool(line.changed or line.before is None or line.after is None) for line in lines),
        whole=loaded.whole and (other is None or other.whole) and max(len(old), len(new)) < MOST_CALLS,
        most=MOST_CALLS,
    )


def _both(index: Index, ident: str, chosen: str) -> tuple[Loaded | None, Loaded | None]:
    loaded = load(index, ident)
    if loaded is None:
        return None, None
    other = chosen or _before(index, loaded)
    return loaded, load(index, other) if other else None


def _before(index: Index, loaded: Loaded) -> str:
    """The last session of the same job on the same branch that began before; "" where there is none."""
    facts = [(name, str(loaded.session[name])) for name in _SAME if loaded.session.get(name)]
    if not facts and loaded.session.get("subject"):
        facts = [("subject", str(loaded.session["subject"]))]
    exact = [(name, value) for name, value in facts if "*" not in value]
    if not exact:
        return ""
    after = index.cursor(loaded.session["id"])
    found = index.page(Query(exact), after=after, limit=1, newest=True).sessions
    return str(found[0]["id"]) if found else ""


PAGES_OF_DIFFERENCE = (Page("GET", "/sessions/{id}/difference", frozenset(ROLES), page),)
