"""From a call's address to the rules that concern it, without looking at the others."""

from __future__ import annotations

from collections import defaultdict

from policy_lang.attributes import CALL_AT, CLAIMS_AT, SIZE, UNKNOWN, Values
from policy_lang.compiled import Based, Compiled
from policy_lang.formula import FALSE, TRUE, Field, OneOf, Test
from policy_lang.meaning import Rule


class Index:
    """The rules by what their `command` and `server` lines can match.

    A rule whose commands all begin with plain text stands under each of these beginnings; a command is looked up by
    its own beginnings of the lengths that occur on its server.
    """

    def __init__(self, rules: list[Compiled]) -> None:
        self.rules = rules
        self._by_head: dict[str, list[Compiled]] = defaultdict(list)
        self._lengths: dict[str, set[int]] = defaultdict(set)
        self._by_server: dict[str, list[Compiled]] = defaultdict(list)
        self._anywhere: list[Compiled] = []
        for rule in rules:
            self._enter(rule)

    def _enter(self, rule: Compiled) -> None:
        heads, servers = _addresses(rule.rule)
        if heads is not None:
            for head in heads:
                self._by_head[head].append(rule)
                self._lengths[head.partition("/")[0]].add(len(head))
        elif servers is not None:
            for server in servers:
                self._by_server[server].append(rule)
        else:
            self._anywhere.append(rule)

    def concerned(self, call: Values) -> list[Based]:
        """The rules whose address lines are not false, in order."""
        values: Values = (UNKNOWN,) * CALL_AT + tuple(call) + (UNKNOWN,) * (SIZE - CLAIMS_AT)
        kept: dict[int, Based] = {}
        for rule in self._candidates(call):
            truth = TRUE
            for check in rule.call:
                truth = min(truth, check(values, None, None))
            if truth != FALSE:
                kept[rule.place] = (rule, truth)
        return [kept[place] for place in sorted(kept)]

    def _candidates(self, call: Values) -> list[Compiled]:
        server, command = call[0], call[1]
        if server is UNKNOWN or command is UNKNOWN:
            return self.rules
        found = [*self._by_server.get(server, ()), *self._anywhere]
        for length in self._lengths.get(server, ()) if command is not None else ():
            found += self._by_head.get(command[:length], ())
        return found


def _addresses(rule: Rule) -> tuple[frozenset[str] | None, frozenset[str] | None]:
    """How a rule's commands begin, if all name their server; the servers, if a rule names only whole ones."""
    servers: frozenset[str] | None = None
    for formula in rule.formulas():
        if not isinstance(formula, Test) or not isinstance(formula.predicate, OneOf):
            continue
        wanted = formula.predicate
        if formula.subject == Field("command") and whole_servers(wanted) is not None:
            return wanted.exact | {pattern.text.partition("*")[0] for pattern in wanted.patterns}, None
        if formula.subject == Field("server") and not wanted.patterns:
            servers = wanted.exact if servers is None else servers & wanted.exact
    return None, servers


def whole_servers(wanted: OneOf) -> frozenset[str] | None:
    """The servers of a list of commands, if every alternative names its server whole."""
    named = {command.partition("/")[0] for command in wanted.exact}
    for pattern in wanted.patterns:
        head, slash, _ = pattern.text.partition("/")
        if pattern.kind != "glob" or "*" in head or not slash:
            return None
        named.add(head)
    return frozenset(named)
