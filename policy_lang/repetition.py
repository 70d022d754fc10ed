"""What stands twice: a line of a block, an alternative of a list, a part of an expression."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policy_lang import nodes
from policy_lang.diagnostic import Diagnostic, found
from policy_lang.source import Source


def of_block(source: Source, block: nodes.Block) -> Iterator[Diagnostic]:
    """A warning for everything in a block that stands there twice."""
    yield from _twice(source, block.entries, "this line stands twice")
    for entry in block.entries:
        for many in _lists(entry):
            yield from _twice(source, many, "this alternative stands twice")
        if isinstance(entry, nodes.When):
            yield from _of_expression(source, entry.expression)


def of_list(source: Source, items: nodes.Items) -> Iterator[Diagnostic]:
    """A warning for every item that a list has twice."""
    return _twice(source, items, "this alternative stands twice")


def _twice(
    source: Source, many: Iterable[nodes.Entry | nodes.Item | nodes.Expression], message: str
) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for one in many:
        written = repr(one)  # equality would take true for 1
        if written in seen:
            yield found(source, one.span, "HG107", message, "drop one of the two")
        seen.add(written)


def _lists(entry: nodes.Entry) -> tuple[nodes.Items, ...]:
    said = entry.outcome if isinstance(entry, nodes.Expect) else entry
    if isinstance(said, nodes.Line):
        return (said.items,)
    if isinstance(said, nodes.Mask):
        return said.kinds, said.exceptions
    if isinstance(said, nodes.Unless):
        return (said.rules,)
    if isinstance(said, nodes.During):
        return (said.windows,)
    if isinstance(said, nodes.Require):
        return (said.approval.groups,)
    if isinstance(said, nodes.Approval):
        return (said.groups,)
    return tuple(without.items for without in said.without) if isinstance(said, nodes.Allowed) else ()


def _of_expression(source: Source, expression: nodes.Expression) -> Iterator[Diagnostic]:
    if isinstance(expression, (nodes.And, nodes.Or)):
        yield from _twice(source, expression.parts, "this condition stands twice")
        for part in expression.parts:
            yield from _of_expression(source, part)
    elif isinstance(expression, nodes.Not):
        yield from _of_expression(source, expression.part)
    elif isinstance(expression, nodes.Each):
        yield from _of_expression(source, expression.comparison)
    elif isinstance(expression, nodes.In):
        yield from of_list(source, expression.items)
