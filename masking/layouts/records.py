"""Records whose fields stand one a line: `name | value`, `name: value`, `name = value` (psql's and mysql's expanded
rows, YAML, TOML, INI and properties).

Strategy: only a text most of whose lines are such fields counts, with names as programs write them (`last_name`,
`lastName`, `LAST_NAME`), of which half are known and one says that its value identifies: notes of people are no
records.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from masking.fields import Role

from .cell import Layout
from .delimited import Found, column_rule, put

_LINE = re.compile(
    r"[ \t]*(?:- )?[\"']?([A-Za-z_][\w.]{0,47}|[A-Za-z_][\w.#/() -]{0,47}(?=[ \t]\|))[\"']?"
    r"(?:[ \t]*[:=|][ \t]+|=)([^\r\n]*)"
)
_FRAME = re.compile(r"\s*|[-*+ ]{3,}.{0,40}?[-*+ ]{3,}|\s*\[{1,2}[^\]\n]{0,80}\]{1,2}|\s*-?\s*[\w.-]{1,60}:|---|[{}\]]")
_QUOTED = re.compile(r"([\"'])(.*)\1,?\s*")
_LONGEST = 1 << 22
_FEW = 3
_MOST = 0.8


class _Field(NamedTuple):
    """A field of a record: its name, and where its line and its value stand."""

    name: str
    line: tuple[int, int]
    start: int
    end: int


def read(text: str) -> Layout | None:
    """Cells of the records in `text`; None when it is anything else."""
    if text.count("\n") < _FEW - 1 or len(text) > _LONGEST:
        return None
    fields, others = _fields(text)
    names = {field.name for field in fields}
    held = frozenset(names)
    if len(names) < _FEW or len(fields) < _MOST * (len(fields) + len(others)):
        return None
    rules = {name: column_rule(name, held) for name in names}
    if not any(rule.role == Role.VALUE for rule in rules.values()):
        return None
    if sum(rule.role != Role.SCAN for rule in rules.values()) * 2 < len(names):
        return None
    out = Found([], list(others), [], [])
    for field in fields:
        out.kept.append((field.line[0], field.start))
        out.gaps.extend(((field.line[0], field.start), (field.end, field.line[1] + 1)))
        put(text, field.start, field.end, rules[field.name], out)
    return Layout(out.cells, sorted(out.prose), out.gaps, sorted(out.kept))


def _fields(text: str) -> tuple[list[_Field], list[tuple[int, int]]]:
    """The fields of a text, and its other lines but those that only part records."""
    fields: list[_Field] = []
    others: list[tuple[int, int]] = []
    at = 0
    for line in text.splitlines(keepends=True):
        end = at + len(line.rstrip("\r\n"))
        match = _LINE.fullmatch(text, at, end)
        if match is not None:
            fields.append(_Field(match[1].strip(), (at, end), *_value(text, *match.span(2))))
        elif not _FRAME.fullmatch(text, at, end):
            others.append((at, end))
        at += len(line)
    return fields, others


def _value(text: str, start: int, end: int) -> tuple[int, int]:
    """Where a value stands without its quotes and outer blanks."""
    while end > start and text[end - 1] in " \t":
        end -= 1
    quoted = _QUOTED.fullmatch(text, start, end)
    return quoted.span(2) if quoted else (start, end)
