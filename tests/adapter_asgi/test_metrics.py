"""`/metrics` is the text format, whole, and documented; `/readyz` follows what can be recorded."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from whole_gate import SSN, whole_gate

import recorder
from adapter_asgi.metrics import METRICS, reference

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "metrics.md"
SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\]|\\.)*",?)*)\})? (-?[0-9.e+-]+)')


def samples(page: str) -> dict[str, float]:
    """Every sample of a page in Prometheus's text format; fails on a line that is none."""
    found = {}
    for line in page.splitlines():
        if not line.startswith("#"):
            match = SAMPLE.fullmatch(line)
            assert match, line
            found[line.rpartition(" ")[0]] = float(match[3])
    return found


async def test_a_call_is_counted_in_every_way_and_by_no_name_of_its_caller(tmp_path: Path) -> None:
    async with whole_gate(tmp_path) as running:
        await running.call()
        await running.call("forbidden")
        status, page = await running.page("/metrics")
    found = samples(page)
    assert status == 200
    assert found['hoopgate_decisions_total{server="ehr",effect="allow"}'] == 1
    assert found['hoopgate_calls_total{server="ehr",outcome="complete"}'] == 1
    assert found['hoopgate_call_seconds_count{server="ehr"}'] == 1
    assert found['hoopgate_call_seconds_bucket{server="ehr",le="+Inf"}'] == 1
    assert found['hoopgate_refusals_total{code="GT201"}'] == 1
    assert found['hoopgate_responses_total{status="200"}'] == 2
    assert found['hoopgate_masked_total{kind="ssn"}'] >= 1
    assert found['hoopgate_received_bytes_total{server="ehr"}'] == len(running.server.bodies[0])
    assert found['hoopgate_released_bytes_total{server="ehr"}'] > 20
    assert found['hoopgate_sessions_total{step="opened"}'] == 1
    assert (found["hoopgate_recording"], found["hoopgate_policy_stale"], found["hoopgate_approvals_pending"]) == (
        1,
        0,
        0,
    )
    assert found["process_resident_memory_bytes"] > 1 << 20
    for word in (SSN, "Zenobia", "acme", "forbidden", "77"):
        assert word not in re.sub(r" [0-9.e+-]+$", "", page, flags=re.MULTILINE)


async def test_every_name_of_the_page_is_in_the_table_and_in_the_reference(tmp_path: Path) -> None:
    async with whole_gate(tmp_path) as running:
        await running.call()
        _, page = await running.page("/metrics")
    told = set(re.findall(r"^# TYPE (\S+)", page, re.MULTILINE))
    assert told == {metric.name for metric in METRICS}
    names = {name.partition("{")[0] for name in samples(page)}
    assert {re.sub(r"_(bucket|sum|count)$", "", name) if name not in told else name for name in names} <= told
    ran = subprocess.run([sys.executable, "-m", "adapter_asgi.metrics"], capture_output=True, text=True, check=True)
    assert ran.stdout == reference()
    assert reference() in PAGE.read_text()


async def test_a_gate_that_cannot_record_is_not_ready_until_it_can(tmp_path: Path, monkeypatch: Any) -> None:
    async with whole_gate(tmp_path) as running:
        assert (await running.page("/readyz"))[0] == 200

        def full(_: Any) -> Any:
            from concurrent.futures import Future

            future: Future[recorder.Receipt] = Future()
            future.set_exception(recorder.WriteError("RC000", "the disk is full"))
            return future

        def full_for_all(entries: Any, outcome: Any) -> None:
            for _ in entries:
                outcome.set_exception(recorder.WriteError("RC000", "the disk is full"))

        def also_full() -> str:
            raise recorder.WriteError("RC000", "the disk is full")

        with monkeypatch.context() as patch:
            patch.setattr(running.log, "submit", full)
            patch.setattr(running.log, "submit_to", full_for_all)
            patch.setattr(running.log, "checkpoint", also_full)
            assert "error" in await running.call()
            status, body = await running.page("/readyz")
            assert (status, json.loads(body)["recording"]) == (503, False)
            assert "hoopgate_recording 0" in (await running.page("/metrics"))[1]
        assert (await running.page("/readyz"))[0] == 200
        assert "result" in await running.call()
