"""JSON values that stand for all others: one for every way in which a set of tests can come out.

Strategy: a value is a scalar, an object or a list, and each test looks along one path. Of scalars the texts come in
classes (languages.py), the numbers as the constants, what lies between and what lies beyond. An object is put together
from samples of its members, a list grown element by element until no new way of coming out is met. Of a path through
`[*]` it counts which truths its elements have, not what any or all makes of them, so that samples of elements suffice
for lists. Texts of SQL are tried from a small stock; every other outcome that SQL could have stands there as an
`Imagined` text, which no request can hold.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from itertools import pairwise, product
from typing import Any, Final

from policy_lang.automaton import TooLargeError
from policy_lang.evaluate import ABSENT, ELSEWHERE
from policy_lang.formula import (
    FALSE,
    TRUE,
    UNSURE,
    Affix,
    Arg,
    Contains,
    EachOf,
    Is,
    Number,
    OneOf,
    Predicate,
    Present,
    SqlTest,
    Test,
    Truth,
)
from policy_lang.proof.languages import Language, text_classes
from policy_lang.values import equals, value_test

MOST: Final = 1_500
_DIGITS: Final = 1_000
_IMAGINED: Final = 4  # SQL conditions on one argument up to which every outcome is imagined
_STATEMENTS: Final = ("SELECT * FROM ?", "DELETE FROM ?", "INSERT INTO ? SELECT * FROM ?")


class Imagined(str):
    """A text of which only the outcome of its SQL conditions is known."""

    __slots__ = ("truths",)
    truths: dict[SqlTest, Truth]


@dataclass(frozen=True, slots=True)
class Probe:
    """A test seen from a value on its path: what is left of the path, and what is asked at its end."""

    steps: tuple[str | int | None, ...]
    predicate: Predicate | SqlTest
    default: tuple[Any, ...] = ()


def probe_of(leaf: Test | SqlTest) -> Probe:
    """A test on an argument, seen from the value of the argument's first key."""
    subject = leaf.subject
    if isinstance(leaf, SqlTest):
        return Probe(leaf.subject.steps[1:], leaf)
    if isinstance(subject, Arg):
        return Probe(subject.steps[1:], leaf.predicate, subject.default)
    return Probe((), leaf.predicate)


def argument_samples(leaves: Sequence[Test | SqlTest]) -> list[Any]:
    """Samples of one argument, ABSENT among them. Raises TooLargeError past a bound."""
    probes = [probe_of(leaf) for leaf in leaves]
    return [*samples(probes), ABSENT]


def samples(probes: Sequence[Probe]) -> list[Any]:
    """Samples of a value that is there."""
    unique = list(dict.fromkeys(probes))
    found = [*_texts(unique), *_numbers(unique), *_others(unique), *_objects(unique), *_lists(unique)]
    return _distinct(found, unique)


def _distinct(values: Iterable[Any], probes: Sequence[Probe]) -> list[Any]:
    """One value for each way of coming out; one that a request can hold rather than one that is imagined."""
    looks = [outlook(probe) for probe in probes]
    kept: dict[Hashable, Any] = {}
    for value in values:
        key = tuple([look(value) for look in looks])
        if key not in kept or (is_imagined(kept[key]) and not is_imagined(value)):
            kept[key] = value
        if len(kept) > MOST:
            raise TooLargeError
    return list(kept.values())


def is_imagined(value: Any) -> bool:
    """Whether some part of a value stands for texts that are not known."""
    if isinstance(value, dict):
        return any(map(is_imagined, value.values()))
    return any(map(is_imagined, value)) if isinstance(value, list) else isinstance(value, Imagined)


# ---- how a probe comes out -------------------------------------------------------------------------------------------


def outlook(probe: Probe) -> Callable[[Any], Hashable]:
    """From a value, or ABSENT, to all that counts about it for a probe: a truth, or the truths of the elements."""
    test, steps = _end(probe), probe.steps
    if None not in steps:
        return lambda value: test(_at(value, steps))
    first = steps.index(None)
    wants_all = isinstance(probe.predicate, EachOf) and probe.predicate.quantifier == "all"
    empty = [ELSEWHERE] if wants_all else []  # all over an empty list inside is unsure, any is false

    def look(value: Any) -> Hashable:
        head = _at(value, steps[:first])
        if not isinstance(head, list):
            return "absent" if head is ABSENT else "elsewhere"
        return frozenset(map(test, _gathered(head, steps[first + 1 :], empty)))

    return look


