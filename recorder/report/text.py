"""A report for the terminal."""

from __future__ import annotations

import textwrap

from recorder.report.build import Finding, Report
from recorder.report.figure import Figure, ordered

__all__ = ["text"]

_WIDTH = 100
_ROWS = 5
_LINKS = 5


def text(report: Report) -> str:
    """The report in at most 100 columns; what a caller could have named is printable only."""
    lines = [
        report.framework.title,
        f"period    {report.since} to {report.until}",
        f"records   {report.records}" + (f", of sessions with {report.chosen()}" if report.selection else ""),
        *_wrapped(f"verified  {report.verified}", "          "),
        f"controls  {report.standing()}",
        "",
    ]
    for finding in report.findings:
        lines += _finding(finding)
    return "\n".join(_safe(line) for line in lines) + "\n"


def _finding(finding: Finding) -> list[str]:
    control = finding.control
    lines = [*_wrapped(f"{finding.status.upper()}  {control.id}  {control.title}", "    ")]
    lines += _wrapped(f"    {control.asks} ({finding.why})", "    ")
    for figure in finding.figures:
        lines += _figure(figure)
    if control.note:
        lines += _wrapped(f"    note: {control.note}", "    ")
    return [*lines, ""]


def _figure(figure: Figure) -> list[str]:
    mark = "!" if figure.measure.role == "exception" and figure.count else " "
    count = str(figure.count) if figure.checked else "?"
    lines = _wrapped(f"  {mark} {count:>8}  {figure.measure.meaning}", " " * 14)
    if mark == "!":
        for link in figure.links[:_LINKS]:
            lines += _wrapped(f"{' ' * 14}record {link.log}/{link.seq} {link.time[:19]}Z {link.about}", " " * 16)
    for key, count_ in ordered(figure.rows)[:_ROWS]:
        lines += _wrapped(f"{' ' * 14}{count_:>7} {', '.join(key)}", " " * 22)
    if len(figure.rows) > _ROWS:
        lines.append(f"{' ' * 14}… {len(figure.rows) - _ROWS} more")
    return lines


def _wrapped(line: str, indent: str) -> list[str]:
    return textwrap.wrap(line, _WIDTH, subsequent_indent=indent, drop_whitespace=True) or [""]


def _safe(line: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
