"""What a request is made of, cut into independent coordinates, each with finitely many atoms.

An atom is a part of a request (in JSON) that stands for all parts that come out alike under every test in use. For each
test a `Shape` says on which atoms it is true, and on which not false; what lies on several coordinates (groups) is said
in boxes.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from policy_lang.attributes import CALLER_KINDS, GROUPS, NETWORK, TRUTH, TYPES
from policy_lang.automaton import TooLargeError
from policy_lang.evaluate import ABSENT
from policy_lang.formula import (
    FALSE,
    TRUE,
    UNSURE,
    Affix,
    Clock,
    Contains,
    Field,
    Is,
    OneOf,
    Predicate,
    Present,
    RawClaim,
    SqlTest,
    Test,
)
from policy_lang.proof.boxes import Box, Boxes
from policy_lang.proof.languages import Language, TextClass, text_classes
from policy_lang.proof.moments import moments
from policy_lang.proof.samples import argument_samples, is_imagined, probe_of, samples, truth_of
from policy_lang.values import ip_address, text_test

Leaf: TypeAlias = Test | Clock | SqlTest
Fragment: TypeAlias = Mapping[str, Any]  # a part of a request in JSON; `asserted` holds names
_MOST_CLAIMS = 1_000


@dataclass(frozen=True)
class Coordinate:
    """`atoms` are parts of requests, None where none is known that a request can hold; `why` says then what it is."""

    name: str
    atoms: tuple[Fragment | None, ...]
    why: str = ""

    @property
    def full(self) -> int:
        return (1 << len(self.atoms)) - 1


@dataclass(frozen=True)
class Shape:
    """Where a test is true, not false, false, not true."""

    true: Boxes
    maybe: Boxes
    false: Boxes
    doubt: Boxes

    def moved(self, by: int) -> Shape:
        """The same with coordinates that begin at another number."""
        if not by:
            return self
        return Shape(*([_moved(box, by) for box in boxes] for boxes in (self.true, self.maybe, self.false, self.doubt)))


@dataclass(frozen=True)
class Family:
    """Coordinates that some tests look at together, numbered from 0, and the shape of each of these tests."""

    coordinates: tuple[Coordinate, ...]
    shapes: Mapping[Leaf, Shape]
    groups: Mapping[tuple[bool, ...], int] | None = None  # of the caller's groups: what each class meets


def _moved(box: Box, by: int) -> Box:
    return {place + by: mask for place, mask in box.items()}


def shape(true: int, maybe: int, full: int, place: int = 0) -> Shape:
    """The shape of a test on one coordinate."""
    return Shape(
        _boxes(true, full, place),
        _boxes(maybe, full, place),
        _boxes(full & ~maybe, full, place),
        _boxes(full & ~true, full, place),
    )


def _boxes(mask: int, full: int, place: int) -> Boxes:
    return [] if not mask else [{}] if mask == full else [{place: mask}]


def family_key(leaf: Leaf) -> Hashable:
    """Tests with one key look at the same part of a request."""
    if isinstance(leaf, Clock):
        return ("clock",)
    subject = leaf.subject
    if isinstance(subject, Field):
        return ("attribute", subject.name)
    if isinstance(subject, RawClaim):
        return ("claims",)
    return ("argument", subject.steps[0])


@lru_cache(maxsize=1024)
def family_of(key: tuple[str, ...], leaves: frozenset[Leaf]) -> Family:
    """The coordinates for some tests. Where they would be too many, each test is taken as free to come out anyhow."""
    ordered = sorted(leaves, key=repr)
    try:
        return _family(key, ordered)
    except TooLargeError:
        return free(f"what can be said about {' '.join(map(str, key))} has more cases than are looked at", ordered)


def _family(key: tuple[str, ...], leaves: Sequence[Leaf]) -> Family:
    tests = [leaf for leaf in leaves if isinstance(leaf, Test)]
    if key[0] == "clock":
        return _clock([leaf for leaf in leaves if isinstance(leaf, Clock)])
    if key[0] == "claims":
        return _claims(tests)
    if key[0] == "argument":
        return _argument(key[1], [leaf for leaf in leaves if not isinstance(leaf, Clock)])
    if TYPES[key[1]] == GROUPS:
        return _groups(key[1], tests)
    return _attribute(key[1], tests)


def free(why: str, leaves: Sequence[Leaf]) -> Family:
    """Every test on a coordinate of its own, of which no atom belongs to a request: an answer may be unproved."""
    coordinates = tuple(Coordinate(repr(leaf), (None, None, None), why) for leaf in leaves)
    return Family(coordinates, {leaf: shape(0b100, 0b110, 0b111, place) for place, leaf in enumerate(leaves)})


# ---- attributes of the caller ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Classes:
    """Values that stand for all; `mask` gives a bit for each one that a predicate holds of."""

    values: tuple[Any, ...]
    mask: Callable[[Predicate], int]


def text_values(predicates: Iterable[Predicate], **options: Any) -> Classes:
    """The classes of texts under predicates. Options are those of `text_classes`."""
    exact: set[str] = set()
    languages: dict[Language, None] = {}
    for predicate in predicates:
        if isinstance(predicate, OneOf):
            exact |= predicate.exact
            languages |= dict.fromkeys(predicate.patterns)
        elif isinstance(predicate, (Affix, Contains)):
            languages[predicate] = None
    ordered = tuple(sorted(languages, key=repr))
    found = text_classes(ordered, frozenset(exact), **options)
    return Classes(tuple(one.text for one in found), text_masks(found, ordered))


def text_masks(found: Sequence[TextClass], languages: Sequence[Language]) -> Callable[[Predicate], int]:
    """From a predicate to the classes that it holds of."""
    of_text: dict[str, int] = {}
    for place, one in enumerate(found):
        if one.text is not None:
            of_text[one.text] = of_text.get(one.text, 0) | 1 << place
    of_language = {
        language: sum(1 << place for place, one in enumerate(found) if one.meets >> number & 1)
        for number, language in enumerate(languages)
    }

    def mask(predicate: Predicate) -> int:
        if isinstance(predicate, OneOf):
            out = 0
            for text in predicate.exact:
                out |= of_text.get(text, 0)
            for pattern in predicate.patterns:
                out |= of_language[pattern]
            return out
        return of_language[predicate] if isinstance(predicate, (Affix, Contains)) else 0

    return mask


def _attribute(name: str, tests: Sequence[Test]) -> Family:
    classes = _values(name, [test.predicate for test in tests])
    on_word = any(isinstance(test.subject, Field) and test.subject.asserted for test in tests)
    size = len(classes.values)
    said = [*classes.values, None]
    atoms: list[Fragment | None] = [_said(name, value, False, place == size) for place, value in enumerate(said)]
    if on_word:
        atoms += [_said(name, value, True, place == size) for place, value in enumerate(said)]
    atoms.append({})
    full = (1 << len(atoms)) - 1
    unknown = 1 << len(atoms) - 1
    word = ((1 << 2 * (size + 1)) - (1 << size + 1)) if on_word else 0
    shapes: dict[Leaf, Shape] = {}
    for test in tests:
        values = (1 << size) - 1 if isinstance(test.predicate, Present) else classes.mask(test.predicate)
        if isinstance(test.subject, Field) and test.subject.asserted:
            true = values | values << size + 1
            shapes[test] = shape(true, true | unknown, full)
        else:
            shapes[test] = shape(values, values | word | unknown, full)
    why = f"no text was found for some cases of {name}"
    return Family((Coordinate(name, tuple(atoms), why),), shapes)


def _said(name: str, value: Any, asserted: bool, is_none: bool) -> Fragment | None:
    if value is None and not is_none:
        return None
    return {name: value, "asserted": (name,)} if asserted else {name: value}


def _values(name: str, predicates: Sequence[Predicate]) -> Classes:
    kind = TYPES[name]
    if kind == TRUTH:
        return Classes((True, False), lambda p: 0 if not isinstance(p, Is) else 1 if p.value else 2)
    if kind == NETWORK:
        return _networks(predicates)
    if name == "caller":
        tests = CALLER_KINDS
        return Classes(tests, lambda p: sum(1 << i for i, kind in enumerate(tests) if text_test(p)(kind)))
    return text_values(predicates)


def _networks(predicates: Sequence[Predicate]) -> Classes:
    """An address at every place where a network begins or has just ended."""
    texts = sorted({text for p in predicates for text in getattr(p, "networks", ())} | {"::ffff:0:0/96"})
    points = dict.fromkeys(("10.0.0.1", "203.0.113.1", str(ipaddress.IPv4Address(0)), "2001:db8::1", "::"))
    for text in texts:
        network = ipaddress.ip_network(text, strict=False)
        points[str(network.network_address)] = None
        after = int(network.broadcast_address) + 1
        if after < 1 << network.max_prefixlen:
            points[str(type(network.network_address)(after))] = None
    tests = {p: text_test(p) for p in predicates if hasattr(p, "networks")}
    found: dict[tuple[bool, ...], str] = {}
    for point in points:
        if str(ip_address(point)) == point:
            found.setdefault(tuple(test(point) for test in tests.values()), point)
    values = tuple(found.values())
    return Classes(values, lambda p: sum(1 << i for i, value in enumerate(values) if p in tests and tests[p](value)))


def _groups(name: str, tests: Sequence[Test]) -> Family:
    """Whether there are groups at all, and for each class of names whether the caller is in one of them."""
    classes = text_values([test.predicate for test in tests])
    merged: dict[tuple[bool, ...], Any] = {}
    for place, text in enumerate(classes.values):
        meets = tuple(bool(classes.mask(test.predicate) >> place & 1) for test in tests)
        if any(meets) and merged.get(meets) is None:
            merged[meets] = text
    states: tuple[Fragment, ...] = (
        {name: ()},
        {name: None},
        {name: (), "asserted": (name,)},
        {name: None, "asserted": (name,)},
        {},
    )
    members = [
        Coordinate(f"{name} {text}", (None if text is None else {"member": (name, text)}, {}), "no group was found")
        for text in merged.values()
    ]
    shapes: dict[Leaf, Shape] = {}
    for number, test in enumerate(tests):
        asserted = isinstance(test.subject, Field) and test.subject.asserted
        listed, none, unknown = (0b00101, 0b01010, 0b10000) if asserted else (0b00001, 0b00010, 0b11100)
        if isinstance(test.predicate, Present):
            shapes[test] = shape(listed, listed | unknown, 0b11111)
            continue
        holding = [place + 1 for place, meets in enumerate(merged) if meets[number]]
        true: Boxes = [{0: listed, place: 0b01} for place in holding]
        outside: Boxes = [{0: listed} | dict.fromkeys(holding, 0b10)]
        false = [{0: none}, *outside] if holding else [{0: none | listed}]
        shapes[test] = Shape(true, [*true, {0: unknown}], false, [*false, {0: unknown}])
    return Family((Coordinate(name, states), *members), shapes, {meets: i + 1 for i, meets in enumerate(merged)})


# ---- claims, arguments, the clock ------------------------------------------------------------------------------------


def _claims(tests: Sequence[Test]) -> Family:
    """Each claim alone, but where claims are both believed and asserted: whether they are believed holds for all."""
    by_name: dict[str, list[Test]] = {}
    for test in tests:
        by_name.setdefault(_claim_name(test), []).append(test)
    words = {isinstance(test.subject, RawClaim) and test.subject.asserted for test in tests}
    choices = {name: _claim_values(own) for name, own in by_name.items()}
    if words == {True, False}:
        return _mixed_claims(tests, choices)
    coordinates: list[Coordinate] = []
    shapes: dict[Leaf, Shape] = {}
    for place, (name, own) in enumerate(by_name.items()):
        values = choices[name]
        for test in own:
            shapes[test] = _shape_of([_claim_truth(test, value) for value in values], place)
        atoms = tuple(_claim({name: value}, words == {True}) for value in values)
        coordinates.append(Coordinate(f"claim {name}", atoms))
    return Family(tuple(coordinates), shapes)


def _claim_values(tests: Sequence[Test]) -> list[Any]:
    """Samples of a claim. An object is there and of no type that is asked for; null is no value of a claim."""
    asked = [probe_of(test) for test in tests if not isinstance(test.predicate, Present)]
    there: list[Any] = [{}] if len(asked) < len(tests) else []
    return [*samples(asked), *there, ABSENT]


def _mixed_claims(tests: Sequence[Test], choices: Mapping[str, list[Any]]) -> Family:
    from itertools import product

    count = 2
    for values in choices.values():
        count *= len(values)
    if count > _MOST_CLAIMS:
        raise TooLargeError
    atoms: list[Fragment | None] = []
    truths: dict[Leaf, list[int]] = {test: [] for test in tests}
    for asserted in (False, True):
        for chosen in product(*choices.values()):
            named = dict(zip(choices, chosen, strict=True))
            atoms.append(_claim(named, asserted))
            for test in tests:
                subject = test.subject
                seen = not asserted or (isinstance(subject, RawClaim) and subject.asserted)
                truths[test].append(_claim_truth(test, named[_claim_name(test)]) if seen else UNSURE)
    return Family((Coordinate("claims", tuple(atoms)),), {test: _shape_of(own) for test, own in truths.items()})


def _claim_name(test: Test) -> str:
    return test.subject.name if isinstance(test.subject, RawClaim) else ""


def _claim(values: Mapping[str, Any], asserted: bool) -> Fragment:
    claims = {name: value for name, value in values.items() if value is not ABSENT}
    return {"claims": claims, "asserted": ("claims",)} if asserted else {"claims": claims}


def _claim_truth(test: Test, value: Any) -> int:
    """An absent claim is unknown, and so is null."""
    if value is ABSENT or value is None:
        return UNSURE
    return TRUE if isinstance(test.predicate, Present) else truth_of(probe_of(test))(value)


def _argument(key: str | int | None, leaves: Sequence[Test | SqlTest]) -> Family:
    if not isinstance(key, str):  # the arguments are an object: there is nothing at an index
        return Family((), {leaf: Shape([], [{}], [], [{}]) for leaf in leaves})
    values = argument_samples(leaves)
    atoms = tuple(None if is_imagined(value) else {} if value is ABSENT else {"args": {key: value}} for value in values)
    shapes: dict[Leaf, Shape] = {}
    for leaf in leaves:
        truth = truth_of(probe_of(leaf))
        shapes[leaf] = _shape_of([truth(value) for value in values])
    return Family(
        (Coordinate(f"args.{key}", atoms, f"what an SQL text in args.{key} would do is not enumerated"),), shapes
    )


def _clock(clocks: Sequence[Clock]) -> Family:
    found = moments(clocks)
    atoms: list[Fragment | None] = [None if moment is None else {"time": _iso(moment)} for moment, _ in found]
    atoms.append({})
    shapes: dict[Leaf, Shape] = {
        clock: _shape_of([*(truths[number] for _, truths in found), UNSURE]) for number, clock in enumerate(clocks)
    }
    why = "the clocks of several time zones move against each other"
    return Family((Coordinate("time", tuple(atoms), why),), shapes)


def _iso(moment: Any) -> str:
    return str(moment.isoformat()).replace("+00:00", "Z")


def _shape_of(truths: Sequence[int], place: int = 0) -> Shape:
    true = sum(1 << i for i, truth in enumerate(truths) if truth == TRUE)
    maybe = sum(1 << i for i, truth in enumerate(truths) if truth != FALSE)
    return shape(true, maybe, (1 << len(truths)) - 1, place)
