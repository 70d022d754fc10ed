"""SQL statements that carry rows: `INSERT INTO t (a, b) VALUES ('x', 'y'), (…)`, and `COPY t (a, b) FROM stdin`.

Strategy: the columns before VALUES say what each literal is, row by row. Literals are scanned with SQL's own quoting
(a doubled quote is a quote); a row with another number of values than columns is left to the patterns. Rows of a COPY
are lines whose values are parted by tabs.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from .cell import Layout, rest
from .delimited import Found, column_rule, put

_HEAD = re.compile(
    r"(?i)\b(?:insert|replace)\s+(?:\w+\s+){0,2}into\s+[\w.`\"\[\]]{1,120}\s*\(([^()]{1,4000})\)\s*values\s*(?=\()"
)
_LITERAL = re.compile(
    r"\s*(?:[NE]?'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\"|([^,()'\"]{0,400}(?:\([^()]{0,400}\))?[^,()'\"]{0,400}))\s*([,)])"
)
_COPY = re.compile(r"(?i)\bcopy\s+[\w.`\"\[\]]{1,120}\s*\(([^()]{1,4000})\)\s*from\s+stdin[^\n]{0,80};\r?\n")
_NEXT_ROW = re.compile(r"\s*,\s*(?=\()")


def read(text: str) -> Layout | None:
    """Cells of every INSERT in `text`; None when there is none."""
    if "(" not in text or len(text) < _SHORTEST:
        return None
    heads = [*_HEAD.finditer(text), *_COPY.finditer(text)]
    if not heads:
        return None
    out = Found([], [], [], [])
    taken: list[tuple[int, int]] = []
    for head in heads:
        columns = [column.strip(' \t\r\n`"[]') for column in head[1].split(",")]
        out.kept.append(head.span())
        stop = head.end()
        for row in _rows(text, head.end()) if head.re is _HEAD else _lines(text, head.end()):
            stop = row[-1][1]
            if len(row) == len(columns):
                _add(text, columns, row, out)
        taken.append((head.start(), stop))
    out.prose.extend(rest(0, len(text), taken))
    return Layout(out.cells, sorted(out.prose), sorted(out.gaps), sorted(out.kept))


_NOTHING = frozenset({"", "null", "default", "\\n"})
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


def _lines(text: str, at: int) -> Iterator[list[tuple[int, int]]]:
    """The values of each line of a COPY, up to `\\.`."""
    while at < len(text) and not text.startswith("\\.", at):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        stops = [at - 1, *(match.start() for match in re.finditer("\t", text[at:end])), end]
        stops[1:-1] = [at + stop for stop in stops[1:-1]]
        yield [(low + 1, high) for low, high in itertools.pairwise(stops)]
        at = end + 1


def _add(text: str, columns: list[str], row: list[tuple[int, int]], out: Found) -> None:
    held = frozenset(columns)
    for column, (start, end) in zip(columns, row, strict=True):
        if text[start:end].strip().lower() not in _NOTHING:
            put(text, start, end, column_rule(column, held), out)
    out.gaps.extend((low, high) for (_, low), (high, _) in itertools.pairwise(row))
    out.gaps.append((row[-1][1], row[-1][1] + 1))
