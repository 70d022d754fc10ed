"""The index, the bits and the tables decide as a plain walk over all rules does; what could be is never hidden."""

from __future__ import annotations

import logging
import random
from typing import Any

import pytest
from hoop_strategies import RuleText, requests, rules, text_of
from hypothesis import assume, given
from hypothesis import strategies as st

import policy_lang
from policy_lang import Policy, Request
from policy_lang.evaluate import compiled
from policy_lang.formula import FALSE, TRUE
from policy_lang.join import join
from policy_lang.policy import Switch
from policy_lang.segments import has_dot_segments


def plainly(policy: Policy, request: Request) -> dict[str, Any]:
    """The decision without any index: every condition of every rule."""
    truths = [(r, compiled(r.formula())(request.values, request.args, request.time)) for r in policy.meaning.rules]
    applied = [(rule, truth == TRUE) for rule, truth in truths if truth != FALSE]
    return join(applied, policy.meaning.kinds, policy.digest).to_json()


@given(rules(), st.lists(requests(), min_size=1, max_size=5))
def test_the_engine_decides_as_a_plain_walk_does(policy: list[RuleText], asked: list[dict[str, Any]]) -> None:
    try:
        loaded = policy_lang.compile(text_of(policy))
    except policy_lang.PolicyError:
        assume(False)
    for data in asked:
        request = Request.from_json(data)
        if not has_dot_segments(data.get("command") or ""):
            assert loaded.decide(request).to_json() == plainly(loaded, request)


def crowd(dice: random.Random) -> str:
    """Many rules for one command; most are about one repository."""
    lines = [
        'repository "acme/{n}"',
        'repository "acme/{n}", "acme/{m}"',
        'repository "acme/*"',
        'branch "main"',
        "reviewed false",
    ]
    out = []
    for number in range(150):
        line = dice.choice(lines[:2] * 8 + lines[2:]).format(n=number % 100, m=dice.randrange(100))
        effect = dice.choice(
            ["allow  mask ssn", "mask name", 'require approval from "a"', 'deny because "x"', "limit 3 per run"]
        )
        out.append(f'rule "r{number:03}" {{ command "ehr/read"  {line}  {effect} }}')
    return "\n".join(out)


@pytest.mark.parametrize("seed", range(3))
def test_a_crowd_of_rules_is_split_and_decides_the_same(seed: int) -> None:
    dice = random.Random(seed)
    policy = policy_lang.compile(crowd(dice))
    for _ in range(300):
        data = {"command": "ehr/read", "provenance": "attested", "reviewed": dice.choice([True, False, None])}
        data |= dice.choice([{}, {"repository": None}, {"repository": f"acme/{dice.randrange(120)}"}])
        data |= dice.choice([{}, {"branch": "main"}, {"branch": "dev"}])
        request = Request.from_json(data)
        assert policy.decide(request).to_json() == plainly(policy, request)
        assert policy.bind(request).decide("ehr/read").to_json() == plainly(policy, request)
    assert isinstance(policy._address(("ehr", "ehr/read", None, None, None)).plan, Switch)


def test_caches_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policy_lang.policy._WEIGHT", 50)
    monkeypatch.setattr("policy_lang.policy._RESIDUALS", 20)
    policy = policy_lang.compile('rule "r" { command "ehr/*"  when args.n <= 3  allow  mask none }')
    bound = policy.bind(Request.from_json({}))
    for number in range(500):
        assert bound.decide(f"ehr/{number}", {"n": 3}).effect == "allow"
        assert bound.decide(resource=f"file:///{number}", server="ehr").effect == "deny"
    assert len(policy._addresses) <= 51
    assert len(bound._lefts) <= 20


COULD = """
rule "reads"   { command "ehr/read"  branch "main"  when args.n <= 3  allow }
rule "closed"  { server "closed"  deny because "x" }
rule "late"    { command "closed/x", "late/x"  allow }
rule "barred"  { command "barred/x"  allow }
rule "bar"     { command "barred/x"  reviewed false  deny because "x" }
rule "clock"   { command "clock/x"  during "Mon" in "UTC"  allow }
rule "files"   { server "files"  resource "file:///*"  allow }
rule "mixed"   { command "mixed/x"  when branch == "dev" or args.n == 1  allow }
"""


@pytest.mark.parametrize(
    ("identity", "command", "could"),
    [
        ({"branch": "main"}, "ehr/read", True),
        ({"branch": "dev"}, "ehr/read", False),
        ({}, "ehr/read", False),
        ({"branch": "main"}, "ehr/write", False),
        ({}, "closed/x", False),
        ({}, "late/x", True),
        ({"reviewed": True}, "barred/x", True),
        ({}, "barred/x", False),
        ({}, "clock/x", True),
        ({}, "mixed/x", True),
        ({}, "late/../x", False),
    ],
)
def test_whether_a_tool_could_be_called_by_any_arguments(identity: dict[str, Any], command: str, could: bool) -> None:
    policy = policy_lang.compile(COULD)
    assert policy.bind(Request.from_json({**identity, "provenance": "attested"})).could(command) == could


@pytest.mark.parametrize(
    ("identity", "server", "could"),
    [
        ({"branch": "main"}, "ehr", True),
        ({"branch": "dev"}, "ehr", False),
        ({}, "closed", False),
        ({}, "files", True),
        ({}, "nowhere", False),
        ({"reviewed": True}, "barred", True),
        ({}, "barred", False),
    ],
)
def test_whether_anything_on_a_server_could_be_reached(identity: dict[str, Any], server: str, could: bool) -> None:
    policy = policy_lang.compile(COULD)
    assert policy.bind(Request.from_json({**identity, "provenance": "attested"})).could_server(server) == could


def test_a_call_with_two_addresses_is_denied() -> None:
    bound = policy_lang.compile('rule "r" { allow  mask none }').bind(Request.from_json({}))
    assert bound.decide("a/b").effect == "allow"
    assert bound.decide("a/b", resource="file:///x").effect == "deny"


def test_grants_that_conflict_at_run_time_deny() -> None:
    text = 'rule "a" { command "x/y"  allow  grant "one" for 1m }\n'
    policy = policy_lang.compile(text + 'rule "b" { command "x/y"  branch "main"  allow  grant "one" for 2m }')
    first, second = policy.meaning.rules
    other = policy_lang.compile('rule "b" { allow  grant "two" for 1m }').meaning.rules[0]
    assert join([(first, True), (second, True)], (), "").effect == "allow"
    assert join([(first, True), (other, True)], (), "").effect == "deny"
    assert join([(first, True), (other, False)], (), "").effect == "allow"


def test_neither_requests_nor_sql_leave_a_trace(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = policy_lang.compile('rule "r" { when sql(args.q) reads  allow }')
    request = Request.from_json(
        {"actor": "Jane Roe", "command": "db/q", "args": {"q": "VACUUM jane_roe; CALL jane_roe(1)"}}
    )
    with caplog.at_level(logging.DEBUG):
        assert policy.decide(request).effect == "deny"
    assert "roe" not in (caplog.text + repr(request) + str(capsys.readouterr())).lower()
