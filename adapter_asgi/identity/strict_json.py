"""JSON as a security decision needs it: one reading only.

Strategy: more brackets than any provider's token has are refused before anything is parsed; that bounds the depth. What
orjson writes as it read it has lost nothing, so no member stood twice. Anything else (spaces, escapes, huge numbers)
goes through the standard parser with hooks, which refuses duplicates at every level, NaN and infinities (also 1e999).
"""

from __future__ import annotations

import json
import math
from typing import Any

import orjson

__all__ = ["StrictJSONError", "parse_object"]

_BRACKETS = 256


class StrictJSONError(ValueError):
    """Says what is wrong, never what the text holds."""


def parse_object(text: bytes) -> dict[str, Any]:
    """The JSON object that `text` (UTF-8) holds. Raises `StrictJSONError`."""
    if text.count(b"{") + text.count(b"[") > _BRACKETS:
        raise StrictJSONError("too deep")
    try:
        value = orjson.loads(text)
        whole = orjson.dumps(value) == text
    except ValueError:
        whole = False
    if not whole:
        value = _parse_slowly(text)
    if not isinstance(value, dict):
        raise StrictJSONError("not an object")
    return value


def _parse_slowly(text: bytes) -> Any:
    try:
        return _DECODER.decode(text.decode("utf-8"))
    except StrictJSONError:
        raise
    except (ValueError, RecursionError):  # a JSONDecodeError or a UnicodeDecodeError would quote the text
        raise StrictJSONError("not JSON") from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise StrictJSONError("a member stands twice")
    return members


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise StrictJSONError("a number is not finite")
    return number


def _no_constant(_: str) -> float:
    raise StrictJSONError("a number is not finite")


_DECODER = json.JSONDecoder(object_pairs_hook=_members, parse_float=_finite, parse_constant=_no_constant)
