"""What official clients see through the gate of servers that nobody here wrote is what they see without it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from loopback import gateway
from peers import MODULES, installed, node, run

from adapter_asgi.upstream import StdioUpstream

HERE = Path(__file__).parent
EVERYTHING = [["echo", {"message": "hello"}], ["get-sum", {"a": 2, "b": 40}], ["get-tiny-image", {}], ["no-such", {}]]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(autouse=True)
async def _installed() -> None:
    await installed()


def _servers(folder: Path) -> dict[str, tuple[list[str], list[Any]]]:
    (folder / "note.txt").write_text("a note\n")
    filesystem = [["read_text_file", {"path": str(folder / "note.txt")}], ["list_directory", {"path": str(folder)}]]
    return {
        "everything": ([node(), str(MODULES / "server-everything" / "dist" / "index.js"), "stdio"], EVERYTHING),
        "filesystem": ([node(), str(MODULES / "server-filesystem" / "dist" / "index.js"), str(folder)], filesystem),
        "toy": ([sys.executable, str(HERE / "toy_server.py")], [["echo", {"text": "é\n"}], ["record", {"number": 2}]]),
    }


@pytest.mark.parametrize("server", ["everything", "filesystem", "toy"])
@pytest.mark.parametrize("line", ["sdk", "client"])
async def test_a_typescript_client_sees_through_the_gate_what_it_sees_without_it(
    tmp_path: Path, line: str, server: str
) -> None:
    (tmp_path / "files").mkdir()
    command, calls = _servers(tmp_path / "files")[server]
    script = (node(), str(HERE / "peer_session.mjs"), line)
    direct = await run(*script, json.dumps(command), json.dumps(calls))
    async with gateway(tmp_path, upstream=StdioUpstream("toy", command)) as gated:
        through = await run(*script, gated.url, json.dumps(calls))
    assert json.loads(through) == json.loads(direct)
    assert len(json.loads(direct)) > len(calls)
    assert "request" in gated.kinds()
