"""What official clients see through the gate of servers that nobody here wrote is what they see without it."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import toy_server
from loopback import gateway
from mcp import Client, StdioServerParameters
from peers import MODULES, environment, installed, node, run
from pydantic import BaseModel

import gate
from adapter_asgi.endpoint import EndpointLimits
from adapter_asgi.upstream import StdioUpstream

HERE = Path(__file__).parent
EVERYTHING = [["echo", {"message": "hello"}], ["get-sum", {"a": 2, "b": 40}], ["get-tiny-image", {}], ["no-such", {}]]
ASKS = """rule "echo" { command "toy/echo"
    allow
    mask none
    require approval from "privacy" }"""
SERVERS = ["everything", "filesystem", "time", "toy"]
TIMES = [
    ["convert_time", {"source_timezone": "UTC", "time": "12:00", "target_timezone": "Asia/Tokyo"}],
    ["convert_time", {"source_timezone": "nowhere", "time": "12:00", "target_timezone": "UTC"}],
]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


def _on_any_day(seen: str) -> Any:
    """What was seen, as JSON, without the day that the server of times adds: midnight may fall between two looks."""
    return json.loads(re.sub(r"\d{4}-\d\d-\d\dT|\b(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b", "", seen))


@pytest.fixture(autouse=True)
async def _installed() -> None:
    await installed()


def _servers(folder: Path) -> dict[str, tuple[list[str], list[Any]]]:
    (folder / "note.txt").write_text("a note\n")
    filesystem = [["read_text_file", {"path": str(folder / "note.txt")}], ["list_directory", {"path": str(folder)}]]
    return {
        "everything": ([node(), str(MODULES / "server-everything" / "dist" / "index.js"), "stdio"], EVERYTHING),
        "filesystem": ([node(), str(MODULES / "server-filesystem" / "dist" / "index.js"), str(folder)], filesystem),
        "time": ([sys.executable, "-m", "mcp_server_time"], TIMES),
        "toy": ([sys.executable, str(HERE / "toy_server.py")], [["echo", {"text": "é\n"}], ["record", {"number": 2}]]),
    }


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("line", ["sdk", "client", "client-auto"])
async def test_a_typescript_client_sees_through_the_gate_what_it_sees_without_it(
    tmp_path: Path, line: str, server: str
) -> None:
    (tmp_path / "files").mkdir()
    command, calls = _servers(tmp_path / "files")[server]
    script = (node(), str(HERE / "peer_session.mjs"), line)
    direct = await run(*script, json.dumps(command), json.dumps(calls))
    async with gateway(tmp_path, upstream=StdioUpstream("toy", command)) as gated:
        through = await run(*script, gated.url, json.dumps(calls))
    assert _on_any_day(through) == _on_any_day(direct)
    assert len(json.loads(direct)) > len(calls)
    assert "request" in gated.kinds()


async def _session(client: Client, calls: list[Any]) -> list[str]:
    """What a Python client sees, as the JSON that it read."""
    seen: list[BaseModel] = [await client.list_tools()]
    for name, arguments in calls:
        seen.append(await client.call_tool(name, arguments))
    offered = client.server_capabilities
    if offered.resources is not None:
        seen += [await client.list_resources(), await client.list_resource_templates()]
    if offered.prompts is not None:
        seen.append(await client.list_prompts())
    told = [str(client.server_info), str(client.instructions), str(client.protocol_version), offered.model_dump_json()]
    return told + [result.model_dump_json(by_alias=True, exclude_none=True) for result in seen]


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_a_python_client_sees_through_the_gate_what_it_sees_without_it(
    tmp_path: Path, mode: str, server: str
) -> None:
    (tmp_path / "files").mkdir()
    command, calls = _servers(tmp_path / "files")[server]
    calls = [call for call in calls if call[0] != "no-such"]
    parameters = StdioServerParameters(command=command[0], args=command[1:], env={"PATH": environment()["PATH"]})
    async with Client(parameters, mode=mode) as client:
        direct = await _session(client, calls)
    async with (
        gateway(tmp_path, upstream=StdioUpstream("toy", command)) as gated,
        gated.client(mode) as client,
    ):
        through = await _session(client, calls)
    assert _on_any_day(json.dumps(through)) == _on_any_day(json.dumps(direct))
    assert len(direct) >= 5 + len(calls)


def _text(result: Any) -> str:
    return str(result["content"][0]["text"])


async def test_a_call_that_waits_75_seconds_for_a_person_comes_back_to_every_official_client(tmp_path: Path) -> None:
    limits = EndpointLimits(gate=gate.Limits(leg=25.0, hold=600.0))
    app = toy_server.build().streamable_http_app()
    async with gateway(tmp_path, app, ASKS, limits=limits) as gated:
        gated.context.tick = 5.0

        async def python(mode: str) -> str:
            async with gated.client(mode, who=f"python {mode}") as client:
                result = await client.call_tool("echo", {"text": f"held for {mode}"})
                return _text(result.model_dump())

        async def typescript(line: str) -> str:
            return _text(json.loads(await run(node(), str(HERE / "peer_hold.mjs"), line, gated.url))["result"])

        waiting = [
            asyncio.create_task(python("legacy")),
            asyncio.create_task(python("2026-07-28")),
            asyncio.create_task(typescript("sdk")),
            asyncio.create_task(typescript("client")),
        ]
        while len(gated.desk.tickets) < len(waiting):
            await asyncio.sleep(0.05)
        done, _ = await asyncio.wait(waiting, timeout=75.0, return_when=asyncio.FIRST_COMPLETED)
        assert not [task.result() for task in done]
        gated.desk.decide("approved", approvers=("dana",))
        said = await asyncio.gather(*waiting)
    assert said == ["held for legacy", "held for 2026-07-28", "held for sdk", "held for client"]
    assert len(gated.desk.spent) == 4
    assert len(gated.desk.holds) > 4  # the newest version's clients came back, leg by leg
