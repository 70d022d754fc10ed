"""What a page of the console is, as data. `table.PAGES` lists them all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response

from adapter_asgi.console.visit import Visit

__all__ = ["Handler", "Page"]

Handler = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Page:
    """`path` is below /console; `roles` are those of which a person needs one."""

    method: str
    path: str
    roles: frozenset[str]
    handler: Handler
