"""Each construct of the language as it is written: from a node to its text on one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from policy_lang import nodes


def entry_text(entry: nodes.Entry) -> str:
    """An entry on one line."""
    return f"{word(entry)} {rest(entry)}".rstrip()


_ENTRY_WORDS = {
    nodes.When: "when", nodes.During: "during", nodes.Unless: "unless", nodes.Allow: "allow", nodes.Deny: "deny",
    nodes.Require: "require", nodes.Mask: "mask", nodes.Record: "record", nodes.Retain: "retain", nodes.Grant: "grant",
    nodes.Limit: "limit", nodes.Allowed: "allowed", nodes.As: "as", nodes.Expect: "expect",
}  # fmt: skip


def word(entry: nodes.Entry) -> str:
    """The first word (or words) of an entry."""
    return operand(entry.subject) if isinstance(entry, nodes.Line) else _ENTRY_WORDS[type(entry)]


def rest(entry: nodes.Entry | nodes.Outcome) -> str:
    """What follows the first word."""
    return _REST[type(entry)](entry)


def _line(node: nodes.Line) -> str:
    with_ = f" with {value(node.arguments)}" if node.arguments is not None else ""
    return f"{'not ' if node.negated else ''}{items(node.items)}{with_}"


def _during(node: nodes.During) -> str:
    return f"{'not ' if node.negated else ''}{items(node.windows)} in {item(node.zone)}"


def _approval(node: nodes.Approval) -> str:
    parts = ["from " + items(node.groups)] if node.groups else []
    parts += [f"count {item(node.count)}"] if node.count else []
    parts += [f"within {node.within.text}"] if node.within else []
    parts += [f"for {node.window.text}"] if node.window else []
    return " ".join([*parts, "once"] if node.once else parts)


def _mask(node: nodes.Mask) -> str:
    exceptions = f" except {items(node.exceptions)}" if node.exceptions else ""
    return items(node.kinds) + exceptions + (f" with {node.method.name}" if node.method else "")


def _without(node: nodes.Without) -> str:
    if node.what == "approval":
        return "without approval" + (f" from {items(node.items)}" if node.items else "")
    return f"without mask {items(node.items)}" + (f" with {node.method.name}" if node.method else "")


def _expect(node: nodes.Expect) -> str:
    outcome = node.outcome
    name = {nodes.Approval: "approval", nodes.Named: "rule"}.get(type(outcome)) or _ENTRY_WORDS[type(outcome)]
    return f"{'not ' if node.negated else ''}{name} {rest(outcome)}".rstrip()


_REST: dict[type, Callable[[Any], str]] = {
    nodes.Line: _line,
    nodes.When: lambda n: expression(n.expression),
    nodes.During: _during,
    nodes.Unless: lambda n: items(n.rules),
    nodes.Allow: lambda _: "",
    nodes.Deny: lambda n: f"because {item(n.because)}" if n.because else "",
    nodes.Require: lambda n: f"approval {_approval(n.approval)}".rstrip(),
    nodes.Approval: _approval,
    nodes.Mask: _mask,
    nodes.Record: lambda n: n.level.name,
    nodes.Retain: lambda n: n.duration.text,
    nodes.Grant: lambda n: f"{item(n.profile)} for {n.duration.text}",
    nodes.Limit: lambda n: f"{item(n.count)} {item(n.unit) + ' ' if n.unit else ''}per {item(n.per)}",
    nodes.Allowed: lambda n: " ".join(map(_without, n.without)),
    nodes.As: lambda n: item(n.given),
    nodes.Expect: _expect,
    nodes.Named: lambda n: item(n.rule),
}


def items(many: nodes.Items) -> str:
    return ", ".join(map(item, many))


def item(node: nodes.Item) -> str:
    """A literal, regex, name or duration as it is written."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Regex):
        return f"/{node.pattern}/"
    return node.text if isinstance(node, nodes.Duration) else scalar(node.value)


def scalar(value: nodes.Scalar) -> str:
    """A plain value as it is written. What does not show is escaped."""
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False).replace("\\b", "\\u0008").replace("\\f", "\\u000c")
        return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
    if isinstance(value, Decimal):
        return str(value)
    return "null" if value is None else str(value).lower()


def operand(node: nodes.Operand) -> str:
    if isinstance(node, nodes.Argument):
        default = f" default {item(node.default)}" if node.default else ""
        return "args" + "".join(map(_step, node.steps)) + default
    asserted = "asserted " if node.asserted else ""
    return asserted + (f"claim({scalar(node.name)})" if isinstance(node, nodes.Claim) else node.name)


def _step(step: str | int | None) -> str:
    if step is None:
        return "[*]"
    if isinstance(step, int):
        return f"[{step}]"
    plain = step.isascii() and step.replace("-", "_").isidentifier() and not step.startswith("-")
    return f".{step}" if plain else f"[{scalar(step)}]"


_BINDS = {nodes.Or: 0, nodes.And: 1, nodes.Not: 2}


def expression(node: nodes.Expression, outer: int = 0) -> str:
    """An expression with the fewest parentheses; a default gets its own."""
    mine = _BINDS.get(type(node), 3)
    text = _expression(node, mine)
    return f"({text})" if mine < outer else text


def _expression(node: nodes.Expression, mine: int) -> str:
    if isinstance(node, (nodes.And, nodes.Or)):
        joint = " and " if isinstance(node, nodes.And) else " or "
        return joint.join(expression(part, mine + 1) for part in node.parts)
    if isinstance(node, nodes.Not):
        return f"not {expression(node.part, mine)}"
    if isinstance(node, nodes.Exists):
        return f"exists {operand(node.operand)}"
    if isinstance(node, nodes.Each):
        return f"{node.quantifier} {expression(node.comparison)}"
    if isinstance(node, nodes.During):
        return f"during {_during(node)}"
    if isinstance(node, nodes.Sql):
        return _sql(node)
    left = operand(node.operand)
    left = f"({left})" if isinstance(node.operand, nodes.Argument) and node.operand.default else left
    if isinstance(node, nodes.Compare):
        return f"{left} {node.operator} {item(node.value)}"
    if isinstance(node, nodes.Matches):
        return f"{left} matches {item(node.pattern)}"
    bare = len(node.items) == 1 and isinstance(node.items[0], nodes.Name)
    return f"{left} in {items(node.items)}" if bare else f"{left} in ({items(node.items)})"


def _sql(node: nodes.Sql) -> str:
    dialect = f", {item(node.dialect)}" if node.dialect else ""
    test = f" {node.operator} {items(node.items)}" if node.operator else f" {items(node.items)}" if node.items else ""
    return f"sql({operand(node.argument)}{dialect}) {node.test}{test}"


def value(node: nodes.Value) -> str:
    """JSON of a test's call."""
    if isinstance(node, nodes.Object):
        pairs = [f"{_key(pair.key)}: {value(pair.value)}" for pair in node.pairs]
        return f"{{ {', '.join(pairs)} }}" if pairs else "{}"
    if isinstance(node, nodes.Array):
        return f"[{', '.join(map(value, node.values))}]"
    return item(node)


def _key(key: str) -> str:
    return key if key.isascii() and key.isidentifier() else scalar(key)
