"""All requests of one slice as points of finitely many coordinates, and what a formula means there.

Strategy: coordinates are made when a test first looks at them. A formula is one of four sets of points: where it is
true, where not false, and their complements; each is a union of boxes, put together from those of its parts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from typing import Any

from policy_lang.attributes import index
from policy_lang.evaluate import compiled
from policy_lang.formula import (
    FALSE,
    TRUE,
    Constant,
    Every,
    Field,
    Formula,
    Opposite,
    Some,
    Test,
    leaves,
)
from policy_lang.meaning import Rule
from policy_lang.proof.boxes import Box, Boxes, both, joined
from policy_lang.proof.coordinates import Coordinate, Family, Fragment, Leaf, Shape, family_key, family_of
from policy_lang.proof.slices import Slice, address_family, is_address
from policy_lang.request import Request
from policy_lang.values import text_test

IS_TRUE, MAYBE, IS_FALSE, DOUBT = range(4)
_MIRROR = (IS_FALSE, DOUBT, IS_TRUE, MAYBE)
_ADDRESS: Hashable = ("address",)


class Space:
    """A slice's points under the tests of some formulas; no other tests may be asked about."""

    def __init__(
        self, part: Slice, servers: frozenset[str], formulas: Iterable[Formula], slices: Collection[Slice] = ()
    ) -> None:
        self.part = part
        self.slices = slices
        self.coordinates: list[Coordinate] = []
        self.full: list[int] = []
        self._servers = servers
        self._tests: dict[Hashable, set[Leaf]] = defaultdict(set)
        self._families: dict[Hashable, tuple[int, Family]] = {}
        self._shapes: dict[Leaf, Shape] = {}
        self._known: dict[tuple[Formula, int], Boxes] = {}
        self._rules: dict[tuple[int, int], tuple[Rule, Boxes]] = {}  # by identity; the rule is kept, so that it stays
        for formula in dict.fromkeys(formulas):
            for leaf in leaves(formula):
                if not isinstance(leaf, Constant):
                    self._tests[_key(leaf)].add(leaf)
        self._family(_ADDRESS)  # whatever else is looked at, a request names something

    # ---- sets of points

    def boxes(self, formula: Formula, mode: int) -> Boxes:
        """Where a formula is true, maybe, false or in doubt. Raises TooManyError past a bound."""
        known = self._known.get((formula, mode))
        if known is None:
            known = self._known[formula, mode] = self._boxes(formula, mode)
        return known

    def _boxes(self, formula: Formula, mode: int) -> Boxes:
        if isinstance(formula, Opposite):
            return self.boxes(formula.part, _MIRROR[mode])
        if isinstance(formula, Constant):
            return [{}] if _holds(formula.truth, mode) else []
        if isinstance(formula, (Every, Some)):
            if isinstance(formula, Every) == (mode in (IS_TRUE, MAYBE)):
                return self.meeting(formula.parts, mode)
            return joined([box for part in formula.parts for box in self.boxes(part, mode)], self.full)
        shape = self._shape(formula)
        return (shape.true, shape.maybe, shape.false, shape.doubt)[mode]

    def meeting(self, formulas: Sequence[Formula], mode: int) -> Boxes:
        """Where all of some formulas are true, or maybe true."""
        met: Boxes = [{}]
        for formula in formulas:
            met = both(met, self.boxes(formula, mode))
            if not met:
                break
        return met

    def true(self, rule: Rule) -> Boxes:
        """Where a rule's conditions certainly hold."""
        return self._of_rule(rule, IS_TRUE)

    def maybe(self, rule: Rule) -> Boxes:
        """Where a rule's conditions are not certainly false."""
        return self._of_rule(rule, MAYBE)

    def _of_rule(self, rule: Rule, mode: int) -> Boxes:
        known = self._rules.get((id(rule), mode))
        if known is None:
            known = self._rules[id(rule), mode] = (rule, self.meeting(rule.formulas(), mode))
        return known[1]

    def _shape(self, leaf: Leaf) -> Shape:
        shape = self._shapes.get(leaf)
        if shape is None:
            self._family(_key(leaf))
            shape = self._shapes[leaf]
        return shape

    def _family(self, key: Hashable) -> None:
        tests = frozenset(self._tests[key])
        family = address_family(self.part, tests, self._servers) if key == _ADDRESS else family_of(key, tests)
        first = len(self.coordinates)
        self._families[key] = (first, family)
        self.coordinates += family.coordinates
        self.full += [coordinate.full for coordinate in family.coordinates]
        for leaf, shape in family.shapes.items():
            self._shapes[leaf] = shape.moved(first)

    # ---- which part of a request a coordinate is about

    def key_at(self, place: int) -> Hashable:
        """The part of a request (`family_key`, or of the address) that a coordinate is about."""
        return next(key for key, (first, family) in self._families.items()
                    if first <= place < first + len(family.coordinates))  # fmt: skip

    def places_of(self, key: Hashable) -> range:
        """The coordinates of one part of a request."""
        first, family = self._families[key]
        return range(first, first + len(family.coordinates))

    @property
    def address(self) -> range:
        """The coordinates of what is called."""
        return self.places_of(_ADDRESS)

    def is_address(self, key: Hashable) -> bool:
        """Whether a part of a request is what is called."""
        return key == _ADDRESS

    def atom(self, place: int, mask: int) -> Fragment | None:
        """An atom of a mask that a request can hold, as a part of a request; None where none is known."""
        atoms = self.coordinates[place].atoms
        return next((atom for i, atom in enumerate(atoms) if mask >> i & 1 and atom is not None), None)

    # ---- from points to requests

    def request(self, box: Box) -> dict[str, Any] | str:
        """A request (JSON) in a box, or why none is known. What the box leaves open is left out, the address never."""
        draft: dict[str, Any] = {}
        asserted: dict[str, None] = {}
        for place in sorted({*box, *self.address}):
            coordinate, mask = self.coordinates[place], box.get(place, self.full[place])
            chosen = self.atom(place, mask)
            if chosen is None:
                return coordinate.why or f"nothing is known that {coordinate.name} could be"
            asserted |= dict.fromkeys(chosen.get("asserted", ()))
            for key, value in chosen.items():
                _put(draft, key, value)
        words = dict.fromkeys(asserted, "asserted")
        return {**draft, "provenance": {"default": "attested", **words} if words else "attested"}

    # ---- from requests to points

    def place(self, request: Request) -> dict[int, int]:
        """Of each coordinate that was made, the atoms that the request may be."""
        out = dict(enumerate(self.full))
        for first, family in self._families.values():
            if family.groups is not None:
                out |= _place_groups(request, first, family)
                continue
            for leaf, shape in family.shapes.items():
                truth = compiled(leaf)(request.values, request.args, request.time)
                for mode in _modes(truth):
                    for box in (shape.true, shape.maybe, shape.false, shape.doubt)[mode]:
                        for place, mask in box.items():
                            out[place + first] &= mask
        return out


