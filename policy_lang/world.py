"""A closed world: a policy against the servers' real tools, as `hoopgate lock` wrote them down.

Strategy: what a rule or a `never` asks about arguments is compared with the tools that its lines can match. What no
tool has (server, tool, argument, type, value of an enumeration) is an error, because a rule that can never bite is
believed in all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policy_lang import nodes
from policy_lang.asked import questions
from policy_lang.diagnostic import Diagnostic, did_you_mean, found, listing, unplaced
from policy_lang.formula import Arg, Every, Field, Formula, OneOf, Opposite, Predicate, Present, SqlTest, Test, leaves
from policy_lang.meaning import Condition, Meaning, Trial
from policy_lang.schema import Nowhere, Schema, Steps, reached
from policy_lang.source import Source
from policy_lang.spell import operand
from policy_lang.values import text_test

_ELSEWHERE = ("resource", "prompt", "method")
Said = tuple[str, str, str]  # code, message, help


@dataclass(frozen=True)
class World:
    """Tools by server and name, each with its inputSchema."""

    servers: Mapping[str, Mapping[str, Schema]]

    def commands(self) -> Iterator[tuple[str, Schema]]:
        """Every tool as a command, with its schema."""
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
    """Everything that rules, nevers and tests name and the world does not have."""
    look = _Look(world)
    out = [d for rule in meaning.rules for d in look.block(rule.source, rule.conditions)]
    out += [d for never in meaning.nevers for d in look.block(never.source, never.conditions)]
    return out + [d for trial in meaning.trials for d in look.trial(trial)]


class _Look:
    def __init__(self, world: World) -> None:
        self._world, self._commands = world, dict(world.commands())

    def block(self, source: Source | None, conditions: Iterable[Condition]) -> Iterator[Diagnostic]:
        """What a rule's or a `never`'s lines name in vain."""
        conditions = list(conditions)
        tools = self._meant([condition.formula for condition in conditions])
        for condition in conditions:
            for code, message, help_ in dict.fromkeys(self._condition(condition.formula, tools)):
                if source:
                    yield found(source, condition.span, code, message, help_)

    def _condition(self, formula: Formula, tools: Mapping[str, Schema]) -> Iterator[Said]:
        for leaf in leaves(formula):
            if isinstance(leaf, Test) and leaf.subject == Field("server"):
                yield from self._servers(leaf.predicate)
            elif isinstance(leaf, Test) and leaf.subject == Field("command"):
                yield from self._tools(leaf.predicate)
            elif isinstance(leaf, (Test, SqlTest)) and isinstance(leaf.subject, Arg) and tools:
                yield from _argument(leaf.subject, leaf, tools)

    def _meant(self, formulas: list[Formula]) -> dict[str, Schema]:
        """The tools that lines can match: all where they name none, none where they are about something else."""
        meant = self._commands
        for formula in _conjuncts(formulas):
            part = formula.part if isinstance(formula, Opposite) else formula
            if not isinstance(part, Test) or not isinstance(part.subject, Field):
                continue
            held, name = part is formula, part.subject.name
            if held and name in _ELSEWHERE:
                return {}
            if name in ("server", "command") and not isinstance(part.predicate, Present):
                test = text_test(part.predicate)
                narrowed = {
                    command: schema
                    for command, schema in meant.items()
                    if test(command.partition("/")[0] if name == "server" else command) is held
                }
                meant = narrowed or meant  # a line that names what is not there is a finding of its own
        return meant

    # ---- names

    def _servers(self, predicate: Predicate) -> Iterator[Said]:
        for text, matching in _alternatives(predicate):
            if not any(map(text_test(matching), self._world.servers)):
                yield self._no_server(text)

    def _tools(self, predicate: Predicate) -> Iterator[Said]:
        for text, matching in _alternatives(predicate):
            if any(map(text_test(matching), self._commands)):
                continue
            server, slash, _ = text.partition("/")
            named = slash and server and "*" not in server and not any(p.kind == "regex" for p in matching.patterns)
            yield self._no_server(server) if named and server not in self._world.servers else self._no_tool(text)

    def _no_server(self, name: str) -> Said:
        servers = sorted(self._world.servers)
        help_ = did_you_mean(name, servers) or (f"the lockfile has {listing(servers)}" if servers else "")
        return "HG050", f'there is no server "{name}"', help_

    def _no_tool(self, text: str) -> Said:
        help_ = did_you_mean(text, self._commands) or "the lockfile has no such tool; write it anew with hoopgate lock"
        return "HG051", f'no tool matches "{text}"', help_

    # ---- tests

    def trial(self, trial: Trial) -> Iterator[Diagnostic]:
        """What a test's call names in vain. Of which type its arguments are is the test's own affair."""
        start, end = trial.span
        brace = trial.source.text.find("{", start, end)
        for code, message, help_ in self._call(trial.request):
            yield found(trial.source, (start, max(brace, start + 1)), code, message, help_)

    def _call(self, request: Mapping[str, Any]) -> Iterator[Said]:
        command, server = request.get("command"), request.get("server")
        if isinstance(command, str):
            schema = self._commands.get(command)
            if schema is None:
                yield from self._tools(OneOf(frozenset({command})))
            else:
                yield from (_missing(steps, {command: schema}) for steps in _unknown(schema, request.get("args") or {}))
        elif isinstance(server, str):
            yield from self._servers(OneOf(frozenset({server})))


def _conjuncts(formulas: Iterable[Formula]) -> Iterator[Formula]:
    for formula in formulas:
        if isinstance(formula, Every):
            yield from _conjuncts(formula.parts)
        else:
            yield formula


def _alternatives(predicate: Predicate) -> Iterator[tuple[str, OneOf]]:
    if isinstance(predicate, OneOf):
        for text in sorted(predicate.exact):
            yield text, OneOf(frozenset({text}))
        for pattern in predicate.patterns:
            yield pattern.text, OneOf(frozenset(), (pattern,))


# ---- arguments -------------------------------------------------------------------------------------------------------


def _argument(subject: Arg, leaf: Test | SqlTest, tools: Mapping[str, Schema]) -> Iterator[Said]:
    """An argument must exist, and be what it is compared with, for at least one of the tools."""
    led = [reached(schema, subject.steps) for schema in tools.values()]
    places = [place for one in led if isinstance(one, list) for place in one]
    if places:
        yield from questions(_spelled(subject.steps), subject, leaf, places)
        return
    kinds = sorted({kind for one in led if isinstance(one, Nowhere) for kind in one.kinds})
    at = max(one.at for one in led if isinstance(one, Nowhere))
    if kinds and not any(one.names for one in led if isinstance(one, Nowhere)):
        inside = "an object" if isinstance(subject.steps[at], str) else "a list"
        message = f"{_spelled(subject.steps[:at])} is {listing(kinds)}, and {inside} is looked for"
        yield "HG053", message, "compare with a value of its type"
    else:
        yield _missing(subject.steps, tools)


def _missing(steps: Steps, tools: Mapping[str, Schema]) -> Said:
    led = [one for schema in tools.values() if isinstance(one := reached(schema, steps), Nowhere)]
    at = max((one.at for one in led), default=0)
    names = sorted({name for one in led if one.at == at for name in one.names})
    near = did_you_mean(str(steps[at]), names) or (f"there are {listing(names)}" if names else "it has none")
    shown = sorted(tools)[:3] + (["…"] if len(tools) > 3 else [])
    return "HG052", f"no argument {_spelled(steps)} in {', '.join(shown)}", near


def _unknown(schema: Schema, value: Any, steps: Steps = ()) -> Iterator[Steps]:
    """The paths of a test's arguments that the tool does not have."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(one := reached(schema, (*steps, key)), Nowhere):
                if not one.kinds:
                    yield (*steps, key)
            else:
                yield from _unknown(schema, inner, (*steps, key))


def _spelled(steps: Steps) -> str:
    return operand(nodes.Argument(steps))
