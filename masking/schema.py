"""Schema-aware output: a masked value that still fits the tool's `outputSchema` (JSON Schema 2020-12 subset).

Strategy: walk masked value, original and schema together. Where a masked leaf no longer fits the type, format, enum,
pattern or length its schema asks for, a neutral value that fits takes its place; where none is known to fit, the place
gets `null` if the schema allows it, else the nearest optional ancestor is dropped. Schemas come from an untrusted
server: `$ref` stays within the document, depth is bounded, and a schema can never bring an original value back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_MAX_DEPTH = 64
_DROP: Any = object()
_FORMATS = {
    "date": "1900-01-01",
    "date-time": "1900-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "email": "masked@example.invalid",
    "idn-email": "masked@example.invalid",
    "uri": "urn:masked",
    "uri-reference": "masked",
    "iri": "urn:masked",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "ipv4": "0.0.0.0",  # noqa: S104 - a stand-in, not an address to bind to
    "ipv6": "::",
    "hostname": "masked.invalid",
    "duration": "P0D",
}
_WITHHELD: Any = {"withheld": True}


def fit(masked: Any, original: Any, schema: Mapping[str, Any]) -> Any:
    """`masked` changed where it must be to fit `schema`. What was not masked is not judged."""
    out = _fit(masked, original, schema, schema, 0)
    return None if out is _DROP else out


def _resolve(schema: Any, root: Mapping[str, Any]) -> Mapping[str, Any]:
    for _ in range(16):
        if not isinstance(schema, Mapping):
            return {}
        reference = schema.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#"):
            return schema
        node: Any = root
        for part in reference[1:].strip("/").split("/"):
            if part:
                node = node.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(node, Mapping) else None
        schema = node
    return {}


def _fit(masked: Any, original: Any, schema: Any, root: Mapping[str, Any], depth: int) -> Any:
    if depth > _MAX_DEPTH:
        return masked
    schema = _choice(_resolve(schema, root), original, root)
    if isinstance(masked, dict) and isinstance(original, dict):
        return _fit_object(masked, original, schema, root, depth)
    if isinstance(masked, list) and isinstance(original, list):
        items = schema.get("items")
        fitted = [
            _fit(m, o, items, root, depth + 1) if items is not None else m
            for m, o in zip(masked, original, strict=True)
        ]
        return [item for item in fitted if item is not _DROP]
    if type(masked) is type(original) and masked == original:
        return masked
    return masked if _fits(masked, schema) else _neutral(schema, original)


def _fit_object(
    masked: dict[str, Any], original: dict[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], depth: int
) -> Any:
    properties = schema.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    extra = schema.get("additionalProperties")
    out: dict[str, Any] = {}
    for (key, value), (was_key, was) in zip(masked.items(), original.items(), strict=True):
        part = properties.get(was_key, extra if isinstance(extra, Mapping) else None)
        if part is not None:
            value = _fit(value, was, part, root, depth + 1)
        if value is _DROP:
            required = schema.get("required")
            if isinstance(required, list) and was_key in required:
                return _DROP
            continue
        out[key] = value
    return out


def _choice(schema: Mapping[str, Any], original: Any, root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The branch of anyOf/oneOf/allOf that the original's type fits, merged over the rest."""
    merged = dict(schema)
    for word in ("allOf", "anyOf", "oneOf"):
        branches = schema.get(word)
        for branch in branches if isinstance(branches, list) else ():
            resolved = _resolve(branch, root)
            if word == "allOf" or _type_fits(original, resolved):
                merged = {**resolved, **{k: v for k, v in merged.items() if k != word}}
                if word != "allOf":
                    break
    return merged


def _types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    kind = schema.get("type")
    return (
        (kind,)
        if isinstance(kind, str)
        else tuple(k for k in kind if isinstance(k, str))
        if isinstance(kind, list)
        else ()
    )


def _type_fits(value: Any, schema: Mapping[str, Any]) -> bool:
    types = _types(schema)
    if not types:
        return True
    names = {
        str: ("string",),
        bool: ("boolean",),
        int: ("integer", "number"),
        float: ("number",),
        type(None): ("null",),
        dict: ("object",),
        list: ("array",),
    }[type(value)]
    return any(name in types for name in names) or (
        isinstance(value, float) and value.is_integer() and "integer" in types
    )


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    if not _type_fits(value, schema):
        return False
    if "const" in schema and value != schema["const"]:
        return False
    if isinstance(schema.get("enum"), list) and value not in schema["enum"]:
        return False
    return not isinstance(value, str) or _string_fits(value, schema)


def _string_fits(value: str, schema: Mapping[str, Any]) -> bool:
    low, high = schema.get("minLength"), schema.get("maxLength")
    if (isinstance(low, int) and len(value) < low) or (isinstance(high, int) and len(value) > high):
        return False
    if schema.get("format") in _FORMATS and not _format_fits(value, str(schema["format"])):
        return False
    pattern = schema.get("pattern")
    return not isinstance(pattern, str) or _pattern_fits(value, pattern)


def _format_fits(value: str, name: str) -> bool:
    if name == "date":
        return re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) is not None
    if name == "date-time":
        return re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})", value) is not None
    return value == _FORMATS[name]


def _pattern_fits(value: str, pattern: str) -> bool:
    """RE2 only: a hostile schema's pattern must not hang the masker. What RE2 cannot read does not fit."""
    import re2  # type: ignore[import-untyped]

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.search(pattern, value, options) is not None
    except re2.error:
        return False


def _neutral(schema: Mapping[str, Any], original: Any) -> Any:
    """A value that fits and says nothing of the original."""
    if "const" in schema:
        return _DROP if schema["const"] == original else schema["const"]
    enum = schema.get("enum")
    if isinstance(enum, list) and enum:
        return next((member for member in enum if member != original), _DROP) if len(enum) > 1 else _DROP
    types = _types(schema)
    for candidate in _candidates(schema, types):
        if _fits(candidate, schema):
            return candidate
    return None if "null" in types else _DROP


def _candidates(schema: Mapping[str, Any], types: tuple[str, ...]) -> list[Any]:
    out: list[Any] = []
    if "integer" in types or "number" in types:
        low, high = (
            schema.get("minimum", schema.get("exclusiveMinimum")),
            schema.get("maximum", schema.get("exclusiveMaximum")),
        )
        base = 0
        if isinstance(low, int | float) and low > 0:
            base = int(low) + ("exclusiveMinimum" in schema)
        elif isinstance(high, int | float) and high < 0:
            base = int(high) - ("exclusiveMaximum" in schema)
        out.append(base)
    if "boolean" in types:
        out.append(False)
    if "string" in types or not types:
        low = schema.get("minLength")
        high = schema.get("maxLength")
        out += [_FORMATS[f] for f in (schema.get("format"),) if f in _FORMATS]
        size = max(int(low) if isinstance(low, int) else 0, 0)
        text = "[MASKED]"
        out += [text, "X" * min(max(size, 1), 4096), "0" * min(max(size, 1), 4096), "", "masked"]
        if isinstance(high, int) and 0 <= high < 4096:
            out.append(text[:high])
        out += [
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
        ]
    if "null" in types:
        out.append(None)
    return out
