"""What the evidence says of the protocol's housekeeping: that it passed, and on which basis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gate

READS = 'rule "reads" { command "ehr/read_*"\n allow\n mask none }'


def _decision(run: Any) -> dict[str, Any]:
    [made] = [effect.entry for effect in run.of(gate.Record) if effect.entry.kind == "decision"]
    return dict(made.metadata)


def _lists(run: Any) -> Any:
    run.asks({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    return run


def test_a_list_that_passes_without_a_rule_is_recorded_as_allowed_by_the_protocol(script: Callable[..., Any]) -> None:
    made = _decision(_lists(script(READS)))
    assert (made["effect"], made["basis"], made["rules"]) == ("allow", "protocol", [])


def test_a_list_that_a_rule_allows_is_recorded_with_that_rule(script: Callable[..., Any]) -> None:
    made = _decision(_lists(script()))
    assert made["effect"] == "allow"
    assert "basis" not in made


def test_a_list_of_a_caller_without_reach_is_recorded_as_denied(script: Callable[..., Any]) -> None:
    run = _lists(script('rule "elsewhere" { command "lab/read_*"\n allow\n mask none }'))
    assert _decision(run)["effect"] == "deny"
    assert not run.forwarded


def test_a_deny_on_the_method_still_bites(script: Callable[..., Any]) -> None:
    run = _lists(script(READS + '\nrule "no lists" { method "tools/list"\n deny because "No lists." }'))
    assert _decision(run)["effect"] == "deny"
    assert not run.forwarded
