"""Rows in files: NDJSON, JSON, CSV, XLSX, Parquet and OCSF events; written as they come, never held together."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from recorder.cells import guarded
from recorder.errors import RequestError
from recorder.export.ledgers import COLUMNS, Row
from recorder.export.ocsf import event

__all__ = ["FILES", "write_table"]

FILES = {"ndjson": "ndjson", "json": "json", "csv": "csv", "xlsx": "xlsx", "parquet": "parquet", "ocsf": "ocsf.ndjson"}
_BATCH = 5_000
_SHEET = 1_000_000
"""Rows to a sheet; the format ends at 1,048,576."""
_CELL = 32_767
"""Characters of one cell, where the format ends."""


def write_table(ledger: str, format_: str, path: Path, rows: Iterator[Row]) -> None:
    """Write and sync the file. Raises RequestError where the extra `report` is not installed."""
    _WRITERS[format_](COLUMNS[ledger], path, rows)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _ndjson(columns: tuple[str, ...], path: Path, rows: Iterator[Row]) -> None:
    del columns
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_line(row) + "\n" for row in rows)


def _json(columns: tuple[str, ...], path: Path, rows: Iterator[Row]) -> None:
    del columns
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("[")
        for number, row in enumerate(rows):
            file.write((",\n" if number else "\n") + _line(row))
        file.write("\n]\n")


def _line(row: Row) -> str:
    return json.dumps({name: value for name, value in row.items() if value is not None}, ensure_ascii=False)


def _csv(columns: tuple[str, ...], path: Path, rows: Iterator[Row]) -> None:
    """RFC 4180, every cell in quotes, formulas guarded."""
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
        lines.writerow(columns)
        for row in rows:
            lines.writerow([guarded(_shown(row[name])) for name in columns])


def _shown(value: str | int | bool | None) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _xlsx(columns: tuple[str, ...], path: Path, rows: Iterator[Row]) -> None:
    try:
        from openpyxl import Workbook
    except ImportError:
        raise RequestError("XLSX needs openpyxl", "pip install 'hoopgate[report]'") from None
    book = Workbook(write_only=True)
    number = 0
    while True:
        number += 1
        sheet = book.create_sheet(f"rows {number}")
        sheet.append(columns)
        written = 0
        for row in islice(rows, _SHEET):
            sheet.append([_xml(row[name]) for name in columns])
            written += 1
        if written < _SHEET:
            break
    book.save(path)


def _xml(value: str | int | bool | None) -> Any:
    """Text that XML 1.0 can hold and that is no formula; what is longer than a cell is cut, and says so."""
    if not isinstance(value, str):
        return value
    text = "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in value)
    if len(text) > _CELL:
        text = text[: _CELL - 60] + f" … cut here: {len(text)} characters, whole in the other formats"
    return guarded(text)


def _parquet(columns: tuple[str, ...], path: Path, rows: Iterator[Row]) -> None:
    """One row group a batch; text, but for counts, sizes and flags."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as parquet
    except ImportError:
        raise RequestError("Parquet needs pyarrow", "pip install 'hoopgate[report]'") from None
    types = {"changed": pa.bool_()}
    types |= dict.fromkeys(("log", "seq", "bytes", "message", "seconds", "count"), pa.int64())
    schema = pa.schema([(name, types.get(name, pa.string())) for name in columns])
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while batch := list(islice(rows, _BATCH)):
            values = {name: [row[name] if name in types else _worded(row[name]) for row in batch] for name in columns}
            writer.write_table(pa.Table.from_pydict(values, schema=schema))


def _worded(value: str | int | bool | None) -> str | None:
    return None if value is None else _shown(value)


def _ocsf(columns: tuple[str, ...], path: Path, rows: Iterator[Row]) -> None:
    del columns
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(event(row), ensure_ascii=False) + "\n" for row in rows)


_WRITERS: dict[str, Callable[[tuple[str, ...], Path, Iterator[Row]], None]] = {
    "ndjson": _ndjson,
    "json": _json,
    "csv": _csv,
    "xlsx": _xlsx,
    "parquet": _parquet,
    "ocsf": _ocsf,
}
