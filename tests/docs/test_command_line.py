"""The command line's page is the parsers', and every command says what it does."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from adapter_asgi import cli
from adapter_asgi.reference import page, walk

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "command-line.md"
COMMANDS = {path: (summary, parser) for path, summary, parser in walk(cli._parser()) if summary is not None}
PROMISED = (
    *("check", "fmt", "test", "decide", "diff", "lsp", "mask", "serve", "verify", "export", "report", "retain"),
    *("sessions list", "sessions show", "sessions replay", "approvals list", "approvals show", "approvals approve"),
    *("approvals refuse", "hold set", "hold lift", "hold list", "lock", "keys list", "erase", "reindex", "proof"),
    *("review sign", "review list", "ship", "whoami", "reload", "demo", "backtest"),
)


def test_the_page_is_what_the_parsers_say() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == page(text), "run: python -m adapter_asgi.reference docs/reference/command-line.md"


@pytest.mark.parametrize("name", PROMISED)
def test_a_promised_command_is_there(name: str) -> None:
    assert f"hoopgate {name}" in COMMANDS


def test_every_command_and_argument_says_what_it_is() -> None:
    for path, (summary, parser) in COMMANDS.items():
        assert summary, f"{path} has no help"
        assert parser.description, f"{path} has no description"
        assert parser.description.endswith("."), f"{path}: a description is a sentence"
        for action in parser._actions:
            assert action.help or isinstance(action, argparse._SubParsersAction), f"{path} {action.dest} has no help"


def test_every_list_can_be_had_as_json() -> None:
    for path, (_, parser) in COMMANDS.items():
        if path.endswith((" list", " show")):
            assert "--json" in parser._option_string_actions, path


def test_every_code_of_masking_and_evidence_is_on_a_page() -> None:
    root = PAGE.parents[2]
    sources = [
        path.read_text(encoding="utf-8") for part in ("masking", "recorder") for path in root.glob(f"{part}/**/*.py")
    ]
    codes = {code for text in sources for code in re.findall(r'"(H[MR]\d{3})"', text)} - {"HR000"}
    text = PAGE.read_text(encoding="utf-8")
    for first, last in re.findall(r"(HM\d{3}) to HM(\d{3})", text):
        codes -= {f"HM{number:03}" for number in range(int(first[2:]), int(last) + 1)}
    assert {code for code in codes if code not in text} == set()


def test_a_part_that_cannot_be_loaded_still_has_all_its_names() -> None:
    named = {name for _, _, names in cli._GROUPS for name in names}
    base = {"check", "test", "fmt", "decide", "diff", "lsp"}
    assert {path.split()[1] for path in COMMANDS} == named | base


@pytest.mark.parametrize(
    ("package", "extra"), [("pygls", "lsp"), ("reportlab", "report"), ("asyncpg", "postgres"), ("starlette", "gateway")]
)
def test_a_missing_package_is_told_with_the_extra_that_brings_it(
    package: str, extra: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli._missing(ModuleNotFoundError(name=package)) == 2
    assert f"pip install 'hoopgate[{extra}]'" in capsys.readouterr().err


def test_contributing_names_every_module_that_makes_a_page() -> None:
    root = PAGE.parents[2]
    told = set(re.findall(r"^python -m (\S+)", (root / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE))
    made = {
        path
        for page in root.glob("docs/reference/*.md")
        for path in re.findall(r"`python -m ([\w.]+)[ `]", page.read_text())
    }
    assert told == made - {"policy_lang"}
