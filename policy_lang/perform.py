"""What the commands do. Findings for people go to standard error, reports and results to standard output."""

from __future__ import annotations

import argparse
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from policy_lang.diagnostic import ERROR, Diagnostic, unplaced
from policy_lang.errors import PolicyError, RequestError
from policy_lang.examination import Examination, examination
from policy_lang.files import decoded, read_sources
from policy_lang.report import junit, render, verdicts_json
from policy_lang.source import Source
from policy_lang.verdict import Verdict
from policy_lang.world import World, read_world

FINE, FINDINGS, UNREADABLE = 0, 1, 2
_UNREADABLE_CODES = ("HG002", "HG007")


def check(arguments: argparse.Namespace) -> int:
    """`check PATH…`: every finding; each path is a policy."""
    world, found = _world(arguments.lock)
    verdicts: list[Verdict] = []
    for path in arguments.paths:
        sources, problems = read_sources(path)
        found += problems
        if not problems:
            examined = examination(sources, world)
            found += examined.diagnostics
            verdicts += examined.verdicts
    if arguments.format == "junit":
        print(junit(verdicts, [d for d in found if d.code != "HG040" and (arguments.strict or d.severity == ERROR)]))
        _show(found, "text")
    else:
        _show(found, arguments.format)
    if arguments.format == "text":
        _say(found, len(verdicts))
    return _status(found, arguments.strict)


def _world(named: str | None) -> tuple[World | None, list[Diagnostic]]:
    """The lockfile's world: the one that is named, else hoopgate.lock in the current directory, else none."""
    path = Path(named or "hoopgate.lock")
    if named is None and not path.is_file():
        return None, []
    outcome = read_world(path)
    return (None, [outcome]) if isinstance(outcome, Diagnostic) else (outcome, [])


def _show(found: list[Diagnostic], form: str) -> None:
    if form == "text":
        for diagnostic in found:
            print(diagnostic, end="\n\n", file=sys.stderr)
    elif found or form != "github":
        print(render(found, form))


def _say(found: list[Diagnostic], tests: int) -> None:
    errors = sum(d.severity == "error" for d in found)
    warnings = len(found) - errors
    counts = [_count(errors, "error"), _count(warnings, "warning"), _count(tests, "test")]
    print(f"{'not fine' if errors else 'fine'}: {', '.join(counts)}")


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"


def _status(found: list[Diagnostic], strict: bool = False) -> int:
    if any(d.code in _UNREADABLE_CODES for d in found):
        return UNREADABLE
    return FINDINGS if any(strict or d.severity == "error" for d in found) else FINE


# ---- test ------------------------------------------------------------------------------------------------------------


def test(arguments: argparse.Namespace) -> int:
    """`test PATH…`: run the tests, once or whenever a file changes; with `--mutate` whether they bite."""
    if arguments.mutate:
        from policy_lang.mutation.perform import mutated

        return mutated(arguments)
    if not arguments.watch:
        return _test_once(arguments)
    from policy_lang.watch import changes

    status = FINE
    try:
        for _ in changes(arguments.paths):
            status = _test_once(arguments)
    except KeyboardInterrupt:
        return status
    return status


def _test_once(arguments: argparse.Namespace) -> int:
    verdicts: list[Verdict] = []
    found: list[Diagnostic] = []
    status = FINE
    for path in arguments.paths:
        sources, problems = read_sources(path)
        examined = Examination(tuple(problems), None, ()) if problems else examination(sources)
        found += [d for d in examined.errors if d.code not in ("HG040", "HG041", "HG046")]
        verdicts += [v for v in examined.verdicts if not arguments.only or arguments.only in v.trial.name]
        if examined.policy and (arguments.coverage or arguments.fail_under is not None):
            status = max(status, _coverage(examined, arguments))
    _report(verdicts, found, arguments.format)
    if arguments.only and not verdicts and not found:
        print(f'error: no test has "{arguments.only}" in its name', file=sys.stderr)
        return UNREADABLE
    if not all(verdict.passed for verdict in verdicts):
        status = max(status, FINDINGS)
    return max(status, _status(found))


def _report(verdicts: list[Verdict], found: list[Diagnostic], form: str) -> None:
    if form == "junit":
        print(junit(verdicts, found))
    elif form == "json":
        print(json.dumps(verdicts_json(verdicts), indent=2, ensure_ascii=False, default=_plain))
    elif form != "text":
        _show([*found, *(d for verdict in verdicts for d in verdict.failures)], form)
    else:
        _report_text(verdicts)
    if form in ("text", "junit", "json"):
        _show(found, "text")


