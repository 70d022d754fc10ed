"""Reports: the evidence for each control for a period and a selection of sessions.

    report = recorder.report.build(store, since="2026-10-01", until="2026-11-01")
    recorder.report.write(report, Path("october.html"))       # .html .pdf .json .csv .oscal.json .txt

A control's status is *evidence*, *partial* or *not covered by this tool*; never "compliant".
"""

from __future__ import annotations

from recorder.report.build import Report, build
from recorder.report.controls import Framework, load, names
from recorder.report.write import FORMATS, render, save, write

__all__ = ["FORMATS", "Framework", "Report", "build", "load", "names", "render", "save", "write"]
