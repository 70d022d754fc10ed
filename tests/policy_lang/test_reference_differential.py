"""The engine and the prover against the reference evaluator: random policies of every feature, every field."""

from __future__ import annotations

from typing import Any

import pytest
from drawn_policies import ADDRESSES_OF_CALL, HEAD, Dice
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_evaluator import Reference

from policy_lang import Decision, Policy, PolicyError, Request
from policy_lang import compile as compile_policy
from policy_lang.format import formatted
from policy_lang.load import examine
from policy_lang.proof import diff, prove
from policy_lang.source import Source

CONTRADICTIONS = {"HG033", "HG036", "HG037"}  # what is drawn may contradict itself
SEEDS = st.integers(0, 2**48)
HOUSEKEEPING = ("rules", "observed", "would", "reason")


def loaded(text: str) -> Policy | None:
    """The policy, unless the drawn rules contradict themselves or each other."""
    try:
        return compile_policy(text)
    except PolicyError as error:
        if {d.code for d in error.diagnostics} <= CONTRADICTIONS:
            return None
        raise AssertionError(f"{error}\n{text}") from error


def unproved(text: str) -> Policy | None:
    """The policy with `never`s that need not hold."""
    meaning, _, _, found = examine([Source("drawn.hoop", text)])
    return None if any(one.severity == "error" for one in found) else Policy(meaning)


def shown(decision: Decision) -> dict[str, Any]:
    return {key: value for key, value in decision.to_json().items() if key != "policy"}


def ordered(decision: dict[str, Any]) -> dict[str, Any]:
    """What one rule demands twice has no order of its own."""
    lists = {name: decision[name] for name in ("approvals", "limits") if name in decision}
    return decision | {
        name: sorted(many, key=lambda one: (one["rule"], repr(sorted(one.items())))) for name, many in lists.items()
    }


def compare(text: str, dice: Dice, requests: int) -> None:
    policy = loaded(text)
    if policy is None:
        return
    reference = Reference(text)
    for _ in range(requests):
        data = dice.request()
        decision, expected = policy.decide(Request.from_json(data)), reference.decide(data)
        told = {key: value for key, value in shown(decision).items() if key in expected or len(expected) > 1}
        assert ordered(told) == ordered(expected), f"{text}\n{data}"
        assert list(decision.mask) == [kind for kind in reference.kinds if kind in decision.mask]
        compare_bound(policy, decision, data, text)


def compare_bound(policy: Policy, decision: Decision, data: dict[str, Any], text: str) -> None:
    call = {name: data[name] for name in ADDRESSES_OF_CALL if data.get(name) is not None}
    if not set(call) - {"server"}:
        return
    bound = policy.bind(Request.from_json({k: v for k, v in data.items() if k not in (*call, "args", "time")}))
    server = data["command"].split("/")[0] if "command" in call else call.get("server")
    if "command" in call:
        call = {"command": data["command"]}
    time = Request.from_json(data).time
    for _ in range(2):  # the second is answered from what was prepared
        assert bound.decide(args=data.get("args"), time=time, **call) == decision, f"{text}\n{data}"
    if decision.effect != "deny":
        assert "command" not in call or bound.could(data["command"]), f"{text}\n{data}"
        assert server is None or bound.could_server(server), f"{text}\n{data}"


@settings(max_examples=100)
@given(SEEDS)
def test_every_field_of_a_decision_is_what_the_reference_says(seed: int) -> None:
    dice = Dice(seed)
    compare(dice.policy(), dice, 12)


@pytest.mark.slow
@settings(max_examples=1_500)
@given(SEEDS)
def test_every_field_of_thousands_of_decisions_is_what_the_reference_says(seed: int) -> None:
    dice = Dice(seed)
    compare(dice.policy(8), dice, 25)


def compare_proofs(dice: Dice, requests: int) -> None:
    text = dice.policy(3) + "".join(dice.never(f"n{number}") for number in range(3))
    policy = unproved(text)
    if policy is None:
        return
    reference, asked = Reference(text), [dice.request() for _ in range(requests)]
    allowed = [data for data in asked if names_one(data) and policy.decide(Request.from_json(data)).effect != "deny"]
    for proof in prove(policy):
        if proof.verdict == "violated":
            assert proof.request is not None
            assert reference.breaks(proof.never.name, proof.request), f"{text}\n{proof.request}"
        if proof.verdict == "proved":
            for data in allowed:
                assert not reference.breaks(proof.never.name, data), f"{text}\n{proof.never.name}\n{data}"


def names_one(data: dict[str, Any]) -> bool:
    return any(data.get(name) is not None for name in ADDRESSES_OF_CALL[1:])


@settings(max_examples=25)
@given(SEEDS)
def test_no_drawn_request_breaks_by_the_reference_what_is_proved(seed: int) -> None:
    compare_proofs(Dice(seed), 100)


@pytest.mark.slow
@settings(max_examples=120)
@given(SEEDS)
def test_no_request_of_many_breaks_by_the_reference_what_is_proved(seed: int) -> None:
    compare_proofs(Dice(seed), 300)


def decisive(decision: dict[str, Any]) -> dict[str, Any]:
    """A decision without the names of rules and the words of a denial."""
    left = {key: value for key, value in decision.items() if key not in HOUSEKEEPING}
    for name in ("approvals", "limits"):
        many = [{key: value for key, value in one.items() if key != "rule"} for one in left[name]]
        left[name] = sorted(many, key=lambda one: repr(sorted(one.items())))
    return left


def compare_regions(dice: Dice, requests: int) -> None:
    rules = [dice.rule(f"r{number}", []) for number in range(dice.randint(1, 3))]
    changed = [*rules[:-1], dice.rule(f"r{len(rules) - 1}", [])]
    texts = [HEAD + "".join(many) for many in (rules, changed)]
    old, new = map(unproved, texts)
    if old is None or new is None:
        return
    difference = diff(old, new)
    for change in difference.changes:
        request = Request.from_json(change.request)
        assert change.contains(request), "\n".join([*texts, str(change.request)])
        assert decisive(shown(old.decide(request))) != decisive(shown(new.decide(request)))
    for data in (dice.request() for _ in range(requests)):
        request = Request.from_json(data)
        before, after = decisive(shown(old.decide(request))), decisive(shown(new.decide(request)))
        if before != after and names_one(data):
            assert old.digest != new.digest
            found = any(change.contains(request) for change in difference.changes)
            assert found or not difference.complete, "\n".join([*texts, str(data)])


@settings(max_examples=25)
@given(SEEDS)
def test_every_request_that_is_decided_differently_lies_in_a_region(seed: int) -> None:
    compare_regions(Dice(seed), 60)


@pytest.mark.slow
@settings(max_examples=120)
@given(SEEDS)
def test_every_request_of_many_that_is_decided_differently_lies_in_a_region(seed: int) -> None:
    compare_regions(Dice(seed), 300)


@settings(max_examples=60)
@given(SEEDS)
def test_formatting_and_the_names_of_lets_keep_the_digest(seed: int) -> None:
    text = Dice(seed).policy()
    policy = loaded(text)
    if policy is None:
        return
    pretty = formatted(Source("drawn.hoop", text))
    assert formatted(Source("drawn.hoop", pretty)) == pretty
    renamed = text
    for name in ("trusted", "few", "crew", "plain"):
        renamed = renamed.replace(f" {name}", f" other_{name}")
    assert policy.digest == compile_policy(pretty).digest == compile_policy(renamed).digest
