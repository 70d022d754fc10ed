"""`decide --explain`: the lines of each rule, forbidden against nothing permits, and the nearest change either way."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hoop_strategies import RuleText, requests, rules, text_of
from hypothesis import given, settings

from adapter_asgi.cli import run
from policy_lang.errors import PolicyError
from policy_lang.explaining.explanation import Explanation, explain
from policy_lang.explaining.report import as_json, as_text
from policy_lang.formula import FALSE, TRUE, UNSURE
from policy_lang.meaning import Never
from policy_lang.proof.never import proofs
from policy_lang.request import Request
from policy_lang.source import Source
from policy_lang.variant import workbench

POLICY = """
rule "unreviewed code stays out" { reviewed false  deny because "Nobody has reviewed this code." }
rule "the nightly job reads" {
    job     "nightly-*"
    branch  "main", "release/*"
    command "ehr/read_*"
    when    args.limit <= 500
    allow
    mask    name, ssn
}
rule "updates are for people" {
    unless  "the nightly job reads"
    group   "clerks"
    command "ehr/update"
    allow
    mask    none
}
"""
GOOD: dict[str, Any] = {
    "provider": "buildkite", "job": "nightly-etl", "branch": "main", "reviewed": True, "command": "ehr/read_a",
    "args": {"limit": 10}, "provenance": "attested",
}  # fmt: skip


def explained(**changes: Any) -> Explanation:
    return explain(workbench([Source("clinic.hoop", POLICY)]), {**GOOD, **changes})


def turned(found: Explanation) -> list[dict[str, Any]]:
    return [{str(spot): new for spot, _, new in turn.changes} for turn in found.turns]


def test_each_line_says_whether_it_held_and_what_was_looked_at() -> None:
    (unsure,) = [one for one in explained(args={}).rules if one.rule.name == "the nightly job reads"]
    assert unsure.counts == "restricts"  # its masks count, its allow does not
    found = explained(branch="dev", args={})
    (rule,) = [one for one in found.rules if one.rule.name == "the nightly job reads"]
    assert [line.truth for line in rule.lines] == [TRUE, FALSE, TRUE, UNSURE]
    assert [line.because for line in rule.lines] == [(), ('branch is "dev"',), (), ("args.limit was not sent",)]
    assert [line.line for line in rule.lines] == [4, 5, 6, 7]
    assert (rule.line, rule.counts) == (3, "")


def test_nothing_permits_is_told_from_forbidden() -> None:
    assert explained(branch="dev").kind == "nothing permits"
    assert explained(reviewed=False).kind == "forbidden"
    assert explained(command="ehr/../x").kind == "forbidden"
    assert explained().kind == "permitted"
    assert (explained().turns, explained().mends) == ((), ())


def test_the_nearest_request_changes_as_little_as_it_can() -> None:
    assert turned(explained(branch="dev"))[0] == {"branch": "main"}
    assert turned(explained(args={"limit": 900})) == [{"args.limit": 500}]
    assert turned(explained(reviewed=False)) == [{"reviewed": True}]
    assert turned(explained(reviewed=False, branch="dev", args={})) == [
        {"reviewed": True, "branch": "main", "args.limit": 500}
    ]


def test_a_value_that_is_only_asserted_is_to_be_attested() -> None:
    found = explained(provenance={"default": "attested", "job": "asserted"})
    assert turned(found) == [{"job": "nightly-etl"}]
    assert found.turns[0].request["provenance"] == {"default": "attested", "job": "attested"}
    assert "job is only asserted" in as_text(found)
    assert 'job: "nightly-etl" → "nightly-etl", attested' in as_text(found)


def test_the_call_itself_is_changed_only_where_nothing_else_helps() -> None:
    assert [set(one) for one in turned(explained(command="lab/read"))] == [{"command"}]


def test_the_nearest_policy_widens_one_line_or_lets_one_denial_go() -> None:
    (mend, *_) = explained(branch="dev").mends
    assert [(edit.line, edit.new) for edit in mend.edits] == [(5, 'branch "main", "release/*", "dev"')]
    (mend, *_) = explained(reviewed=False).mends
    assert [(edit.old, edit.new) for edit in mend.edits] == [("", 'command not "ehr/read_a"')]
    (mend, *_) = explained(args={"limit": 900}).mends
    assert [(edit.old, edit.new) for edit in mend.edits] == [("when args.limit <= 500", "when args.limit <= 900")]
    (mend, *_) = explained(args={}).mends
    assert [(edit.old, edit.new) for edit in mend.edits] == [("when args.limit <= 500", "")]


@pytest.mark.parametrize(
    ("line", "data", "new"),
    [
        ("when args.n < 5 and args.s == \"a\"", {"args": {"n": 9.5, "s": "b"}},
         'when args.n <= 9.5 and args.s in ("a", "b")'),
        ("when args.n < 5 and args.s == \"a\"", {"args": {"s": "a"}}, 'when args.s == "a"'),
        ('when args.s in ("a", "b") or args.n > 5', {"args": {"s": "c"}},
         'when args.s in ("a", "b", "c") or args.n > 5'),
        ('when claim("c") == 1', {"claims": {"c": True}}, 'when claim("c") in (1, true)'),
        ('when tag startswith "v"', {"tag": "x"}, ""),
        ("when args.b != true", {"args": {"b": True}}, ""),
    ],
)  # fmt: skip
def test_an_expression_is_widened_no_further_than_it_has_to_be(line: str, data: dict[str, Any], new: str) -> None:
    bench = workbench([Source("p.hoop", f'rule "r" {{ {line}\n command "a/b"\n allow }}')])
    found = explain(bench, {"command": "a/b", "provenance": "attested", **data})
    (mend,) = found.mends
    assert [(edit.old, edit.new) for edit in mend.edits] == [(line, new)]
    assert mend.decision.effect == "allow"


def test_a_call_that_no_rule_is_about_takes_a_rule_of_its_own() -> None:
    found = explained(command=None, resource="file:///a", server="ehr")
    (mend,) = found.mends
    (edit,) = mend.edits
    assert edit.new == ('rule "permits file:///a" { branch "main"  resource "file:///a"  server "ehr"  allow }')
    assert (
        workbench([Source("p.hoop", POLICY + edit.new)])
        .policy.decide(Request.from_json({**GOOD, "command": None, "resource": "file:///a", "server": "ehr"}))
        .effect
        == "allow"
    )
    assert f": add {edit.new}\n    gives allow" in as_text(found)


def test_what_small_steps_do_not_lead_to_is_found_among_all_that_is_permitted() -> None:
    text = """rule "closed" { unless "staff"  deny because "no" }
