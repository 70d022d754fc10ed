"""A real MCP server as a child over stdio, behind the gate, driven by the real client in both eras."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import toy_server
from loopback import OPEN, gateway
from mcp.shared.exceptions import MCPError
from mcp_types import TextContent

import gate
from adapter_asgi.upstream import StdioUpstream

HERE = Path(__file__).parent
MODES = ["2026-07-28", "legacy"]


def _toy() -> StdioUpstream:
    return StdioUpstream("toy", [sys.executable, str(HERE / "toy_server.py")], cwd=HERE)


def _script(tmp_path: Path, code: str) -> StdioUpstream:
    path = tmp_path / "child.py"
    path.write_text("import json, os, sys\n" + code)
    return StdioUpstream("toy", [sys.executable, str(path)])


def _text(result: Any) -> str:
    return "\n".join(part.text for part in result.content if isinstance(part, TextContent))


@pytest.mark.parametrize("mode", MODES)
async def test_a_child_is_used_as_any_server_is(tmp_path: Any, mode: str) -> None:
    seen: list[float] = []

    async def progress(step: float, _: float | None, __: str | None) -> None:
        seen.append(step)

    async with gateway(tmp_path, upstream=_toy()) as gated, gated.client(mode) as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
        echoed = await asyncio.gather(*(client.call_tool("echo", {"text": f"line\n{n} é"}) for n in range(8)))
        stepped = await client.call_tool("steps", {"count": 3}, progress_callback=progress)
    assert "record" in names
    assert [_text(item) for item in echoed] == [f"line\n{n} é" for n in range(8)]
    assert _text(stepped) == "stepped"
    assert seen == [1, 2, 3]


@pytest.mark.parametrize("mode", MODES)
async def test_what_a_child_answers_is_masked(tmp_path: Any, mode: str) -> None:
    policy = 'rule "all" { server "toy"\n allow\n mask ssn }'
    async with gateway(tmp_path, upstream=_toy(), policy=policy) as gated, gated.client(mode) as client:
        seen = str(await client.call_tool("record", {"number": 1})) + str(await client.read_resource("toy://static"))
    assert toy_server.SSN not in seen


async def test_two_clients_of_one_run_with_the_same_ids_get_their_own_answers(tmp_path: Any) -> None:
    async with gateway(tmp_path, upstream=_toy()) as gated:  # noqa: SIM117 - readable so
        async with gated.client("2026-07-28") as one, gated.client("2026-07-28") as two:
            pairs = await asyncio.gather(
                *(c.call_tool("echo", {"text": f"{n}"}) for n in range(10) for c in (one, two))
            )
    assert [_text(item) for item in pairs] == [f"{n}" for n in range(10) for _ in range(2)]


async def test_calls_that_come_at_once_start_one_child(tmp_path: Any) -> None:
    code = """
with open(os.path.join(os.path.dirname(__file__), "started"), "a") as log:
    log.write("once\\n")
for line in sys.stdin:
    print(json.dumps({"jsonrpc": "2.0", "id": json.loads(line)["id"], "result": {}}), flush=True)
