"""The gate in hosts of other kinds: a bare asyncio proxy, and an ASGI application in the same process."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
import toy_server
from loopback import gateway, serving
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import TextContent

import recorder
from adapter_asgi.upstream import AsgiUpstream

EXAMPLE = Path(__file__).parents[2] / "examples" / "embedding" / "asyncio_proxy.py"
MODES = ["2026-07-28", "legacy"]
POLICY = """
rule "reads" { server "ehr", "toy"
    command "*/record", "*/steps", "*/echo"
    allow
    mask ssn }
rule "asks" { command "ehr/delete"
    allow
    require approval from "privacy" }
"""


def _text(result: Any) -> str:
    return "\n".join(part.text for part in result.content if isinstance(part, TextContent))


def test_the_bare_proxy_is_under_a_hundred_lines_and_the_how_tos_code() -> None:
    assert len(EXAMPLE.read_text().splitlines()) < 100
    page = (EXAMPLE.parents[2] / "docs" / "how-to" / "embed-asyncio.md").read_text()
    assert f"```text asyncio_proxy.py\n{EXAMPLE.read_text()}```" in page


def test_the_bare_proxy_needs_no_framework() -> None:
    """Nor does what counts budgets, which the other hosts use."""
    program = (
        f"import runpy, sys; runpy.run_path({str(EXAMPLE)!r}); import adapter_asgi.budgets;"
        "print(sorted({'starlette', 'uvicorn', 'aiohttp', 'httptools', 'pydantic'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize("mode", MODES)
async def test_a_bare_asyncio_proxy_masks_refuses_and_records(tmp_path: Path, mode: str) -> None:
    (tmp_path / "p.hoop").write_text(POLICY)
    async with serving(toy_server.build().streamable_http_app()) as base:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(EXAMPLE), str(tmp_path / "p.hoop"), str(tmp_path / "store")),
            *(base.rpartition(":")[2], "0"),
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        try:
            url = (await process.stdout.readline()).decode().split()[-1]
            async with (
                httpx2.AsyncClient(timeout=300) as http,
                Client(streamable_http_client(url, http_client=http), mode=mode) as client,
            ):
                shown = await client.call_tool("record", {"number": 3})
                stepped = await client.call_tool("steps", {"count": 2})
                held = await client.call_tool("delete", {"text": "x"})
                denied = await client.call_tool("fails", {})
        finally:
            process.kill()
            await process.wait()
    assert toy_server.SSN not in str(shown)
    assert _text(stepped) == "stepped"
    assert "asks nobody" in _text(held)
    assert denied.is_error
    recorder.verify(tmp_path / "store")


@pytest.mark.parametrize("mode", MODES)
async def test_an_asgi_application_in_the_same_process_is_an_upstream(tmp_path: Path, mode: str) -> None:
    app = toy_server.build().streamable_http_app()
    async with (
        app.router.lifespan_context(app),
        gateway(tmp_path, upstream=AsgiUpstream("toy", app), policy=POLICY) as gated,
        gated.client(mode) as client,
    ):
        shown = await client.call_tool("record", {"number": 3})
        stepped = await client.call_tool("steps", {"count": 2})
        denied = await client.call_tool("fails", {})
    assert toy_server.SSN not in str(shown)
    assert _text(stepped) == "stepped"
    assert denied.is_error


async def test_an_application_in_the_same_process_that_fails_is_a_clear_error(tmp_path: Path) -> None:
    async def breaks(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        raise RuntimeError("SSN 123-45-6789")

    async with gateway(tmp_path, upstream=AsgiUpstream("toy", breaks)) as gated, gated.http() as http:
        answer = await http.post(gated.url, json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
        assert answer.status == 502
        assert "failed before" in await answer.text()
        assert "123-45" not in await answer.text()


async def test_a_modern_client_that_leaves_cancels_the_call_in_the_application(tmp_path: Path) -> None:
    toy_server.SEEN.clear()
    app = toy_server.build().streamable_http_app()
    async with (
        app.router.lifespan_context(app),
        gateway(tmp_path, upstream=AsgiUpstream("toy", app)) as gated,
        gated.client("2026-07-28") as client,
    ):
        call = asyncio.create_task(client.call_tool("forever", {}))
        while "forever began" not in toy_server.SEEN:
            await asyncio.sleep(0.01)
        call.cancel()
        while "forever was cancelled" not in toy_server.SEEN:
            await asyncio.sleep(0.01)
