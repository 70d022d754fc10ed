"""One exchange from the client's request to its end, as a script."""

from __future__ import annotations

import json
from typing import Any

import gate
from gate.exchange import TABLE
from tests.gate.conftest import NOW, call, modern, result, sse

DENIES = 'rule "no deletes" { command "ehr/delete_*"\n deny because "Nothing is deleted here." }'
READS = 'rule "reads" { command "ehr/read_*"\n allow\n mask none }'
MASKS = 'rule "reads" { command "ehr/read_*"\n allow\n mask ssn }'
ASKS = 'rule "updates" { command "ehr/update_*"\n allow\n mask none\n require approval from "privacy" count 1 }'


def test_a_permitted_call_is_recorded_before_it_is_forwarded_and_its_answer_before_it_is_released(script: Any) -> None:
    run = script()
    body = json.dumps(call()).encode()
    run.asks(body)
    kinds = [type(effect).__name__ for effect in run.last]
    assert kinds[-1] == "Forward"
    assert run.records == ["session.opened", "session.identity", "decision", "request"]
    run.answers(result("hello"))
    assert [type(effect).__name__ for effect in run.last] == ["Record", "Record", "Start", "Send", "Close"]
    assert run.records[-2:] == ["response", "call.ended"]
    assert run.exchange.done


def test_unchanged_messages_go_both_ways_as_the_bytes_that_came(script: Any) -> None:
    run = script()
    body = b'{"params" :{"arguments":{"x":1.50},"name":"echo"},"id":1,"method":"tools/call","jsonrpc":"2.0"}'
    answer = b'{"result": {"content":[{"text":"a","type":"text"}]}, "id":1,"jsonrpc":"2.0"}'
    run.asks(body)
    run.answers(answer)
    assert run.forwarded[0].body == body
    assert run.sent == answer


def test_a_denied_call_is_a_result_with_the_reason_the_rule_and_the_decision(script: Any) -> None:
    run = script(READS + DENIES)
    run.asks(call("delete_all"))
    assert run.forwarded == []
    assert run.records[-2:] == ["decision", "refusal"]
    answer = run.reply["result"]
    assert answer["isError"] is True
    text = answer["content"][0]["text"]
    assert "Nothing is deleted here." in text
    assert "no deletes" in text
    assert answer["_meta"]["hoopgate/decision"] in text


def test_a_refused_method_gets_an_error_whose_code_the_protocol_does_not_reserve(script: Any) -> None:
    run = script(READS)
    run.asks({"jsonrpc": "2.0", "id": "a", "method": "resources/read", "params": {"uri": "file:///x"}})
    assert run.forwarded == []
    assert run.reply["id"] == "a"
    assert not -32768 <= run.reply["error"]["code"] <= -32000


def test_an_answer_is_masked_and_its_findings_recorded(script: Any) -> None:
    run = script(MASKS)
    run.asks(call("read_one"))
    run.answers(result("SSN 123-45-6789", structuredContent={"ssn": "123-45-6789"}))
    assert "123-45-6789" not in run.sent.decode()
    assert "masking" in run.records
    [entry] = [effect.entry for effect in run.of(gate.Record) if effect.entry.kind == "masking"]
    assert entry.metadata["masked"]["ssn"] >= 1
    assert b"123-45-6789" not in (entry.payload or b"")
    findings = json.loads(entry.payload or b"")["findings"]
    assert {finding["kind"] for finding in findings} == {"ssn"}
    assert all({"where", "detector", "method", "digest", "rules"} <= finding.keys() for finding in findings)
    assert all(finding["masked"] and finding["masked"] in run.sent.decode() for finding in findings)


def test_a_stream_is_released_message_by_message(script: Any) -> None:
    run = script(MASKS)
    run.asks(call("read_one", _meta={"progressToken": "t"}))
    run.happens(gate.UpstreamStarted(200, [("content-type", "text/event-stream")]))
    note = {
        "jsonrpc": "2.0",
        "method": "notifications/progress",
        "params": {"progressToken": "t", "progress": 1, "message": "for 123-45-6789"},
    }
    stream = sse(note, result("done"))
    for at in range(0, len(stream), 7):
        run.happens(gate.UpstreamData(stream[at : at + 7]))
    run.happens(gate.UpstreamEnded())
    first, last = run.events
    assert "123-45-6789" not in first["params"]["message"]
    assert last["result"]["content"][0]["text"] == "done"
    assert run.exchange.done


