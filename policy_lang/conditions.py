"""Conditions: from what a line or an expression says to its formula, with every type checked."""

from __future__ import annotations

from policy_lang import formula as f
from policy_lang import nodes
from policy_lang.attributes import NETWORK, TRUTH, TYPES
from policy_lang.expressions import Expressions
from policy_lang.literals import described
from policy_lang.meaning import Condition
from policy_lang.operands import BROKEN
from policy_lang.scope import expand

_NEEDS_VALUE = ("command", "resource", "prompt", "method")


class Conditions(Expressions):
    """Reads conditions of one source. Findings go to `problems`."""

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
            return BROKEN
        items = expand(self.scope, self.source, line.items, self.problems)
        if not items:
            return BROKEN
        if isinstance(subject, nodes.Claim):
            formula = self._claim_line(subject, items)
        else:
            formula = self._attribute_line(subject, items)
        if not line.negated:
            return formula
        if isinstance(subject, nodes.Attribute) and subject.name in _NEEDS_VALUE:
            return f.Every((f.Opposite(formula), f.Test(f.Field(subject.name), f.Present())))
        return f.Opposite(formula)

    def _attribute_line(self, subject: nodes.Attribute, items: list[nodes.Item]) -> f.Formula:
        kind, field = TYPES[subject.name], f.Field(subject.name, subject.asserted)
        if kind == TRUTH:
            return self._truths(field, items, f"{subject.name} is true or false")
        if kind == NETWORK:
            return self.networks(field, items)
        texts = self.patterns(items, f'"{subject.name}"')
        if texts is None:
            return BROKEN
        self.check_words(subject.name, texts, items)
        return f.Test(field, texts)

    def _claim_line(self, subject: nodes.Claim, items: list[nodes.Item]) -> f.Formula:
        claim = f.RawClaim(subject.name, subject.asserted)
        if all(isinstance(item, nodes.Literal) and isinstance(item.value, bool) for item in items):
            return self._truths(claim, items, "a claim's alternatives are of one type")
        texts = self.patterns(items, f'claim("{subject.name}")')
        return f.Test(claim, texts) if texts else BROKEN

    def _truths(self, subject: f.Subject, items: list[nodes.Item], message: str) -> f.Formula:
        tests: list[f.Formula] = []
        for item in items:
            if not isinstance(item, nodes.Literal) or not isinstance(item.value, bool):
                return self.add(item.span, "HG020", f"{message}, found {described(item)}", "write true or false")
            tests.append(f.Test(subject, f.Is(item.value)))
        return f.some(tuple(tests))
