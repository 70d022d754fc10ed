"""Objects gone through by the steps of their shapes (steps.py): a few for all the fields, not some for each.

Strategy: an object that is not as its steps have it is gone through field by field, as walk.py does all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from operator import getitem
from typing import Any

from . import tables
from .fields import CODE, SCAN, Rule
from .flat import DEEPEST, NEW, OPEN_STILL, SOME, Flat, Place, Spots, Stands
from .leaves import KEEP, OPEN, QUIET
from .numbers import NUMBER_WORTH
from .paths import Path, Record
from .settling import Open
from .spliced import Masked, stands_in
from .steps import Node, Shape, Steps
from .walk import MAX_DEPTH, Walk

_MASKED = frozenset({tuple})  # what stands for a string that is masked by name, by its type
_LATER = 16  # times as many objects of a shape are seen before a way through them is made anew
Stood = tuple[str, Masked]  # a key, and what stands for the string there


class Fields:
    """The strings of an object that are masked by name: told of together, like those of a way through an object."""

    __slots__ = ()

    def records(self, masked: tuple[dict[str, Any], list[Stood]], path: Path) -> Iterator[Record]:
        """What stands in an object at `path`, by its keys."""
        obj, stands = masked
        for key, entry in stands:
            yield key, path, stands_in(entry, obj[key])


_FIELDS = Fields()


class Stepping(Walk):
    """A walk that goes through objects by steps."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._mark = object()
        self._quiet_codes, self._quiet_scans = self._leaves.quiet_codes, self._leaves.quiet_scans
        self._refined: dict[tuple[Shape, Any], Steps] = {}

    def _dict(self, obj: dict[str, Any], at: Node, path: Path, depth: int) -> Any:  # noqa: C901 - a call saved for each
        """An object: by the steps of its shape where it is as they have it, else field by field."""
        if depth > MAX_DEPTH:
            return self._withhold(path)
        shape = at[tuple(obj)]
        if shape.met is not self._mark:
            self._met(shape)
        steps = shape.only
        if steps is None or self._about is not None:
            if self._about is not None or not shape.plain:
                return self._in_scope(obj, shape, path, depth)
            steps = self._refined_steps(shape, obj)
        if steps.inner and depth <= DEEPEST:
            out = None if steps.flat is None else self._at_once(steps, steps.flat, obj, path, depth)
            if out is not None:
                return out
            self._seen(steps, obj)
        codes, scans = steps.codes, steps.scans
        stands: list[Stood] = []
        told: list[tuple[str, Rule]] = []
        try:
            other = (
                codes is not None
                and not self._quiet_codes.issuperset(codes(obj))
                and not self._are_quiet(codes(obj), CODE)
            ) or (
                scans is not None
                and not self._quiet_scans.issuperset(scans(obj))
                and not self._are_quiet(scans(obj), SCAN)
            )
            if steps.slots and not other:
                other = not self._stands(obj, steps, stands, told)
        except TypeError:  # a container where strings stood
            other = True
        if steps.rest and not other:
            other = any(obj[key] is not None and type(obj[key]) is not bool for key in steps.rest)
        if other:
            return self._fields(obj, obj, steps.rules, path, depth)
        out = obj
        if stands or told:
            out = obj.copy()
            for key, entry in stands:
                out[key] = entry[0]
            if stands:
                self.records.append(((obj, stands), path, _FIELDS))
            for key, rule in told:
                self._numbers.put(out, key, obj[key], path, rule, self.records, self._open_numbers)
        if steps.inner:
            out = self._all_inner(obj, out, steps, path, depth)
        if steps.gap is not None:
            self._open.append(steps.gap)
        return out

    def _met(self, shape: Shape) -> None:
        """Note a shape that this message has not had before, or that another walk has met since."""
        self._used.add(shape.plan)
        shape.met = self._mark

    def _met_way(self, steps: Steps, flat: Flat, obj: dict[str, Any]) -> None:
        """Note a way through objects that this message has not had before."""
        flat.met = self._mark
        for shape in flat.shapes:
            self._met(shape)
        if flat.loosened and flat.hits > SOME * steps.again:
            self._make(steps, obj)

    def _refined_steps(self, shape: Shape, obj: dict[str, Any]) -> Steps:
        """The steps through an object whose values have a say in its rules."""
        refine = shape.plan.refine
        if refine is None:
            return shape.through(obj)
        token = shape, refine.reads(obj)
        found = self._refined.get(token)
        if found is None:
            found = self._refined[token] = shape.through(obj)
        return found

    def _are_quiet(self, values: Collection[Any], rule: Rule) -> bool:
        """Whether values are quiet strings, of codes also empty ones; those not had yet in this message are decided.

        An empty string that is scanned is no gap: a number that is cut goes on behind it.
        """
        decided = self._memos[rule]
        for value in values:
            entry = decided[value]
            if entry is not QUIET and (entry is not KEEP or rule is not CODE):
                return False
        return True

    def _stands(self, obj: dict[str, Any], steps: Steps, stands: list[Stood], told: list[tuple[str, Rule]]) -> bool:
        """Find what stands for an object's strings that are masked by name, and its numbers that may be masked; False
        when a string stays open, or something else stands there, or a quiet one among containers.
        """
        gaps: list[Open] = []
        memos = self._memos
        for key, rule, gap in steps.slots:
            value = obj[key]
            if gap is None:
                if type(value) is not int and type(value) is not float:
                    return False
                if rule is not CODE or value >= NUMBER_WORTH or value <= -NUMBER_WORTH:
                    told.append((key, rule))
                continue
            entry = memos[rule][value]
            if type(entry) is tuple:
                stands.append((key, entry))
            elif entry is None or entry is OPEN or (entry is QUIET and steps.inner):
                return False
            elif entry is QUIET:
                gaps.append(gap)
        self._open += gaps
        return True

    def _all_inner(
        self, obj: dict[str, Any], out: dict[str, Any], steps: Steps, path: Path, depth: int
    ) -> dict[str, Any]:
        """`out`, or a copy of `obj` in its place, with the containers that an object holds masked."""
        for key, at, gap in steps.inner:
            if gap is not None:
                self._open.append(gap)
            value = obj[key]
            kind = type(value)
            if kind is not dict and kind is not list:
                out = self._leaf(obj, out, key, path, at.rule, depth)
                continue
            new = self._inside(obj, key, value, at, (path, key), depth)
            if new is not value:
                if out is obj:
                    out = obj.copy()
                out[key] = new
        return out

    def _inside(self, obj: dict[str, Any], key: str, value: Any, at: Node, place: Path, depth: int) -> Any:
        """A container in an object, perhaps the rows of a table whose columns another field names."""
        if type(value) is dict:
            return self._dict(value, at, place, depth + 1)
        if len(value) == 1 and type(value[0]) is dict:
            only = self._dict(value[0], at, (place, 0), depth + 2)
            return value if only is value[0] else [only]
        columns = tables.columns_of(obj, key) if value and type(value[0]) is list else None
        return self._list(value, at, place, depth + 1, columns)

    def _seen(self, steps: Steps, obj: dict[str, Any]) -> None:
        """Note an object that was not gone through at once; after some of them a way to do so is made, or mended."""
        steps.seen += 1
        if steps.seen == SOME * steps.again:
            self._make(steps, obj)
        elif steps.flat is not None and steps.flat.tight:
            steps.flat = steps.flat.loosen(steps, obj)

    def _make(self, steps: Steps, obj: dict[str, Any]) -> None:
        """Make a way through whole objects; made when little was quiet it holds less than it could, so it is made anew
        when many more objects have been seen.
        """
        steps.again *= _LATER
        flat = Flat(steps, obj)
        steps.flat = flat if flat.spots else None

    def _at_once(self, steps: Steps, flat: Flat, obj: dict[str, Any], path: Path, depth: int) -> dict[str, Any] | None:
        """An object and those in it; None when it is otherwise than the way through it has it."""
        spots = flat.spots_of(obj)
        stands = None if spots is None else self._named(flat, spots)
        if spots is None or stands is None:
            return None
        flat.hits += 1
        if flat.met is not self._mark:
            self._met_way(steps, flat, obj)
        if stands:
            self.records.append(((stands, spots[3]), path, flat))
        found = spots[0]
        places = flat.paths(path) if flat.loose or flat.telling else {}
        inner = self._loose(flat, found, places, depth) if flat.loose else ()
        if flat.gap is not None:
            self._open.append(flat.gap)
        if not stands and not inner and not flat.telling:
            return obj
        out = found[0] = obj.copy()
        for spot, parent, key, alone in flat.dirty:
            value = found[spot] = found[spot].copy()
            found[parent][key] = [value] if alone else value
        if stands:
            for (spot, key), entry in zip(flat.slots, stands, strict=True):
                found[spot][key] = entry[0]
        for spot, key, new in inner:
            found[spot][key] = new
        for spot, key, rule in flat.telling:
            holder = found[spot]
            self._numbers.put(holder, key, holder[key], places[spot], rule, self.records, self._open_numbers)
        return out

    def _named(self, flat: Flat, spots: Spots) -> Stands | None:
        """What stands for the strings that are masked by name, none for none; None when a string stays open, or
        something else is otherwise than it mostly is.
        """
        _, codes, scans, slots = spots
        try:
            if not self._quiet_codes.issuperset(codes) and not self._are_quiet(codes, CODE):
                flat.miss(self._not_quiet(flat.codes, codes, CODE), NEW)
                return None
            if scans and not self._quiet_scans.issuperset(scans) and not self._are_quiet(scans, SCAN):
                flat.miss(self._not_quiet(flat.scans, scans, SCAN), OPEN_STILL)
                return None
            stands: Stands = list(map(getitem, map(self._memos.__getitem__, flat.rules), slots))
        except TypeError:  # a container where strings stood
            flat.miss(0, NEW)
            return None
        if not _MASKED.issuperset(map(type, stands)):
            for index, entry in enumerate(stands):
                if entry is KEEP:
                    stands[index] = slots[index], ()
                elif type(entry) is not tuple:
                    flat.miss(flat.slots[index][0], OPEN_STILL)
                    return None
            if not any(entry[1] for entry in stands):
                stands = []
        return stands

    def _loose(
        self, flat: Flat, found: list[dict[str, Any]], places: dict[int, Path], depth: int
    ) -> list[tuple[int, str, Any]]:
        """The containers in an object that are walked by themselves and changed: spots, keys and what they are."""
        changed = []
        for spot, key, at, gap, level in flat.loose:
            if gap is not None:
                self._open.append(gap)
            value = found[spot][key]
            new = self._inside(found[spot], key, value, at, (places[spot], key), depth + level)
            if new is not value:
                changed.append((spot, key, new))
        return changed

    def _not_quiet(self, places: list[Place], values: tuple[Any, ...], rule: Rule) -> int:
        """The first spot that holds a string which is not quiet."""
        return next(
            (place[0] for place, value in zip(places, values, strict=True) if not self._are_quiet((value,), rule)), 0
        )
