"""Policies and requests of every feature, drawn by a seeded dice, over a world small enough to meet."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

PATHS = [
    "args.a", "args.a.b", "args.a[0]", "args.a[0].b", "args.a[1]", 'args["odd key"]', "args.n", "args.s", "args.f",
    'args["ü"]', 'args.a["b"].c',
]  # fmt: skip
EACH = ["args.a[*]", "args.a[*].b", "args.a.b[*]", "args.a[*].b[*]", "args.a[*][0]", "args.l[*]"]
NEARLY_A_TENTH = "0.10000000000000000000000000000000001"
NUMBERS = [
    "1",
    "1.0",
    "1e0",
    "-0",
    "0.5",
    "2",
    "100000000000000000000000000000001",
    NEARLY_A_TENTH,
]
STRINGS = ["", "a", "ab", "a/b", "A", "é", "10", "true", "a*b"]
PLAIN = [text for text in STRINGS if "*" not in text]
GLOBS = ["*", "**", "a*", "*b", "a**", "**/b", "a/*", "*a*", "a*b*"]
REGEXES = ["a+b?", "[^a].*", "(?i)ab?", "a\\/b", "\\w*", "(a|b)*", "\\d{1,2}", ".", "a?.{0,2}"]
TEXTS = ["provider", "repository", "job", "branch", "tag", "environment", "event", "actor"]
NETWORKS = ["10.0.0.0/8", "10.1.2.3", "2001:db8::/32", "::/0", "0.0.0.0/0", "::ffff:10.0.0.0/104", "::ffff:0:0/96"]
ADDRESSES_OF_CALL = ("server", "command", "resource", "prompt", "method")
ADDRESSES = ["10.1.2.3", "::ffff:10.1.2.3", "11.0.0.1", "2001:db8::1", "::1"]
COMMANDS = ["ehr/read", "ehr/a", "ehr/a/b", "db/read", "db/a", "ehr/"]
COMMAND_PATTERNS = ["ehr/read", "ehr/*", "ehr/**", "*/read", "**/a", "db/a", "**/**", "e*/a"]
NAMES = {
    "resource": (["file:///a", "file:///a/b", "", "x"], ["file:///a", "file:///*", "file:///**", "x", "*"]),
    "prompt": (["p", "q/r"], ["p", "*", "**"]),
    "method": (["sampling/x", "ping"], ["ping", "sampling/*"]),
    "server": (["ehr", "db", ""], ["ehr", "e*", "db", "*"]),
}
WINDOWS = [
    "Mon-Fri 09:00-17:00",
    "22:00-06:00",
    "Sun 22:00-06:00",
    "Sat-Sun",
    "Fri-Mon 00:00-24:00",
    "Tue,Thu 2:30-3:00",
]
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]
TIMES = [
    "2026-11-23T08:59:59Z", "2026-11-23T09:00:00Z", "2026-11-22T23:30:00+01:00", "2026-03-29T01:30:00Z",
    "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "0001-01-01T00:00:00+14:00", "2026-11-21T16:59:59.999999-05:00",
]  # fmt: skip
MASKS = ["all", "name", "ssn, date", "all except id, date", "chart", "few", "few, card", "phone", "all except chart"]
METHODS = {
    "redact": MASKS,
    "token": MASKS,
    "generalize": ["date", "age, date"],
    "shift": ["date"],
    "partial": ["phone", "ssn", "card, mrn"],
}
GROUPS = ['"ops"', '"dev"', '"ops", "dev"', "crew"]
HEAD = """let trusted = "main", "a*", /x+/
let few = name, phone
let crew = "ops", "night"
let plain = "a", "main"
detector chart = /CH-\\d{3}/ near "chart"
"""


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Dice(random.Random):
    """Draws parts of policies and requests."""

    def chance(self, one_in: int) -> bool:
        return not self.randrange(one_in)

    def said(self) -> str:
        return "asserted " if self.can_assert and self.chance(6) else ""

    can_assert = False

    # ---- conditions

    def pattern(self) -> str:
        kind = self.randrange(4)
        if kind == 0:
            return f"/{self.choice(REGEXES)}/"
        return quoted(self.choice(GLOBS if kind == 1 else [*PLAIN, "main", "dev"]))

    def line(self) -> str:
        no = self.choice(["", "", "not "])
        kind = self.randrange(12)
        if kind < 4:
            items = [self.pattern() for _ in range(self.randint(1, 3))] + ["trusted"] * self.chance(5)
            return f"{self.said()}{self.choice(TEXTS)} {no}{', '.join(items)}"
        if kind < 6:
            return f"command {no}{', '.join(map(quoted, self.sample(COMMAND_PATTERNS, self.randint(1, 2))))}"
        if kind == 6:
            name = self.choice(list(NAMES))
            return f"{name} {no}{', '.join(map(quoted, self.sample(NAMES[name][1], 1 + self.chance(3))))}"
        if kind == 7:
            truths = self.choice(["true", "false", "true, false"])
            return f"{self.said()}{self.choice(['reviewed', 'protected'])} {no}{truths}"
        if kind == 8:
            return f"{self.said()}source_ip {no}{', '.join(map(quoted, self.sample(NETWORKS, self.randint(1, 2))))}"
        if kind == 9:
            return f"{self.said()}group {no}{self.pattern()}, {self.choice(GROUPS)}"
        if kind == 10:
            value = self.choice(["true", "false", self.pattern(), "trusted"])
            return f"{self.said()}claim({quoted(self.choice(['sub', 'ü']))}) {no}{value}"
        windows = ", ".join(map(quoted, self.sample(WINDOWS, self.randint(1, 2))))
        return f"during {no}{windows} in {quoted(self.choice(ZONES))}"

    def literal(self) -> str:
        return self.choice([self.choice(NUMBERS), quoted(self.choice(PLAIN)), self.choice(["true", "false"])])

    def right(self, operand: str, texts: bool = False) -> str:
        kind = self.randrange(8)
        if kind < 2:
            literal = quoted(self.choice(PLAIN)) if texts else self.literal()
            return f"{operand} {self.choice(['==', '!='])} {literal}"
        if kind < 4 and not texts:
            return f"{operand} {self.choice(['<', '<=', '>', '>='])} {self.choice(NUMBERS)}"
        if kind == 4:
            items = [quoted(self.choice(PLAIN)) if texts else self.literal() for _ in range(self.randint(1, 3))]
            return f"{operand} in " + self.choice([f"({', '.join(items)})", "plain"])
        if kind == 5:
            return f"{operand} matches {self.choice([self.pattern(), 'trusted'])}"
        if kind == 6:
            return f"{operand} {self.choice(['startswith', 'endswith'])} {quoted(self.choice(PLAIN))}"
        return f"{operand} contains {quoted(self.choice(PLAIN)) if texts else self.literal()}"

    def test(self) -> str:
        kind = self.randrange(14)
        if kind < 5:
            default = f" default {self.literal()}" if self.chance(4) else ""
            return self.right(f"({self.choice(PATHS)}{default})")
        if kind < 7:
            same = self.choice([f"== {self.choice(NUMBERS)}", f"!= {quoted(self.choice(PLAIN))}", "== true"])
            path = self.choice(EACH)
            right = self.choice([f"{path} {same}", self.right(path, texts=True)])
            return f"{self.choice(['any', 'all'])} {right}"
        if kind < 9:
            operand = self.choice([*PATHS, f"{self.said()}{self.choice(TEXTS)}", 'claim("sub")', "command", "group"])
            return f"exists {operand}"
        if kind == 9:
            return self.right(f"{self.said()}{self.choice(TEXTS)}", texts=True)
        if kind == 10:
            return self.right(f'{self.said()}claim("sub")')
        if kind == 11:
            return self.choice([
                f"source_ip {self.choice(['==', '!='])} {quoted(self.choice(NETWORKS))}",
                f"reviewed {self.choice(['==', '!='])} true", f"protected != {self.choice(['true', 'false'])}",
                f"{self.said()}group {self.choice(['==', '!=', 'contains'])} \"ops\"", 'command != "ehr/a"',
                'resource startswith "file"', 'group matches "*"', 'server in ("ehr", "")',
                'source_ip in ("10.0.0.0/8")',
            ])  # fmt: skip
        if kind == 12:
            return f"during {quoted(self.choice(WINDOWS))} in {quoted(self.choice(ZONES))}"
        return self.right(self.choice(PATHS))

    def expression(self, depth: int) -> str:
        if depth == 0 or self.chance(3):
            return self.test()
        if self.chance(3):
            return f"not ({self.expression(depth - 1)})"
        return f"({self.expression(depth - 1)}) {self.choice(['and', 'or'])} ({self.expression(depth - 1)})"

    def condition(self) -> str:
        return self.line() if self.chance(2) else f"when {self.expression(self.randrange(3))}"

    # ---- effects

    def approval(self) -> str:
        parts = [f"from {self.choice(GROUPS)}"] * self.randrange(2) + [f"count {self.randint(1, 3)}"] * self.chance(3)
        parts += [f"within {self.choice(['30m', '90s'])}"] * self.chance(3) + [
            self.choice(["for 2h", "once"])
        ] * self.chance(3)
        self.shuffle(parts)
        return " ".join(["approval", *parts])

    def effect(self) -> str:
        method = self.choice(list(METHODS))
        return self.choice([
            f"require {self.approval()}", f"mask {self.choice(MASKS)}",
            f"mask {self.choice(METHODS[method])} with {method}",
            f"record {self.choice(['full', 'masked', 'digest', 'off'])}", f"retain {self.choice(['1d', '6y', '90s'])}",
            f"limit {self.choice(['3', '100', '5 MB'])} per {self.choice(['run', '1h'])}",
            f'grant "{self.choice(["reader", "reader", "reader", "writer"])}" for {self.choice(["5m", "1h"])}',
        ])  # fmt: skip

    def rule(self, name: str, others: list[str]) -> str:
        kind = self.randrange(8)
        self.can_assert = kind > 2
        effects = [self.effect() for _ in range(self.randint(kind > 5, 3))]
        if kind < 1:
            effects = [f'deny because "{name} \\u00e9"'] + [e for e in effects if e.startswith(("record", "retain"))]
        elif kind > 2:
            effects += ["allow"]
            if self.chance(3) and not any(e.startswith("mask") for e in effects):
                effects += ["mask none"]
        lines = [self.condition() for _ in range(self.choice([0, 1, 1, 2, 3]))]
        if others and self.chance(5):
            lines.append("unless " + ", ".join(map(quoted, self.sample(others, min(len(others), 1 + self.chance(3))))))
        body = lines + (effects or ["record full"])
        self.shuffle(body)
        return f"{'observe ' * self.chance(10)}rule {quoted(name)} {{\n    " + "\n    ".join(body) + "\n}\n"

    def policy(self, most: int = 5) -> str:
        names = [f"{self.choice('zayb')} {number}" for number in range(self.randint(1, most))]
        rules = [self.rule(name, names[:number]) for number, name in enumerate(names)]
        self.shuffle(rules)
        return HEAD + "".join(rules)

    def never(self, name: str) -> str:
        self.can_assert = False
        lines = [self.condition() for _ in range(self.choice([0, 1, 1, 2]))]
        method = self.choice(list(METHODS))
        allowed = self.choice([
            "allowed", "allowed without approval", f"allowed without approval from {self.choice(GROUPS)}",
            f"allowed without mask {self.choice(MASKS)}",
            f"allowed without mask {self.choice(METHODS[method])} with {method}",
            "allowed without approval without mask ssn",
        ])  # fmt: skip
        return f"never {quoted(name)} {{\n    " + "\n    ".join([*lines, allowed]) + "\n}\n"

    # ---- requests

    def json(self, depth: int = 2) -> Any:
        kind = self.randrange(9 if depth else 6)
        if kind < 2:
            numbers = [
                1,
                1.0,
                0,
                -0.0,
                0.5,
                2,
                10**32,
                10**32 + 1,
                0.1,
                1.5,
                -1,
                Decimal(NEARLY_A_TENTH),
            ]
            return self.choice(numbers)
        if kind < 4:
            return self.choice([*STRINGS, "b", "aab", "x", "\n", "\U0001d4b3"])
        if kind < 6:
            return self.choice([True, False, None])
        if kind == 6:
            return {key: self.json(depth - 1) for key in self.sample(["b", "c", "a"], self.randrange(3))}
        return [self.json(depth - 1) for _ in range(self.randrange(4))]

    def arguments(self) -> dict[str, Any]:
        return {key: self.json() for key in ("a", "odd key", "n", "s", "f", "ü", "l") if self.randrange(3)}

    def identity(self) -> dict[str, Any]:
        values = ["main", "a", "ab", "a/b", "", "xx", "dev", "é", "a\nb", None]
        data: dict[str, Any] = {name: self.choice(values) for name in TEXTS if self.randrange(4)}
        others: dict[str, list[Any]] = {
            "reviewed": [True, False, None], "protected": [True, False, None], "source_ip": [*ADDRESSES, None],
            "group": [["ops"], ["dev", "a"], [], None, "ops", ["night", "ab"]],
            "caller": ["ci", "person", "agent", None],
            "claims": [{"sub": "a"}, {"sub": 1, "ü": True}, {"sub": None}, {"sub": ["a", 1]}, {}, None, {"ü": "xx"}],
        }  # fmt: skip
        for name, some in others.items():
            if self.randrange(4):
                data[name] = self.choice(some)
        words = ["attested", "derived", "enriched", "asserted"]
        default = {"default": self.choice(words[:3])} if self.randrange(5) else {}
        named = (*TEXTS, "reviewed", "group", "source_ip", "claims")
        said = default | {name: self.choice(words) for name in named if self.chance(6)}
        data["provenance"] = self.choice([said, said, "attested", "asserted"])
        if self.chance(20):
            del data["provenance"]
        return data

    def call(self) -> dict[str, Any]:
        kind = self.randrange(7)
        if kind < 4:
            return {"command": self.choice(COMMANDS)}
        name = self.choice(["resource", "prompt", "method"])
        return {name: self.choice(NAMES[name][0])} | (
            {"server": self.choice(["ehr", "db", ""])} if self.randrange(6) else {}
        )

    def request(self) -> dict[str, Any]:
        """A whole request; seldom one that says nothing of the call, or hides it."""
        data = self.identity() | self.call()
        if self.chance(30):
            odd: list[dict[str, Any]] = [{}, {"server": "ehr"}, {"command": None}, {"server": None, "resource": "x"}]
            data = self.identity() | self.choice([*odd, {"command": "ehr/%2e%2e/a"}])
        if self.randrange(8):
            data["args"] = self.arguments()
        if self.randrange(3):
            data["time"] = self.choice(TIMES)
        return data