def holds(box: Box, point: dict[int, int]) -> bool:
    """Whether a request at `point` (of `Space.place`) lies in a box."""
    return all(point[place] & mask for place, mask in box.items())


def _put(draft: dict[str, Any], key: str, value: Any) -> None:
    if key in ("args", "claims"):
        draft[key] = {**draft.get(key, {}), **value}
    elif key == "member":
        name, text = value
        if draft.get(name) is not None:
            draft[name] = [*draft[name], text]
    elif key != "asserted":
        draft[key] = list(value) if isinstance(value, tuple) else value


def _modes(truth: int) -> tuple[int, ...]:
    return (IS_TRUE,) if truth == TRUE else (IS_FALSE,) if truth == FALSE else (MAYBE, DOUBT)


def _holds(truth: int, mode: int) -> bool:
    return (truth == TRUE, truth != FALSE, truth == FALSE, truth != TRUE)[mode]


def _key(leaf: Leaf) -> Hashable:
    return _ADDRESS if is_address(leaf) else family_key(leaf)


def _place_groups(request: Request, first: int, family: Family) -> dict[int, int]:
    """Groups lie on several coordinates: whether there are any, and of which classes they are."""
    tests = [leaf for leaf in family.shapes if isinstance(leaf, Test)]
    name = next(test.subject.name for test in tests if isinstance(test.subject, Field))
    believed, said = request.values[index(name)], request.values[index(name, True)]
    state = _state(believed, said)
    if not isinstance(said, tuple):
        return {first: 1 << state}
    checks: list[Callable[[str], bool]] = [text_test(test.predicate) for test in tests]
    met = {tuple(check(text) for check in checks) for text in said}
    out = {first: 1 << state}
    for meets, place in (family.groups or {}).items():
        out[first + place] = 0b01 if meets in met else 0b10
    return out


def _state(believed: Any, said: Any) -> int:
    if isinstance(said, tuple):
        return 0 if isinstance(believed, tuple) else 2
    if said is None:
        return 1 if believed is None else 3
    return 4
