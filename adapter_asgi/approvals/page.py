"""The page on which a signed-in person sees the whole call and decides. Minimal on purpose: no script, no style.

What identifies patients is masked until it is revealed with a reason, which is a record: one must be able to tell which
patient is deleted. Payloads are hostile text: escaped, and hidden characters are spelled out. A link decides nothing;
a form does, and only with what the session gave it (CSRF). Deciding again is answered with what was decided.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Protocol
from urllib.parse import parse_qsl, quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

import recorder
from adapter_asgi.approvals.asked import Asked, moment, spell
from adapter_asgi.approvals.desk import ApprovalDesk
from adapter_asgi.approvals.error import ApprovalError
from adapter_asgi.approvals.signin import FLOW_SECONDS, PERSON_SECONDS, Person, SignIn

__all__ = ["HOME", "Page"]

HOME = "/approvals"
_FLOW, _PERSON = "hoopgate-flow", "hoopgate-person"
_MAX_FORM = 16 * 1024
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class _Log(Protocol):
    def submit(self, entry: recorder.Entry) -> Any: ...


class Page:
    """The routes under `/approvals`. `mask` takes JSON and gives it masked whole; `secure` marks cookies for https."""

    def __init__(
        self, desk: ApprovalDesk, signin: SignIn, log: _Log, mask: Callable[[Any], Any], *, secure: bool
    ) -> None:
        self._desk, self._signin, self._log, self._mask, self._secure = desk, signin, log, mask, secure

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route(HOME, self._list),
            Route(f"{HOME}/sign-in", self._sign_in),
            Route(f"{HOME}/signed-in", self._signed_in),
            Route(f"{HOME}/{{id}}", self._one),
            Route(f"{HOME}/{{id}}/{{verb}}", self._decide, methods=["POST"]),
        ]

    async def _sign_in(self, request: Request) -> Response:
        try:
            url, flow = await self._signin.begin(_inside(request.query_params.get("to", HOME)))
        except ApprovalError as error:
            return _page("Sign-in", f"<p>{_text(error.message)}</p>", 503)
        answer = RedirectResponse(url, 303, _HEADERS)
        self._set(answer, _FLOW, flow, FLOW_SECONDS, "lax")
        return answer

    async def _signed_in(self, request: Request) -> Response:
        try:
            person, to = await self._signin.finish(request.cookies.get(_FLOW, ""), dict(request.query_params))
        except ApprovalError as error:
            again = f'<p><a href="{HOME}/sign-in">Sign in again</a></p>'
            return _page("Not signed in", f"<p>{_text(error.message)}</p>{again}", 403)
        # A redirect would not send a strict cookie along, for it began at the provider: the person follows a link.
        answer = _page("Signed in", f'<p>You are {_text(person.name)}. <a href="{_text(to)}">Go on</a></p>')
        self._set(answer, _PERSON, self._signin.cookie(person), PERSON_SECONDS, "strict")
        answer.delete_cookie(_FLOW, path=HOME)
        return answer

    async def _list(self, request: Request) -> Response:
        person = self._person(request)
        if person is None:
            return RedirectResponse(f"{HOME}/sign-in", 303, _HEADERS)
        rows = [
            f'<li><a href="{HOME}/{asked.id}">{_text(asked.command)}</a> for {_text(asked.requester.display)}, '
            f"until {moment(asked.expires)}</li>"
            for asked in await self._desk.list(("pending",))
            if self._desk.concerns(asked, person.approver)
        ]
        return _page("What waits", f"<ul>{''.join(rows)}</ul>" if rows else "<p>Nothing waits for you.</p>")

    async def _one(self, request: Request) -> Response:
        person, id_ = self._person(request), request.path_params["id"]
        if person is None:
            return RedirectResponse(f"{HOME}/sign-in?to={quote(f'{HOME}/{id_}')}", 303, _HEADERS)
        return await self._show(id_, person)

    async def _show(self, id_: str, person: Person, *, revealed: bool = False, said: str = "") -> Response:
        try:
            asked = await self._desk.show(id_)
        except ApprovalError as error:
            return _page("Unknown", f"<p>{_text(error.message)}</p>", 404)
        if not self._desk.concerns(asked, person.approver):
            return _page("Not yours", "<p>This call does not wait for your group.</p>", 403)
        arguments = asked.arguments if revealed else self._mask(asked.arguments)
        return _page(asked.command, _body(asked, spell(arguments), person, revealed, said), 409 if said else 200)

    async def _decide(self, request: Request) -> Response:
        person, id_, verb = self._person(request), request.path_params["id"], request.path_params["verb"]
        form = await _form(request)
        if person is None or not hmac.compare_digest(form.get("csrf", "").encode(), person.csrf.encode()):
            return _page("Not accepted", "<p>Sign in, and use the form on the page.</p>", 403)
        reason = form.get("reason", "")
        try:
            if verb == "reveal":
                return await self._reveal(id_, person, reason)
            if verb == "approve":
                await self._desk.approve(id_, person.approver)
            elif verb == "refuse":
                await self._desk.refuse(id_, person.approver, reason)
            else:
                return _page("Unknown", "<p>There is nothing here.</p>", 404)
        except ApprovalError as error:
            return await self._show(id_, person, said=error.message)
        return RedirectResponse(f"{HOME}/{id_}", 303, _HEADERS)

    async def _reveal(self, id_: str, person: Person, reason: str) -> Response:
        asked = await self._desk.show(id_)
        if not self._desk.concerns(asked, person.approver) or not reason.strip():
            return await self._show(id_, person, said="Say why you need to see it.")
        await self._desk.record_reading(asked, person.approver.name, reason, via="approvals page")
        return await self._show(id_, person, revealed=True)

    def _person(self, request: Request) -> Person | None:
        return self._signin.person(request.cookies.get(_PERSON, ""))

    def _set(self, answer: Response, name: str, value: str, seconds: int, same_site: Any) -> None:
        answer.set_cookie(
            name, value, max_age=seconds, path=HOME, httponly=True, secure=self._secure, samesite=same_site
        )


def _body(asked: Asked, arguments: str, person: Person, revealed: bool, said: str) -> str:
    rows: Mapping[str, str] = {
        "asked by": asked.requester.display,
        "state": asked.state,
        "rule": ", ".join(demand.rule for demand in asked.demands),
        "until": moment(asked.expires),
        "approved by": ", ".join(word.approver for word in asked.words) or "nobody yet",
        "arguments" if revealed else "arguments, masked": arguments,
    }
    table = "".join(f"<dt>{_text(name)}</dt><dd><code>{_text(value)}</code></dd>" for name, value in rows.items())
    forms = [] if asked.state != "pending" else [_button(asked, person, "approve"), _button(asked, person, "refuse")]
    if not revealed:
        forms.append(_button(asked, person, "reveal"))
    note = f"<p><strong>{_text(said)}</strong></p>" if said else ""
    return f"{note}<dl>{table}</dl>{''.join(forms)}<p>You are {_text(person.name)}.</p>"


def _button(asked: Asked, person: Person, verb: str) -> str:
    reason = "" if verb == "approve" else '<label>reason <input name="reason" required></label>'
    return (
        f'<form method="post" action="{HOME}/{asked.id}/{verb}"><input type="hidden" name="csrf" '
        f'value="{person.csrf}">{reason}<button>{verb}</button></form>'
    )


def _page(title: str, body: str, status: int = 200) -> HTMLResponse:
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{_text(title)}</title><h1>{_text(title)}</h1>'
    return HTMLResponse(f'{head}{body}<p><a href="{HOME}">What waits</a></p>', status, _HEADERS)


def _text(text: str) -> str:
    """Escaped, hidden and control characters spelled out."""
    return escape("".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text))


def _inside(to: str) -> str:
    """A page of ours, whatever was asked for."""
    return to if to.startswith(f"{HOME}/") and to.replace("/", "").replace("-", "").isalnum() else HOME


async def _form(request: Request) -> dict[str, str]:
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > _MAX_FORM:
        return {}
    try:
        return dict(parse_qsl((await request.body()).decode("utf-8"), max_num_fields=10))
    except ValueError:
        return {}
