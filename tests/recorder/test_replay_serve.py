"""`sessions replay --serve`: a real client gets from the recording what it got through the gate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

import recorder
from recorder.index import Index
from recorder.reader import Store
from tests.adapter_asgi import toy_server
from tests.adapter_asgi.loopback import gateway

MODES = ["2026-07-28", "legacy"]


async def conversation(client: Client) -> list[Any]:
    """What a job does; what it gets, as JSON."""
    got: list[Any] = [
        await client.list_tools(),
        await client.call_tool("record", {"number": 7}),
        await client.call_tool("record", {"number": 8}),
        await client.call_tool("echo", {"text": "hello"}),
        await client.read_resource("toy://patient/ann"),
        await client.call_tool("fails", {}),
    ]
    return [item.model_dump(mode="json", exclude={"meta", "ttl_ms", "cache_scope"}) for item in got]


def served(store: Path, session: str) -> StdioServerParameters:
    """The command, as a client's configuration names it."""
    arguments = ["-m", "recorder", "sessions", "replay", session, "--store", str(store), "--serve", "--reason", "CI 7"]
    return StdioServerParameters(command=sys.executable, args=arguments)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("json_response", [False, True])
async def test_a_real_client_sees_the_same_without_the_upstream(tmp_path: Path, mode: str, json_response: bool) -> None:
    app = toy_server.build().streamable_http_app(json_response=json_response)
    async with gateway(tmp_path, app) as gated, gated.client(mode) as client:
        live = await conversation(client)
    store = tmp_path / "store"
    with Index.open(store) as index:
        (session,) = [item["id"] for item in index.sessions() if item["commands"]]
    async with Client(stdio_client(served(store, session)), mode=mode) as client:
        again = await conversation(client)
    assert again == live
    reads = [record.data for record in Store(store).records() if record.kind == "read"]
    assert [(read["action"], read["target"]) for read in reads] == [("replay", session)]
    recorder.verify(store)
