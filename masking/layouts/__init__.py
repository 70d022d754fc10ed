"""Layouts: texts whose structure says what a stretch holds, read into cells with offsets.

`read(text)` tries each layout that the text's beginning allows. A cell is a stretch and the rule of the field it
stands in; prose is where the prose engine should look. What a layout does not cover is still scanned by every pattern.
"""

from __future__ import annotations

from collections.abc import Callable

from . import delimited, hl7, insert, markup, pairs, x12
from .cell import Cell, Layout

__all__ = ["Cell", "Layout", "read", "structured"]

_READERS: tuple[Callable[[str], Layout | None], ...] = (hl7.read, x12.read, markup.read, insert.read, delimited.read)


def read(text: str) -> Layout | None:
    """The first layout that reads `text`, with its `label: value` pairs; None for plain text without any."""
    layout = structured(text)
    if layout is not None:
        return layout
    cells = pairs.cells(text)
    return Layout(cells, None) if cells else None


def structured(text: str) -> Layout | None:
    """The first layout that reads `text` as cells, whatever pairs stand in it."""
    return next(filter(None, (reader(text) for reader in _READERS)), None)
