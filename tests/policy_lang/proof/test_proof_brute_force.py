"""The prover against brute force: every request of a small world, and drawn ones of a larger."""

from __future__ import annotations

from typing import Any

import pytest
from hoop_strategies import LINES, RuleText, requests, rules, text_of
from hypothesis import given, settings
from hypothesis import strategies as st
from small_world import ALLOWED, REQUESTS, nevers, policy_of, rule_lists

from policy_lang import Request
from policy_lang.evaluate import compiled
from policy_lang.policy import Policy
from policy_lang.proof import prove
from policy_lang.proof.ground import Ground
from policy_lang.proof.never import breaks, may_hold
from policy_lang.proof.slices import slice_of
from policy_lang.proof.space import holds
from policy_lang.segments import has_dot_segments


def agrees(policy: Policy, tried: list[Request]) -> None:
    """No request that is tried breaks what is proved; what is violated has a request that breaks it."""
    decided = [(request, policy.decide(request)) for request in tried]
    for proof in prove(policy):
        broken = [one for one, decision in decided if breaks(decision, proof.never) and may_hold(proof.never, one)]
        if broken:
            assert proof.verdict == "violated", (broken[0].values, broken[0].args)
        if proof.verdict == "violated":
            assert proof.request is not None
            request = Request.from_json(proof.request)
            assert breaks(policy.decide(request), proof.never)
            assert may_hold(proof.never, request)
        assert proof.verdict != "not proved", proof.because


def _small(drawn: list[RuleText], never: str) -> None:
    policy = policy_of(drawn, never)
    if policy is not None:
        agrees(policy, REQUESTS)


@settings(max_examples=120)
@given(rule_lists(), nevers())
def test_no_request_of_a_small_world_breaks_what_is_proved(drawn: list[RuleText], never: str) -> None:
    _small(drawn, never)


@pytest.mark.slow
@settings(max_examples=2_500)
@given(rule_lists(), nevers())
def test_no_request_of_a_small_world_breaks_what_is_proved_in_thousands_of_policies(
    drawn: list[RuleText], never: str
) -> None:
    _small(drawn, never)


@st.composite
def larger_nevers(draw: st.DrawFn) -> str:
    body = "\n".join([*draw(st.lists(LINES[True], max_size=2)), draw(st.sampled_from(ALLOWED))])
    return f'never "n" {{ {body} }}\n'


@settings(max_examples=150)
@given(rules(), st.lists(larger_nevers(), min_size=1, max_size=1), st.lists(requests(), min_size=25, max_size=25))
def test_no_drawn_request_breaks_what_is_proved(
    drawn: list[RuleText], never: list[str], asked: list[dict[str, Any]]
) -> None:
    policy = policy_of(drawn, "".join(never))
    if policy is not None:
        agrees(policy, [Request.from_json(data) for data in asked])


@settings(max_examples=80)
@given(rules(), st.lists(requests(), min_size=10, max_size=10))
def test_every_request_is_a_point_where_formulas_are_as_true_as_when_evaluated(
    drawn: list[RuleText], asked: list[dict[str, Any]]
) -> None:
    policy = policy_of(drawn)
    if policy is None:
        return
    ground = Ground(policy.meaning.rules)
    formulas = [formula for rule in ground.rules for formula in rule.formulas()]
    for data in asked:
        request = Request.from_json(data)
        if any(isinstance(name, str) and has_dot_segments(name) for name in request.values):
            continue
        part = slice_of(request, ground.slices)
        space = ground.space(part)
        here = [formula for rule in ground.rules_in(part) for formula in rule.formulas()]
        boxes = {formula: [space.boxes(formula, mode) for mode in range(4)] for formula in here}
        point = space.place(request)
        assert all(point.values())
        for formula in set(formulas) & boxes.keys():
            truth = compiled(formula)(request.values, request.args, request.time)
            met = [any(holds(box, point) for box in boxes[formula][mode]) for mode in range(4)]
            assert met == [truth == 2, truth != 0, truth == 0, truth != 2], (formula, data, text_of(drawn))