def test_a_stream_that_ends_before_the_answer_is_said_to_be_cut(script: Any) -> None:
    run = script()
    run.asks(call())
    run.happens(gate.UpstreamStarted(200, [("content-type", "text/event-stream")]))
    run.happens(gate.UpstreamEnded())
    [answer] = run.events
    assert answer["id"] == 1
    assert "closed the stream" in answer["error"]["message"]
    assert run.records[-1] == "call.ended"


def test_an_upstream_that_is_down_gives_one_clear_error(script: Any) -> None:
    run = script()
    run.asks(call())
    run.happens(gate.UpstreamFailed('The server "ehr" cannot be reached.'))
    assert run.status == 502
    assert "cannot be reached" in run.reply["error"]["message"]
    [end] = [effect.entry for effect in run.of(gate.Record) if effect.entry.kind == "call.ended"]
    assert end.metadata["outcome"] == "error"


def test_tools_that_the_policy_could_never_permit_are_not_listed(script: Any) -> None:
    run = script(READS)
    request, headers = modern({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    run.asks(request, *headers)
    tools = [{"name": name, "inputSchema": {"type": "object"}} for name in ("read_one", "delete_all")]
    listing = {"tools": tools, "resultType": "complete", "ttlMs": 60000, "cacheScope": "public"}
    run.answers({"jsonrpc": "2.0", "id": 1, "result": listing})
    shown = run.reply["result"]
    assert [tool["name"] for tool in shown["tools"]] == ["read_one"]
    assert (shown["ttlMs"], shown["cacheScope"]) == (0, "private")


def test_whoever_could_be_permitted_nothing_does_not_even_reach_the_list(script: Any) -> None:
    run = script('rule "elsewhere" { server "other"\n allow\n mask none }')
    run.asks({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    assert run.forwarded == []
    assert "error" in run.reply


def test_an_exception_inside_the_gate_forwards_nothing_and_is_recorded(script: Any, monkeypatch: Any) -> None:
    run = script()
    monkeypatch.setattr("gate.intake.judge", lambda *_: 1 / 0)
    run.asks(call())
    assert run.forwarded == []
    assert run.records[-1] == "refusal"
    assert run.status == 500
    assert "division" not in run.sent.decode()


def test_an_exception_while_masking_releases_nothing(script: Any, monkeypatch: Any) -> None:
    run = script(MASKS)
    run.asks(call("read_one"))
    monkeypatch.setattr("gate.release.mask_message", lambda *_, **__: {}["missing"])
    run.answers(result("SSN 123-45-6789"))
    assert "123-45-6789" not in run.sent.decode()
    assert run.reply["error"]["code"] == 5000
    assert run.records[-2:] == ["refusal", "call.ended"]


def test_what_an_event_had_caused_before_it_failed_is_not_taken_for_done(script: Any) -> None:
    run = script()
    run.asks([call(rpc_id=1), call(rpc_id=2)])
    run.happens(gate.UpstreamStarted(200, [("content-type", "text/event-stream")]))
    run.happens(gate.UpstreamData(sse(result("fine", 1)) + b"data: {nonsense\n\n"))
    assert sorted(answer["id"] for answer in run.events) == [1, 2]
    assert all("withheld" in answer["result"]["content"][0]["text"] for answer in run.events)
    ended = [effect.entry.metadata for effect in run.of(gate.Record) if effect.entry.kind == "call.ended"]
    assert [entry["outcome"] for entry in ended] == ["error", "error"]


def test_a_stream_that_fails_as_it_begins_still_has_a_beginning(script: Any, monkeypatch: Any) -> None:
    run = script()
    run.asks(call())
    monkeypatch.setattr("gate.reply.Reply.flush_refusals", lambda _: 1 / 0)
    run.happens(gate.UpstreamStarted(200, [("content-type", "text/event-stream")]))
    assert run.status == 500
    assert run.reply["error"]["code"] == 5000


def test_an_event_that_the_state_does_not_know_ends_the_exchange(script: Any) -> None:
    run = script()
    run.asks(call())
    run.happens(gate.UpstreamEnded())
    assert run.exchange.done
    assert isinstance(run.last[0], gate.CancelUpstream)


def test_a_record_that_cannot_be_written_stops_everything(script: Any) -> None:
    run = script()
    run.asks(call())
    run.happens(gate.RecordFailed("The disk is full."))
    assert not [effect for effect in run.last if isinstance(effect, gate.Record)]
    assert run.reply["error"]["code"] == 5030
    assert run.exchange.done


def test_a_client_that_leaves_cancels_the_upstream_and_the_call_is_recorded_as_cut(script: Any) -> None:
    run = script()
    run.asks(call())
    run.happens(gate.ClientGone())
    assert isinstance(run.last[0], gate.CancelUpstream)
    assert run.last[-1].entry.metadata["outcome"] == "cut"


def test_every_state_but_the_first_knows_what_to_do_when_the_client_leaves() -> None:
    states = {state for state, _ in TABLE}
    assert {state for state, event in TABLE if event is gate.ClientGone} == states - {"new"}
    assert {state for state, event in TABLE if event is gate.RecordFailed} == states - {"new"}


# -- approvals ---------------------------------------------------------------------------------------------------------


def _held(run: Any, message: dict[str, Any], *headers: Any) -> gate.Hold:
    run.asks(message, *headers)
    [hold] = [effect for effect in run.last if isinstance(effect, gate.Hold)]
    return hold


def test_a_call_that_needs_people_is_held_and_the_approval_is_spent_before_anything_is_forwarded(script: Any) -> None:
    run = script(ASKS)
    hold = _held(run, call("update_one", {"id": 9007199254740993}))
    assert hold.requirements[0].from_ == ("privacy",)
    assert hold.arguments == {"id": 9007199254740993}
    run.happens(gate.ApprovalGiven("AP1", ("dana",)))
    assert run.last == [gate.Consume("AP1", hold.digest)]
    run.happens(gate.ApprovalConsumed("AP1"))
    assert run.forwarded
    assert run.records[-1] == "request"


def test_the_digest_is_the_same_for_the_identical_call_and_another_for_any_other(script: Any) -> None:
    first = _held(script(ASKS), call("update_one", {"id": 1, "to": 2.50})).digest
    spaced = (
        b'{"jsonrpc":"2.0","id":"z","method":"tools/call","params":{"arguments":{"to":2.5,"id":1},"name":"update_one"}}'
    )
    run = script(ASKS)
    run.asks(spaced)
    assert run.last[-1].digest == first
    for other in ({"id": 2, "to": 2.5}, {"id": "1", "to": 2.5}, {"id": 1}, {"id": 1, "to": 2.5000000000000000001}):
        assert _held(script(ASKS), call("update_one", other)).digest != first or other.get("to") == 2.5


def test_what_changed_while_people_were_asked_is_asked_anew(script: Any) -> None:
    run = script(ASKS)
    hold = _held(run, call("update_one"))
    other = ASKS.replace('"privacy"', '"security"')
    run.session.adopt(run.session.principal, script(other).session.policy)
    run.happens(gate.ApprovalGiven("AP1", ("dana",)))
    [again] = [effect for effect in run.last if isinstance(effect, gate.Hold)]
    assert again.digest != hold.digest
    assert not run.of(gate.Consume)


def test_what_is_denied_by_the_time_people_agree_is_not_run_and_the_approval_not_spent(script: Any) -> None:
    run = script(ASKS)
    _held(run, call("update_one"))
    run.session.adopt(run.session.principal, script(READS).session.policy)
    run.happens(gate.ApprovalGiven("AP1", ("dana",)))
    assert run.reply["result"]["isError"]
    assert not run.of(gate.Consume)


def test_a_token_that_ended_meanwhile_spends_nothing(script: Any) -> None:
    from tests.gate.conftest import principal

    run = script(ASKS, principal=principal(expires=NOW))
    _held(run, call("update_one"))
    run.happens(gate.ApprovalGiven("AP1", ("dana",)))
    assert "token ended" in run.reply["result"]["content"][0]["text"]
    assert not run.of(gate.Consume)


def test_a_legacy_client_is_kept_alive_and_then_told_how_to_come_back(script: Any) -> None:
    run = script(ASKS)
    hold = _held(run, call("update_one", _meta={"progressToken": 7}))
    assert hold.wait <= 50
    run.happens(gate.ApprovalWaiting("AP1", 5.0))
    run.happens(gate.ApprovalWaiting("AP1", 10.0))
    run.happens(gate.ApprovalPending("AP1"))
    *steps, last = run.events
    assert [step["params"]["progressToken"] for step in steps] == [7, 7]
    assert steps[0]["params"]["progress"] < steps[1]["params"]["progress"]
    assert last["result"]["isError"]
    assert "AP1" in last["result"]["content"][0]["text"]
    assert run.exchange.done


def test_a_client_without_progress_gets_comments(script: Any) -> None:
    run = script(ASKS)
    _held(run, call("update_one"))
    run.happens(gate.ApprovalWaiting("AP1", 5.0))
    assert run.sent == b":\n\n"


def test_a_modern_client_comes_back_with_a_state_that_only_the_gate_can_read(script: Any) -> None:
    rounds = 0
    held = script(ASKS).session
    state: str | None = None
    while True:
        run = script(ASKS, sealer=held.sealer)
        extra = {} if state is None else {"requestState": state}
        hold = _held(run, *(lambda pair: (pair[0], *pair[1]))(modern(call("update_one", **extra))))
        assert hold.wait <= 45
        run.happens(gate.ApprovalPending("AP1"))
        answer = run.reply["result"]
        if answer["resultType"] != "input_required":
            break
        assert set(answer) == {"resultType", "requestState"}
        state = answer["requestState"]
        rounds += 1
    assert rounds == 9
    assert answer["isError"]
    assert answer["_meta"]["hoopgate/approval"] == "AP1"


def test_a_leg_that_is_approved_goes_upstream_without_the_gates_state(script: Any) -> None:
    first = script(ASKS)
    request, headers = modern(call("update_one"))
    digest = _held(first, request, *headers).digest
    first.happens(gate.ApprovalPending("AP1"))
    request["params"]["requestState"] = first.reply["result"]["requestState"]
    second = script(ASKS)
    assert _held(second, request, *headers).digest == digest
    second.happens(gate.ApprovalGiven("AP1", ("dana",)))
    second.happens(gate.ApprovalConsumed("AP1"))
    assert "requestState" not in json.loads(second.forwarded[0].body)["params"]


def test_another_callers_state_is_refused(script: Any) -> None:
    from gate.seal import Sealer

    first = script(ASKS)
    request, headers = modern(call("update_one"))
    _held(first, request, *headers)
    first.happens(gate.ApprovalPending("AP1"))
    request["params"]["requestState"] = first.reply["result"]["requestState"]
    other = script(ASKS, sealer=Sealer(b"s" * 32, "ehr", "https://ci.example", "someone else"))
    other.asks(request, *headers)
    assert other.status == 400
    assert other.forwarded == []


def test_a_refusal_carries_the_persons_reason(script: Any) -> None:
    run = script(ASKS)
    _held(run, call("update_one"))
    run.happens(gate.ApprovalRefused("AP1", "Wrong patient.", "omar"))
    text = run.reply["result"]["content"][0]["text"]
    assert "Wrong patient." in text
    assert "omar" in text


def test_an_upstreams_own_request_state_goes_both_ways_byte_exact(script: Any) -> None:
    state = "opaque+/=état"
    run = script()
    request, headers = modern(call("echo", requestState=state))
    run.asks(request, *headers)
    assert json.loads(run.forwarded[0].body)["params"]["requestState"] == state
    run.answers({"jsonrpc": "2.0", "id": 1, "result": {"resultType": "input_required", "requestState": state}})
    assert run.reply["result"]["requestState"] == state


def test_the_decisions_leaf_says_what_it_lets_through_in_clear_and_which_rules_on_trial_would_bite(script: Any) -> None:
    observed = '\nobserve rule "soon" { command "ehr/read_*"\n deny because "x" }'
    run = script('rule "reads" { command "ehr/read_*"\n allow\n mask all except mrn, url }' + observed)
    run.asks(call("read_patient"))
    [entry] = [one.entry for one in run.of(gate.Record) if one.entry.kind == "decision"]
    assert entry.metadata["clear"] == ["url", "mrn"]
    assert entry.metadata["observed"] == ["soon"]
    assert entry.metadata["would"] == "deny"
