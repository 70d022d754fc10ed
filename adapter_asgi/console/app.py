"""The console's routes: sign-in, sign-out, style and script, and each page behind its guard."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import resources
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from adapter_asgi.approvals.error import ApprovalError
from adapter_asgi.approvals.signin import FLOW_SECONDS, PERSON_SECONDS
from adapter_asgi.console.evidence import Evidence
from adapter_asgi.console.parts import Parts
from adapter_asgi.console.rendering import Renderer
from adapter_asgi.console.roles import Roles
from adapter_asgi.console.table import PAGES, Page
from adapter_asgi.console.visit import HEADERS, HOME, Visit, read_form, same

__all__ = ["Console"]

_FLOW, _PERSON = "hoopgate-console-flow", "hoopgate-console"
_STATIC = {"console.css": "text/css", "console.js": "text/javascript"}


class Console:
    """Made by the composition root; `routes()` go into its application. Close it at the end."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._roles = Roles({str(role): names for role, names in parts.settings.roles.items()}, parts.people)
        self._evidence = Evidence(parts.settings.store)
        self._renderer = Renderer()
        self._secure = parts.settings.public_url.startswith("https:")
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
        ]
        return [*fixed, *(Route(HOME + one.path, self._guarded(one), methods=[one.method]) for one in PAGES)]

    def _guarded(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        """Strategy: nothing of a page runs before the person, the role and, for a form, its token are known."""

        async def answer(request: Request) -> Response:
            person = self._parts.signin.person(request.cookies.get(_PERSON, ""))
            if person is None:
                if page.method != "GET":
                    return self._plain(401, "Not signed in", "Sign in, then use the form on the page.")
                query = f"?{request.url.query}" if request.url.query else ""
                return RedirectResponse(f"{HOME}/sign-in?to={quote(request.url.path + query)}", 303, HEADERS)
            roles = self._roles.of(person.approver)
            form: dict[str, str] = {}
            if page.method != "GET":
                found = await read_form(request)
                if found is None or not same(found.pop("csrf", ""), person.csrf):
                    return self._plain(
                        403, "Not accepted", "The form was not one of this sign-in. Go back and try again."
                    )
                form = found
            visit = Visit(request, person, roles, self._parts, self._evidence, self._renderer, form)
            if not roles & page.roles:
                return visit.error(403, "Not for your role", f"This page is for: {', '.join(sorted(page.roles))}.")
            return await page.handler(visit)

        return answer

    async def _slash(self, _: Request) -> Response:
        return RedirectResponse(f"{HOME}/", 308, HEADERS)

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._static:
            return self._plain(404, "Unknown", "There is nothing here.")
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
        try:
            person, to = await self._parts.signin.finish(request.cookies.get(_FLOW, ""), dict(request.query_params))
        except ApprovalError as error:
            return self._plain(403, "Not signed in", error.message)
        # A redirect would not send a strict cookie along, for it began at the provider: the person follows a link.
        body = self._renderer.render("signed-in.html", title="Signed in", person=person.name, to=to)
        answer = HTMLResponse(body, 200, HEADERS)
        self._set(answer, _PERSON, self._parts.signin.cookie(person), PERSON_SECONDS, "strict")
        answer.delete_cookie(_FLOW, path=HOME)
        return answer

    async def _sign_out(self, request: Request) -> Response:
        person = self._parts.signin.person(request.cookies.get(_PERSON, ""))
        form = await read_form(request) or {}
        if person is not None and not same(form.get("csrf", ""), person.csrf):
            return self._plain(403, "Not accepted", "The form was not one of this sign-in.")
        answer = self._plain(200, "Signed out", "You are signed out.")
        answer.delete_cookie(_PERSON, path=HOME)
        return answer

    def _plain(self, status: int, title: str, words: str) -> Response:
        return HTMLResponse(self._renderer.render("plain.html", title=title, words=words), status, HEADERS)

    def _set(self, answer: Response, name: str, value: str, seconds: int, same_site: Any) -> None:
        answer.set_cookie(
            name, value, max_age=seconds, path=HOME, httponly=True, secure=self._secure, samesite=same_site
        )


def _inside(to: str) -> str:
    """A page of ours, whatever was asked for: a path below /console, no host, no backslash, no control character."""
    good = to.startswith(f"{HOME}/") and "//" not in to and "\\" not in to and to.isprintable() and len(to) < 2000
    return to if good else f"{HOME}/"
