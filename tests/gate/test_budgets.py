"""Budgets in the exchange: calls before they go, bytes of results before they are released."""

from __future__ import annotations

from collections.abc import Callable

import gate
from tests.gate.conftest import Script, call, result, sse

BYTES = 'rule "small" { server "ehr"\n allow\n mask none\n limit 200 bytes per 1h }'
CALLS = 'rule "few" { server "ehr"\n allow\n mask none\n limit 2 per run }'


def begun(run: Script, left: int | None) -> Script:
    run.asks(call())
    run.happens(gate.LimitsHeld(left))
    return run


def test_a_spent_budget_is_refused_by_the_name_of_its_rule_and_recorded(script: Callable[..., Script]) -> None:
    run = script(CALLS)
    run.asks(call())
    run.happens(gate.LimitReached("few", 'The rule "few" allows a run 2 calls, and this run has had them.'))
    assert run.forwarded == []
    assert run.reply["result"]["isError"]
    assert 'The rule "few" allows a run 2 calls' in run.reply["result"]["content"][0]["text"]
    [refusal] = [record.entry for record in run.of(gate.Record) if record.entry.kind == "refusal"]
    assert refusal.metadata["error"] == "GT206"
    assert refusal.metadata["rules"] == ["few"]
    [limit] = [record.entry for record in run.of(gate.Record) if record.entry.kind == "limit"]
    assert limit.metadata["rule"] == "few"
    assert run.records.index("limit") < run.records.index("refusal")


def test_bytes_are_charged_before_they_are_released(script: Callable[..., Script]) -> None:
    run = begun(script(BYTES), 200)
    run.answers(result("short"))
    kinds = [type(effect).__name__ for effect in run.last]
    assert kinds.index("Charge") < kinds.index("Send")
    [charge] = run.of(gate.Charge)
    assert charge.size == len(run.sent)
    assert charge.limits == run.of(gate.Spend)[0].limits


def test_an_answer_that_is_larger_than_what_is_left_is_withheld(script: Callable[..., Script]) -> None:
    run = begun(script(BYTES), 200)
    run.answers(result("x" * 200))
    assert "x" * 20 not in str(run.reply)
    assert "200 left" in run.reply["result"]["content"][0]["text"]
    assert run.of(gate.Charge) == []
    assert "refusal" in run.records
    assert "limit" in run.records
    assert run.records[-1] == "call.ended"


def test_a_stream_ends_at_the_message_that_is_too_much(script: Callable[..., Script]) -> None:
    run = begun(script(BYTES), 200)
    note = {"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "y" * 40}}
    run.happens(gate.UpstreamStarted(200, [("content-type", "text/event-stream")]))
    run.happens(gate.UpstreamData(sse(note)))
    run.happens(gate.UpstreamData(sse(note)))
    assert [event.get("method") for event in run.events] == ["notifications/message", None]
    assert "budget of its rule" in run.events[1]["result"]["content"][0]["text"]
    assert sum(charge.size for charge in run.of(gate.Charge)) <= 200
    assert run.exchange.done


def test_no_bytes_are_counted_where_no_rule_counts_them(script: Callable[..., Script]) -> None:
    run = begun(script(CALLS), None)
    run.answers(result("z" * 1000))
    assert run.of(gate.Charge) == []
    assert "z" * 1000 in str(run.reply)


def test_the_protocols_housekeeping_has_no_budget(script: Callable[..., Script]) -> None:
    run = script(BYTES)
    run.asks({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    assert run.of(gate.Spend) == []
