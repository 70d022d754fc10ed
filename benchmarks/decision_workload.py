"""The rules and requests that every engine of decisions.py is measured on.

Strategy: five rules for each family of tools and ten families a server, however many rules there are, so that a request
meets the same few rules among 100 as among 10,000. There are always 4,000 callers, who differ in repository, branch,
run, commit and actor, and 4,000 tools; every request has arguments of its own, so that no engine can answer from
memory.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

VERBS = ("read", "search", "update", "export", "delete")
NOUNS = ("patient", "claim")
_CALLERS = 4_000
_TOOLS = 4_000
_PER_FAMILY = 5


@dataclass(frozen=True)
class Rule:
    """One rule, engine-neutral. `command` is the beginning of the tools' names."""

    name: str
    command: str
    repository: str | None = None
    branches: tuple[str, ...] = ()  # "release/" stands for everything below it
    not_branch: str | None = None
    environment: str | None = None
    reviewed: bool | None = None
    limit: tuple[str, int] | None = None
    effects: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One request: a caller by its number, a command and fresh arguments."""

    caller: int
    command: str
    args: dict[str, Any]


@dataclass(frozen=True)
class Workload:
    rules: tuple[Rule, ...]
    callers: tuple[dict[str, Any], ...]
    calls: tuple[Call, ...]

    def facts(self, call: Call) -> dict[str, Any]:
        """The request as one flat object, for engines that know no difference between caller and call."""
        return {**self.callers[call.caller], "command": call.command, "limit": call.args["limit"]}


def workload(rules: int, calls: int, seed: int = 7) -> Workload:
    """`rules` rules and `calls` calls of thousands of callers; the same for the same numbers."""
    chance = random.Random(seed)
    families = [_family(number) for number in range(max(1, rules // _PER_FAMILY))]
    made = [_rule(number, families) for number in range(rules)]
    callers = [_caller(number, chance.randrange(len(families)), chance) for number in range(_CALLERS)]
    return Workload(tuple(made), tuple(callers), tuple(_call(callers, families, chance) for _ in range(calls)))


def _family(number: int) -> str:
    server, inside = divmod(number, len(VERBS) * len(NOUNS))
    return f"srv{server}/{VERBS[inside % len(VERBS)]}_{NOUNS[inside // len(VERBS)]}"


def _rule(number: int, families: list[str]) -> Rule:
    at, kind = number % len(families), number // len(families) % _PER_FAMILY
    tools, name = f"{families[at]}_", f"r{number:05}"
    if kind == 0:
        effects = {"allow": True, "mask": ("name", "ssn"), "grant": "reader"}
        return Rule(name, tools, f"acme/etl{at}", branches=("main", "release/"), environment="production",
                    limit=("<=", 500), effects=effects)  # fmt: skip
    if kind == 1:
        return Rule(name, tools, f"acme/app{at}", effects={"allow": True, "mask": ("ssn", "mrn"), "record": "full"})
    if kind == 2:
        verb = families[at].partition("_")[0] + "_"
        return Rule(name, verb, f"acme/app{at}", not_branch="main", effects={"approval": "privacy-office"})
    if kind == 3:
        return Rule(name, tools, reviewed=False, effects={"deny": "Code that nobody has reviewed must not run this."})
    return Rule(name, tools, limit=(">", 100), effects={"mask": ("phone", "email"), "count": 50})


def _caller(number: int, family: int, chance: random.Random) -> dict[str, Any]:
    return {
        "provider": "gitlab",
        "repository": f"acme/{chance.choice(['etl', 'etl', 'app', 'app', 'web'])}{family}",
        "branch": chance.choice(["main", "main", "main", f"release/1.{number}", f"feature/{number}"]),
        "environment": chance.choice(["production", "production", "staging"]),
        "reviewed": chance.random() < 0.9,
        "run": f"run-{number}",
        "commit": f"{chance.getrandbits(160):040x}",
        "actor": f"dev{number % 997}",
    }


def _call(callers: list[dict[str, Any]], families: list[str], chance: random.Random) -> Call:
    caller = chance.randrange(len(callers))
    own = int(callers[caller]["repository"][len("acme/etl") :])
    family = families[own] if chance.random() < 0.8 else chance.choice(families)
    return Call(caller, f"{family}_{chance.randrange(max(1, _TOOLS // len(families)))}", _arguments(chance))


def _arguments(chance: random.Random) -> dict[str, Any]:
    return {"limit": chance.randrange(1000), "query": f"{chance.getrandbits(64):x}", "fields": ["name", "birthDate"]}


def again(calls: tuple[Call, ...], seed: int) -> tuple[Call, ...]:
    """The same callers and commands, as texts just read, with arguments never seen before."""
    chance = random.Random(seed)
    return tuple(Call(call.caller, call.command[:1] + call.command[1:], _arguments(chance)) for call in calls)


def hoop(rules: tuple[Rule, ...]) -> str:
    """The rules as a .hoop file."""
    return "\n".join(_hoop(rule) for rule in rules)


def _hoop(rule: Rule) -> str:
    lines = [f'command "{rule.command}*"']
    if rule.repository:
        lines.append(f'repository "{rule.repository}"')
    if rule.branches:
        lines.append("branch " + ", ".join(f'"{b}**"' if b.endswith("/") else f'"{b}"' for b in rule.branches))
    if rule.not_branch:
        lines.append(f'branch not "{rule.not_branch}"')
    if rule.environment:
        lines.append(f'environment "{rule.environment}"')
    if rule.reviewed is not None:
        lines.append(f"reviewed {str(rule.reviewed).lower()}")
    if rule.limit:
        lines.append(f"when args.limit {rule.limit[0]} {rule.limit[1]}")
    return f'rule "{rule.name}" {{\n    ' + "\n    ".join(lines + _hoop_effects(rule.effects)) + "\n}\n"


def _hoop_effects(effects: dict[str, Any]) -> list[str]:
    spelled = {
        "allow": lambda _: "allow",
        "deny": lambda why: f'deny because "{why}"',
        "approval": lambda group: f'require approval from "{group}"',
        "mask": lambda kinds: "mask " + ", ".join(kinds),
        "grant": lambda profile: f'grant "{profile}" for 15m',
        "record": lambda level: f"record {level}",
        "count": lambda count: f"limit {count} per 1h",
    }
    return [spelled[effect](value) for effect, value in effects.items()]
