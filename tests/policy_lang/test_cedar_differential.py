"""The same random policies and requests, decided here and by Cedar: permits, denials and approvals must agree.

Strategy: Cedar knows two truths, and an attribute is there or is not. So each random condition is written three times:
as .hoop, as a Cedar expression for "certainly true", and as one for "certainly false". An attribute is a record in the
context: missing when unknown, empty when none. A permit asks for the first expression, whatever restricts for the
negation of the second. Approvals are a second set of permits. The rules that deny or want approval must agree too.

2,000 requests by default; HOOPGATE_DIFFERENTIAL=100000 asks for more.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cedarpy
import pytest

import policy_lang

_REQUESTS = int(os.environ.get("HOOPGATE_DIFFERENTIAL", "2000"))
_PER_POLICY = 40
_SEEDS = range(8)  # the run is cut in eight, so that a failure names a small part

TEXTS = {
    "repository": ["acme/etl", "acme/app", "evil/etl"],
    "branch": ["main", "main-evil", "release/1", "release/1/x", "feature/a"],
    "environment": ["production", "staging", ""],
    "job": ["nightly-etl", "build", "nightly-"],
    "event": ["push", "schedule"],
    "server": ["ehr", "db"],
    "command": ["ehr/read_a", "ehr/read_b/c", "ehr/write_a", "db/query"],
    "resource": ["file:///a", "file:///a/b"],
}
GLOBS = {
    "repository": ["acme/*", "*/etl", "**etl", "*"],
    "branch": ["main*", "release/*", "release/**", "*/a", "m*n", "**", "*"],
    "environment": ["prod*", "*", "st**"],
    "job": ["nightly-*", "*-etl"],
    "event": ["*"],
    "server": ["e*", "**"],
    "command": ["ehr/*", "ehr/read_*", "ehr/**", "*/read_a", "*/*a"],
    "resource": ["file:///*", "file:///**", "*"],
}
CALLER = ("repository", "branch", "environment", "job", "event")
GROUPS = ["admins", "ops", "qa"]
WORDS = ["a", "ab", "b", "main", ""]
NUMBERS = [-1, 0, 1, 5, 10, 500]
ARGS = ("limit", "text", "flag", "ids")


@dataclass(frozen=True)
class Formula:
    """One condition, three times: .hoop, Cedar where it is certainly true, Cedar where it is certainly false."""

    hoop: str
    true: str
    false: str

    @property
    def possible(self) -> str:
        return f"!({self.false})"


def both(parts: Sequence[Formula]) -> Formula:
    if not parts:
        return Formula("", "true", "false")
    return Formula(
        "(" + " and ".join(p.hoop for p in parts) + ")",
        "(" + " && ".join(p.true for p in parts) + ")",
        "(" + " || ".join(p.false for p in parts) + ")",
    )


def either(parts: Sequence[Formula]) -> Formula:
    return Formula(
        "(" + " or ".join(p.hoop for p in parts) + ")",
        "(" + " || ".join(p.true for p in parts) + ")",
        "(" + " && ".join(p.false for p in parts) + ")",
    )


def opposite(part: Formula) -> Formula:
    return Formula(f"not {part.hoop}", part.false, part.true)


def of_attribute(hoop: str, key: str, condition: str) -> Formula:
    """A test that is false on none and unknown on unknown."""
    known, value = f"context has {key}", f"context.{key} has v && ({condition})"
    return Formula(hoop, f"({known} && {value})", f"({known} && !({value}))")


def of_argument(hoop: str, key: str, kind: str, condition: str, otherwise: bool | None = None) -> Formula:
    """A test that is unknown where the argument is absent (or as its default says) or of another type."""
    sent, typed = f"context.args has {key}", f"context.args.{key} has {kind}"
    true, false = f"({sent} && {typed} && ({condition}))", f"({sent} && {typed} && !({condition}))"
    if otherwise is not None:
        absent = f"!({sent})"
        true, false = (f"({true} || {absent})", false) if otherwise else (true, f"({false} || {absent})")
    return Formula(hoop, true, false)


def quoted(text: str) -> str:
    return json.dumps(text)


def listed(texts: Sequence[str]) -> str:
    return ", ".join(map(quoted, texts))


def like(value: str, glob: str) -> str:
    """A hoop glob as Cedar's `like`, whose star also matches slashes."""
    if "**" in glob:
        return f"{value} like {quoted(glob.replace('**', '*'))}"
    deeper = [glob[:at] + "*/*" + glob[at + 1 :] for at, character in enumerate(glob) if character == "*"]
    return " && ".join([f"{value} like {quoted(glob)}", *(f"!({value} like {quoted(d)})" for d in deeper)])


