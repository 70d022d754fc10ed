"""The commands as a policy repository's CI runs them: what they print where, and how they end."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from policy_lang.__main__ import run
from policy_lang.watch import changes

GOOD = """rule "reads" {
    repository_id "1"
    repository "acme/etl"
    branch     "main"
    command    "ehr/read"
    allow
    mask       ssn
}

given "the job" { provider "github"  repository "acme/etl"  repository_id "1"  branch "main" }

test "main reads" {
    as      "the job"
    command "ehr/read" with { limit: 10 }
    expect  allow
    expect  mask ssn
    expect  not mask name
    expect  rule "reads"
    expect  record masked
}

test "dev does not" {
    as         "the job"
    branch     "dev"
    repository "x/y"
    repository_id "2"
    command    "ehr/write"
    expect     deny
}
"""
FAILING = GOOD.replace("expect  not mask name", "expect  mask name").replace("record masked", "record digest")


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "clinic.hoop"
    path.write_text(GOOD, encoding="utf-8")
    return path


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    path = tmp_path / "failing.hoop"
    path.write_text(FAILING, encoding="utf-8")
    return path


def test_check_says_that_a_policy_is_fine(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(good)]) == 0
    said = capsys.readouterr()
    assert said.out == "fine: no errors, no warnings, 2 tests\n"
    assert said.err == ""


def test_check_fails_on_errors_and_with_strict_on_warnings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.hoop"
    path.write_text('rule "a" { branch "main*"  allow }', encoding="utf-8")
    assert run(["check", str(path)]) == 0
    assert "warning[HG106]" in capsys.readouterr().err
    assert run(["check", "--strict", str(path)]) == 1
    path.write_text('rule "a" { brnch "main"  allow }', encoding="utf-8")
    assert run(["check", str(path)]) == 1
    assert run(["check", str(tmp_path / "missing.hoop")]) == 2


def test_check_runs_the_tests_and_does_not_believe_an_unproved_never(
    failing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", str(failing)]) == 1
    assert "error[HG040]" in capsys.readouterr().err
    path = tmp_path / "never.hoop"
    path.write_text('never "n" { server "a"  allowed }\n', encoding="utf-8")
    status = run(["check", str(path)])
    said = capsys.readouterr().err
    assert status == (1 if "not proved" in said else 0)


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_check_writes_for_machines(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.hoop"
    path.write_text('rule "a" { brnch "main"  allow }', encoding="utf-8")
    assert run(["check", "--format", form, str(path)]) == 1
    said = capsys.readouterr()
    assert "HG010" in json.dumps(json.loads(said.out))
    assert said.err == ""


def test_several_paths_are_several_policies(good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.hoop"
    other.write_text('rule "reads" { server "x"  allow }', encoding="utf-8")
    assert run(["check", str(good), str(other)]) == 0
    assert run(["check", str(tmp_path)]) == 1
    assert "HG017" in capsys.readouterr().err


def test_a_test_report_names_what_was_decided(failing: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["test", str(failing)]) == 1
    said = capsys.readouterr()
    assert said.out == "pass  dev does not\nFAIL  main reads\n2 tests, 1 failed\n"
    assert 'expected mask name, but the decision is allow by "reads"; masked: ssn' in said.err
    assert "expected record digest" in said.err


def test_a_failed_permit_says_which_lines_do_not_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.hoop"
    path.write_text(GOOD.replace("expect     deny", "expect     allow"), encoding="utf-8")
    assert run(["test", str(path)]) == 1
    assert '"reads" would permit it, but it does not certainly hold that' in capsys.readouterr().err


def test_junit_and_json_reports(failing: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["test", "--format", "junit", str(failing)]) == 1
    suite = ET.fromstring(capsys.readouterr().out)[0]
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert [case.get("name") for case in suite] == ["dev does not", "main reads"]
    assert run(["test", "--format", "json", str(failing)]) == 1
    verdicts = json.loads(capsys.readouterr().out)
    assert [verdict["passed"] for verdict in verdicts] == [True, False]


def test_a_policy_that_is_not_loaded_is_an_error_in_the_junit_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.hoop"
    path.write_text('rule "a" { brnch "main"  allow }', encoding="utf-8")
    assert run(["test", "--format", "junit", str(path), str(tmp_path / "none.hoop")]) == 2
    suite = ET.fromstring(capsys.readouterr().out)[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "0", "2")
    assert [case.get("name") for case in suite.findall("testcase[error]")] == ["HG010", "HG007"]


def test_sarif_names_files_as_uris_and_places_that_are_not_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a b%.hoop"
    path.write_bytes("# é".encode() + b"\xff")
    assert run(["check", "--format", "sarif", str(path)]) == 2
    (result,) = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith("/a%20b%25.hoop")
    assert place["region"] == {"startLine": 1, "startColumn": 4, "endLine": 1, "endColumn": 5}


def test_check_writes_junit_with_every_test_and_every_other_error(
    failing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.hoop"
    broken.write_text('rule "a" { brnch "main"  allow }', encoding="utf-8")
    assert run(["check", "--format", "junit", str(failing), str(broken)]) == 1
    suite = ET.fromstring(capsys.readouterr().out)[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")
    assert [case.get("name") for case in suite.findall("testcase[error]")] == ["HG010"]


@pytest.mark.parametrize("command", ["check", "test"])
@pytest.mark.parametrize("form", ["json", "sarif", "github", "junit"])
def test_every_format_stands_alone_on_standard_output(
    command: str, form: str, good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([command, "--format", form, str(good)]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    if form == "github":
        assert said.out == ""
    elif form == "junit":
        assert ET.fromstring(said.out)[0].get("tests") == "2"
    else:
        json.loads(said.out)


def test_sarif_says_how_it_counts_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.hoop"
    path.write_text('rule "\N{GRINNING FACE}" { brnch "main"  allow }', encoding="utf-8")
    assert run(["check", "--format", "sarif", str(path)]) == 1
    (log,) = json.loads(capsys.readouterr().out)["runs"]
    assert log["columnKind"] == "unicodeCodePoints"
    assert log["results"][0]["locations"][0]["physicalLocation"]["region"]["startColumn"] == 12
    assert log["tool"]["driver"]["rules"][log["results"][0]["ruleIndex"]]["id"] == "HG010"


def test_a_name_that_no_test_has_is_no_success(failing: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["test", "--only", "tpyo", str(failing)]) == 2
    assert 'no test has "tpyo" in its name' in capsys.readouterr().err


def test_only_runs_the_tests_whose_name_holds_a_text(failing: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["test", "--only", "dev", str(failing)]) == 0
    assert capsys.readouterr().out.endswith("1 test, none failed\n")


def test_coverage_counts_rules_and_lines_and_can_fail(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["test", "--coverage", str(good)]) == 0
    assert "coverage 100 %: 1 of 1 rules, 4 of 4 lines" in capsys.readouterr().out
    good.write_text(GOOD[: GOOD.index('test "dev')], encoding="utf-8")
    assert run(["test", "--fail-under", "90", str(good)]) == 1
    said = capsys.readouterr()
    assert 'in no test fails: branch "main"' in said.out
    assert "error[HG045]" in said.err


def test_fmt_rewrites_in_place_checks_and_shows(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good.write_text('rule "a"{allow mask   ssn}', encoding="utf-8")
    good.chmod(0o640)
    assert run(["fmt", "--check", str(good)]) == 1
    assert run(["fmt", "--diff", str(good)]) == 1
    assert '+rule "a" { allow  mask ssn }' in capsys.readouterr().out
    assert good.read_text(encoding="utf-8") == 'rule "a"{allow mask   ssn}'
    assert run(["fmt", str(good)]) == 0
    assert good.read_text(encoding="utf-8") == 'rule "a" { allow  mask ssn }\n'
    assert good.stat().st_mode & 0o777 == 0o640
    assert run(["fmt", "--check", str(good)]) == 0
    assert sorted(good.parent.iterdir()) == [good]


def test_fmt_leaves_what_it_cannot_read(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good.write_text('rule "a" {', encoding="utf-8")
    assert run(["fmt", str(good)]) == 1
    assert "HG001" in capsys.readouterr().err
    assert good.read_text(encoding="utf-8") == 'rule "a" {'


class _Piped(io.StringIO):
    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.buffer = io.BytesIO(data)


def test_fmt_works_in_a_pipe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", _Piped(b'rule "a"{allow}'))
    assert run(["fmt", "-"]) == 0
    assert capsys.readouterr().out == 'rule "a" { allow }\n'


def decide(monkeypatch: pytest.MonkeyPatch, path: Path, data: bytes) -> int:
    monkeypatch.setattr(sys, "stdin", _Piped(data))
    return run(["decide", str(path)])


def test_decide_speaks_json(good: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    request: dict[str, Any] = {
        "repository": "acme/etl", "repository_id": "1", "branch": "main",
        "command": "ehr/read", "provenance": "attested",
    }  # fmt: skip
    assert decide(monkeypatch, good, json.dumps(request).encode()) == 0
    assert json.loads(capsys.readouterr().out)["effect"] == "allow"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"brnch": "main"}', 'unknown field "brnch"'),
        (b'{"branch": "main", "branch": "dev"}', "a key stands twice"),
        (b'{"branch": 5}', '"branch" is a string or null'),
        (b"[" * 100_000, "not JSON"),
        (b"\xff", "not JSON"),
        (b'{"command": "a/b", "server": "c"}', 'the server of command "a/b" is "a", not "c"'),
        (b'{"command": "a/b", "resource": "c"}', 'not by "command" and "resource"'),
        (b'{"time": "yesterday"}', "RFC 3339"),
        (b'{"provenance": {"job": "certain"}}', "attested, derived, enriched or asserted"),
    ],
)
def test_a_request_that_cannot_be_read_is_named(
    good: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], data: bytes, said: str
) -> None:
    assert decide(monkeypatch, good, data) == 2
    printed = capsys.readouterr()
    assert "error[HG060]" in printed.err
    assert said in printed.err
    assert printed.out == ""


def test_watch_notices_changes(good: Path) -> None:
    stop = threading.Event()
    seen = changes([str(good.parent)], stop)
    assert next(seen) == 0
    (good.parent / "new.hoop").write_text("", encoding="utf-8")
    assert next(seen) == 1
    stop.set()
    assert list(seen) == []


def test_the_base_alone_checks_a_policy(good: Path) -> None:
    """Nothing but Lark may be needed: every other third-party module is hidden."""
    script = (
        "import sys\n"
        "class Only:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        top = name.partition('.')[0]\n"
        "        if top in sys.stdlib_module_names or top in ('lark', 'policy_lang') or top.startswith('_'):\n"
        "            return None\n"
        "        raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Only())\n"
        "from policy_lang.__main__ import run\n"
        f"path = {str(good)!r}\n"
        "sys.exit(run(['check', path]) or run(['test', path]) or run(['fmt', '--diff', path]) * 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env={**os.environ}
    )
    assert done.returncode == 0, done.stderr
    assert "2 tests, none failed" in done.stdout
