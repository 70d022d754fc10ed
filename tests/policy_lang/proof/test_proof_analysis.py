"""Whole-policy analysis: what is said of a rule is so, over all requests."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hoop_strategies import RuleText
from hypothesis import given, settings
from small_world import REQUESTS, policy_of, rule_lists

from policy_lang import Request
from policy_lang.diagnostic import Diagnostic
from policy_lang.evaluate import compiled
from policy_lang.examination import examination
from policy_lang.formula import TRUE
from policy_lang.load import examine
from policy_lang.meaning import Rule
from policy_lang.policy import Policy
from policy_lang.proof import equivalent
from policy_lang.proof.analysis import Finding, findings
from policy_lang.proof.compare import facets
from policy_lang.proof.never import ground_of
from policy_lang.source import Source


def of(policy: Policy) -> list[Finding]:
    return findings(ground_of(policy.meaning), policy)


def holds(rule: Rule, request: Request) -> bool:
    return compiled(rule.formula())(request.values, request.args, request.time) == TRUE


@settings(max_examples=120)
@given(rule_lists(6))
def test_what_is_found_is_so_for_every_request_of_a_small_world(drawn: list[RuleText]) -> None:
    policy = policy_of(drawn)
    if policy is None:
        return
    found = of(policy)
    for finding in found:
        if finding.what == "dead":
            assert not any(holds(finding.rule, request) for request in REQUESTS)
        if finding.what == "overridden":
            assert all(policy.decide(r).effect == "deny" for r in REQUESTS[::3] if holds(finding.rule, r))
        if finding.what == "clash":
            assert finding.request is not None
            request = Request.from_json(finding.request)
            assert holds(finding.rule, request)
            assert holds(finding.others[0], request)
            assert policy.decide(request).effect == "deny"
    dropped = {one.rule.name for one in found if one.what == "nothing"}
    kept = tuple(rule for rule in policy.meaning.rules if rule.name not in dropped)
    without = Policy(replace(policy.meaning, rules=kept))
    assert equivalent(policy, without) is True
    assert not any(facets(policy.decide(one), without.decide(one)) for one in REQUESTS[::5])


def said(text: str) -> list[Diagnostic]:
    return [one for one in examination([Source("x.hoop", text)]).diagnostics if one.code in _EXACT]


_EXACT = ("HG036", "HG037", "HG101", "HG102")
CASES = [
    ("HG036", 'rule "a" { when args.n < 1 or args.n > 5 when args.n == 3 allow }', ""),
    ("HG036", 'rule "a" { branch "a*" when not (branch matches "a*" or tag == "x") allow }', ""),
    ("HG036", 'rule "a" { unless "b" branch "x" allow } rule "b" { branch "x", "y" record full }', ""),
    ("HG036", 'rule "a" { during "Mon" in "UTC" during "Tue" in "UTC" allow }', ""),
    (
        "HG102",
        """rule "p" { branch "a", "b" allow }
        rule "d" { branch "a" deny because "x" } rule "e" { branch "b*" deny because "y" }""",
        '"d" and "e" deny',
    ),
    (
        "HG101",
        'rule "a" { branch "m*" allow } rule "b" { branch "n*" allow } rule "z" { branch "main", "next" allow }',
        '"a" and "b"',
    ),
    (
        "HG101",
        """rule "a" { when args.n < 5 allow } rule "b" { when args.n >= 5 allow }
        rule "z" { when args.n > 2 allow }""",
        '"z"',
    ),
    ("HG101", 'rule "p" { allow mask none } rule "a" { mask all } rule "z" { branch "x" mask ssn }', '"a"'),
    (
        "HG037",
        """rule "a" { branch "x" allow grant "r" for 5m }
        rule "b" { when branch == "x" or tag == "y" allow grant "w" for 5m }""",
        '"branch": "x"',
    ),
]


@pytest.mark.parametrize(("code", "text", "words"), CASES)
def test_what_only_several_lines_or_rules_show_together_is_found(code: str, text: str, words: str) -> None:
    (found,) = [one for one in said(text) if one.code == code]
    assert words in f"{found.message} {found.help}"


def test_two_credentials_that_denials_keep_apart_are_no_finding_of_the_exact_analysis() -> None:
    policy = small_policy("""
        rule "a" { when branch == "x" or tag == "y"  allow grant "r" for 5m }
        rule "b" { branch "x", "z" when tag == "y" or tag == "n" allow grant "w" for 5m }
        rule "d" { branch "x" deny because "x" }
        rule "e" { tag "y" deny because "y" }
    """)
    assert not [one for one in of(policy) if one.what == "clash"]


def small_policy(text: str) -> Policy:
    return Policy(examine([Source("x.hoop", text)])[0])


def test_approvals_and_limits_count_for_each_rule_and_are_never_called_superfluous() -> None:
    text = 'rule "a" { allow limit 3 per 1h } rule "b" { branch "x" allow limit 3 per 1h require approval }'
    assert not said(text)


def test_a_policy_that_is_too_large_to_analyse_says_nothing_wrong() -> None:
    rules = [f'rule "p{n:02}" {{ repository "*{chr(97 + n)}{chr(98 + n)}*" allow }}' for n in range(20)]
    found = examination([Source("x.hoop", "\n".join(rules))]).diagnostics
    assert {one.code for one in found if one.code in ("HG036", "HG037", "HG101", "HG102")} == set()
    assert "HG118" in {one.code for one in found}
