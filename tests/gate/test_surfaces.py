"""Every place where MCP carries text: masked there, whole elsewhere. One marker in every place of every message."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

import gate
from gate.shapes import REQUESTS, RESULTS
from tests.gate.conftest import Script, call, modern, sse

SSN = "123-45-6789"
SAY = f"SSN {SSN}"
MASKS = 'rule "all" { server "ehr"\n allow\n mask ssn, photo, biometric }'
B64 = base64.b64encode(SAY.encode()).decode()

_RESOURCE = {"uri": f"x://{SSN}", "mimeType": "text/plain", "text": SAY, "_meta": {SAY: SAY}}
_CONTENT = [
    {"type": "text", "text": SAY, "annotations": {"audience": [SAY], "priority": 1}, "_meta": {"k": SAY}},
    {"type": "text", "text": json.dumps({"ssn": SSN, "deep": [SAY]})},
    {"type": "image", "data": B64, "mimeType": "image/png"},
    {"type": "audio", "data": B64, "mimeType": "audio/wav"},
    {"type": "resource", "resource": _RESOURCE},
    {"type": "resource", "resource": {"uri": "x://b", "mimeType": "text/plain", "blob": B64}},
    {"type": "resource", "resource": {"uri": "x://c", "mimeType": "application/pdf", "blob": B64}},
    {
        "type": "resource_link",
        "uri": f"x://{SSN}",
        "name": SAY,
        "title": SAY,
        "description": SAY,
        "icons": [{"src": SAY}],
    },
    {
        "type": "tool_result",
        "toolUseId": SAY,
        "content": [{"type": "text", "text": SAY}],
        "structuredContent": {SAY: SAY},
    },
    {"type": "tool_use", "id": "1", "name": "t", "input": {"a": SAY}},
    {"type": "unheard-of", "text": SAY, SAY: 1},
]
_SCHEMA = {
    "type": "object",
    "description": SAY,
    "properties": {"a": {"type": "string", "default": SAY, "examples": [SAY], "enum": [SAY], "title": SAY}},
    "$defs": {"b": {"anyOf": [{"const": SAY}], "description": SAY}},
    "x-else": SAY,
}
_TOOL = {
    "name": "echo",
    "title": SAY,
    "description": SAY,
    "inputSchema": _SCHEMA,
    "outputSchema": _SCHEMA,
    "annotations": {"title": SAY},
    "icons": [{"src": SAY}],
    "_meta": {"a": SAY},
}
_LINK = {"uri": f"x://{SSN}", "name": SAY, "title": SAY, "description": SAY, "mimeType": SAY, "annotations": {"z": SAY}}
_TASK = {"taskId": SAY, "status": SAY, "statusMessage": SAY, "createdAt": SAY, "lastUpdatedAt": SAY}
_REQUEST_PARAMS = {
    "elicitation/create": {"mode": "form", "message": SAY, "requestedSchema": _SCHEMA, "url": f"x://{SSN}"},
    "sampling/createMessage": {
        "messages": [{"role": "user", "content": _CONTENT}],
        "systemPrompt": SAY,
        "modelPreferences": {"hints": [{"name": SAY}]},
        "stopSequences": [SAY],
        "metadata": {SAY: SAY},
        "tools": [_TOOL],
        "maxTokens": 5,
    },
    "roots/list": {"_meta": {"a": SAY}, "else": SAY},
}
ANSWERS: dict[str, dict[str, Any]] = {
    "initialize": {
        "protocolVersion": "2025-11-25",
        "capabilities": {"experimental": {"a": SAY}},
        "serverInfo": {"name": SAY, "version": SAY, "title": SAY},
        "instructions": SAY,
        "_meta": {"a": SAY},
    },
    "tools/list": {"tools": [_TOOL], "nextCursor": SAY, "_meta": {"a": SAY}, "else": {"b": SAY}},
    "prompts/list": {"prompts": [{"name": "p", "description": SAY, "arguments": [{"name": "a", "description": SAY}]}]},
    "resources/list": {"resources": [_LINK], "nextCursor": SAY},
    "resources/templates/list": {"resourceTemplates": [{"uriTemplate": f"x://{SSN}/{{a}}", "name": SAY, "title": SAY}]},
    "resources/read": {"contents": [_RESOURCE, {"uri": "x://b", "blob": B64, "mimeType": "text/csv"}]},
    "prompts/get": {"description": SAY, "messages": [{"role": "user", "content": item} for item in _CONTENT]},
    "completion/complete": {"completion": {"values": [SAY, SAY], "total": 2}},
    "tools/call": {
        "content": _CONTENT,
        "structuredContent": {SAY: [SAY, {"ssn": SSN}], "list": [SSN]},
        "isError": True,
        "_meta": {"a": SAY, SAY: 1},
        "task": _TASK,
    },
    "tasks/get": {**_TASK, "result": {"content": _CONTENT, "structuredContent": {"a": SAY}}, "error": {"message": SAY}},
    "tasks/list": {"tasks": [_TASK]},
    "some/extension": {"whatever": [SAY, {SAY: SAY}]},
}
NOTIFICATIONS: dict[str, dict[str, Any]] = {
    "notifications/message": {"level": "info", "logger": SAY, "data": {"a": [SAY], SAY: 1}},
    "notifications/progress": {"progressToken": "t", "progress": 1, "message": SAY},
    "notifications/cancelled": {"requestId": 1, "reason": SAY},
    "notifications/resources/updated": {"uri": f"x://{SSN}", "title": SAY},
    "notifications/tasks/status": {**_TASK, "result": {"content": _CONTENT}},
    "notifications/tools/list_changed": {"else": SAY},
    "notifications/elicitation/complete": {"elicitationId": SAY},
}
ASKED = {
    "resources/read": {"uri": "x://a"},
    "prompts/get": {"name": "p"},
    "tools/call": {"name": "echo"},
    "tasks/get": {"taskId": "1"},
}


def _hidden(sent: bytes) -> bool:
    text = sent.decode()
    return SSN not in text and B64 not in text and SSN not in json.dumps(json.loads(text), ensure_ascii=False)


@pytest.mark.parametrize("method", ANSWERS)
def test_no_answer_shows_what_is_masked_anywhere(script: Any, method: str) -> None:
    run = script(MASKS, tasks={"1": {}, SAY: {}})
    run.asks({"jsonrpc": "2.0", "id": 1, "method": method, "params": ASKED.get(method, {})})
    assert run.forwarded
    run.answers({"jsonrpc": "2.0", "id": 1, "result": ANSWERS[method]})
    assert _hidden(run.sent), run.sent
    assert run.status == 200
    assert "result" in run.reply
    assert "masking" in run.records


def test_every_result_shape_of_the_table_is_tried_here() -> None:
    assert set(RESULTS) - set(ANSWERS) == {"", "server/discover", "tasks/result", "tasks/cancel", "tasks/update"}
    assert set(REQUESTS) - set(_REQUEST_PARAMS) == {"", "ping"}


@pytest.mark.parametrize("method", NOTIFICATIONS)
def test_no_notification_shows_what_is_masked_anywhere(script: Any, method: str) -> None:
    run = script(MASKS)
    run.asks(call(_meta={"progressToken": "t"}))
    run.happens(gate.UpstreamStarted(200, [("content-type", "text/event-stream")]))
    note = {"jsonrpc": "2.0", "method": method, "params": NOTIFICATIONS[method]}
    run.happens(gate.UpstreamData(sse(note)))
    [shown] = run.events
    assert _hidden(json.dumps(shown).encode())
    assert shown["method"] == method


@pytest.mark.parametrize("method", _REQUEST_PARAMS)
def test_no_request_of_the_servers_shows_what_is_masked_anywhere(script: Any, method: str) -> None:
    run = script(MASKS)
    run.asks(call())
    run.happens(gate.UpstreamStarted(200, [("content-type", "text/event-stream")]))
    asked = {"jsonrpc": "2.0", "id": "s1", "method": method, "params": _REQUEST_PARAMS[method]}
    run.happens(gate.UpstreamData(sse(asked)))
    [shown] = run.events
    assert _hidden(json.dumps(shown).encode())
    assert (shown["id"], shown["method"]) == ("s1", method)


def test_requests_inside_a_modern_result_are_masked_and_need_a_rule(script: Any) -> None:
    inputs = {"one": {"method": "elicitation/create", "params": _REQUEST_PARAMS["elicitation/create"]}}
    answer = {"resultType": "input_required", "inputRequests": inputs, "requestState": SAY}
    request, headers = modern(call("echo"))
    run = script(MASKS)
    run.asks(request, *headers)
    run.answers({"jsonrpc": "2.0", "id": 1, "result": answer})
    assert _hidden(run.sent)
    assert run.reply["result"]["inputRequests"]["one"]["method"] == "elicitation/create"
    run = script('rule "echo" { command "ehr/echo"\n allow\n mask none }')
    run.asks(request, *headers)
    run.answers({"jsonrpc": "2.0", "id": 1, "result": answer})
    assert run.reply["result"]["isError"]
    assert "elicitation/create" in run.reply["result"]["content"][0]["text"]


def test_errors_are_masked_and_keep_their_code(script: Any) -> None:
    run = script(MASKS)
    run.asks(call())
    run.answers({"jsonrpc": "2.0", "id": 1, "error": {"code": -32001, "message": SAY, "data": {SAY: [SAY]}}}, 400)
    assert run.status == 400
    assert run.reply["error"]["code"] == -32001
    assert _hidden(run.sent)


@pytest.mark.parametrize(("kind", "body"), [("text/plain", SAY), ("application/json", json.dumps({"detail": SAY}))])
def test_the_body_of_an_http_error_is_masked(script: Any, kind: str, body: str) -> None:
    run = script(MASKS)
    run.asks(call())
    run.answers(body.encode(), 500, kind)
    assert run.status == 500
    assert SSN not in run.sent.decode()


def test_a_version_error_keeps_the_versions_by_which_clients_fall_back(script: Any) -> None:
    run = script('rule "one" { command "ehr/echo"\n allow }')
    request, headers = modern({"jsonrpc": "2.0", "id": 1, "method": "server/discover"})
    run.asks(request, *headers)
    data = {"supported": ["2025-11-25"], "requested": "2026-07-28"}
    run.answers({"jsonrpc": "2.0", "id": 1, "error": {"code": -32022, "message": "no", "data": data}}, 400)
    assert run.reply["error"]["data"] == data


def test_a_sealed_uri_and_cursor_come_back_as_what_they_were(script: Any) -> None:
    run = script(MASKS)
    run.asks({"jsonrpc": "2.0", "id": 1, "method": "resources/list"})
    run.answers({"jsonrpc": "2.0", "id": 1, "result": {"resources": [_LINK], "nextCursor": SAY}})
    shown = run.reply["result"]
    again = script(MASKS, sealer=run.session.sealer)
    again.asks(
        {"jsonrpc": "2.0", "id": 2, "method": "resources/read", "params": {"uri": shown["resources"][0]["uri"]}},
        ("mcp-name", shown["resources"][0]["uri"]),
    )
    assert json.loads(again.forwarded[0].body)["params"]["uri"] == f"x://{SSN}"
    assert ("mcp-name", f"x://{SSN}") in again.forwarded[0].headers
    more = script(MASKS, sealer=run.session.sealer)
    more.asks({"jsonrpc": "2.0", "id": 3, "method": "resources/list", "params": {"cursor": shown["nextCursor"]}})
    assert json.loads(more.forwarded[0].body)["params"]["cursor"] == SAY


def test_a_sealed_uri_is_decided_as_what_it_is(script: Any) -> None:
    policy = MASKS + 'rule "not this" { resource "x://*"\n deny because "Not this one." }'
    listed = script(MASKS)
    sealed = listed.session.sealer.seal_uri(f"x://{SSN}")
    run = script(policy, sealer=listed.session.sealer)
    run.asks({"jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": {"uri": sealed}})
    assert run.forwarded == []
    assert "Not this one." in run.reply["error"]["message"]


def test_an_answer_to_a_request_that_nobody_made_is_withheld(script: Any) -> None:
    run = script()
    run.asks(call())
    run.happens(gate.UpstreamStarted(200, [("content-type", "text/event-stream")]))
    run.happens(gate.UpstreamData(sse({"jsonrpc": "2.0", "id": 99, "result": {"secret": 1}})))
    assert run.events == []
    assert run.records[-1] == "refusal"


def test_an_answer_with_duplicate_keys_is_withheld(script: Any) -> None:
    run = script(MASKS)
    run.asks(call())
    run.answers(f'{{"jsonrpc":"2.0","id":1,"result":{{"a":"{SAY}"}},"result":{{}}}}'.encode())
    assert SSN not in run.sent.decode()
    assert "withheld" in run.reply["result"]["content"][0]["text"]


def test_a_notification_that_mcp_does_not_define_needs_a_rule(script: Any) -> None:
    note = {"jsonrpc": "2.0", "method": "notifications/made-up", "params": {"a": SAY}}
    for policy, passes in ((MASKS, True), ('rule "one" { command "ehr/echo"\n allow\n mask none }', False)):
        run = script(policy)
        run.asks(call())
        run.happens(gate.UpstreamStarted(200, [("content-type", "text/event-stream")]))
        run.happens(gate.UpstreamData(sse(note)))
        assert bool(run.events) is passes
        assert SSN not in run.sent.decode()


def test_a_message_over_the_limit_is_withheld_with_a_clear_error(script: Any) -> None:
    run = script(limits=gate.Limits(message=1000))
    run.asks(call())
    run.answers({"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": "x" * 2000}]}})
    assert "withheld" in run.reply["result"]["content"][0]["text"]
    assert b"xxxx" not in run.sent
    assert run.of(gate.CancelUpstream)


def test_headers_retries_and_ids_are_no_way_around_the_masks(script: Any) -> None:
    run = script(MASKS)
    run.asks(call())
    said = [("content-type", "text/event-stream"), ("cache-control", SSN), ("retry-after", SSN), ("allow", SSN)]
    run.happens(gate.UpstreamStarted(200, said))
    asked = {"jsonrpc": "2.0", "id": f"SSN {SSN}", "method": "roots/list"}
    run.happens(gate.UpstreamData(b"retry: 123456789\nid: " + SAY.encode() + b"\ndata:\n\n" + sse(asked)))
    [start] = run.of(gate.Start)
    assert SSN not in str(start.headers)
    assert SSN not in run.sent.decode()
    assert b"123456789" not in run.sent
    assert run.of(gate.Answer)


def test_what_a_server_calls_its_request_is_not_repeated_to_the_client(script: Any) -> None:
    request, headers = modern(call("echo"))
    run = script('rule "echo" { command "ehr/echo"\n allow }')
    run.asks(request, *headers)
    answer = {"resultType": "input_required", "inputRequests": {"a": {"method": SAY}}, "requestState": "s"}
    run.answers({"jsonrpc": "2.0", "id": 1, "result": answer})
    assert run.reply["result"]["isError"]
    assert SSN not in run.sent.decode()


def test_a_server_cannot_fill_the_sessions_memory(script: Any) -> None:
    from gate.session import keep

    held: dict[int, int] = {}
    for number in range(10_500):
        keep(held, number, number)
    assert len(held) == 10_000
    assert 10_499 in held


def test_a_stream_is_resumed_only_by_the_session_that_it_was_sent_to(script: Any) -> None:
    run = script(client_id="c1", upstream_id="u1", version="2025-11-25")
    run.asks(call())
    run.happens(gate.UpstreamStarted(200, [("content-type", "text/event-stream")]))
    run.happens(gate.UpstreamData(b"id: e-7\ndata: \n\n"))
    run.happens(gate.UpstreamEnded())
    own, other = Script(run.session), script(client_id="c2", upstream_id="u2")
    for again in (own, other):
        again.asks(b"", ("last-event-id", "e-7"), method="GET")
    assert ("last-event-id", "e-7") in own.forwarded[0].headers
    assert other.forwarded == []
    assert other.reply["error"]["data"]["code"] == "GT123"


def test_a_session_remembers_the_newest_of_its_events(script: Any) -> None:
    held = script().session
    for number in range(10_000):
        held.sent_event(str(number))
    assert len(held.events) == 4096
    assert "9999" in held.events
