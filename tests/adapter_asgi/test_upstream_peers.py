"""Official clients and servers that nobody here wrote: what a client sees through the gate is what it sees without it.

The npm packages are installed once, into build/peers.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from loopback import gateway

from adapter_asgi.upstream import StdioUpstream

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "build" / "peers"
MODULES = FOLDER / "node_modules" / "@modelcontextprotocol"
PACKAGES = ("node@24", *(f"@modelcontextprotocol/{name}" for name in (
    "sdk@1", "client@2", "server-everything@2026", "server-filesystem@2026",
)))  # fmt: skip
EVERYTHING = [["echo", {"message": "hello"}], ["get-sum", {"a": 2, "b": 40}], ["get-tiny-image", {}], ["no-such", {}]]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def _environment() -> dict[str, str]:
    return {**os.environ, "PATH": f"{FOLDER / 'node_modules' / 'node' / 'bin'}:{os.environ['PATH']}"}


def _node() -> str:
    found = shutil.which("node", path=_environment()["PATH"])
    assert found is not None
    return found


async def _run(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=FOLDER, env=_environment(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


@pytest.fixture(autouse=True)
async def _installed() -> None:
    if not (MODULES / "server-filesystem").exists():
        assert shutil.which("npm"), "these peers come from npm: install Node.js, which brings npm"
        FOLDER.mkdir(parents=True, exist_ok=True)
        await _run("npm", "install", "--prefix", str(FOLDER), *PACKAGES)


def _servers(folder: Path) -> dict[str, tuple[list[str], list[Any]]]:
    (folder / "note.txt").write_text("a note\n")
    filesystem = [["read_text_file", {"path": str(folder / "note.txt")}], ["list_directory", {"path": str(folder)}]]
    return {
        "everything": ([_node(), str(MODULES / "server-everything" / "dist" / "index.js"), "stdio"], EVERYTHING),
        "filesystem": ([_node(), str(MODULES / "server-filesystem" / "dist" / "index.js"), str(folder)], filesystem),
        "toy": ([sys.executable, str(HERE / "toy_server.py")], [["echo", {"text": "é\n"}], ["record", {"number": 2}]]),
    }


@pytest.mark.parametrize("server", ["everything", "filesystem", "toy"])
@pytest.mark.parametrize("line", ["sdk", "client"])
async def test_a_typescript_client_sees_through_the_gate_what_it_sees_without_it(
    tmp_path: Path, line: str, server: str
) -> None:
    (tmp_path / "files").mkdir()
    command, calls = _servers(tmp_path / "files")[server]
    script = (_node(), str(HERE / "peer_session.mjs"), line)
    direct = await _run(*script, json.dumps(command), json.dumps(calls))
    async with gateway(tmp_path, upstream=StdioUpstream("toy", command)) as gated:
        through = await _run(*script, gated.url, json.dumps(calls))
    assert json.loads(through) == json.loads(direct)
    assert len(json.loads(direct)) > len(calls)
    assert "request" in gated.kinds()
