"""The engines that decisions.py measures hoopgate against, and how the same rules are written for each.

Each engine is a function from rules to `matches(facts) -> names of the rules that match`. What a whole decision needs
beyond that (masks united, approvals, the reason) no peer has; `Joined` adds it in Python from the matching rules and
remembers it for each set of them, so that a peer pays for it once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from decision_workload import Rule

Facts = dict[str, Any]
Matches = Callable[[Facts], Sequence[str]]


class Joined:
    """Whole decisions out of matching rules."""

    def __init__(self, rules: tuple[Rule, ...], matches: Matches) -> None:
        self._effects = {rule.name: rule.effects for rule in rules}
        self._matches = matches
        self._known: dict[tuple[str, ...], dict[str, Any]] = {}

    def decide(self, facts: Facts) -> dict[str, Any]:
        names = tuple(sorted(self._matches(facts)))
        decision = self._known.get(names)
        if decision is None:
            decision = self._known[names] = self._join(names)
        return decision

    def _join(self, names: tuple[str, ...]) -> dict[str, Any]:
        said = [(name, self._effects[name]) for name in names]
        denying = [name for name, effects in said if "deny" in effects]
        if denying or not any("allow" in effects for _, effects in said):
            reasons = [effects["deny"] for _, effects in said if "deny" in effects]
            return {"effect": "deny", "rules": denying or list(names), "reason": " ".join(reasons) or None}
        return {
            "effect": "approval" if any("approval" in effects for _, effects in said) else "allow",
            "rules": list(names),
            "mask": {kind: "redact" for _, effects in said for kind in effects.get("mask", ())},
            "approvals": [effects["approval"] for _, effects in said if "approval" in effects],
            "grant": next((effects["grant"] for _, effects in said if "grant" in effects), None),
            "limits": [effects["count"] for _, effects in said if "count" in effects],
            "record": next((effects["record"] for _, effects in said if "record" in effects), "masked"),
            "reason": None,
        }


_CEL_CHUNK = 500  # rules in one expression; Google's CEL reads at most 100,000 characters
_REGO_CHUNK = 1000  # rules in one module; regorus reads at most 1 MiB
_CEL_STARTS = '{}.startsWith("{}")'


# ---- plain Python --------------------------------------------------------------------------------------------------


def scan(rules: tuple[Rule, ...]) -> Matches:
    """A list of rules, walked from first to last, cheapest and most telling test first."""
    order: dict[str, Callable[[Any, Any], bool]] = {"<=": lambda x, n: x <= n, ">": lambda x, n: x > n}

    def matches(facts: Facts) -> list[str]:
        command, repository, found = facts["command"], facts["repository"], []
        for rule in rules:
            if not command.startswith(rule.command):
                continue
            if rule.repository is not None and repository != rule.repository:
                continue
            if _caller_fits(rule, facts) and (not rule.limit or order[rule.limit[0]](facts["limit"], rule.limit[1])):
                found.append(rule.name)
        return found

    return matches


def _caller_fits(rule: Rule, facts: Facts) -> bool:
    branch = facts["branch"]
    if rule.branches and not any(branch.startswith(b) if b.endswith("/") else branch == b for b in rule.branches):
        return False
    if rule.not_branch is not None and branch == rule.not_branch:
        return False
    if rule.environment is not None and facts["environment"] != rule.environment:
        return False
    return rule.reviewed is None or facts["reviewed"] is rule.reviewed


# ---- expressions, alike in CEL, Rego and Cedar but for the spelling -------------------------------------------------


def _terms(rule: Rule, of: str, starts: str) -> list[str]:
    terms = [starts.format(f"{of}command", rule.command)]
    if rule.repository:
        terms.append(f'{of}repository == "{rule.repository}"')
    if rule.not_branch:
        terms.append(f'{of}branch != "{rule.not_branch}"')
    if rule.environment:
        terms.append(f'{of}environment == "{rule.environment}"')
    if rule.reviewed is not None:
        terms.append(f"{of}reviewed == {str(rule.reviewed).lower()}")
    if rule.limit:
        terms.append(f"{of}limit {rule.limit[0]} {rule.limit[1]}")
    return terms


def _branches(rule: Rule, of: str, starts: str) -> list[str]:
    return [(starts if b.endswith("/") else '{} == "{}"').format(f"{of}branch", b) for b in rule.branches]


def _conjunction(rule: Rule, of: str, starts: str) -> str:
    alternatives = _branches(rule, of, starts)
    either = [f"({' || '.join(alternatives)})"] if alternatives else []
    return " && ".join(_terms(rule, of, starts) + either)


def cedar(rules: tuple[Rule, ...]) -> Matches:
    """cedarpy: every rule a permit of one preloaded set, so that one call names all that match."""
    import cedarpy

    starts = '{} like "{}*"'
    text = "\n".join(
        f"permit(principal, action, resource) when {{ {_conjunction(rule, 'context.', starts)} }};" for rule in rules
    )
    policies, entities = cedarpy.PolicySet.from_str(text), cedarpy.Entities.from_json_str("[]")
    names = {f"policy{number}": rule.name for number, rule in enumerate(rules)}
    asked = {"principal": 'P::"p"', "action": 'A::"a"', "resource": 'R::"r"'}

    def matches(facts: Facts) -> list[str]:
        result = cedarpy.is_authorized({**asked, "context": facts}, policies, entities)
        return [names[reason] for reason in result.diagnostics.reasons]

    return matches


def cel_rust(rules: tuple[Rule, ...]) -> Matches:
    """common-expression-language: one program, a list with the truth of every rule."""
    import cel

    program = cel.compile("[" + ", ".join(_conjunction(rule, "", _CEL_STARTS) for rule in rules) + "]")
    names = [rule.name for rule in rules]

    def matches(facts: Facts) -> list[str]:
        return [name for name, truth in zip(names, program.execute(facts), strict=True) if truth]

    return matches


def cel_google(rules: tuple[Rule, ...]) -> Matches:
    """cel-expr-python (Google's C++ CEL): the same in lists that it still reads.

    One program a rule takes ten times as long.
    """
    from cel_expr_python import cel

    texts = ("command", "repository", "branch", "environment", "provider", "run", "commit", "actor")
    variables = dict.fromkeys(texts, cel.Type.STRING) | {"reviewed": cel.Type.BOOL, "limit": cel.Type.INT}
    env = cel.NewEnv(variables=variables)
    programs = []
    for at in range(0, len(rules), _CEL_CHUNK):
        some = rules[at : at + _CEL_CHUNK]
        text = "[" + ", ".join(_conjunction(rule, "", _CEL_STARTS) for rule in some) + "]"
        programs.append((env.compile(text), [rule.name for rule in some]))

    def matches(facts: Facts) -> list[str]:
        activation, found = env.Activation(facts), []
        for program, names in programs:
            truths = program.eval(activation).plain_value()
            found += [name for name, truth in zip(names, truths, strict=True) if truth]
        return found

    return matches


def regorus(rules: tuple[Rule, ...]) -> Matches:
    """regorus (the build that PyPI has): a Rego set of the names that match, compiled for its virtual machine."""
    import regorus as engine

    starts = 'startswith({}, "{}")'
    modules = [["package hoop", "import rego.v1"] for _ in range(0, len(rules), _REGO_CHUNK)]
    for number, rule in enumerate(rules):
        lines = modules[number // _REGO_CHUNK]
        body = _terms(rule, "input.", starts)
        alternatives = _branches(rule, "input.", starts)
        lines += [f"branch_{number} if {alternative}" for alternative in alternatives]
        body += [f"branch_{number}"] if alternatives else []
        lines.append(f'matched contains "{rule.name}" if {{ {"; ".join(body)} }}')
    named = [(f"hoop{number}.rego", "\n".join(lines)) for number, lines in enumerate(modules)]
    program = engine.Program.compile_from_modules("{}", named, ["data.hoop.matched"])
    machine = engine.Rvm()
    machine.load_program(program)

    def matches(facts: Facts) -> list[str]:
        machine.set_input_json(json.dumps(facts))
        return list(json.loads(machine.execute()))

    return matches


SCAN = "plain Python scan"

PEERS: dict[str, tuple[Callable[[tuple[Rule, ...]], Matches], str]] = {
    "cedarpy": (cedar, "cedarpy"),
    "common-expression-language": (cel_rust, "common-expression-language"),
    "cel-expr-python (Google CEL)": (cel_google, "cel-expr-python"),
    "regorus": (regorus, "gordon-to-regorus"),
    SCAN: (scan, ""),
}
