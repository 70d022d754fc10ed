"""CSV, TSV, pipe and box tables inside text: the header's names say what each column holds.

Strategy: the separator is the one of tab, bar, comma and semicolon that cuts two lines into the same number of cells,
with at least one telling name in the first. Quotes as in RFC 4180; a quoted cell may go on over several lines. Rows
end with the first line of another width.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from masking.fields import SCAN, Role, Rule, rule_for
from masking.model import lexicon as lx
from masking.shapes import person_marks
from masking.values import is_date_text, is_name_alone, is_person

from .cell import Cell, Layout

_SEPARATORS = ("\t", "|", ",", ";")
_RULE_LINE = re.compile(r"[\s|+:=-]+")
_NAME = re.compile(r"[\"'\s*]*[A-Za-z_][\w .#/()'-]{0,48}[\"'\s*]*")
_TRIES = 40
_OPEN = re.compile(r"(?:^|[\t|,;]) ?\"(?:[^\"]|\"\")*$")
_MAX_LINES = 64  # of one row
_FEW_ROWS, _FEW_COLUMNS = 3, 3


def read(text: str) -> Layout | None:
    """Cells of the tables in `text`; None when there is none."""
    if "\n" not in text:
        return None
    lines = _lines(text)
    cells: list[Cell] = []
    prose: list[tuple[int, int]] = []
    gaps: list[tuple[int, int]] = []
    index, tries, found = 0, 0, False
    while index < len(lines) - 1:
        table = _header(text, lines, index) if tries < _TRIES or found else None
        tries += 1
        if table is None:
            prose.append(lines[index])
            index += 1
            continue
        found = True
        index = _rows(text, lines, index, *table, cells, prose, gaps)
    prose += lines[index:]
    if found:
        return Layout(cells, _joined(prose), gaps)
    return _nameless(text, lines)


def _nameless(text: str, lines: list[tuple[int, int]]) -> Layout | None:
    """The names in rows without a header: the columns most of whose values are names by themselves."""
    for separator in _SEPARATORS:
        if separator not in text[slice(*lines[0])]:
            continue
        rows = [_cells(text, line, separator) for line in lines if line[0] < line[1]]
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


def _header(text: str, lines: list[tuple[int, int]], index: int) -> tuple[str, list[Rule]] | None:
    line = text[slice(*lines[index])]
    below = index + 1
    if below >= len(lines):  # the line's quote was closed by the next one
        return None
    if _RULE_LINE.fullmatch(text[slice(*lines[below])]) and below + 1 < len(lines):
        below += 1
    for separator in _SEPARATORS:
        if separator not in line:
            continue
        names = [text[a:b].strip(" \"'*") for a, b in _cells(text, lines[index], separator)]
        if len(names) < 2 or len(names) != len(_cells(text, lines[below], separator)):
            continue
        if not all(not name or _NAME.fullmatch(name) for name in names):
            continue
        held = frozenset(names)
        rules = [_column(name, held) for name in names]
        telling = sum(rule.role == Role.VALUE for rule in rules)
        if telling and telling + sum(rule.role != Role.SCAN for rule in rules) >= len(names) / 2:
            return separator, rules
    return None


def _column(name: str, held: frozenset[str]) -> Rule:
    rule = rule_for(name) if name else SCAN
    if rule.role == Role.NAMEISH and person_marks(held):
        return Rule(Role.VALUE, "name")
    return rule


def _cells(text: str, line: tuple[int, int], separator: str) -> list[tuple[int, int]]:
    """The stretches of a line's cells, without quotes and outer blanks (RFC 4180)."""
    start, end = line
    if separator == "|":
        while start < end and text[start] in " |":
            start += 1
        while end > start and text[end - 1] in " |":
            end -= 1
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


def _rows(
    text: str,
    lines: list[tuple[int, int]],
    index: int,
    separator: str,
    rules: list[Rule],
    cells: list[Cell],
    prose: list[tuple[int, int]],
    gaps: list[tuple[int, int]],
) -> int:
    """Read rows under the header at `index`; returns the first line after them."""
    index += 1
    while index < len(lines):
        start, end = lines[index]
        if not _RULE_LINE.fullmatch(text[start:end]):
            row = _cells(text, lines[index], separator)
            if len(row) != len(rules):
                break
            gaps.extend(_between(row))
            for (a, b), rule in zip(row, rules, strict=True):
                _cell(text, a, b, rule, cells, prose)
        elif start == end:
            break
        index += 1
    return index


def _cell(text: str, start: int, end: int, rule: Rule, cells: list[Cell], prose: list[tuple[int, int]]) -> None:
    if start >= end:
        return
    if rule.role == Role.VALUE and rule.kind is not None:
        cells.append(Cell(start, end, rule.kind))
    elif rule.role == Role.DATEISH and is_date_text(text[start:end]):
        cells.append(Cell(start, end, "date"))
    elif rule.role in (Role.SCAN, Role.NAMEISH):
        prose.append((start, end))
