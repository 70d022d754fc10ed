"""Rules as functions, their lines sorted by what they look at."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

from policy_lang.attributes import TEXT, TYPES, index
from policy_lang.evaluate import Check, compiled
from policy_lang.formula import CALL_SIDE, CALLER_SIDE, Field, Formula, Is, OneOf, Test, Truth, leaves, sides
from policy_lang.meaning import Meaning, Rule

Based: TypeAlias = "tuple[Compiled, Truth]"  # a rule and the truth of its address lines, FALSE excluded


class Line(NamedTuple):
    """A condition on one caller attribute: where the attribute stands, and the only values it can have, if it is so."""

    at: int
    check: Check
    exact: frozenset[Any] | None


class Compiled(NamedTuple):
    """A rule as functions; `place` is its number in the order of names."""

    place: int
    rule: Rule
    call: tuple[Check, ...]  # conditions on the address alone
    lines: tuple[Line, ...]  # on one caller attribute
    caller: tuple[Check, ...]  # on several, or on claims
    late: tuple[Check, ...]  # on arguments or the clock, or on all of these mixed
    late_formulas: tuple[Formula, ...]


def compiled_rules(meaning: Meaning) -> list[Compiled]:
    """Every rule as functions; equal conditions share one."""
    checks: dict[Formula, Check] = {}
    return [_compiled(place, rule, checks) for place, rule in enumerate(meaning.rules)]


def _compiled(place: int, rule: Rule, checks: dict[Formula, Check]) -> Compiled:
    call: list[Check] = []
    lines: list[Line] = []
    caller: list[Check] = []
    late: list[Check] = []
    late_formulas: list[Formula] = []
    for formula in rule.formulas():
        looks_at = sides(formula)
        known = checks.get(formula)
        check = checks.setdefault(formula, compiled(formula)) if known is None else known
        if looks_at == {CALL_SIDE}:
            call.append(check)
        elif looks_at <= {CALLER_SIDE}:
            at = _only_attribute(formula)
            if at is None:
                caller.append(check)
            else:
                lines.append(Line(at, check, _exact(formula)))
        else:
            late.append(check)
            late_formulas.append(formula)
    return Compiled(place, rule, tuple(call), tuple(lines), tuple(caller), tuple(late), tuple(late_formulas))


def _only_attribute(formula: Formula) -> int | None:
    """The one attribute that a formula looks at, if it is one."""
    if isinstance(formula, Test):
        field = formula.subject
        return index(field.name, field.asserted) if isinstance(field, Field) else None
    places = {
        index(leaf.subject.name, leaf.subject.asserted)
        if isinstance(leaf, Test) and isinstance(leaf.subject, Field)
        else None
        for leaf in leaves(formula)
    }
    return places.pop() if len(places) == 1 else None


def _exact(formula: Formula) -> frozenset[Any] | None:
    """The only values for which a formula on one attribute is true, where these are whole values."""
    if not isinstance(formula, Test) or not isinstance(formula.subject, Field):
        return None
    named = formula.predicate
    if isinstance(named, Is):
        return frozenset({named.value})
    return (
        named.exact if TYPES[formula.subject.name] == TEXT and isinstance(named, OneOf) and not named.patterns else None
    )
