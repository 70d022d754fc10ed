"""What pipelines run: one program, behind the GitHub Action's script, the GitLab component and the pre-commit hooks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from policy_lang.pipeline import MARK, run

ROOT = Path(__file__).resolve().parents[2]
POLICY = """
rule "reads" { branch "main"  command "ehr/read"  allow  mask all }
test "main reads" { branch "main"  command "ehr/read"  expect allow }
test "dev does not" { branch "dev"  command "ehr/read"  expect deny }
"""


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *who, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit of one policy, as the current directory."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "p.hoop").write_text(POLICY)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "policy")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def widen(repository: Path) -> None:
    place = repository / "policies" / "p.hoop"
    place.write_text(place.read_text().replace('branch "main"  command "ehr/read"  allow', 'command "ehr/read"  allow')
                     .replace("expect deny", "expect allow"))  # fmt: skip


def test_reports_are_written_and_what_changes_is_told(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policies", "--base", "HEAD"]) == 0
    assert "no decision changes" in capsys.readouterr().out
    widen(repository)
    assert run(["policies", "--base", "HEAD"]) == 0
    assert run(["policies", "--base", "HEAD", "--fail-on", "widening", "--output", "out"]) == 1
    text = (repository / "out" / "diff.md").read_text()
    assert text.startswith(MARK)
    assert "deny → allow" in text
    assert json.loads((repository / "out" / "check.sarif").read_text())["version"] == "2.1.0"
    assert 'tests="2"' in (repository / "out" / "tests.xml").read_text()


def test_a_new_policy_is_compared_with_one_that_permits_nothing(repository: Path) -> None:
    (repository / "more").mkdir()
    (repository / "more" / "q.hoop").write_text(POLICY)
    assert run(["more", "--base", "HEAD", "--fail-on", "widening"]) == 1
    assert "which is new" in (repository / "hoop-report" / "diff.md").read_text()


def test_a_base_that_was_not_fetched_is_no_new_policy(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policies", "--base", "0" * 40]) == 2
    assert "fetch-depth: 0" in capsys.readouterr().err


def test_findings_fail_and_are_annotated(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "policies" / "p.hoop").write_text(POLICY.replace("branch", "brnch"))
    assert run(["policies", "--annotations", "--base", "HEAD"]) == 1
    assert "::error file=policies/p.hoop" in capsys.readouterr().out
    assert run(["nowhere"]) == 2


def test_tests_that_do_not_bite_fail(repository: Path) -> None:
    assert run(["policies", "--mutation-score", "5"]) == 0
    assert run(["policies", "--mutation-score", "100"]) == 1
    (report,) = json.loads((repository / "hoop-report" / "mutation.json").read_text())
    assert report["survived"] > 0


# ---- the Action's script, on this machine ----------------------------------------------------------------------------


def action(repository: Path, **more: str) -> subprocess.CompletedProcess[str]:
    stub = repository / "bin" / "gh"
    stub.parent.mkdir(exist_ok=True)
    stub.write_text(f'#!/bin/sh\necho "$@" > {repository}/gh.said\n')
    stub.chmod(0o755)
    path = f"{stub.parent}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "GITHUB_STEP_SUMMARY": str(repository / "summary"), **more}
    return subprocess.run(
        [str(ROOT / "ci" / "check-policies.sh")], cwd=repository, capture_output=True, text=True, check=False,
        env=environment,
    )  # fmt: skip


def test_the_action_comments_and_fails_as_it_is_told(repository: Path) -> None:
    widen(repository)
    ran = action(repository, POLICY="policies", BASE="HEAD", FAIL_ON="widening", COMMENT="true", PULL_REQUEST="7")
    assert ran.returncode == 1, ran.stderr
    assert (repository / "gh.said").read_text().startswith("pr comment 7 ")
    assert "deny → allow" in (repository / "summary").read_text()
    calm = action(repository, POLICY="policies", BASE="", OUTPUT="calm")
    assert (calm.returncode, (repository / "calm" / "diff.md").exists()) == (0, False)


def test_the_action_hands_its_inputs_to_the_script() -> None:
    described: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
    script = (ROOT / "ci" / "check-policies.sh").read_text()
    handed = described["runs"]["steps"][-1]["env"]
    assert {name for name in handed if name != "ACTION"} == {
        name for name in ("POLICY", "BASE", "FAIL_ON", "MUTATION_SCORE", "COMMENT", "PULL_REQUEST", "OUTPUT")
        if f"${{{name}:-" in script
    }  # fmt: skip
    said = " ".join(map(str, handed.values()))
    assert all(f"inputs.{name} " in said for name in described["inputs"])
    assert "${{" not in "".join(step["run"] for step in described["runs"]["steps"])  # nothing is pasted into a shell


def test_the_component_and_the_hooks_run_commands_that_exist() -> None:
    _, job = yaml.safe_load_all((ROOT / "templates" / "check-policies.yml").read_text().replace("$[[", "[["))
    (steps,) = job.values()
    assert 'python -m policy_lang.pipeline "$@"' in steps["script"]
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert [hook["entry"] for hook in hooks] == ["hoopgate fmt", "hoopgate check", "hoopgate test"]


def test_the_components_script_runs_here(repository: Path) -> None:
    text = (ROOT / "templates" / "check-policies.yml").read_text().replace("$[[", "[[")
    _, job = yaml.safe_load_all(text)
    (steps,) = job.values()
    widen(repository)
    said = {"POLICY": "policies", "FAIL_ON": "widening", "MUTATION_SCORE": "", "CI_MERGE_REQUEST_DIFF_BASE_SHA": "HEAD"}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        ["sh", "-ec", "\n".join(steps["script"])], cwd=repository, capture_output=True, text=True, check=False,
        env={**os.environ, "PATH": path, **said},
    )  # fmt: skip
    assert ran.returncode == 1, ran.stderr
    assert (repository / "hoop-report" / "diff.md").exists()


def test_the_base_alone_is_enough(repository: Path) -> None:
    """Nothing but Lark may be needed: every other third-party module is hidden."""
    script = """
import sys
class Only:
    def find_spec(self, name, path=None, target=None):
        top = name.partition('.')[0]
        if top in sys.stdlib_module_names or top in ('lark', 'policy_lang') or top.startswith('_'):
            return None
        raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Only())
from policy_lang.__main__ import run
from policy_lang.pipeline import run as pipeline
sys.exit(pipeline(['policies', '--base', 'HEAD', '--mutation-score', '1']) or run(['test', '--mutate', 'policies'])
         or run(['decide', 'policies', 'r.json', '--explain']))
"""
    (repository / "r.json").write_text('{"branch": "dev", "command": "ehr/read", "provenance": "attested"}')
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "what would turn it" in done.stdout
