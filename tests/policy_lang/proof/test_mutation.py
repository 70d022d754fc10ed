"""`test --mutate`: mistakes that people make, which tests notice them, and the test that would have."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from realistic import drawn, requests

from adapter_asgi.cli import run
from policy_lang.mutation.mutants import mutants
from policy_lang.mutation.trying import Outcome, mutate
from policy_lang.proof.compare import facets
from policy_lang.request import Request
from policy_lang.source import Source
from policy_lang.variant import Workbench, workbench

RULE = """
rule "reads" {{
    branch  "main", "release/*"
    command "ehr/read_*"
    {line}
    allow
    {effect}
}}
"""
REST = 'rule "other" {\n    command "lab/*"\n    allow\n    mask none\n}\n'


def bench_of(line: str = "reviewed true", effect: str = "mask name, ssn", more: str = "") -> Workbench:
    return workbench([Source("p.hoop", RULE.format(line=line, effect=effect) + REST + more)])


def made(bench: Workbench) -> set[tuple[str, str]]:
    return {(one.kind, one.what) for one in mutants(bench) if one.rule == "reads"}


@pytest.mark.parametrize(
    ("line", "effect", "kind", "what"),
    [
        ("", "", "drop rule", 'the rule "reads" is left out'),
        ("", "", "drop line", 'left out: branch "main", "release/*"'),
        ("", "", "drop alternative", 'branch "main", "release/*" → branch "main"'),
        ("", "", "widen glob", 'branch "main", "release/*" → branch "main", "release/**"'),
        ("", "", "widen glob", 'branch "main", "release/*" → branch "main*", "release/*"'),
        ("", "", "widen glob", 'command "ehr/read_*" → command "ehr/**"'),
        ("", "", "negate", 'branch "main", "release/*" → branch not "main", "release/*"'),
        ("", "", "swap verdict", "allow → deny"),
        ("reviewed true", "", "negate", "reviewed true → reviewed false"),
        ("when args.n <= 5", "", "flip operator", "when args.n <= 5 → when args.n < 5"),
        ("when args.n <= 5", "", "flip operator", "when args.n <= 5 → when args.n >= 5"),
        ("when args.n <= 5", "", "shift boundary", "when args.n <= 5 → when args.n <= 6"),
        ("when args.n > 5", "", "shift boundary", "when args.n > 5 → when args.n > 4"),
        ("when args.n > 5 or args.m == 1", "", "drop part", "when args.n > 5 or args.m == 1 → when args.m == 1"),
        ("when any args.i[*] == 1", "", "flip operator", "when any args.i[*] == 1 → when all args.i[*] == 1"),
        ('unless "other"', "", "drop unless", 'left out: unless "other"'),
        ("", "mask name, ssn", "drop mask", "left out: mask name, ssn"),
        ("", "mask name, ssn", "drop kind", "mask name, ssn → mask name"),
        ("", "mask name, ssn", "weaken mask", "mask name, ssn → mask name, ssn with token"),
        ("", "mask date with token", "weaken mask", "mask date with token → mask date with generalize"),
        ("", "mask all", "drop kind", "mask all → mask all except name"),
        ("", 'require approval from "a" count 2', "weaken approval",
         'require approval from "a" count 2 → require approval from "a"'),
        ("", 'require approval from "a", "b"', "weaken approval",
         'require approval from "a", "b" → require approval from "b"'),
        ("", 'require approval from "a"', "drop require", 'left out: require approval from "a"'),
        ("", 'grant "g" for 15m', "lengthen grant", 'grant "g" for 15m → grant "g" for 30m'),
        ("", "limit 5 per 1h", "loosen limit", "limit 5 per 1h → limit 10 per 1h"),
        ("", "record full", "record less", "record full → record masked"),
        ("", "retain 6y", "retain less", "retain 6y → retain 94608000s"),
    ],
)  # fmt: skip
def test_a_mistake_is_made_on_purpose(line: str, effect: str, kind: str, what: str) -> None:
    assert (kind, what) in made(bench_of(line, effect))


def test_rules_on_trial_are_left_alone() -> None:
    bench = bench_of(more='observe rule "trial" { branch "x"  deny because "no" }\n')
    assert {one.rule for one in mutants(bench)} == {"reads", "other"}


def fates(outcome: Outcome) -> dict[tuple[str, str], str]:
    return {(one.mutant.kind, one.mutant.what): one.fate for one in outcome.tried if one.mutant.rule == "reads"}


def test_tests_and_nevers_kill_and_what_is_the_same_does_not_count() -> None:
    tests = """
