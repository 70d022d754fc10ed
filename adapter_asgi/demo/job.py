"""The CI job of the demo: a real MCP client with a real signed token, and nothing that knows of a gate."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent


def fetch_token(issuer: str, audience: str, **claims: Any) -> str:
    """A token as the job's CI would hand it out; ``claims`` override those of the nightly pipeline."""
    body = json.dumps({"aud": audience, **claims}).encode()
    with urllib.request.urlopen(f"{issuer}/token", data=body, timeout=60) as answer:  # noqa: S310 - a loopback address
        return str(answer.read().decode("ascii"))


@asynccontextmanager
async def connect(url: str, token: str, mode: str = "auto") -> AsyncIterator[Client]:
    """An MCP client on ``url`` that sends ``token``, as any pipeline's would."""
    timeout = httpx2.Timeout(30.0, read=300.0)
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=timeout) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        yield client


@dataclass(frozen=True)
class Seen:
    """What the job saw of one call: the answer's data where it was JSON, its text, and whether it was an error."""

    data: Any
    text: str
    refused: bool


async def call(client: Client, tool: str, arguments: dict[str, Any]) -> Seen:
    """Call one tool."""
    return _seen(await client.call_tool(tool, arguments))


def _seen(result: CallToolResult) -> Seen:
    text = "\n".join(part.text for part in result.content if isinstance(part, TextContent))
    return Seen(result.structured_content, text, bool(result.is_error))
