"""For each rule of a policy: which lines held, failed or were unknown for one request, and what was looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from policy_lang.attributes import CALL, CLAIMS_AT, UNKNOWN, index
from policy_lang.evaluate import compiled
from policy_lang.formula import CALL_SIDE, FALSE, TRUE, Arg, Clock, Constant, Field, Formula, RawClaim, leaves, sides
from policy_lang.meaning import Rule
from policy_lang.nodes import Argument, Span
from policy_lang.policy import Policy
from policy_lang.request import Request
from policy_lang.spell import operand

WORDS = ("failed", "unknown", "held")  # by truth


@dataclass(frozen=True)
class LineTruth:
    """One line of a rule; `because` says what was looked at, where it did not hold."""

    text: str
    line: int
    truth: int
    because: tuple[str, ...]


@dataclass(frozen=True)
class RuleTruth:
    """One rule. `near` says whether its lines about the address do not fail: it is about such a call at all."""

    rule: Rule
    file: str
    line: int
    truth: int
    lines: tuple[LineTruth, ...]
    near: bool

    @property
    def counts(self) -> str:
        """What of the rule counts for the request: "applies", "restricts" (its conditions are unsure) or ""."""
        if self.truth == TRUE:
            return "applies"
        return "restricts" if self.truth != FALSE and self.rule.effects.restricts else ""


def rule_truths(policy: Policy, request: Request) -> list[RuleTruth]:
    """Every rule, in the order of names."""
    return [_rule(rule, request) for rule in policy.meaning.rules]


def truth_of(formula: Formula, request: Request) -> int:
    """FALSE, UNSURE or TRUE."""
    return compiled(formula)(request.values, request.args, request.time)


def _rule(rule: Rule, request: Request) -> RuleTruth:
    lines = [_line(rule, c.span, c.formula, request) for c in rule.conditions]
    for other in rule.unless:
        met = truth_of(other.formula(), request)
        because = () if met == FALSE else (f"that rule {'is met' if met == TRUE else 'may be met'}",)
        lines.append(LineTruth(f'unless "{other.name}"', _place(rule, rule.span), 2 - met, because))
    address = [c for c in rule.conditions if sides(c.formula) == {CALL_SIDE}]
    near = all(truth_of(c.formula, request) != FALSE for c in address)
    truth = min((line.truth for line in lines), default=TRUE)
    name = rule.source.name if rule.source else ""
    return RuleTruth(rule, name, _place(rule, rule.span), truth, tuple(lines), near)


def _line(rule: Rule, span: Span, formula: Formula, request: Request) -> LineTruth:
    text = " ".join(rule.source.text[slice(*span)].split()) if rule.source else ""
    truth = truth_of(formula, request)
    because = () if truth == TRUE else tuple(dict.fromkeys(_looked_at(formula, request)))
    return LineTruth(text, _place(rule, span), truth, because)


def _place(rule: Rule, span: Span) -> int:
    return rule.source.position(span[0])[0] if rule.source else 0


# ---- what was looked at ----------------------------------------------------------------------------------------------


def _looked_at(formula: Formula, request: Request) -> Iterator[str]:
    for leaf in leaves(formula):
        if isinstance(leaf, Clock):
            yield f"time is {request.time.isoformat()}" if request.time else "time is not known"
        elif not isinstance(leaf, Constant):
            yield _said(leaf.subject, request)


def _said(subject: Field | RawClaim | Arg, request: Request) -> str:
    if isinstance(subject, Arg):
        name = operand(Argument(subject.steps))
        found = at_path(request.args, subject.steps)
        return f"{name} was not sent" if found is UNKNOWN else f"{name} is {shown(found)}"
    if isinstance(subject, RawClaim):
        believed, said = request.values[CLAIMS_AT], request.values[CLAIMS_AT + 1]
        return _known(f'claim("{subject.name}")', _claim(believed, subject.name), _claim(said, subject.name))
    said = request.values[index(subject.name, asserted=subject.name not in CALL)]
    return _known(subject.name, request.values[index(subject.name, subject.asserted)], said)


def _claim(claims: Any, name: str) -> Any:
    return claims.get(name, UNKNOWN) if isinstance(claims, dict) else UNKNOWN


def _known(name: str, believed: Any, said: Any) -> str:
    if believed is None:
        return f"{name} is none"
    if believed is not UNKNOWN:
        return f"{name} is {shown(believed)}"
    return f"{name} is not known" if said is UNKNOWN else f"{name} is only asserted to be {shown(said)}"


def at_path(value: Any, steps: tuple[str | int | None, ...]) -> Any:
    """What stands at a path up to the first `[*]`; UNKNOWN where nothing does."""
    for step in steps:
        if step is None:
            break
        is_there = isinstance(value, dict) and step in value
        if isinstance(step, int):
            is_there = isinstance(value, (list, tuple)) and step < len(value)
        if not is_there:
            return UNKNOWN
        value = value[step]
    return value


def shown(value: Any) -> str:
    """A value as JSON; "none" and "unknown" as the language calls them."""
    if value is None or value is UNKNOWN:
        return "none" if value is None else "unknown"
    text = json.dumps(value, ensure_ascii=False, default=_number)
    return text if len(text) <= 200 else f"{text[:200]}…"


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else str(value)
