"""Realistic policies, drawn by number: teams, servers, environments; guards that make their `never`s true; faults."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

_SERVERS = ["ehr", "claims", "billing", "imaging", "labs"]
_TEAMS = ["etl", "portal", "research", "ops", "billing"]
_VERBS = ["read", "search", "update", "delete", "export"]


@dataclass(frozen=True)
class Drawn:
    """A policy whose `never`s are all true, and faults: rules that break the named `never` when they are added."""

    rules: tuple[str, ...]
    nevers: tuple[str, ...]
    faults: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        return "\n".join([*self.rules, *self.nevers])

    def broken(self, number: int) -> str:
        """The policy with one fault."""
        return "\n".join([*self.rules, self.faults[number][1], *self.nevers])


def drawn(seed: int) -> Drawn:
    """The policy of a number."""
    chance = random.Random(seed)
    servers = chance.sample(_SERVERS, chance.randint(1, 4))
    rules = [permit(chance, number, servers) for number in range(chance.randint(4, 18))]
    rules += guards(servers)
    return Drawn(tuple(rules), nevers(servers), faults(chance, servers))


def permit(chance: random.Random, number: int, servers: list[str]) -> str:
    server, team = chance.choice(servers), chance.choice(_TEAMS)
    verbs = chance.sample(_VERBS, chance.randint(1, 3))
    lines = ["command " + ", ".join(f'"{server}/{verb}_{chance.choice(["*", "patient", "**"])}"' for verb in verbs)]
    lines.append(f'repository "acme/{team}", "acme/{team}-*"')
    optional = [
        'branch "main", "release/*"',
        'branch "main"',
        'environment "production"',
        'job "nightly-*"',
        "when args.limit <= 500",
        'when args.format in ("csv", "json")',
        'when not any args.ids[*] startswith "vip-"',
        "when (args.notes default false) == false",
        'during "Mon-Fri 08:00-18:00" in "Europe/Berlin"',
        'source_ip "10.0.0.0/8"',
        'group "data-*"',
        'claim("tier") == "gold"',
        "protected true",
    ]
    lines += chance.sample(optional, chance.randint(0, 3))
    effects = ["allow", chance.choice(["mask name, ssn", "mask all", "mask none", "mask ssn with token", ""])]
    if chance.random() < 0.3:
        effects.append(f'require approval from "{chance.choice(["privacy-office", "leads"])}"')
    if chance.random() < 0.2:
        effects.append(chance.choice(["record full", "retain 6y", "limit 100 per 1h"]))
    return f'rule "permit {number}" {{\n    ' + "\n    ".join([*lines, *effects]).rstrip() + "\n}\n"


def guards(servers: list[str]) -> list[str]:
    return [
        'rule "unreviewed code" { reviewed not true deny because "not reviewed" }',
        'rule "forks" { repository not "acme/**" deny because "a fork" }',
        'rule "no bulk" { when args.limit > 10000 deny because "too many" }',
        'rule "updates ask" { command '
        + ", ".join(f'"{server}/update_**", "{server}/delete_**"' for server in servers)
        + ' require approval from "privacy-office" count 2 }',
        "rule \"ssn\" { mask ssn with redact }",
        'rule "exports" { command "*/export_**" unless "export window" deny because "not now" }',
        'rule "export window" { during "Sat-Sun" in "UTC" record full }',
        'rule "bots" { actor /.*\\[bot\\]/ require approval from "leads" }',
    ]  # fmt: skip


def nevers(servers: list[str]) -> tuple[str, ...]:
    server = servers[0]
    return (
        'never "unreviewed" { reviewed false allowed }',
        'never "foreign repositories" { repository "evil/**" allowed }',
        f'never "unasked updates" {{ command "{server}/update_**" allowed without approval from "privacy-office" }}',
        'never "ssn" { allowed without mask ssn with redact }',
        'never "bulk" { when args.limit > 20000 allowed }',
        'never "weekday exports" { command "*/export_**" during "Wed" in "UTC" allowed }',
        'never "bots alone" { actor "dependabot[bot]" allowed without approval from "leads" }',
        'never "resources" { resource "**" allowed }',
    )


def faults(chance: random.Random, servers: list[str]) -> tuple[tuple[str, str], ...]:
    """Rules that let something through when they are added."""
    server = chance.choice(servers)
    return (
        ("resources", f'rule "fault" {{ server "{server}" repository "acme/portal" allow }}'),
        ("resources", 'rule "fault" { resource "file:///shared/**" branch "main" allow mask all }'),
        ("resources", 'rule "fault" { branch not "main" caller "ci" allow }'),
    )


WEAKENED: tuple[tuple[str, str, str], ...] = (
    ("unreviewed", "reviewed not true deny", 'reviewed not true branch not "hotfix/*" deny'),
    ("foreign repositories", 'repository not "acme/**"', 'repository not "acme/**", "evil/tool-*"'),
    ("ssn", "rule \"ssn\" { mask ssn with redact }", 'rule "ssn" { branch not "main" mask ssn with redact }'),
    ("ssn", 'rule "ssn" {', 'rule "ssn" { unless "export window"'),
    ("bulk", "args.limit > 10000", "args.limit > 10000 and args.limit != 30000"),
    ("weekday exports", 'during "Sat-Sun" in "UTC"', 'during "Wed", "Sat-Sun" in "UTC"'),
    ("bots alone", 'actor /.*\\[bot\\]/', 'actor /renovate\\[bot\\]/'),
    ("unasked updates", 'require approval from "privacy-office" count 2',
     'require approval from "privacy-office", "leads" count 2'),
)  # fmt: skip
OPEN = """
rule "team tools" {
    command    "ehr/**", "claims/**", "billing/**", "imaging/**", "labs/**"
    repository "acme/**", "evil/**"
    allow
    mask       phone
}
"""


def requests(chance: random.Random, number: int) -> list[dict[str, Any]]:
    """Requests that such policies are asked."""
    return [_request(chance) for _ in range(number)]


def _request(chance: random.Random) -> dict[str, Any]:
    said: dict[str, list[Any]] = {
        "repository": ["acme/etl", "acme/etl-2", "acme/portal", "acme/ops", "acme/research", "evil/tool-1"],
        "branch": ["main", "release/1", "hotfix/1", "dev", None],
        "environment": ["production", "staging", None],
        "job": ["nightly-etl", "build"],
        "reviewed": [True, True, True, False, None],
        "actor": ["ann", "dependabot[bot]", "renovate[bot]"],
        "group": [["data-x"], ["leads"], []],
        "source_ip": ["10.1.2.3", "8.8.8.8"],
        "protected": [True, False],
        "caller": ["ci", "person"],
    }
    data = {name: chance.choice(values) for name, values in said.items() if chance.random() < 0.85}
    if chance.random() < 0.9:
        verb, noun = chance.choice(_VERBS), chance.choice(["patient", "x", "a/b"])
        data["command"] = f"{chance.choice(_SERVERS)}/{verb}_{noun}"
    else:
        data |= {"server": chance.choice(_SERVERS), "resource": "file:///shared/x"}
    arguments = {
        "limit": [10, 500, 501, 9999, 10001, 30000, "10"],
        "format": ["csv", "xml"],
        "ids": [[], ["vip-1"], ["a"]],
        "notes": [True, False],
    }
    data["args"] = {name: chance.choice(values) for name, values in arguments.items() if chance.random() < 0.6}
    data["time"] = chance.choice(["2026-11-25T10:00:00Z", "2026-11-28T10:00:00Z", "2026-11-23T06:30:00Z"])
    data["claims"] = chance.choice([{}, {"tier": "gold"}, {"tier": "x"}])
    return {**data, "provenance": {"default": "attested", **({"job": "asserted"} if chance.random() < 0.2 else {})}}
