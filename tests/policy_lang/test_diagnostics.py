"""Every code has an example that gives it and a mended one that does not; the reference page is made from the table."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import policy_lang
from policy_lang.codes import Code, codes
from policy_lang.diagnostic import Diagnostic
from policy_lang.examination import examination
from policy_lang.reference import page
from policy_lang.report import render
from policy_lang.source import Source

ROOT = Path(__file__).parents[2]
WITH_EXAMPLES = [code for code in codes().values() if code.wrong]


def findings(text: str) -> list[Diagnostic]:
    return list(examination([Source("example.hoop", text)]).diagnostics)


@pytest.mark.parametrize("code", WITH_EXAMPLES, ids=lambda code: code.code)
def test_the_wrong_example_of_a_code_gives_it_and_the_mended_one_does_not(code: Code) -> None:
    found = findings(code.wrong)
    errors = {d.code for d in found if d.severity == "error"}
    assert code.code in {d.code for d in found}, [str(d) for d in found]
    assert errors <= {code.code}, [str(d) for d in found]
    mended = findings(code.mended) if code.mended else []
    assert code.code not in {d.code for d in mended}, [str(d) for d in mended]
    assert not [d for d in mended if d.severity == "error"], [str(d) for d in mended]


@pytest.mark.parametrize("code", [c for c in WITH_EXAMPLES if c.severity == "error"], ids=lambda code: code.code)
def test_a_policy_with_an_error_is_not_loaded(code: Code) -> None:
    with pytest.raises(policy_lang.PolicyError) as caught:
        policy_lang.compile(code.wrong)
    first = caught.value.diagnostics[0]
    assert first.code == code.code
    assert first.line >= 1
    assert first.column >= 1
    assert "^" in first.excerpt
    assert f"error[{code.code}]" in str(caught.value)


def test_every_code_that_the_source_uses_is_in_the_table() -> None:
    used = {
        c
        for file in (ROOT / "policy_lang").rglob("*.py")
        for c in re.findall(r'"(HG\d{3})"', file.read_text(encoding="utf-8"))
    }
    assert used <= set(codes())
    assert set(codes()) - used <= {"HG045"}


def test_the_reference_page_is_the_table() -> None:
    assert (ROOT / "docs/reference/diagnostics.md").read_text(encoding="utf-8") == page()


def test_several_findings_come_in_one_run_in_the_order_of_the_text() -> None:
    with pytest.raises(policy_lang.PolicyError) as caught:
        policy_lang.compile(
            'rule "a" { brnch "main" allow }\nrule "b" { branch = "x" }\nrule "c" { allow mask nmae }\n'
        )
    assert [d.line for d in sorted(caught.value.diagnostics, key=lambda d: d.line)] == [1, 2, 3]


def test_a_finding_says_what_was_meant() -> None:
    with pytest.raises(policy_lang.PolicyError) as caught:
        policy_lang.compile('rule "a" {\n    brnch "main"\n    allow\n}\n', name="clinic.hoop")
    assert str(caught.value) == (
        'error[HG010]: "brnch" is not an attribute\n'
        "  --> clinic.hoop:2:5\n"
        "  |\n"
        '2 |     brnch "main"\n'
        "  |     ^^^^^\n"
        '  help: did you mean "branch"?'
    )


TYPICAL = {
    "rule 'a' { allow }": "double quotes",
    'rule "a" { branch = "main" allow }': "write ==",
    'rule "a" { when args.x == 1 && args.y == 2 allow }': "write and",
    'rule "a" { not branch "main" allow }': 'branch not "…"',
    'rule "a" { alow }': '"allow"',
    '// comment\nrule "a" { allow }': "starts with #",
    'rul "a" { allow }': '"rule"',
    'rule "a" { allow': "closing brace",
    'rule "a" { repo "acme/etl" allow }': "repository",
}


@pytest.mark.parametrize("text", TYPICAL, ids=range(len(TYPICAL)))
def test_a_typical_mistake_is_named(text: str) -> None:
    with pytest.raises(policy_lang.PolicyError) as caught:
        policy_lang.compile(text)
    assert any(TYPICAL[text] in f"{d.message} {d.help}" for d in caught.value.diagnostics), str(caught.value)


def test_findings_are_written_as_json_sarif_and_github_annotations() -> None:
    found = findings('rule "a" {\n    brnch "main"\n    allow\n}')
    assert json.loads(render(found, "json"))[0] | {"help": ""} == {
        "code": "HG010", "severity": "error", "message": '"brnch" is not an attribute', "help": "",
        "file": "example.hoop", "line": 2, "column": 5, "end_line": 2, "end_column": 10,
    }  # fmt: skip
    result = json.loads(render(found, "sarif"))["runs"][0]["results"][0]
    assert (result["ruleId"], result["level"]) == ("HG010", "error")
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 2
    github = render(found, "github").splitlines()[0]
    assert github.startswith("::error file=example.hoop,line=2,endLine=2,col=5,endColumn=10,title=HG010::")


IMPOSSIBLE = [
    "allow", "approval", 'grant "x" for 1m', 'deny because "y"', "record full", "retain 6y", "limit 1 per run",
    "mask ssn with token", 'rule "z"',
]  # fmt: skip


@pytest.mark.parametrize("outcome", IMPOSSIBLE)
def test_a_test_that_expects_what_cannot_be_is_an_error(outcome: str) -> None:
    text = f'rule "r" {{ server "a"  deny because "x" }}\ntest "t" {{ command "a/b"  expect {outcome} }}\n'
    assert {d.code for d in findings(text) if d.severity == "error"} <= {"HG042", "HG015"}
    assert any(d.severity == "error" for d in findings(text))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('when args.mode == "w"', []),
        ('unless "a"', []),
        ('branch "main"', ["HG037"]),
        ('when args.mode != "w"', ["HG037"]),
        ('when args.mode == "r" or branch == "main"', ["HG037"]),
        ('when args.mode == "w" or args.mode == "x" and branch == "main"', []),
        ('when not (args.mode == "r" and branch == "main")', ["HG037"]),
        ('when not (args.mode == "r" or branch == "main")', []),
        ('unless "c"', ["HG037"]),
        ('command "x/a", "x/b"', ["HG037"]),
    ],
)
def test_grants_conflict_only_where_one_request_can_match_both(line: str, expected: list[str]) -> None:
    text = (
        'rule "c" { branch "dev"  tag "v1"  mask none }\n'
        'rule "a" { command "x/*"  when args.mode == "r"  allow  grant "reader" for 1m }\n'
        f'rule "b" {{ command "x/*"  {line}  allow  grant "writer" for 1m }}\n'
    )
    assert [d.code for d in findings(text) if d.severity == "error"] == expected
