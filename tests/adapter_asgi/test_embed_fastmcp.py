"""The gate as a layer of a FastMCP server, run by FastMCP itself: over stdio in a process, and in memory."""

from __future__ import annotations

import re
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastmcp import Client, Context, FastMCP
from fastmcp.client.transports import StdioTransport
from fastmcp.exceptions import ToolError

import policy_lang
import recorder

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "embedding" / "fastmcp_server.py"
PAGE = ROOT / "docs" / "how-to" / "embed-fastmcp.md"
SSN = "123-45-6789"
POLICY = """
rule "reading" { command "ehr/read_patient", "ehr/talks"
    allow
    mask ssn }
rule "asking" { command "ehr/asks"
    allow
    require approval from "privacy" }
rule "few" { command "ehr/read_patient"
    limit 3 per run }
rule "resources" { server "ehr"
    resource "notes://*"
    allow
    mask ssn }
"""


async def test_the_example_over_stdio_masks_refuses_and_records(tmp_path: Path) -> None:
    (tmp_path / "p.hoop").write_text(POLICY)
    command = [str(EXAMPLE), str(tmp_path / "p.hoop"), str(tmp_path / "store")]
    async with Client(StdioTransport(sys.executable, command, keep_alive=False)) as client:
        assert [tool.name for tool in await client.list_tools()] == ["read_patient"]
        shown = await client.call_tool("read_patient", {"number": 3})
        assert "Patient 3" in str(shown)
        assert SSN not in str(shown)
        with pytest.raises(ToolError, match="No rule allows"):
            await client.call_tool("delete_patient", {"number": 3})
        for _ in range(2):
            await client.call_tool("read_patient", {"number": 3})
        with pytest.raises(ToolError, match='The rule "few" allows a run 3 calls'):
            await client.call_tool("read_patient", {"number": 3})
    recorder.verify(tmp_path / "store")


class Log:
    """The real log, and what went into it."""

    def __init__(self, log: recorder.Log) -> None:
        self.log = log
        self.entries: list[recorder.Entry] = []

    def submit(self, entry: recorder.Entry) -> Any:
        self.entries.append(entry)
        return self.log.submit(entry)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with recorder.open(tmp_path / "store") as opened:
        yield Log(opened)


@pytest.fixture
def clinic(log: Log) -> FastMCP[Any]:
    """A FastMCP server of the test's own behind the example's layer."""
    example = runpy.run_path(str(EXAMPLE))
    server: FastMCP[Any] = FastMCP("clinic")
    ran: list[str] = []

    @server.tool
    def read_patient(number: int) -> dict[str, Any]:
        ran.append("read_patient")
        return {"number": number, "ssn": SSN}

    @server.tool
    def delete_patient() -> str:
        ran.append("delete_patient")
        return "gone"

    @server.tool
    async def talks(ctx: Context) -> str:
        await ctx.info(f"about {SSN}")
        await ctx.report_progress(1, 2, f"at {SSN}")
        refused = []
        for ask in (lambda: ctx.sample(SSN), lambda: ctx.elicit(SSN, response_type=None)):
            try:
                await ask()  # type: ignore[no-untyped-call]
            except Exception:  # noqa: BLE001 - whatever FastMCP makes of a refusal
                refused.append(True)
        return f"said {len(refused)}"

    @server.tool
    async def asks() -> str:
        ran.append("asks")
        return "asked"

    @server.resource("notes://one")
    def note() -> str:
        return f"a note on {SSN}"

    @server.resource("secret://one")
    def secret() -> str:
        return "secret"

    server.ran = ran  # type: ignore[attr-defined] # for the test to look at
    policy = policy_lang.compile(POLICY, name="p.hoop")
    server._mcp_server.middleware.insert(0, example["GateLayer"]("ehr", policy, log, example["caller"], "none"))
    return server


async def test_what_a_tool_gives_in_structure_is_masked_too_and_what_is_refused_never_runs(
    clinic: Any, log: Log
) -> None:
    async with Client(clinic) as client:
        shown = await client.call_tool("read_patient", {"number": 3})
        assert (shown.structured_content or {})["number"] == 3
        assert SSN not in str(shown)
        with pytest.raises(ToolError):
            await client.call_tool("delete_patient", {})
        with pytest.raises(ToolError, match="asks nobody"):
            await client.call_tool("asks", {})
    assert clinic.ran == ["read_patient"]
    kinds = [entry.kind for entry in log.entries]
    assert kinds.count("call.ended") >= 1
    assert kinds.index("request") < kinds.index("response")
    assert SSN not in str([entry.metadata for entry in log.entries])


async def test_lists_and_resources_show_what_the_policy_allows(clinic: Any) -> None:
    async with Client(clinic) as client:
        assert sorted(tool.name for tool in await client.list_tools()) == ["asks", "read_patient", "talks"]
        assert [str(one.uri) for one in await client.list_resources()] == ["notes://one"]
        [content] = await client.read_resource("notes://one")
        assert "a note on" in str(content)
        assert SSN not in str(content)
        with pytest.raises(Exception, match="No rule allows"):
            await client.read_resource("secret://one")


@pytest.mark.filterwarnings("ignore:.*deprecated as of 2026-07-28")
async def test_what_a_server_says_of_its_own_accord_is_withheld(clinic: Any) -> None:
    heard: list[Any] = []

    async def hear(*told: Any) -> None:
        heard.append(told)

    handlers: dict[str, Any] = dict.fromkeys(
        ("log_handler", "progress_handler", "sampling_handler", "elicitation_handler"), hear
    )
    async with Client(clinic, **handlers) as client:
        assert "said 2" in str(await client.call_tool("talks", {}))
    assert heard == []


async def test_a_store_that_cannot_write_answers_nothing(clinic: Any, log: Log) -> None:
    async with Client(clinic) as client:
        log.log.close()
        with pytest.raises(Exception) as error:
            await client.call_tool("read_patient", {"number": 3})
        assert SSN not in str(error.value)
    assert clinic.ran == []


def test_the_how_tos_code_is_the_tested_code() -> None:
    blocks = re.findall(r"^```text fastmcp_server.py\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert blocks == [EXAMPLE.read_text()]