def _report_text(verdicts: list[Verdict]) -> None:
    for verdict in verdicts:
        print(f"{'pass' if verdict.passed else 'FAIL'}  {verdict.trial.name}")
        for failure in verdict.failures:
            print(failure, end="\n\n", file=sys.stderr)
    failed = sum(not verdict.passed for verdict in verdicts)
    print(f"{_count(len(verdicts), 'test')}, {failed or 'none'} failed")


def _coverage(examined: Examination, arguments: argparse.Namespace) -> int:
    from policy_lang.coverage import coverage

    if examined.policy is None:
        return FINDINGS
    reached = coverage(examined.policy.meaning)
    out = sys.stdout if arguments.format == "text" else sys.stderr
    for entry in reached.rules:
        rule = entry.rule
        name = rule.source.name if rule.source else ""
        if not entry.covered:
            line = rule.source.position(rule.span[0])[0] if rule.source else 0
            print(f'{name}:{line}: no test meets the rule "{rule.name}"', file=out)
        for one in entry.lines:
            if not one.covered and rule.source:
                line = rule.source.position(one.condition.span[0])[0]
                text = " ".join(rule.source.text[slice(*one.condition.span)].split())
                what = "holds" if one.failed else "fails"
                print(f"{name}:{line}: in no test {what}: {text}", file=out)
    rules, all_rules, lines, all_lines = reached.counts
    print(f"coverage {reached.percent:.0f} %: {rules} of {all_rules} rules, {lines} of {all_lines} lines", file=out)
    least = arguments.fail_under
    if least is not None and reached.percent < least:
        print(f"error[HG045]: coverage {reached.percent:.1f} % is under {least:g} %", file=sys.stderr)
        return FINDINGS
    return FINE


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else str(value)


# ---- fmt -------------------------------------------------------------------------------------------------------------


def fmt(arguments: argparse.Namespace) -> int:
    """`fmt PATH…`: rewrite files in place; `-` reads and writes the pipe."""
    status = FINE
    for path in arguments.paths:
        piped = path == "-"
        sources, problems = _piped() if piped else read_sources(path)
        _show(problems, "text")
        status = max(status, _status(problems))
        for source in sources:
            status = max(status, _fmt_one(source, arguments, piped))
    return status


def _piped() -> tuple[list[Source], list[Diagnostic]]:
    outcome = decoded("<stdin>", sys.stdin.buffer.read())
    return ([], [outcome]) if isinstance(outcome, Diagnostic) else ([outcome], [])


def _fmt_one(source: Source, arguments: argparse.Namespace, piped: bool) -> int:
    from policy_lang.format import formatted

    try:
        text = formatted(source)
    except PolicyError as error:
        print(error, file=sys.stderr)
        return FINDINGS
    changed = text != source.text
    if arguments.diff and changed:
        _print_diff(source, text)
    if arguments.check or arguments.diff:
        if changed and arguments.check:
            print(f"would change: {source.name}")
        return FINDINGS if changed else FINE
    if piped:
        sys.stdout.write(text)
    elif changed:
        return _rewrite(Path(source.name), text)
    return FINE


def _print_diff(source: Source, text: str) -> None:
    import difflib

    before, after = source.text.splitlines(keepends=True), text.splitlines(keepends=True)
    sys.stdout.writelines(difflib.unified_diff(before, after, source.name, source.name))


def _rewrite(path: Path, text: str) -> int:
    """Replace a file whole: a crash leaves the old one."""
    import os
    import tempfile

    try:
        target = path.resolve(strict=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        Path(name).chmod(target.stat().st_mode & 0o7777)
        Path(name).replace(target)
    except OSError as error:
        _show([unplaced(str(path), "HG007", f"cannot be written: {error.strerror}")], "text")
        return UNREADABLE
    print(f"changed: {path}")
    return FINE


# ---- decide ----------------------------------------------------------------------------------------------------------


def decide(arguments: argparse.Namespace) -> int:
    """`decide PATH REQUEST`: the decision as JSON; with `--explain` why it is so."""
    from policy_lang.load import load
    from policy_lang.request import Request

    try:
        data = _json(arguments.request)
        if arguments.explain:
            from policy_lang.explaining.perform import explained

            explained(arguments.path, data, arguments.json)
            return FINE
        decision = load(arguments.path).decide(Request.from_json(data))
    except RequestError as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    except PolicyError as error:
        print(error, file=sys.stderr)
        return _status(list(error.diagnostics))
    print(json.dumps(decision.to_json(), ensure_ascii=False))
    return FINE


def _json(name: str) -> Any:
    """The JSON of a file or the pipe; numbers stay exact, a key may stand once. Raises RequestError."""
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return json.loads(data, parse_float=Decimal, object_pairs_hook=_once)
    except OSError as error:
        raise RequestError("", f"{name} cannot be read: {(error.strerror or '').lower()}") from None
    except (ValueError, RecursionError) as error:
        raise RequestError("", f"the request is not JSON: {error}") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return out
