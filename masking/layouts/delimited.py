"""CSV, TSV, pipe, box and blank-aligned tables inside text: the header's names say what each column holds.

Strategy: the separator is the one of tab, bar, comma and semicolon that cuts two lines into the same number of cells,
with at least one telling name in the first; else two blanks and more part the names, and rows are cut where these
begin. Quotes as in RFC 4180; a quoted cell may go on over several lines. Rows end with the first line of another width.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from masking.fields import CODE, SCAN, Role, Rule, rule_for
from masking.model import lexicon as lx
from masking.shapes import person_marks
from masking.validators.name_words import CREDENTIAL
from masking.values import is_cast, is_code_like, is_date_text, is_name_alone, is_person

from .cell import Cell, Layout

_SEPARATORS = ("\t", "|", "\u2502", ",", ";")
_BARS = frozenset("|\u2502")
_BLANKS = "  "  # the separator of columns that stand under their names
_RULE_LINE = re.compile(r"[\s|+:=\u2500-\u257f-]+")
_ALIGNED = re.compile(r"\S+(?: \S+)*")
_NAME = re.compile(r"[\"'\s*]*[A-Za-z_][\w .#/()'-]{0,48}[\"'\s*]*")
_TRIES = 40
_OPEN = re.compile(r"(?:^|[\t|,;]) ?\"(?:[^\"]|\"\")*$")
_MAX_LINES = 64  # of one row
_FEW_ROWS, _FEW_COLUMNS = 3, 3


class _Table(NamedTuple):
    """How a table's rows are cut, and what its columns hold. `outer`: bars stand at both ends; `starts`: of columns."""

    separator: str
    rules: list[Rule]
    outer: bool
    starts: tuple[int, ...]


class Found(NamedTuple):
    """What was read of tables so far, as a Layout has it."""

    cells: list[Cell]
    prose: list[tuple[int, int]]
    gaps: list[tuple[int, int]]
    kept: list[tuple[int, int]]


def read(text: str) -> Layout | None:
    """Cells of the tables in `text`; None when there is none."""
    if "\n" not in text:
        return None
    lines = _lines(text)
    out = Found([], [], [], [])
    index, tries, found = 0, 0, False
    while index < len(lines) - 1:
        table = _header(text, lines, index) if tries < _TRIES or found else None
        tries += 1
        if table is None:
            out.prose.append(lines[index])
            index += 1
            continue
        found = True
        out.kept.append(lines[index])
        index = _rows(text, lines, index, table, out)
    out.prose.extend(lines[index:])
    if found:
        return Layout(out.cells, _joined(out.prose), out.gaps, sorted(out.kept))
    return _nameless(text, lines)


def _nameless(text: str, lines: list[tuple[int, int]]) -> Layout | None:
    """The names in rows without a header: the columns most of whose values are names by themselves."""
    for separator in _SEPARATORS:
        if separator not in text[slice(*lines[0])]:
            continue
        table = _Table(separator, [], False, ())
        rows = [_cells(text, line, table) for line in lines if line[0] < line[1]]
        if len(rows) < _FEW_ROWS or len({len(row) for row in rows}) > 1 or len(rows[0]) < _FEW_COLUMNS:
            continue
        found = []
        for column in zip(*rows, strict=True):
            values = [text[a:b] for a, b in column]
            named = sum(map(_may_name, values)) * 3 >= len(values) * 2
            if named and any(is_person(value) or is_name_alone(value, called=False) for value in values):
                found += [Cell(a, b, "name") for a, b in column if a < b]
        return Layout(found, None, [gap for row in rows for gap in _between(row)]) if found else None
    return None