test "main reads" { branch "main"  reviewed true  command "ehr/read_a"  expect allow  expect mask name }
test "not from dev" { branch "dev"  reviewed true  command "ehr/read_a"  expect deny }
never "an unmasked number" { command "ehr/**"  allowed without mask ssn }
"""
    outcome = mutate(bench_of("reviewed true", "mask name, ssn", tests))
    found = fates(outcome)
    assert found["drop rule", 'the rule "reads" is left out'] == "killed"
    assert found["drop line", 'left out: branch "main", "release/*"'] == "killed"
    assert found["drop line", "left out: reviewed true"] == "survived"
    assert found["drop kind", "mask name, ssn → mask name"] == "killed"
    by = {one.by for one in outcome.tried if one.mutant.what == "mask name, ssn → mask name"}
    assert by == {'the never "an unmasked number"'}
    same = mutate(bench_of("reviewed true", "mask all\n    mask name"))
    assert fates(same)["drop mask", "left out: mask name"] == "equivalent"


def random_requests(number: int) -> list[Request]:
    chance = random.Random(number)
    return [Request.from_json(data) for data in requests(chance, 400)]


@pytest.mark.parametrize("seed", [2, 14])
def test_survivors_have_a_test_that_catches_them_and_equivalents_decide_alike(seed: int) -> None:
    text = drawn(seed).text
    bench = workbench([Source("p.hoop", text)])
    outcome = mutate(bench, most=30)
    assert outcome == mutate(bench, most=30)  # deterministic
    for one in outcome.tried:
        policy = bench.varied({one.mutant.rule: one.mutant.entries})
        assert policy is not None
        if one.fate == "equivalent":
            asked = random_requests(seed)
            assert not any(facets(bench.policy.decide(r), policy.decide(r)) for r in asked)
        if one.test:
            again = mutate(bench.with_text(one.test), only=one.mutant.rule, most=10_000)
            (same,) = [t for t in again.tried if t.mutant == one.mutant]
            assert same.fate == "killed"
            break


def test_a_policy_is_brought_to_a_full_score_by_pasting_the_tests() -> None:
    text = RULE.format(line="when args.n <= 5", effect='mask name\n    grant "g" for 15m') + REST
    for _ in range(40):
        bench = workbench([Source("p.hoop", text)])
        outcome = mutate(bench)
        if not outcome.survivors:
            break
        text += outcome.survivors[0].test
    assert (outcome.score, outcome.left_out) == (100.0, 0)
    assert outcome.count("killed") > 20


def test_all_tests_that_are_offered_can_be_pasted_together() -> None:
    text = RULE.format(line="when args.n <= 5", effect='mask name, ssn\n    grant "g" for 15m') + REST
    offered = [one.test for one in mutate(workbench([Source("p.hoop", text)])).survivors]
    assert len(offered) == len(set(offered)) > 20
    outcome = mutate(workbench([Source("p.hoop", text + "".join(offered))]))
    assert outcome.score == 100.0


@pytest.fixture
def policy(tmp_path: Path) -> str:
    path = tmp_path / "p.hoop"
    tested = 'test "main reads" { branch "main"  reviewed true  command "ehr/read_a"  expect allow }\n'
    path.write_text(RULE.format(line="reviewed true", effect="mask name") + tested, encoding="utf-8")
    return str(path)


def test_the_command_lists_survivors_and_fails_under_a_score(policy: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["test", "--mutate", policy]) == 0
    text = capsys.readouterr().out
    assert f'survived  {policy}:5: drop line in "reads"\n  left out: reviewed true\n' in text
    assert "this test would have caught it" in text
    assert "mutation score" in text.splitlines()[-1]
    assert run(["test", "--mutate", "--fail-under", "90", "--json", policy]) == 1
    printed = capsys.readouterr()
    (data,) = json.loads(printed.out)
    assert data["survived"] == sum(one["fate"] == "survived" for one in data["mutants"]) > 0
    assert "error[HG045]: the mutation score" in printed.err


def test_a_policy_whose_tests_fail_is_not_mutated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "p.hoop"
    path.write_text(REST + 'test "no" { command "lab/a"  expect deny }\n', encoding="utf-8")
    assert run(["test", "--mutate", str(path)]) == 1
    assert 'the test "no" fails as it is' in capsys.readouterr().err
    assert run(["test", "--mutate", str(tmp_path / "none.hoop")]) == 2
    assert run(["test", "--mutate", "--format", "junit", str(path)]) == 2


def test_at_most_so_many_are_tried_and_the_rest_is_counted() -> None:
    heard: list[tuple[int, int]] = []
    outcome = mutate(bench_of(), most=5, told=lambda done, all_: heard.append((done, all_)))
    assert outcome.left_out == sum(1 for _ in mutants(bench_of())) - 5
    assert heard[-1] == (5, 5)
