"""The demo's script: seven calls of one pipeline and one of a merge request, each with what the gate made of it."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from mcp import Client, MCPError

from adapter_asgi.demo import evidence, job, people
from adapter_asgi.demo.page import Page
from adapter_asgi.demo.stage import Stage, StageError, example

REVIEW = {"pipeline_source": "merge_request_event", "ref_protected": "false", "environment": None, "pipeline_id": "575"}
"""Claims that turn the nightly pipeline's token into that of a merge request's pipeline."""


def run(folder: Path | None) -> int:
    """Run the demo in ``folder``; on a terminal stay up until Ctrl-C, in a pipe end. Gives the exit status."""
    place = folder or Path("var/demo") / datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    page = Page()
    with Stage(place.resolve()) as stage:
        stage.write_config()
        page.line("hoopgate demo: a CI pipeline reads a clinic's records through a gate")
        page.line("starting a CI token issuer, the clinic's MCP server and the gate ...")
        stage.start_world()
        stage.start_gate()
        _play(stage, page)
        if sys.stdout.isatty() and sys.stdin.isatty():
            _stay(stage, page)
        stage.stop("gate")
        return _verify(stage, page)


def _play(stage: Stage, page: Page) -> None:
    try:
        asyncio.run(_Script(stage, page).play())
    except* StageError as failed:
        raise failed.exceptions[0] from None
    except* (MCPError, OSError) as failed:
        raise StageError("the job's session broke off", f"the gate's output is in {stage.log('gate')}") from failed


class _Script:
    def __init__(self, stage: Stage, page: Page) -> None:
        self._stage, self._page = stage, page
        self._number = 0
        records = _records_module()
        clinic = records.Clinic()
        self._patient = next(iter(clinic.patients.values()))
        self._note = clinic.notes[self._patient["id"]]
        self._values = clinic.observations[self._patient["id"]]

    async def play(self) -> None:
        stage = self._stage
        token = job.fetch_token(stage.issuer, stage.gate)
        async with job.connect(f"{stage.gate}/mcp/ehr", token) as client:
            await self._tools(client)
            await self._search(client)
            await self._observations(client)
            await self._too_many(client)
            await self._delete(client)
            await self._update(client)
        async with job.connect(f"{stage.gate}/mcp/ehr-stdio", token) as client:
            await self._note_over_stdio(client)
        await self._merge_request()

    async def _tools(self, client: Client) -> None:
        names = [tool.name for tool in (await client.list_tools()).tools]
        caller = next(record for record in evidence.records(self._stage) if record["kind"] == "session.identity")
        self._page.title("The caller, as its token proves it")
        self._page.fact(
            "endpoint", f"{self._stage.gate}/mcp/ehr   (MCP {client.protocol_version}, the client is unchanged)"
        )
        self._page.fact("subject", str(caller["subject"]))
        self._page.fact("issuer", f"{caller['issuer']}   run {caller['run']}")
        self._page.fact("sees tools", ", ".join(names))

    async def _search(self, client: Client) -> None:
        family = self._patient["name"][0]["family"]
        seen = await self._call(client, "ehr", "search_patients", {"name": family, "limit": 1})
        self._page.beside(self._patient, seen.data["entry"][0]["resource"])

    async def _observations(self, client: Client) -> None:
        seen = await self._call(client, "ehr", "read_observations", {"patient_id": self._patient["id"]})
        self._page.beside(self._values[0], seen.data["entry"][0]["resource"])

    async def _too_many(self, client: Client) -> None:
        await self._refused(client, "search_patients", {"limit": 5000})

    async def _delete(self, client: Client) -> None:
        await self._refused(client, "delete_patient", {"patient_id": self._patient["id"]})

    async def _update(self, client: Client) -> None:
        arguments = {"patient_id": self._patient["id"], "phone": "(413) 555-0100"}
        began = time.monotonic()
        person = asyncio.create_task(people.approve_next(self._stage))
        seen = await self._call(client, "ehr", "update_patient", arguments)
        asked = await person
        self._page.fact("waited", f"{time.monotonic() - began:.1f} s for {_and(asked['from'])}, approval {asked['id']}")
        self._page.fact("approver", f"{people.APPROVER}, with `hoopgate approvals approve`")
        self._page.fact("answer", "refused" if seen.refused else "the record was changed; the job saw it masked")

    async def _note_over_stdio(self, client: Client) -> None:
        seen = await self._call(client, "ehr-stdio", "read_notes", {"patient_id": self._patient["id"]})
        self._page.prose("server has", self._note)
        self._page.prose("job saw", seen.text)

    async def _merge_request(self) -> None:
        stage = self._stage
        claims = {**REVIEW, "ref": "fix-typo", "ref_path": "refs/merge-requests/7/head", "job_id": "303"}
        token = job.fetch_token(stage.issuer, stage.gate, **claims)
        async with job.connect(f"{stage.gate}/mcp/ehr", token, mode="2026-07-28") as client:
            await self._refused(client, "read_patient", {"patient_id": self._patient["id"]}, "a merge request's job: ")

    async def _refused(self, client: Client, tool: str, arguments: dict[str, Any], who: str = "") -> None:
        seen = await self._call(client, "ehr", tool, arguments, who)
        self._page.prose("job saw", seen.text)

    async def _call(self, client: Client, server: str, tool: str, arguments: dict[str, Any], who: str = "") -> job.Seen:
        seen = await job.call(client, tool, arguments)
        decided = await asyncio.to_thread(evidence.last_decision, self._stage, f"{server}/{tool}")
        self._number += 1
        self._page.title(f"{self._number}  {who}{server}/{tool} {json.dumps(arguments)}")
        self._page.fact("decision", str(decided["effect"]))
        self._page.fact("rule", "; ".join(decided["rules"]) or "none: nothing permits this call")
        return seen


def _records_module() -> ModuleType:
    """The example's own records, to show what the server holds; the example is a folder, not a package."""
    spec = importlib.util.spec_from_file_location("clinic_records", example() / "records.py")
    if spec is None or spec.loader is None:
        raise StageError("the clinic example cannot be read")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _and(names: list[str]) -> str:
    return " and ".join(names)


def _near(path: Path) -> str:
    """``path`` as it is typed from here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _verify(stage: Stage, page: Page) -> int:
    page.title("The evidence")
    ran = stage.hoopgate("verify", str(stage.store))
    for line in (ran.stdout + ran.stderr).strip().splitlines():
        page.wrapped(line)
    page.fact("store", _near(stage.store))
    page.fact("look", f"hoopgate sessions list --config {_near(stage.config)}")
    return ran.returncode


def _stay(stage: Stage, page: Page) -> None:
    page.title("The gate stays up; Ctrl-C ends it")
    page.fact("console", f"{stage.gate}/console/   sign in as dana (reviewer), aud (auditor) or opal (operator)")
    page.fact("", "no password is asked: the issuer is for development")
    page.fact("endpoint", f"{stage.gate}/mcp/ehr and {stage.gate}/mcp/ehr-stdio")
    page.fact("health", f"{stage.gate}/healthz")
    page.fact("a token", f'curl -d \'{{"aud":"{stage.gate}"}}\' {stage.issuer}/token')
    page.fact("approvals", f"hoopgate approvals list --config {_near(stage.config)}")
    page.fact("policy", _near(stage.folder / "policies"))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        signal.pause()
    except KeyboardInterrupt:
        page.line()
