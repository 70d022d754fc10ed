"""Which rules a call can concern, found without looking at the others."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple, TypeAlias

from policy_lang.attributes import CALL_AT, CLAIMS_AT, SIZE, TEXT, TYPES, UNKNOWN, Values, index
from policy_lang.evaluate import Check, compiled
from policy_lang.formula import (
    CALL_SIDE,
    CALLER_SIDE,
    FALSE,
    TRUE,
    Field,
    Formula,
    OneOf,
    Test,
    sides,
)
from policy_lang.meaning import Meaning, Rule

_CROWD = 4  # rules for one call from which on an index by a caller attribute pays


class Compiled(NamedTuple):
    """A rule as functions. `mark` is three times its place among the rules: plus its truth it names what applies."""

    mark: int
    rule: Rule
    call: tuple[Check, ...]  # lines on the address alone
    caller: tuple[Check, ...]  # lines on the caller alone
    late: tuple[Check, ...]  # lines that need arguments or the clock, or mix
    late_formulas: tuple[Formula, ...]
    pivots: dict[int, frozenset[str]]  # caller attribute (its index) → the only values it can have


def compiled_rules(meaning: Meaning) -> list[Compiled]:
    return [_compiled(place, rule) for place, rule in enumerate(meaning.rules)]


def _compiled(place: int, rule: Rule) -> Compiled:
    call: list[Check] = []
    caller: list[Check] = []
    late: list[Check] = []
    late_formulas: list[Formula] = []
    pivots: dict[int, frozenset[str]] = {}
    for formula in rule.formulas():
        looks_at = sides(formula)
        if looks_at == {CALL_SIDE}:
            call.append(compiled(formula))
        elif looks_at <= {CALLER_SIDE}:
            caller.append(compiled(formula))
            _note_pivot(formula, pivots)
        else:
            late.append(compiled(formula))
            late_formulas.append(formula)
    return Compiled(3 * place, rule, tuple(call), tuple(caller), tuple(late), tuple(late_formulas), pivots)


def _note_pivot(formula: Formula, pivots: dict[int, frozenset[str]]) -> None:
    if isinstance(formula, Test) and isinstance(formula.subject, Field) and isinstance(formula.predicate, OneOf):
        field, predicate = formula.subject, formula.predicate
        if TYPES[field.name] == TEXT and not predicate.patterns:
            at = index(field.name, field.asserted)
            pivots[at] = pivots.get(at, predicate.exact) & predicate.exact


class Index:
    """The rules by what their `command` and `server` lines can match."""

    def __init__(self, rules: list[Compiled]) -> None:
        self.rules = rules
        self._by_command: dict[str, list[Compiled]] = defaultdict(list)
        self._by_server: dict[str, list[Compiled]] = defaultdict(list)
        self._anywhere: list[Compiled] = []
        for rule in rules:
            self._enter(rule)

    def _enter(self, rule: Compiled) -> None:
        commands, servers = _addresses(rule.rule)
        if commands is not None:
            for command in commands:
                self._by_command[command].append(rule)
        elif servers is not None:
            for server in servers:
                self._by_server[server].append(rule)
        else:
            self._anywhere.append(rule)

    def candidates(self, call: Values) -> list[Compiled]:
        """The rules that an address may concern, in order."""
        server, command = call[0], call[1]
        if server is UNKNOWN or command is UNKNOWN:
            return self.rules
        found = [*self._by_command.get(command, ()), *self._by_server.get(server, ()), *self._anywhere]
        found.sort(key=lambda rule: rule.mark)
        return found


def _addresses(rule: Rule) -> tuple[frozenset[str] | None, frozenset[str] | None]:
    """The commands that a rule names, if it names only whole ones; the servers, if it names only whole ones."""
    commands: frozenset[str] | None = None
    servers: frozenset[str] | None = None
    for formula in rule.formulas():
        if not (
            isinstance(formula, Test) and isinstance(formula.predicate, OneOf) and isinstance(formula.subject, Field)
        ):
            continue
        name, wanted = formula.subject.name, formula.predicate
        if name == "command" and not wanted.patterns:
            commands = wanted.exact if commands is None else commands & wanted.exact
        elif name == "command":
            heads = {_literal_server(p.text) if p.kind == "glob" else None for p in wanted.patterns}
            if None not in heads:
                named = frozenset(head for head in heads if head) | {c.partition("/")[0] for c in wanted.exact}
                servers = named if servers is None else servers & named
        elif name == "server" and not wanted.patterns:
            servers = wanted.exact if servers is None else servers & wanted.exact
    return commands, servers


def _literal_server(glob: str) -> str | None:
    head = glob.partition("/")[0]
    return None if "*" in head or "/" not in glob else head


Entry: TypeAlias = tuple[int, int, tuple[Check, ...]]  # mark, truth of the address lines, the other checks
Part: TypeAlias = tuple[int, int, tuple[Check, ...], tuple[Check, ...]]  # … caller checks, late checks


class Plan:
    """The rules of one address, their address lines decided, and an index into them by one caller attribute.

    A rule that fixes the attribute to whole values stands only under those; under UNKNOWN stand all rules.
    """

    __slots__ = ("_entries", "_other_entries", "_other_parts", "_parts", "pivot", "refused", "rules")

    def __init__(self, rules: list[tuple[Compiled, int]], refused: bool) -> None:
        self.refused = refused
        self.rules = rules
        self.pivot = _pivot(rules)
        everything = list(range(len(rules)))
        places: dict[Any, list[int]] = {UNKNOWN: everything}
        others = everything
        if self.pivot is not None:
            places, others = _places(rules, self.pivot)
        self._entries = {value: [_entry(*rules[i]) for i in at] for value, at in places.items()}
        self._parts = {value: [_part(*rules[i]) for i in at] for value, at in places.items()}
        self._other_entries = [_entry(*rules[i]) for i in others]
        self._other_parts = [_part(*rules[i]) for i in others]

    def entries(self, values: Values) -> list[Entry]:
        """The rules that can apply to a caller."""
        pivot = self.pivot
        return self._other_entries if pivot is None else self._entries.get(values[pivot], self._other_entries)

    def parts(self, values: Values) -> list[Part]:
        """The same, with caller checks and late checks apart."""
        pivot = self.pivot
        return self._other_parts if pivot is None else self._parts.get(values[pivot], self._other_parts)


def _entry(rule: Compiled, base: int) -> Entry:
    return rule.mark, base, rule.caller + rule.late


def _part(rule: Compiled, base: int) -> Part:
    return rule.mark, base, rule.caller, rule.late


def _pivot(rules: list[tuple[Compiled, int]]) -> int | None:
    """The attribute that most rules fix to whole values, where that is worth an index."""
    counts: dict[int, int] = defaultdict(int)
    for rule, _ in rules:
        for at in rule.pivots:
            counts[at] += 1
    if not counts or max(counts.values()) < _CROWD:
        return None
    return max(counts, key=lambda at: (counts[at], -at))


def _places(rules: list[tuple[Compiled, int]], pivot: int) -> tuple[dict[Any, list[int]], list[int]]:
    """The places of the rules for each value that one of them names, and for every other value."""
    others = [place for place, (rule, _) in enumerate(rules) if pivot not in rule.pivots]
    named: dict[Any, list[int]] = defaultdict(list)
    for place, (rule, _) in enumerate(rules):
        for value in rule.pivots.get(pivot, ()):
            named[value].append(place)
    places = {value: sorted(at + others) for value, at in named.items()}
    return places | {UNKNOWN: list(range(len(rules)))}, others


def plan_of(rules: Index, call: Values, refused: bool) -> Plan:
    """The plan of an address."""
    if refused:
        return Plan([], True)
    values: Values = (UNKNOWN,) * CALL_AT + tuple(call) + (UNKNOWN,) * (SIZE - CLAIMS_AT)
    kept: list[tuple[Compiled, int]] = []
    for rule in rules.candidates(call):
        truth = min((check(values, None, None) for check in rule.call), default=TRUE)
        if truth != FALSE:
            kept.append((rule, truth))
    return Plan(kept, False)
