"""Colours: made from the grammar, and checked on the language's own suite by the engine that editors use."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pygments.lexers import get_lexer_by_name
from pygments.token import Error

from policy_lang.editor.highlighting import GROUPS, textmate, words
from tests.npm import install

ROOT = Path(__file__).parents[3]
GRAMMAR = ROOT / "editors/vscode/syntaxes/hoop.tmLanguage.json"
POLICIES = sorted(path for path in (ROOT / "tests/language").rglob("*.hoop") if "diagnostics" not in path.parts)
PACKAGES = ("vscode-textmate@9.3.2", "vscode-oniguruma@2.0.1")


def test_the_grammar_that_is_shipped_is_the_one_that_the_language_gives() -> None:
    assert json.loads(GRAMMAR.read_text()) == textmate()


def test_every_word_of_the_language_has_a_colour() -> None:
    coloured = {word for group in GROUPS.values() for word in group}
    assert words() <= coloured


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_pygments_reads_every_policy_without_an_error_and_loses_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tokens = list(get_lexer_by_name("hoop", stripnl=False, ensurenl=False).get_tokens(text))
    assert "".join(value for _, value in tokens) == text.replace("\r\n", "\n")
    assert not [value for kind, value in tokens if kind is Error]


@pytest.fixture(scope="session")
def engine() -> Path:
    return install(ROOT / "build/textmate", *PACKAGES)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_engine_of_editors_colours_the_whole_suite(engine: Path) -> None:
    command = ["node", str(Path(__file__).parent / "textmate.mjs"), str(engine), str(GRAMMAR)]
    given = json.dumps([str(path) for path in POLICIES])
    ran = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
    tokens: list[tuple[str, str]] = [tuple(json.loads(line)) for line in ran.stdout.splitlines()]
    plain = {text for text, scope in tokens if scope == "source.hoop" and re.search(r"[A-Za-z0-9\"{}]", text)}
    assert not plain
    scopes: dict[str, Any] = {}
    for text, scope in tokens:
        scopes.setdefault(text, set()).add(scope)
    assert scopes["rule"] == {"keyword.declaration.hoop"}
    assert scopes["allow"] == {"keyword.control.verdict.hoop"}
    assert scopes["branch"] == {"support.type.attribute.hoop"}


def test_the_extension_names_files_that_exist() -> None:
    folder = ROOT / "editors/vscode"
    package = json.loads((folder / "package.json").read_text())
    [grammar], [language] = package["contributes"]["grammars"], package["contributes"]["languages"]
    assert all((folder / name).is_file() for name in (package["main"], grammar["path"], language["configuration"]))
    json.loads((folder / language["configuration"]).read_text())
    if node := shutil.which("node"):
        subprocess.run([node, "--check", str(folder / package["main"])], check=True)
