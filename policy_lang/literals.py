"""Literals: their plain values, and how a message calls them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from policy_lang import formula as f
from policy_lang import nodes


def plain(value: Any) -> f.Plain:
    """A literal's value with one form for each number."""
    return value if isinstance(value, (str, bool)) else plain_number(value)


def plain_number(value: int | Decimal) -> int | Decimal:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else _shortest(value)
    return value


def _shortest(value: Decimal) -> Decimal:
    """The same number without zeros at its end. `normalize` would round it to the precision of the context."""
    sign, digits, exponent = value.as_tuple()
    end = len(digits)
    while not digits[end - 1]:
        end -= 1
    return Decimal((sign, digits[:end], int(exponent) + len(digits) - end))


def described(item: nodes.Value) -> str:
    """An item in words."""
    if isinstance(item, nodes.Literal):
        if isinstance(item.value, str):
            return f'"{item.value}"'
        return "null" if item.value is None else str(item.value).lower()
    if isinstance(item, nodes.Name):
        return f'the word "{item.name}"'
    if isinstance(item, nodes.Regex):
        return f"/{item.pattern}/"
    return f"the duration {item.text}" if isinstance(item, nodes.Duration) else "a list or an object"
