"""Comparisons: the right side of an operand as predicates, with every type checked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from policy_lang import formula as f
from policy_lang import nodes
from policy_lang.attributes import GROUPS, NETWORK, TEXT, TRUTH, TYPES
from policy_lang.literals import described, plain, plain_number
from policy_lang.operands import BROKEN, Operands, network
from policy_lang.scope import expand


class Comparisons(Operands):
    """Reads what an operand is compared with."""

    def predicates(
        self, node: nodes.Compare | nodes.In | nodes.Matches, subject: f.Subject
    ) -> tuple[list[f.Predicate], bool]:
        """One predicate for each type among the right sides, and whether they are to be negated (`!=`)."""
        predicates, opposite = self._predicates(node, subject)
        for predicate in predicates:
            if isinstance(subject, f.Field) and isinstance(predicate, f.OneOf):
                self.check_words(subject.name, predicate, _right_side(node))
        return predicates, opposite

    def _predicates(
        self, node: nodes.Compare | nodes.In | nodes.Matches, subject: f.Subject
    ) -> tuple[list[f.Predicate], bool]:
        kind = TYPES[subject.name] if isinstance(subject, f.Field) else None
        if isinstance(node, nodes.Matches):
            return self._matches(node, kind), False
        if isinstance(node, nodes.In):
            items = expand(self.scope, self.source, node.items, self.problems)
            return self._equals(items, kind), False
        if isinstance(node.value, nodes.Name):
            self.add(
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
            self.add(node.span, "HG020", "matches is for strings", "compare with == instead")
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
            return [f.Within(tuple(sorted(str(network(text)) for text in texts)))]
        return ([f.OneOf(frozenset(texts))] if texts else []) + others

    def _value(self, item: nodes.Item) -> Any:
        """The plain value of a right side; None after an error."""
        if isinstance(item, nodes.Regex):
            self.add(item.span, "HG021", "a /regex/ beside == or in", f"write matches /{item.pattern}/")
            return None
        if not isinstance(item, nodes.Literal) or item.value is None:
            help_ = "comparing with null is never certain; to ask whether an argument was sent write exists args.name"
            self.add(
                item.span,
                "HG025",
                f"the right side is a string, a number, true or false, found {described(item)}",
                help_ if isinstance(item, nodes.Literal) else 'a text stands in "double quotes"',
            )
            return None
        if isinstance(item.value, str) and "*" in item.value:
            self.add(
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
        self.add(item.span, "HG020", f"this attribute is {wanted}, found {described(item)}")
        return False

    def _is_network(self, item: nodes.Item) -> bool:
        return self.networks(f.Field("source_ip"), [item]) is not BROKEN

    def _ordered(self, node: nodes.Compare, kind: str | None) -> list[f.Predicate]:
        value = node.value.value if isinstance(node.value, nodes.Literal) else None
        if node.operator == "contains":
            plain_value = self._value_of_contains(node)
            if plain_value is None:
                return []
            if kind in (TRUTH, NETWORK) or (kind == TEXT and not isinstance(plain_value, str)):
                self.add(node.span, "HG020", "contains is for strings and lists")
                return []
            return [f.OneOf(frozenset({plain_value}))] if kind == GROUPS else [f.Contains(plain_value)]
        if node.operator in ("startswith", "endswith"):
            if not isinstance(value, str) or kind in (TRUTH, NETWORK):
                self.add(node.value.span, "HG020", f"{node.operator} compares strings, found {described(node.value)}")
                return []
            return [f.Affix(node.operator, value)]
        if kind is not None or isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            what = "an attribute is not a number" if kind is not None else f"found {described(node.value)}"
            self.add(
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
        self.add(
            node.value.span,
            "HG025",
            f"the right side is a string, a number, true or false, found {described(node.value)}",
        )
        return None


def _right_side(node: nodes.Compare | nodes.In | nodes.Matches) -> nodes.Items:
    if isinstance(node, nodes.In):
        return node.items
    return (node.pattern if isinstance(node, nodes.Matches) else node.value,)
