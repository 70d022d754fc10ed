"""What decisions of a policy can be at all, read off its rules: a test that expects anything else can never pass."""

from __future__ import annotations

from dataclasses import dataclass, field

from policy_lang import nodes
from policy_lang.diagnostic import did_you_mean, listing
from policy_lang.scope import Scope


@dataclass
class Outcomes:
    """What some rule says, of each kind of clause."""

    clauses: set[type] = field(default_factory=set)
    profiles: set[str] = field(default_factory=set)
    reasons: set[str] = field(default_factory=set)
    levels: set[str] = field(default_factory=lambda: {"masked", "digest"})
    retained: set[int] = field(default_factory=set)
    limits: set[tuple[object, object]] = field(default_factory=set)
    methods: set[str] = field(default_factory=lambda: {"redact"})

    def impossible(self, outcome: nodes.Outcome) -> tuple[str, str]:
        """Why no decision can be so, and what may have been meant; `("", "")` where one can."""
        if isinstance(outcome, (nodes.Allow, nodes.Approval)) and nodes.Allow not in self.clauses:
            return "something is expected to be permitted, and no rule permits", "the test can never pass"
        if isinstance(outcome, nodes.Approval) and nodes.Require not in self.clauses:
            return "an approval is expected, and no rule requires one", "the test can never pass"
        if isinstance(outcome, nodes.Grant) and outcome.profile.value not in self.profiles:
            profile = str(outcome.profile.value)
            return f'no rule grants "{profile}"', did_you_mean(profile, self.profiles)
        if isinstance(outcome, nodes.Deny) and outcome.because is not None:
            text = str(outcome.because.value)
            known = any(text in reason for reason in self.reasons)
            return ("", "") if known else ("no rule denies with this reason", did_you_mean(text, self.reasons))
        return self._impossible_amount(outcome)

    def _impossible_amount(self, outcome: nodes.Outcome) -> tuple[str, str]:
        if isinstance(outcome, nodes.Record) and outcome.level.name not in self.levels:
            return f"no rule says record {outcome.level.name}", f"decisions here record {listing(sorted(self.levels))}"
        if isinstance(outcome, nodes.Retain) and outcome.duration.seconds not in self.retained:
            return f"no rule says retain {outcome.duration.text}", ""
        if isinstance(outcome, nodes.Limit) and _limit(outcome) not in self.limits:
            return "no rule sets this limit", ""
        if isinstance(outcome, nodes.Mask) and outcome.method and outcome.method.name not in self.methods:
            return f"no rule masks with {outcome.method.name}", ""
        return "", ""


def place_of(outcome: nodes.Outcome) -> nodes.Span:
    """Where an expectation names what cannot be."""
    if isinstance(outcome, nodes.Grant):
        return outcome.profile.span
    if isinstance(outcome, nodes.Deny) and outcome.because:
        return outcome.because.span
    return outcome.span


def outcomes_of(scope: Scope) -> Outcomes:
    """What the rules of a policy say."""
    found = Outcomes()
    for (kind, _), (_, block) in scope.blocks.items():
        for entry in block.entries if kind == "rule" else ():
            found.clauses.add(type(entry))
            _note(found, entry)
    return found


def _note(found: Outcomes, entry: nodes.Entry) -> None:
    if isinstance(entry, nodes.Grant):
        found.profiles.add(str(entry.profile.value))
    elif isinstance(entry, nodes.Deny) and entry.because:
        found.reasons.add(str(entry.because.value))
    elif isinstance(entry, nodes.Record):
        found.levels.add(entry.level.name)
    elif isinstance(entry, nodes.Retain):
        found.retained.add(entry.duration.seconds)
    elif isinstance(entry, nodes.Limit):
        found.limits.add(_limit(entry))
    elif isinstance(entry, nodes.Mask) and entry.method:
        found.methods.add(entry.method.name)


def _limit(node: nodes.Limit) -> tuple[object, object]:
    count = node.count.value
    if node.unit is not None and isinstance(count, int):
        count = f"{count * nodes.BYTES.get(node.unit.name, 0)} bytes"
    return count, node.per.seconds if isinstance(node.per, nodes.Duration) else node.per.name
