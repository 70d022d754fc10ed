"""What could still come out where arguments and clock are open.

Strategy: a formula's possible truths are a set of three bits, each test that looks at an argument or the clock being
free. Tests are taken as independent, so the answer may say "possible" too often, never too rarely: a tool list that is
filtered by it hides nothing that could be called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from policy_lang.attributes import Values
from policy_lang.evaluate import compiled
from policy_lang.formula import (
    CALL_SIDE,
    FALSE,
    TRUE,
    Every,
    Field,
    Formula,
    OneOf,
    Opposite,
    Some,
    Test,
    leaves,
    sides,
)
from policy_lang.plan import Compiled, Plan

_ANY = 0b111
_ONLY_FALSE = 1 << FALSE
_PAIRS = [(one, other) for one in range(3) for other in range(3)]


def possible(formula: Formula, values: Values) -> int:
    """The truths that a formula can have, as bits, over all arguments and times."""
    looks_at = sides(formula)
    if not looks_at & {"args", "clock"}:
        return 1 << compiled(formula)(values, None, None)
    if isinstance(formula, Opposite):
        return _mirror(possible(formula.part, values))
    if isinstance(formula, (Every, Some)):
        choose = min if isinstance(formula, Every) else max
        bits = 1 << (TRUE if isinstance(formula, Every) else FALSE)
        for part in formula.parts:
            other = possible(part, values)
            bits = sum({1 << choose(a, b) for a, b in _PAIRS if bits >> a & 1 and other >> b & 1})
        return bits
    return _ANY


def _mirror(bits: int) -> int:
    return (bits & 1) << 2 | bits & 2 | bits >> 2


def outlook(rule: Compiled, base: int, values: Values) -> int:
    """The truths that a rule's conditions can have for a caller at an address."""
    least = min((check(values, None, None) for check in rule.caller), default=TRUE)
    bits = 1 << min(least, base)
    for formula in rule.late_formulas:
        other = possible(formula, values)
        bits = sum({1 << min(a, b) for a, b in _PAIRS if bits >> a & 1 and other >> b & 1})
    return bits


def could_permit(plan: Plan, values: Values) -> bool:
    """Whether some call at this address is permitted or held for approval."""
    permitted = False
    for rule, base in plan.rules:
        if rule.rule.observe:
            continue
        effects = rule.rule.effects
        if effects.deny is not None and not outlook(rule, base, values) & _ONLY_FALSE:
            return False
        permitted = permitted or (effects.allow and bool(outlook(rule, base, values) >> TRUE & 1))
    return permitted


def could_permit_on(rules: Iterable[Compiled], server: str, values: Values, could: Callable[[str], bool]) -> bool:
    """Whether anything on a server is permitted or held for approval."""
    permits: list[Compiled] = []
    for rule in rules:
        if rule.rule.observe or (rule.rule.effects.deny is None and not rule.rule.effects.allow):
            continue
        bits = _on_server(rule, values)
        if rule.rule.effects.deny is not None and not bits & _ONLY_FALSE and not _narrows(rule):
            return False
        if rule.rule.effects.allow and bits >> TRUE & 1:
            permits.append(rule)
    return any(_reaches(rule, server, could) for rule in permits)


def _on_server(rule: Compiled, values: Values) -> int:
    bits = outlook(rule, TRUE, values)
    for formula in rule.rule.formulas():
        if sides(formula) == {CALL_SIDE}:
            other = _call_possible(formula, values)
            bits = sum({1 << min(a, b) for a, b in _PAIRS if bits >> a & 1 and other >> b & 1})
    return bits


def _call_possible(formula: Formula, values: Values) -> int:
    """The truths of an address line when only the server is known."""
    if isinstance(formula, Opposite):
        return _mirror(_call_possible(formula.part, values))
    if isinstance(formula, Test) and isinstance(formula.subject, Field) and formula.subject.name == "server":
        return 1 << compiled(formula)(values, None, None)
    return _ANY


def _narrows(rule: Compiled) -> bool:
    """Whether a rule looks at more of the address than the server."""
    return any(
        isinstance(leaf, Test)
        and isinstance(leaf.subject, Field)
        and leaf.subject.name in ("command", "resource", "prompt", "method")
        for formula in rule.rule.formulas()
        for leaf in leaves(formula)
    )


def _reaches(rule: Compiled, server: str, could: Callable[[str], bool]) -> bool:
    """Whether the rule's commands, where it names them, lie on the server and could pass."""
    for formula in rule.rule.formulas():
        if isinstance(formula, Test) and isinstance(formula.subject, Field) and isinstance(formula.predicate, OneOf):
            if formula.subject.name == "command":
                return any(could(c) for c in formula.predicate.exact if c.partition("/")[0] == server) or any(
                    _on(p.text if p.kind == "glob" else None, server) for p in formula.predicate.patterns
                )
    return True


def _on(glob: str | None, server: str) -> bool:
    """Whether a command glob can match a tool of the server; a regex may."""
    from policy_lang.automaton import TooLarge, glob_automaton, shortest

    if glob is None:
        return True
    try:
        return shortest([glob_automaton(glob), glob_automaton(f"{server}/**")], all) is not None
    except TooLarge:
        return True
