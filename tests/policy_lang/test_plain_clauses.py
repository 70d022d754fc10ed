"""A clause that is read as one word gives the nodes that the single words give, each in its place."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path
from typing import Any

import pytest
from lark.exceptions import UnexpectedInput

from policy_lang.parse import NotPlainError, declarations_in

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "tests/language").rglob("*.hoop"), *(ROOT / "examples").rglob("*.hoop")])
CLAUSES = [
    'branch "main"', 'branch not "main"', 'branch "a", "b"', 'branch "a" ,"b"', 'branch "a",', "reviewed true",
    "reviewed not false", 'reviewed true, "x"', 'command "s/t"', 'with "x"', "with { a: 1 }", 'when "x"',
    'unless "a"', 'allow "x"', 'brunch "x"', "x true", "when args.a <= 1", "when args.a-b == true",
    'when args.a != "x y"', "when args.a <= -5", "when args.a <= 1.5", "and args.b > 2", "or exists args.b",
    'when args.a["b"] == 1', 'when args.a == "x\\n"', "when args.a == null", "mask name", "mask name, ssn",
    "mask all", "mask none", "mask true", "mask not", "mask allow", "with redact", "except name", "mask name,ssn",
    "allow", "within", "a", "", "record full", 'deny because "x"', 'require approval from "x"', 'from "x"', 'as "x"',
    'rule "x"', "# a comment", "}", "args.x", 'asserted', 'asserted branch "x"', 'expect', 'expect mask name', 'when',
    'branch', ',', '"c"', "order x", "android x", "d",
]  # fmt: skip


def spelled(node: Any) -> Any:
    """A node as data, with where it and its parts stand."""
    if isinstance(node, (list, tuple)):
        return [spelled(one) for one in node]
    if not dataclasses.is_dataclass(node):
        return node
    return [type(node).__name__, *(spelled(getattr(node, field.name)) for field in dataclasses.fields(node))]


def read(text: str, plain: bool) -> Any:
    try:
        return spelled(declarations_in(text, 0, len(text), plain))
    except (UnexpectedInput, NotPlainError):
        return None


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files(path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "replace")
    assert read(text, True) == read(text, False)


@pytest.mark.parametrize("kind", ["rule", "test", "never"])
def test_lines_of_all_sorts(kind: str) -> None:
    dice = random.Random(kind)
    both = 0
    for _ in range(1500):
        ends = ("\n", "\n", "\n", "\r\n", " ", "  \n\n", "\t\n", "")
        text = (
            f'{kind} "x" {{\n'
            + "".join(dice.choice(CLAUSES) + dice.choice(ends) for _ in range(dice.randint(1, 4)))
            + "}\n"
        )
        alike = read(text, False)
        assert read(text, True) in (alike, None), text
        both += alike is not None
    assert both > 50
