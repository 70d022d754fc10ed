"""Calls that wait for people: the list, one call whole, and what a person may do with it.

Looking decides nothing and a link decides nothing: a form does, with the token of this sign-in. Whether the word counts
is the desk's matter. What identifies patients is masked until it is revealed for a reason, which is on record first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import Response

from adapter_asgi.approvals.asked import Asked
from adapter_asgi.approvals.error import ApprovalError
from adapter_asgi.approvals.people import Approver
from adapter_asgi.approvals.rulebook import BREAK_GLASS, check_word, may_break_glass, may_decide
from adapter_asgi.console.evidence import UNREADABLE
from adapter_asgi.console.page import Page
from adapter_asgi.console.roles import APPROVER, AUDITOR, REVIEWER
from adapter_asgi.console.visit import Visit

__all__ = ["PAGES_OF_APPROVALS", "waits_for"]

_ONCE = 50
"""Decided calls on one page."""
_DONE = {
    "approve": "Your word is on record.",
    "refuse": "Refused.",
    "revoke": "Taken back: what ran on it was ended.",
    "break-glass": "Approved in an emergency: somebody else reviews it.",
    "review": "Signed off.",
}
_IDENTITY = (
    "caller", "provider", "tenant", "repository", "workflow", "job", "branch", "tag", "commit", "environment", "event",
    "actor", "source_ip",
)  # fmt: skip
Act = Callable[[str, Approver, str], Awaitable[Asked]]


async def _list(visit: Visit) -> Response:
    """GET /console/approvals: what waits for this person first, then what waits for others, then what was decided."""
    before = visit.query.get("before", "")
    waiting = await visit.parts.desk.list(("pending",))
    decided = await visit.parts.desk.newest(_ONCE, float(before) if _is_number(before) else None)
    mine = [asked for asked in waiting if waits_for(visit, asked)]
    ids = {asked.id for asked in mine}
    sees_all = AUDITOR in visit.roles
    return visit.page(
        "approvals.html",
        title="Approvals",
        mine=[_row(asked) for asked in mine],
        others=[_row(asked) for asked in waiting if sees_all and asked.id not in ids],
        decided=[
            _row(asked) for asked in decided if sees_all or visit.parts.desk.concerns(asked, visit.person.approver)
        ],
        older=repr(decided[-1].created) if len(decided) == _ONCE else "",
    )


async def _one(visit: Visit) -> Response:
    """GET /console/approvals/{id}"""
    return await _show(visit, said=_DONE.get(visit.query.get("done", ""), ""))


async def _reveal(visit: Visit) -> Response:
    """POST /console/approvals/{id}/reveal: the arguments as they are, once the reason is on record."""
    reason = visit.form.get("reason", "")
    try:
        asked = await visit.parts.desk.show(_id(visit))
    except ApprovalError as error:
        return visit.error(404, "Unknown", error.message)
    if not _may_see(visit, asked) or not reason.strip():
        return await _show(visit, wrong="Say why you need to see it.", status=409)
    await visit.parts.desk.record_reading(asked, visit.person.name, reason, via="console")
    return await _show(visit, revealed=True)


def _deciding(verb: str, act: Callable[[Visit], Act]) -> Callable[[Visit], Awaitable[Response]]:
    """The handler of POST /console/approvals/{id}/VERB."""

    async def decide(visit: Visit) -> Response:
        try:
            await act(visit)(_id(visit), visit.person.approver, visit.form.get("reason", ""))
        except ApprovalError as error:
            return await _show(visit, wrong=_sentence(error), status=404 if error.code == "APR01" else 409)
        return visit.to(f"/approvals/{_id(visit)}", done=verb)

    return decide


async def _show(
    visit: Visit, *, revealed: bool = False, said: str = "", wrong: str = "", status: int = 200
) -> Response:
    try:
        asked = await visit.parts.desk.show(_id(visit))
    except ApprovalError as error:
        return visit.error(404, "Unknown", error.message)
    if not _may_see(visit, asked):
        return visit.error(403, "Not yours", "This call does not wait for your group.")
    arguments = asked.arguments
    if not revealed:
        arguments = await visit.evidence.do(lambda: visit.parts.mask(asked.arguments))
    return visit.page(
        "approval.html",
        status,
        title=asked.command,
        asked=asked.to_json(whole=True),
        server=asked.server,
        session=asked.session,
        arguments=arguments,
        revealed=revealed,
        said=said,
        wrong=wrong,
        identity=await _identity(visit, asked),
        tool=_tool(visit, asked),
        changed=asked.policy != visit.parts.policy.current.digest,
        lasts=asked.lasts,
        **_ways(visit, asked),
    )


# --- what is known of it ----------------------------------------------------------------------------------------------


def _row(asked: Asked) -> dict[str, Any]:
    demands = asked.unmet() or asked.demands
    groups = sorted({group for demand in demands for group in demand.groups})
    given = [word.approver for word in asked.words]
    return {**asked.to_json(), "groups": groups, "words": given, "decider": asked.decider, "review": asked.review}


async def _identity(visit: Visit, asked: Asked) -> dict[str, str]:
    """What the token said of the caller, as the evidence has it; nothing where the index cannot be read now."""
    try:
        found = await visit.evidence.ask(lambda index: index.session(asked.session))
    except UNREADABLE:
        found = None
    return {name: str(found[name]) for name in _IDENTITY if name in found} if found else {}


def _tool(visit: Visit, asked: Asked) -> dict[str, Any]:
    """What the server declared of the tool, where the caller's session is live and has listed it."""
    name = asked.command.partition("/")[2]
    for session in visit.parts.sessions.all():
        if session.id == asked.session and name in session.tools:
            return dict(session.tools[name])
    return {}


