"""One request of one signed-in person, and what every page needs to answer it."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from adapter_asgi.approvals.signin import Person

if TYPE_CHECKING:
    from adapter_asgi.console.evidence import Evidence
    from adapter_asgi.console.parts import Parts
    from adapter_asgi.console.rendering import Renderer

__all__ = ["HEADERS", "HOME", "Visit", "read_form"]

HOME = "/console"
_MAX_FORM = 64 * 1024
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """`form` holds a POST's fields, whose CSRF token was checked already; `links` are the person's areas."""

    request: Request
    person: Person
    roles: frozenset[str]
    parts: Parts
    evidence: Evidence
    renderer: Renderer
    form: Mapping[str, str] = field(default_factory=dict)
    links: Sequence[tuple[str, str]] = ()

    @property
    def query(self) -> Mapping[str, str]:
        """The address's parameters, the last of each name."""
        return dict(self.request.query_params)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page of that template."""
        common = {
            "person": self.person.name,
            "roles": sorted(self.roles),
            "csrf": self.person.csrf,
            "links": self.links,
            "path": self.request.url.path,
            "query": self.query,
        }
        return HTMLResponse(self.renderer.render(template, **common, **values), status, HEADERS)

    def to(self, path: str, **query: str) -> Response:
        """Go on to another page of the console, after a form was accepted."""
        tail = f"?{urlencode(query)}" if query else ""
        return RedirectResponse(f"{HOME}{path}{tail}", 303, HEADERS)

    def error(self, status: int, title: str, words: str) -> Response:
        """A page that says what is wrong and how to go on."""
        return self.page("error.html", status, title=title, words=words)


async def read_form(request: Request) -> dict[str, str] | None:
    """A form's fields; None where it is too large or malformed."""
    length = request.headers.get("content-length", "")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded" or re.fullmatch("[0-9]{1,6}", length) is None:
        return None
    if int(length) > _MAX_FORM:
        return None
    try:
        return dict(parse_qsl((await request.body()).decode("utf-8"), max_num_fields=50, keep_blank_values=True))
    except ValueError:
        return None


def same(one: str, other: str) -> bool:
    """Whether two tokens are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())
