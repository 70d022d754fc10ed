"""What conditions allow and exclude: whether lines can hold together, and whether some imply others.

Strategy: the top-level conjuncts of a rule that test one subject against a constant are grouped by subject; whatever
else there is (alternatives over several subjects, the clock, SQL, any/all) is compared only for being the same. A
question about a subject's strings is first tried on the whole values that its lines name; only when there are none is
it asked of automata. Every answer errs on the side of silence: "cannot hold" and "implies" are said only where shown.
"""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal, localcontext
from functools import lru_cache
from itertools import islice, pairwise
from typing import TypeAlias

from policy_lang.attributes import GROUPS, TYPES
from policy_lang.automaton import Automaton, TooLargeError, shortest
from policy_lang.formula import (
    TRUE,
    Affix,
    Arg,
    Constant,
    Contains,
    Every,
    Field,
    Formula,
    Is,
    Number,
    OneOf,
    Opposite,
    Predicate,
    Present,
    Some,
    Subject,
    Test,
    Within,
)
from policy_lang.index import whole_servers
from policy_lang.regular import ANYTHING, Chars, Choice, Sequence, Star, Tree
from policy_lang.values import text_test

Demand: TypeAlias = "tuple[Predicate, bool]"  # a predicate, and whether it must hold (else it must not)
_ADDRESSES = ("command", "resource", "prompt", "method")
_TEXTS = (OneOf, Affix, Contains)


@dataclass
class Box:
    """The conditions of a rule: demands by subject, and the formulas that are no such demand."""

    demands: dict[Subject, list[Demand]] = field(default_factory=lambda: defaultdict(list))
    others: set[Formula] = field(default_factory=set)


def box_of(formulas: Iterable[Formula]) -> Box:
    box = Box()
    for formula in formulas:
        _enter(box, formula, True)
    for predicate, held in box.demands.get(Field("command"), ()):
        servers = whole_servers(predicate) if held and isinstance(predicate, OneOf) else None
        if servers:  # a command lies on its server
            box.demands[Field("server")].append((OneOf(servers), True))
    return box


def boxes_of(formulas: Iterable[Formula], most: int = 64) -> list[Box]:
    """The conditions as alternatives, each a box of its own; none where they are more than `most`."""
    alternatives = _alternatives(Every(tuple(formulas)), True, most)
    return [box_of(parts) for parts in alternatives] if len(alternatives) <= most else []


def _alternatives(formula: Formula, holds: bool, most: int) -> list[tuple[Formula, ...]]:
    """The disjunctive form; one too many where it grows past `most`."""
    if isinstance(formula, Opposite):
        return _alternatives(formula.part, not holds, most)
    if not isinstance(formula, (Every, Some)):
        return [(formula if holds else Opposite(formula),)]
    found: list[tuple[Formula, ...]] = [()] if isinstance(formula, Every) == holds else []
    for part in formula.parts:
        more = _alternatives(part, holds, most)
        if isinstance(formula, Every) == holds:
            found = list(islice(((*one, *other) for one in found for other in more), most + 1))
        else:
            found = [*found, *more][: most + 1]
    return found


def _enter(box: Box, formula: Formula, holds: bool) -> None:
    if isinstance(formula, Opposite):
        _enter(box, formula.part, not holds)
    elif isinstance(formula, Every) and holds:
        for part in formula.parts:
            _enter(box, part, True)
    elif isinstance(formula, Test) and isinstance(formula.predicate, (*_TEXTS, Number, Is, Present, Within)):
        box.demands[formula.subject].append((formula.predicate, holds))
    elif not (isinstance(formula, Constant) and formula.truth == TRUE and holds):
        box.others.add(formula if holds else Opposite(formula))


def contradiction(box: Box) -> Subject | None:
    """A subject whose demands cannot all hold, if one is found."""
    for subject, demands in box.demands.items():
        if not isinstance(subject, Arg) and subject.asserted:  # what is believed was said
            demands = [*demands, *box.demands.get(replace(subject, asserted=False), ())]
        if len(demands) > 1 and not possible(subject, demands):
            return subject
    return _address_contradiction(box)


def _address_contradiction(box: Box) -> Subject | None:
    """A call has one address."""
    wanted = [Field(name) for name in _ADDRESSES if any(held for _, held in box.demands.get(Field(name), ()))]
    return wanted[1] if len(wanted) > 1 else None


def together(one: Box, other: Box) -> bool:
    """Whether both may hold of one request; True where it is not known."""
    both = Box()
    for box in (one, other):
        for subject, demands in box.demands.items():
            both.demands[subject] += demands
    return contradiction(both) is None


def implies(narrow: Box, wide: Box) -> bool:
    """Whether the wide conditions are shown to hold wherever the narrow ones do, unsure for unsure."""
    if not wide.others <= narrow.others:
        return False
    return all(
        any(_demand_implies(subject, have, demand) for have in [narrow.demands.get(subject, [])])
        for subject, demands in wide.demands.items()
        for demand in demands
    )


