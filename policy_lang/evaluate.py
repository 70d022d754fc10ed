"""Formulas to functions: closures over constants, so that no text of a policy is ever run as code.

A check takes the request's values (attributes.py), the call's arguments and the moment, and gives FALSE, UNSURE or
TRUE. It never raises, whatever the arguments are.
"""

# ruff: noqa: ARG001, ARG005 - every check has the same three parameters
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeAlias

from policy_lang.attributes import CLAIMS_AT, GROUPS, TRUTH, TYPES, UNKNOWN, Values, index
from policy_lang.formula import (
    FALSE,
    TRUE,
    UNSURE,
    Arg,
    Clock,
    Constant,
    EachOf,
    Every,
    Field,
    Formula,
    Is,
    Number,
    OneOf,
    Opposite,
    Predicate,
    Present,
    RawClaim,
    Some,
    SqlTest,
    Test,
    Truth,
)
from policy_lang.values import text_test, value_test

Check: TypeAlias = Callable[[Values, Any, "datetime | None"], Truth]
_WEEK = 7 * 24 * 60


class _Absent:
    pass


ABSENT: Final = _Absent()  # the argument was not sent
ELSEWHERE: Final = _Absent()  # a value on the way to it is of another type


def compiled(formula: Formula) -> Check:
    """The check of a formula."""
    if isinstance(formula, Test):
        return _test(formula)
    if isinstance(formula, Opposite):
        return _opposite(compiled(formula.part))
    if isinstance(formula, (Every, Some)):
        checks = tuple(compiled(part) for part in formula.parts)
        return _every(checks) if isinstance(formula, Every) else _some(checks)
    if isinstance(formula, Constant):
        truth = formula.truth
        return lambda v, a, t: truth
    return _clock(formula) if isinstance(formula, Clock) else _sql(formula)


def _every(checks: tuple[Check, ...]) -> Check:
    def check(v: Values, a: Any, t: datetime | None) -> Truth:
        least = TRUE
        for one in checks:
            truth = one(v, a, t)
            if truth < least:
                if truth == FALSE:
                    return FALSE
                least = truth
        return least

    return check


def _some(checks: tuple[Check, ...]) -> Check:
    def check(v: Values, a: Any, t: datetime | None) -> Truth:
        most = FALSE
        for one in checks:
            truth = one(v, a, t)
            if truth > most:
                if truth == TRUE:
                    return TRUE
                most = truth
        return most

    return check


def _opposite(part: Check) -> Check:
    return lambda v, a, t: TRUE - part(v, a, t)


# ---- attributes and claims -----------------------------------------------------------------------------------------


def _test(formula: Test) -> Check:
    subject, predicate = formula.subject, formula.predicate
    if isinstance(subject, Arg):
        return _argument(subject, predicate)
    if isinstance(subject, RawClaim):
        return _claim(subject, predicate)
    return _field(subject, predicate)


def _field(subject: Field, predicate: Predicate) -> Check:
    at = index(subject.name, subject.asserted)
    if isinstance(predicate, Present):
        return lambda v, a, t: UNSURE if v[at] is UNKNOWN else FALSE if v[at] is None else TRUE
    kind = TYPES[subject.name]
    if kind == TRUTH:
        return _field_is(at, isinstance(predicate, Is) and predicate.value)
    if kind == GROUPS:
        return _field_groups(at, text_test(predicate))
    if isinstance(predicate, OneOf) and not predicate.patterns:
        return _field_exact(at, predicate.exact)
    return _field_text(at, text_test(predicate))


def _field_is(at: int, wanted: bool) -> Check:
    def check(v: Values, a: Any, t: datetime | None) -> Truth:
        x = v[at]
        return UNSURE if x is UNKNOWN else TRUE if x is wanted else FALSE

    return check


def _field_exact(at: int, exact: frozenset[str]) -> Check:
    if len(exact) == 1:
        (only,) = exact

        def check_one(v: Values, a: Any, t: datetime | None) -> Truth:
            x = v[at]
            return TRUE if x == only else UNSURE if x is UNKNOWN else FALSE

        return check_one

    def check(v: Values, a: Any, t: datetime | None) -> Truth:
        x = v[at]
        return TRUE if x in exact else UNSURE if x is UNKNOWN else FALSE

    return check


def _field_text(at: int, test: Callable[[str], bool]) -> Check:
    def check(v: Values, a: Any, t: datetime | None) -> Truth:
        x = v[at]
        if x is UNKNOWN:
            return UNSURE
        return TRUE if x is not None and test(x) else FALSE

    return check


def _field_groups(at: int, test: Callable[[str], bool]) -> Check:
    def check(v: Values, a: Any, t: datetime | None) -> Truth:
        x = v[at]
        if x is UNKNOWN:
            return UNSURE
        return TRUE if x is not None and any(map(test, x)) else FALSE

    return check


def _claim(subject: RawClaim, predicate: Predicate) -> Check:
    at, name, test = CLAIMS_AT + subject.asserted, subject.name, value_test(predicate)

    def check(v: Values, a: Any, t: datetime | None) -> Truth:
        claims = v[at]
        value = None if claims is UNKNOWN else claims.get(name)
        return UNSURE if value is None else test(value)

    return check


