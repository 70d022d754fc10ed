"""One pipeline's session through a real gate, with the official client, over both transports and both eras."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest

from adapter_asgi.demo import evidence, job, people
from adapter_asgi.demo.page import leaves
from adapter_asgi.demo.stage import Stage

SERVERS = ["ehr", "ehr-stdio"]
MODES = ["2026-07-28", "legacy"]
_TOKEN = re.compile(r"\[[A-Z_]+:[0-9a-f]{24}\]")
"""A keyed stand-in, whose random digits may look like anybody's ZIP code."""
IDENTIFYING = ("name", "telecom", "birthDate", "address", "identifier")


def _values(patient: dict[str, Any]) -> set[str]:
    held = {value for key in IDENTIFYING for _, value in leaves({key: patient[key]})}
    public = {"official", "phone", "email", "home", "http://clinic.example/mrn", "http://hl7.org/fhir/sid/us-ssn"}
    return held - public - {"Medical Record Number", "Social Security Number", patient["address"][0]["state"]}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("server", SERVERS)
async def test_no_identifying_value_of_any_patient_reaches_the_job(
    stage: Stage, token: str, clinic: Any, server: str, mode: str
) -> None:
    async with job.connect(f"{stage.gate}/mcp/{server}", token, mode) as client:
        seen = await job.call(client, "search_patients", {"limit": 40})
    received = _TOKEN.sub("", json.dumps(seen.data) + seen.text)
    leaked = {value for patient in clinic.patients.values() for value in _values(patient) if value in received}
    assert not leaked
    assert len(seen.data["entry"]) == 40
    assert {entry["resource"]["resourceType"] for entry in seen.data["entry"]} == {"Patient"}


@pytest.mark.parametrize("server", SERVERS)
async def test_prose_comes_without_names_and_with_its_findings(
    stage: Stage, token: str, clinic: Any, server: str
) -> None:
    patient, note = next(iter(clinic.notes.items()))
    async with job.connect(f"{stage.gate}/mcp/{server}", token) as client:
        await job.call(client, "read_patient", {"patient_id": patient})
        seen = await job.call(client, "read_notes", {"patient_id": patient})
    human = clinic.patients[patient]["name"][0]
    assert human["family"] not in seen.text
    assert human["given"][0] not in seen.text
    assert clinic.patients[patient]["telecom"][0]["value"] not in seen.text
    assert "HbA1c" in seen.text
    assert note.split("BP ")[1].split(",")[0] in seen.text


async def test_laboratory_values_and_codes_are_left_as_they_are(stage: Stage, token: str, clinic: Any) -> None:
    patient, held = next(iter(clinic.observations.items()))
    async with job.connect(f"{stage.gate}/mcp/ehr", token) as client:
        seen = await job.call(client, "read_observations", {"patient_id": patient})
    shown = seen.data["entry"][0]["resource"]
    assert shown["valueQuantity"] == held[0]["valueQuantity"]
    assert shown["code"] == held[0]["code"]


@pytest.mark.parametrize("mode", MODES)
async def test_a_denied_call_says_why_and_never_reaches_the_server(
    stage: Stage, token: str, clinic: Any, mode: str
) -> None:
    patient = next(iter(clinic.patients))
    async with job.connect(f"{stage.gate}/mcp/ehr", token, mode) as client:
        seen = await job.call(client, "delete_patient", {"patient_id": patient})
        still = await job.call(client, "read_patient", {"patient_id": patient})
    assert seen.refused
    assert "Pipelines do not delete patient records" in seen.text
    assert "pipelines never delete a record" in seen.text
    assert not still.refused


async def test_what_nothing_permits_is_denied(stage: Stage, token: str) -> None:
    async with job.connect(f"{stage.gate}/mcp/ehr", token) as client:
        seen = await job.call(client, "search_patients", {"limit": 5000})
    assert seen.refused
    assert evidence.last_decision(stage, "ehr/search_patients")["effect"] == "deny"


async def test_the_tool_list_shows_only_what_the_policy_could_permit(stage: Stage, token: str) -> None:
    async with job.connect(f"{stage.gate}/mcp/ehr", token) as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
    assert names == {"search_patients", "read_patient", "read_observations", "read_notes", "update_patient"}


@pytest.mark.parametrize(("server", "mode"), [("ehr", "2026-07-28"), ("ehr", "legacy"), ("ehr-stdio", "2026-07-28")])
async def test_a_call_waits_for_a_person_and_then_runs_once(
    stage: Stage, token: str, clinic: Any, server: str, mode: str
) -> None:
    patient = list(clinic.patients)[3]
    arguments = {"patient_id": patient, "phone": "(413) 555-0142"}
    async with job.connect(f"{stage.gate}/mcp/{server}", token, mode) as client:
        person = asyncio.create_task(people.approve_next(stage))
        seen = await job.call(client, "update_patient", arguments)
        asked = await person
    assert not seen.refused, seen.text
    assert asked["from"] == ["privacy-office"]
    assert asked["command"] == f"{server}/update_patient"
    kinds = [r["kind"] for r in evidence.records(stage) if r.get("approval") == asked["id"]]
    assert [k for k in kinds if k.startswith("approval.")] == [
        "approval.requested",
        "approval.given",
        "approval.consumed",
    ]


async def test_a_refused_call_carries_the_persons_reason(stage: Stage, token: str, clinic: Any) -> None:
    arguments = {"patient_id": list(clinic.patients)[5], "phone": "(413) 555-0143"}

    async def refuse() -> None:
        while True:
            listed = json.loads((await asyncio.to_thread(stage.hoopgate, "approvals", "list", "--json")).stdout)
            waiting = [approval["id"] for approval in listed if approval["state"] == "pending"]
            if waiting:
                words = ("approvals", "refuse", waiting[0], "--as", "omar@clinic.example", "--reason", "Wrong patient.")
                assert (await asyncio.to_thread(stage.hoopgate, *words)).returncode == 0
                return

    async with job.connect(f"{stage.gate}/mcp/ehr", token) as client:
        person = asyncio.create_task(refuse())
        seen = await job.call(client, "update_patient", arguments)
        await person
    assert seen.refused
    assert "Wrong patient." in seen.text


async def test_code_that_nobody_reviewed_reads_nothing(stage: Stage, clinic: Any) -> None:
    review = {"pipeline_source": "merge_request_event", "ref_protected": "false", "pipeline_id": "575", "job_id": "9"}
    token = job.fetch_token(stage.issuer, stage.gate, **review)
    async with job.connect(f"{stage.gate}/mcp/ehr", token, "2026-07-28") as client:
        seen = await job.call(client, "read_patient", {"patient_id": next(iter(clinic.patients))})
    assert seen.refused
    assert "nobody has reviewed" in seen.text
