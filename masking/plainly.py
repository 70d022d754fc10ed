"""A JSON value made of the types that `json.loads` gives, and of nothing like them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import MaskingError

_MAX_DEPTH = 220  # what lies deeper is withheld anyway


class NotPlainError(Exception):
    """A walk met something that only looks like JSON; made of plain types it can be gone through."""


def says_nothing(value: Any) -> None:
    """Raises NotPlainError unless `value`, no text, number or container by its type, is true, false or null."""
    if value is not None and type(value) is not bool:
        raise NotPlainError


def plainly(value: Any, depth: int = 0) -> Any:
    """`value` with subclasses as their plain types and tuples as lists. Raises MaskingError HM014 for what is no JSON.

    What would be passed over by its type would be released as it came.
    """
    if value is None or type(value) is bool or depth > _MAX_DEPTH:
        return value if depth <= _MAX_DEPTH else None
    if isinstance(value, Mapping):
        return {key_of(key): plainly(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plainly(item, depth + 1) for item in value]
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    raise _no_json(value)


def key_of(key: Any) -> str:
    """A key as a plain string. Raises MaskingError HM014 for one that is none."""
    if not isinstance(key, str):
        raise _no_json(key)
    return str.__str__(key)


def _no_json(value: Any) -> MaskingError:
    return MaskingError(
        "HM014",
        f"a value of the type {type(value).__name__} is no JSON value, nor a key of one",
        "give what json.loads gives: dates, decimals and bytes as text, keys as strings",
    )
