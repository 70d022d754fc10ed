"""What conditions ask of an argument, compared with what its schema says it can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from policy_lang.diagnostic import did_you_mean, listing
from policy_lang.formula import TRUE, Affix, Arg, Contains, EachOf, Is, Number, OneOf, Predicate, SqlTest, Test
from policy_lang.schema import Schema, alternatives, may_be, some, types, values
from policy_lang.spell import scalar
from policy_lang.values import text_test, value_test

_HELP = "compare with a value of its type"
Said = tuple[str, str, str]


def questions(path: str, subject: Arg, leaf: Test | SqlTest, places: Sequence[Schema]) -> Iterator[Said]:
    """What is asked in vain of an argument that can be any of `places`: code, message, help."""
    predicate = leaf.predicate if isinstance(leaf, Test) else Affix("startswith", "")  # SQL is a text
    if isinstance(predicate, EachOf):
        predicate = predicate.element
    yield from _default(path, subject, places)
    fitting = some(places, lambda place: _fits(place, predicate))
    if not fitting:
        kinds = sorted({kind for place in places for kind in types(place)})
        yield "HG053", f"{path} is {listing(kinds)}, compared with {_named(predicate)}", _HELP
        return
    known = values(fitting)
    if known is not None:
        yield from _enumerated(path, predicate, known)


def _default(path: str, subject: Arg, places: Sequence[Schema]) -> Iterator[Said]:
    for value in subject.default:
        wanted = _type(value)
        if not any(may_be(place, wanted) for place in places):
            kinds = sorted({kind for place in places for kind in types(place)})
            yield "HG053", f"{path} is {listing(kinds)}, and its default a {wanted}", "give a value of its type"


def _fits(place: Schema, predicate: Predicate) -> bool:
    if isinstance(predicate, Contains):
        items = alternatives(place.get("items", {}), place)
        listed = may_be(place, "array") and any(may_be(item, _type(predicate.value)) for item in items)
        return listed or (isinstance(predicate.value, str) and may_be(place, "string"))
    wanted = _wanted(predicate)
    return wanted is None or may_be(place, wanted)


def _wanted(predicate: Predicate) -> str | None:
    if isinstance(predicate, (OneOf, Affix)):
        return "string"
    return "number" if isinstance(predicate, Number) else "boolean" if isinstance(predicate, Is) else None


def _named(predicate: Predicate) -> str:
    if isinstance(predicate, Contains):
        return f"a text or a list that contains a {_type(predicate.value)}"
    return f"a {_wanted(predicate)}"


def _type(value: Any) -> str:
    return "boolean" if isinstance(value, bool) else "string" if isinstance(value, str) else "number"


# ---- enumerated values -----------------------------------------------------------------------------------------------


def _enumerated(path: str, predicate: Predicate, known: list[Any]) -> Iterator[Said]:
    shown = [scalar(value) for value in known if value is None or isinstance(value, (str, bool, int))]
    texts = [value for value in known if isinstance(value, str)]
    for asked, test in _asked(predicate):
        if not any(map(test, known)):
            near = did_you_mean(asked[1:-1], texts) if isinstance(predicate, OneOf) else ""
            yield "HG054", f"{path} is never {asked}", near or f"the schema has {listing(dict.fromkeys(shown))}"


def _asked(predicate: Predicate) -> Iterator[tuple[str, Callable[[Any], bool]]]:
    """Each value or pattern that is asked for, as it is written, and its test."""
    parts: list[tuple[str, Predicate]] = []
    if isinstance(predicate, OneOf):
        parts = [(scalar(text), OneOf(frozenset({text}))) for text in sorted(predicate.exact)]
        parts += [(str(pattern), OneOf(frozenset(), (pattern,))) for pattern in predicate.patterns]
    elif isinstance(predicate, Affix) and predicate.text:
        parts = [(f"a text that {predicate.where} {scalar(predicate.text)}", predicate)]
    elif isinstance(predicate, Number) and predicate.operator == "==":
        parts = [(str(predicate.value), predicate)]
    for text, part in parts:
        yield text, _holds(part)


def _holds(predicate: Predicate) -> Callable[[Any], bool]:
    if isinstance(predicate, Number):
        test = value_test(predicate)
        return lambda value: test(value) == TRUE
    matches = text_test(predicate)
    return lambda value: isinstance(value, str) and matches(value)
