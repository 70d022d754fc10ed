"""Running the `test` blocks of a policy: what was expected, what was decided, and what would have had to hold."""

from __future__ import annotations

from dataclasses import dataclass

from policy_lang import nodes
from policy_lang.decision import Decision
from policy_lang.diagnostic import Diagnostic, found, listing
from policy_lang.effects import EffectReader
from policy_lang.evaluate import compiled
from policy_lang.formula import TRUE
from policy_lang.meaning import Condition, Rule, Trial
from policy_lang.policy import Policy
from policy_lang.request import Request
from policy_lang.scope import Problems, Scope
from policy_lang.spell import entry_text


@dataclass(frozen=True)
class Verdict:
    """One test's outcome; `failures` is empty where it passed."""

    trial: Trial
    decision: Decision
    failures: tuple[Diagnostic, ...]

    @property
    def passed(self) -> bool:
        return not self.failures


def run_trials(policy: Policy, scope: Scope) -> list[Verdict]:
    """The verdict of every test, in the order of their names."""
    return [run(policy, scope, trial) for trial in policy.meaning.trials]


def run(policy: Policy, scope: Scope, trial: Trial) -> Verdict:
    """One test against a policy."""
    request = Request.from_json(trial.request)
    decision = policy.decide(request)
    failures = []
    for expectation in trial.expectations:
        reader = EffectReader(scope, trial.source, Problems())
        if _holds(expectation.outcome, decision, reader) == expectation.negated:
            message = f'the test "{trial.name}" fails: expected {entry_text(expectation).removeprefix("expect ")}, '
            message += f"but the decision is {described(decision)}"
            help_ = "" if expectation.negated else _nearest(expectation.outcome, policy, request, decision)
            failures.append(found(trial.source, expectation.span, "HG040", message, help_))
    return Verdict(trial, decision, tuple(failures))


def _holds(outcome: nodes.Outcome, decision: Decision, reader: EffectReader) -> bool:
    if isinstance(outcome, nodes.Allow):
        return decision.effect == "allow"
    if isinstance(outcome, nodes.Deny):
        because = str(outcome.because.value) if outcome.because else ""
        return decision.effect == "deny" and because in (decision.reason or "")
    if isinstance(outcome, nodes.Approval):
        return decision.effect == "approval" and _approves(outcome, decision, reader)
    if isinstance(outcome, nodes.Mask):
        return _masks(outcome, decision, reader)
    if isinstance(outcome, nodes.Record):
        return decision.record == outcome.level.name
    if isinstance(outcome, nodes.Retain):
        return decision.retain == outcome.duration.seconds
    if isinstance(outcome, nodes.Grant):
        grant = decision.grant
        return grant is not None and (grant.profile, grant.seconds) == (outcome.profile.value, outcome.duration.seconds)
    if isinstance(outcome, nodes.Limit):
        limit = reader.limit(outcome, "")
        wanted = limit and (limit.count, limit.per, limit.unit)
        return any((one.count, one.per, one.unit) == wanted for one in decision.limits)
    return outcome.rule.value in (*decision.rules, *decision.observed)


def _approves(outcome: nodes.Approval, decision: Decision, reader: EffectReader) -> bool:
    """Whether one demand is as expected in everything that the test says about it."""
    wanted = reader.approval(outcome, "")
    return any(
        (not outcome.groups or one.from_ == wanted.from_)
        and (outcome.count is None or one.count == wanted.count)
        and (outcome.within is None or one.within == wanted.within)
        and (outcome.window is None or one.for_ == wanted.for_)
        and (not outcome.once or one.for_ is None)
        for one in decision.approvals
    )


def _masks(outcome: nodes.Mask, decision: Decision, reader: EffectReader) -> bool:
    wanted = reader.masked(outcome)
    if not wanted:
        return decision.effect != "deny" and not decision.mask
    method = outcome.method.name if outcome.method else None
    return all(kind in decision.mask and method in (None, decision.mask[kind]) for kind in wanted)


def described(decision: Decision) -> str:
    """A decision in a few words."""
    if decision.effect == "deny":
        if decision.reason is not None:
            return f"deny: {decision.reason} ({listing(quoted(decision.rules)) or 'the address itself is refused'})"
        return "deny: nothing permits the call"
    masked = f"; masked: {', '.join(decision.mask)}" if decision.mask else "; nothing is masked"
    return f"{decision.effect} by {listing(quoted(decision.rules))}{masked}"


def quoted(names: tuple[str, ...]) -> list[str]:
    return [f'"{name}"' for name in names]


def _nearest(outcome: nodes.Outcome, policy: Policy, request: Request, decision: Decision) -> str:
    """For a call that nothing permits: the permit that lacks least, and the lines that do not hold."""
    if decision.effect != "deny" or decision.reason is not None or isinstance(outcome, nodes.Deny):
        return ""
    best: tuple[int, Rule, list[Condition]] | None = None
    for rule in policy.meaning.rules:
        if rule.effects.allow and not rule.observe:
            lacking = [c for c in rule.conditions if holds(c, request) != TRUE]
            if best is None or len(lacking) < best[0]:
                best = (len(lacking), rule, lacking)
    if best is None or not best[2]:
        return ""
    _, rule, lacking = best
    lines = [f"{_line_text(rule, condition)} (line {_line_number(rule, condition)})" for condition in lacking[:3]]
    return f'"{rule.name}" would permit it, but it does not certainly hold that {listing(lines)}'


def holds(condition: Condition, request: Request) -> int:
    """The truth of one line for a request."""
    return compiled(condition.formula)(request.values, request.args, request.time)


def _line_text(rule: Rule, condition: Condition) -> str:
    start, end = condition.span
    return " ".join(rule.source.text[start:end].split()) if rule.source else ""


def _line_number(rule: Rule, condition: Condition) -> int:
    return rule.source.position(condition.span[0])[0] if rule.source else 0
