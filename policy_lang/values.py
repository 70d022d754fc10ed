"""Three-valued tests on plain values: strings, numbers, truth values, lists, as JSON has them.

A value of another type than the test wants makes it UNSURE, never false: what a server makes of it is not known.
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias

from policy_lang.formula import (
    FALSE,
    TRUE,
    UNSURE,
    Affix,
    Contains,
    EachOf,
    Is,
    Number,
    OneOf,
    Plain,
    Predicate,
    Present,
    Truth,
    Within,
)
from policy_lang.pattern import TextTest, matcher

ValueTest: TypeAlias = Callable[[Any], Truth]
_EXACT = 2**53
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda x, n: x == n,
    "<": lambda x, n: x < n,
    "<=": lambda x, n: x <= n,
    ">": lambda x, n: x > n,
    ">=": lambda x, n: x >= n,
}


def text_test(predicate: Predicate) -> TextTest:
    """The two-valued test of a predicate on a string."""
    if isinstance(predicate, OneOf):
        return _one_of(predicate)
    if isinstance(predicate, Affix):
        affix = predicate.text
        return (lambda x: x.startswith(affix)) if predicate.where == "startswith" else (lambda x: x.endswith(affix))
    if isinstance(predicate, Contains) and isinstance(predicate.value, str):
        part = predicate.value
        return lambda x: part in x
    if isinstance(predicate, Within):
        return _within(predicate.networks)
    return lambda _: False


def _one_of(predicate: OneOf) -> TextTest:
    exact = predicate.exact
    tests = [matcher(pattern) for pattern in sorted(predicate.patterns)]
    if not tests:
        return exact.__contains__
    if len(tests) == 1 and not exact:
        return tests[0]
    return lambda x: x in exact or any(test(x) for test in tests)


def value_test(predicate: Predicate) -> ValueTest:
    """The test of a predicate on any JSON value that is there."""
    if isinstance(predicate, Number):
        return number_test(predicate)
    if isinstance(predicate, Is):
        wanted = predicate.value
        return lambda x: UNSURE if type(x) is not bool else TRUE if x is wanted else FALSE
    if isinstance(predicate, Contains):
        return _contains(predicate)
    if isinstance(predicate, Present):
        return lambda _: TRUE
    if isinstance(predicate, EachOf):
        return each_test(predicate)
    test = text_test(predicate)
    return lambda x: UNSURE if not isinstance(x, str) else TRUE if test(x) else FALSE


def equals(value: Plain) -> Predicate:
    """The predicate of `== value`."""
    if isinstance(value, bool):
        return Is(value)
    return OneOf(frozenset({value})) if isinstance(value, str) else Number("==", value)


def number_test(predicate: Number) -> ValueTest:
    """Reals compared exactly; a float stands for the decimal that it is written as."""
    number, order = predicate.value, _ORDER[predicate.operator]
    near = isinstance(number, int) and abs(number) < _EXACT

    def test(x: Any) -> Truth:
        if type(x) is int:
            return TRUE if order(x, number) else FALSE
        if isinstance(x, float):
            if not math.isfinite(x):
                return UNSURE
            return TRUE if order(x if near else Decimal(repr(x)), number) else FALSE
        if isinstance(x, Decimal) and x.is_finite():
            return TRUE if order(x, number) else FALSE
        return UNSURE

    return test


def _contains(predicate: Contains) -> ValueTest:
    part, element = predicate.value, value_test(equals(predicate.value))

    def test(x: Any) -> Truth:
        if isinstance(x, str):
            return UNSURE if not isinstance(part, str) else TRUE if part in x else FALSE
        if isinstance(x, (list, tuple)):
            return max(map(element, x), default=FALSE)
        return UNSURE

    return test


def each_test(predicate: EachOf) -> ValueTest:
    """any over nothing is false, all over nothing unsure."""
    element = value_test(predicate.element)
    if predicate.opposite:
        plain = element

        def element(x: Any) -> Truth:
            return TRUE - plain(x)

    if predicate.quantifier == "any":
        return lambda x: max(map(element, x), default=FALSE) if isinstance(x, (list, tuple)) else UNSURE
    return lambda x: min(map(element, x), default=UNSURE) if isinstance(x, (list, tuple)) else UNSURE


def _within(networks: tuple[str, ...]) -> TextTest:
    parsed = [ipaddress.ip_network(text, strict=False) for text in networks]

    @lru_cache(maxsize=4096)
    def test(text: str) -> bool:
        address = ip_address(text)
        return any(address.version == n.version and address in n for n in parsed)

    return test


def ip_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address; an IPv4 address mapped into IPv6 counts as IPv4. Raises ValueError."""
    address = ipaddress.ip_address(text)
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped if mapped is not None else address
