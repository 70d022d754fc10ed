"""What `/metrics` counts is what was recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import toy_server
from loopback import gateway

import recorder
from adapter_asgi.metrics import Metrics

POLICY = 'rule "reads" { server "toy"\n command "toy/record"\n allow\n mask ssn }'


async def test_decisions_outcomes_masks_and_refusals_are_counted(tmp_path: Path) -> None:
    async with gateway(tmp_path, toy_server.build().streamable_http_app(), POLICY) as gated:
        metrics = Metrics(gated.log, {"hoopgate_exchanges_open": lambda: gated.endpoint.open_exchanges})
        gated.context.log = metrics
        async with gated.client("2026-07-28") as client:
            await client.call_tool("record", {"number": 1})
            await client.call_tool("delete", {"text": "x"})
        page = metrics.render()
    assert 'hoopgate_decisions_total{server="toy",effect="deny"}' in page
    assert 'hoopgate_refusals_total{code="GT201"} 1' in page
    assert 'outcome="complete"' in page
    assert 'hoopgate_masked_total{kind="ssn"}' in page
    assert "hoopgate_exchanges_open 0" in page
    assert "hoopgate_record_failures_total" in page
    assert toy_server.SSN not in page
    assert "alice" not in page


def test_an_entry_that_cannot_be_recorded_is_counted(tmp_path: Path) -> None:
    log: Any = recorder.open(tmp_path / "store")
    metrics = Metrics(log)
    log.close()
    try:
        metrics.submit(recorder.Entry("refusal", "s", {"error": 'a"b\n'})).result()
    except recorder.RecorderError:
        page = metrics.render()
    assert r'code="a\"b\n"' in page
