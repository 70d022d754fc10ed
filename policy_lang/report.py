"""Findings in the formats that machines read: JSON, SARIF 2.1.0, GitHub's workflow commands; tests as JUnit XML."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from policy_lang.codes import codes
from policy_lang.diagnostic import ERROR, Diagnostic
from policy_lang.source import visible
from policy_lang.verdict import Verdict, described

FORMATS = ("text", "json", "sarif", "github")


def render(diagnostics: Sequence[Diagnostic], form: str) -> str:
    """The findings in one of FORMATS."""
    if form == "json":
        return json.dumps([as_json(d) for d in diagnostics], indent=2, ensure_ascii=False)
    if form == "sarif":
        return json.dumps(sarif(diagnostics), indent=2, ensure_ascii=False)
    if form == "github":
        return "\n".join(map(_github, diagnostics))
    return "\n\n".join(map(str, diagnostics))


def as_json(d: Diagnostic) -> dict[str, Any]:
    data: dict[str, Any] = {
        "code": d.code,
        "severity": d.severity,
        "message": d.message,
        "help": d.help,
        "file": d.file,
        "line": d.line,
        "column": d.column,
        "end_line": d.end_line,
        "end_column": d.end_column,
    }
    return data if d.request is None else {**data, "request": plain(d.request)}


def plain(value: Any) -> Any:
    """A request with numbers that JSON writers know."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value


def sarif(diagnostics: Sequence[Diagnostic]) -> dict[str, Any]:
    """A SARIF log with one run. Source: OASIS SARIF 2.1.0, sections 3.14, 3.27 and 3.49."""
    used = sorted({d.code for d in diagnostics})
    rules = [
        {
            "id": code,
            "shortDescription": {"text": codes()[code].title},
            "defaultConfiguration": {"level": codes()[code].severity},
        }
        for code in used
    ]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "hoopgate", "rules": rules}},
                "columnKind": "unicodeCodePoints",
                "results": [_sarif_result(d, used) for d in diagnostics],
            }
        ],
    }


def _sarif_result(d: Diagnostic, used: list[str]) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": quote(d.file)}}
    if d.line:
        location["region"] = {
            "startLine": d.line,
            "startColumn": d.column,
            "endLine": d.end_line,
            "endColumn": d.end_column,
        }
    result: dict[str, Any] = {
        "ruleId": d.code,
        "ruleIndex": used.index(d.code),
        "level": "error" if d.severity == ERROR else "warning",
        "message": {"text": f"{d.message}. {d.help}" if d.help else d.message},
        "locations": [{"physicalLocation": location}],
    }
    return result if d.request is None else {**result, "properties": {"request": plain(d.request)}}


def _github(d: Diagnostic) -> str:
    where = f"file={_property(d.file)}"
    if d.line:
        where += f",line={d.line},endLine={d.end_line},col={d.column},endColumn={d.end_column}"
    text = f"{d.message}\nhelp: {d.help}" if d.help else d.message
    return f"::{d.severity} {where},title={d.code}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def junit(verdicts: Sequence[Verdict], found: Sequence[Diagnostic] = ()) -> str:
    """The tests as one JUnit test suite. What kept a policy from being tested is an error there, never silence."""
    failed = sum(not verdict.passed for verdict in verdicts)
    count = len(verdicts) + len(found)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<testsuites><testsuite name="hoop" tests="{count}" failures="{failed}" errors="{len(found)}">',
    ]
    for verdict in verdicts:
        trial = verdict.trial
        line = trial.source.position(trial.span[0])[0]
        lines.append(_case(trial.name, trial.source.name, line, "failure", verdict.failures))
    lines += [_case(d.code, d.file, d.line, "error", [d]) for d in found]
    return "\n".join([*lines, "</testsuite></testsuites>"])


def _case(name: str, file: str, line: int, what: str, findings: Sequence[Diagnostic]) -> str:
    """One test case, with what went wrong in it."""
    place = _attribute(file)
    head = f"<testcase name={_attribute(name)} classname={place} file={place} line={_attribute(str(line))}"
    if not findings:
        return f"{head}/>"
    text = _escaped("\n\n".join(map(str, findings)))
    return f"{head}><{what} message={_attribute(findings[0].message)}>{text}</{what}></testcase>"


def _attribute(text: str) -> str:
    return quoteattr(visible(text))


def _escaped(text: str) -> str:
    from xml.sax.saxutils import escape

    return escape("\n".join(map(visible, text.split("\n"))))


def verdicts_json(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    return [
        {
            "test": verdict.trial.name,
            "passed": verdict.passed,
            "file": verdict.trial.source.name,
            "line": verdict.trial.source.position(verdict.trial.span[0])[0],
            "decision": verdict.decision.to_json(),
            "decided": described(verdict.decision),
            "failures": [as_json(d) for d in verdict.failures],
        }
        for verdict in verdicts
    ]
