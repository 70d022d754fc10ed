"""Schema-aware output: a masked value that still fits the tool's `outputSchema` (JSON Schema 2020-12).

Strategy: walk masked value, original and schema together, with every part of the schema that applies to a place:
through `$ref`, `allOf`, the branches of `anyOf`, `oneOf` and `if` that the original fits. Where a masked leaf no longer
fits all of them, the first neutral value that does takes its place (schema_fill.py); where none does, the nearest
optional ancestor is left out. Schemas come from an untrusted server: judging is bounded (schema_check.py), and a schema
can never bring an original value back. What holds after masking, when it held before: `type`, `enum`, `const`,
`minLength`, `maxLength`, `pattern`, `format`, `minimum`, `maximum` and their exclusive forms, `multipleOf`,
`properties`, `patternProperties`, `additionalProperties`, `propertyNames`, `required`, `dependentRequired`,
`minProperties`, `items`, `prefixItems`, `minItems`, `uniqueItems`, `contains`, `allOf`, `anyOf`, `oneOf`, `not`, `if`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .schema_check import Check, of_item, of_member, parts, repr_of, same
from .schema_fill import candidates

_MAX_DEPTH = 64
_TELLING = 4
_DROP: Any = object()
Schemas = Sequence[Any]


def fit(masked: Any, original: Any, schema: Mapping[str, Any]) -> Any:
    """`masked` changed where it must be to fit `schema`; None where nothing fits, which is to be withheld.

    A value that did not fit before masking is changed at its masked places only, and not judged as a whole.
    """
    fitting = _Fit(schema, lambda: _hidden(masked, original))
    out = fitting.fit(masked, original, [schema], 0)
    if out is _DROP or (fitting.holds(original, [schema]) and not fitting.holds(out, [schema])):
        return None
    return out


class _Fit:
    def __init__(self, root: Any, hidden: Callable[[], frozenset[str]]) -> None:
        self._check = Check(root)
        self._find_hidden = hidden
        self._hidden: frozenset[str] | None = None  # read when a value is first wanted
        self._sizes: list[int] = []

    def holds(self, value: Any, schemas: Schemas) -> bool:
        self._check.begin()
        return all(self._check.fits(value, schema) for schema in schemas)

    def fit(self, masked: Any, original: Any, schemas: Schemas, depth: int) -> Any:
        """`masked` made to fit all of `schemas`, or `_DROP`."""
        if depth > _MAX_DEPTH:
            return masked
        if isinstance(masked, dict) and isinstance(original, dict) and len(masked) == len(original):
            return self._object(masked, original, self._applying(original, schemas), depth)
        if isinstance(masked, list) and isinstance(original, list) and len(masked) == len(original):
            return self._array(masked, original, self._applying(original, schemas), depth)
        if type(masked) is type(original) and same(masked, original):
            return masked
        if self.holds(masked, schemas):
            return masked
        for candidate in candidates([part for part in self._applying(original, schemas) if isinstance(part, Mapping)]):
            if not self._tells(candidate, original) and self.holds(candidate, schemas):
                return candidate
        return _DROP

    def _tells(self, candidate: Any, original: Any) -> bool:
        """Whether a candidate is the original or anything else that was masked, in any spelling, or holds it."""
        if same(candidate, original):
            return True
        if self._hidden is None:
            self._hidden = self._find_hidden()
            self._sizes = sorted({len(word) for word in self._hidden})
        one, two = _letters(candidate), _letters(original)
        return bool(two and one == two) or any(
            one[start : start + size] in self._hidden for size in self._sizes for start in range(len(one) - size + 1)
        )

    def _applying(self, original: Any, schemas: Schemas) -> list[Any]:
        """Every part of the schema that is to hold for a place, as the original fits it."""
        out: list[Any] = []
        waiting = list(schemas)
        while waiting and len(out) < _MAX_DEPTH:
            schema = self._check.resolve(waiting.pop(0))
            out.append(schema)
            if not isinstance(schema, Mapping):
                continue
            if isinstance(schema.get("$ref"), str):
                waiting.append(self._check.at(schema["$ref"]))
            waiting += parts(schema, "allOf")
            for word in ("anyOf", "oneOf"):
                branches = parts(schema, word)
                waiting += [part for part in branches if self.holds(original, [part])][:1] or branches[:1]
            if "if" in schema:
                branch = "then" if self.holds(original, [schema["if"]]) else "else"
                waiting.append(schema.get(branch, True))
            dependent = schema.get("dependentSchemas")
            if isinstance(dependent, Mapping) and isinstance(original, dict):
                waiting += [part for name, part in dependent.items() if name in original]
        return out

    def _object(self, masked: dict[str, Any], original: dict[str, Any], schemas: Schemas, depth: int) -> Any:
        named = [schema for schema in schemas if isinstance(schema, Mapping)]
        out: dict[str, Any] = {}
        for (key, value), (was_key, was) in zip(masked.items(), original.items(), strict=True):
            of_value = [part for schema in named for part in of_member(was_key, schema)]
            fitted = self.fit(value, was, of_value, depth + 1) if of_value else value
            if fitted is not _DROP and key != was_key and not self._may_be_called(key, fitted, named):
                fitted = _DROP
            if fitted is not _DROP:
                out[key] = fitted
            elif any(was_key in parts(schema, "required") for schema in named):
                return _DROP
        least = max((schema.get("minProperties", 0) for schema in named), default=0, key=_as_number)
        return _DROP if len(out) < len(masked) and len(out) < _as_number(least) else out

    def _may_be_called(self, key: str, value: Any, schemas: Sequence[Mapping[str, Any]]) -> bool:
        return all(
            self.holds(key, [schema.get("propertyNames", True)]) and self.holds(value, list(of_member(key, schema)))
            for schema in schemas
        )

    def _array(self, masked: list[Any], original: list[Any], schemas: Schemas, depth: int) -> Any:
        named = [schema for schema in schemas if isinstance(schema, Mapping)]
        unique = any(schema.get("uniqueItems") is True for schema in named)
        out: list[Any] = []
        seen: set[str] = set()
        for index, (value, was) in enumerate(zip(masked, original, strict=True)):
            of_value = [part for schema in named for part in of_item(index, schema)]
            fitted = self.fit(value, was, of_value, depth + 1) if of_value else value
            if unique and fitted is not _DROP and repr_of(fitted) in seen:
                fitted = self._another(fitted, seen, of_value)
            if fitted is _DROP:
                if any(index < len(parts(schema, "prefixItems")) for schema in named):
                    return _DROP
                continue
            seen.add(repr_of(fitted) if unique else "")
            out.append(fitted)
        least = max((_as_number(schema.get("minItems", 0)) for schema in named), default=0)
        return _DROP if len(out) < len(masked) and len(out) < least else out

    def _another(self, value: Any, seen: set[str], schemas: Schemas) -> Any:
        """A value like `value` that was not seen in its array: `[NAME] 2`; none if its schema does not let it."""
        if isinstance(value, str):
            made = f"{value} {len(seen) + 1}"
            if repr_of(made) not in seen and self.holds(made, schemas):
                return made
        return _DROP


def _as_number(value: Any) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0


def _hidden(masked: Any, original: Any) -> frozenset[str]:
    """The letters and digits of every text and number that masking changed, and is long enough to tell anything."""
    found: set[str] = set()
    waiting = [(masked, original)]
    while waiting:
        now, was = waiting.pop()
        if isinstance(was, dict) and isinstance(now, dict) and len(now) == len(was):
            waiting += [*zip(now, was, strict=True), *zip(now.values(), was.values(), strict=True)]
        elif isinstance(was, list) and isinstance(now, list) and len(now) == len(was):
            waiting += zip(now, was, strict=True)
        elif not (type(now) is type(was) and same(now, was)):
            found |= {_letters(part) for part in _leaves(was)}
    return frozenset(word for word in found if len(word) >= _TELLING)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield key
            yield from _leaves(part)
    elif isinstance(value, list):
        for part in value:
            yield from _leaves(part)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield value


def _letters(value: Any) -> str:
    return "".join(filter(str.isalnum, str(value).casefold()))
