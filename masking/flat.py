"""Whole resources gone through at once: an object with the objects in it, where they are as they mostly are.

Strategy: from an object of a shape that was met a few times the dictionaries in it, also those alone in a list, become
*spots* in the order they stand. Going through another such object is one loop that checks each spot's keys and collects
its codes, one comparison of all the codes with what is quiet, and one loop over the few strings that are masked by
name. What is otherwise in too many objects is *loosened*: walked by itself from then on. An object that is otherwise in
any other way goes by its own steps.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, NamedTuple

from .fields import Role, Rule
from .numbers import NUMBER_WORTH
from .paths import Path, Record
from .spliced import Stand
from .steps import Gap, Node, Shape, Steps, gap_of, hold

SOME = 8  # objects of a shape are gone through by steps
DEEPEST = 150  # levels; objects deeper down are gone through by steps
_MAX_SPOTS, _MAX_LEVEL = 48, 12
# What an object weighs that was otherwise at a spot: codes are new in a young process, and soon are not. One that was
# as the way has it weighs against them.
OTHERWISE, OPEN_STILL, NEW = 80, 20, 1
_AS_HERE, _EARLY = 10, 80
_WEIGHT = 4  # what a spot is held for, in keys of shapes: it has its own steps in code, about 1 KB
Way = tuple[str, ...]
Place = tuple[int, str]  # a spot and a key
Values = tuple[Any, ...]
# An object's spots, and the values in them: codes, scans, slots, numbers, telling numbers, the rest, loose containers.
Spots = tuple[list[dict[str, Any]], Values, Values, Values, Values, Values, Values, Values]
# Strings masked by name: their spots, keys, texts and stands. With the path of their object and its way, one record.
Stands = list[tuple[int, str, tuple[str, tuple[Stand, ...]]]]


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


def _way_through(spots: Sequence[Spot], *groups: Sequence[Any]) -> Callable[[dict[str, Any]], Spots | None]:
    """What finds an object's spots and the values of groups of places in them, none in an object that is otherwise; it
    raises KeyError for one that has other keys.

    It is written out, as `dataclasses` and `namedtuple` write theirs: its text is made of numbers alone, and the keys
    of messages are constants that it refers to by number.
    """
    names: dict[str, Any] = {}
    lines = ["def through(spot_0):"]
    for index, spot in enumerate(spots, 1):
        mine = f"spot_{index}"
        names[f"key_{index}"] = spot.key
        lines.append(f" {mine} = spot_{spot.parent}[key_{index}]")
        if spot.alone:
            lines.append(f" if type({mine}) is not list or len({mine}) != 1: return None")
            lines.append(f" {mine} = {mine}[0]")
        lines.append(f" if type({mine}) is not dict or len({mine}) != {spot.size}: return None")
        if spot.reads is not None:
            names[f"reads_{index}"], names[f"token_{index}"] = spot.reads, spot.token
            lines.append(f" if reads_{index}({mine}) != token_{index}: return None")
    given = ["[" + ", ".join(f"spot_{index}" for index in range(len(spots) + 1)) + "]"]
    for number, group in enumerate(groups):
        names |= {f"at_{number}_{index}": place[1] for index, place in enumerate(group)}
        values = "".join(f"spot_{place[0]}[at_{number}_{index}], " for index, place in enumerate(group))
        given.append(f"({values})")
    lines.append(f" return {', '.join(given)}")
    exec("\n".join(lines), names)  # noqa: S102 - numbers alone
    through: Callable[[dict[str, Any]], Spots | None] = names["through"]
    return through


class Flat:
    """The way through objects of one shape and outcome of its refinement, made from `obj`.

    `spots` are all but the object itself, which is spot 0. `codes` and `scans` are the strings with those rules,
    `slots` the other ones, `numbers` are numbers (`telling` those whose field says what they are), `rest` is what is
    true, false or nothing. `dirty` are the spots that hold what may change, outer ones first.
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
        "numbers",
        "places",
        "rest",
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
        self.slots: list[tuple[int, str, Rule]] = []
        self.numbers: list[Place] = []
        self.telling: list[tuple[int, str, Rule]] = []
        self.rest: list[Place] = []
        self.loose: list[Loose] = []
        self.shapes: list[Shape] = []
        names = self._fill(0, steps, obj, (), 0, [])
        hold(_WEIGHT * len(self.ways))
        self.gap = gap_of(names) if names else None
        self.misses = [0] * len(self.ways)
        self.dirty = self._down_to([spot[0] for spot in (*self.slots, *self.telling, *self.loose)])
        self._through = _way_through(
            self.spots, self.codes, self.scans, self.slots, self.numbers, self.telling, self.rest, self.loose
        )
        self.places = self._down_to([spot[0] for spot in (*self.telling, *self.loose)])

    def _fill(self, index: int, steps: Steps, obj: dict[str, Any], way: Way, level: int, names: list[str]) -> list[str]:
        """Take up the spot `index`; `names` are the fields of strings since the last gap. Gives those after it."""
        self.codes += ((index, key) for key in steps.code_keys)
        self.scans += ((index, key) for key in steps.scan_keys)
        for key, rule, gap in steps.slots:
            if gap is not None:
                self.slots.append((index, key, rule))
            elif rule.role in (Role.VALUE, Role.DATEISH, Role.PERSON, Role.REFERENCE):
                self.telling.append((index, key, rule))
            else:
                self.numbers.append((index, key))
        self.rest += ((index, key) for key in steps.rest)
        for key, at, gap in steps.inner:
            names += gap[1] if gap is not None else ()
            inside = self._spot(index, key, at, obj[key], (*way, key), level)
            if inside is None:
                self.loose.append(Loose(index, key, at, gap_of(names) if names else None, level))
                names = []
            else:
                names = self._fill(len(self.ways) - 1, *inside, names)
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
            spots = self._through(obj)
        except KeyError:
            spots = None
        if spots is None:
            self._missed(obj)
        return spots

    def fits(self, spots: Spots) -> bool:
        """Whether numbers, what is no text and containers are what they mostly are."""
        _, _, _, _, numbers, telling, rest, loose = spots
        for place, value in zip(self.numbers, numbers, strict=True):
            if (type(value) is not int and type(value) is not float) or not -NUMBER_WORTH < value < NUMBER_WORTH:
                return self.miss(place[0], OPEN_STILL)
        for told, value in zip(self.telling, telling, strict=True):
            if type(value) is not int and type(value) is not float:
                return self.miss(told[0], OTHERWISE)
        for place, value in zip(self.rest, rest, strict=True):
            if value is not None and type(value) is not bool:
                return self.miss(place[0], OTHERWISE)
        for held, value in zip(self.loose, loose, strict=True):
            if type(value) is not dict and type(value) is not list:
                return self.miss(held[0], OTHERWISE)
        return True

    def paths(self, path: Path) -> dict[int, Path]:
        """The paths of spots with what is walked by itself, or numbers that tell, in an object at `path`."""
        places: dict[int, Path] = {0: path}
        for spot, parent, key, alone in self.places:
            place = (places[parent], key)
            places[spot] = (place, 0) if alone else place
        return places

    def miss(self, spot: int, weight: int) -> bool:
        """Note an object that was otherwise at a spot; once too many were, the spot is to be loosened. Gives False."""
        self.misses[spot] += weight
        self.tight = self.tight or self.misses[spot] > self.hits * _AS_HERE + _EARLY
        return False

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

    def records(self, stands: Stands, path: Path) -> Iterator[Record]:
        """What was masked by name in an object at `path`."""
        places: list[Path] = [path]
        for spot in self.spots:
            place = (places[spot.parent], spot.key)
            places.append((place, 0) if spot.alone else place)
        for index, key, entry in stands:
            yield key, places[index], entry[1]
