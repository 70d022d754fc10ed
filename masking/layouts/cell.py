"""A stretch of a text and the kind of value that stands there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Cell(NamedTuple):
    """`text[start:end]` is a value of `kind` by the name of its field."""

    start: int
    end: int
    kind: str


class Layout(NamedTuple):
    """Cells in any order; `prose` is the stretches for the prose engine, None for the whole text.

    `gaps` are what parts the cells, in order: what is masked over several cells is masked in each. `kept` are what
    holds codes or names fields, in order: there only strong patterns count.
    """

    cells: list[Cell]
    prose: list[tuple[int, int]] | None
    gaps: Sequence[tuple[int, int]] = ()
    kept: Sequence[tuple[int, int]] = ()


def rest(start: int, end: int, taken: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """What is left of a stretch without the stretches `taken` (in any order)."""
    out, at = [], start
    for low, high in sorted(taken):
        if at < low < end:
            out.append((at, low))
        at = max(at, high)
    if at < end:
        out.append((at, end))
    return out
