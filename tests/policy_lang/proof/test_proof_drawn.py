"""The prover against requests, over policies of every construct: nested lists, several time zones, huge numbers."""

from __future__ import annotations

import pytest
from drawn_policies import HEAD, Dice
from drawn_world import Drawn

from policy_lang import Request
from policy_lang.errors import RequestError
from policy_lang.evaluate import compiled
from policy_lang.load import examine
from policy_lang.meaning import Meaning
from policy_lang.policy import Policy
from policy_lang.proof import diff, prove
from policy_lang.proof.analysis import findings
from policy_lang.proof.compare import directions, facets
from policy_lang.proof.never import breaks, ground_of, may_hold
from policy_lang.source import Source

_IN_THE_WAY = ("HG001", "HG020", "HG021", "HG022", "HG037")  # what is left without its rule or its line


def drawn_meaning(text: str) -> Meaning | None:
    """What a text says; None where a part of it is left out, and dead rules and clashes are no hindrance."""
    meaning, _, _, found = examine([Source("drawn.hoop", text)])
    return None if any(one.code in _IN_THE_WAY for one in found) else meaning


def requests(dice: Dice, number: int) -> list[Request]:
    out = []
    for _ in range(number):
        try:
            out.append(Request.from_json(dice.request()))
        except RequestError:
            continue
    return out


def proved(seed: int) -> None:
    dice = Drawn(seed)
    meaning = drawn_meaning(dice.policy() + dice.never("n") + dice.never("m"))
    if meaning is None:
        return
    policy = Policy(meaning)
    asked = [(request, policy.decide(request)) for request in requests(dice, 60)]
    for proof in prove(policy):
        broken = [r for r, decision in asked if breaks(decision, proof.never) and may_hold(proof.never, r)]
        assert not broken or proof.verdict != "proved", (seed, broken[0].values, broken[0].args)
        if proof.request is not None:
            request = Request.from_json(proof.request)
            assert breaks(policy.decide(request), proof.never), seed
            assert may_hold(proof.never, request), seed


def told_apart(seed: int) -> None:
    dice = Drawn(seed)
    names = [f"r{number}" for number in range(3)]
    rules = [dice.rule(name, names[:at]) for at, name in enumerate(names)]
    changed = [dice.rule(name, names[:at]) if dice.chance(2) else rules[at] for at, name in enumerate(names)]
    old, new = (drawn_meaning(HEAD + "".join(one)) for one in (rules, changed))
    if old is None or new is None:
        return
    before, after = Policy(old), Policy(new)
    found = diff(before, after)
    for change in found.changes:
        request = Request.from_json(change.request)
        assert change.contains(request), seed
        assert facets(before.decide(request), after.decide(request)) == list(change.facets), seed
    for request in requests(dice, 60):
        differing = facets(before.decide(request), after.decide(request))
        regions = [change for change in found.changes if change.contains(request)]
        assert bool(differing) == bool(regions) or not found.complete, (seed, request.values, request.args)
        if differing and regions:
            assert directions(differing) <= frozenset().union(*(one.directions for one in regions)), seed


def analysed(seed: int) -> None:
    dice = Drawn(seed)
    meaning = drawn_meaning(dice.policy())
    if meaning is None:
        return
    policy = Policy(meaning)
    asked = requests(dice, 60)
    for finding in findings(ground_of(meaning), policy):
        checks = [compiled(formula) for formula in finding.rule.formulas()]
        met = [r for r in asked if all(check(r.values, r.args, r.time) == 2 for check in checks)]
        if finding.what == "dead":
            assert not met, seed
        if finding.what == "overridden":
            assert all(policy.decide(request).effect == "deny" for request in met), seed
        if finding.request is not None:
            assert policy.decide(Request.from_json(finding.request)).effect == "deny", seed


@pytest.mark.parametrize("seed", range(0, 40, 5))
def test_drawn_policies_of_every_construct(seed: int) -> None:
    for number in range(seed, seed + 5):
        proved(number)
        told_apart(number)
        analysed(number)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1_000, 1_400, 20))
def test_hundreds_of_drawn_policies_of_every_construct(seed: int) -> None:
    for number in range(seed, seed + 20):
        proved(number)
        told_apart(number)
        analysed(number)