def _between(row: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What parts the cells of a row, and the row from what follows it."""
    for (_, end), (start, _) in itertools.pairwise(row):
        yield end, start
    yield row[-1][1], row[-1][1] + 1


def _may_name(value: str) -> bool:
    """Whether every word of a value is some name."""
    flags = lx.load().flags
    words = value.split()
    return bool(words) and all(
        word[:1].isupper() and flags(word.casefold()) & (lx.GIVEN | lx.SURNAME) for word in words
    )


def is_header(line: str) -> bool:
    """Whether `line` names the columns of a table whose rows may come later."""
    return any(
        line.count(separator) and _header(line + "\n" + line, _lines(line + "\n" + line), 0)
        for separator in _SEPARATORS
    )


def _lines(text: str) -> list[tuple[int, int]]:
    lines, start = [], 0
    for piece in text.splitlines(keepends=True):
        lines.append((start, start + len(piece.rstrip("\r\n"))))
        start += len(piece)
    if lines and text[0] == "\ufeff":
        lines[0] = 1, lines[0][1]
    return _closed(text, lines) if '"' in text else lines


def _closed(text: str, lines: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Lines that a quoted cell goes on over as one; as they stand when the quote is never closed."""
    out, index = [], 0
    while index < len(lines):
        start, end = lines[index]
        last = index
        if text.count('"', start, end) % 2 and _OPEN.search(text[start:end]):
            last += 1
            while last < min(len(lines), index + _MAX_LINES) and text.count('"', *lines[last]) % 2 == 0:
                last += 1
            if last >= min(len(lines), index + _MAX_LINES):
                last = index
        out.append((start, lines[last][1]))
        index = last + 1
    return out


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Adjoining lines of prose as one stretch, so that the prose engine sees paragraphs."""
    out: list[tuple[int, int]] = []
    for start, end in ranges:
        if out and start - out[-1][1] <= 2:
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out


def _header(text: str, lines: list[tuple[int, int]], index: int) -> _Table | None:
    line = text[slice(*lines[index])]
    below = index + 1
    if below >= len(lines):  # the line's quote was closed by the next one
        return None
    if _RULE_LINE.fullmatch(text[slice(*lines[below])]) and below + 1 < len(lines):
        below += 1
    for separator in _SEPARATORS:
        if separator in line:
            table = _Table(separator, [], separator in _BARS and line.lstrip()[:1] == separator, ())
            found = _named(text, lines[index], lines[below], table)
            if found is not None:
                return found
    starts = tuple(match.start() for match in _ALIGNED.finditer(line)) if _BLANKS in line else ()
    return _named(text, lines[index], lines[below], _Table(_BLANKS, [], False, starts)) if len(starts) > 1 else None


def _named(text: str, line: tuple[int, int], below: tuple[int, int], table: _Table) -> _Table | None:
    """The table with its columns' rules, if `line` names columns and `below` is a row of it."""
    cells, row = _cells(text, line, table), _cells(text, below, table)
    names = [text[a:b].strip(" \"'*") for a, b in cells]
    if len(names) < 2 or len(names) != len(row) or not all(not name or _NAME.fullmatch(name) for name in names):
        return None
    if " " in names[0] and any(map(CREDENTIAL.fullmatch, names[1:])):  # `Sunniva Nurse, MD` signs, and names no columns
        return None
    held = frozenset(names)
    rules = [column_rule(name, held) for name in names]
    telling = sum(rule.role == Role.VALUE for rule in rules)
    least = 1 if table.separator != _BLANKS else 2
    if telling >= least and telling + sum(rule.role != Role.SCAN for rule in rules) >= len(names) / 2:
        return table._replace(rules=rules)
    return None


def column_rule(name: str, held: frozenset[str]) -> Rule:
    """The rule of a column in a table that has the columns `held`."""
    rule = rule_for(name) if name else SCAN
    if rule.role in (Role.NAMEISH, Role.PERSON) and person_marks(held):
        return Rule(Role.VALUE, "name")
    return rule


def _cells(text: str, line: tuple[int, int], table: _Table) -> list[tuple[int, int]]:
    """The stretches of a line's cells, without quotes and outer blanks (RFC 4180)."""
    start, end = line
    if table.starts:
        return _under(text, line, table.starts)
    separator = table.separator
    if table.outer:
        start, end = _stripped(text, start, end)
        start += text[start : start + 1] == separator
        end -= end > start and text[end - 1] == separator
    cells, at = [], start
    while at <= end:
        if at < end and text[at] == '"':
            close = _closing(text, at + 1, end)
            cells.append((at + 1, close))
            at = text.find(separator, close, end)
        else:
            stop = text.find(separator, at, end)
            cells.append((at, end if stop < 0 else stop))
            at = stop
        if at < 0:
            break
        at += 1
    return [_stripped(text, *cell) for cell in cells]


def _under(text: str, line: tuple[int, int], starts: tuple[int, ...]) -> list[tuple[int, int]]:
    """The cells of a line under columns that begin at `starts`; none when something stands across a column's edge."""
    start, end = line
    edges = [start + at for at in starts]
    if any(edge < end and edge > start and not text[edge - 1].isspace() for edge in edges):
        return []
    return [
        _stripped(text, min(low, end), min(high, end))
        for low, high in itertools.pairwise((*edges, max(end, edges[-1])))
    ]


def _closing(text: str, at: int, end: int) -> int:
    while at < end:
        if text[at] == '"':
            if at + 1 < end and text[at + 1] == '"':
                at += 2
                continue
            return at
        at += 1
    return end


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in " \t'":
        start += 1
    while end > start and text[end - 1] in " \t'":
        end -= 1
    return start, end


def _rows(text: str, lines: list[tuple[int, int]], index: int, table: _Table, out: Found) -> int:
    """Read rows under the header at `index`; returns the first line after them."""
    index += 1
    while index < len(lines):
        start, end = lines[index]
        if not _RULE_LINE.fullmatch(text[start:end]):
            row = _cells(text, lines[index], table)
            if len(row) != len(table.rules):
                break
            out.gaps.extend(_between(row))
            for (a, b), rule in zip(row, table.rules, strict=True):
                put(text, a, b, rule, out)
        elif start == end:
            break
        index += 1
    return index


def put(text: str, start: int, end: int, rule: Rule, out: Found) -> None:
    """Note a value of a field of `rule`: as a cell, as prose, or as what holds a code."""
    kind = kind_of(text[start:end], rule)
    if start >= end:
        return
    if kind is not None:
        out.cells.append(Cell(start, end, kind))
    elif rule is CODE:
        out.kept.append((start, end))
    else:
        out.prose.append((start, end))


def kind_of(value: str, rule: Rule) -> str | None:
    """What a value is by the rule of its field; None where that leaves it open."""
    if rule.role == Role.VALUE:
        return rule.kind
    if rule.role == Role.DATEISH and is_date_text(value):
        return "date"
    if rule.role in (Role.PERSON, Role.REFERENCE) and is_code_like(value):
        return "id"
    if rule.role == Role.PERSON and is_cast(value):
        return "name"
    return None
