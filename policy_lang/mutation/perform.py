"""What `hoopgate test --mutate` does."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from policy_lang.errors import PolicyError
from policy_lang.files import read_sources
from policy_lang.mutation.trying import Outcome, Tried, mutate
from policy_lang.report import plain
from policy_lang.source import visible
from policy_lang.variant import Workbench, workbench
from policy_lang.verdict import run_trials

FINE, FINDINGS, UNREADABLE = 0, 1, 2


def mutated(arguments: argparse.Namespace) -> int:
    """`test --mutate PATH…`: every policy's mutants against its own tests."""
    if arguments.format not in ("text", "json"):
        print(f"error: mutants are written as text or json, not as {arguments.format}", file=sys.stderr)
        return UNREADABLE
    status, reports = FINE, []
    for path in arguments.paths:
        sources, problems = read_sources(path)
        if problems:
            print(PolicyError(problems), file=sys.stderr)
            status = UNREADABLE
            continue
        try:
            bench = workbench(sources)
        except PolicyError as error:
            print(error, file=sys.stderr)
            status = max(status, FINDINGS)
            continue
        outcome = _one(bench, arguments, path)
        if outcome is None:
            status = max(status, FINDINGS)
            continue
        reports.append(as_json(path, outcome))
        status = max(status, _under(outcome, arguments.fail_under))
    if arguments.format == "json":
        print(json.dumps(reports, indent=2, ensure_ascii=False))
    return status


def _one(bench: Workbench, arguments: argparse.Namespace, path: str) -> Outcome | None:
    failed = [verdict.trial.name for verdict in run_trials(bench.policy, bench.scope) if not verdict.passed]
    if failed:
        print(f'error[HG040]: {path}: the test "{failed[0]}" fails as it is', file=sys.stderr)
        print("  help: mend it first: mutants tell something of tests that pass", file=sys.stderr)
        return None
    outcome = mutate(bench, arguments.only or "", told=_progress if sys.stderr.isatty() else None)
    if arguments.format != "json":
        print(as_text(outcome))
    return outcome


def _progress(done: int, all_: int) -> None:
    end = "\n" if done == all_ else ""
    print(f"\r{done} of {all_} mutants", end=end, file=sys.stderr, flush=True)


def _under(outcome: Outcome, least: float | None) -> int:
    if least is None or outcome.score >= least:
        return FINE
    print(f"error[HG045]: the mutation score {outcome.score:.1f} % is under {least:g} %", file=sys.stderr)
    return FINDINGS


# ---- reports ---------------------------------------------------------------------------------------------------------


def as_text(outcome: Outcome) -> str:
    """The survivors, each with the test that would have caught it, and the score."""
    parts = [_survivor(one) for one in outcome.survivors]
    killed, survived, same = (outcome.count(fate) for fate in ("killed", "survived", "equivalent"))
    ending = f"mutation score {outcome.score:.0f} %: {killed} killed, {survived} survived"
    ending += f"; {same} change no decision and do not count" if same else ""
    ending += f"; {outcome.left_out} were not tried" if outcome.left_out else ""
    return "\n\n".join([*parts, ending])


def _survivor(one: Tried) -> str:
    mutant = one.mutant
    head = f'survived  {visible(mutant.file)}:{mutant.line}: {mutant.kind} in "{visible(mutant.rule)}"'
    lines = [head, f"  {visible(mutant.what)}"]
    if one.test:
        return "\n".join([*lines, "  this test would have caught it:", "", one.test.rstrip()])
    if one.request is None:
        return "\n".join([*lines, f"  whether it changes a decision was not shown: {visible(one.because)}"])
    return "\n".join([*lines, f"  decided differently: {visible(json.dumps(plain(one.request), ensure_ascii=False))}"])


def as_json(path: str, outcome: Outcome) -> dict[str, Any]:
    """The outcome as data: every mutant that counts, and how many do not."""
    return {
        "policy": path,
        "score": round(outcome.score, 2),
        "killed": outcome.count("killed"),
        "survived": outcome.count("survived"),
        "equivalent": outcome.count("equivalent"),
        "left_out": outcome.left_out,
        "mutants": [_mutant_json(one) for one in outcome.tried if one.fate != "equivalent"],
    }


def _mutant_json(one: Tried) -> dict[str, Any]:
    mutant = one.mutant
    return {
        "rule": mutant.rule,
        "kind": mutant.kind,
        "what": mutant.what,
        "file": mutant.file,
        "line": mutant.line,
        "fate": one.fate,
        "by": one.by or None,
        "request": None if one.request is None else plain(one.request),
        "test": one.test or None,
    }
