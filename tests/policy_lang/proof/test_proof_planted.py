"""Fifty realistic policies: every `never` that is true is proved, every violation that is planted is found."""

from __future__ import annotations

import random

import pytest
from realistic import OPEN, WEAKENED, drawn, requests

from policy_lang import Request
from policy_lang.load import examine
from policy_lang.policy import Policy
from policy_lang.proof import prove
from policy_lang.proof.never import breaks, may_hold
from policy_lang.source import Source


def policy_of(text: str) -> Policy:
    meaning, _, _, found = examine([Source("realistic.hoop", text)])
    assert not [one for one in found if one.severity == "error"], "\n".join(map(str, found))
    return Policy(meaning)


@pytest.mark.parametrize("seed", range(50))
def test_true_nevers_are_proved_and_no_request_breaks_them(seed: int) -> None:
    policy = policy_of(drawn(seed).text + OPEN)
    verdicts = {proof.never.name: (proof.verdict, proof.because) for proof in prove(policy)}
    assert {verdict for verdict, _ in verdicts.values()} == {"proved"}, verdicts
    for data in requests(random.Random(seed), 60):
        request = Request.from_json(data)
        decision = policy.decide(request)
        for never in policy.meaning.nevers:
            assert not (breaks(decision, never) and may_hold(never, request)), (never.name, data)


@pytest.mark.parametrize("seed", range(50))
def test_every_planted_violation_is_found_with_a_request_that_decide_confirms(seed: int) -> None:
    whole = drawn(seed)
    planted = [(name, whole.broken(number)) for number, (name, _) in enumerate(whole.faults)]
    planted += [(name, (whole.text + OPEN).replace(old, new)) for name, old, new in WEAKENED]
    for name, text in planted:
        assert text not in (whole.text, whole.text + OPEN)
        policy = policy_of(text)
        proof = next(one for one in prove(policy) if one.never.name == name)
        assert proof.verdict == "violated", (name, proof.because)
        assert proof.request is not None
        request = Request.from_json(proof.request)
        assert breaks(policy.decide(request), proof.never)
        assert may_hold(proof.never, request)
        assert set(policy.decide(request).rules) <= set(policy.rules)
