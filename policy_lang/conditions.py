"""Conditions: from what a line or an expression says to its formula, with every type checked."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from policy_lang import formula as f
from policy_lang import nodes
from policy_lang.attributes import ATTRIBUTES, CALL, CALLER_KINDS, GROUPS, NETWORK, TEXT, TRUTH, TYPES
from policy_lang.calendar import NotAWindowError, known_zone, windows_of
from policy_lang.diagnostic import did_you_mean, listing
from policy_lang.meaning import Condition
from policy_lang.pattern import Pattern
from policy_lang.regular import NotRegularError
from policy_lang.scope import Problems, Scope, expand
from policy_lang.source import Source

_BROKEN = f.Constant(f.UNSURE)  # stands where an error was reported; such a policy is not loaded
_NEEDS_VALUE = ("command", "resource", "prompt", "method")
_NEGATED = {"!=": "=="}
_COMMENTED = {
    "args": "write args.name in a `when`: when args.limit <= 10",
    "time": 'write during "Mon-Fri 09:00-17:00" in "Europe/Berlin"',
    "tool": 'write command "server/tool"',
    "env": "the attribute is called environment",
    "repo": "the attribute is called repository",
    "ref": "the attributes are called branch and tag",
    "user": "the attribute is called actor",
    "groups": "the attribute is called group",
}


@dataclass
class Conditions:
    """Reads conditions of one source. Findings go to `problems`."""

    scope: Scope
    source: Source
    problems: Problems

    def _add(self, span: nodes.Span, code: str, message: str, help: str = "") -> f.Formula:  # noqa: A002
        self.problems.add(self.source, span, code, message, help)
        return _BROKEN

    # ---- lines

    def condition(self, entry: nodes.Line | nodes.When | nodes.During) -> Condition:
        """A line's formula; lines that are written alike share one."""
        text, said = self.source.text[entry.span[0] : entry.span[1]], self.problems.said
        formula = self.scope.conditions.get(text)
        if formula is None:
            formula = self._formula(entry)
            if self.problems.said == said:
                self.scope.conditions[text] = formula
        return Condition(formula, entry.span)

    def _formula(self, entry: nodes.Line | nodes.When | nodes.During) -> f.Formula:
        if isinstance(entry, nodes.Line):
            return self.line(entry)
        return self.expression(entry.expression) if isinstance(entry, nodes.When) else self.during(entry)

    def line(self, line: nodes.Line) -> f.Formula:
        """One attribute with its alternatives."""
        subject = line.subject
        if isinstance(subject, nodes.Attribute) and not self.known(subject):
            return _BROKEN
        items = expand(self.scope, self.source, line.items, self.problems)
        if not items:
            return _BROKEN
        if isinstance(subject, nodes.Claim):
            formula = self._claim_line(subject, items)
        else:
            formula = self._attribute_line(subject, items)
        if not line.negated:
            return formula
        if isinstance(subject, nodes.Attribute) and subject.name in _NEEDS_VALUE:
            return f.Every((f.Opposite(formula), f.Test(f.Field(subject.name), f.Present())))
        return f.Opposite(formula)

    def known(self, attribute: nodes.Attribute) -> bool:
        """Whether the attribute exists (and may be called asserted); says so if not."""
        name = attribute.name
        if name not in ATTRIBUTES and self.problems.full:
            return False
        if name not in ATTRIBUTES:
            near = did_you_mean(name, ATTRIBUTES) or _COMMENTED.get(name, "")
            self._add(
                attribute.span, "HG010", f'"{name}" is not an attribute', near or f"there are {listing(ATTRIBUTES)}"
            )
            return False
        if attribute.asserted and name in CALL:
            self._add(
                attribute.span, "HG033", f'"{name}" is what is asked for; nobody asserts it', "leave asserted out"
            )
            return False
        return True

    def _attribute_line(self, subject: nodes.Attribute, items: list[nodes.Item]) -> f.Formula:
        kind, field = TYPES[subject.name], f.Field(subject.name, subject.asserted)
        if kind == TRUTH:
            return self._truths(field, items, f"{subject.name} is true or false")
        if kind == NETWORK:
            return self._networks(field, items)
        texts = self.patterns(items, f'"{subject.name}"')
        if texts is None:
            return _BROKEN
        self._check_words(subject.name, texts, items)
        return f.Test(field, texts)

    def _claim_line(self, subject: nodes.Claim, items: list[nodes.Item]) -> f.Formula:
        claim = f.RawClaim(subject.name, subject.asserted)
        if all(isinstance(item, nodes.Literal) and isinstance(item.value, bool) for item in items):
            return self._truths(claim, items, "a claim's alternatives are of one type")
        texts = self.patterns(items, f'claim("{subject.name}")')
        return f.Test(claim, texts) if texts else _BROKEN

    def _truths(self, subject: f.Subject, items: list[nodes.Item], message: str) -> f.Formula:
        tests: list[f.Formula] = []
        for item in items:
            if not isinstance(item, nodes.Literal) or not isinstance(item.value, bool):
                return self._add(item.span, "HG020", f"{message}, found {described(item)}", "write true or false")
            tests.append(f.Test(subject, f.Is(item.value)))
        return f.some(tuple(tests))

    def _networks(self, field: f.Field, items: list[nodes.Item]) -> f.Formula:
        texts: list[str] = []
        for item in items:
            text = item.value if isinstance(item, nodes.Literal) else None
            try:
                if not isinstance(text, str):
                    raise ValueError("it is not a string")
                texts.append(str(_network(text)))
            except ValueError as error:
                return self._add(
                    item.span,
                    "HG028",
                    f"{described(item)} is not a network: {error}",
                    'write an address or a network such as "10.0.0.0/8" or "2001:db8::/32"',
                )
        return f.Test(field, f.Within(tuple(sorted(set(texts)))))

    def patterns(self, items: list[nodes.Item], what: str) -> f.OneOf | None:
        """Strings, globs and regexes as one predicate; None after an error."""
        exact: set[str] = set()
        found: set[Pattern] = set()
        for item in items:
            if isinstance(item, nodes.Literal) and isinstance(item.value, str):
                if "*" in item.value:
                    found.add(Pattern("glob", item.value))
                else:
                    exact.add(item.value)
            elif isinstance(item, nodes.Regex):
                if not self.regular(item):
                    return None
                found.add(Pattern("regex", item.pattern))
            else:
                self._add(
                    item.span,
                    "HG020",
                    f"{what} takes strings and /regexes/, found {described(item)}",
                    'a text stands in "double quotes"',
                )
                return None
        return f.OneOf(frozenset(exact), tuple(sorted(found)))

    def regular(self, item: nodes.Regex) -> bool:
        """Whether a regex lies in the regular subset; says why if not."""
        try:
            Pattern("regex", item.pattern).tree()
        except NotRegularError as error:
            start = item.span[0] + 1 + error.at
            inside = (start, max(start + 1, min(item.span[1] - 1, start + 1)))
            self._add(inside, "HG023", error.message, error.help)
            return False
        return True

    def _check_words(self, name: str, texts: f.OneOf, items: list[nodes.Item]) -> None:
        if name == "caller":
            for word in sorted(texts.exact - set(CALLER_KINDS)):
                span = next(i.span for i in items if isinstance(i, nodes.Literal) and i.value == word)
                near = did_you_mean(word, CALLER_KINDS)
                self._add(span, "HG016", f'a caller is {listing(CALLER_KINDS)}, not "{word}"', near)
        if name == "command":
            for item in items:
                text = item.value if isinstance(item, nodes.Literal) else "/"
                if isinstance(text, str) and "/" not in text:
                    self._add(
                        item.span,
                        "HG024",
                        f'a command is "server/tool"; "{text}" has no slash',
                        f'write server "{text}" for a whole server, or "{text}/*" for its tools',
                    )

    # ---- expressions

    def expression(self, node: nodes.Expression) -> f.Formula:
        if isinstance(node, nodes.And):
            return f.Every(tuple(self.expression(part) for part in node.parts))
        if isinstance(node, nodes.Or):
            return f.Some(tuple(self.expression(part) for part in node.parts))
        if isinstance(node, nodes.Not):
            return f.Opposite(self.expression(node.part))
        if isinstance(node, nodes.During):
            return self.during(node)
        if isinstance(node, nodes.Sql):
            return self._sql(node)
        if isinstance(node, nodes.Exists):
            return self._exists(node)
        if isinstance(node, nodes.Each):
            return self._each(node)
        return self._comparison(node, None)

    def during(self, node: nodes.During) -> f.Formula:
        windows: list[tuple[int, int]] = []
        for item in expand(self.scope, self.source, node.windows, self.problems):
            text = item.value if isinstance(item, nodes.Literal) else None
            try:
                windows += windows_of(text if isinstance(text, str) else "")
            except NotAWindowError as error:
                return self._add(
                    item.span,
                    "HG027",
                    f"{described(item)} is not a window: {error}",
                    'write days and times such as "Mon-Fri 09:00-17:00" or "22:00-06:00"',
                )
        zone = str(node.zone.value)
        if not known_zone(zone):
            return self._add(
                node.zone.span,
                "HG027",
                f'"{zone}" is not a time zone of this machine',
                'write a name such as "Europe/Berlin" or "UTC"',
            )
        formula = f.Clock(tuple(sorted(set(windows))), zone)
        return f.Opposite(formula) if node.negated else formula

    def subject(self, operand: nodes.Operand) -> f.Subject | None:
        if isinstance(operand, nodes.Attribute):
            return f.Field(operand.name, operand.asserted) if self.known(operand) else None
        if isinstance(operand, nodes.Claim):
            return f.RawClaim(operand.name, operand.asserted)
        if operand.default is None:
            return f.Arg(operand.steps)
        if isinstance(operand.default, nodes.Literal) and operand.default.value is not None:
            return f.Arg(operand.steps, (plain(operand.default.value),))
        self._add(operand.default.span, "HG025", "a default is a string, a number, true or false")
        return None

    def _exists(self, node: nodes.Exists) -> f.Formula:
        if isinstance(node.operand, nodes.Argument) and (node.operand.default or None in node.operand.steps):
            return self._add(
                node.operand.span,
                "HG026",
                "exists asks for one argument, without [*] and default",
                "write exists args.name",
            )
        subject = self.subject(node.operand)
        return f.Test(subject, f.Present()) if subject else _BROKEN

    def _each(self, node: nodes.Each) -> f.Formula:
        operand = node.comparison.operand
        if not isinstance(operand, nodes.Argument) or None not in operand.steps or operand.default:
            return self._add(
                operand.span,
                "HG026",
                f"{node.quantifier} wants the elements of a list",
                f'write {node.quantifier} args.ids[*] startswith "x"',
            )
        return self._comparison(node.comparison, node.quantifier)

    def _comparison(self, node: nodes.Compare | nodes.In | nodes.Matches, quantifier: str | None) -> f.Formula:
        subject = self.subject(node.operand)
        if subject is None:
            return _BROKEN
        if isinstance(subject, f.Arg) and None in subject.steps and quantifier is None:
            return self._add(
                node.operand.span,
                "HG026",
                "[*] names every element of a list",
                "say which is meant: any args.ids[*] … or all args.ids[*] …",
            )
        predicates, opposite = self._predicates(node, subject)
        if not predicates:
            return _BROKEN
        if quantifier:
            if len(predicates) > 1:
                return self._add(
                    node.span,
                    "HG020",
                    "any and all compare with values of one type",
                    "write one comparison for each type and join them with or",
                )
            return f.Test(subject, f.EachOf(quantifier, predicates[0], opposite))
        formula = f.some(tuple(f.Test(subject, predicate) for predicate in predicates))
        return f.Opposite(formula) if opposite else formula

    def _predicates(
        self, node: nodes.Compare | nodes.In | nodes.Matches, subject: f.Subject
    ) -> tuple[list[f.Predicate], bool]:
        """One predicate for each type among the right sides, and whether they are to be negated (`!=`)."""
        kind = TYPES[subject.name] if isinstance(subject, f.Field) else None
        if isinstance(node, nodes.Matches):
            return self._matches(node, kind), False
        if isinstance(node, nodes.In):
            items = expand(self.scope, self.source, node.items, self.problems)
            return self._equals(items, kind), False
        if isinstance(node.value, nodes.Name):
            self._add(
                node.value.span,
                "HG025",
                f"the right side is a literal, found {described(node.value)}",
                f'for a let write in {node.value.name}; a text stands in "double quotes"',
            )
            return [], False
        if node.operator in ("==", "!="):
            return self._equals([node.value], kind), node.operator == "!="
        return self._ordered(node, kind), False

    def _matches(self, node: nodes.Matches, kind: str | None) -> list[f.Predicate]:
        items = expand(self.scope, self.source, (node.pattern,), self.problems)
        if kind in (TRUTH, NETWORK):
            self._add(node.span, "HG020", "matches is for strings", "compare with == instead")
            return []
        texts = self.patterns(items, "matches") if items else None
        return [texts] if texts else []

    def _equals(self, items: list[nodes.Item], kind: str | None) -> list[f.Predicate]:
        texts: set[str] = set()
        others: list[f.Predicate] = []
        for item in items:
            value = self._value(item)
            if value is None or not self._fits(item, value, kind):
                return []
            if isinstance(value, str):
                texts.add(value)
            else:
                others.append(f.Is(value) if isinstance(value, bool) else f.Number("==", plain_number(value)))
        if kind == NETWORK:
            return [f.Within(tuple(sorted(texts)))]
        return ([f.OneOf(frozenset(texts))] if texts else []) + others

    def _value(self, item: nodes.Item) -> Any:
        """The plain value of a right side; None after an error."""
        if isinstance(item, nodes.Regex):
            self._add(item.span, "HG021", "a /regex/ beside == or in", f"write matches /{item.pattern}/")
            return None
        if not isinstance(item, nodes.Literal) or item.value is None:
            help_ = "comparing with null is never certain; to ask whether an argument was sent write exists args.name"
            self._add(
                item.span,
                "HG025",
                f"the right side is a string, a number, true or false, found {described(item)}",
                help_ if isinstance(item, nodes.Literal) else 'a text stands in "double quotes"',
            )
            return None
        if isinstance(item.value, str) and "*" in item.value:
            self._add(
                item.span,
                "HG021",
                f'"{item.value}" beside == or in is taken letter by letter, star included',
                f'for a pattern write matches "{item.value}", or a line: branch "{item.value}"',
            )
            return None
        return item.value

    def _fits(self, item: nodes.Item, value: Any, kind: str | None) -> bool:
        if kind is None or ((kind == TRUTH) == isinstance(value, bool) and (kind != TRUTH) == isinstance(value, str)):
            return kind != NETWORK or self._is_network(item)
        wanted = "true or false" if kind == TRUTH else "a string"
        self._add(item.span, "HG020", f"this attribute is {wanted}, found {described(item)}")
        return False

    def _is_network(self, item: nodes.Item) -> bool:
        return self._networks(f.Field("source_ip"), [item]) is not _BROKEN

    def _ordered(self, node: nodes.Compare, kind: str | None) -> list[f.Predicate]:
        value = node.value.value if isinstance(node.value, nodes.Literal) else None
        if node.operator == "contains":
            plain_value = self._value_of_contains(node)
            if plain_value is None:
                return []
            if kind in (TRUTH, NETWORK) or (kind == TEXT and not isinstance(plain_value, str)):
                self._add(node.span, "HG020", "contains is for strings and lists")
                return []
            return [f.OneOf(frozenset({plain_value}))] if kind == GROUPS else [f.Contains(plain_value)]
        if node.operator in ("startswith", "endswith"):
            if not isinstance(value, str) or kind in (TRUTH, NETWORK):
                self._add(node.value.span, "HG020", f"{node.operator} compares strings, found {described(node.value)}")
                return []
            return [f.Affix(node.operator, value)]
        if kind is not None or isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            what = "an attribute is not a number" if kind is not None else f"found {described(node.value)}"
            self._add(
                node.value.span,
                "HG022",
                f"{node.operator} compares numbers; {what}",
                "strings have no order here: use ==, in or matches",
            )
            return []
        return [f.Number(node.operator, plain_number(value))]

    def _value_of_contains(self, node: nodes.Compare) -> Any:
        if isinstance(node.value, nodes.Literal) and node.value.value is not None:
            return plain(node.value.value)
        self._add(
            node.value.span,
            "HG025",
            f"the right side is a string, a number, true or false, found {described(node.value)}",
        )
        return None

    def _sql(self, node: nodes.Sql) -> f.Formula:
        from policy_lang.sql import DIALECTS, available

        if None in node.argument.steps:
            return self._add(node.argument.span, "HG026", "sql reads one argument, not the elements of a list")
        dialect = str(node.dialect.value) if node.dialect else ""
        if not available():
            return self._add(
                node.span, "HG038", "a condition on SQL needs the extra [sql]", "pip install 'hoopgate[sql]'"
            )
        if node.dialect and dialect not in DIALECTS:
            near = did_you_mean(dialect, DIALECTS) or f"there are {listing(DIALECTS)}"
            return self._add(node.dialect.span, "HG038", f'"{dialect}" is not a dialect of SQL', near)
        subject = f.Arg(node.argument.steps)
        if node.test == "statements":
            number = node.items[0].value if isinstance(node.items[0], nodes.Literal) else None
            if type(number) is not int or number < 0:
                return self._add(node.items[0].span, "HG029", "statements are counted in whole numbers")
            return f.SqlTest(subject, dialect, "statements", (), node.operator, number)
        tables: list[str] = []
        for item in expand(self.scope, self.source, node.items, self.problems):
            if not isinstance(item, nodes.Literal) or not isinstance(item.value, str):
                return self._add(item.span, "HG020", f"touches takes names of tables, found {described(item)}")
            tables.append(item.value)
        return f.SqlTest(subject, dialect, node.test, tuple(sorted(set(tables))))


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """The network; one of mapped addresses is its IPv4 network, as the addresses count as IPv4. Raises ValueError."""
    network = ipaddress.ip_network(text, strict=True)
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < 96:
        return network
    return ipaddress.IPv4Network((mapped, network.prefixlen - 96))


def plain(value: Any) -> f.Plain:
    """A literal's value with one form for each number."""
    return value if isinstance(value, (str, bool)) else plain_number(value)


def plain_number(value: int | Decimal) -> int | Decimal:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value.normalize()
    return value


def described(item: nodes.Value) -> str:
    """An item in words."""
    if isinstance(item, nodes.Literal):
        if isinstance(item.value, str):
            return f'"{item.value}"'
        return "null" if item.value is None else str(item.value).lower()
    if isinstance(item, nodes.Name):
        return f'the word "{item.name}"'
    if isinstance(item, nodes.Regex):
        return f"/{item.pattern}/"
    return f"the duration {item.text}" if isinstance(item, nodes.Duration) else "a list or an object"
