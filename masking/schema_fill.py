"""Neutral values that fit a schema's constraints and say nothing of what they stand for.

Strategy: candidates in the order of their plainness: listed members, zero, a stand-in text, the formats' own neutral
values, and last a text written from the pattern itself, its shortest reading. Each is judged by the caller.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .schema_check import FORMATS, parts, types

_TEXT = "[MASKED]"
_USUAL = (
    "000-00-0000",
    "00000",
    "0000000000",
    "000-000-0000",
    "(000) 000-0000",
    "+10000000000",
    "1900-01-01",
    "A0",
    "X-0",
    "000000000",
)
_MOST = 4096


def candidates(schemas: Sequence[Mapping[str, Any]]) -> Iterator[Any]:
    """Values that may fit all of `schemas`."""
    for schema in schemas:
        if "const" in schema:
            yield schema["const"]
        yield from parts(schema, "enum")
    wanted = [types(schema) for schema in schemas if types(schema)]
    kinds = set.intersection(*map(set, wanted)) if wanted else {"string", "number", "boolean", "null"}
    if "string" in kinds:
        yield from _texts(schemas)
    if kinds & {"integer", "number"}:
        yield from _numbers(schemas)
    if "boolean" in kinds:
        yield from (False, True)
    if "null" in kinds:
        yield None
    if "array" in kinds:
        yield []
    if "object" in kinds:
        yield {}


def _texts(schemas: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for schema in schemas:
        if schema.get("format") in FORMATS:
            yield FORMATS[schema["format"]][1]
    yield _TEXT
    low = max([_size(schema.get("minLength")) for schema in schemas], default=0)
    high = min([_size(schema.get("maxLength"), _MOST) for schema in schemas], default=_MOST)
    yield _TEXT[:high]
    for filler in ("X", "x", "0"):
        yield filler * min(max(low, 1), _MOST)
    yield "masked"
    yield ""
    yield from _USUAL
    for schema in schemas:
        pattern = schema.get("pattern")
        if isinstance(pattern, str) and len(pattern) <= _MOST:
            made = shortest(pattern)
            if made is not None:
                yield made
                yield made + "0" * max(0, low - len(made))
                yield made + "X" * max(0, low - len(made))


def _size(value: Any, otherwise: int = 0) -> int:
    return max(0, int(value)) if isinstance(value, int | float) and not isinstance(value, bool) else otherwise


def _numbers(schemas: Sequence[Mapping[str, Any]]) -> Iterator[float]:
    yield 0
    for schema in schemas:
        step = schema.get("multipleOf")
        step = step if isinstance(step, int | float) and step > 0 else 1
        for word, sign in (("minimum", 0), ("exclusiveMinimum", 1), ("maximum", 0), ("exclusiveMaximum", -1)):
            limit = schema.get(word)
            if not isinstance(limit, int | float) or isinstance(limit, bool) or abs(limit) > 1e300:
                continue
            yield limit + sign
            yield int(limit) + sign
            whole = int(limit // step) * step
            yield from (whole, whole + step, whole - step)
            yield limit + sign * 0.5


def shortest(pattern: str) -> str | None:
    """A short text that `pattern` finds; None when it is too involved. Nothing is matched here, so nothing can hang."""
    try:
        parser: Any = vars(re)["_parser"]
        return _written(parser.parse(pattern), [_MOST])
    except (re.error, RecursionError, OverflowError, ValueError, KeyError):
        return None


def _written(tree: Any, left: list[int]) -> str:
    out = []
    for code, value in tree:
        out.append(_one(str(code), value, left))
        left[0] -= len(out[-1])
        if left[0] < 0:
            raise ValueError
    return "".join(out)


def _one(code: str, value: Any, left: list[int]) -> str:
    if code == "LITERAL":
        return chr(value)
    if code in ("AT", "ASSERT", "ASSERT_NOT"):
        return ""
    if code == "ANY":
        return "X"
    if code == "NOT_LITERAL":
        return "X" if value != ord("X") else "0"
    if code == "IN":
        return _member(value)
    if code in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        low, _, inner = value
        if low > left[0]:
            raise ValueError
        return "".join(_written(inner, left) for _ in range(low))
    if code == "SUBPATTERN":
        return _written(value[-1], left)
    if code == "ATOMIC_GROUP":
        return _written(value, left)
    if code == "BRANCH":
        return _written(value[1][0], left)
    raise ValueError


_CATEGORIES = {"CATEGORY_DIGIT": "0", "CATEGORY_WORD": "X", "CATEGORY_SPACE": " ", "CATEGORY_NOT_DIGIT": "X"}


def _member(items: Any) -> str:
    """One character of a set."""
    if str(items[0][0]) == "NEGATE":
        return "X" if not any(_holds(item, ord("X")) for item in items[1:]) else "0"
    for code, value in items:
        if str(code) == "LITERAL":
            return chr(value)
        if str(code) == "RANGE":
            return chr(value[0])
        if str(code) == "CATEGORY":
            return _CATEGORIES.get(str(value), "-")
    raise ValueError


def _holds(item: Any, char: int) -> bool:
    code, value = item
    if str(code) == "LITERAL":
        return bool(value == char)
    if str(code) == "RANGE":
        return bool(value[0] <= char <= value[1])
    return str(value) in ("CATEGORY_WORD", "CATEGORY_NOT_DIGIT", "CATEGORY_NOT_SPACE")
