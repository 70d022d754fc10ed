"""A thousand planted values go through the whole gate; then all that it wrote or says of itself is searched for them.

The search is the recorder's own (`tests/recorder/test_no_phi_on_disk.py`): raw, in a dozen encodings, compressed, as
an unsalted hash. It covers the store with its index, the keys, the gate's state, its log, its metrics and the receipts.
"""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from whole_gate import Running, whole_gate

import recorder
from adapter_asgi.logs import JsonLines
from recorder import index
from recorder.receipt import NAME
from tests.recorder.test_no_phi_on_disk import betrayed, planted, windows

POLICY = """
rule "reading" { command "ehr/read"
    allow
    mask ssn }
rule "asking" { command "ehr/change"
    allow
    mask none
    require approval from "privacy" }
"""
HEADERS = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-11-25"}
AT_ONCE = 10


class Echo:
    """An upstream that says everything it was told, in every part of its answers; each third is an error."""

    def __init__(self) -> None:
        self.calls = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        asked = json.loads(body)
        self.calls += 1
        said = json.dumps(asked["params"]["arguments"], ensure_ascii=self.calls % 2 == 0)
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": asked["id"]}
        if self.calls % 3:
            content = [{"type": "text", "text": f"{said} 123-45-6789"}]
            answer["result"] = {"content": content, "structuredContent": asked["params"]["arguments"]}
        else:
            answer["error"] = {"code": -32000, "message": said, "data": asked["params"]["arguments"]}
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})


async def ask(running: Running, client: aiohttp.ClientSession, tool: str, values: list[str]) -> tuple[str, str]:
    """The answer's receipt and its text."""
    arguments = {"patients": values, values[0]: {"note": f"about {values[1]}"}}
    params = {"name": tool, "arguments": arguments, "_meta": {"baggage": values[2]}}
    message = {"jsonrpc": "2.0", "id": values[3], "method": "tools/call", "params": params}
    async with client.post(f"{running.url}/mcp/ehr", json=message, headers=HEADERS) as answer:
        return answer.headers.get(NAME, ""), await answer.text()


@pytest.mark.slow
async def test_a_thousand_planted_values_are_nowhere_in_what_the_gate_writes_or_says_of_itself(tmp_path: Path) -> None:
    values = planted()
    groups = [values[at : at + AT_ONCE] for at in range(0, len(values), AT_ONCE)]
    folder = tmp_path / "gate"
    folder.mkdir()
    handler = logging.FileHandler(tmp_path / "log", encoding="utf-8")
    handler.setFormatter(JsonLines())
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        async with (
            whole_gate(folder, POLICY, first='log = "json"\nhold = 1\n') as running,
            aiohttp.ClientSession() as client,
        ):
            running.server.answer = Echo()
            said = [await asyncio.gather(*(ask(running, client, "read", group) for group in groups[:90]))]
            said.append(await asyncio.gather(*(ask(running, client, "change", group) for group in groups[90:95])))
            said.append(await asyncio.gather(*(ask(running, client, "forbidden", group) for group in groups[95:])))
            receipts = [f"{NAME}: {receipt}" for part in said for receipt, _ in part if receipt]
            (tmp_path / "receipts").write_text("\n".join(receipts))
            (tmp_path / "metrics").write_text((await running.page("/metrics"))[1])
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()
    text = "".join(text for part in said for _, text in part)
    assert sum(json.dumps(value)[1:-1] in text or value in text for value in values) >= 600, "the caller does see them"
    assert "123-45-6789" not in text
    index.update(folder / "store")
    assert recorder.verify_report(folder / "store", receipts=tmp_path / "receipts").receipts == len(receipts) == 100
    written = {path.name for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size}
    assert {"log", "metrics", "index.sqlite", "approvals.sqlite"} <= written
    assert betrayed(tmp_path, windows(values)) == set()