rule "staff" { group not "contractors", "guests*"  command "ehr/read"  when args.n default 3 < 2  allow }
"""
    bench = workbench([Source("p.hoop", text)])
    found = explain(bench, {"prompt": "p", "group": ["contractors", "staff"], "provenance": "attested"})
    (turn, *_) = found.turns
    assert {str(spot) for spot, _, _ in turn.changes} == {"command", "group", "args.n"}
    assert "prompt" not in turn.request
    assert bench.policy.decide(Request.from_json(turn.request)).effect == "allow"
    none = workbench([Source("p.hoop", 'rule "a" { allow } rule "d" { deny because "no" }')])
    assert explain(none, {"command": "a/b"}).turns == ()


@settings(max_examples=60)
@given(rules(), requests())
def test_whatever_is_proposed_turns_the_refusal(drawn: list[RuleText], data: dict[str, Any]) -> None:
    try:
        bench = workbench([Source("p.hoop", text_of(drawn))])
    except PolicyError:
        return
    found = explain(bench, data)
    assert found.decision == bench.policy.decide(Request.from_json(data))
    for turn in found.turns:
        assert turn.decision == bench.policy.decide(Request.from_json(turn.request))
        assert turn.decision.effect != "deny"
    if found.decision.effect == "deny" and not found.turns:
        (proof,) = proofs(replace(bench.meaning, nevers=(Never("anything", ()),)), bench.policy)
        assert proof.verdict == "proved"
    assert all(mend.decision.effect != "deny" for mend in found.mends)
    assert json.loads(json.dumps(as_json(found), default=str))["kind"] == found.kind


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "clinic.hoop").write_text(POLICY, encoding="utf-8")
    (tmp_path / "r.json").write_text(json.dumps({**GOOD, "branch": "dev"}), encoding="utf-8")
    return str(tmp_path / "clinic.hoop"), str(tmp_path / "r.json")


def test_the_command_explains_in_text_and_json(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["decide", *files, "--explain"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("deny, as nothing permits it")
    assert '✗ 5: branch "main", "release/*"   (branch is "dev")' in text
    assert "1 rule is about other calls" in text
    assert run(["decide", *files, "--explain", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["nearest"]["requests"][0]["changes"] == [{"what": "branch", "from": "dev", "to": "main"}]
    assert data["decision"]["effect"] == "deny"


def test_what_cannot_be_read_is_named(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    Path(files[1]).write_text('{"brnch": "x"}', encoding="utf-8")
    assert run(["decide", *files, "--explain"]) == 2
    assert 'unknown field "brnch"' in capsys.readouterr().err
