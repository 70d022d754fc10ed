"""Sets of requests as boxes: for some coordinates, which of their atoms are meant; for the others, all.

A box maps a coordinate's number to a mask, a bit for each atom. A mask is never empty and never full, so that equal
sets are mostly equal boxes; `{}` is everything, no box at all is nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

Box: TypeAlias = dict[int, int]
Boxes: TypeAlias = list[Box]
Full: TypeAlias = Sequence[int]  # of each coordinate the mask of all its atoms

MOST_BOXES = 1_200


class TooManyError(Exception):
    """A question that would take more steps or boxes than its bound."""


class Budget:
    """Steps that may still be taken."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int = 1) -> None:
        """Raises TooManyError when nothing is left."""
        self.left -= steps
        if self.left < 0:
            raise TooManyError


def meet(one: Box, other: Box) -> Box | None:
    """What lies in both; None if nothing does."""
    if len(one) < len(other):
        one, other = other, one
    out = dict(one)
    for place, mask in other.items():
        known = out.get(place)
        if known is None:
            out[place] = mask
        elif known & mask:
            out[place] = known & mask
        else:
            return None
    return out


def covers(wide: Box, narrow: Box) -> bool:
    """Whether the narrow box lies in the wide one."""
    for place, mask in wide.items():
        known = narrow.get(place)
        if known is None or known & ~mask:
            return False
    return True


def apart(one: Box, other: Box) -> bool:
    """Whether nothing lies in both."""
    if len(one) > len(other):
        one, other = other, one
    for place, mask in one.items():
        known = other.get(place)
        if known is not None and not known & mask:
            return True
    return False


def without(box: Box, other: Box, full: Full) -> Boxes:
    """What of a box lies outside another that it meets, in disjoint pieces."""
    out: Boxes = []
    left = dict(box)
    for place, mask in other.items():
        known = left.get(place, full[place])
        rest = known & ~mask
        if rest:
            out.append({**left, place: rest})
            inside = known & mask
            if inside:
                left[place] = inside
            else:
                return out
    return out


def both(ones: Boxes, others: Boxes) -> Boxes:
    """What lies in one of the first and one of the second. Raises TooManyError past a bound."""
    if ones == [{}]:
        return others
    if others == [{}]:
        return ones
    if len(ones) * len(others) > 4 * MOST_BOXES:
        raise TooManyError
    met = [box for one in ones for other in others if (box := meet(one, other)) is not None]
    return slim(met)


def slim(boxes: Boxes) -> Boxes:
    """The same set in fewer boxes, where that is easily seen. Raises TooManyError past a bound."""
    if len(boxes) < 2:
        return boxes
    unique = {tuple(sorted(box.items())): box for box in boxes}
    kept: Boxes = []
    for box in sorted(unique.values(), key=len) if len(unique) <= 200 else unique.values():
        if len(unique) > 200 or not any(covers(wide, box) for wide in kept):
            kept.append(box)
    if len(kept) > MOST_BOXES:
        raise TooManyError
    return kept


def joined(boxes: Boxes, full: Full) -> Boxes:
    """`slim`, with boxes that look at the same single coordinate made one."""
    single: dict[int, int] = {}
    rest: Boxes = []
    for box in boxes:
        if not box:
            return [{}]
        if len(box) == 1:
            ((place, mask),) = box.items()
            single[place] = single.get(place, 0) | mask
        else:
            rest.append(box)
    if any(mask == full[place] for place, mask in single.items()):
        return [{}]
    return slim([*({place: mask} for place, mask in single.items()), *rest])


def pieces(box: Box, cover: Sequence[Box], full: Full, budget: Budget) -> Iterator[Box]:
    """What of a box no box of the cover holds, in disjoint pieces. Raises TooManyError when the budget is spent."""
    near = sorted(cover, key=len)  # the widest first
    stack = [(box, 0)]
    while stack:
        current, at = stack.pop()
        start = at
        while at < len(near):
            other = near[at]
            at += 1
            if apart(current, other):
                continue
            parts = without(current, other, full)
            budget.spend(1 + len(parts) + (at - start) // 16)
            stack += [(part, at) for part in parts]
            break
        else:
            budget.spend(1 + (at - start) // 16)
            yield current


def inside(box: Box, point: Mapping[int, int]) -> bool:
    """Whether a point (an atom's number for each coordinate) lies in a box."""
    return all(mask >> point[place] & 1 for place, mask in box.items())
