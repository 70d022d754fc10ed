"""Mistakes in conditions: an alternative too few, a glob too wide, a boundary off by one, a negation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

from policy_lang import nodes
from policy_lang.attributes import TEXT, TYPES
from policy_lang.scope import Problems, Scope, expand
from policy_lang.source import Source

Condition: TypeAlias = nodes.Line | nodes.When | nodes.During
_FLIPPED = {"<": ("<=", ">"), "<=": ("<", ">="), ">": (">=", "<"), ">=": (">", "<="), "==": ("!=",), "!=": ("==",),
            "startswith": ("contains",), "endswith": ("contains",)}  # fmt: skip
_NOWHERE = Source("", "")


def changed_condition(scope: Scope, entry: Condition) -> Iterator[tuple[str, Condition]]:
    """The mutants of one line, each with its kind."""
    if isinstance(entry, nodes.Line):
        yield from _line(scope, entry)
    elif isinstance(entry, nodes.During):
        yield "negate", replace(entry, negated=not entry.negated)
        for windows in _fewer(entry.windows):
            yield "drop alternative", replace(entry, windows=windows)
    else:
        yield "negate", replace(entry, expression=_negated(entry.expression))
        for kind, new in _expression(scope, entry.expression):
            yield kind, replace(entry, expression=new)


def _negated(part: nodes.Expression) -> nodes.Expression:
    return part.part if isinstance(part, nodes.Not) else nodes.Not(part)


# ---- lines -----------------------------------------------------------------------------------------------------------


def _line(scope: Scope, line: nodes.Line) -> Iterator[tuple[str, nodes.Line]]:
    truths = [item.value for item in line.items if isinstance(item, nodes.Literal) and isinstance(item.value, bool)]
    if truths:
        yield "negate", replace(line, items=(nodes.Literal(not truths[0]),))
        return
    yield "negate", replace(line, negated=not line.negated)
    items = _written_out(scope, line.items)
    for fewer in _fewer(items):
        yield "drop alternative", replace(line, items=fewer)
    if isinstance(line.subject, nodes.Attribute) and TYPES.get(line.subject.name) != TEXT:
        return
    for at, item in enumerate(items):
        for wide in _wider(item):
            yield "widen glob", replace(line, items=(*items[:at], wide, *items[at + 1 :]))


def _written_out(scope: Scope, items: nodes.Items) -> nodes.Items:
    """The alternatives with every `let` in place."""
    return tuple(expand(scope, _NOWHERE, items, Problems()))


def _fewer(items: nodes.Items) -> Iterator[nodes.Items]:
    for at in range(len(items) if len(items) > 1 else 0):
        yield items[:at] + items[at + 1 :]


def _wider(item: nodes.Item) -> Iterator[nodes.Item]:
    """A glob whose star runs further; a whole value that has become a prefix."""
    if not isinstance(item, nodes.Literal) or not isinstance(item.value, str):
        return
    text = item.value
    head, star, _ = text.partition("*")
    if not star:
        yield nodes.Literal(f"{text}*")
    else:
        server, slash, _ = head.partition("/")
        if text != (whole := f"{server}/**" if slash else "**"):
            yield nodes.Literal(whole)
        if (longer := text.replace("**", "*").replace("*", "**")) not in (text, whole):
            yield nodes.Literal(longer)


# ---- expressions -----------------------------------------------------------------------------------------------------


def _expression(scope: Scope, part: nodes.Expression) -> Iterator[tuple[str, nodes.Expression]]:
    if isinstance(part, (nodes.And, nodes.Or)):
        yield "flip operator", (nodes.Or if isinstance(part, nodes.And) else nodes.And)(part.parts)
        for at, inner in enumerate(part.parts):
            rest = (*part.parts[:at], *part.parts[at + 1 :])
            yield "drop part", rest[0] if len(rest) == 1 else replace(part, parts=rest)
            for kind, new in _expression(scope, inner):
                yield kind, replace(part, parts=(*part.parts[:at], new, *part.parts[at + 1 :]))
    elif isinstance(part, nodes.Not):
        for kind, new in _expression(scope, part.part):
            yield kind, nodes.Not(new)
    elif isinstance(part, nodes.Each):
        yield "flip operator", replace(part, quantifier="all" if part.quantifier == "any" else "any")
        for kind, new in _expression(scope, part.comparison):
            if isinstance(new, (nodes.Compare, nodes.In, nodes.Matches)):
                yield kind, replace(part, comparison=new)
    else:
        yield from _comparison(scope, part)


def _comparison(scope: Scope, part: nodes.Expression) -> Iterator[tuple[str, nodes.Expression]]:
    if isinstance(part, nodes.Compare):
        yield from _compare(part)
    elif isinstance(part, nodes.In):
        for fewer in _fewer(_written_out(scope, part.items)):
            yield "drop alternative", replace(part, items=fewer)
    elif isinstance(part, nodes.Matches):
        for wide in _wider(part.pattern):
            yield "widen glob", replace(part, pattern=wide)
    elif isinstance(part, nodes.Sql) and part.test == "touches":
        for fewer in _fewer(part.items):
            yield "drop alternative", replace(part, items=fewer)


def _compare(part: nodes.Compare) -> Iterator[tuple[str, nodes.Compare]]:
    for operator in _FLIPPED.get(part.operator, ()):
        yield "flip operator", replace(part, operator=operator)
    value = part.value
    if isinstance(value, nodes.Literal) and isinstance(value.value, int) and not isinstance(value.value, bool):
        step = 1 if part.operator in ("<", "<=") else -1
        yield "shift boundary", replace(part, value=nodes.Literal(value.value + step))
