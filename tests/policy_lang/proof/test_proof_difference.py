"""Differences against requests: each that is decided differently lies in a region, each region holds one."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hoop_strategies import EFFECT_LISTS, EFFECTS, LINES, RuleText, rules
from hoop_strategies import requests as drawn_requests
from hypothesis import given, settings
from hypothesis import strategies as st
from realistic import OPEN, WEAKENED, drawn, requests
from small_world import REQUESTS, policy_of, rule_lists

import policy_lang
from policy_lang import Policy, Request
from policy_lang.proof import diff, equivalent, first_difference
from policy_lang.proof.compare import directions, facets
from policy_lang.proof.difference import Difference


def compiled(text: str) -> Policy:
    return policy_lang.compile(text)


def validated(old: Policy, new: Policy, tried: list[Request]) -> Difference:
    """The difference, after every request that was tried is accounted for."""
    found = diff(old, new)
    assert equivalent(old, new) == (False if found.changes else True if found.complete else None)
    first = first_difference(old, new)
    assert (first is None) == (not found.changes)
    if first is not None:
        assert facets(old.decide(Request.from_json(first)), new.decide(Request.from_json(first)))
    for change in found.changes:
        request = Request.from_json(change.request)
        assert change.contains(request)
        assert facets(old.decide(request), new.decide(request)) == list(change.facets)
        assert change.rules
        assert change.directions
    for request in tried:
        differing = facets(old.decide(request), new.decide(request))
        regions = [change for change in found.changes if change.contains(request)] if differing else []
        if differing:
            assert regions or not found.complete, (request.values, request.args)
            assert directions(differing) <= frozenset().union(*(change.directions for change in regions))
    return found


@st.composite
def pairs(draw: st.DrawFn) -> tuple[list[RuleText], list[RuleText]]:
    old = draw(rules())
    new = list(old)
    place = draw(st.integers(0, len(old) - 1))
    rule = new[place]
    lines = tuple(line for line in rule.lines if line.startswith(("unless", "when")) or line in LINES[True].elements)  # type: ignore[attr-defined]
    new[place] = [
        RuleText(rule.name, (draw(LINES[True]), *rule.lines), rule.observe),
        RuleText(rule.name, rule.lines[1:], rule.observe),
        RuleText(rule.name, (*rule.lines, draw(st.sampled_from(EFFECTS))), rule.observe),
        RuleText(rule.name, (*lines, *draw(EFFECT_LISTS)), rule.observe),
        RuleText(rule.name, rule.lines, not rule.observe),
    ][draw(st.integers(0, 4))]
    if draw(st.booleans()):
        new.append(RuleText("new", (*draw(st.lists(LINES[True], max_size=2)), *draw(EFFECT_LISTS))))
    return old, new


@settings(max_examples=120)
@given(pairs(), st.lists(drawn_requests(), min_size=25, max_size=25))
def test_what_drawn_requests_tell_apart_lies_in_a_region(
    pair: tuple[list[RuleText], list[RuleText]], asked: list[dict[str, Any]]
) -> None:
    old, new = policy_of(pair[0]), policy_of(pair[1])
    if old is not None and new is not None:
        validated(old, new, [Request.from_json(data) for data in asked])


@settings(max_examples=40)
@given(rule_lists(4), rule_lists(4))
def test_two_policies_of_a_small_world_are_told_apart_exactly(one: list[RuleText], other: list[RuleText]) -> None:
    old, new = policy_of(one), policy_of(other)
    if old is None or new is None:
        return
    if equivalent(old, new):
        assert not any(facets(old.decide(request), new.decide(request)) for request in REQUESTS)
    else:
        validated(old, new, REQUESTS[::7])


def _pairs(seed: int) -> list[tuple[Policy, Policy]]:
    """A realistic policy and what a pull request makes of it."""
    whole = drawn(seed)
    text = "\n".join(whole.rules) + OPEN
    chance = random.Random(seed)
    _, old, new = chance.choice(WEAKENED)
    kept = [rule for rule in whole.rules if "permit 1" not in rule]
    return [
        (compiled(text), compiled(text.replace(old, new))),
        (compiled(text), compiled("\n".join([*kept, whole.faults[chance.randrange(3)][1]]) + OPEN)),
    ]


@pytest.mark.parametrize("seed", range(6))
def test_realistic_changes_are_found_whole(seed: int) -> None:
    tried = [Request.from_json(data) for data in requests(random.Random(seed), 400)]
    for old, new in _pairs(seed):
        found = validated(old, new, tried)
        assert found.complete
        assert found.widenings


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_thirty_thousand_requests_a_pair_are_accounted_for(seed: int) -> None:
    tried = [Request.from_json(data) for data in requests(random.Random(seed), 30_000)]
    for old, new in _pairs(seed):
        assert validated(old, new, tried).complete


# ---- what counts, and in which direction -----------------------------------------------------------------------------

BASE = 'rule "r" {{ command "s/t" {} }}'
CHANGES = [
    ("allow", 'deny because "no"', {"narrowing"}),
    ("record full", "allow", {"widening"}),
    ("allow", "allow require approval", {"narrowing"}),
    ('allow require approval from "a"', 'allow require approval from "a", "b"', {"widening"}),
    ('allow require approval from "a"', 'allow require approval from "b"', {"widening", "narrowing"}),
    ('allow require approval from "a"', 'allow require approval from "a" count 2', {"narrowing"}),
    ('allow require approval from "a"', 'allow require approval from "a" for 1h', {"widening"}),
    ('allow require approval from "a" within 1h', 'allow require approval from "a" within 2h', {"widening"}),
    ("allow mask ssn", "allow mask none", {"widening"}),
    ("allow mask phone", "allow mask phone with partial", {"widening"}),
    ("allow mask ssn", "allow mask name", {"widening", "narrowing"}),
    ("allow", "allow mask none", {"widening"}),
    ('allow grant "a" for 1h', "allow", {"narrowing"}),
    ('allow grant "a" for 1h', 'allow grant "a" for 2h', {"widening"}),
    ('allow grant "a" for 1h', 'allow grant "b" for 1h', {"widening", "narrowing"}),
    ("allow limit 5 per 1h", "allow limit 6 per 1h", {"widening"}),
    ("allow limit 5 per 1h", "allow limit 5 per run", {"widening", "narrowing"}),
    ("allow limit 5 per 1h", "allow", {"widening"}),
    ("allow record full", "allow", {"widening"}),
    ("allow record off", "allow record digest", {"narrowing"}),
    ("allow retain 1d", "allow retain 2d", {"narrowing"}),
    ('deny because "a" record full', 'deny because "a"', {"widening"}),
]


@pytest.mark.parametrize(("before", "after", "expected"), CHANGES)
def test_a_change_of_each_clause_is_found_and_has_a_direction(before: str, after: str, expected: set[str]) -> None:
    tried = [Request.from_json({"command": name, "provenance": "attested"}) for name in ("s/t", "s/u")]
    found = validated(compiled(BASE.format(before)), compiled(BASE.format(after)), tried)
    assert {one for change in found.changes for one in change.directions} == expected
    back = validated(compiled(BASE.format(after)), compiled(BASE.format(before)), tried)
    assert (back.widenings, back.narrowings) == (found.narrowings, found.widenings)


SAME = [
    ('rule "a" { command "s/t" branch "x" allow }', 'rule "b" { branch "x" command "s/t" allow }'),
    ('rule "a" { deny because "one" }', 'rule "a" { deny because "two" }'),
    ('rule "a" { branch "x", "y" allow }', 'rule "a" { branch "x" allow } rule "b" { branch "y" allow }'),
    ('rule "a" { when args.n < 3 allow }', 'rule "a" { when args.n <= 2 or args.n < 3 allow }'),
    ('rule "a" { allow }', 'rule "a" { allow } observe rule "b" { deny because "x" }'),
    ('rule "a" { branch "m*" allow }', 'rule "a" { branch "m*" allow } rule "b" { branch "main" allow }'),
    (
        'rule "a" { allow } rule "d" { branch not "x" deny because "x" }',
        'rule "a" { branch "x" allow } rule "d" { branch not "x" deny because "x" }',
    ),
    ('rule "a" { when not (reviewed == true) mask ssn }', 'rule "a" { reviewed not true mask ssn }'),
]


@pytest.mark.parametrize(("old", "new"), SAME)
def test_what_is_only_written_in_another_way_is_no_difference(old: str, new: str) -> None:
    assert equivalent(compiled(old), compiled(new)) is True
    assert first_difference(compiled(old), compiled(new)) is None
    assert diff(compiled(old), compiled(new)).summary == "no decision changes"


def test_what_is_the_same_but_for_the_unknown_is_not_the_same() -> None:
    old = compiled('rule "a" { when branch == "x" or branch != "x" allow }')
    new = compiled('rule "a" { allow }')
    (change,) = diff(old, new).changes
    assert "branch" not in change.request
    assert change.directions == {"widening"}
    denies = [compiled(f'rule "a" {{ {lines} deny because "x" }} {OPEN}') for lines in (
        'branch "x"', 'branch "x" when exists branch')]  # fmt: skip
    assert equivalent(denies[0], denies[1]) is True  # exists is unknown where the branch is


def test_a_permit_that_becomes_none_no_longer_lowers_the_record() -> None:
    text = """rule "r0" {{ branch "x" record full }} rule "r1" {{ {} mask all record digest }}
        rule "r2" {{ allow mask none }}"""
    found = validated(compiled(text.format("allow")), compiled(text.format("")), [])
    assert found.complete
    assert [one.text for change in found.changes for one in change.facets] == ["record digest → masked"]


@pytest.mark.parametrize("said", ["when args.n contains {} allow", "when args.n default {} == 1 allow"])
def test_one_is_not_true(said: str) -> None:
    one, true = (compiled(f'rule "a" {{ {said.format(value)} }}') for value in ("1", "true"))
    assert equivalent(one, true) is False


def test_a_detector_that_finds_something_else_is_noted_and_never_called_equivalent() -> None:
    old = compiled('detector chart = /CH-\\d{7}/ rule "p" { allow mask chart }')
    new = compiled('detector chart = /CH-\\d{6}/ rule "p" { allow mask chart }')
    found = diff(old, new)
    assert not found.changes
    assert found.notes == ("the detector of chart finds something else",)
    assert equivalent(old, new) is False


def test_a_new_kind_of_data_is_masked_wherever_nothing_is_said() -> None:
    old = compiled('rule "p" { branch "x" allow } rule "q" { branch "y" allow mask none }')
    new = compiled('detector chart = /CH-\\d{7}/ rule "p" { branch "x" allow } rule "q" { branch "y" allow mask none }')
    (change,) = diff(old, new).changes
    assert change.request["branch"] == "x"
    assert change.directions == {"narrowing"}


def test_what_is_refused_unread_lies_in_no_region() -> None:
    (change,) = diff(compiled('rule "p" { branch "x" allow }'), compiled('rule "p" { allow }')).changes
    for command, inside in (("ehr/a", True), ("ehr/../a", False), ("ehr/%2e%2e/a", False)):
        assert change.contains(Request.from_json({"command": command, "branch": "y"})) is inside
