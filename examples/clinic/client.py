"""One call of a tool, as a pipeline's MCP client makes it.

``TOKEN=… python client.py search_patients '{"name": "Fontaine"}'``; without a token it asks `issuer.py` for the
nightly pipeline's.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import urllib.request

import httpx2
from issuer import nightly_etl
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client

GATE = "http://127.0.0.1:8080"


def token() -> str:
    """The pipeline's token: from its environment, or of the issuer for development."""
    if found := os.environ.get("TOKEN"):
        return found
    claims = json.dumps(nightly_etl(GATE)).encode()
    with urllib.request.urlopen("http://127.0.0.1:9400/token", claims, timeout=10) as answer:
        return str(answer.read().decode())


async def call(tool: str, arguments: dict[str, object]) -> None:
    """Call it and print what came back; the endpoint is all that a client has to know of the gate."""
    headers = {"Authorization": f"Bearer {token()}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=1800) as http,
        Client(streamable_http_client(f"{GATE}/mcp/ehr", http_client=http)) as client,
    ):
        answer = await client.call_tool(tool, arguments)
        print(*(getattr(block, "text", block.type) for block in answer.content), sep="\n")


def main() -> str | None:
    """What went wrong where the gate would not have the client at all, for a token that does not hold."""
    said: BaseException | None = None
    try:
        asyncio.run(call(sys.argv[1], json.loads(sys.argv[2])))
    except* MCPError as refused:
        said = refused
    while isinstance(said, BaseExceptionGroup):
        said = said.exceptions[0]
    return said and f"refused: {said}; `hoopgate whoami` says why"


if __name__ == "__main__":
    sys.exit(main())
