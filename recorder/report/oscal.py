"""A report as OSCAL assessment-results 1.1 (NIST, pages.nist.gov/OSCAL)."""

from __future__ import annotations

import re
import uuid
from typing import Any

from recorder.report.build import Finding, Report
from recorder.report.figure import Figure

__all__ = ["oscal"]

_SPACE = uuid.UUID("5f0e6c1e-5b0f-5b6e-9a51-0d3f7a5c9a11")
_NOT_TOKEN = re.compile(r"[^A-Za-z0-9_.-]+")
_STATE = {"evidence": "satisfied", "partial": "not-satisfied"}


def oscal(report: Report) -> dict[str, Any]:
    """The document as data. A status of *evidence* is `satisfied`; *partial* is `not-satisfied` with its reason.

    Controls that this tool does not cover are left out of the reviewed controls: nothing was assessed. Identifiers are
    made from the store, the period and the names, so the same report has the same ones.
    """
    seed = f"{report.store} {report.framework.name} {report.since} {report.until} {sorted(report.selection.items())}"
    assessed = [finding for finding in report.findings if finding.status != "not covered by this tool"]
    observations = {
        figure.measure.name: _observation(figure, seed, report.made)
        for finding in assessed
        for figure in finding.figures
    }
    result = {
        "uuid": _id(seed, "result"),
        "title": report.framework.title,
        "description": f"Records of {report.since} to {report.until}. {report.verified}",
        "start": report.since,
        "end": report.until,
        "reviewed-controls": {
            "control-selections": [
                {"include-controls": [{"control-id": _token(finding.control.id)} for finding in assessed]}
            ]
        },
        "observations": list(observations.values()),
        "findings": [_finding(finding, seed, observations) for finding in assessed],
    }
    return {
        "assessment-results": {
            "uuid": _id(seed, report.made),
            "metadata": {
                "title": report.framework.title,
                "last-modified": report.made,
                "version": "1",
                "oscal-version": "1.1.2",
            },
            "import-ap": {"href": "#assessment-plan", "remarks": "The measures and queries named in each observation."},
            "results": [result],
        }
    }


def _observation(figure: Figure, seed: str, made: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "uuid": _id(seed, figure.measure.name),
        "title": figure.measure.name,
        "description": f"{figure.count if figure.checked else 'not checked'}: {figure.measure.meaning}",
        "props": [{"name": "count", "value": str(figure.count if figure.checked else "unchecked")}],
        "methods": ["EXAMINE"],
        "collected": made,
        "remarks": f"query: {figure.measure.query}",
    }
    if figure.links:
        told["relevant-evidence"] = [
            {
                "description": f"record {link.log}/{link.seq} of {link.time}",
                "props": [{"name": "record", "value": f"{link.log}/{link.seq}"}],
            }
            for link in figure.links
        ]
    return told


def _finding(finding: Finding, seed: str, observations: dict[str, dict[str, Any]]) -> dict[str, Any]:
    control = finding.control
    told: dict[str, Any] = {
        "uuid": _id(seed, control.id),
        "title": f"{control.id} {control.title}",
        "description": f"{control.asks} {finding.status}: {finding.why}. {control.note}".strip(),
        "target": {
            "type": "objective-id",
            "target-id": _token(control.id),
            "status": {"state": _STATE[finding.status], "reason": "pass" if finding.status == "evidence" else "other"},
        },
    }
    used = [observations[figure.measure.name]["uuid"] for figure in finding.figures]
    if used:
        told["related-observations"] = [{"observation-uuid": value} for value in used]
    return told


def _id(seed: str, name: str) -> str:
    """A version 4-shaped identifier that depends on the words alone, as OSCAL's pattern asks."""
    value = uuid.uuid5(_SPACE, f"{seed}\n{name}").int
    value = (value & ~(0xF << 76)) | (4 << 76)
    return str(uuid.UUID(int=value))


def _token(ident: str) -> str:
    """The id as an OSCAL token: what it may not hold becomes an underscore."""
    token = _NOT_TOKEN.sub("_", ident).strip("_.-")
    return token if token[:1].isalpha() else f"c_{token}"
