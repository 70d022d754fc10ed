"""What parse.py calls for each construct of the grammar: tokens and child nodes in, a node out. No state, no checks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from policy_lang import nodes

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 365 * 86400}
_STEP = re.compile(r'\.([A-Za-z_][A-Za-z0-9_-]*)|\[(?:([0-9]+)|(\*)|("(?:[^"\\]|\\.)*"))\]')
_PLAIN = re.compile(r'"[^"]*"|[a-z_]+')
Children = list[Any]


def _at(token: Any) -> nodes.Span:
    return (token.start_pos, token.end_pos)


def _text(token: Any) -> str:
    value: str = token.value[1:-1]
    return json.loads(token.value) if "\\" in value else value


def _string(token: Any) -> nodes.Literal:
    return nodes.Literal(_text(token), (token.start_pos, token.end_pos))


def _duration(token: Any) -> nodes.Duration:
    value: str = token.value
    return nodes.Duration(value, int(value[:-1]) * SECONDS[value[-1]], _at(token))


def _span(first: Any, last: Any) -> nodes.Span:
    start = first.span[0] if hasattr(first, "span") else first.start_pos
    end = last.span[1] if hasattr(last, "span") else last.end_pos
    return (start, end)


class Builder:
    """One method per rule of grammar.lark. `decimal` makes exact numbers from their text."""

    def __init__(self, decimal: Callable[[str], Any]) -> None:
        self._decimal = decimal

    # ---- leaves

    def _number(self, token: Any) -> nodes.Literal:
        text: str = token.value
        if text.lstrip("-").isdigit() and len(text) < 1000:
            return nodes.Literal(int(text), _at(token))
        return nodes.Literal(self._decimal(text), _at(token))

    def _item(self, token: Any) -> nodes.Item:
        kind = token.type
        if kind == "STRING":
            return _string(token)
        if kind == "NUMBER":
            return self._number(token)
        if kind == "REGEX":
            return nodes.Regex(token.value[1:-1], _at(token))
        if kind == "DURATION":
            return _duration(token)
        if kind == "TRUE" or kind == "FALSE":
            return nodes.Literal(kind == "TRUE", _at(token))
        if kind == "NULL":
            return nodes.Literal(None, _at(token))
        return nodes.Name(token.value, _at(token))

    def items(self, children: Children) -> nodes.Items:
        item = self._item
        return tuple([item(token) for token in children])

    def literal(self, children: Children) -> nodes.Item:
        return self._item(children[0])

    # ---- operands

    def attribute(self, children: Children) -> nodes.Attribute:
        token = children[-1]
        return nodes.Attribute(token.value, len(children) == 2, (children[0].start_pos, token.end_pos))

    def claim(self, children: Children) -> nodes.Claim:
        token = children[-1]
        return nodes.Claim(_text(token), len(children) == 3, (children[0].start_pos, token.end_pos + 1))

    def argument(self, children: Children) -> nodes.Argument:
        token = children[0]
        default = children[2] if len(children) == 3 else None
        return nodes.Argument(path_steps(token.value), default, _span(token, default or token))

    # ---- expressions

    def compare(self, children: Children) -> tuple[str, nodes.Item]:
        return (children[0].value, children[1])

    affix = compare

    def within(self, children: Children) -> nodes.Items:
        last = children[-1]
        return last if isinstance(last, tuple) else (self._item(last),)

    def matches(self, children: Children) -> nodes.Item:
        return self._item(children[1])

    def comparison(self, children: Children) -> nodes.Expression:
        operand, test = children
        if isinstance(test, tuple) and test and isinstance(test[0], str):
            return nodes.Compare(operand, test[0], test[1], _span(operand, test[1]))
        if isinstance(test, tuple):
            return nodes.In(operand, test, _span(operand, test[-1]))
        return nodes.Matches(operand, test, _span(operand, test))

    def comparison_line(self, children: Children) -> nodes.Expression:
        return self.comparison(children)

    def exists(self, children: Children) -> nodes.Exists:
        return nodes.Exists(children[1], _span(children[0], children[1]))

    def each(self, children: Children) -> nodes.Each:
        return nodes.Each(children[0].value, children[1], _span(children[0], children[1]))

    def moment(self, children: Children) -> nodes.During:
        window, zone = _string(children[1]), _string(children[3])
        return nodes.During((window,), zone, False, _span(children[0], zone))

    def sql_test(self, children: Children) -> Children:
        return children

    def sql(self, children: Children) -> nodes.Sql:
        argument = nodes.Argument(path_steps(children[1].value), None, _at(children[1]))
        dialect = _string(children[2]) if len(children) == 4 else None
        test = children[-1]
        items: nodes.Items = ()
        operator = ""
        if test[0].type == "TOUCHES":
            items = test[1]
        elif test[0].type == "STATEMENTS":
            operator, items = test[1].value, (self._number(test[2]),)
        end = items[-1] if items else test[0]
        return nodes.Sql(argument, dialect, test[0].value, items, operator, _span(children[0], end))

    def negation(self, children: Children) -> nodes.Expression:
        if len(children) == 1:  # a parenthesis
            return children[0]  # type: ignore[no-any-return]
        return nodes.Not(children[1], _span(children[0], children[1]))

    def conjunction(self, children: Children) -> nodes.Expression:
        parts = tuple(c for c in children if not hasattr(c, "type"))
        return nodes.And(parts, _span(parts[0], parts[-1]))

    def disjunction(self, children: Children) -> nodes.Expression:
        parts = tuple(c for c in children if not hasattr(c, "type"))
        return nodes.Or(parts, _span(parts[0], parts[-1]))

    # ---- conditions

    def line(self, children: Children) -> nodes.Line:
        subject, items = children[0], children[-1]
        return nodes.Line(subject, items, len(children) == 3, None, (subject.span[0], items[-1].span[1]))

    def call(self, children: Children) -> nodes.Line:
        line, arguments = children[0], children[-1]
        return nodes.Line(line.subject, line.items, line.negated, arguments, _span(line, arguments))

    def when(self, children: Children) -> nodes.When:
        return nodes.When(children[-1], _span(children[0], children[-1]))

    def during(self, children: Children) -> nodes.During:
        zone = _string(children[-1])
        return nodes.During(children[-3], zone, len(children) == 5, _span(children[0], zone))

    def unless(self, children: Children) -> nodes.Unless:
        return nodes.Unless(children[1], _span(children[0], children[1][-1]))

    # ---- plain clauses: a whole clause in one word, with one space or a comma and a space between its parts

    def PLAIN_LINE(self, token: Any) -> nodes.Line:  # noqa: N802 - Lark calls what builds from a terminal by its name
        text, at = token.value, token.start_pos
        name, _, rest = text.partition(" ")
        subject = nodes.Attribute(name, False, (at, at + len(name)))
        negated = rest.startswith("not ")
        places = _PLAIN.finditer(text, len(name) + 5 if negated else len(name) + 1)
        items = tuple([_plain_item(match.group(), at + match.start(), at + match.end()) for match in places])
        return nodes.Line(subject, items, negated, None, (at, token.end_pos))

    def PLAIN_WHEN(self, token: Any) -> nodes.When:  # noqa: N802
        at, end = token.start_pos, token.end_pos
        _, path, operator, value = token.value.split(" ", 3)
        argument = nodes.Argument(tuple(path.split(".")[1:]), None, (at + 5, at + 5 + len(path)))
        literal = _plain_item(value, end - len(value), end)
        return nodes.When(nodes.Compare(argument, operator, literal, (at + 5, end)), (at, end))

    def PLAIN_MASK(self, token: Any) -> nodes.Mask:  # noqa: N802
        text, at = token.value, token.start_pos
        places = _PLAIN.finditer(text, 5)
        kinds = tuple([nodes.Name(match.group(), (at + match.start(), at + match.end())) for match in places])
        return nodes.Mask(kinds, (), None, (at, token.end_pos))

    # ---- effects

    def allow(self, children: Children) -> nodes.Allow:
        return nodes.Allow(_at(children[0]))

    def deny(self, children: Children) -> nodes.Deny:
        because = _string(children[2]) if len(children) == 3 else None
        return nodes.Deny(because, _span(children[0], children[-1]))

    def require(self, children: Children) -> nodes.Require:
        return nodes.Require(children[1], _span(children[0], children[1]))

    def approval(self, children: Children) -> nodes.Approval:
        said = dict(children[1:])
        repeated = len(said) != len(children) - 1
        end = max([children[0].end_pos] + [_end(value) for value in said.values()])
        return nodes.Approval(
            said.get("from", ()),
            said.get("count"),
            said.get("within"),
            said.get("for"),
            "once" in said,
            repeated,
            (children[0].start_pos, end),
        )

    def demand_from(self, children: Children) -> tuple[str, nodes.Items]:
        return ("from", children[1])

    def demand_count(self, children: Children) -> tuple[str, nodes.Literal]:
        return ("count", self._number(children[1]))

    def demand_within(self, children: Children) -> tuple[str, nodes.Duration]:
        return ("within", _duration(children[1]))

    def demand_for(self, children: Children) -> tuple[str, nodes.Duration]:
        return ("for", _duration(children[1]))

    def demand_once(self, children: Children) -> tuple[str, Any]:
        return ("once", children[0])

    def mask(self, children: Children) -> nodes.Mask:
        exceptions: nodes.Items = ()
        method = None
        for mark, value in zip(children[2::2], children[3::2], strict=True):
            if mark.type == "EXCEPT":
                exceptions = value
            else:
                method = nodes.Name(value.value, _at(value))
        end = _end(method or exceptions or children[1])
        return nodes.Mask(children[1], exceptions, method, (children[0].start_pos, end))

    def record(self, children: Children) -> nodes.Record:
        return nodes.Record(nodes.Name(children[1].value, _at(children[1])), _span(children[0], children[1]))

    def retain(self, children: Children) -> nodes.Retain:
        return nodes.Retain(_duration(children[1]), _span(children[0], children[1]))

    def grant(self, children: Children) -> nodes.Grant:
        return nodes.Grant(_string(children[1]), _duration(children[3]), _span(children[0], children[3]))

    def limit(self, children: Children) -> nodes.Limit:
        per = self._item(children[-1])
        unit = nodes.Name(children[2].value, _at(children[2])) if len(children) == 5 else None
        return nodes.Limit(self._number(children[1]), per, _span(children[0], per), unit)  # type: ignore[arg-type]

    # ---- never and test

    def allowed(self, children: Children) -> nodes.Allowed:
        return nodes.Allowed(tuple(children[1:]), _span(children[0], children[-1]))

    def without_approval(self, children: Children) -> nodes.Without:
        items = children[3] if len(children) == 4 else ()
        end = _end(items) if items else children[1].end_pos
        return nodes.Without("approval", items, None, (children[0].start_pos, end))

    def without_mask(self, children: Children) -> nodes.Without:
        method = nodes.Name(children[4].value, _at(children[4])) if len(children) == 5 else None
        end = _end(method or children[2])
        return nodes.Without("mask", children[2], method, (children[0].start_pos, end))

    def named(self, children: Children) -> nodes.Named:
        return nodes.Named(_string(children[1]), _span(children[0], children[1]))

    def example(self, children: Children) -> nodes.As:
        return nodes.As(_string(children[1]), _span(children[0], children[1]))

    def expect(self, children: Children) -> nodes.Expect:
        return nodes.Expect(children[-1], len(children) == 3, _span(children[0], children[-1]))

    def pair(self, children: Children) -> nodes.Pair:
        key = _text(children[0]) if children[0].type == "STRING" else children[0].value
        return nodes.Pair(key, children[1], _span(children[0], children[1]))

    def object(self, children: Children) -> nodes.Object:
        return nodes.Object(tuple(children[1:-1]), (children[0].start_pos, children[-1].end_pos))

    def array(self, children: Children) -> nodes.Array:
        return nodes.Array(tuple(children[1:-1]), (children[0].start_pos, children[-1].end_pos))

    # ---- declarations

    def block(self, children: Children) -> tuple[tuple[nodes.Entry, ...], int]:
        brace = children.pop()
        return tuple(children), brace.end_pos

    def _block(self, children: Children) -> nodes.Block:
        (entries, end), name, kind = children[-1], _string(children[-2]), children[-3].value
        return nodes.Block(kind, name, entries, len(children) == 4, (children[0].start_pos, end))

    rule = never = given = test = _block

    def let(self, children: Children) -> nodes.Let:
        name = nodes.Name(children[1].value, _at(children[1]))
        return nodes.Let(name, children[2], (children[0].start_pos, _end(children[2])))

    def detector(self, children: Children) -> nodes.Detector:
        name = nodes.Name(children[1].value, _at(children[1]))
        pattern = nodes.Regex(children[2].value[1:-1], _at(children[2]))
        near = children[4] if len(children) == 5 else ()
        return nodes.Detector(name, pattern, near, (children[0].start_pos, _end(near or pattern)))

    def start(self, children: Children) -> list[nodes.Declaration]:
        return children


def _end(value: Any) -> int:
    """Where a node, a token or a tuple of nodes ends."""
    if isinstance(value, tuple):
        value = value[-1]
    return value.span[1] if hasattr(value, "span") else value.end_pos  # type: ignore[no-any-return]


def _plain_item(text: str, start: int, end: int) -> nodes.Literal:
    if text[0] == '"':
        return nodes.Literal(text[1:-1], (start, end))
    return nodes.Literal(text == "true" if text[0] in "tf" else int(text), (start, end))


def path_steps(text: str) -> tuple[str | int | None, ...]:
    """The steps of `args.a[0]["odd key"][*]`: keys, indices, and None for `[*]`."""
    steps: list[str | int | None] = []
    for key, index, star, quoted in _STEP.findall(text):
        if index:
            steps.append(int(index))
        elif star:
            steps.append(None)
        else:
            steps.append(json.loads(quoted) if quoted else key)
    return tuple(steps)
