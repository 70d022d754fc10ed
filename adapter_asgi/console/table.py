"""Every page of the console: its method, path, who may have it, and what answers: the authorisation matrix."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response

from adapter_asgi.console import now
from adapter_asgi.console.roles import ROLES
from adapter_asgi.console.visit import Visit

__all__ = ["PAGES", "Page"]

Handler = Callable[[Visit], Awaitable[Response]]
_ALL = frozenset(ROLES)


@dataclass(frozen=True, slots=True)
class Page:
    """`path` is below /console; `roles` are those of which a person needs one."""

    method: str
    path: str
    roles: frozenset[str]
    handler: Handler


PAGES: tuple[Page, ...] = (Page("GET", "/", _ALL, now.page),)
