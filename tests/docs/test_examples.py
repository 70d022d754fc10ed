"""Every example in the documentation is run: policies compile, Python runs, commands print what the page says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import policy_lang

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md")])
SHOWN_ONLY = {"sh", "yaml", "text", "mermaid", "ini", "dockerfile", "http", "javascript", "typescript", "ebnf", ""}
WRITTEN = {"json", "toml", "text", "csv"}
_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    kind: str
    name: str
    body: str
    line: int


def _blocks(text: str) -> Iterator[Block]:
    for found in _FENCE.finditer(text):
        kind, _, name = found["info"].strip().partition(" ")
        yield Block(kind, name.strip(), found["body"], text.count("\n", 0, found.start()) + 1)


def _matches(expected: str, printed: str) -> bool:
    pattern = re.escape(expected.strip()).replace(re.escape("..."), ".*")
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


def _steps(block: Block) -> Iterator[tuple[str, str, int | None]]:
    """Each command of a console block, what it should print, and its exit status where the page tells it."""
    for step in re.split(r"^\$ ", block.body, flags=re.MULTILINE)[1:]:
        command, _, expected = step.partition("\n")
        while command.endswith("\\"):
            more, _, expected = expected.partition("\n")
            command = command[:-1] + more
        status = re.search(r"^\[exit (\d+)\]\s*\Z", expected, re.MULTILINE)
        yield command, expected[: status.start()] if status else expected, int(status[1]) if status else None


def _console(block: Block, folder: Path) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for command, expected, status in _steps(block):
        ran = subprocess.run(
            command, shell=True, cwd=folder, capture_output=True, text=True, env=environment, timeout=300, check=False
        )
        printed = ran.stdout + ran.stderr
        assert _matches(expected, printed), f"line {block.line}: `{command}` printed\n{printed}\nnot\n{expected}"
        assert status in (None, ran.returncode), f"line {block.line}: `{command}` exited with {ran.returncode}"


def _hoop(block: Block, folder: Path) -> None:
    if block.name == "error":
        with pytest.raises(policy_lang.PolicyError):
            policy_lang.compile(block.body, name="example.hoop")
        return
    policy_lang.compile(block.body, name=block.name or "example.hoop")
    if block.name:
        _write(block, folder)


def _write(block: Block, folder: Path) -> None:
    place = folder / block.name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(block.body, encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_do_what_it_says(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "example"}
    for block in _blocks(page.read_text(encoding="utf-8")):
        if block.kind == "hoop":
            _hoop(block, tmp_path)
        elif block.kind == "python":
            exec(compile(block.body, f"{page.name}:{block.line}", "exec"), names)
        elif block.kind == "console":
            _console(block, tmp_path)
        elif block.name and block.kind in WRITTEN:
            _write(block, tmp_path)
        else:
            assert block.kind in SHOWN_ONLY | WRITTEN, f"line {block.line}: unknown kind of block `{block.kind}`"


def test_every_page_is_in_one_of_the_four_folders() -> None:
    found = {page.relative_to(ROOT / "docs").parts[0] for page in (ROOT / "docs").glob("**/*.md")}
    assert found == {"README.md", "tutorial", "how-to", "reference", "explanation"}


def test_the_pages_name_no_machine_of_ours() -> None:
    own = re.compile(r"/work/|/root/|/home/[a-z]|file:///tmp")
    assert [page.name for page in PAGES if own.search(page.read_text(encoding="utf-8"))] == []
