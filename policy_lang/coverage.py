"""Which rules and which of their lines the tests reach.

A rule is covered when some test meets all its conditions. A line is covered when it held in some test and did not in
another: a line that never fails in a test could be dropped and no test would notice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from policy_lang.evaluate import compiled
from policy_lang.formula import TRUE
from policy_lang.meaning import Condition, Meaning, Rule
from policy_lang.request import Request


@dataclass(frozen=True)
class LineCoverage:
    condition: Condition
    held: bool
    failed: bool

    @property
    def covered(self) -> bool:
        return self.held and self.failed


@dataclass(frozen=True)
class RuleCoverage:
    rule: Rule
    covered: bool
    lines: tuple[LineCoverage, ...]


@dataclass(frozen=True)
class Coverage:
    rules: tuple[RuleCoverage, ...]

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Rules covered, rules, lines covered, lines."""
        lines = [line for rule in self.rules for line in rule.lines]
        return (
            sum(rule.covered for rule in self.rules),
            len(self.rules),
            sum(line.covered for line in lines),
            len(lines),
        )

    @property
    def percent(self) -> float:
        """Of rules and lines together; 100 for a policy without rules."""
        rules, all_rules, lines, all_lines = self.counts
        return 100.0 * (rules + lines) / (all_rules + all_lines) if all_rules else 100.0


def coverage(meaning: Meaning) -> Coverage:
    """What the tests of a policy reach."""
    requests = [Request.from_json(trial.request) for trial in meaning.trials]
    return Coverage(tuple(_rule(rule, requests) for rule in meaning.rules))


def _rule(rule: Rule, requests: Sequence[Request]) -> RuleCoverage:
    whole = compiled(rule.formula())
    covered = any(whole(r.values, r.args, r.time) == TRUE for r in requests)
    return RuleCoverage(rule, covered, tuple(_line(condition, requests) for condition in rule.conditions))


def _line(condition: Condition, requests: Sequence[Request]) -> LineCoverage:
    check = compiled(condition.formula)
    truths = {check(r.values, r.args, r.time) == TRUE for r in requests}
    return LineCoverage(condition, True in truths, False in truths)
