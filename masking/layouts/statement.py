"""SQL statements that name values: `UPDATE p SET last_name = 'Okafor' WHERE mrn IN ('1', '2')`.

Strategy: the column before a comparison says what the literal behind it is; only the literals of a statement
are values.
"""

from __future__ import annotations

import re

from .cell import Layout, rest
from .delimited import Found, column_rule, put

_START = re.compile(r"(?i)\s*(?:--[^\n]*\n\s*){0,9}(?:select|update|delete|merge|with|explain|call|exec)\s[^;]{3,}")
_COMPARED = re.compile(
    r"(?i)(?<![\w.])(?:[\w\"`\[\]]{1,60}\.)?[\"`\[]?([a-z_]\w{0,47})[\"`\]]?\s?(?:[=<>!]{1,2}|\bi?like\b)\s?"
    r"(?:[ne]?'((?:[^']|''){0,400})'|(\d{1,20})\b)"
)
_AMONG = re.compile(
    r"(?i)(?<![\w.])(?:\w{1,60}\.)?([a-z_]\w{0,47})\s(?:not\s)?in\s?"
    r"\(((?:\s?'(?:[^']|''){0,400}',?|\s?\d{1,20},?){1,400})\)"
)
_LITERAL = re.compile(r"'((?:[^']|'')*)'|(\d+)")


def read(text: str) -> Layout | None:
    """Cells of the statements that `text` is; None for anything else."""
    if not _START.match(text):
        return None
    literals = [
        (match[1], *literal.span(1 if literal[1] is not None else 2))
        for match in _AMONG.finditer(text)
        for literal in _LITERAL.finditer(text, *match.span(2))
    ]
    literals += [(match[1], *match.span(2 if match[2] is not None else 3)) for match in _COMPARED.finditer(text)]
    held = frozenset(column for column, _, _ in literals)
    out = Found([], [], [], [])
    for column, start, end in sorted(literals, key=lambda literal: literal[1]):
        put(text, start, end, column_rule(column, held), out)
    told = [(start, end) for _, start, end in literals]
    told += [match.span(1) for match in _LITERAL.finditer(text) if match[1]]
    between = rest(0, len(text), told)
    return Layout(out.cells, out.prose, between, sorted({*between, *out.kept})) if out.cells else None
