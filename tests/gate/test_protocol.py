"""What each version of the protocol needs carried, line by line of the issue that asks for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

import gate
from tests.gate.conftest import call, modern, result, sse

SSN = "123-45-6789"
ALL = 'rule "all" { server "ehr"\n allow\n mask none }'
TOOLS = 'rule "tools" { command "ehr/*"\n allow\n mask ssn }'


def _request(method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


@pytest.mark.parametrize("version", [*gate.LEGACY, None])
def test_every_legacy_version_and_none_is_carried(script: Any, version: str | None) -> None:
    run = script()
    run.asks(call(), *([] if version is None else [("mcp-protocol-version", version)]))
    run.answers(result("done"))
    sent = dict(run.forwarded[0].headers)
    assert sent.get("mcp-protocol-version") == version
    assert run.reply == result("done")


@pytest.mark.parametrize(
    "method",
    ["initialize", "ping", "logging/setLevel", "tools/list", "prompts/list", "resources/list",
     "resources/templates/list"],
)  # fmt: skip
def test_housekeeping_passes_for_whoever_could_be_permitted_something(script: Any, method: str) -> None:
    run = script(TOOLS)
    run.asks(_request(method, cursor="page-2"))
    assert json.loads(run.forwarded[0].body)["params"] == {"cursor": "page-2"}
    elsewhere = script('rule "elsewhere" { server "other"\n allow\n mask none }')
    elsewhere.asks(_request(method))
    assert elsewhere.forwarded == []


def test_a_discovery_passes_masked_and_not_for_caches(script: Any) -> None:
    run = script(TOOLS)
    request, headers = modern(_request("server/discover"))
    run.asks(request, *headers)
    about = {"resultType": "complete", "supportedVersions": [gate.MODERN], "capabilities": {}, "ttlMs": 60000}
    run.answers({"jsonrpc": "2.0", "id": 1, "result": {**about, "instructions": f"Ask about {SSN}"}})
    shown = run.reply["result"]
    assert SSN not in shown["instructions"]
    assert shown["supportedVersions"] == [gate.MODERN]
    assert (shown["ttlMs"], shown["cacheScope"]) == (0, "private")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"jsonrpc": "2.0", "id": 1,
               "error": {"code": -32022, "message": "old", "data": {"supported": ["2025-11-25"]}}}),
        (404, {"jsonrpc": "2.0", "id": 1, "error": {"code": -32601, "message": "Method not found"}}),
        (200, {"jsonrpc": "2.0", "id": 1, "error": {"code": -32601, "message": "Method not found"}}),
        (400, {"jsonrpc": "2.0", "id": None, "error": {"code": -32000, "message": "Bad Request: no session"}}),
    ],
)  # fmt: skip
def test_a_new_client_sees_what_an_old_server_says_and_falls_back_by_itself(
    script: Any, status: int, body: dict[str, Any]
) -> None:
    run = script()
    request, headers = modern(_request("server/discover"))
    run.asks(request, *headers)
    run.answers(body, status)
    assert run.status == status
    assert run.reply == body


@pytest.mark.parametrize("status", [400, 403, 404, 405, 406, 409, 429, 500, 503])
def test_the_upstreams_status_its_text_and_its_delay_are_kept(script: Any, status: int) -> None:
    run = script()
    run.asks(call())
    run.answers(b"not now", status, "text/plain", ("retry-after", "7"))
    assert run.status == status
    assert run.sent == b"not now"
    assert ("retry-after", "7") in run.of(gate.Start)[0].headers


@pytest.mark.parametrize("method", ["completion/complete", "tasks/list", "subscriptions/listen", "x/extension"])
def test_every_other_method_needs_a_rule_of_its_own(script: Any, method: str) -> None:
    refused = script(TOOLS)
    refused.asks(_request(method))
    assert refused.forwarded == []
    assert refused.reply["error"]["code"] == 4030
    passed = script(TOOLS + f'rule "this" {{ server "ehr"\n method "{method}"\n allow\n mask none }}')
    passed.asks(_request(method))
    assert len(passed.forwarded) == 1


LISTENS = """rule "listen" { server "ehr"
    method "subscriptions/listen"
    allow
    mask ssn }
