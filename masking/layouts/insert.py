"""SQL statements that carry rows: `INSERT INTO t (a, b) VALUES ('x', 'y'), (…)`.

Strategy: the columns before VALUES say what each literal is, row by row. Literals are scanned with SQL's own quoting
(a doubled quote is a quote); a row with another number of values than columns is left to the patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from masking.fields import Role, rule_for

from .cell import Cell, Layout

_HEAD = re.compile(
    r"(?i)\b(?:insert|replace)\s+(?:\w+\s+){0,2}into\s+[\w.`\"\[\]]{1,120}\s*\(([^()]{1,4000})\)\s*values\s*(?=\()"
)
_LITERAL = re.compile(
    r"\s*(?:[NE]?'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\"|([^,()'\"]{0,400}(?:\([^()]{0,400}\))?[^,()'\"]{0,400}))\s*([,)])"
)
_NEXT_ROW = re.compile(r"\s*,\s*(?=\()")


def read(text: str) -> Layout | None:
    """Cells of every INSERT in `text`; None when there is none."""
    if "(" not in text or len(text) < _SHORTEST:
        return None
    heads = list(_HEAD.finditer(text))
    if not heads:
        return None
    cells: list[Cell] = []
    prose: list[tuple[int, int]] = []
    for head in heads:
        columns = [column.strip(' \t\r\n`"[]') for column in head[1].split(",")]
        for row in _rows(text, head.end()):
            if len(row) == len(columns):
                _add(text, columns, row, cells, prose)
    return Layout(cells, prose)


_SHORTEST = 24


def _rows(text: str, at: int) -> Iterator[list[tuple[int, int]]]:
    """The literals of each row, as stretches without their quotes."""
    while text[at : at + 1] == "(":
        row, at = [], at + 1
        while True:
            literal = _LITERAL.match(text, at)
            if literal is None:
                return
            group = next(group for group in (1, 2, 3) if literal[group] is not None)
            row.append(literal.span(group))
            at = literal.end()
            if literal[4] == ")":
                break
        yield row
        after = _NEXT_ROW.match(text, at)
        if after is None:
            return
        at = after.end()


def _add(
    text: str, columns: list[str], row: list[tuple[int, int]], cells: list[Cell], prose: list[tuple[int, int]]
) -> None:
    for column, (start, end) in zip(columns, row, strict=True):
        rule = rule_for(column)
        if rule.kind is not None and rule.role in (Role.VALUE, Role.DATEISH, Role.NAMEISH):
            if text[start:end].strip().lower() not in ("", "null", "default"):
                cells.append(Cell(start, end, rule.kind))
        elif " " in text[start:end]:
            prose.append((start, end))
