"""A recorded session plays again in its rhythm, and answers a client as the upstream did."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import recorder
from recorder.reader import Record, Store
from recorder.replay import Script, pauses, play, serve_lines


def record(seconds: float) -> Record:
    return Record(0, 0, 0, {"time": int(seconds * 1e9)}, b"", b"")


def test_pauses_follow_the_recording_sped_up_and_capped() -> None:
    records = [record(moment) for moment in (0, 1, 1.5, 100)]
    assert pauses(records, 1, 10) == [0, 1, 0.5, 10]
    assert pauses(records, 2, 10) == [0, 0.5, 0.25, 10]
    assert pauses([], 1, 10) == []


def test_lines_come_out_after_their_pauses() -> None:
    slept: list[float] = []
    out = io.StringIO()
    play(["a", "b", "c"], [0, 1.5, 0], out, slept.append)
    assert out.getvalue() == "a\nb\nc\n"
    assert slept == [1.5]


def ask(number: int, method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


SEARCH = ask(7, "tools/call", name="search", arguments={"family": "Smith"}, _meta={"progressToken": 1})
PROGRESS = {"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": 1, "progress": 1}}
STREAM = (
    b"event: message\ndata: "
    + body(PROGRESS)
    + b"\n\ndata: "
    + body({"jsonrpc": "2.0", "id": 7, "result": {"n": 1}})
    + b"\n\n"
)


def test_a_request_gets_the_recorded_answer_under_its_own_id() -> None:
    script = Script([("c1", "request", body(SEARCH)), ("c1", "response", STREAM)])
    again = ask(99, "tools/call", name="search", arguments={"family": "Smith"})
    assert script.answer(again) == [PROGRESS, {"jsonrpc": "2.0", "id": 99, "result": {"n": 1}}]


def test_the_same_request_twice_gets_the_answers_in_their_order_then_the_last_again() -> None:
    told = []
    for number in (1, 2):
        told += [(f"c{number}", "request", body(SEARCH))]
        told += [(f"c{number}", "response", body({"jsonrpc": "2.0", "id": 7, "result": number}))]
    script = Script(told)
    assert [script.answer(SEARCH)[0]["result"] for _ in range(4)] == [1, 2, 2, 2]


def test_what_the_session_never_asked_is_an_error_and_a_client_can_still_connect() -> None:
    script = Script([("c1", "request", body(SEARCH)), ("c1", "response", STREAM)])
    assert (
        script.answer(ask(1, "initialize", protocolVersion="2025-06-18"))[0]["result"]["protocolVersion"]
        == "2025-06-18"
    )
    assert script.answer({"jsonrpc": "2.0", "method": "notifications/initialized"}) == []
    assert script.answer(ask(2, "tools/list"))[0]["result"]["tools"][0]["name"] == "search"
    assert script.answer(ask(3, "resources/list"))[0]["result"] == {"resources": []}
    assert "not in the recorded session" in script.answer(ask(4, "tools/call", name="other"))[0]["error"]["message"]


def test_it_speaks_one_message_a_line() -> None:
    script = Script([("c1", "request", body(SEARCH)), ("c1", "response", STREAM)])
    out = io.StringIO()
    serve_lines(script, [json.dumps(SEARCH), "nonsense", json.dumps(ask(5, "ping"))], out)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line.get("id") for line in lines] == [None, 7, None, 5]
    assert lines[2]["error"]["code"] == -32700


def test_a_recorded_session_is_a_script(store: Path) -> None:
    with recorder.open(store) as log:
        log.append(recorder.Entry("request", "s", {"call": "c1"}, body(SEARCH)))
        log.append(recorder.Entry("response", "s", {"call": "c1"}, STREAM))
    assert [item.kind for item in Store(store).session("s")] == ["request", "response"]