def _end(probe: Probe) -> Callable[[Any], Truth]:
    predicate = probe.predicate
    if isinstance(predicate, SqlTest):
        return _sql_end(predicate)
    if isinstance(predicate, Present):
        return lambda x: FALSE if x is ABSENT else UNSURE if x is ELSEWHERE else TRUE
    if isinstance(predicate, EachOf) and None in probe.steps:
        plain = value_test(predicate.element)
        strange = UNSURE
        if predicate.opposite:
            return lambda x: strange if x is ABSENT or x is ELSEWHERE else TRUE - plain(x)
        return lambda x: strange if x is ABSENT or x is ELSEWHERE else plain(x)
    test = value_test(predicate)
    otherwise = test(probe.default[0]) if probe.default else UNSURE
    return lambda x: otherwise if x is ABSENT else UNSURE if x is ELSEWHERE else test(x)


def _sql_end(condition: SqlTest) -> Callable[[Any], Truth]:
    from policy_lang.sql import sql_test

    real = sql_test(condition)

    def test(x: Any) -> Truth:
        if isinstance(x, Imagined):
            return x.truths[condition]
        return real(x) if isinstance(x, str) else UNSURE

    return test


def truth_of(probe: Probe) -> Callable[[Any], Truth]:
    """From a value, or ABSENT, to the truth of the test that a probe was made from."""
    look, predicate = outlook(probe), probe.predicate
    if None not in probe.steps or not isinstance(predicate, EachOf):
        return lambda value: int(look(value))  # type: ignore[call-overload]
    any_ = predicate.quantifier == "any"

    def truth(value: Any) -> Truth:
        out = look(value)
        if not isinstance(out, frozenset):
            return UNSURE
        return max(out, default=FALSE) if any_ else min(out, default=UNSURE)

    return truth


def _at(value: Any, steps: tuple[str | int | None, ...]) -> Any:
    for step in steps:
        if value is ABSENT:
            return ABSENT
        if isinstance(step, str):
            if not isinstance(value, dict):
                return ELSEWHERE
            value = value.get(step, ABSENT)
        else:
            if not isinstance(value, list):
                return ELSEWHERE
            value = value[step] if step is not None and step < len(value) else ABSENT
    return value


def _gathered(elements: list[Any], rest: tuple[str | int | None, ...], empty: list[Any]) -> list[Any]:
    if None not in rest:
        return [_at(element, rest) for element in elements]
    first = rest.index(None)
    out: list[Any] = []
    for element in elements:
        inner = _at(element, rest[:first])
        if isinstance(inner, list):
            out += _gathered(inner, rest[first + 1 :], empty) if inner else empty
        else:
            out.append(ABSENT if inner is ABSENT else ELSEWHERE)
    return out


# ---- scalars ---------------------------------------------------------------------------------------------------------


def _here(probes: Sequence[Probe]) -> list[Predicate | SqlTest]:
    return [probe.predicate for probe in probes if not probe.steps]


def _texts(probes: Sequence[Probe]) -> list[str]:
    """Texts of every class, the stock of SQL, and for every class the outcomes of SQL that were not met."""
    here = _here(probes)
    exact: set[str] = set()
    languages: dict[Language, None] = {}
    for predicate in here:
        if isinstance(predicate, OneOf):
            exact |= predicate.exact
            languages |= dict.fromkeys(predicate.patterns)
        elif isinstance(predicate, Affix) or (isinstance(predicate, Contains) and isinstance(predicate.value, str)):
            languages[predicate] = None
    conditions = [predicate for predicate in here if isinstance(predicate, SqlTest)]
    if not (exact or languages or conditions):
        return []
    classes = [found.text for found in text_classes(tuple(languages), frozenset(exact))]
    if None in classes:
        raise TooLargeError
    texts = [text for text in classes if text is not None]
    return texts if not conditions else [*texts, *_stock(conditions), *_imagined(texts, conditions)]


def _stock(conditions: Sequence[SqlTest]) -> list[str]:
    """Statements that read and write the tables which the conditions name. They are parsed, never run."""
    tables = sorted({table for condition in conditions for table in condition.tables}) or ["t"]
    names = [*(table for table in tables if "*" not in table), "elsewhere"]
    out = ["not sql", "SELECT 1", "SELECT 1; SELECT 2"]
    for name in (*names, ", ".join(names)):
        out += [text.replace("?", name) for text in _STATEMENTS]
    return out