"""
    upstream = _script(tmp_path, code)
    async with gateway(tmp_path, upstream=upstream) as gated, gated.http() as http:

        async def discover() -> int:
            async with http.post(gated.url, json=_discover(), headers=_modern("server/discover")) as answer:
                return answer.status

        assert set(await asyncio.gather(*(discover() for _ in range(20)))) == {200}
    assert (tmp_path / "started").read_text() == "once\n"
    assert upstream._children == {}


async def test_a_child_gets_a_clean_environment(tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("HOOPGATE_TOKEN", "secret")
    code = (
        "line = json.loads(sys.stdin.readline())\n"
        "print(json.dumps({'jsonrpc':'2.0','id':line['id'],'result':{'env':sorted(os.environ)}}), flush=True)\n"
        "sys.stdin.read()"
    )
    async with gateway(tmp_path, upstream=_script(tmp_path, code)) as gated, gated.http() as http:
        answer = await http.post(gated.url, json=_discover(), headers=_modern("server/discover"))
        names = set((await answer.json())["result"]["env"])
    assert "HOOPGATE_TOKEN" not in names
    assert names <= {"PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LC_CTYPE"}


def _discover() -> dict[str, Any]:
    meta = {"io.modelcontextprotocol/protocolVersion": gate.MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
    return {"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": meta}}


def _modern(method: str) -> dict[str, str]:
    return {"MCP-Protocol-Version": gate.MODERN, "Mcp-Method": method}


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("sys.stdin.readline(); sys.exit(3)", "ended"),
        ("sys.stdin.readline(); print('not json', flush=True); sys.stdin.read()", "ended"),
        (
            'input(); print(\'{"jsonrpc":"2.0","id":1,"id":1,"result":{}}\', flush=True); sys.stdin.read()',
            "ended",
        ),
    ],
    ids=["dies", "talks nonsense", "sends duplicate keys"],
)
async def test_a_child_that_dies_or_talks_nonsense_is_a_clear_error(tmp_path: Any, code: str, said: str) -> None:
    async with gateway(tmp_path, upstream=_script(tmp_path, code)) as gated, gated.http() as http:
        answer = await http.post(gated.url, json=_discover(), headers=_modern("server/discover"))
        assert answer.status == 502
        assert said in (await answer.json())["error"]["message"]


async def test_a_command_that_does_not_exist_is_a_clear_error(tmp_path: Any) -> None:
    missing = StdioUpstream("toy", [str(tmp_path / "missing")])
    async with gateway(tmp_path, upstream=missing) as gated, gated.http() as http:
        answer = await http.post(gated.url, json=_discover(), headers=_modern("server/discover"))
        assert answer.status == 502
        assert "cannot be started" in (await answer.json())["error"]["message"]


async def test_a_legacy_session_whose_child_has_died_is_over_and_begins_anew(tmp_path: Any) -> None:
    upstream = _toy()
    async with gateway(tmp_path, upstream=upstream) as gated:
        async with gated.client("legacy") as client:
            await client.call_tool("echo", {"text": "a"})
            [child] = upstream._children.values()
            os.killpg(child._process.pid, 9)
            await child._process.wait()
            with pytest.raises(MCPError):
                await client.call_tool("echo", {"text": "b"})
        async with gated.client("legacy") as client:
            assert _text(await client.call_tool("echo", {"text": "c"})) == "c"


@pytest.mark.parametrize("mode", MODES)
async def test_no_child_outlives_its_session_or_the_gate(tmp_path: Any, mode: str) -> None:
    upstream = _toy()
    async with gateway(tmp_path, upstream=upstream) as gated:
        async with gated.client(mode) as client:
            await client.call_tool("echo", {"text": "a"})
            [child] = upstream._children.values()
        if mode == "legacy":
            assert upstream._children == {}
    assert child._process.returncode is not None
    assert upstream._children == {}


async def test_a_modern_client_that_leaves_cancels_the_call_in_the_child(tmp_path: Any) -> None:
    code = """
log = open(os.path.join(os.path.dirname(__file__), "log"), "a", buffering=1)
for line in sys.stdin:
    log.write(line)
"""
    async with gateway(tmp_path, upstream=_script(tmp_path, code)) as gated, gated.http() as http:
        post = asyncio.create_task(http.post(gated.url, json=_discover(), headers=_modern("server/discover")))
        log = tmp_path / "log"
        while not (log.exists() and "server/discover" in log.read_text()):
            await asyncio.sleep(0.01)
        post.cancel()
        while "notifications/cancelled" not in log.read_text():
            await asyncio.sleep(0.01)
    assert '"requestId":1' in log.read_text()


async def test_every_message_is_one_line_written_anew(tmp_path: Any) -> None:
    code = """
line = sys.stdin.readline()
print(json.dumps({"jsonrpc": "2.0", "id": json.loads(line)["id"], "result": {"line": line}}), flush=True)
sys.stdin.read()
"""
    async with gateway(tmp_path, upstream=_script(tmp_path, code), policy=OPEN) as gated, gated.http() as http:
        body = json.dumps(_discover(), indent=3).encode()
        answer = await http.post(gated.url, data=body, headers=_modern("server/discover"))
        assert (await answer.json())["result"]["line"].count("\n") == 1
