"""Hypothesis strategies for policies and requests over a small world, so that rules and requests meet often."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

ATTRIBUTES = {
    "branch": ['"main"', '"release/*"', '"dev"', "/ma(in|ster)/", '"**"'],
    "repository": ['"acme/etl"', '"acme/*"', '"other/x"'],
    "environment": ['"production"', '"prod*"', '"staging"'],
    "job": ['"nightly-etl"', '"nightly-*"'],
    "caller": ['"ci"', '"person"'],
    "group": ['"ops"', '"dev*"'],
    "reviewed": ["true", "false"],
    "protected": ["true", "false"],
    "source_ip": ['"10.0.0.0/8"', '"2001:db8::/32"'],
}
ADDRESSES = {
    "command": ['"ehr/read_a"', '"ehr/*"', '"ehr/**"', '"*/read_a"', '"db/query"'],
    "server": ['"ehr"', '"db"'],
    "resource": ['"file:///a"', '"file:///*"'],
    "method": ['"sampling/createMessage"'],
}
TESTS = [
    "args.limit <= 10",
    "args.limit > 3",
    "args.limit == 5",
    "args.limit != 5",
    'args.name == "x"',
    'args.name in ("x", "y")',
    'args.name matches "x*"',
    'args.name startswith "x"',
    'args.name contains "y"',
    "args.flag == true",
    'any args.ids[*] == "x"',
    'all args.ids[*] startswith "x"',
    "args.a.b >= 1.5",
    'branch == "main"',
    'branch != "main"',
    "exists environment",
    'claim("sub") == "me"',
    'claim("sub") matches "m*"',
    'group == "ops"',
    "reviewed == true",
    'command == "ehr/read_a"',
    'during "Mon-Fri 09:00-17:00" in "UTC"',
    'tag startswith "v"',
]
MARKED = ["exists args.limit", "args.limit default 5 <= 10", "(args.flag default false) == false"]
KINDS = ["name", "ssn", "date", "phone", "all", "name, ssn", "all except id"]
EFFECTS = [
    "mask none",
    "mask date with generalize",
    "mask phone with partial",
    "mask date with shift",
    "record full",
    "record off",
    "record digest",
    "retain 1d",
    "retain 6y",
    'grant "reader" for 15m',
    'grant "reader" for 5m',
    "limit 3 per run",
    "limit 100 per 1h",
    'require approval from "ops"',
    "require approval",
    'require approval from "ops", "dev" count 2 within 5m for 1h',
]


@dataclass(frozen=True)
class RuleText:
    """A rule as lines, so that tests can reorder, add and drop them."""

    name: str
    lines: tuple[str, ...]
    observe: bool = False

    def __str__(self) -> str:
        return f'{"observe " if self.observe else ""}rule "{self.name}" {{\n    ' + "\n    ".join(self.lines) + "\n}\n"

    def plus(self, *lines: str) -> RuleText:
        return replace(self, lines=(*self.lines, *lines))


def text_of(rules: list[RuleText]) -> str:
    return "\n".join(map(str, rules))


def _expression(dice: random.Random, tests: list[str], depth: int) -> str:
    kind = dice.choice(["test", "test", "not", "and", "or"]) if depth else "test"
    if kind == "test":
        return dice.choice(tests)
    if kind == "not":
        return f"not ({_expression(dice, tests, depth - 1)})"
    return f"({_expression(dice, tests, depth - 1)}) {kind} ({_expression(dice, tests, depth - 1)})"


def _line(dice: random.Random) -> str:
    name, values = dice.choice(list((ATTRIBUTES | ADDRESSES).items()))
    return f"{name} {dice.choice(['', '', 'not '])}{', '.join(dice.sample(values, dice.randint(1, len(values))))}"


def _pool(marked: bool) -> list[str]:
    """Conditions to draw from: a draw costs one choice, and a shrunk one is still a whole line."""
    dice = random.Random(20261122)
    tests = [t for t in TESTS if marked or "exists" not in t] + (MARKED if marked else [])
    simple = [f"when {test}" for test in tests] + sorted({_line(dice) for _ in range(400)}, key=len)
    return simple + [f"when {_expression(dice, tests, 2)}" for _ in range(300)]


LINES = {marked: st.sampled_from(_pool(marked)) for marked in (True, False)}
_MASKS = [f"mask {kinds}" for kinds in KINDS]
_OTHERS = st.lists(st.sampled_from(EFFECTS[1:] + _MASKS), min_size=1, max_size=3).map(tuple)
EFFECT_LISTS = st.one_of(
    st.sampled_from(
        [("allow", "mask none"), ("allow",), ('deny because "no"',), ('deny because "never"', "record full")]
    ),
    _OTHERS.map(lambda others: ("allow", *others)),
    _OTHERS,
)


@st.composite
def rules(draw: st.DrawFn, marked: bool = True, most: int = 6, observe: bool = True) -> list[RuleText]:
    """A policy as rules. Some take others as exceptions, always earlier ones, so that there is no cycle."""
    out: list[RuleText] = []
    for number in range(draw(st.integers(1, most))):
        body = tuple(draw(st.lists(LINES[marked], max_size=3))) + draw(EFFECT_LISTS)
        chance = draw(st.integers(0, 9))
        if out and chance < 2:
            body = (f'unless "{out[chance % len(out)].name}"', *body)
        out.append(RuleText(f"r{number}", body, observe and chance == 9))
    return out


VALUES: dict[str, list[Any]] = {
    "branch": ["main", "release/1", "release/1/2", "dev", "master", None],
    "repository": ["acme/etl", "acme/x", "other/x"],
    "environment": ["production", "prod", "staging", None],
    "job": ["nightly-etl", "build", None],
    "caller": ["ci", "person", "agent"],
    "group": [["ops"], ["developers", "x"], [], None],
    "reviewed": [True, False, None],
    "protected": [True, False, None],
    "source_ip": ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1", "8.8.8.8", None],
    "tag": ["v1", "x", None],
}
ARGUMENTS: dict[str, list[Any]] = {
    "limit": [1, 3, 5, 5.0, 10, 11, 10**30, 0.1, "5", True, None, [], {}],
    "name": ["x", "y", "xy", "z", 5, None],
    "flag": [True, False, "true", 1],
    "ids": [[], ["x"], ["x", "y"], ["xa", "xb"], ["x", 5], "x", {}, None],
    "a": [{"b": 1}, {"b": 2}, {"b": 1.5}, {}, [], "b", None],
}
CALLS: list[dict[str, Any]] = [
    {"command": "ehr/read_a"},
    {"command": "ehr/read_a/deep"},
    {"command": "db/query"},
    {"command": "x/read_a"},
    {"command": "ehr/../db"},
    {"server": "ehr", "resource": "file:///a"},
    {"server": "db", "resource": "file:///a/b"},
    {"server": "ehr", "method": "sampling/createMessage"},
    {"server": "ehr", "prompt": "p"},
    {},
]


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """A request in JSON; some attributes and arguments are missing, some asserted."""
    dice = draw(st.randoms(use_true_random=True))
    data: dict[str, Any] = {name: dice.choice(values) for name, values in VALUES.items() if dice.randrange(6)}
    data |= dice.choice(CALLS)
    data["args"] = {name: dice.choice(values) for name, values in ARGUMENTS.items() if dice.randrange(2)}
    asserted = {name: "asserted" for name in data if name in VALUES and not dice.randrange(10)}
    data["provenance"] = {"default": "attested", **asserted}
    if dice.randrange(2):
        data["claims"] = dice.choice([{"sub": "me"}, {"sub": 5}, {}, {"sub": None}])
    if dice.randrange(2):
        data["time"] = dice.choice(["2026-11-23T10:00:00Z", "2026-11-22T10:00:00Z", "0001-01-01T00:00:00+14:00"])
    return data
