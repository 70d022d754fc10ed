"""The peers' own suite, `@modelcontextprotocol/conformance`, against our fixture directly and through the gate.

Judged by scenario verdicts and the exit code, not by counts: a dead port still "passes" some checks. The npm packages
are installed once, into build/conformance.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from loopback import caller, gateway

import gate
from adapter_asgi.upstream import HttpUpstream, http_client
from tests.npm import install
from tests.ports import free_port

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "build" / "conformance"
SUITE = FOLDER / "node_modules" / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
PACKAGES = ("node@24.21.0", "@modelcontextprotocol/conformance@0.2.0-alpha.12")
POLICY = 'rule "everything" { server "toy"\n allow\n mask none\n record full }'
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


class Anybody:
    """The suite cannot send a token."""

    async def authenticate(self, authorization: str | None, peer: str, *, server: str = "") -> gate.Principal:
        return caller("suite")


async def _run(*command: str, cwd: Path | None = None) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=_environment()
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


def _environment() -> dict[str, str]:
    return {**os.environ, "PATH": f"{FOLDER / 'node_modules' / 'node' / 'bin'}:{os.environ['PATH']}"}


async def _verdicts(url: str, revision: str, out: Path) -> tuple[int, dict[str, str]]:
    node = shutil.which("node", path=_environment()["PATH"])
    assert node is not None
    command = (node, str(SUITE), "server", "--url", url, "--requirements", revision, "-o", str(out))
    code, said = await _run(*command)
    lines = [line.split(":")[0].split() for line in said.splitlines() if line[:1] in ("✓", "✗")]
    return code, {name: verdict for verdict, name in lines}


async def _wait_for(port: int, process: asyncio.subprocess.Process) -> None:
    while process.returncode is None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise AssertionError("the fixture did not start")


@pytest.mark.parametrize("revision", ["2026-07-28", "2025-11-25"])
async def test_every_scenario_has_the_same_verdict_through_the_gate(tmp_path: Path, revision: str) -> None:
    await asyncio.to_thread(install, FOLDER, *PACKAGES)
    port = free_port()
    fixture = await asyncio.create_subprocess_exec(
        sys.executable, str(HERE / "conformance_server.py"), str(port), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await _wait_for(port, fixture)
        url = f"http://127.0.0.1:{port}/mcp"
        direct_code, direct = await _verdicts(url, revision, tmp_path / "direct")
        async with http_client() as client:
            upstream: Any = HttpUpstream("toy", url, client)
            async with gateway(tmp_path, upstream=upstream, policy=POLICY) as gated:
                gated.endpoint._authenticator = Anybody()
                gated.endpoint._hosts = frozenset({"127.0.0.1", "localhost"})
                code, through = await _verdicts(gated.url, revision, tmp_path / "gate")
    finally:
        fixture.kill()
        await fixture.wait()
    assert direct_code == 0, direct
    assert len(direct) > 25
    assert through == direct
    assert code == 0
