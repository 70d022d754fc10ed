"""Writing a report in the format that a file's name says."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

from recorder.cells import guarded
from recorder.errors import RequestError
from recorder.report.build import Report
from recorder.report.html import html
from recorder.report.oscal import oscal
from recorder.report.pdf import pdf
from recorder.report.text import text

__all__ = ["FORMATS", "render", "save", "write"]


def _json(report: Report) -> bytes:
    return json.dumps(report.to_json(), indent=2, ensure_ascii=False).encode() + b"\n"


def _csv(report: Report) -> bytes:
    """One line a figure of each control."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL)  # RFC 4180
    head = ("control", "title", "asks", "status", "why", "measure", "role", "meaning", "query", "count", "records")
    lines.writerow(head)
    for finding in report.findings:
        control = finding.control
        about = (control.id, control.title, control.asks, finding.status, finding.why)
        for figure in finding.figures:
            places = " ".join(f"{link.log}/{link.seq}" for link in figure.links)
            measure = figure.measure
            row = (*about, measure.name, measure.role, measure.meaning, measure.query, str(figure.count), places)
            lines.writerow([guarded(cell) for cell in row])
        if not finding.figures:
            lines.writerow([guarded(cell) for cell in about] + [""] * (len(head) - len(about)))
    return out.getvalue().encode()


def _text(report: Report) -> bytes:
    return text(report).encode()


def _html(report: Report) -> bytes:
    return html(report).encode()


def _oscal(report: Report) -> bytes:
    return json.dumps(oscal(report), indent=2, ensure_ascii=False).encode() + b"\n"


FORMATS: dict[str, Callable[[Report], bytes]] = {
    ".html": _html,
    ".pdf": pdf,
    ".oscal.json": _oscal,
    ".json": _json,
    ".csv": _csv,
    ".txt": _text,
}


def render(report: Report, name: str) -> bytes:
    """The report in the format of the file name's ending. Raises RequestError for another."""
    for ending, make in FORMATS.items():
        if name.endswith(ending):
            return make(report)
    raise RequestError(f'no report format ends as "{name[-40:]}" does', f"one of {', '.join(FORMATS)}")


def write(report: Report, out: Path) -> None:
    """Write the whole file or nothing. Raises RequestError: unknown format, the file exists, or cannot be written."""
    save(render(report, out.name), out)


def save(data: bytes, out: Path) -> None:
    """A new file, whole or not at all. Raises RequestError: it exists, or cannot be written."""
    if out.exists():
        raise RequestError(f"{out} exists", "name a new file")
    aside = out.with_name(out.name + ".part")
    try:
        with aside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(out)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise RequestError(f"cannot write {out}: {error.strerror}") from None
