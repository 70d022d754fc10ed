"""`hoopgate check` on nevers and `hoopgate diff`: formats, revisions, exit codes."""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path

import pytest

import policy_lang
from policy_lang.command import add_commands
from policy_lang.proof.revisions import sources_at

OLD = 'rule "reads" { command "ehr/read_*" branch "main" allow mask ssn, name }\n'
NEW = 'rule "reads" { command "ehr/read_*" branch "main", "release/*" allow mask ssn, name }\n'
NEVER = 'never "unmasked" { allowed without mask ssn }\n'


def run(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="hoopgate")
    add_commands(parser.add_subparsers(required=True))
    arguments = parser.parse_args(words)
    status: int = arguments.run(arguments)
    return status


@pytest.fixture
def sides(tmp_path: Path) -> tuple[str, str]:
    old, new = tmp_path / "old.hoop", tmp_path / "new.hoop"
    old.write_text(OLD, encoding="utf-8")
    new.write_text(NEW, encoding="utf-8")
    return str(old), str(new)


@pytest.mark.parametrize("form", ["json", "sarif", "github", "text"])
def test_check_shows_the_request_that_breaks_a_never_in_every_format(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "p.hoop"
    path.write_text(OLD.replace("mask ssn, name", "mask name") + NEVER, encoding="utf-8")
    assert run(["check", "--format", form, str(path)]) == 1
    said = "".join(capsys.readouterr())
    assert "HG046" in said
    assert "ehr/read_" in said
    if form == "json":
        request = json.loads(said)[0]["request"]
        decision = policy_lang.compile(OLD.replace("mask ssn, name", "mask name")).decide(
            policy_lang.Request.from_json(request)
        )
        assert decision.effect == "allow"
        assert "ssn" not in decision.mask


def test_check_is_fine_with_a_never_that_is_proved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "p.hoop"
    path.write_text(OLD + NEVER, encoding="utf-8")
    assert run(["check", str(path)]) == 0
    assert "fine" in capsys.readouterr().out


def test_diff_says_first_how_much_and_then_what(sides: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", *sides]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0] == "1 widening, no narrowings"
    assert "widening: deny → allow" in said
    assert '"reads" (changed)' in said
    assert '"branch": "release/x"' in said


@pytest.mark.parametrize(("on", "forth", "back"), [("widening", 1, 0), ("narrowing", 0, 1), ("any", 1, 1)])
def test_diff_fails_on_what_it_is_told_to(on: str, forth: int, back: int, sides: tuple[str, str]) -> None:
    assert run(["diff", *sides, "--fail-on", on]) == forth
    assert run(["diff", *reversed(sides), "--fail-on", on]) == back
    assert run(["diff", sides[0], sides[0], "--fail-on", on]) == 0


def test_diff_fails_where_it_could_not_decide(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "".join(f'rule "p{n}" {{ branch "*{chr(97 + n)}{chr(98 + n)}*" allow }}\n' for n in range(20))
    (tmp_path / "a.hoop").write_text(text, encoding="utf-8")
    (tmp_path / "b.hoop").write_text(text + 'rule "z" { branch "*q*z*" allow }', encoding="utf-8")
    words = ["diff", str(tmp_path / "a.hoop"), str(tmp_path / "b.hoop")]
    assert run(words) == 0
    assert "not decided: " in capsys.readouterr().out
    assert run([*words, "--fail-on", "narrowing"]) == 1


def test_diff_as_json_is_data(sides: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", *sides, "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["widenings"], data["narrowings"], data["complete"]) == (1, 0, True)
    (change,) = data["changes"]
    assert change["directions"] == ["widening"]
    assert change["rules"] == {"old": ["reads"], "new": ["reads"]}
    for text, key in ((OLD, "before"), (NEW, "after")):
        decision = policy_lang.compile(text).decide(policy_lang.Request.from_json(change["request"]))
        assert decision.to_json()["effect"] == change[key]["effect"]


def test_diff_as_a_comment_lets_no_name_turn_into_markup(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule = 'rule "@everyone `|` <img src=x> ``" { branch "``` \\n# no" allow }\n'
    (tmp_path / "a.hoop").write_text(OLD, encoding="utf-8")
    (tmp_path / "b.hoop").write_text(OLD + rule, encoding="utf-8")
    assert run(["diff", str(tmp_path / "a.hoop"), str(tmp_path / "b.hoop"), "--format", "markdown"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("### Policy: 1 widening, no narrowings\n")
    rows = [line for line in said.splitlines() if line.startswith("| ▲")]
    assert len(rows) == 1
    assert "```" in rows[0].replace("\\|", "")  # the name's own backticks are fenced by more of them
    assert "````json" in said
    assert "\n# no" not in said


def test_diff_reads_git_revisions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    policies = tmp_path / "policies"
    policies.mkdir()
    for number, text in enumerate((OLD, NEW)):
        (policies / "a.hoop").write_text(text, encoding="utf-8")
        (policies / "notes.txt").write_text("not a policy", encoding="utf-8")
        if not number:
            _git("init", "-q")
        _git("add", ".")
        _git("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "x", "--no-gpg-sign")
    for old, new in (("HEAD~1:policies/", "policies"), ("HEAD~1:policies", "HEAD:policies/a.hoop"),
                     ("HEAD~1:policies/a.hoop", "policies/a.hoop"), ("HEAD~1:", "HEAD:"),
                     ("HEAD~1", "HEAD"), ("HEAD~1", ".")):  # fmt: skip
        assert run(["diff", old, new]) == 0
        assert capsys.readouterr().out.startswith("1 widening, no narrowings")
    for place in ("HEAD~9", "HEAD~9:policies", "HEAD:nothing", ":", "HEAD:policies/notes.txt:"):
        assert run(["diff", place, "policies"]) == 2
        assert "error[HG007]" in capsys.readouterr().err
    monkeypatch.chdir(policies)  # where git counts names from does not count
    for old, new in (("HEAD~1:policies", "."), ("HEAD~1:./", "HEAD:"), ("HEAD~1:./a.hoop", "a.hoop"), ("HEAD~1", ".")):
        assert run(["diff", old, new]) == 0
        assert capsys.readouterr().out.startswith("1 widening, no narrowings")


def test_a_revision_is_never_an_option_of_git() -> None:
    _, (found,) = sources_at("--output=x:policies")
    assert found.message == "no such path, and no git revision before the colon"


def _git(*words: str) -> None:
    subprocess.run(["git", *words], check=True, capture_output=True)


def test_a_side_that_is_no_policy_is_unreadable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.hoop").write_text(OLD, encoding="utf-8")
    (tmp_path / "b.hoop").write_text('rule "x" { brnch "a" allow }', encoding="utf-8")
    assert run(["diff", str(tmp_path / "a.hoop"), str(tmp_path / "b.hoop")]) == 2
    assert "error[HG010]" in capsys.readouterr().err
    assert run(["diff", str(tmp_path / "a.hoop"), str(tmp_path / "none")]) == 2


def test_a_side_that_breaks_its_own_never_can_still_be_compared(tmp_path: Path) -> None:
    (tmp_path / "a.hoop").write_text(OLD + 'never "n" { allowed }', encoding="utf-8")
    (tmp_path / "b.hoop").write_text(OLD, encoding="utf-8")
    assert run(["diff", str(tmp_path / "a.hoop"), str(tmp_path / "b.hoop"), "--fail-on", "any"]) == 0
