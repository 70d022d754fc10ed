"""Everything that can be said about a policy before it is loaded: errors, warnings, tests, proofs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from policy_lang.conflict import conflicts
from policy_lang.diagnostic import ERROR, Diagnostic
from policy_lang.lint import warnings_of
from policy_lang.load import examine
from policy_lang.policy import Policy
from policy_lang.proof.diagnostics import analysed, costly, merged, unproved
from policy_lang.proof.never import ground_of
from policy_lang.source import Source
from policy_lang.verdict import Verdict, run_trials
from policy_lang.world import World, strangers


@dataclass(frozen=True)
class Examination:
    """`policy` is None where an error keeps it from being built; then no test ran."""

    diagnostics: tuple[Diagnostic, ...]
    policy: Policy | None
    verdicts: tuple[Verdict, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(d for d in self.diagnostics if d.severity == ERROR)


def examination(sources: Sequence[Source], world: World | None = None) -> Examination:
    """Check, lint and test the sources of one policy; with a lockfile's world, against the servers' tools too."""
    meaning, scope, _, diagnostics = examine(sources)
    if any(d.severity == ERROR for d in diagnostics):
        return Examination(_in_order(diagnostics), None, ())
    diagnostics += conflicts(meaning)
    if world is not None:
        diagnostics += strangers(meaning, world)
    policy = Policy(meaning)
    ground = ground_of(meaning)
    diagnostics = merged(diagnostics, analysed(policy, ground, diagnostics))
    verdicts = tuple(run_trials(policy, scope))
    diagnostics += [failure for verdict in verdicts for failure in verdict.failures]
    diagnostics += [*unproved(policy, ground), *costly(meaning), *warnings_of(meaning, scope)]
    return Examination(_in_order(diagnostics), policy, verdicts)


def _in_order(diagnostics: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(sorted(diagnostics, key=lambda d: (d.severity != ERROR, d.file, d.line, d.column, d.code)))
