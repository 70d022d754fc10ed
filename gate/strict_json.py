"""JSON that every reader reads the same way.

Strategy: `orjson` parses fast but lets the last of duplicate keys win. If what it parsed, written again, is byte for
byte what came, then nothing was lost on the way (no duplicate key, no odd number, no escape), and the fast parse
stands. Everything else goes through `json` with a hook that sees every pair. What is given up: a second, fast
serialisation per message; it costs less than one walk in Python.

Numbers keep their value exactly: integers of any size, and `decimal.Decimal` where a float would lose something.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, NoReturn

import orjson

from gate.errors import PARSE_ERROR, MalformedError

__all__ = ["canonical", "parse", "write"]

_DEPTH = 100
_DIGITS = 400


def parse(data: bytes) -> Any:
    """The JSON value in `data`.

    Raises MalformedError (GT101 not JSON or not UTF-8, GT102 a duplicate key, GT103 nested deeper than 100).
    """
    try:
        value = orjson.loads(data)
        exact = orjson.dumps(value) == data
    except (orjson.JSONDecodeError, TypeError):  # TypeError: a lone surrogate cannot be written
        exact = False
    if not exact:
        value = _parse_slowly(data)
    if len(data) - len(data.translate(None, b"[{")) > _DEPTH and _deeper_than(value, _DEPTH):
        raise MalformedError("GT103", f"The JSON is nested deeper than {_DEPTH} levels.", rpc_code=PARSE_ERROR)
    return value


def write(value: Any) -> bytes:
    """`value` as compact UTF-8 JSON on one line. Integers and decimals keep every digit."""
    try:
        return orjson.dumps(value)
    except TypeError:  # an integer over 64 bits, or a Decimal
        return _write(value).encode()


def canonical(value: Any) -> bytes:
    """`value` in one spelling: sorted keys, numbers by their exact value: equal calls have equal digests."""
    return _canonical(value).encode()


def _parse_slowly(data: bytes) -> Any:
    try:
        text = data.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=_object, parse_float=_real, parse_int=_integer, parse_constant=_constant
        )
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeError:
        raise MalformedError("GT101", "The body is not valid UTF-8.", rpc_code=PARSE_ERROR) from None
    except RecursionError:
        raise MalformedError(
            "GT103", f"The JSON is nested deeper than {_DEPTH} levels.", rpc_code=PARSE_ERROR
        ) from None
    except json.JSONDecodeError as error:
        raise MalformedError(
            "GT101", f"The body is not JSON: {error.msg} at byte {error.pos}.", rpc_code=PARSE_ERROR
        ) from None
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedError(
            "GT102",
            "An object of the body has the same key twice; two readers would read two messages.",
            "Send each key once.",
        )
    return found


def _real(spelled: str) -> float | Decimal:
    value = float(spelled)
    if value in (float("inf"), float("-inf")) or len(spelled) > _DIGITS:
        raise MalformedError("GT101", "The body holds a number that is out of range.", rpc_code=PARSE_ERROR)
    exact = Decimal(spelled)
    return value if Decimal(repr(value)) == exact else exact


def _integer(spelled: str) -> int:
    if len(spelled) > _DIGITS:
        raise MalformedError("GT101", "The body holds a number that is out of range.", rpc_code=PARSE_ERROR)
    return int(spelled)


def _constant(spelled: str) -> NoReturn:
    raise MalformedError("GT101", f"The body is not JSON: {spelled} is not a JSON value.", rpc_code=PARSE_ERROR)


def _deeper_than(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth):
        level = [
            child
            for node in level
            if isinstance(node, (dict, list))
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return False
    return True


def _write(value: Any) -> str:
    match value:
        case dict():
            return "{" + ",".join(f"{_string(key)}:{_write(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(map(_write, value)) + "]"
        case str():
            return _string(value)
        case Decimal():
            return str(value)
        case _:
            return json.dumps(value, allow_nan=False)


def _canonical(value: Any) -> str:
    match value:
        case dict():
            return "{" + ",".join(f"{_string(key)}:{_canonical(value[key])}" for key in sorted(value)) + "}"
        case list() | tuple():
            return "[" + ",".join(map(_canonical, value)) + "]"
        case str():
            return _string(value)
        case float() | Decimal():
            return f"{Decimal(repr(value) if isinstance(value, float) else value).normalize():e}"
        case _:
            return json.dumps(value)


def _string(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