@dataclass(frozen=True)
class Written:
    """A rule: its text, and what its conditions are in Cedar."""

    name: str
    effect: str
    hoop: str
    formula: Formula

    def cedar(self, effect: str) -> str:
        """The rule as a Cedar policy: a permit where it certainly holds; else it applies unless it certainly fails."""
        condition = self.formula.true if effect == "permit" else self.formula.possible
        word = "forbid" if effect == "forbid" else "permit"
        return f"@id({quoted(self.name)}) {word}(principal, action, resource) when {{ {condition} }};"


def verdicts(rules: Sequence[Written]) -> str:
    """Who may and who may not, as one Cedar policy set."""
    permits = [rule.cedar("permit") for rule in rules if rule.effect.startswith("allow")]
    return "\n".join(permits + [rule.cedar("forbid") for rule in rules if rule.effect == "deny"])


def approvals(rules: Sequence[Written]) -> str:
    """What waits for approval, as another."""
    return "\n".join(rule.cedar("demand") for rule in rules if rule.effect.endswith("approval"))


def impossible(rules: Sequence[Written]) -> str:
    """Where rules that can never match do."""
    return "\n".join(rule.cedar("permit") for rule in rules)


class Author:
    """Writes random policies."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def line(self, may_assert: bool) -> Formula:
        name = self.chance.choice([*TEXTS, "group", "protected", "reviewed"])
        negated = self.chance.random() < 0.3
        asserted = may_assert and name not in ("server", "command", "resource") and self.chance.random() < 0.2
        key = f"said_{name}" if asserted else name
        items, condition = self._alternatives(name, f"context.{key}.v")
        plain = of_attribute("", key, condition)
        formula = opposite(plain) if negated else plain
        if negated and name in ("command", "resource"):
            there = f"context.{key} has v"
            formula = Formula("", f"({plain.false} && {there})", f"({plain.true} || !({there}))")
        hoop = f"{'asserted ' if asserted else ''}{name} {'not ' if negated else ''}{items}"
        return Formula(hoop, formula.true, formula.false)

    def _alternatives(self, name: str, value: str) -> tuple[str, str]:
        if name in ("protected", "reviewed"):
            word = self.chance.choice(["true", "false"])
            return word, f"{value} == {word}"
        if name == "group":
            some = self.chance.sample(GROUPS, self.chance.randint(1, 2))
            return listed(some), f"{value}.containsAny([{listed(some)}])"
        some = self.chance.sample(TEXTS[name] + GLOBS[name], self.chance.randint(1, 3))
        tests = [f"({like(value, one)})" if "*" in one else f"{value} == {quoted(one)}" for one in some]
        return listed(some), " || ".join(tests)

    def expression(self, depth: int = 2) -> Formula:
        kind = self.chance.random()
        if depth and kind < 0.5:
            parts = [self.expression(depth - 1) for _ in range(self.chance.randint(2, 3))]
            return both(parts) if kind < 0.25 else either(parts)
        if depth and kind < 0.6:
            inner = self.expression(depth - 1)
            return opposite(Formula(f"({inner.hoop})", inner.true, inner.false))
        return self.chance.choice([self.attribute, self.number, self.text, self.flag, self.ids, self.exists])()

    def attribute(self) -> Formula:
        name = self.chance.choice(CALLER)
        value, key = f"context.{name}.v", name
        one, two = self.chance.sample(TEXTS[name], 2)
        glob = self.chance.choice(GLOBS[name])
        return self.chance.choice([
            of_attribute(f"{name} == {quoted(one)}", key, f"{value} == {quoted(one)}"),
            opposite_spelled(of_attribute("", key, f"{value} == {quoted(one)}"), f"{name} != {quoted(one)}"),
            of_attribute(f"{name} in ({listed([one, two])})", key, f"[{listed([one, two])}].contains({value})"),
            of_attribute(f"{name} matches {quoted(glob)}", key, like(value, glob)),
            of_attribute(f'{name} startswith "re"', key, f'{value} like "re*"'),
            of_attribute(f'{name} endswith "l"', key, f'{value} like "*l"'),
            of_attribute(f'{name} contains "ai"', key, f'{value} like "*ai*"'),
        ])  # fmt: skip

    def number(self) -> Formula:
        sign, number = self.chance.choice(["==", "!=", "<", "<=", ">", ">="]), self.chance.choice(NUMBERS)
        condition = f"context.args.limit.n {sign} {number}"
        if self.chance.random() < 0.3:
            default = self.chance.choice(NUMBERS)
            holds = {"==": default == number, "!=": default != number, "<": default < number,
                     "<=": default <= number, ">": default > number, ">=": default >= number}[sign]  # fmt: skip
            return of_argument(f"(args.limit default {default}) {sign} {number}", "limit", "n", condition, holds)
        return of_argument(f"args.limit {sign} {number}", "limit", "n", condition)

    def text(self) -> Formula:
        value = "context.args.text.s"
        one, two = self.chance.sample(WORDS, 2)
        two_words = listed([one, two])
        return self.chance.choice([
            of_argument(f"args.text == {quoted(one)}", "text", "s", f"{value} == {quoted(one)}"),
            of_argument(f"args.text != {quoted(one)}", "text", "s", f"{value} != {quoted(one)}"),
            of_argument(f"args.text in ({two_words})", "text", "s", f"[{two_words}].contains({value})"),
            of_argument('args.text matches "m*"', "text", "s", like(value, "m*")),
            of_argument('args.text startswith "a"', "text", "s", f'{value} like "a*"'),
            self.contains("text", "b"),
            of_argument(f'(args.text default "a") == {quoted(one)}', "text", "s", f"{value} == {quoted(one)}",
                        otherwise=one == "a"),
        ])  # fmt: skip

    def contains(self, name: str, word: str) -> Formula:
        """A part of a text, or an element of a list."""
        value, hoop = f"context.args.{name}", f"args.{name} contains {quoted(word)}"
        text = of_argument(hoop, name, "s", f"{value}.s like {quoted(f'*{word}*')}")
        elements = of_argument(hoop, name, "l", f"{value}.l.contains({quoted(word)})")
        return Formula(hoop, f"({text.true} || {elements.true})", f"({text.false} || {elements.false})")

    def flag(self) -> Formula:
        word = self.chance.choice(["true", "false"])
        return of_argument(f"args.flag == {word}", "flag", "b", f"context.args.flag.b == {word}")

    def ids(self) -> Formula:
        value = "context.args.ids.l"
        one, two = self.chance.sample(WORDS, 2)
        every = of_argument(f"all args.ids[*] in ({listed([one, two])})", "ids", "l",
                            f"[{listed([one, two])}].containsAll({value})")  # fmt: skip
        filled = f"(context.args has ids && context.args.ids has l && !({value}.isEmpty()))"
        return self.chance.choice([
            self.contains("ids", one),
            of_argument(f"any args.ids[*] == {quoted(one)}", "ids", "l", f"{value}.contains({quoted(one)})"),
            Formula(every.hoop, f"({filled} && {every.true})", f"({filled} && {every.false})"),
        ])  # fmt: skip

    def exists(self) -> Formula:
        if self.chance.random() < 0.5:
            name = self.chance.choice(CALLER)
            return of_attribute(f"exists {name}", name, "true")
        name = self.chance.choice(ARGS)
        return Formula(f"exists args.{name}", f"(context.args has {name})", f"(!(context.args has {name}))")

    # ---- rules

    def rules(self) -> list[Written]:
        """A few rules; some are exceptions of later ones."""
        rules: list[Written] = []
        for number in range(self.chance.randint(2, 7)):
            effect = self.chance.choice(["allow", "allow", "allow", "deny", "approval", "allow and approval"])
            rules.append(self._rule(f"rule {number}", effect, rules))
        return rules

    def _rule(self, name: str, effect: str, earlier: list[Written]) -> Written:
        may_assert = effect.startswith("allow")
        parts = [self.line(may_assert) for _ in range(self.chance.choice([0, 0, 1, 1, 2, 3]))]
        lines = [part.hoop for part in parts]
        if self.chance.random() < 0.5:
            expression = self.expression()
            parts.append(expression)
            lines.append(f"when {expression.hoop}")
        exception = self.chance.choice(earlier) if earlier and self.chance.random() < 0.2 else None
        if exception and (may_assert or "said_" not in exception.formula.true):
            parts.append(opposite(exception.formula))
            lines.append(f'unless "{exception.name}"')
        self.chance.shuffle(lines)
        body = "".join(f"    {line}\n" for line in [*lines, *_EFFECTS[effect]])
        return Written(name, effect, f'rule "{name}" {{\n{body}}}\n', both(parts))


_EFFECTS = {
    "allow": ["allow"],
    "deny": ['deny because "no"'],
    "approval": ['require approval from "office"'],
    "allow and approval": ["allow", 'require approval from "office" count 2'],
}


def opposite_spelled(part: Formula, hoop: str) -> Formula:
    return Formula(hoop, part.false, part.true)


# ---- requests ------------------------------------------------------------------------------------------------------


def request(chance: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """A request as hoopgate reads it, and Cedar's context for it."""
    data: dict[str, Any] = {}
    context: dict[str, Any] = {}
    words: dict[str, str] = {"default": "attested"}
    for name in (*CALLER, "group", "protected", "reviewed"):
        if chance.random() < 0.15:
            continue
        value = None if chance.random() < 0.15 else _value(name, chance)
        data[name] = value
        record = {} if value is None else {"v": value}
        context[f"said_{name}"] = record
        if chance.random() < 0.1:
            words[name] = "asserted"
        else:
            context[name] = record
    args, typed = _arguments(chance)
    address = _address(chance)
    context |= {name: {} if value is None else {"v": value} for name, value in address.items()}
    return {**data, **address, "args": args, "provenance": words}, {**context, "args": typed}


