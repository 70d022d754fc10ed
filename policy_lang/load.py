"""From text or files to a policy, or to everything that is wrong with it."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import PathLike

from policy_lang.check import meaning_of
from policy_lang.conflict import conflicts
from policy_lang.diagnostic import ERROR, Diagnostic
from policy_lang.errors import PolicyError
from policy_lang.files import read_sources
from policy_lang.meaning import Meaning
from policy_lang.nodes import File
from policy_lang.parse import parse
from policy_lang.policy import Policy
from policy_lang.scope import Problems, Scope
from policy_lang.source import Source
from policy_lang.text import text_problems

Parsed = list[tuple[Source, File]]


def load(path: str | PathLike[str]) -> Policy:
    """Load a `.hoop` file, or a directory of them as one policy. Raises PolicyError with every diagnostic."""
    sources, problems = read_sources(path)
    return _policy(sources, problems)


def read(path: str | PathLike[str]) -> tuple[Policy, list[Source]]:
    """As `load`, with the very texts that were read."""
    sources, problems = read_sources(path)
    return _policy(sources, problems), sources


def of_sources(sources: Sequence[Source]) -> Policy:
    """The policy of texts that were read before. Raises PolicyError with every diagnostic."""
    return _policy([*sources], [])


def compile(text: str, name: str = "policy.hoop") -> Policy:  # noqa: A001 - the public name, as in design.md
    """Load a policy from its text; `name` stands in diagnostics. Raises PolicyError with every diagnostic."""
    return _policy([Source(name, text)], [])


def examine(sources: Sequence[Source]) -> tuple[Meaning, Scope, Parsed, list[Diagnostic]]:
    """What the sources say, and every error found on the way."""
    found: list[Diagnostic] = []
    files: Parsed = []
    for source in sources:
        blocking = text_problems(source)
        found += blocking
        if not blocking:
            file, problems = parse(source)
            found += problems
            files.append((source, file))
    problems_of_meaning = Problems()
    meaning, scope = meaning_of(files, problems_of_meaning)
    return meaning, scope, files, found + problems_of_meaning.found


def _policy(sources: Sequence[Source], problems: list[Diagnostic]) -> Policy:
    if problems:
        raise PolicyError(problems)
    with _no_cycles():
        meaning, scope, _, found = examine(sources)
        _refuse(found)
        _refuse(conflicts(meaning))
        policy = Policy(meaning)
        if meaning.trials:
            _refuse(failed_trials(policy, scope))
        if meaning.nevers:
            _refuse(unproved(policy))
        return policy


def _refuse(found: list[Diagnostic]) -> None:
    errors = [diagnostic for diagnostic in found if diagnostic.severity == ERROR]
    if errors:
        raise PolicyError(errors)


def failed_trials(policy: Policy, scope: Scope) -> list[Diagnostic]:
    """A policy whose own tests fail is not the policy that its authors meant."""
    from policy_lang.verdict import run_trials

    return [failure for verdict in run_trials(policy, scope) for failure in verdict.failures]


def unproved(policy: Policy) -> list[Diagnostic]:
    """Nor is a policy that may allow what it says is never allowed."""
    from policy_lang.proof import diagnostics

    return diagnostics.unproved(policy)


@contextmanager
def _no_cycles() -> Iterator[None]:
    """Loading makes many small objects and no cycles; looking for cycles meanwhile would double its time.

    Freezing and unfreezing makes what was loaded old at once, so that the collector does not walk it right afterwards.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()
            gc.enable()