def _imagined(texts: Sequence[str], conditions: Sequence[SqlTest]) -> list[str]:
    unique = list(dict.fromkeys(conditions))
    if len(unique) > _IMAGINED:
        raise TooLargeError
    out: list[str] = []
    for text in texts:
        for truths in product((FALSE, UNSURE, TRUE), repeat=len(unique)):
            one = Imagined(text)
            one.truths = dict(zip(unique, truths, strict=True))
            out.append(one)
    return out


def _numbers(probes: Sequence[Probe]) -> list[int | float | Decimal]:
    """Every constant, something between each two, and something beyond both ends."""
    here = _here(probes)
    cuts = sorted({Decimal(p.value) for p in here if isinstance(p, Number)})
    if not cuts:
        return []
    digits = max(len(cut.as_tuple().digits) + abs(int(cut.as_tuple().exponent)) for cut in cuts)
    if digits > _DIGITS:
        raise TooLargeError
    with localcontext() as context:
        context.prec = 2 * digits + 10
        between = [_between(low, high) for low, high in pairwise(cuts)]
        return [_written(number) for number in (*cuts, cuts[0] - 1, cuts[-1] + 1, *between)]


def _between(low: Decimal, high: Decimal) -> Decimal:
    whole = Decimal(int((low + high) / 2))
    return whole if low < whole < high else (low + high) / 2


def _written(number: Decimal) -> int | float | Decimal:
    if number == number.to_integral_value():
        return int(number)
    near = float(number)
    return near if Decimal(repr(near)) == number else number


def _others(probes: Sequence[Probe]) -> list[Any]:
    wants_truth = any(isinstance(p, (Is, Contains)) for p in _here(probes))
    return [True, False, None] if wants_truth else [None]


# ---- objects and lists -----------------------------------------------------------------------------------------------


def _objects(probes: Sequence[Probe]) -> list[dict[str, Any]]:
    members: dict[str, list[Probe]] = {}
    for probe in probes:
        if probe.steps and isinstance(probe.steps[0], str):
            members.setdefault(probe.steps[0], []).append(Probe(probe.steps[1:], probe.predicate, probe.default))
    if not members:
        return []
    choices = []
    count = 1
    for inner in members.values():
        choices.append(_distinct([*samples(inner), ABSENT], inner))
        count *= len(choices[-1])
        if count > MOST:
            raise TooLargeError
    return [
        {key: value for key, value in zip(members, chosen, strict=True) if value is not ABSENT}
        for chosen in product(*choices)
    ]


def _lists(probes: Sequence[Probe]) -> list[list[Any]]:
    """Lists grown by one element at a time, as long as something new comes of it."""
    on_list = [p for p in probes if (p.steps and not isinstance(p.steps[0], str)) or _asks_elements(p)]
    if not on_list:
        return []
    elements = samples([inner for probe in on_list for inner in _inside(probe)])
    depth = max([step for p in on_list for step in p.steps[:1] if isinstance(step, int)], default=-1) + 1
    looks = [_list_outlook(probe) for probe in on_list]
    queue: list[list[Any]] = [[]]
    seen: set[Hashable] = set()
    for grown in queue:
        for element in elements:
            longer = [*grown, element]
            key = (min(len(longer), depth), tuple([look(longer) for look in looks]))
            if key not in seen:
                seen.add(key)
                queue.append(longer)
                if len(queue) > MOST:
                    raise TooLargeError
    return queue


def _asks_elements(probe: Probe) -> bool:
    return not probe.steps and isinstance(probe.predicate, Contains)


def _inside(probe: Probe) -> list[Probe]:
    """A probe on a list, seen from its elements."""
    predicate = probe.predicate
    if isinstance(predicate, Contains) and not probe.steps:
        return [Probe((), equals(predicate.value))]
    rest = probe.steps[1:]
    if isinstance(predicate, EachOf) and probe.steps[0] is None and None not in rest:
        return [Probe(rest, predicate.element)]
    return [Probe(rest, predicate, probe.default)]


def _list_outlook(probe: Probe) -> Callable[[list[Any]], Hashable]:
    """As `outlook`; for `contains` the truths of the elements."""
    if not _asks_elements(probe):
        return outlook(probe)
    element = value_test(equals(probe.predicate.value))  # type: ignore[union-attr]
    return lambda value: frozenset(map(element, value))
