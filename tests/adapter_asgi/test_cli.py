"""`hoopgate`: one name for every command, useful messages, and nothing but Lark needed for a policy's CI."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from adapter_asgi import cli
from adapter_asgi.errors import AdapterError

LARK_ALONE = """
import sys

class Gone:
    allowed = {"policy_lang", "masking", "recorder", "gate", "adapter_asgi", "lark"} | set(sys.stdlib_module_names)
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in self.allowed or top.startswith("_"):
            return None
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Gone())
from adapter_asgi.cli import run
sys.exit(run(sys.argv[1:]))
"""


def _with_lark_alone(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LARK_ALONE, *words], cwd=cwd, capture_output=True, text=True, check=False, timeout=300
    )


def test_a_policy_is_checked_with_lark_alone(tmp_path: Path) -> None:
    (tmp_path / "p.hoop").write_text('rule "r" {\n    command "ehr/read"\n    allow\n    mask all\n}\n')
    ran = _with_lark_alone("check", "p.hoop", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (["serve"], "gateway"),
        (["approvals", "list"], "gateway"),
        (["verify", "."], "recorder"),
        (["mask", "-"], "masking"),
        (["demo"], "demo"),
    ],
)
def test_a_command_whose_extra_is_missing_says_which_one_to_install(
    tmp_path: Path, words: list[str], extra: str
) -> None:
    ran = _with_lark_alone(*words, cwd=tmp_path)
    assert ran.returncode == 2, ran.stderr
    assert f"hoopgate[{extra}]" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_every_command_of_the_design_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.run(["--help"])
    assert left.value.code == 0
    shown = capsys.readouterr().out
    for name in ("check", "fmt", "test", "decide", "mask", "serve", "sessions", "approvals", "verify", "demo"):
        assert name in shown


@pytest.mark.parametrize("words", [[], ["nonsense"], ["approvals"], ["approvals", "approve"]])
def test_wrong_usage_is_two(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.run(words)
    assert left.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.run(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith("hoopgate ")


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (AdapterError("CFG03", "unknown key", "did you mean"), 2, "error[CFG03]: unknown key\n  help: did you mean"),
        (AdapterError("APR03", "your own"), 1, "error[APR03]: your own"),
        (PermissionError(13, "Permission denied", "x.toml"), 2, "Permission denied: x.toml"),
        (ZeroDivisionError("with a secret"), 2, "a fault of hoopgate itself (ZeroDivisionError)"),
        (ModuleNotFoundError("No module named 'aiohttp'", name="aiohttp"), 2, "hoopgate[gateway]"),
        (ModuleNotFoundError("No module named 'gate.x'", name="gate.x"), 2, "lacks gate.x"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_an_error_is_a_message_and_a_status(
    error: BaseException, status: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Parser:
        def parse_args(self, _: object) -> object:
            raise error

    monkeypatch.setattr(cli, "_parser", Parser)
    assert cli.run([]) == status
    shown = capsys.readouterr().err
    assert said in shown
    assert "secret" not in shown


def test_a_reader_that_leaves_is_no_fault(tmp_path: Path) -> None:
    script = textwrap.dedent("""
        import sys
        from adapter_asgi import cli
        class Parser:
            def parse_args(self, _):
                class Args:
                    @staticmethod
                    def run(_):
                        for _ in range(100_000):
                            print("line")
                        return 0
                return Args
        cli._parser = Parser
        sys.exit(cli.run([]))
    """)
    shell = f'{sys.executable} -c "$SCRIPT" | head -1; exit ${{PIPESTATUS[0]}}'
    ran = subprocess.run(
        ["bash", "-c", shell], env={"SCRIPT": script, "PATH": "/usr/bin:/bin"}, capture_output=True, text=True,
        check=False, cwd=tmp_path,
    )  # fmt: skip
    assert ran.returncode == 141
    assert ran.stderr == ""