def _value(name: str, chance: random.Random) -> Any:
    if name in ("protected", "reviewed"):
        return chance.random() < 0.5
    return chance.sample(GROUPS, chance.randint(0, 2)) if name == "group" else chance.choice(TEXTS[name])


def _address(chance: random.Random) -> dict[str, Any]:
    if chance.random() < 0.15:
        return {"server": chance.choice(TEXTS["server"]), "command": None, "resource": chance.choice(TEXTS["resource"])}
    command = chance.choice(TEXTS["command"])
    return {"server": command.partition("/")[0], "command": command, "resource": None}


def _arguments(chance: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """Arguments, now and then of another type than the rules want, and the same with their types as keys."""
    args: dict[str, Any] = {}
    for name in ARGS:
        if chance.random() < 0.25:
            continue
        wanted = name if chance.random() < 0.9 else chance.choice([*ARGS, "null"])
        args[name] = {
            "limit": lambda: chance.choice(NUMBERS),
            "text": lambda: chance.choice(WORDS),
            "flag": lambda: chance.random() < 0.5,
            "ids": lambda: chance.sample(WORDS, chance.randint(0, 3)),
            "null": lambda: None,
        }[wanted]()
    return args, {name: _typed(value) for name, value in args.items()}


def _typed(value: Any) -> dict[str, Any]:
    kind = {int: "n", str: "s", bool: "b", list: "l"}.get(type(value))
    return {kind: value} if kind else {}


# ---- the two, side by side -----------------------------------------------------------------------------------------

_ASKED = {"principal": 'P::"p"', "action": 'A::"a"', "resource": 'R::"r"'}


def cedar_says(text: str, contexts: list[dict[str, Any]]) -> list[tuple[bool, list[str]]]:
    """For each context whether Cedar allows it, and the `@id` of the rules that decided. An error fails the test."""
    asked = [{**_ASKED, "context": context} for context in contexts]
    answers = cedarpy.is_authorized_batch(asked, cedarpy.PolicySet.from_str(text), cedarpy.Entities.from_json_str("[]"))
    said = []
    for answer in answers:
        assert not answer.diagnostics.errors, answer.diagnostics.errors
        said.append((answer.allowed, sorted(answer.diagnostics.id_annotations_by_reason.values())))
    return said


def compiled(rules: list[Written]) -> tuple[policy_lang.Policy, list[Written], list[Written]]:
    """The policy, its rules, and those that the checker refused because they can never match (with what needs them)."""
    refused: list[Written] = []
    while True:
        try:
            return policy_lang.compile("\n".join(rule.hoop for rule in rules)), rules, refused
        except policy_lang.PolicyError as error:
            if {one.code for one in error.diagnostics} != {"HG036"}:
                raise
            wrong = {named(one.line, rules) for one in error.diagnostics}
        refused += [rule for rule in rules if rule.name in wrong]
        while more := {r.name for r in rules if any(f'unless "{name}"' in r.hoop for name in wrong)} - wrong:
            wrong |= more
        rules = [rule for rule in rules if rule.name not in wrong]


def named(line: int, rules: list[Written]) -> str:
    """The rule in which a line of the policy stands."""
    for rule in rules:
        line -= rule.hoop.count("\n") + 1
        if line <= 0:
            return rule.name
    raise AssertionError("the line is not in the policy")


def expected(permit: tuple[bool, list[str]], approval: tuple[bool, list[str]]) -> tuple[str, list[str], list[str]]:
    """Effect, denying rules, rules that want approval."""
    if not permit[0]:
        return "deny", permit[1], []
    return ("approval", [], approval[1]) if approval[0] else ("allow", [], [])


def found(decision: policy_lang.Decision) -> tuple[str, list[str], list[str]]:
    denying = list(decision.rules) if decision.effect == "deny" and decision.reason is not None else []
    return decision.effect, denying, [approval.rule for approval in decision.approvals]


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", _SEEDS)
def test_cedar_decides_the_same(seed: int) -> None:
    chance = random.Random(seed)
    effects: dict[str, int] = {}
    for number in range(-(-_REQUESTS // len(_SEEDS) // _PER_POLICY)):
        policy, rules, refused = compiled(Author(chance).rules())
        requests = [request(chance) for _ in range(_PER_POLICY)]
        contexts = [context for _, context in requests]
        said = zip(
            *(
                cedar_says(text(of), contexts)
                for text, of in ((verdicts, rules), (approvals, rules), (impossible, refused))
            ),
            strict=True,
        )
        for (data, _), (permit, approval, never) in zip(requests, said, strict=True):
            decision = policy.decide(policy_lang.Request.from_json(data))
            shown = f"policy {number} of seed {seed}\n" + "\n".join(r.hoop for r in rules + refused) + json.dumps(data)
            assert found(decision) == expected(permit, approval), shown
            assert bound(policy, data) == decision, shown
            assert not never[0], f"refused as never matching, but matches: {never[1]}\n{shown}"
            effects[decision.effect] = effects.get(decision.effect, 0) + 1
    assert set(effects) == {"allow", "deny", "approval"}, effects


def bound(policy: policy_lang.Policy, data: dict[str, Any]) -> policy_lang.Decision:
    """The same decision by way of a bound policy, which hides nothing that it would permit."""
    session = policy.bind(policy_lang.Request.from_json(data))
    if data["command"] is None:
        decision = session.decide(args=data["args"], server=data["server"], resource=data["resource"])
    else:
        decision = session.decide(data["command"], data["args"])
        assert session.could(data["command"]) or decision.effect == "deny"
    assert session.could_server(data["server"]) or decision.effect == "deny"
    return decision
