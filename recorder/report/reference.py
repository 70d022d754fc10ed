"""`python -m recorder.report.reference` prints docs/reference/reports.md from the tables of the code."""

from __future__ import annotations

import sys

from recorder.report.controls import load, names
from recorder.report.measures import MEASURES

__all__ = ["page"]

_HEAD = """# Reports

<!-- made by `python -m recorder.report.reference`; change recorder/report/ instead -->

A report judges each control of a framework by measures over the period's leaves. A control has *evidence* when
something of it was seen (or, where nothing is what one hopes for, nothing was), no exception was counted, and every
measure was checked. It is *partial* with exceptions, where nothing was seen, or where a gate sees only a part of what
the control asks. It is *not covered by this tool* where a gate sees nothing of it. No report says "compliant".

A framework of your own is a TOML file of the same form as those in `recorder/report/frameworks/`:
`hoopgate report --framework mine.toml`.
"""


def page() -> str:
    """The page as Markdown."""
    parts = [_HEAD, "\n## Measures\n\n| measure | role | counts | query over the leaves |\n| --- | --- | --- | --- |\n"]
    parts += [f"| `{m.name}` | {m.role} | {m.meaning} | {m.query} |\n" for m in MEASURES.values()]
    for name in names():
        framework = load(name)
        parts.append(f"\n## {framework.title}\n\n`--framework {name}`. {framework.source}.\n\n")
        parts.append("| control | asks | measures | the gate sees |\n| --- | --- | --- | --- |\n")
        for control in framework.controls:
            measures = ", ".join(f"`{measure}`" for measure in control.measures) or "none"
            seen = {"full": "all of it", "partial": "a part", "none": "nothing"}[control.coverage]
            note = f" {control.note}" if control.note else ""
            parts.append(f"| {control.id} {control.title} | {control.asks}{note} | {measures} | {seen} |\n")
    return "".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page())
