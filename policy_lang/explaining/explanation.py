"""The whole answer to "why?", as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy_lang.decision import Decision
from policy_lang.explaining.mending import Mend, nearest_policies
from policy_lang.explaining.nearest import Turn, nearest_requests
from policy_lang.explaining.truths import RuleTruth, rule_truths
from policy_lang.request import Request
from policy_lang.variant import Workbench


@dataclass(frozen=True)
class Explanation:
    """`kind` is permitted, waits, forbidden (rules or the address refuse it), nothing permits or grants in conflict."""

    kind: str
    decision: Decision
    rules: tuple[RuleTruth, ...]
    turns: tuple[Turn, ...]
    mends: tuple[Mend, ...]


def explain(bench: Workbench, data: Mapping[str, Any]) -> Explanation:
    """Why a request (JSON) is decided as it is, and what would turn a refusal. Raises RequestError."""
    request = Request.from_json(data)
    decision = bench.policy.decide(request)
    rules = tuple(rule_truths(bench.policy, request))
    if decision.effect != "deny":
        kind = "permitted" if decision.effect == "allow" else "waits"
        return Explanation(kind, decision, rules, (), ())
    turns = tuple(nearest_requests(bench.policy, data))
    return Explanation(_why(decision, rules), decision, rules, turns, tuple(nearest_policies(bench, request, decision)))


def _why(decision: Decision, rules: tuple[RuleTruth, ...]) -> str:
    if decision.reason is not None:
        return "forbidden"
    permitted = any(one.truth == 2 and one.rule.effects.allow and not one.rule.observe for one in rules)
    return "grants in conflict" if permitted else "nothing permits"
