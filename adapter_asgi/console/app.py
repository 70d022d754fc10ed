"""The console's routes: sign-in, sign-out, style and script, and each page behind its guard."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib import resources
from typing import Any
from urllib.parse import quote, unquote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from adapter_asgi.approvals.error import ApprovalError
from adapter_asgi.approvals.signin import FLOW_SECONDS, PERSON_SECONDS, Person
from adapter_asgi.console.evidence import UNREADABLE, Evidence
from adapter_asgi.console.jobs import sweep
from adapter_asgi.console.parts import Parts
from adapter_asgi.console.rendering import Renderer
from adapter_asgi.console.roles import Roles
from adapter_asgi.console.table import PAGES, Page, navigation
from adapter_asgi.console.visit import HEADERS, HOME, Visit, read_form, same

__all__ = ["Console"]

_FLOW, _PERSON = "hoopgate-console-flow", "hoopgate-console"
_STATIC = {"console.css": "text/css", "console.js": "text/javascript"}
_MOST = 3_900
"""Characters of a cookie that every browser keeps (RFC 6265, 6.1), attributes left out."""
_OLD = "/approvals"
"""Where approvers decided before there was a console: links that are in people's mail lead on."""

_log = logging.getLogger(__name__)


class Console:
    """Made by the composition root; `routes()` go into its application. Close it at the end."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._roles = Roles({str(role): names for role, names in parts.settings.roles.items()}, parts.people)
        self._evidence = Evidence(parts.settings.store)
        with suppress(OSError):
            sweep(parts.settings.state / "console")
        self._renderer = Renderer()
        self._secure = parts.settings.public_url.startswith("https:")
        self._left: dict[str, float] = {}  # the tokens of people who signed out, until their cookies run out
        folder = resources.files("adapter_asgi.console") / "static"
        self._static = {name: folder.joinpath(name).read_bytes() for name in _STATIC}

    async def close(self) -> None:
        """Give the store back."""
        await self._evidence.close()

    def routes(self) -> list[Route]:
        """For the application."""
        fixed = [
            Route(HOME, self._slash),
            Route(f"{HOME}/sign-in", self._sign_in),
            Route(f"{HOME}/signed-in", self._signed_in),
            Route(f"{HOME}/sign-out", self._sign_out, methods=["POST"]),
            Route(f"{HOME}/static/{{name}}", self._file),
            Route(_OLD, self._moved),
            Route(f"{_OLD}/{{rest:path}}", self._moved),
        ]
        pages = [Route(HOME + one.path, self._guarded(one), methods=[one.method]) for one in PAGES]
        return [*fixed, *pages, Route(f"{HOME}/{{rest:path}}", self._unknown)]

    def _guarded(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        """Strategy: nothing of a page runs before the person, the role and, for a form, its token are known."""

        async def answer(request: Request) -> Response:
            person = self._person(request)
            if person is None:
                return self._stranger(request, page)
            form: dict[str, str] = {}
            if page.method != "GET":
                found = await read_form(request)
                if found is None:
                    return self._plain(413, "Not accepted", "The form is too large, or no form at all.")
                if not same(found.pop("csrf", ""), person.csrf):
                    return self._plain(403, "Not accepted", _NOT_OURS)
                form = found
            roles = self._roles.of(person.approver)
            links = navigation(roles)
            visit = Visit(request, person, roles, self._parts, self._evidence, self._renderer, form, links)
            if not roles & page.roles:
                return visit.error(403, "Not for your role", f"This page is for: {', '.join(sorted(page.roles))}.")
            return await self._safely(page, visit)

        return answer

    async def _safely(self, page: Page, visit: Visit) -> Response:
        """Strategy: whatever fails, the person reads a page; the log says what and where, with no values."""
        try:
            return await page.handler(visit)
        except ClientDisconnect:
            raise
        except UNREADABLE as error:
            _log.error("console: %s %s: the store cannot be used: %s", page.method, page.path, error)
            said = getattr(error, "message", type(error).__name__)
            return visit.error(503, "The store cannot be used", f"{said}. The gate's log says more.")
        except Exception as error:  # noqa: BLE001 - the boundary of the console: a page, never a traceback
            _log.error("console: %s %s: %s at %s", page.method, page.path, type(error).__name__, _place(error))
            return visit.error(500, "This page failed", "That is a fault of the gate; its log says where.")

    def _person(self, request: Request) -> Person | None:
        person = self._parts.signin.person(request.cookies.get(self._name(_PERSON), ""))
        return None if person is None or person.csrf in self._left else person

    def _stranger(self, request: Request, page: Page) -> Response:
        """Strategy: a strict cookie does not come along with a link from elsewhere, such as a notice's. Such a request
        is answered with a page of ours that goes on to itself: that time the cookie comes, if there is one.
        """
        if page.method != "GET":
            return self._plain(401, "Not signed in", "Sign in, then use the form on the page.")
        to = _inside(_address(request))
        if request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            body = self._renderer.render("onwards.html", title="One moment", to=to, words="On to the page.")
            return HTMLResponse(body, 200, HEADERS)
        return RedirectResponse(f"{HOME}/sign-in?to={quote(to)}", 303, HEADERS)

    async def _moved(self, request: Request) -> Response:
        rest = str(request.path_params.get("rest", ""))
        to = f"{HOME}/approvals/{rest}" if re.fullmatch("[0-9a-f]+", rest) else f"{HOME}/approvals"
        return RedirectResponse(to, 308, HEADERS)

    async def _unknown(self, _: Request) -> Response:
        return self._plain(404, "Unknown", "There is nothing here.")

    async def _slash(self, _: Request) -> Response:
        return RedirectResponse(f"{HOME}/", 308, HEADERS)

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._static:
            return await self._unknown(request)
        return Response(
            self._static[name], media_type=_STATIC[name], headers={**HEADERS, "Cache-Control": "max-age=300"}
        )

    async def _sign_in(self, request: Request) -> Response:
        try:
            url, flow = await self._parts.signin.begin(_inside(request.query_params.get("to", "")))
        except ApprovalError as error:
            return self._plain(503, "Sign-in", error.message)
        answer = RedirectResponse(url, 303, HEADERS)
        self._set(answer, _FLOW, flow, FLOW_SECONDS, "lax")
        return answer

    async def _signed_in(self, request: Request) -> Response:
        flow = request.cookies.get(self._name(_FLOW), "")
        try:
            person, to = await self._parts.signin.finish(flow, dict(request.query_params))
        except ApprovalError as error:
            return self._plain(403, "Not signed in", error.message)
        cookie = self._parts.signin.cookie(person)
        if len(cookie) > _MOST:
            return self._plain(403, "Not signed in", _TOO_MANY)
        # A redirect would not send a strict cookie along, for it began at the provider: this page goes on by itself.
        body = self._renderer.render("onwards.html", title="Signed in", to=to, words=f"You are {person.name}.")
        answer = HTMLResponse(body, 200, HEADERS)
        self._set(answer, _PERSON, cookie, PERSON_SECONDS, "strict")
        self._drop(answer, _FLOW, "lax")
        return answer

    async def _sign_out(self, request: Request) -> Response:
        person = self._person(request)
        form = await read_form(request) or {}
        if person is not None and not same(form.get("csrf", ""), person.csrf):
            return self._plain(403, "Not accepted", _NOT_OURS)
        if person is not None:
            now = time.time()
            self._left = {token: until for token, until in self._left.items() if until > now}
            self._left[person.csrf] = person.until
        answer = self._plain(200, "Signed out", "You are signed out.")
        self._drop(answer, _PERSON, "strict")
        return answer

    def _plain(self, status: int, title: str, words: str) -> Response:
        return HTMLResponse(self._renderer.render("plain.html", title=title, words=words), status, HEADERS)

    def _name(self, name: str) -> str:
        """Behind https the browser takes the cookie from this very host alone (`__Host-`, RFC 6265bis 4.1.3.2)."""
        return f"__Host-{name}" if self._secure else name

    def _set(self, answer: Response, name: str, value: str, seconds: int, same_site: Any) -> None:
        answer.set_cookie(
            self._name(name), value, max_age=seconds, path="/", httponly=True, secure=self._secure, samesite=same_site
        )

    def _drop(self, answer: Response, name: str, same_site: Any) -> None:
        self._set(answer, name, "", 0, same_site)


_TOO_MANY = (
    "Your provider names more groups and names of yours than a browser can keep. Let it send those alone that the gate "
    "asks about: the ones in [roles] and [approvers], and in the policy."
)
_NOT_OURS = "The form was not one of this sign-in. Go back, load the page again and try once more."


def _address(request: Request) -> str:
    """Path and query as they were asked for."""
    path = request.scope.get("raw_path", b"").decode("ascii", "replace").partition("?")[0] or request.url.path
    return f"{path}?{request.url.query}" if request.url.query else path


def _inside(to: str) -> str:
    """A page of ours, whatever was asked for: a path below /console, no host, no way up, no control character."""
    path = unquote(to.partition("?")[0])
    good = path.startswith(f"{HOME}/") and not re.search(r"//|\\|/\.\.?(/|$)", path)
    return to if good and "\\" not in to and to.isascii() and to.isprintable() and len(to) < 2000 else f"{HOME}/"


def _place(error: BaseException) -> str:
    """File and line of where it was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "?" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