# --- what this person may do ------------------------------------------------------------------------------------------


def _ways(visit: Visit, asked: Asked) -> dict[str, Any]:
    """The forms to show, and why there is none."""
    who, people = visit.person.approver, visit.parts.people
    why = _why_not(lambda: may_decide(asked, who, people))
    proven = visit.parts.settings.independence == "proven"
    return {
        "why": why if asked.state == "pending" else "",
        "why_not_approve": why or _why_not(lambda: check_word(asked, who, people, proven=proven)),
        "decides": not why,
        "takes_back": not _why_not(lambda: may_decide(asked, who, people, ("approved", "consumed"))),
        "breaks_glass": not _why_not(lambda: may_break_glass(asked, who, people)),
        "reviews": asked.review == "due" and BREAK_GLASS not in _groups_that_broke(asked, who, visit),
        "independence": people.independence(asked.requester.ids, who.ids),
    }


def _groups_that_broke(asked: Asked, who: Approver, visit: Visit) -> set[str]:
    """`break-glass` where this person broke it, or examines: then somebody else signs it off."""
    own = any(visit.parts.people.same(word.ids, who.ids) for word in asked.words)
    return {BREAK_GLASS} if own or visit.parts.people.audits(who) else set()


def _why_not(check: Callable[[], object]) -> str:
    try:
        check()
    except ApprovalError as error:
        return error.message
    return ""


def waits_for(visit: Visit, asked: Asked) -> bool:
    """Whether this person could decide on it."""
    who, people = visit.person.approver, visit.parts.people
    own = people.same(asked.requester.ids, who.ids)
    return visit.parts.desk.concerns(asked, who) and not own and not people.audits(who)


def _may_see(visit: Visit, asked: Asked) -> bool:
    return AUDITOR in visit.roles or visit.parts.desk.concerns(asked, visit.person.approver)


def _id(visit: Visit) -> str:
    return str(visit.request.path_params["id"])


def _sentence(error: ApprovalError) -> str:
    return f"{error.message}. {error.help}" if error.help else error.message


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit() and text.isascii() and len(text) < 32


_LOOK = frozenset({REVIEWER, APPROVER, AUDITOR})
_DECIDE = frozenset({REVIEWER, APPROVER})
_ACTS: dict[str, Callable[[Visit], Act]] = {
    "approve": lambda visit: visit.parts.desk.approve,
    "refuse": lambda visit: visit.parts.desk.refuse,
    "revoke": lambda visit: visit.parts.desk.revoke,
    "break-glass": lambda visit: visit.parts.desk.break_glass,
    "review": lambda visit: lambda id_, who, _: visit.parts.desk.review(id_, who),
}

PAGES_OF_APPROVALS: tuple[Page, ...] = (
    Page("GET", "/approvals", _LOOK, _list),
    Page("GET", "/approvals/{id}", _LOOK, _one),
    Page("POST", "/approvals/{id}/reveal", _LOOK, _reveal),
    *(Page("POST", f"/approvals/{{id}}/{verb}", _DECIDE, _deciding(verb, act)) for verb, act in _ACTS.items()),
)
