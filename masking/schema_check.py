"""Whether a JSON value fits a JSON Schema (2020-12), for schemas that come from an untrusted server.

Strategy: a small evaluator instead of a library, because it must be bounded: `$ref` stays within the document, depth
and the number of steps are limited, and patterns are RE2's, whose time is linear. What it cannot judge (a pattern that
RE2 cannot read, a reference outside) does not fit. Annotations and `unevaluated*` are not read.
"""

from __future__ import annotations

import functools
import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

FORMATS: Mapping[str, tuple[str, str]] = {
    "date": (r"\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])", "1900-01-01"),
    "date-time": (
        r"(?i)\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])T[0-2]\d:[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)",
        "1900-01-01T00:00:00Z",
    ),
    "time": (r"(?i)[0-2]\d:[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", "00:00:00Z"),
    "duration": (r"P(?!$)[\dYMWDTHS.]+", "P0D"),
    "email": (r"[^@\s]+@[^@\s]+", "masked@example.invalid"),
    "idn-email": (r"[^@\s]+@[^@\s]+", "masked@example.invalid"),
    "uri": (r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\[\]<>\"{}|\\^`]*", "urn:masked"),
    "iri": (r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\[\]<>\"{}|\\^`]*", "urn:masked"),
    "uri-reference": (r"[^\s\[\]<>\"{}|\\^`]*", "masked"),
    "iri-reference": (r"[^\s\[\]<>\"{}|\\^`]*", "masked"),
    "uuid": (r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", "00000000-0000-0000-0000-000000000000"),
    "ipv4": (r"(?:\d{1,3}\.){3}\d{1,3}", "0.0.0.0"),  # noqa: S104 - a stand-in, not an address to bind to
    "ipv6": (r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*", "::"),
    "hostname": (r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*", "masked.invalid"),
    "idn-hostname": (r"[\w-]{1,63}(?:\.[\w-]{1,63})*", "masked.invalid"),
    "json-pointer": (r"(?:/[^/]*)*", ""),
    "regex": (r"[\w ]*", "masked"),
}
_MAX_DEPTH, _MAX_STEPS = 64, 20_000
_NAMES: Mapping[type, tuple[str, ...]] = {
    str: ("string",),
    bool: ("boolean",),
    int: ("integer", "number"),
    float: ("number",),
    type(None): ("null",),
    dict: ("object",),
    list: ("array",),
}


class Check:
    """Judges values against parts of one schema document."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._steps = 0

    def resolve(self, schema: Any) -> Any:
        """`schema`, or what its local `$ref` leads to; False where it leads nowhere."""
        for _ in range(16):
            reference = schema.get("$ref") if isinstance(schema, Mapping) else None
            if not isinstance(reference, str) or set(schema) - {"$ref", "title", "description", "$comment", "default"}:
                return schema
            schema = self.at(reference)
        return False

    def at(self, reference: str) -> Any:
        """What a `$ref` within the document leads to; False for anything else."""
        if not reference.startswith("#"):
            return False
        node: Any = self._root
        for part in reference[1:].strip("/").split("/"):
            if part:
                key = part.replace("~1", "/").replace("~0", "~")
                if isinstance(node, list) and key.isdigit() and int(key) < len(node):
                    node = node[int(key)]
                elif isinstance(node, Mapping) and key in node:
                    node = node[key]
                else:
                    return False
        return node

    def fits(self, value: Any, schema: Any, depth: int = 0) -> bool:
        """Whether `value` fits; False when that is too much work to say."""
        self._steps += 1
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, Mapping):
            return True
        if depth > _MAX_DEPTH or self._steps > _MAX_STEPS:
            return False
        return (
            _is_typed(value, schema)
            and _is_listed(value, schema)
            and self._combined(value, schema, depth)
            and (not isinstance(value, str) or string_fits(value, schema))
            and (not _is_number(value) or number_fits(value, schema))
            and (not isinstance(value, dict) or self._object(value, schema, depth))
            and (not isinstance(value, list) or self._array(value, schema, depth))
        )

    def begin(self) -> None:
        """Allow the full number of steps again."""
        self._steps = 0

    def _combined(self, value: Any, schema: Mapping[str, Any], depth: int) -> bool:
        down = depth + 1
        if isinstance(schema.get("$ref"), str) and not self.fits(value, self.at(schema["$ref"]), down):
            return False
        if not all(self.fits(value, part, down) for part in parts(schema, "allOf")):
            return False
        some = parts(schema, "anyOf")
        if some and not any(self.fits(value, part, down) for part in some):
            return False
        one = parts(schema, "oneOf")
        if one and sum(self.fits(value, part, down) for part in one) != 1:
            return False
        if "not" in schema and self.fits(value, schema["not"], down):
            return False
        if "if" in schema:
            branch = "then" if self.fits(value, schema["if"], down) else "else"
            return self.fits(value, schema.get(branch, True), down)
        return True

    def _object(self, value: dict[str, Any], schema: Mapping[str, Any], depth: int) -> bool:
        low, high = schema.get("minProperties"), schema.get("maxProperties")
        if (isinstance(low, int) and len(value) < low) or (isinstance(high, int) and len(value) > high):
            return False
        required = schema.get("required")
        if isinstance(required, list) and any(name not in value for name in required):
            return False
        dependent = schema.get("dependentRequired")
        for name, names in dependent.items() if isinstance(dependent, Mapping) else ():
            if name in value and isinstance(names, list) and any(other not in value for other in names):
                return False
        schemas = schema.get("dependentSchemas")
        for name, part in schemas.items() if isinstance(schemas, Mapping) else ():
            if name in value and not self.fits(value, part, depth + 1):
                return False
        named = schema.get("propertyNames", True)
        return all(
            self.fits(key, named, depth + 1)
            and all(self.fits(item, part, depth + 1) for part in of_member(key, schema))
            for key, item in value.items()
        )

    def _array(self, value: list[Any], schema: Mapping[str, Any], depth: int) -> bool:
        low, high = schema.get("minItems"), schema.get("maxItems")
        if (isinstance(low, int) and len(value) < low) or (isinstance(high, int) and len(value) > high):
            return False
        if schema.get("uniqueItems") is True and len({repr_of(item) for item in value}) < len(value):
            return False
        if "contains" in schema:
            count = sum(self.fits(item, schema["contains"], depth + 1) for item in value)
            most = schema.get("maxContains")
            if count < schema.get("minContains", 1) or (isinstance(most, int) and count > most):
                return False
        return all(
            self.fits(item, part, depth + 1) for index, item in enumerate(value) for part in of_item(index, schema)
        )


def parts(schema: Mapping[str, Any], word: str) -> list[Any]:
    """The branches of a combining keyword."""
    found = schema.get(word)
    return found if isinstance(found, list) else []


def of_member(key: str, schema: Mapping[str, Any]) -> Iterator[Any]:
    """The schemas of a member: by its name, by patterns of names, else the one for all others."""
    named, patterns = schema.get("properties"), schema.get("patternProperties")
    found = False
    if isinstance(named, Mapping) and key in named:
        found = True
        yield named[key]
    for pattern, part in patterns.items() if isinstance(patterns, Mapping) else ():
        if searched(str(pattern), key):
            found = True
            yield part
    if not found and "additionalProperties" in schema:
        yield schema["additionalProperties"]


def of_item(index: int, schema: Mapping[str, Any]) -> Iterator[Any]:
    """The schemas of an element."""
    prefix, rest = schema.get("prefixItems"), schema.get("items")
    if isinstance(prefix, list) and index < len(prefix):
        yield prefix[index]
    elif isinstance(rest, list):  # the drafts before 2020-12
        yield rest[index] if index < len(rest) else schema.get("additionalItems", True)
    elif rest is not None:
        yield rest


def types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The types a schema names; empty for any."""
    kind = schema.get("type")
    if isinstance(kind, str):
        return (kind,)
    return tuple(name for name in kind if isinstance(name, str)) if isinstance(kind, list) else ()


def _is_typed(value: Any, schema: Mapping[str, Any]) -> bool:
    wanted = types(schema)
    if not wanted or any(name in wanted for name in _NAMES.get(type(value), ())):
        return True
    return isinstance(value, float) and value.is_integer() and "integer" in wanted


def _is_listed(value: Any, schema: Mapping[str, Any]) -> bool:
    if "const" in schema and not same(value, schema["const"]):
        return False
    return not isinstance(schema.get("enum"), list) or any(same(value, member) for member in schema["enum"])


def same(one: Any, two: Any) -> bool:
    """Equality of JSON: true is not 1."""
    return repr_of(one) == repr_of(two)


def repr_of(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return repr(int(value))
    if isinstance(value, dict):
        return "{" + ",".join(sorted(f"{key!r}:{repr_of(item)}" for key, item in value.items())) + "}"
    return "[" + ",".join(map(repr_of, value)) + "]" if isinstance(value, list) else repr(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_LIMITS: tuple[tuple[str, Callable[[Any, Any], bool]], ...] = (
    ("minimum", operator.ge),
    ("maximum", operator.le),
    ("exclusiveMinimum", operator.gt),
    ("exclusiveMaximum", operator.lt),
)


def number_fits(value: float, schema: Mapping[str, Any]) -> bool:
    """`minimum`, `maximum`, their exclusive forms, `multipleOf`."""
    for word, holds in _LIMITS:
        limit = schema.get(word)
        if _is_number(limit) and not holds(value, limit):
            return False
    step: Any = schema.get("multipleOf")
    if not _is_number(step) or step <= 0:
        return True
    rest = math.fmod(value, step)
    return rest == 0 or math.isclose(abs(rest), step, rel_tol=1e-9)


def string_fits(value: str, schema: Mapping[str, Any]) -> bool:
    """`minLength`, `maxLength`, `format`, `pattern`."""
    low: Any = schema.get("minLength")
    high: Any = schema.get("maxLength")
    if (_is_number(low) and len(value) < low) or (_is_number(high) and len(value) > high):
        return False
    form = FORMATS.get(str(schema.get("format")))
    if form is not None and re.fullmatch(form[0], value) is None:
        return False
    pattern = schema.get("pattern")
    return not isinstance(pattern, str) or searched(pattern, value)


def searched(pattern: str, value: str) -> bool:
    """Whether a schema's pattern is found in `value`: by RE2, which cannot hang. What RE2 cannot read is not found."""
    compiled = _compiled(pattern)
    if compiled is None:
        return False
    try:
        return compiled.search(value) is not None
    except UnicodeEncodeError:  # a lone surrogate
        return False


@functools.lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    import re2  # type: ignore[import-untyped]

    options = re2.Options()
    options.log_errors = False
    options.max_mem = 4 << 20
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError):
        return None
