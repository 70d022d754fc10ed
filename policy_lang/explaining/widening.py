"""A line that does not hold of a request, widened just so far that it does: its value let in, or a bound moved."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from policy_lang import nodes
from policy_lang.attributes import CLAIMS_AT, TEXT, TYPES, UNKNOWN, index
from policy_lang.explaining.truths import at_path, truth_of
from policy_lang.formula import TRUE, Every, Formula, Some
from policy_lang.request import Request

_BOUNDS = {"<": "<=", "<=": "<=", ">": ">=", ">=": ">="}


def widened(entry: nodes.Entry, formula: Formula, request: Request) -> nodes.Entry | None:
    """The entry with the request's own values let in; None: it can only be left out."""
    if isinstance(entry, nodes.When):
        expression = _expression(entry.expression, formula, request)
        return None if expression is None else replace(entry, expression=expression)
    if not isinstance(entry, nodes.Line) or entry.negated or not isinstance(entry.subject, nodes.Attribute):
        return None
    literal = _value(entry.subject, request) if TYPES.get(entry.subject.name) == TEXT else None
    return None if literal is None else replace(entry, items=(*entry.items, literal))


def _expression(node: nodes.Expression, formula: Formula, request: Request) -> nodes.Expression | None:
    """An expression that holds and differs as little as may be; None where it can only go."""
    if truth_of(formula, request) == TRUE:
        return node
    if isinstance(node, nodes.And) and isinstance(formula, Every):
        tried = [_expression(*pair, request) for pair in zip(node.parts, formula.parts, strict=True)]
        kept = tuple(part for part in tried if part is not None)
        return None if not kept else kept[0] if len(kept) == 1 else nodes.And(kept)
    if isinstance(node, nodes.Or) and isinstance(formula, Some):
        for at, pair in enumerate(zip(node.parts, formula.parts, strict=True)):
            part = _expression(*pair, request)
            if part is not None:
                return nodes.Or((*node.parts[:at], part, *node.parts[at + 1 :]))
    return _comparison(node, request) if isinstance(node, (nodes.Compare, nodes.In)) else None


def _comparison(node: nodes.Compare | nodes.In, request: Request) -> nodes.Expression | None:
    literal = _value(node.operand, request)
    if literal is None:
        return None
    if isinstance(node, nodes.In):
        return replace(node, items=(*node.items, literal))
    is_number = isinstance(literal.value, (int, Decimal)) and not isinstance(literal.value, bool)
    if node.operator in _BOUNDS:
        return nodes.Compare(node.operand, _BOUNDS[node.operator], literal) if is_number else None
    return nodes.In(node.operand, (node.value, literal)) if node.operator == "==" else None


def _value(operand: nodes.Operand, request: Request) -> nodes.Literal | None:
    """What the request says there, if it can be written as a literal."""
    value: Any = UNKNOWN
    if isinstance(operand, nodes.Attribute):
        value = request.values[index(operand.name, operand.asserted)]
    elif isinstance(operand, nodes.Claim):
        claims = request.values[CLAIMS_AT + operand.asserted]
        value = claims.get(operand.name, UNKNOWN) if isinstance(claims, dict) else UNKNOWN
    elif None not in operand.steps:
        value = at_path(request.args, operand.steps)
    if isinstance(value, float):
        value = Decimal(repr(value))
    is_plain = isinstance(value, (bool, int, Decimal)) or (isinstance(value, str) and "*" not in value)
    return nodes.Literal(value) if is_plain else None