def _demand_implies(subject: Subject, have: list[Demand], wanted: Demand) -> bool:
    if wanted in have:
        return True
    predicate, held = wanted
    same = [demand for demand in have if _kind(demand[0]) == _kind(predicate)]
    if not same or isinstance(predicate, (Present, Within)):
        return False
    return not possible(subject, [*same, (predicate, not held)])


def _kind(predicate: Predicate) -> str:
    if isinstance(predicate, _TEXTS):
        return "text"
    return type(predicate).__name__


# ---- one subject -----------------------------------------------------------------------------------------------------


def possible(subject: Subject, demands: list[Demand]) -> bool:
    """Whether some value meets all demands; True where it is not known."""
    demands = list(dict.fromkeys(demands))
    said = set(demands)
    if any((predicate, not held) in said for predicate, held in demands):
        return False
    if any(isinstance(p, Present) and not held for p, held in demands):
        return not any(held for p, held in demands if not isinstance(p, Present))
    held_kinds = {_kind(p) for p, held in demands if held and not isinstance(p, (Present, Within, Contains))}
    if len(held_kinds) > 1:
        return False
    if held_kinds == {"Is"} or all(isinstance(p, Is) for p, _ in demands):
        return _possible_truth([(p.value, held) for p, held in demands if isinstance(p, Is)])
    if held_kinds == {"Number"}:
        return _possible_number([(p, held) for p, held in demands if isinstance(p, Number)])
    return _possible_text(subject, demands) and _possible_networks(demands)


def _possible_truth(demands: list[tuple[bool, bool]]) -> bool:
    wanted = {value for value, held in demands if held}
    return len(wanted) < 2 and not any(value in wanted for value, held in demands if not held)


def _possible_number(demands: list[tuple[Number, bool]]) -> bool:
    """Try each constant, a point between every two, and one beyond the ends."""
    from policy_lang.values import number_test

    constants = sorted({Decimal(p.value) for p, _ in demands})
    with localcontext() as context:
        context.prec = 2 * max(len(c.as_tuple().digits) + abs(int(c.as_tuple().exponent)) for c in constants) + 10
        between = [(low + high) / 2 for low, high in pairwise(constants)]
        points = [constants[0] - 1, constants[-1] + 1, *between, *constants]
    tests = [(number_test(p), TRUE if held else 0) for p, held in demands]
    return any(all(test(point) == wanted for test, wanted in tests) for point in points)


def _possible_text(subject: Subject, demands: list[Demand]) -> bool:
    held = [p for p, is_held in demands if is_held and isinstance(p, _TEXTS)]
    barred = [p for p, is_held in demands if not is_held and isinstance(p, _TEXTS)]
    if not held:
        return True
    if isinstance(subject, Field) and TYPES[subject.name] == GROUPS:
        return all(_some_text((one,), tuple(barred)) for one in held)
    if any(isinstance(p, Contains) for p in (*held, *barred)) and not isinstance(subject, Field):
        return True  # a list may hold several values
    return _some_text(tuple(held), tuple(barred))


@lru_cache(maxsize=65536)
def _some_text(held: tuple[Predicate, ...], barred: tuple[Predicate, ...]) -> bool:
    """Whether some string meets all of `held` and none of `barred`."""
    if any(isinstance(p, Contains) and not isinstance(p.value, str) for p in (*held, *barred)):
        return True
    for one in held:
        if isinstance(one, OneOf) and not one.patterns:
            tests = [text_test(p) for p in held]
            bars = [text_test(p) for p in barred]
            return any(all(t(x) for t in tests) and not any(b(x) for b in bars) for x in one.exact)
    if not barred and len(held) == 1:
        return True
    automata = [Automaton(_tree(p)) for p in (*held, *barred)]
    n = len(held)
    try:
        return shortest(automata, lambda met: all(met[:n]) and not any(met[n:]), bound=600) is not None
    except TooLargeError:
        return True


def _tree(predicate: Predicate) -> Tree:
    if isinstance(predicate, OneOf):
        parts = [_word(text) for text in sorted(predicate.exact)] + [p.tree() for p in predicate.patterns]
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))
    anything = Star(Chars(ANYTHING))
    if isinstance(predicate, Affix):
        word = _word(predicate.text)
        return Sequence((word, anything) if predicate.where == "startswith" else (anything, word))
    return Sequence((anything, _word(str(getattr(predicate, "value", ""))), anything))


def _word(text: str) -> Tree:
    return Sequence(tuple(Chars(((ord(c), ord(c)),)) for c in text))


def _possible_networks(demands: list[Demand]) -> bool:
    """Two demands for networks that do not overlap cannot both hold."""
    held = [
        [ipaddress.ip_network(n) for n in p.networks] for p, is_held in demands if is_held and isinstance(p, Within)
    ]
    return all(
        any(a.version == b.version and a.overlaps(b) for a in one for b in other)
        for i, one in enumerate(held)
        for other in held[i + 1 :]
    )
