"""What a tool's inputSchema says an argument can be. Source: JSON Schema 2020-12, the part that describes shapes.

What this module does not understand allows everything: the answers err on the side of silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Schema: TypeAlias = Mapping[str, Any]
Steps: TypeAlias = "tuple[str | int | None, ...]"
_DEEPEST = 20  # references and alternatives in each other
_MOST = 200  # alternatives of one argument


@dataclass(frozen=True)
class Nowhere:
    """A path that leads nowhere: at the step `at`, where there are `names`, or a value of other types (`kinds`)."""

    at: int
    names: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


def reached(root: Any, steps: Steps) -> list[Schema] | Nowhere:
    """The alternatives of what a path leads to."""
    places = alternatives(root, root)
    for at, step in enumerate(steps):
        following: list[Schema] = []
        names: list[str] = []
        kinds: list[str] = []
        for place in places:
            if not may_be(place, "object" if isinstance(step, str) else "array"):
                kinds += types(place)
                continue
            names += _names(place)
            child = _child(place, step)
            if child is not None:
                following += alternatives(child, root)
        if not following:
            return Nowhere(at, tuple(dict.fromkeys(names)), tuple(dict.fromkeys(kinds)) if not names else ())
        places = following[:_MOST]
    return places


def _names(place: Schema) -> list[str]:
    properties = place.get("properties")
    return [str(name) for name in properties] if isinstance(properties, Mapping) else []


def _child(place: Schema, step: str | int | None) -> Any:
    """The schema one step on; `{}` where it is not known, None where there is nothing."""
    if isinstance(step, str):
        properties, others = place.get("properties"), place.get("additionalProperties")
        if isinstance(properties, Mapping) and step in properties:
            return properties[step]
        if isinstance(others, Mapping):
            return others
        return {} if not isinstance(properties, Mapping) or others is True or "patternProperties" in place else None
    first, rest = place.get("prefixItems"), place.get("items")
    if first is not None:
        return first[step] if isinstance(first, list) and isinstance(step, int) and step < len(first) else {}
    return rest if isinstance(rest, Mapping) else {}


def alternatives(schema: Any, root: Any) -> list[Schema]:
    """The schema as a list of which one holds, none of them a choice itself; `[{}]` where that is not known."""
    return list(_alternatives(schema, root, 0))[:_MOST]


def _alternatives(schema: Any, root: Any, depth: int) -> Iterator[Schema]:
    if not isinstance(schema, Mapping) or depth > _DEEPEST or "allOf" in schema:
        yield {}
        return
    choices = schema.get("anyOf", schema.get("oneOf"))
    reference = schema.get("$ref")
    if isinstance(reference, str):
        yield from _alternatives(_referred(root, reference), root, depth + 1)
    elif isinstance(choices, list):
        for choice in choices[:_MOST]:
            yield from _alternatives(choice, root, depth + 1)
    else:
        yield schema


def _referred(root: Any, reference: str) -> Any:
    head, *parts = reference.split("/")
    for part in parts:
        root = root.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(root, Mapping) else None
    return root if head == "#" else None


def types(place: Schema) -> tuple[str, ...]:
    """The JSON types that a value can have; none where it can have any."""
    named = place.get("type")
    if isinstance(named, str):
        return (named,)
    if isinstance(named, list):
        return tuple(map(str, named))
    listed = values([place])
    return tuple(dict.fromkeys(map(_type, listed))) if listed is not None else ()


def _type(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if isinstance(value, (str, list)):
        return "string" if isinstance(value, str) else "array"
    return "object" if isinstance(value, Mapping) else "number"


def may_be(place: Schema, wanted: str) -> bool:
    """Whether a value can have a type; every integer is a number."""
    kinds = types(place)
    return not kinds or wanted in kinds or (wanted == "number" and "integer" in kinds)


def values(places: Sequence[Schema]) -> list[Any] | None:
    """Every value that there can be, where they are enumerated."""
    out: list[Any] = []
    for place in places:
        listed = [place["const"]] if "const" in place else place.get("enum")
        if not isinstance(listed, list):
            return None
        out += listed
    return out


def some(places: Sequence[Schema], fits: Callable[[Schema], bool]) -> list[Schema]:
    """The alternatives that fit."""
    return [place for place in places if fits(place)]
