"""What an approval is bound to: told again under another policy, and the tool's schema where it is known."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

import gate
import policy_lang
from adapter_asgi.approvals.asked import spell
from gate.exchange import TABLE
from gate.lockfile import ServerLock, fingerprint
from tests.gate.conftest import call

ASKS = """
let trusted = "main", "release/*"
rule "updates" {
    server "ehr"
    repository "acme/etl"
    allow
    mask none
    require approval from "privacy" count 1
}
"""
CALLS = [
    call("update_one", {"id": 9007199254740993, "dose": 2.5, "deep": {"list": [1, None, True]}}),
    call("update_one", {"id": 1}, inputResponses={"q": {"action": "accept"}}),
    {"jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": {"uri": "fhir://Patient/1"}},
    {"jsonrpc": "2.0", "id": 1, "method": "prompts/get", "params": {"name": "summary", "arguments": {"id": "7"}}},
    {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "completion/complete",
        "params": {"ref": {"type": "ref/prompt", "name": "x"}},
    },
]


def _held(script: Any, message: Any, policy: str = ASKS) -> gate.Hold:
    run = script(policy)
    run.asks(json.dumps(message, default=str).encode())
    [hold] = [effect for effect in run.last if isinstance(effect, gate.Hold)]
    return hold


def _kept(hold: gate.Hold) -> Any:
    """The basis as the approvals' store gives it back."""
    return json.loads(spell(hold.basis), parse_float=Decimal)


@pytest.mark.parametrize("message", CALLS)
def test_the_digest_is_told_again_from_what_was_kept(script: Any, message: Any) -> None:
    hold = _held(script, message)
    assert gate.digest_under(_kept(hold), policy_lang.compile(ASKS, name="p.hoop")) == hold.digest


@pytest.mark.parametrize(
    ("change", "by", "holds"),
    [
        ("mask none", "mask ssn", False),
        ("count 1", "count 2", False),
        ("allow\n", 'allow\n    grant "reader" for 10m\n', False),
        ("allow\n", "allow\n    record full\n", False),
        ('"updates"', '"changes"', False),
        ('    require approval from "privacy" count 1\n', "", False),
        ('repository "acme/etl"', 'repository "acme/other"', False),
        ('"release/*"', '"release/v*"', True),
        ("let trusted", 'rule "apart" { command "lab/read"\n allow\n mask all }\nlet trusted', True),
        ("let trusted", 'rule "no" { command "ehr/update_*"\n deny because "Not now." }\nlet trusted', False),
    ],
)
def test_another_policy_changes_the_digest_only_where_it_decides_the_call_otherwise(
    script: Any, change: str, by: str, holds: bool
) -> None:
    hold = _held(script, CALLS[0])
    assert change in ASKS
    policy = policy_lang.compile(ASKS.replace(change, by), name="p.hoop")
    assert (gate.digest_under(_kept(hold), policy) == hold.digest) is holds


@pytest.mark.parametrize("missing", ["identity", "method", "params", "time", "same_as"])
def test_what_was_kept_by_halves_holds_no_more(script: Any, missing: str) -> None:
    kept = _kept(_held(script, CALLS[0]))
    del kept[missing]
    assert gate.digest_under(kept, policy_lang.compile(ASKS, name="p.hoop")) is None


def test_the_tool_s_schema_is_told_where_it_is_known(script: Any) -> None:
    tool = {"name": "update_one", "inputSchema": {"type": "object"}}
    assert _held(script, CALLS[0]).tool == ""
    assert _held(script, CALLS[2]).tool == ""
    run = script(ASKS, lock=ServerLock({"update_one": "sha256:locked"}))
    run.asks(CALLS[0])
    assert run.last[-1].tool == "sha256:locked"
    run = script(ASKS)
    run.session.tools["update_one"] = tool
    run.asks(CALLS[0])
    assert run.last[-1].tool == fingerprint(tool)


def test_a_tool_that_changed_while_people_looked_is_asked_about_anew(script: Any) -> None:
    run = script(ASKS)
    run.session.tools["update_one"] = {"name": "update_one", "description": "Updates one."}
    run.asks(CALLS[0])
    first = run.last[-1]
    run.session.tools["update_one"] = {"name": "update_one", "description": "Updates one, and deletes the rest."}
    run.happens(gate.ApprovalGiven("AP1", ("dana",)))
    [again] = [effect for effect in run.last if isinstance(effect, gate.Hold)]
    assert again.digest == first.digest
    assert again.tool != first.tool
    assert not run.of(gate.Consume)


# --- taken back -------------------------------------------------------------------------------------------------------


def _consumed(script: Any, message: Any = None) -> Any:
    run = script(ASKS)
    run.asks(message or CALLS[0])
    run.happens(gate.ApprovalGiven("AP1", ("dana",)))
    run.happens(gate.ApprovalConsumed("AP1"))
    return run


def test_what_is_taken_back_is_cut_before_the_answer_begins(script: Any) -> None:
    run = _consumed(script)
    run.happens(gate.Revoked("Approval AP1 was taken back by omar: wrong patient"))
    assert gate.CancelUpstream() in run.last
    assert run.records[-2:] == ["refusal", "call.ended"]
    assert run.of(gate.Record)[-1].entry.metadata["outcome"] == "cut"
    assert run.reply["result"]["isError"]
    assert run.exchange.done
    assert run.happens(gate.Revoked("again")) == []


def test_what_is_taken_back_is_cut_in_the_middle_of_a_stream(script: Any) -> None:
    run = _consumed(script)
    run.happens(gate.UpstreamStarted(200, [("content-type", "text/event-stream")]))
    run.happens(
        gate.UpstreamData(b'data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info"}}\n\n')
    )
    run.happens(gate.Revoked("Approval AP1 was taken back"))
    assert gate.CancelUpstream() in run.last
    assert run.events[-1]["result"]["isError"]
    refusal, ended = (effect.entry for effect in run.of(gate.Record)[-2:])
    assert (refusal.metadata["error"], refusal.metadata["approval"]) == ("GT210", "AP1")
    assert ended.metadata["outcome"] == "cut"


def test_nothing_can_be_taken_back_before_anything_was_given() -> None:
    states = {state for state, event in TABLE if event is gate.Revoked}
    assert states == {"consuming", "leasing", "forwarding", "streaming", "done"}


def test_an_answer_that_could_still_be_fetched_is_given_up(script: Any) -> None:
    run = _consumed(script)
    [made] = run.exchange._case.calls
    run.session.unfinished["k"] = made
    assert gate.cut_entries(run.session, "another") == []
    [entry] = gate.cut_entries(run.session, "AP1")
    assert (entry.kind, entry.metadata["outcome"]) == ("call.ended", "cut")
    assert run.session.unfinished == {}
