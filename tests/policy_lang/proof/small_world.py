"""Policies over a small alphabet, and every request of a world that is small enough to try them all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from hoop_strategies import RuleText, text_of
from hypothesis import strategies as st

import policy_lang
from policy_lang.load import examine
from policy_lang.policy import Policy
from policy_lang.source import Source

BRANCHES = ["a", "b", "a/*", "*", "**", "*a", "*a*", "a*b", "**/b", "/", "ab"]
REGEXES = ["/a+/", "/[ab]*/", "/a(b|.a)?/", "/[^a]+/"]
CONDITIONS = [
    "reviewed true",
    "reviewed not true",
    'command "s/a"',
    'command "s/*"',
    'command "s/**"',
    'command not "s/b"',
    'command "*/a"',
    'server "s"',
    'server not "s"',
    'resource "a*"',
    "when args.n <= 1",
    "when args.n > 0",
    "when args.n == 1",
    "when args.n default 1 >= 1",
    "when exists args.n",
    "when not exists args.n",
    'when args.n == "a"',
    'when args.n != "a"',
    'when args.n contains "a"',
    'when any args.n[*] == "a"',
    'when all args.n[*] == "a"',
    'when args.n[0] == "a" or args.n[1] == 1',
    "when args.n.k == 1",
    "when args.n.k default 2 < 2",
    "when exists args.n.k and args.n.k != 1",
    "when reviewed == true or args.n < 1",
    "when not (exists branch and args.n >= 1)",
    'group "a*"',
    'group not "a"',
    'group "b", "ab"',
    "when exists group",
    'when claim("c") == "a"',
    'when claim("c") != 1',
    'source_ip "10.0.0.0/8"',
    'source_ip not "::/0"',
]
EFFECTS = [
    "allow",
    "allow mask none",
    "allow mask ssn",
    "allow mask phone with partial",
    "allow record full",
    'deny because "no"',
    "require approval",
    'require approval from "g"',
    'require approval from "g", "h" count 2',
    "mask ssn, name",
    "mask phone with token",
    "limit 3 per 1h",
    "record off",
    "retain 1d",
    'allow grant "r" for 5m',
    'allow grant "w" for 5m',
]
ALLOWED = [
    "allowed",
    "allowed",
    "allowed without approval",
    'allowed without approval from "g"',
    'allowed without approval from "h", "g"',
    "allowed without mask ssn",
    "allowed without mask ssn, name",
    "allowed without mask phone with partial",
    "allowed without mask phone with token",
    "allowed without mask name with redact",
    "allowed without approval without mask ssn",
]


def lines() -> st.SearchStrategy[str]:
    texts = st.sampled_from([f'"{text}"' for text in BRANCHES] + REGEXES)
    branch = st.builds(
        lambda negated, some: f"branch {'not ' if negated else ''}{', '.join(some)}",
        st.booleans(),
        st.lists(texts, min_size=1, max_size=2, unique=True),
    )
    return st.one_of(branch, st.sampled_from(CONDITIONS))


@st.composite
def rule_lists(draw: st.DrawFn, most: int = 5) -> list[RuleText]:
    out: list[RuleText] = []
    for number in range(draw(st.integers(1, most))):
        body = (*draw(st.lists(lines(), max_size=2)), draw(st.sampled_from(EFFECTS)))
        if out and draw(st.integers(0, 4)) == 0:
            body = (f'unless "{draw(st.sampled_from(out)).name}"', *body)
        out.append(RuleText(f"r{number}", body, draw(st.integers(0, 9)) == 0))
    return out


@st.composite
def nevers(draw: st.DrawFn) -> str:
    body = (*draw(st.lists(lines(), max_size=2)), draw(st.sampled_from(ALLOWED)))
    return f'never "n" {{ {chr(10).join(body)} }}\n'


def policy_of(rules: list[RuleText], more: str = "") -> Policy | None:
    """The policy, its `never`s unproved; None where something else is wrong with it."""
    meaning, _, _, found = examine([Source("small.hoop", text_of(rules) + more)])
    return None if any(one.severity == "error" for one in found) else Policy(meaning)


_TEXTS = ["a", "b", "ab", "/", "a/b", "ba", "aab", "", "a/", "c"]
_MISSING = object()
_BRANCHES = [_MISSING, None, *_TEXTS]
_CALLS: list[dict[str, Any]] = [
    {"command": "s/a"},
    {"command": "s/b"},
    {"command": "s/a/b"},
    {"command": "t/a"},
    {"server": "s", "resource": "ab"},
    {"resource": "b"},
    {"server": "t", "prompt": "p"},
    {"server": "s"},
    {},
    {"command": None, "resource": None, "prompt": None, "method": None, "server": None},
]
_NUMBERS = [
    _MISSING, 0, 1, 0.5, 2, "a", "b", True, None, [], ["a"], ["a", 1], ["b"], ["b", "a"],
    {}, {"k": 1}, {"k": "a"}, {"k": 3},
]  # fmt: skip


def world() -> Iterator[dict[str, Any]]:
    """Every request over branch, call and the argument n; reviewed, groups and claims go round beside them."""
    others = list(_others())
    for number, (branch, call, n) in enumerate(product(_BRANCHES, _CALLS, _NUMBERS)):
        data = {**call, "provenance": "attested", **others[number % len(others)]}
        if branch is not _MISSING:
            data["branch"] = branch
        if n is not _MISSING:
            data["args"] = {"n": n}
        yield data


def _others() -> Iterator[dict[str, Any]]:
    groups = [_MISSING, None, [], ["a"], ["ab", "x"], ["b"]]
    reviewed = [_MISSING, None, True, False]
    claims = [_MISSING, {}, {"c": "a"}, {"c": 1}, {"c": None}]
    addresses = [_MISSING, "10.1.1.1", "::ffff:10.1.1.1", "2001:db8::1", None]
    for number in range(61):  # prime to the sizes of the others, so that all meet all
        said = {
            "group": groups[number % 6],
            "reviewed": reviewed[number % 4],
            "claims": claims[number % 5],
            "source_ip": addresses[number // 3 % 5],
        }
        yield {key: value for key, value in said.items() if value is not _MISSING}


REQUESTS = [policy_lang.Request.from_json(data) for data in world()]
