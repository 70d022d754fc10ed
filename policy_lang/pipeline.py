"""What a pipeline does with a policy, in one go: `python -m policy_lang.pipeline PATH… --base REVISION`.

Everything is checked, tested and proved; where a base revision is named, what changes against it is said in words for
the pull request; where a score is named, the tests are tried on mutants. It writes `check.sarif`, `tests.xml`,
`diff.md` and `mutation.json` into one directory, for whatever the pipeline does with them. The GitHub Action and the
GitLab component run this and nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policy_lang.diagnostic import Diagnostic
    from policy_lang.verdict import Verdict

FINE, FINDINGS, UNREADABLE = 0, 1, 2
MARK = "<!-- hoopgate: what changes -->"  # by which a comment is found again


def run(argv: Sequence[str] | None = None) -> int:
    """Run the pipeline; 0 fine, 1 findings, 2 unreadable input."""
    arguments = _parser().parse_args(argv)
    folder = Path(arguments.output)
    folder.mkdir(parents=True, exist_ok=True)
    status = _check(arguments, folder)
    if status == FINE and arguments.base:
        status = max(status, _diff(arguments, folder))
    if status != UNREADABLE and arguments.mutation_score is not None:
        status = max(status, _mutate(arguments, folder))
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m policy_lang.pipeline", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a .hoop file, or a directory of them as one policy")
    parser.add_argument("--base", metavar="REVISION", help="the git revision that changes are told against")
    parser.add_argument("--output", default="hoop-report", metavar="DIR", help="where reports go (hoop-report)")
    parser.add_argument("--fail-on", choices=("widening", "narrowing", "any"), help="fail where a change is so")
    parser.add_argument("--mutation-score", type=float, metavar="PERCENT", help="fail where the tests bite less")
    parser.add_argument("--annotations", action="store_true", help="write findings as GitHub annotations, too")
    return parser


# ---- check and test --------------------------------------------------------------------------------------------------


def _check(arguments: argparse.Namespace, folder: Path) -> int:
    from policy_lang.examination import examination
    from policy_lang.files import read_sources
    from policy_lang.report import junit, render

    found: list[Diagnostic] = []
    verdicts: list[Verdict] = []
    for path in arguments.paths:
        sources, problems = read_sources(path)
        found += problems
        if not problems:
            examined = examination(sources)
            found += examined.diagnostics
            verdicts += examined.verdicts
    (folder / "check.sarif").write_text(render(found, "sarif") + "\n", encoding="utf-8")
    (folder / "tests.xml").write_text(junit(verdicts) + "\n", encoding="utf-8")
    for one in found:
        print(one, end="\n\n", file=sys.stderr)
    if arguments.annotations and found:
        print(render(found, "github"))
    errors = sum(one.severity == "error" for one in found)
    failed = sum(not verdict.passed for verdict in verdicts)
    print(f"check: {errors} errors, {len(found) - errors} warnings; {len(verdicts)} tests, {failed} failed")
    if any(one.code in ("HG002", "HG007") for one in found):
        return UNREADABLE
    return FINDINGS if errors else FINE


# ---- diff ------------------------------------------------------------------------------------------------------------


def _diff(arguments: argparse.Namespace, folder: Path) -> int:
    from policy_lang.errors import PolicyError
    from policy_lang.load import compile as compile_text
    from policy_lang.proof import diff
    from policy_lang.proof.perform import fails
    from policy_lang.proof.report import render
    from policy_lang.proof.revisions import policy_at

    if not _git("cat-file", "-e", f"{arguments.base}^{{commit}}"):
        print(f"error: git knows no commit {arguments.base}", file=sys.stderr)
        print("  help: fetch the base, too (GitHub: fetch-depth: 0; GitLab: GIT_DEPTH: 0)", file=sys.stderr)
        return UNREADABLE
    status, parts = FINE, [MARK]
    for path in arguments.paths:
        place = f"{arguments.base}:./{os.path.relpath(path)}"
        there = _git("cat-file", "-e", place)
        try:
            old = policy_at(place) if there else compile_text("", name="nothing.hoop")
            found = diff(old, policy_at(path))
        except PolicyError as error:
            print(error, file=sys.stderr)
            return UNREADABLE
        title = f"`{path}`" if there else f"`{path}`, which is new: against a policy that permits nothing"
        parts += [title, render(found, "markdown")]
        print(f"diff: {path}: {found.summary}")
        if arguments.fail_on and fails(found, arguments.fail_on):
            status = FINDINGS
    (folder / "diff.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return status


def _git(*words: str) -> bool:
    """Whether git says yes."""
    program = shutil.which("git")
    if program is None:
        return False
    done = subprocess.run([program, *words], capture_output=True, check=False, timeout=60)  # noqa: S603 - no shell
    return done.returncode == 0


# ---- mutants ---------------------------------------------------------------------------------------------------------


def _mutate(arguments: argparse.Namespace, folder: Path) -> int:
    from policy_lang.errors import PolicyError
    from policy_lang.files import read_sources
    from policy_lang.mutation.perform import as_json
    from policy_lang.mutation.trying import mutate
    from policy_lang.variant import workbench

    status, reports = FINE, []
    for path in arguments.paths:
        sources, _ = read_sources(path)
        try:
            outcome = mutate(workbench(sources))
        except PolicyError:
            return FINDINGS  # said by the check
        reports.append(as_json(path, outcome))
        print(f"mutants: {path}: score {outcome.score:.0f} %, {outcome.count('survived')} survived")
        if outcome.score < arguments.mutation_score:
            print(f"error: {path}: the score is under {arguments.mutation_score:g} %", file=sys.stderr)
            print(f"  help: hoopgate test --mutate {path} gives the tests that are missing", file=sys.stderr)
            status = FINDINGS
    (folder / "mutation.json").write_text(json.dumps(reports, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(run())
