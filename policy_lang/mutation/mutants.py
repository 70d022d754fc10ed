"""The mutants of a policy: each is one rule with one small mistake in it, such as people make.

Strategy: a mutant is the rule's entries with one of them changed, left out or negated. What comes of it is read again
like any other text; a mutant that is no policy (a rule left without an effect) is none. Rules on trial change nothing
and have none. The same policy always has the same mutants, in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from policy_lang import nodes
from policy_lang.mutation.conditions import changed_condition
from policy_lang.mutation.effects import changed_effect
from policy_lang.scope import Scope
from policy_lang.spell import entry_text
from policy_lang.variant import Workbench

_SWAPPED = "This was an allow."
_BESIDE_DENY = (nodes.Deny, nodes.Record, nodes.Retain)
_EFFECTS = (nodes.Require, nodes.Mask, nodes.Record, nodes.Retain, nodes.Grant, nodes.Limit)


@dataclass(frozen=True)
class Mutant:
    """`kind` is a stable word, `what` says the mistake; `entries` is the whole rule then, None if it is gone."""

    rule: str
    kind: str
    what: str
    file: str
    line: int
    entries: tuple[nodes.Entry, ...] | None


def mutants(bench: Workbench) -> Iterator[Mutant]:
    """Every mutant of every rule, rules in the order of their names."""
    for rule in bench.meaning.rules:
        source, block = bench.block(rule.name)
        if block.observe:
            continue
        for kind, what, span, entries in _of_block(bench.scope, block):
            yield Mutant(rule.name, kind, what, source.name, source.position(span[0])[0], entries)


_Found = tuple[str, str, nodes.Span, "tuple[nodes.Entry, ...] | None"]


def _of_block(scope: Scope, block: nodes.Block) -> Iterator[_Found]:
    yield "drop rule", f'the rule "{block.name.value}" is left out', block.span, None
    for at, entry in enumerate(block.entries):
        kind = _dropping(entry)
        if kind:
            yield kind, f"left out: {entry_text(entry)}", entry.span, _without(block.entries, at)
        for kind, new in _changed(scope, entry):
            what = f"{entry_text(entry)} → {entry_text(new)}"
            yield kind, what, entry.span, (*block.entries[:at], new, *block.entries[at + 1 :])
    yield from _swapped(block)


def _dropping(entry: nodes.Entry) -> str:
    if isinstance(entry, nodes.Unless):
        return "drop unless"
    if isinstance(entry, (nodes.Line, nodes.When, nodes.During)):
        return "drop line"
    return f"drop {type(entry).__name__.lower()}" if isinstance(entry, _EFFECTS) else ""


def _changed(scope: Scope, entry: nodes.Entry) -> Iterator[tuple[str, nodes.Entry]]:
    if isinstance(entry, (nodes.Line, nodes.When, nodes.During)):
        yield from changed_condition(scope, entry)
    elif isinstance(entry, nodes.Unless):
        for at in range(len(entry.rules) if len(entry.rules) > 1 else 0):
            yield "drop unless", replace(entry, rules=entry.rules[:at] + entry.rules[at + 1 :])
    else:
        yield from changed_effect(scope, entry)


def _swapped(block: nodes.Block) -> Iterator[_Found]:
    """A permit that denies, a denial that permits; what cannot stand beside it goes."""
    for at, entry in enumerate(block.entries):
        if isinstance(entry, nodes.Allow):
            deny = nodes.Deny(nodes.Literal(_SWAPPED))
            rest = [one for one in _without(block.entries, at) if not _clashes(one)]
            yield "swap verdict", "allow → deny", entry.span, (*rest, deny)
        elif isinstance(entry, nodes.Deny):
            yield "swap verdict", "deny → allow", entry.span, (*_without(block.entries, at), nodes.Allow())


def _clashes(entry: nodes.Entry) -> bool:
    return isinstance(entry, _EFFECTS) and not isinstance(entry, _BESIDE_DENY)


def _without(entries: Sequence[nodes.Entry], at: int) -> tuple[nodes.Entry, ...]:
    return (*entries[:at], *entries[at + 1 :])
