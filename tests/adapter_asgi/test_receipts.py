"""Each answer brings a signed receipt of its record, which the store then bears out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import toy_server
from loopback import Gateway, gateway

import recorder
from recorder.errors import WriteError
from recorder.reader import Store
from recorder.receipt import NAME, find_receipts

POLICY = 'rule "echo" { command "toy/echo"\n allow\n mask none }'
INITIALIZE = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}


async def ask(http: aiohttp.ClientSession, gated: Gateway, session: dict[str, str], method: str, params: Any) -> str:
    """Headers and body, as `curl --include` prints them into a job's log."""
    message = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
    async with http.post(gated.url, json=message, headers=session) as answer:
        if "Mcp-Session-Id" in answer.headers:
            session["Mcp-Session-Id"] = answer.headers["Mcp-Session-Id"]
        head = "".join(f"{name}: {value}\n" for name, value in answer.headers.items())
        return f"{head}\n{await answer.text()}"


def record_of(store: Path, said: str) -> Any:
    (receipt,) = find_receipts(said)
    return next(record for record in Store(store).records() if record.seq == receipt.index)


@pytest.mark.parametrize("json_response", [False, True])
async def test_an_answer_brings_the_receipt_of_its_record(tmp_path: Path, json_response: bool) -> None:
    app, session = toy_server.build().streamable_http_app(json_response=json_response), dict[str, str]()
    async with gateway(tmp_path, app, POLICY) as gated, gated.http() as http:
        said = [await ask(http, gated, session, "initialize", INITIALIZE)]
        said.append(await ask(http, gated, session, "tools/call", {"name": "echo", "arguments": {"text": "hello"}}))
        said.append(await ask(http, gated, session, "tools/call", {"name": "fails", "arguments": {}}))
        job = tmp_path / "job.log"
        job.write_text("\n".join(said))
        assert recorder.verify_report(tmp_path / "store", receipts=job).receipts == 3  # while it is written
    assert recorder.verify_report(tmp_path / "store", receipts=job).receipts == 3
    found = [record_of(tmp_path / "store", text) for text in said]
    assert [record.kind for record in found] == ["response", "response", "refusal"]
    assert found[1].data["command"] == "toy/echo"
    head, _, body = said[1].partition("\n\n")
    assert (NAME in head.lower()) is json_response
    if not json_response:
        data = next(line for line in body.splitlines() if line.startswith("data: {"))
        assert json.loads(data[6:])["result"]["content"][0]["text"] == "hello"
        assert body.index(data) < body.index(f": {NAME}: v1 ")
        assert body.endswith("\n\n")


async def test_an_answer_goes_out_where_no_receipt_can_be_signed(tmp_path: Path) -> None:
    def fails(_: recorder.Receipt) -> str:
        raise WriteError("the recorder ended")

    app, session = toy_server.build().streamable_http_app(json_response=True), dict[str, str]()
    async with gateway(tmp_path, app, POLICY) as gated, gated.http() as http:
        gated.context.receipt = fails
        said = await ask(http, gated, session, "initialize", INITIALIZE)
    assert "serverInfo" in said
    assert NAME not in said.lower()


async def test_what_nothing_was_answered_to_has_no_receipt(tmp_path: Path) -> None:
    app, session = toy_server.build().streamable_http_app(json_response=True), dict[str, str]()
    async with gateway(tmp_path, app, POLICY) as gated, gated.http() as http:
        await ask(http, gated, session, "initialize", INITIALIZE)
        note = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        async with http.post(gated.url, json=note, headers=session) as answer:
            assert (answer.status, NAME in answer.headers) == (202, False)
