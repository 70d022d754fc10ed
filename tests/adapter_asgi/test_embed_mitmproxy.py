"""The gate as an addon of a real mitmdump, in an environment of its own: mitmproxy pins what the gate has newer."""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import toy_server
from loopback import serving
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import TextContent

import recorder

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "embedding" / "mitmproxy_addon.py"
PAGE = ROOT / "docs" / "how-to" / "embed-mitmproxy.md"
PLACE = ROOT / "build" / "mitmproxy"
NEEDED = [
    "mitmproxy==11.0.2", "lark==1.3.1", "google-re2==1.1.20251105", "numpy==2.4.6", "orjson==3.13.0",
    "zstandard==0.23.0",
]  # fmt: skip
POLICY = """
rule "reads" { command "ehr/record", "ehr/steps", "ehr/echo"
    allow
    mask ssn }
rule "asks" { command "ehr/delete"
    allow
    require approval from "privacy" }
"""


@pytest.fixture(scope="module")
def mitmdump() -> Path:
    """Its command, installed once for what is wanted of it."""
    PLACE.mkdir(parents=True, exist_ok=True)
    done = PLACE / "installed"
    with (PLACE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists() or done.read_text() != str(NEEDED):
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(PLACE / "venv")], check=True)
            pip = [str(PLACE / "venv" / "bin" / "python"), "-m", "pip", "install", "--quiet", *NEEDED]
            if not any(subprocess.run(pip, check=False, timeout=900).returncode == 0 for _ in range(3)):
                raise AssertionError("mitmproxy cannot be installed")
            done.write_text(str(NEEDED))
    return PLACE / "venv" / "bin" / "mitmdump"


@asynccontextmanager
async def proxied(mitmdump: Path, folder: Path, upstream: str) -> AsyncIterator[str]:
    """The address of mitmproxy with the addon, in front of `upstream`."""
    (folder / "p.hoop").write_text(POLICY)
    process = await asyncio.create_subprocess_exec(
        *(str(mitmdump), "-s", str(EXAMPLE), "--mode", f"reverse:{upstream}", "--listen-host", "127.0.0.1"),
        *("--listen-port", "0", "--set", f"confdir={folder / 'conf'}", "--set", "termlog_verbosity=info"),
        *("--set", f"gate_policy={folder / 'p.hoop'}", "--set", f"gate_store={folder / 'store'}"),
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    said, found = b"", None
    try:
        while found is None:
            line = await process.stdout.readline()
            assert line, said.decode()
            said += line
            found = re.search(rb"listening at 127\.0\.0\.1:(\d+)", line)
        draining = asyncio.create_task(process.stdout.read())
        yield f"http://127.0.0.1:{int(found[1])}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
    assert b"Traceback" not in said + await draining


def _text(result: Any) -> str:
    return "\n".join(part.text for part in result.content if isinstance(part, TextContent))


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("mode", ["2026-07-28", "legacy"])
async def test_an_addon_of_mitmproxy_masks_refuses_and_records(mitmdump: Path, tmp_path: Path, mode: str) -> None:
    progress: list[Any] = []

    async def hear(*told: Any) -> None:
        progress.append(told)

    async with (
        serving(toy_server.build().streamable_http_app()) as upstream,
        proxied(mitmdump, tmp_path, upstream) as url,
    ):
        async with (
            httpx2.AsyncClient(timeout=300) as http,
            Client(streamable_http_client(f"{url}/mcp", http_client=http), mode=mode) as client,
        ):
            tools = await client.list_tools()
            shown = await client.call_tool("record", {"number": 3})
            stepped = await client.call_tool("steps", {"count": 2}, progress_callback=hear)
            held = await client.call_tool("delete", {"text": "x"})
            denied = await client.call_tool("fails", {})
        async with httpx2.AsyncClient(timeout=300) as http:
            assert (await http.get(f"{url}/elsewhere")).status_code == 404
            assert (await http.post(f"{url}/mcp", content=b'{"method":1,"method":2}')).status_code == 400
            lent = {"mcp-session-id": "0" * 32}
            assert (await http.post(f"{url}/mcp", content=b"{}", headers=lent)).status_code == 404
    assert sorted(tool.name for tool in tools.tools) == ["delete", "echo", "record", "steps"]
    assert toy_server.SSN not in str(shown)
    assert _text(stepped) == "stepped"
    assert progress
    assert "asks nobody" in _text(held)
    assert denied.is_error
    recorder.verify(tmp_path / "store")


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_a_server_that_is_gone_is_a_recorded_end(mitmdump: Path, tmp_path: Path) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    upstream = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, proxied(mitmdump, tmp_path, upstream) as url, httpx2.AsyncClient(timeout=300) as http:
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "echo", "arguments": {}}}
        headers = {"accept": "application/json, text/event-stream"}
        assert (await http.post(f"{url}/mcp", json=call, headers=headers)).status_code == 502
    with recorder.open(tmp_path / "store") as log:
        assert log.open_calls() == []


def test_the_how_tos_code_is_the_tested_code() -> None:
    blocks = re.findall(r"^```text mitmproxy_addon.py\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert blocks == [EXAMPLE.read_text()]
    for name in NEEDED:
        assert re.match(r"[a-z0-9-]+", name)[0] in PAGE.read_text()  # type: ignore[index] # it matches
