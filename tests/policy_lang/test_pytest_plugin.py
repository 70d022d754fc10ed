"""The pytest plugin, in a project of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
POLICY = """
let trusted = "main"
rule "reads" { branch trusted  command "ehr/read_*"  allow  mask all }
never "anything from elsewhere" { branch not trusted  allowed }
test "main reads" { branch "main"  command "ehr/read_a"  expect allow }
"""
WRONG = """
test "dev reads" { branch "dev"  command "ehr/read_a"  expect allow }
never "any read at all" { command "ehr/**"  allowed }
"""


def project(folder: Path, setting: str, **files: str) -> None:
    (folder / "pytest.ini").write_text(f"[pytest]\n{setting}\n", encoding="utf-8")
    (folder / "policies").mkdir()
    (folder / "test_own.py").write_text("def test_it():\n    pass\n", encoding="utf-8")
    for name, text in files.items():
        (folder / "policies" / f"{name}.hoop").write_text(text, encoding="utf-8")


def ran(folder: Path, *words: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-p", "policy_lang.pytest_plugin", "-p", "no:cacheprovider", *words]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)
    return done.returncode, done.stdout + done.stderr


def test_each_test_and_never_is_an_item(tmp_path: Path) -> None:
    project(tmp_path, "hoop_policies = policies", clinic=POLICY)
    status, text = ran(tmp_path, "-v")
    assert status == 0, text
    for name in ("check", "test main reads", "never anything from elsewhere"):
        assert f"policies/clinic.hoop::{name} PASSED" in text
    assert "4 passed" in text
    assert "1 passed" in ran(tmp_path, "-k", "elsewhere")[1]


def test_what_fails_says_what_check_says(tmp_path: Path) -> None:
    project(tmp_path, "hoop_policies = policies", clinic=POLICY, more=WRONG)
    status, text = ran(tmp_path, "-v")
    assert status == 1
    assert "policies/more.hoop::test dev reads FAILED" in text
    assert "policies/more.hoop::never any read at all FAILED" in text
    assert "policies/clinic.hoop::test main reads PASSED" in text  # both files are one policy
    assert "error[HG040]" in text
    assert "error[HG046]" in text
    assert "Traceback" not in text


def test_a_policy_that_cannot_be_read_is_one_item_that_says_why(tmp_path: Path) -> None:
    project(tmp_path, "hoop_policies = policies", clinic='rule "x" { brnch "main"  allow }')
    status, text = ran(tmp_path)
    assert (status, "error[HG010]" in text, "1 failed, 1 passed" in text) == (1, True, True)


def test_nobody_who_does_not_ask_is_disturbed(tmp_path: Path) -> None:
    project(tmp_path, "", clinic="no policy at all")
    status, text = ran(tmp_path)
    assert (status, "1 passed" in text) == (0, True)


def test_a_file_that_is_named_is_collected(tmp_path: Path) -> None:
    project(tmp_path, "", clinic=POLICY)
    assert "3 passed" in ran(tmp_path, "policies/clinic.hoop")[1]


def test_a_directory_of_policies_that_is_named_is_one_policy(tmp_path: Path) -> None:
    project(tmp_path, "", clinic=POLICY, more='rule "more" { branch trusted  command "ehr/more"  allow  mask all }\n')
    status, text = ran(tmp_path, "policies")
    assert (status, "4 passed" in text) == (0, True), text
    assert "4 passed" in ran(tmp_path / "policies")[1]
    (tmp_path / "policies" / "test_more.py").write_text("def test_it():\n    pass\n", encoding="utf-8")
    assert "1 passed" in ran(tmp_path, "policies")[1]


def test_the_distribution_registers_it_under_its_own_name() -> None:
    points = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["pytest11"]
    assert points == {"policy_lang.pytest_plugin": "policy_lang.pytest_plugin"}


@pytest.mark.parametrize("word", ["-p policy_lang.pytest_plugin", ""])
def test_loading_it_twice_is_loading_it_once(tmp_path: Path, word: str) -> None:
    project(tmp_path, "hoop_policies = policies", clinic=POLICY)
    assert "4 passed" in ran(tmp_path, *word.split())[1]
