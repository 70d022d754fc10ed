"""Protected-resource metadata (RFC 9728): which issuers' tokens this gate accepts, for itself and for each server."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

__all__ = ["PATH", "document", "routes"]

PATH = "/.well-known/oauth-protected-resource"


def document(resource: str, issuers: Collection[str]) -> dict[str, Any]:
    """The metadata of one resource (RFC 9728 section 2)."""
    return {
        "resource": resource,
        "authorization_servers": sorted(issuers),
        "bearer_methods_supported": ["header"],
        "resource_name": "hoopgate",
    }


def routes(url: str, issuers: Collection[str], servers: Collection[str]) -> list[Route]:
    """The gate's own document, and one for each `/mcp/SERVER` (RFC 9728 section 3.1: the path follows the suffix)."""

    async def whole(_: Request) -> Response:
        return JSONResponse(document(url, issuers))

    async def one(request: Request) -> Response:
        name = request.path_params["server"]
        if name not in servers:
            return JSONResponse({"error": "not found"}, status_code=404)
        return JSONResponse(document(f"{url}/mcp/{name}", issuers))

    return [Route(PATH, whole), Route(f"{PATH}/mcp/{{server}}", one)]
