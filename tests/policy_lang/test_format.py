"""fmt: one layout, the same meaning, every comment kept."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hoop_strategies import RuleText, rules, text_of
from hypothesis import given
from hypothesis import strategies as st

import policy_lang
from policy_lang.format import formatted
from policy_lang.parse import parse
from policy_lang.source import Source

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "tests/language").rglob("*.hoop"), *(ROOT / "examples").rglob("*.hoop")])
UNPRINTABLE = ("hidden", "contradictions")  # hidden characters; an approval that says a part twice
SPARE = """# a head

let trusted   =   "main" ,"release/*"   # why
let contact = phone,email


rule "one"   { branch trusted  command "ehr/read" , "ehr/search" # inner
  # before the effect
  allow mask   contact except email with token
  when   (args.a default 5)<=10   and not ( args.b=="x" or exists args["odd key"] ) and args.c in("a","b")

  require approval from "ops" count 2 within 5m for 1h
  # last
}
observe rule "two" { unless "one"  deny because "say \\"no\\"" record full }
detector chart = /CH-\\d+/   near "chart"
never "n" { branch not trusted   allowed without approval from "ops" }
given "g" { provider "github"  job none  group "a","b" }
test "t" { as "g"  command "ehr/read" with {limit:10,"odd key":[1,2.5,{a:null}],x:{}}
expect not rule "one"   expect deny }
# the end
"""


def fmt(text: str) -> str:
    return formatted(Source("x.hoop", text))


def test_the_layout() -> None:
    assert fmt(SPARE) == (Path(__file__).parent / "formatted.hoop").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_formatting_is_idempotent_and_keeps_the_nodes_and_the_comments(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    before, problems = parse(Source("x", text))
    if problems or path.stem in UNPRINTABLE:
        with pytest.raises(policy_lang.PolicyError):
            fmt(text)
        return
    once = fmt(text)
    after, problems = parse(Source("x", once))
    assert not problems
    assert after == before
    assert _comments(once) == _comments(text)
    assert fmt(once) == once


@given(rules(), st.randoms(use_true_random=False))
def test_whatever_is_loaded_is_the_same_after_formatting(policy: list[RuleText], dice: random.Random) -> None:
    text = _messed_up(text_of(policy), dice)
    once = fmt(text)
    assert parse(Source("x", once))[0] == parse(Source("x", text))[0]
    assert fmt(once) == once
    assert _comments(once) == _comments(text)
    try:
        digest = policy_lang.compile(text).digest
    except policy_lang.PolicyError:
        return
    assert policy_lang.compile(once).digest == digest


def _messed_up(text: str, dice: random.Random) -> str:
    """The text with comments, empty lines and odd spaces at the ends of its lines."""
    odd = ["", "", "", "  # c", "\n", "\n# alone\n", "   ", "\t", "\n\n\n"]
    return "\n".join(line + dice.choice(odd) for line in text.split("\n"))


def _comments(text: str) -> list[str]:
    file, _ = parse(Source("x", text))
    return [text[start:end].lstrip("# ").rstrip() for start, end in file.comments]


def test_digests_ignore_what_means_nothing() -> None:
    one = 'let t = "main", "dev"\nrule "a" { branch t  allow  mask none }\nrule "b" { mask ssn }\n'
    other = '# comment\nrule "b" { mask ssn }\nlet u = "dev", "main"\nrule "a" {\n  mask none\n  allow\n  branch u\n}\n'
    other += 'test "x" { command "a/b"  branch "main"  expect allow }\n'
    assert policy_lang.compile(one).digest == policy_lang.compile(other).digest


@pytest.mark.parametrize("change", ['branch "dev"', "deny", "mask name", "none", '"c"', "observe "])
def test_digests_see_what_means_something(change: str) -> None:
    text = 'rule "a" { branch "main"  allow  mask ssn }\n'
    changed = {
        'branch "dev"': text.replace('"main"', '"dev"'),
        "deny": text.replace("allow  mask ssn", 'deny because "x"'),
        "mask name": text.replace("mask ssn", "mask name"),
        "none": text.replace("mask ssn", "mask none"),
        '"c"': text.replace('"a"', '"c"'),
        "observe ": f"observe {text}",
    }[change]
    assert policy_lang.compile(text).digest != policy_lang.compile(changed).digest