# ---- arguments -----------------------------------------------------------------------------------------------------


def _argument(subject: Arg, predicate: Predicate) -> Check:
    steps = subject.steps
    if isinstance(predicate, Present):
        return _argument_present(_getter(steps))
    if None in steps:
        wants_all = isinstance(predicate, EachOf) and predicate.quantifier == "all"
        return _argument_test(_gatherer(steps, [ELSEWHERE] if wants_all else []), value_test(predicate), subject)
    key = steps[0]
    if len(steps) == 1 and isinstance(key, str) and not subject.default:
        if isinstance(predicate, Number) and isinstance(predicate.value, int):
            return _argument_number(key, predicate)
        return _argument_key(key, value_test(predicate))
    return _argument_test(_getter(steps), value_test(predicate), subject)


def _argument_present(get: Callable[[Any], Any]) -> Check:
    def check(v: Values, a: Any, t: datetime | None) -> Truth:
        x = get(a)
        return FALSE if x is ABSENT else UNSURE if x is ELSEWHERE else TRUE

    return check


def _argument_test(get: Callable[[Any], Any], test: Callable[[Any], Truth], subject: Arg) -> Check:
    otherwise = test(subject.default[0]) if subject.default else UNSURE

    def check(v: Values, a: Any, t: datetime | None) -> Truth:
        x = get(a)
        if x is ABSENT:
            return otherwise
        return UNSURE if x is ELSEWHERE else test(x)

    return check


def _argument_key(key: str, test: Callable[[Any], Truth]) -> Check:
    def check(v: Values, a: Any, t: datetime | None) -> Truth:
        x = a.get(key, ABSENT) if type(a) is dict else ABSENT
        return UNSURE if x is ABSENT else test(x)

    return check


def _argument_number(key: str, predicate: Number) -> Check:
    """The most frequent condition of all, without a call for integers."""
    number, test = predicate.value, value_test(predicate)
    if predicate.operator == "<=":

        def at_most(v: Values, a: Any, t: datetime | None) -> Truth:
            x = a.get(key) if type(a) is dict else None
            if type(x) is int:
                return TRUE if x <= number else FALSE
            return test(x)

        return at_most
    if predicate.operator == ">":

        def more_than(v: Values, a: Any, t: datetime | None) -> Truth:
            x = a.get(key) if type(a) is dict else None
            if type(x) is int:
                return TRUE if x > number else FALSE
            return test(x)

        return more_than
    return _argument_key(key, test)


def _getter(steps: tuple[str | int | None, ...]) -> Callable[[Any], Any]:
    def get(x: Any) -> Any:
        for step in steps:
            if isinstance(step, str):
                if not isinstance(x, dict):
                    return ELSEWHERE
                x = x.get(step, ABSENT)
            else:
                if not isinstance(x, (list, tuple)):
                    return ELSEWHERE
                x = x[step] if step is not None and step < len(x) else ABSENT
            if x is ABSENT:
                return ABSENT
        return x

    return get


def _gatherer(steps: tuple[str | int | None, ...], empty: list[Any]) -> Callable[[Any], Any]:
    """Every element that a path with `[*]` names, in a list; what is absent inside an element is a strange value.

    `empty` stands for an empty list inside another: nothing to `any`, to `all` a strange value as well.
    """
    at = steps.index(None)
    head, rest = _getter(steps[:at]), steps[at + 1 :]
    tail = _gatherer(rest, empty) if None in rest else _getter(rest)

    def gather(x: Any) -> Any:
        elements = head(x)
        if elements is ABSENT or elements is ELSEWHERE:
            return elements
        if not isinstance(elements, (list, tuple)):
            return ELSEWHERE
        found = [tail(element) for element in elements]
        if None in rest:
            return [one for many in found for one in ((many or empty) if isinstance(many, list) else [many])]
        return found

    return gather


# ---- the clock and SQL ---------------------------------------------------------------------------------------------


def _clock(formula: Clock) -> Check:
    from zoneinfo import ZoneInfo  # it reads the interpreter's configuration when it is imported

    zone, windows = ZoneInfo(formula.zone), formula.windows

    def check(v: Values, a: Any, t: datetime | None) -> Truth:
        if t is None or t.tzinfo is None:
            return UNSURE
        try:
            local = t.astimezone(zone)
        except OverflowError:  # the first or the last day of the calendar
            return UNSURE
        minute = local.weekday() * 1440 + local.hour * 60 + local.minute
        return TRUE if any(s <= minute < e or s <= minute + _WEEK < e for s, e in windows) else FALSE

    return check


def _sql(formula: SqlTest) -> Check:
    from policy_lang.sql import sql_test

    get, test = _getter(formula.subject.steps), sql_test(formula)

    def check(v: Values, a: Any, t: datetime | None) -> Truth:
        x = get(a)
        return test(x) if isinstance(x, str) else UNSURE

    return check
