"""The gate as middleware of an ASGI application under a real uvicorn."""

from __future__ import annotations

import asyncio
import re
import runpy
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from loopback import serving
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

import recorder
from adapter_asgi.middleware import GateMiddleware

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "embedding" / "asgi_app.py"
PAGE = ROOT / "docs" / "how-to" / "embed-asgi.md"
CONFIG = 'policy = "p.hoop"\nstore = "store"\n[identity.unsafe_loopback]\nrepository = "acme/etl"\n'
POLICY = 'rule "reading" { command "ehr/read_patient"\n    allow\n    mask ssn }\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hoopgate.toml").write_text(CONFIG)
    (tmp_path / "p.hoop").write_text(POLICY)
    return tmp_path


@pytest.fixture
async def clinic(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """The example's address."""
    monkeypatch.setenv("GATE_CONFIG", str(folder / "hoopgate.toml"))
    async with serving(runpy.run_path(str(EXAMPLE))["app"]) as url:
        yield url


@pytest.mark.parametrize("mode", ["2026-07-28", "legacy"])
async def test_the_example_masks_refuses_and_records(clinic: str, folder: Path, mode: str) -> None:
    async with (
        httpx2.AsyncClient(timeout=300) as http,
        Client(streamable_http_client(f"{clinic}/mcp", http_client=http), mode=mode) as client,
    ):
        tools = await client.list_tools()
        shown = await client.call_tool("read_patient", {"number": 3})
        denied = await client.call_tool("delete_patient", {"number": 3})
    assert [tool.name for tool in tools.tools] == ["read_patient"]
    assert "Patient 3" in str(shown)
    assert "123-45-6789" not in str(shown)
    assert denied.is_error
    assert "is gone" not in str(denied)


async def test_every_other_path_is_the_applications(clinic: str) -> None:
    async with httpx2.AsyncClient(timeout=300) as http:
        assert (await http.get(f"{clinic}/")).text == "the clinic's own page"
        assert (await http.get(f"{clinic}/metrics")).status_code == 404
        assert (await http.get(f"{clinic}/.well-known/oauth-protected-resource/mcp/ehr")).status_code == 200


BYPASSES = ["/mcp/", "//mcp", "/./mcp", "/x/../mcp", "/mcp/.", "/%6dcp", "/mcp/ehr", "/mcp/ehr/"]


async def test_no_spelling_of_the_path_goes_around_the_gate(folder: Path) -> None:
    seen: list[str] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            seen.append(scope["path"])
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"{}"})

    app = GateMiddleware(inner, server="ehr", config=folder / "hoopgate.toml", ner="none")
    call = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"delete_patient"}}'
    async with serving(app) as url:
        port = int(url.rpartition(":")[2])
        for path in BYPASSES:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n"
            writer.write(head.encode() + f"Content-Length: {len(call)}\r\n\r\n".encode() + call)
            answer = await reader.read()
            writer.close()
            assert b"GT201" in answer or b"No rule" in answer or b"404" in answer.split(b"\r\n")[0], (path, answer)
    assert seen == []
    recorder.verify(folder / "store")


async def test_without_a_lifespan_the_path_is_shut(folder: Path) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    app = GateMiddleware(pytest.fail, server="ehr", config=folder / "hoopgate.toml")  # type: ignore[arg-type] # not called
    await app({"type": "http", "path": "/mcp", "headers": []}, None, send)
    assert sent[0]["status"] == 503


async def test_a_broken_policy_keeps_the_application_from_starting_and_says_why(folder: Path) -> None:
    (folder / "p.hoop").write_text("rule")
    app = GateMiddleware(pytest.fail, server="ehr", config=folder / "hoopgate.toml", ner="none")  # type: ignore[arg-type]
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        sent.append(message)

    await app({"type": "lifespan"}, receive, send)
    assert sent[0]["type"] == "lifespan.startup.failed"
    assert "p.hoop" in sent[0]["message"]
    assert not (folder / "store").exists()


def test_the_how_tos_code_is_the_tested_code() -> None:
    blocks = re.findall(r"^```text asgi_app.py\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert blocks == [EXAMPLE.read_text()]


async def test_several_workers_are_refused_inside_an_application(folder: Path) -> None:
    (folder / "hoopgate.toml").write_text(f"workers = 2\n{CONFIG}")
    told: list[Any] = []

    async def receive() -> Any:
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        told.append(message)

    async def inner(*_: Any) -> None:
        raise AssertionError("the application never starts")

    await GateMiddleware(inner, server="ehr", config=folder / "hoopgate.toml")({"type": "lifespan"}, receive, send)
    [failed] = told
    assert failed["type"] == "lifespan.startup.failed"
    assert "SRV06" in failed["message"]
    assert not (folder / "store").exists()
