"""Ids, cancellations, progress and the end of a session: none of them reaches a request of somebody else's."""

from __future__ import annotations

import json
from typing import Any

import pytest

import gate
from tests.gate.conftest import Script as Run
from tests.gate.conftest import call, principal, result, session, sse

SAMPLING = """rule "may" { server "ehr"
    allow
    mask none }
rule "asks" { server "ehr"
    method "sampling/createMessage"
    allow
    mask none }"""
STREAM = [("content-type", "text/event-stream")]
LEGACY = {"client_id": "c", "upstream_id": "u", "version": "2025-06-18"}


def _cancel(rpc_id: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": rpc_id}}


def _progress(token: Any) -> dict[str, Any]:
    params = {"progressToken": token, "progress": 1}
    return {"jsonrpc": "2.0", "method": "notifications/progress", "params": params}


def test_an_id_that_is_open_in_the_session_is_not_taken_twice() -> None:
    held = session(**LEGACY)
    first = Run(held)
    first.asks(call(rpc_id=1))
    second = Run(held)
    second.asks(call(rpc_id=1))
    assert second.forwarded == []
    assert second.status == 400
    assert second.reply["error"]["data"]["code"] == "GT105"
    assert second.reply["id"] is None  # an answer under that id would be taken for the first one's
    first.answers(result("done", 1))
    assert first.reply == result("done", 1)
    again = Run(held)
    again.asks(call(rpc_id=1))
    assert len(again.forwarded) == 1


def test_the_string_and_the_number_are_two_ids_each_with_its_own_answer() -> None:
    held = session(**LEGACY)
    number, text = Run(held), Run(held)
    number.asks(call(rpc_id=1))
    text.asks(call(rpc_id="1"))
    assert (len(number.forwarded), len(text.forwarded)) == (1, 1)
    number.answers(result("for the other", "1"))
    assert b"for the other" not in number.sent
    text.answers(result("mine", "1"))
    assert text.reply == result("mine", "1")


@pytest.mark.parametrize("bad", [None, True, 1.5, [1], {"a": 1}, "x" * 257, 1 << 63, -(1 << 63), 10**300])
def test_an_id_that_two_readers_could_read_differently_goes_nowhere(bad: Any) -> None:
    run = Run(session(**LEGACY))
    run.asks(call(rpc_id=bad))
    assert run.forwarded == []
    assert (run.status, run.reply["error"]["data"]["code"]) == (400, "GT107")


@pytest.mark.parametrize("good", ["", "x" * 256, 0, -1, (1 << 63) - 1])
def test_the_longest_ids_come_back_as_they_were(good: Any) -> None:
    run = Run(session(**LEGACY))
    run.asks(call(rpc_id=good))
    run.answers(result("done", good))
    assert run.reply == result("done", good)


def test_callers_of_one_run_that_hold_no_session_may_count_alike() -> None:
    held = session()
    first, second = Run(held), Run(held)
    first.asks(call(rpc_id=1))
    second.asks(call(rpc_id=1))
    assert (len(first.forwarded), len(second.forwarded)) == (1, 1)
    first.answers(result("one", 1))
    assert len(held.underway) == 1
    second.answers(result("two", 1))
    assert len(held.underway) == 0


def test_an_exchange_that_nobody_drives_any_more_gives_its_id_back() -> None:
    held = session(**LEGACY)
    run = Run(held)
    run.asks(call(rpc_id=1))
    run.exchange.close()
    run.exchange.close()
    again = Run(held)
    again.asks(call(rpc_id=1))
    assert len(again.forwarded) == 1


@pytest.mark.parametrize("named", [2, "1", None, [1], True, "another session's"])
@pytest.mark.parametrize("options", [LEGACY, {}], ids=["legacy", "without a session"])
def test_a_cancellation_of_what_is_not_open_here_goes_nowhere(named: Any, options: Any) -> None:
    held = session(**options)
    open_ = Run(held)
    open_.asks(call(rpc_id=1))
    run = Run(held)
    run.asks(_cancel(named))
    assert run.forwarded == []
    assert run.status == 202
    [refusal] = [effect.entry for effect in run.of(gate.Record) if effect.entry.kind == "refusal"]
    assert refusal.metadata["error"] == "GT212"


def test_a_cancellation_of_another_callers_request_goes_nowhere() -> None:
    mine, theirs = session(), session(principal=principal(subject="acme/other", run="78"))
    Run(theirs).asks(call(rpc_id=1))
    run = Run(mine)
    run.asks(_cancel(1))
    assert run.forwarded == []
    own = Run(theirs)
    own.asks(_cancel(1))
    assert len(own.forwarded) == 1


def test_a_cancellation_that_comes_too_late_is_acknowledged_and_goes_nowhere() -> None:
    held = session(**LEGACY)
    first = Run(held)
    first.asks(call(rpc_id=1))
    first.answers(result("done", 1))
    run = Run(held)
    run.asks(_cancel(1))
    assert (run.status, run.forwarded, run.sent) == (202, [], b"")


def test_a_call_whose_answer_may_still_be_fetched_can_be_cancelled() -> None:
    held = session(**LEGACY)
    first = Run(held)
    first.asks(call(rpc_id=1))
    first.happens(gate.UpstreamStarted(200, STREAM))
    first.happens(gate.UpstreamData(b"id: 1\ndata: \n\n"))
    first.happens(gate.UpstreamEnded())
    assert list(held.unfinished)
    run = Run(held)
    run.asks(_cancel(1))
    assert len(run.forwarded) == 1


def test_progress_names_a_token_that_the_server_gave_in_this_session() -> None:
    held = session(SAMPLING, **LEGACY)
    run = Run(held)
    run.asks(call(rpc_id=1))
    run.happens(gate.UpstreamStarted(200, STREAM))
    asks = {"jsonrpc": "2.0", "id": 9, "method": "sampling/createMessage", "params": {"_meta": {"progressToken": 7}}}
    run.happens(gate.UpstreamData(sse(asks)))
    assert run.events == [asks]
    for token, forwarded in ((7, 1), ("7", 0), (8, 0), (None, 0), ([7], 0)):
        told = Run(held)
        told.asks(_progress(token))
        assert len(told.forwarded) == forwarded


def test_a_request_of_the_servers_may_have_an_id_that_the_client_uses() -> None:
    held = session(SAMPLING, **LEGACY)
    run = Run(held)
    run.asks(call(rpc_id=1))
    run.happens(gate.UpstreamStarted(200, STREAM))
    asks = {"jsonrpc": "2.0", "id": 1, "method": "sampling/createMessage", "params": {}}
    run.happens(gate.UpstreamData(sse(asks)))
    statuses = []
    for _ in range(2):
        answer = Run(held)
        answer.asks({"jsonrpc": "2.0", "id": 1, "result": {"role": "assistant"}})
        statuses.append((len(answer.forwarded), answer.exchange.state))
    assert statuses == [(1, "forwarding"), (0, "done")]  # taken once, as the answer to the server
    run.happens(gate.UpstreamData(sse(result("mine", 1))))
    run.happens(gate.UpstreamEnded())
    assert run.events[-1] == result("mine", 1)


@pytest.mark.parametrize(
    "second", [result("again", 1), result("for another", 2), {"jsonrpc": "2.0", "id": 2, "error": {"code": 1}}]
)
def test_only_the_first_answer_to_a_request_is_released(second: Any) -> None:
    run = Run(session(**LEGACY))
    run.asks(call(rpc_id=1))
    run.answers(sse(result("mine", 1), second), 200, "text/event-stream")
    assert run.events == [result("mine", 1)]
    assert run.records.count("response") == 1
    [refusal] = [effect.entry for effect in run.of(gate.Record) if effect.entry.kind == "refusal"]
    assert refusal.metadata["error"] == "GT301"


def test_an_answer_for_another_id_instead_of_ones_own_is_withheld() -> None:
    run = Run(session(**LEGACY))
    run.asks(call(rpc_id=1))
    run.answers(result("SSN 123-45-6789", 2))
    assert b"123-45-6789" not in run.sent
    assert run.reply["id"] == 1
    assert run.reply["result"]["_meta"]["hoopgate/code"] == "GT301"


@pytest.mark.parametrize("state", ["forwarding", "streaming"])
def test_the_end_of_its_session_ends_a_call_and_its_upstream(state: str) -> None:
    run = Run(session(**LEGACY))
    run.asks(call(rpc_id=1))
    if state == "streaming":
        run.happens(gate.UpstreamStarted(200, [("content-type", "application/json")]))
    run.happens(gate.SessionOver())
    assert run.exchange.done
    assert len(run.of(gate.CancelUpstream)) == 1
    assert run.status == 404
    assert run.reply["error"]["data"]["code"] == "GT213"
    [ended] = [effect.entry for effect in run.of(gate.Record) if effect.entry.kind == "call.ended"]
    assert ended.metadata["outcome"] == "cut"
    assert run.happens(gate.SessionOver()) == []


def test_the_end_of_its_session_ends_a_stream_without_a_word() -> None:
    run = Run(session(**LEGACY))
    run.asks(b"", method="GET")
    run.happens(gate.UpstreamStarted(200, STREAM))
    run.happens(gate.SessionOver())
    assert run.exchange.done
    assert run.sent == b""
    assert json.dumps(run.records).count("call.ended") == 1


def test_a_flood_of_what_has_no_message_passes_once_between_two_messages() -> None:
    run = Run(session(**LEGACY))
    run.asks(call(rpc_id=1))
    run.happens(gate.UpstreamStarted(200, STREAM))
    flood = b"".join(b"id: secret-%d\nretry: %d\n\n" % (number, number) for number in range(500))
    run.happens(gate.UpstreamData(flood))
    assert run.sent.count(b"secret") == 1
    assert run.sent.count(b"retry") == 1
    assert len(run.sent) < 3 * 500 + 100
    assert len(run.session.events) == 1  # what was not sent cannot be resumed from
    run.happens(gate.UpstreamData(sse({"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": 1}})))
    run.happens(gate.UpstreamData(flood + sse(result("done", 1), event_id="last")))
    assert run.sent.count(b"secret") == 2
    assert run.events[-1] == result("done", 1)
    assert list(run.session.events) == ["secret-0", "last"]
