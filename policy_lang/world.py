"""A closed world: rules against the servers' real tools, as `hoopgate lock` wrote them down.

Strategy: a rule is compared with the tools that its command lines can match. What no tool has (server, tool, argument,
type, value of an enumeration) is an error, because a rule that can never bite is believed in all the same. A schema
that this module does not understand allows everything: silence, never a wrong error.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from policy_lang.diagnostic import Diagnostic, did_you_mean, found, listing, unplaced
from policy_lang.formula import Arg, Contains, EachOf, Field, Is, Number, OneOf, Predicate, Test, leaves
from policy_lang.meaning import Condition, Meaning, Rule
from policy_lang.spell import operand, scalar
from policy_lang.values import text_test

Schema: TypeAlias = Mapping[str, Any]
_JSON_TYPES = {OneOf: "string", Number: "number", Is: "boolean"}


@dataclass(frozen=True)
class World:
    """Tools by server and name, each with its inputSchema."""

    servers: Mapping[str, Mapping[str, Schema]]

    def commands(self) -> Iterator[tuple[str, Schema]]:
        for server, tools in self.servers.items():
            for tool, schema in tools.items():
                yield f"{server}/{tool}", schema


def read_world(path: Path) -> World | Diagnostic:
    """The tools of a lockfile (`{"lockfile": 1, "servers": {…}}`), or why it is none."""
    try:
        data = json.loads(path.read_bytes())
        servers = {
            str(name): {str(tool): held.get("inputSchema") or {} for tool, held in server["tools"].items()}
            for name, server in data["servers"].items()
        }
    except OSError as error:
        return unplaced(str(path), "HG007", f"cannot be read: {(error.strerror or '').lower()}", "give a lockfile")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return unplaced(str(path), "HG007", "not a lockfile", "write one with hoopgate lock")
    return World(servers)


def strangers(meaning: Meaning, world: World) -> list[Diagnostic]:
    """Everything that rules name and the world does not have."""
    return [d for rule in meaning.rules for d in _rule(rule, world)]


def _rule(rule: Rule, world: World) -> Iterator[Diagnostic]:
    matched = dict(world.commands())
    named = False
    for condition in rule.conditions:
        formula = condition.formula
        if isinstance(formula, Test) and formula.subject == Field("server"):
            yield from _servers(rule, condition, formula.predicate, world)
            matched = {c: s for c, s in matched.items() if _holds(formula.predicate, c.partition("/")[0])}
        if isinstance(formula, Test) and formula.subject == Field("command"):
            named = True
            yield from _commands(rule, condition, formula.predicate, world)
            matched = {c: s for c, s in matched.items() if _holds(formula.predicate, c)}
    if matched and named:
        for condition in rule.conditions:
            for leaf in leaves(condition.formula):
                if isinstance(leaf, Test) and isinstance(leaf.subject, Arg):
                    yield from _argument(rule, condition, leaf.subject, leaf.predicate, matched)


def _holds(predicate: Predicate, text: str) -> bool:
    return text_test(predicate)(text)


def _at(rule: Rule, condition: Condition, code: str, message: str, help_: str) -> Iterator[Diagnostic]:
    if rule.source:
        yield found(rule.source, condition.span, code, message, help_)


def _servers(rule: Rule, condition: Condition, predicate: Predicate, world: World) -> Iterator[Diagnostic]:
    for name in sorted(predicate.exact) if isinstance(predicate, OneOf) else ():
        if name not in world.servers:
            help_ = did_you_mean(name, world.servers) or f"the lockfile has {listing(sorted(world.servers))}"
            yield from _at(rule, condition, "HG050", f'there is no server "{name}"', help_)


def _commands(rule: Rule, condition: Condition, predicate: Predicate, world: World) -> Iterator[Diagnostic]:
    if not isinstance(predicate, OneOf):
        return
    everything = [command for command, _ in world.commands()]
    for text, matching in _alternatives(predicate):
        server = text.partition("/")[0]
        if any(_holds(matching, command) for command in everything):
            continue
        if "*" not in server and "/" in text and not text.startswith("/") and server not in world.servers:
            help_ = did_you_mean(server, world.servers) or f"the lockfile has {listing(sorted(world.servers))}"
            yield from _at(rule, condition, "HG050", f'there is no server "{server}"', help_)
        else:
            help_ = did_you_mean(text, everything) or "the lockfile has no such tool; write it anew with hoopgate lock"
            yield from _at(rule, condition, "HG051", f'no tool matches "{text}"', help_)


def _alternatives(predicate: OneOf) -> Iterator[tuple[str, OneOf]]:
    for text in sorted(predicate.exact):
        yield text, OneOf(frozenset({text}))
    for pattern in predicate.patterns:
        yield pattern.text, OneOf(frozenset(), (pattern,))


# ---- arguments -------------------------------------------------------------------------------------------------------


def _argument(
    rule: Rule, condition: Condition, subject: Arg, predicate: Predicate, tools: Mapping[str, Schema]
) -> Iterator[Diagnostic]:
    """An argument must exist, and be of the type, for at least one of the tools."""
    from policy_lang import nodes

    schemas = [schema for tool in tools.values() for schema in [_inside(tool, subject.steps)] if schema is not None]
    path = operand(nodes.Argument(subject.steps))
    where = listing(sorted(tools)[:3])
    if not schemas:
        names = sorted({name for tool in tools.values() for name in tool.get("properties") or {}})
        near = did_you_mean(str(subject.steps[0]), names)
        yield from _at(
            rule, condition, "HG052", f"{where} has no argument {path}", near or f"there are {listing(names)}"
        )
        return
    element = predicate.element if isinstance(predicate, EachOf) else predicate
    wanted = _JSON_TYPES.get(type(element))
    if isinstance(element, Contains) or wanted is None:
        return
    fitting = [schema for schema in schemas if _may_be(schema, wanted)]
    if not fitting:
        kinds = sorted({str(schema.get("type")) for schema in schemas})
        yield from _at(
            rule,
            condition,
            "HG053",
            f"{path} is {listing(kinds)}, compared with a {wanted}",
            "compare with a value of its type",
        )
    elif isinstance(element, OneOf):
        yield from _enumerated(rule, condition, path, element, fitting)


def _enumerated(
    rule: Rule, condition: Condition, path: str, predicate: OneOf, schemas: list[Schema]
) -> Iterator[Diagnostic]:
    values = [schema.get("enum") for schema in schemas]
    if any(not isinstance(one, list) for one in values):
        return
    known = sorted({str(value) for one in values if one for value in one})
    for text in sorted(predicate.exact - set(known)):
        help_ = did_you_mean(text, known) or f"the schema has {listing(known)}"
        yield from _at(rule, condition, "HG054", f"{path} is never {scalar(text)}", help_)


def _inside(schema: Any, steps: tuple[str | int | None, ...]) -> Schema | None:
    """The schema of a path; `{}` where it is not known, None where the argument cannot exist."""
    for step in steps:
        if not isinstance(schema, Mapping) or any(key in schema for key in ("$ref", "anyOf", "oneOf", "allOf")):
            return {}
        properties = schema.get("properties")
        if isinstance(step, str) and isinstance(properties, Mapping) and step in properties:
            schema = properties[step]
        elif isinstance(step, str):
            if not isinstance(properties, Mapping) or schema.get("additionalProperties") not in (None, False):
                return {}
            return None
        else:
            items = schema.get("items")
            schema = items if isinstance(items, Mapping) else {}
    return schema if isinstance(schema, Mapping) else {}


def _may_be(schema: Schema, wanted: str) -> bool:
    kinds = schema.get("type")
    if not isinstance(kinds, (str, list)):
        return True
    named = [kinds] if isinstance(kinds, str) else kinds
    return wanted in named or (wanted == "number" and "integer" in named)
