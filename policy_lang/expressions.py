"""Boolean expressions of `when`: from nodes to a formula."""

from __future__ import annotations

from policy_lang import formula as f
from policy_lang import nodes
from policy_lang.comparisons import Comparisons
from policy_lang.diagnostic import did_you_mean, listing
from policy_lang.literals import described
from policy_lang.operands import BROKEN
from policy_lang.scope import expand


class Expressions(Comparisons):
    """Reads expressions."""

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

    def _exists(self, node: nodes.Exists) -> f.Formula:
        if isinstance(node.operand, nodes.Argument) and (node.operand.default or None in node.operand.steps):
            return self.add(
                node.operand.span,
                "HG026",
                "exists asks for one argument, without [*] and default",
                "write exists args.name",
            )
        subject = self.subject(node.operand)
        return f.Test(subject, f.Present()) if subject else BROKEN

    def _each(self, node: nodes.Each) -> f.Formula:
        operand = node.comparison.operand
        if not isinstance(operand, nodes.Argument) or None not in operand.steps or operand.default:
            return self.add(
                operand.span,
                "HG026",
                f"{node.quantifier} wants the elements of a list",
                f'write {node.quantifier} args.ids[*] startswith "x"',
            )
        return self._comparison(node.comparison, node.quantifier)

    def _comparison(self, node: nodes.Compare | nodes.In | nodes.Matches, quantifier: str | None) -> f.Formula:
        subject = self.subject(node.operand)
        if subject is None:
            return BROKEN
        if isinstance(subject, f.Arg) and None in subject.steps and quantifier is None:
            return self.add(
                node.operand.span,
                "HG026",
                "[*] names every element of a list",
                "say which is meant: any args.ids[*] … or all args.ids[*] …",
            )
        predicates, opposite = self.predicates(node, subject)
        if not predicates:
            return BROKEN
        if quantifier:
            if len(predicates) > 1:
                return self.add(
                    node.span,
                    "HG020",
                    "any and all compare with values of one type",
                    "write one comparison for each type and join them with or",
                )
            return f.Test(subject, f.EachOf(quantifier, predicates[0], opposite))
        formula = f.some(tuple(f.Test(subject, predicate) for predicate in predicates))
        return f.Opposite(formula) if opposite else formula

    def _sql(self, node: nodes.Sql) -> f.Formula:
        from policy_lang.sql import DIALECTS, available

        if None in node.argument.steps:
            return self.add(node.argument.span, "HG026", "sql reads one argument, not the elements of a list")
        dialect = str(node.dialect.value) if node.dialect else ""
        if not self.shallow(node.argument):
            return BROKEN
        if not available():
            return self.add(
                node.span, "HG038", "a condition on SQL needs the extra [sql]", "pip install 'hoopgate[sql]'"
            )
        if node.dialect and dialect not in DIALECTS:
            near = did_you_mean(dialect, DIALECTS) or f"there are {listing(DIALECTS)}"
            return self.add(node.dialect.span, "HG038", f'"{dialect}" is not a dialect of SQL', near)
        subject = f.Arg(node.argument.steps)
        if node.test == "statements":
            number = node.items[0].value if isinstance(node.items[0], nodes.Literal) else None
            if type(number) is not int or number < 0:
                return self.add(node.items[0].span, "HG029", "statements are counted in whole numbers")
            return f.SqlTest(subject, dialect, "statements", (), node.operator, number)
        tables: list[str] = []
        for item in expand(self.scope, self.source, node.items, self.problems):
            if not isinstance(item, nodes.Literal) or not isinstance(item.value, str):
                return self.add(item.span, "HG020", f"touches takes names of tables, found {described(item)}")
            tables.append(item.value)
        return f.SqlTest(subject, dialect, node.test, tuple(sorted(set(tables))))