rule "open" { server "ehr"
    resource "ehr://open/**"
    allow
    mask none }"""


def _listen(*uris: str) -> Any:
    return modern(_request("subscriptions/listen", notifications={"resourceSubscriptions": list(uris)}))


def test_a_subscription_is_a_long_stream_whose_every_message_is_masked_and_recorded(script: Any) -> None:
    run = script(LISTENS)
    request, headers = _listen("ehr://open/a")
    run.asks(request, *headers)
    run.happens(gate.UpstreamStarted(200, [("content-type", "text/event-stream")]))
    for number in range(3):
        note = {
            "jsonrpc": "2.0",
            "method": "notifications/resources/updated",
            "params": {"uri": f"ehr://open/{number}"},
        }
        run.happens(gate.UpstreamData(sse({**note, "params": {**note["params"], "title": f"of {SSN}"}})))
    assert len(run.events) == 3
    assert SSN not in run.sent.decode()
    assert run.records.count("response") == 3
    run.happens(gate.ClientGone())
    assert isinstance(run.last[0], gate.CancelUpstream)
    assert run.records[-1] == "call.ended"


def test_a_subscription_to_what_no_rule_permits_is_refused(script: Any) -> None:
    run = script(LISTENS)
    request, headers = _listen("ehr://open/a", "ehr://secret")
    run.asks(request, *headers)
    assert run.forwarded == []


def test_a_completion_is_masked(script: Any) -> None:
    run = script(TOOLS + 'rule "c" { server "ehr"\n method "completion/complete"\n allow\n mask ssn }')
    run.asks(
        _request("completion/complete", ref={"type": "ref/prompt", "name": "p"}, argument={"name": "a", "value": "1"})
    )
    run.answers({"jsonrpc": "2.0", "id": 1, "result": {"completion": {"values": [SSN, "b"], "hasMore": False}}})
    values = run.reply["result"]["completion"]["values"]
    assert values[1] == "b"
    assert SSN not in values[0]


TASKS = TOOLS + 'rule "tasks" { server "ehr"\n method "tasks/*"\n allow\n mask none }'


def _begin_task(script: Any, task: str) -> Any:
    run = script(TASKS)
    run.asks(call(task={"ttl": 1000}))
    run.answers({"jsonrpc": "2.0", "id": 1, "result": {"task": {"taskId": task, "status": "working"}}})
    return run


def test_a_tasks_result_is_masked_by_the_rule_of_the_call_that_began_it(script: Any) -> None:
    begun = _begin_task(script, "t-1")
    run = script(TASKS, tasks=begun.session.tasks)
    run.asks(_request("tasks/result", taskId="t-1"))
    run.answers(result(f"SSN {SSN}"))
    assert SSN not in run.sent.decode()


@pytest.mark.parametrize("method", ["tasks/get", "tasks/result", "tasks/cancel", "tasks/update"])
def test_a_task_of_another_caller_is_refused(script: Any, method: str) -> None:
    run = script(TASKS)
    run.asks(_request(method, taskId="t-1"))
    assert run.forwarded == []
    assert run.reply["error"]["data"]["code"] == "GT211"


def test_a_list_of_tasks_shows_the_callers_own(script: Any) -> None:
    run = script(TASKS, tasks=_begin_task(script, "t-1").session.tasks)
    run.asks(_request("tasks/list"))
    tasks = [{"taskId": name, "status": "working"} for name in ("t-1", "t-2")]
    run.answers({"jsonrpc": "2.0", "id": 1, "result": {"tasks": tasks}})
    assert run.reply["result"]["tasks"] == tasks[:1]


def test_a_cancellation_and_progress_of_the_clients_pass_as_they_came(script: Any) -> None:
    held = script(ALL + 'rule "may" { server "ehr"\n method "sampling/createMessage"\n allow\n mask none }')
    held.asks(call(rpc_id=5))
    held.happens(gate.UpstreamStarted(200, [("content-type", "text/event-stream")]))
    asks = {"jsonrpc": "2.0", "id": 1, "method": "sampling/createMessage", "params": {"_meta": {"progressToken": "s"}}}
    held.happens(gate.UpstreamData(sse(asks)))
    for method, params in (
        ("notifications/cancelled", {"requestId": 5, "reason": "enough"}),
        ("notifications/progress", {"progressToken": "s", "progress": 0.5}),
        ("notifications/roots/list_changed", {}),
    ):
        run = type(held)(held.session)
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode()
        run.asks(body)
        run.happens(gate.UpstreamStarted(202, []))
        run.happens(gate.UpstreamEnded())
        assert run.forwarded[0].body == body
        assert run.status == 202


@pytest.mark.parametrize("method", ["sampling/createMessage", "elicitation/create", "roots/list"])
def test_a_request_of_the_servers_goes_to_the_client_and_its_answer_back_once(script: Any, method: str) -> None:
    run = script(TOOLS + f'rule "may" {{ server "ehr"\n method "{method}"\n allow\n mask none }}')
    run.asks(call())
    run.happens(gate.UpstreamStarted(200, [("content-type", "text/event-stream")]))
    run.happens(gate.UpstreamData(sse({"jsonrpc": "2.0", "id": "s1", "method": method, "params": {}})))
    assert run.events[0]["method"] == method
    answer = {"jsonrpc": "2.0", "id": "s1", "result": {"model": "m", "content": {"type": "text", "text": "x"}}}
    statuses = []
    for _ in range(2):
        again = type(run)(run.session)
        again.asks(answer)
        statuses.append(len(again.forwarded))
    assert statuses == [1, 0]


def test_every_byte_of_the_gates_own_state_counts(script: Any) -> None:
    asks = 'rule "asks" { command "ehr/echo"\n allow\n mask none\n require approval from "privacy" }'
    run = script(asks)
    request, headers = modern(call())
    run.asks(request, *headers)
    run.happens(gate.ApprovalPending("AP1"))
    state = run.reply["result"]["requestState"]
    for at in range(0, len(state), 7):
        other = "A" if state[at] != "A" else "B"
        forged = state[:at] + other + state[at + 1 :]
        again = type(run)(run.session)
        request, headers = modern(call(requestState=forged))
        again.asks(request, *headers)
        holds = again.of(gate.Hold)
        assert again.forwarded == []
        assert not holds or holds[0].wait > 0  # taken for the upstream's own: people are asked as if it were new
