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

    `gaps` are what parts the cells, in order: what is masked over several cells is masked in each.
    """

    cells: list[Cell]
    prose: list[tuple[int, int]] | None
    gaps: Sequence[tuple[int, int]] = ()
