"""An ASGI application that already runs, with the gate before its MCP path: uvicorn asgi_app:app"""

import os

from fastmcp import FastMCP
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from adapter_asgi.middleware import GateMiddleware

server = FastMCP("ehr")


@server.tool
def read_patient(number: int) -> str:
    """One patient's record."""
    return f"Patient {number}, SSN 123-45-6789"


@server.tool
def delete_patient(number: int) -> str:
    """Take a record away."""
    return f"Patient {number} is gone"


async def home(_: Request) -> PlainTextResponse:
    """What the application does beside MCP."""
    return PlainTextResponse("the clinic's own page")


mcp = server.http_app(path="/mcp")
clinic = Starlette(routes=[Route("/", home), Mount("/", app=mcp)], lifespan=mcp.lifespan)
app = GateMiddleware(clinic, server="ehr", config=os.environ.get("GATE_CONFIG", "hoopgate.toml"))
