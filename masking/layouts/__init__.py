"""Layouts: texts whose structure says what a stretch holds, read into cells with offsets.

`read(text)` tries each layout that the text's beginning allows. A cell is a stretch and the rule of the field it
stands in; prose is where the prose engine should look. What a layout does not cover is still scanned by every pattern.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from masking.values import is_sentence

from . import delimited, hl7, insert, markup, pairs, records, statement, x12
from .cell import Cell, Layout

__all__ = ["Cell", "Layout", "read", "structured"]

_SHORT = 8  # characters: no pair
_READERS: tuple[Callable[[str], Layout | None], ...] = (
    hl7.read,
    x12.read,
    markup.read,
    insert.read,
    statement.read,
    records.read,
    delimited.read,
)


def read(text: str) -> Layout | None:
    """The first layout that reads `text`, with its `label: value` pairs; None for plain text without any."""
    layout = structured(text)
    if layout is not None:
        layout = _read_on(text, layout)
        return layout._replace(cells=[*layout.cells, *_paired(text, layout.prose or ())])
    cells = pairs.cells(text)
    return Layout(cells, None) if cells else None


def _read_on(text: str, layout: Layout) -> Layout:
    """The layout with sentences in fields of codes as prose."""
    said = {stretch for stretch in layout.kept if is_sentence(text[slice(*stretch)])}
    if not said:
        return layout
    prose = None if layout.prose is None else sorted((*layout.prose, *said))
    return layout._replace(prose=prose, kept=[stretch for stretch in layout.kept if stretch not in said])


def _paired(text: str, prose: Sequence[tuple[int, int]]) -> Iterator[Cell]:
    """The pairs in what a structured text leaves open: the lines around a table, a note in a cell."""
    for start, end in prose:
        if end - start > _SHORT and ("=" in text[start:end] or ":" in text[start:end]):
            for cell in pairs.cells(text[start:end]):
                yield cell._replace(start=start + cell.start, end=start + cell.end)


def structured(text: str) -> Layout | None:
    """The first layout that reads `text` as cells, whatever pairs stand in it."""
    return next(filter(None, (reader(text) for reader in _READERS)), None)
