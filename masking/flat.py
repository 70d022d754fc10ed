"""Whole resources gone through at once: an object with the objects in it, where they are as they mostly are.

Strategy: from an object of a shape that was met a few times the dictionaries in it, also those alone in a list, become
*spots* in the order they stand. Going through another such object is one loop that checks each spot's keys and collects
its codes, one comparison of all the codes with what is quiet, and one loop over the few strings that are masked by
name. What is otherwise in too many objects is *loosened*: walked by itself from then on. An object that is otherwise in
any other way goes by its own steps.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Iterator, Sequence
from types import CodeType
from typing import Any, NamedTuple

from .fields import Role, Rule
from .numbers import NUMBER_WORTH
from .paths import Path, Record
from .spliced import Masked, stands_in
from .steps import Gap, Node, Shape, Steps, gap_of, hold

SOME = 8  # objects of a shape are gone through by steps
DEEPEST = 150  # levels; objects deeper down are gone through by steps
_MAX_SPOTS, _MAX_LEVEL = 48, 12
# What an object weighs that was otherwise at a spot: codes are new in a young process, and soon are not. One that was
# as the way has it weighs against them.
OTHERWISE, OPEN_STILL, NEW = 80, 20, 1
_AS_HERE, _EARLY = 10, 80
_WEIGHT = 4  # what a spot is held for, in keys of shapes: it has its own steps in code, about 1 KB
_TOLD = "type(value) is float or type(value) is int"
_NUMBER = f"({_TOLD}) and {-NUMBER_WORTH} < value < {NUMBER_WORTH}"
_NO_TEXT = "value is None or type(value) is bool"
_HOLDER = "type(value) is dict or type(value) is list"
Way = tuple[str, ...]
Place = tuple[int, str]  # a spot and a key
Values = tuple[Any, ...]
Spots = tuple[list[dict[str, Any]], Values, Values, Values]  # an object's spots, and its codes, scans and slots
# What stands for the strings of `slots`. With them, the path of their object and its way, one record.
Stands = list[Masked]


class OtherwiseError(Exception):
    """An object is otherwise than the way through it has it, at a spot, which weighs so much."""

    def __init__(self, spot: int, weight: int) -> None:
        super().__init__()
        self.spot, self.weight = spot, weight


class Test(NamedTuple):
    """What must hold of a value at a place, and what an object weighs of which it does not."""

    spot: int
    key: str
    holds: str
    weight: int


class Spot(NamedTuple):
    """A dictionary: where it is, whether it is alone in a list there, and what it must be like to be gone through."""

    parent: int
    key: str
    alone: bool
    size: int
    reads: Any
    token: Hashable


class Loose(NamedTuple):
    """A container that is walked by itself, `level` levels down, and the gap before it."""

    spot: int
    key: str
    at: Node
    gap: Gap | None
    level: int


def _way_through(
    spots: Sequence[Spot], tests: Sequence[Test], groups: Sequence[Sequence[Place]]
) -> Callable[[dict[str, Any]], Spots]:
    """What finds an object's spots and the values of groups of places in them. It raises OtherwiseError for an object
    that is otherwise, and KeyError for one that has other keys.

    It is written out, as `dataclasses` and `namedtuple` write theirs: its text is made of numbers alone, and the keys
    of messages are constants that it refers to by number.
    """
    names: dict[str, Any] = {"Otherwise": OtherwiseError}
    lines = ["def through(spot_0):"]
    for index, spot in enumerate(spots, 1):
        mine, otherwise = f"spot_{index}", f"raise Otherwise({index}, {OTHERWISE})"
        names[f"key_{index}"] = spot.key
        lines.append(f" {mine} = spot_{spot.parent}[key_{index}]")
        if spot.alone:
            lines.append(f" if type({mine}) is not list or len({mine}) != 1: {otherwise}")
            lines.append(f" {mine} = {mine}[0]")
        lines.append(f" if type({mine}) is not dict or len({mine}) != {spot.size}: {otherwise}")
        if spot.reads is not None:
            names[f"reads_{index}"], names[f"token_{index}"] = spot.reads, spot.token
            lines.append(f" if reads_{index}({mine}) != token_{index}: {otherwise}")
    for index, test in enumerate(tests):
        names[f"tested_{index}"] = test.key
        lines.append(f" value = spot_{test.spot}[tested_{index}]")
        lines.append(f" if not ({test.holds}): raise Otherwise({test.spot}, {test.weight})")
    given = ["[" + ", ".join(f"spot_{index}" for index in range(len(spots) + 1)) + "]"]
    for number, group in enumerate(groups):
        names |= {f"at_{number}_{index}": place[1] for index, place in enumerate(group)}
        values = "".join(f"spot_{place[0]}[at_{number}_{index}], " for index, place in enumerate(group))
        given.append(f"({values})")
    lines.append(f" return {', '.join(given)}")
    exec(_compiled("\n".join(lines)), names)  # noqa: S102 - numbers alone
    through: Callable[[dict[str, Any]], Spots] = names["through"]
    return through


@functools.lru_cache(maxsize=512)
def _compiled(text: str) -> CodeType:
    """The code of a way through: many shapes share one, and a way that is made anew finds its own."""
    return compile(text, "a way through objects", "exec")


class Flat:
    """The way through objects of one shape and outcome of its refinement, made from `obj`.

    `spots` are all but the object itself, which is spot 0. `codes` and `scans` are the strings with those rules,
    `slots` the other ones, whose `rules` stand beside them, `telling` are numbers whose fields say what they are,
    `loose` what is walked by itself. `dirty` are the spots that hold what may change, outer ones first.
    """

    __slots__ = (
        "_through",
        "codes",
        "dirty",
        "gap",
        "hits",
        "loose",
        "loosened",
        "met",
        "misses",
        "places",
        "rules",
        "scans",
        "shapes",
        "slots",
        "spots",
        "telling",
        "tight",
        "ways",
    )  # fmt: skip

    def __init__(self, steps: Steps, obj: dict[str, Any], loosened: frozenset[Way] = frozenset()) -> None:
        self.loosened = loosened
        self.hits, self.tight = 0, False
        self.met: object = None
        self.codes: list[Place] = []
        self.spots: list[Spot] = []
        self.ways: list[Way] = [()]
        self.scans: list[Place] = []
        self.slots: list[Place] = []
        self.rules: list[Rule] = []
        self.telling: list[tuple[int, str, Rule]] = []
        self.loose: list[Loose] = []
        self.shapes: list[Shape] = []
        tests: list[Test] = []
        names = self._fill(0, steps, obj, (), 0, [], tests)
        hold(_WEIGHT * len(self.ways))
        self.gap = gap_of(names) if names else None
        self.misses = [0] * len(self.ways)
        self.dirty = self._down_to([spot[0] for spot in (*self.slots, *self.telling, *self.loose)])
        self._through = _way_through(self.spots, tests, (self.codes, self.scans, self.slots))
        self.places = self._down_to([spot[0] for spot in (*self.telling, *self.loose)])

    def _fill(
        self, index: int, steps: Steps, obj: dict[str, Any], way: Way, level: int, names: list[str], tests: list[Test]
    ) -> list[str]:
        """Take up the spot `index`; `names` are the fields of strings since the last gap. Gives those after it."""
        self.codes += ((index, key) for key in steps.code_keys)
        self.scans += ((index, key) for key in steps.scan_keys)
        for key, rule, gap in steps.slots:
            if gap is not None:
                self.slots.append((index, key))
                self.rules.append(rule)
            elif rule.role in (Role.VALUE, Role.DATEISH, Role.PERSON, Role.REFERENCE):
                self.telling.append((index, key, rule))
                tests.append(Test(index, key, _TOLD, OTHERWISE))
            else:
                tests.append(Test(index, key, _NUMBER, OPEN_STILL))
        tests += (Test(index, key, _NO_TEXT, OTHERWISE) for key in steps.rest)
        for key, at, gap in steps.inner:
            names += gap[1] if gap is not None else ()
            inside = self._spot(index, key, at, obj[key], (*way, key), level)
            if inside is None:
                self.loose.append(Loose(index, key, at, gap_of(names) if names else None, level))
                tests.append(Test(index, key, _HOLDER, OTHERWISE))
                names = []
            else:
                names = self._fill(len(self.ways) - 1, *inside, names, tests)
        return [*names, *(steps.gap[1] if steps.gap is not None else ())]

    def _spot(
        self, parent: int, key: str, at: Node, value: Any, way: Way, level: int
    ) -> tuple[Steps, dict[str, Any], Way, int] | None:
        """Make a container a spot; None for one that is to be walked by itself."""
        alone = type(value) is list and len(value) == 1
        inner = value[0] if alone else value
        level += 1 + alone
        if type(inner) is not dict or way in self.loosened or len(self.ways) >= _MAX_SPOTS or level > _MAX_LEVEL:
            return None
        shape = at[tuple(inner)]
        if not shape.plain:
            return None
        steps, refine = shape.through(inner), shape.plan.refine
        reads, token = (None, None) if refine is None else (refine.reads, refine.reads(inner))
        self.shapes.append(shape)
        self.ways.append(way)
        self.spots.append(Spot(parent, key, alone, len(inner), reads, token))
        return steps, inner, way, level

    def _down_to(self, spots: list[int]) -> list[tuple[int, int, str, bool]]:
        """The ways down to some spots: each spot on them with its parent and key, and whether it is alone in a list."""
        wanted: set[int] = set()
        for spot in spots:
            while spot and spot not in wanted:
                wanted.add(spot)
                spot = self.spots[spot - 1].parent
        return [(spot, *self.spots[spot - 1][:3]) for spot in sorted(wanted)]

    def spots_of(self, obj: dict[str, Any]) -> Spots | None:
        """The spots of an object of this shape and the values in them; None when it is otherwise."""
        try:
            return self._through(obj)
        except OtherwiseError as found:
            self.miss(found.spot, found.weight)
        except KeyError:
            self._missed(obj)
        return None

    def paths(self, path: Path) -> dict[int, Path]:
        """The paths of spots with what is walked by itself, or numbers that tell, in an object at `path`."""
        places: dict[int, Path] = {0: path}
        for spot, parent, key, alone in self.places:
            place = (places[parent], key)
            places[spot] = (place, 0) if alone else place
        return places

    def miss(self, spot: int, weight: int) -> None:
        """Note an object that was otherwise at a spot; once too many were, the spot is to be loosened."""
        self.misses[spot] += weight
        self.tight = self.tight or self.misses[spot] > self.hits * _AS_HERE + _EARLY

    def _missed(self, obj: dict[str, Any]) -> None:
        """Note the first spot where `obj` is otherwise."""
        found = [obj]
        for spot, keys in zip(self.spots, (shape.plan.keys for shape in self.shapes), strict=True):
            value = found[spot.parent].get(spot.key)
            if spot.alone:
                value = value[0] if type(value) is list and len(value) == 1 else None
            if type(value) is not dict or tuple(value) != keys or (spot.reads and spot.reads(value) != spot.token):
                break
            found.append(value)
        self.miss(min(len(found), len(self.spots)), OTHERWISE)

    def loosen(self, steps: Steps, obj: dict[str, Any]) -> Flat | None:
        """The way through objects with what was too often otherwise walked by itself; none if nothing is left of it."""
        loosened = {
            way for way, count in zip(self.ways, self.misses, strict=True) if count > self.hits * _AS_HERE + _EARLY
        }
        if () in loosened:
            return None
        made = Flat(steps, obj, self.loosened | loosened)
        return made if made.spots else None

    def records(self, masked: tuple[Stands, Values], path: Path) -> Iterator[Record]:
        """What stands in an object at `path` for its strings that are masked by name, which were these."""
        places: list[Path] = [path]
        for spot in self.spots:
            place = (places[spot.parent], spot.key)
            places.append((place, 0) if spot.alone else place)
        for (index, key), entry, value in zip(self.slots, *masked, strict=True):
            if entry[1]:
                yield key, places[index], stands_in(entry, value)
