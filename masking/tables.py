"""Tables in JSON: rows whose columns another field names, near them or above, or the first row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .fields import Role, rule_for

_HEADERS = frozenset(
    [
        *("columns", "fields", "header", "headers", "column_names", "columnNames", "cols", "colnames", "schema"),
        *("columnMetadata", "ColumnInfo", "rowType", "Columns", "Fields", "column_info", "meta", "metadata", "keys"),
    ]
)
_NAMED = ("name", "Name", "columnName", "column_name", "ColumnName", "field", "label", "id")
ROWS = frozenset(
    [
        *("rows", "data", "values", "records", "results", "result", "items", "tuples", "data_array", "Rows", "dataset"),
        *("resultRows", "row_data", "rowData", "matrix"),
    ]
)
_NEAR = 3  # levels of objects that may stand between a table and its columns
_FEW = 2


def columns_of(obj: dict[str, Any], key: str) -> list[str] | None:
    """The names of the columns of the rows under `key`, when `obj` is a table (`{"columns": […], "rows": [[…]]}`)."""
    if key not in ROWS:
        return None
    width = len(obj[key][0])
    return next((names for names in _headers(obj, _NEAR) if len(names) == width), None)


def of_message(value: Any) -> dict[int, list[str]]:
    """The columns that a message names apart from the rows (`{"manifest": {"schema": …}, "result": …}`), by number."""
    if not isinstance(value, dict):
        return {}
    return {len(names): names for names in _headers(value, _NEAR) if len(names) >= _FEW and _telling(names)}


def cells_of(items: Sequence[Any], columns: dict[int, list[str]]) -> list[str] | None:
    """The columns of `items` if they are the cells of one row, each an object of one field (`{"v": …}`)."""
    names = columns.get(len(items))
    if names is None or not all(isinstance(item, dict) and len(item) == 1 for item in items):
        return None
    return names


def only(cell: Any) -> Any:
    """The one value of a cell that is an object of one field; of other cells nothing."""
    return next(iter(cell.values())) if type(cell) is dict and len(cell) == 1 else None


def _headers(obj: dict[str, Any], depth: int) -> Iterator[list[str]]:
    """Lists of columns' names in an object, the nearest first."""
    for key, value in obj.items():
        if key in _HEADERS and isinstance(value, list):
            names = _names(value)
            if names:
                yield names
    if depth:
        for value in obj.values():
            if isinstance(value, dict):
                yield from _headers(value, depth - 1)


def _names(header: list[Any]) -> list[str] | None:
    """The names that a header's items are or have."""
    if header and all(isinstance(item, str) for item in header):
        return header
    if not header or not all(isinstance(item, dict) for item in header):
        return None
    label = next((label for label in _NAMED if isinstance(header[0].get(label), str)), None)
    names = [item.get(label) for item in header] if label is not None else []
    return [str(name) for name in names] if names and all(isinstance(name, str) for name in names) else None


def header_row(rows: list[Any]) -> list[str] | None:
    """The first row of a list of lists, when it names columns: one says what it holds, a quarter or half say much."""
    first = rows[0]
    if len(rows) < _FEW or not isinstance(first, list) or not all(isinstance(cell, str) for cell in first):
        return None
    if not all(isinstance(row, list) and len(row) == len(first) for row in rows):
        return None
    return first if _telling(first) else None


def _telling(names: Sequence[str]) -> bool:
    """Whether names are a table's columns: one or more says that its value identifies, and a quarter do, or half are
    known.
    """
    rules = [rule_for(name) for name in names]
    telling = sum(rule.role == Role.VALUE for rule in rules)
    known = sum(rule.role != Role.SCAN for rule in rules)
    return telling >= 1 and (telling * 4 >= len(names) or known * 2 >= len(names))
