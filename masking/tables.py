"""Tables in JSON: rows whose columns another field names, or the first row."""

from __future__ import annotations

from typing import Any

from .fields import Role, rule_for

_HEADERS = ("columns", "fields", "header", "headers", "column_names", "columnNames", "cols", "colnames", "schema")
ROWS = ("rows", "data", "values", "records", "results", "result", "items", "tuples")


def columns_of(obj: dict[str, Any], key: str) -> list[str] | None:
    """The names of the columns of the rows under `key`, when `obj` is a table (`{"columns": […], "rows": [[…]]}`)."""
    if key not in ROWS:
        return None
    for header in _HEADERS:
        names = obj.get(header)
        if isinstance(names, list) and names:
            columns = [name.get("name", "") if isinstance(name, dict) else name for name in names]
            if all(isinstance(column, str) for column in columns):
                return columns
    return None


def header_row(rows: list[Any]) -> list[str] | None:
    """The first row of a list of lists, when it names columns: two of its names or more say what they hold."""
    first = rows[0]
    if len(rows) < 2 or not isinstance(first, list) or not all(isinstance(cell, str) for cell in first):
        return None
    if not all(isinstance(row, list) and len(row) == len(first) for row in rows):
        return None
    telling = sum(rule_for(cell).role == Role.VALUE for cell in first)
    return first if telling >= 1 and telling * 4 >= len(first) else None
