"""What could still come out where arguments and clock are open.

Strategy: a formula's possible truths are a set of three bits, each test that looks at something open being free. Tests
are taken as independent, so the answer may say "possible" too often, never too rarely: a tool list that is filtered by
it hides nothing that could be called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set

from policy_lang.attributes import Values
from policy_lang.automaton import TooLargeError, glob_automaton, shortest
from policy_lang.compiled import Based, Compiled
from policy_lang.evaluate import compiled
from policy_lang.formula import (
    ARGS_SIDE,
    CALL_SIDE,
    CLOCK_SIDE,
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
from policy_lang.pattern import Pattern
from policy_lang.regular import LIMIT

_ANY = 0b111
_ONLY_FALSE = 1 << FALSE
_LATE = frozenset({ARGS_SIDE, CLOCK_SIDE})
_PAIRS = [(one, other) for one in range(3) for other in range(3)]


def possible(formula: Formula, values: Values, free: Set[str] = _LATE) -> int:
    """The truths that a formula can have, as bits, where the sides in `free` are open. The server never is."""
    if isinstance(formula, Opposite):
        return _mirror(possible(formula.part, values, free))
    if isinstance(formula, Every):
        return _joined(1 << TRUE, (possible(part, values, free) for part in formula.parts), min)
    if isinstance(formula, Some):
        return _joined(1 << FALSE, (possible(part, values, free) for part in formula.parts), max)
    is_server = isinstance(formula, Test) and isinstance(formula.subject, Field) and formula.subject.name == "server"
    if sides(formula) & free and not is_server:
        return _ANY
    return 1 << compiled(formula)(values, None, None)


def _joined(bits: int, parts: Iterable[int], choose: Callable[[int, int], int]) -> int:
    for part in parts:
        bits = sum({1 << choose(a, b) for a, b in _PAIRS if bits >> a & 1 and part >> b & 1})
    return bits


def _mirror(bits: int) -> int:
    return (bits & 1) << 2 | bits & 2 | bits >> 2


def could_permit(rules: Iterable[Based], values: Values) -> bool:
    """Whether some call at this address is permitted or held for approval."""
    permitted = False
    for rule, base in rules:
        effects = rule.rule.effects
        if rule.rule.observe or (effects.deny is None and not effects.allow):
            continue
        checks = (*(line.check for line in rule.lines), *rule.caller)
        least = min([check(values, None, None) for check in checks], default=TRUE)
        late = (possible(formula, values) for formula in rule.late_formulas)
        bits = _joined(1 << min(least, base), late, min)
        if effects.deny is not None and not bits & _ONLY_FALSE:
            return False
        permitted = permitted or (effects.allow and bool(bits >> TRUE & 1))
    return permitted


def could_permit_on(rules: Iterable[Compiled], server: str, values: Values, could: Callable[[str], bool]) -> bool:
    """Whether anything on a server is permitted or held for approval."""
    free = _LATE | {CALL_SIDE}
    permits: list[Compiled] = []
    for rule in rules:
        effects = rule.rule.effects
        if rule.rule.observe or (effects.deny is None and not effects.allow):
            continue
        bits = _joined(1 << TRUE, (possible(formula, values, free) for formula in rule.rule.formulas()), min)
        if effects.deny is not None and not bits & _ONLY_FALSE:
            return False
        if effects.allow and bits >> TRUE & 1:
            permits.append(rule)
    return any(_reaches(rule, server, could) for rule in permits)


def _reaches(rule: Compiled, server: str, could: Callable[[str], bool]) -> bool:
    """Whether the rule's commands, where it names them, lie on the server and could pass."""
    for formula in rule.rule.formulas():
        for leaf in leaves(formula) if isinstance(formula, Test) else ():
            if isinstance(leaf, Test) and leaf.subject == Field("command") and isinstance(leaf.predicate, OneOf):
                named = (command for command in leaf.predicate.exact if command.partition("/")[0] == server)
                return any(map(could, named)) or any(_on(pattern, server) for pattern in leaf.predicate.patterns)
    return True


def _on(pattern: Pattern, server: str) -> bool:
    """Whether a pattern of commands can match a tool of the server."""
    if len(server) > LIMIT:
        return True
    try:
        return shortest([pattern.automaton(), glob_automaton(f"{server}/**")], all) is not None
    except TooLargeError:
        return True
