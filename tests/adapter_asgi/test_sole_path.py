"""An upstream that answers a stranger can be reached around the gate, and the gate says so."""

from __future__ import annotations

from serving import serving
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapter_asgi.sole_path import open_upstreams


async def test_the_ones_that_answer_a_stranger_are_named() -> None:
    async def answer(request: Request) -> Response:
        assert "authorization" not in request.headers
        return Response(status_code=int(request.path_params["status"]))

    async with serving(Starlette(routes=[Route("/{status}", answer, methods=["POST"])])) as url:
        urls = {status: f"{url}/{status}" for status in ("200", "400", "401", "403", "500")}
        found = await open_upstreams({**urls, "down": "http://127.0.0.1:1/mcp"})
    assert found == ["200", "400"]
