"""Errors that only the whole policy shows: rules that can never match, grants in conflict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations

from policy_lang import nodes
from policy_lang.diagnostic import Diagnostic, found
from policy_lang.formula import Arg, Field, OneOf, RawClaim, Subject
from policy_lang.meaning import Condition, Meaning, Rule
from policy_lang.reach import Box, box_of, boxes_of, contradiction, together
from policy_lang.satisfiable import example, independent, never
from policy_lang.source import Source

_MOST_PAIRS = 50_000
_MOST_ASKED = 2_000  # questions of one kind to the decision procedure, so that loading takes bounded time


def conflicts(meaning: Meaning) -> list[Diagnostic]:
    """Rules that can never match, and pairs of rules that grant two profiles to one request."""
    out = [*dead(meaning.rules)]
    return out + list(_grants([rule for rule in meaning.rules if rule.effects.grant and not rule.observe]))


def dead(rules: Iterable[Rule]) -> Iterator[Diagnostic]:
    """A finding for every rule whose conditions cannot hold at once."""
    asked = 0
    for rule in rules:
        formulas = rule.formulas()
        if rule.source is None or independent(formulas):
            continue
        subject = contradiction(box_of(formulas))
        if subject is not None:
            yield _contradictory(rule, rule.source, subject)
            continue
        asked += 1
        if asked <= _MOST_ASKED and never(formulas):
            message = f'the rule "{rule.name}" can never match: no request meets all its conditions'
            yield found(rule.source, _head(rule), "HG036", message, "lines are joined by and; drop what contradicts")


def _contradictory(rule: Rule, source: Source, subject: Subject) -> Diagnostic:
    lines = [c for c in rule.conditions if _looks_at(c, subject)]
    span = lines[-1].span if lines else rule.span
    message = f'the rule "{rule.name}" can never match: what it says about {spelled(subject)} cannot hold at once'
    help_ = "lines are joined by and; write alternatives in one line, separated by commas"
    if isinstance(subject, Field) and subject.name in ("server", "resource", "prompt", "method"):
        help_ = "a call is a tool's command on its own server, or a resource, or a prompt, or a method"
    return found(source, span, "HG036", message, help_)


def _head(rule: Rule) -> nodes.Span:
    """A rule's text up to its brace."""
    start, end = rule.span
    brace = rule.source.text.find("{", start, end) if rule.source else -1
    head = rule.source.text[start:brace].rstrip() if rule.source and brace > 0 else ""
    return (start, start + len(head)) if head else (start, end)


def _looks_at(condition: Condition, subject: Subject) -> bool:
    from policy_lang.formula import leaves

    return any(getattr(leaf, "subject", None) == subject for leaf in leaves(condition.formula))


def spelled(subject: Subject) -> str:
    """A subject as a policy writes it."""
    from policy_lang import nodes
    from policy_lang.spell import operand

    if isinstance(subject, Arg):
        return operand(nodes.Argument(subject.steps))
    return operand(nodes.Claim(subject.name) if isinstance(subject, RawClaim) else nodes.Attribute(subject.name))


def _grants(rules: list[Rule]) -> Iterator[Diagnostic]:
    """Only certain permits lend a credential, so only rules that can hold together conflict."""
    if len({rule.effects.grant.profile for rule in rules if rule.effects.grant}) < 2:
        return
    boxes = {rule.name: boxes_of(rule.formulas()) for rule in rules}
    rules = [rule for rule in rules if boxes[rule.name]]
    tried = asked = 0
    told: set[tuple[str, str]] = set()
    for one, other in _meeting(rules, boxes):
        tried += len(boxes[one.name]) * len(boxes[other.name])
        if tried >= _MOST_PAIRS or asked >= _MOST_ASKED:
            return  # a decision that meets two profiles denies, whether it was foreseen or not
        first, second = one.effects.grant, other.effects.grant
        if not first or not second or first.profile == second.profile or (one.name, other.name) in told:
            continue
        meet = _meet(boxes[one.name], boxes[other.name])
        if meet is None:
            asked += 1
            meet = example((*one.formulas(), *other.formulas())) is not None
        if meet:
            told |= {(one.name, other.name), (other.name, one.name)}
            yield from _conflict(one, other)


def _meet(some: list[Box], others: list[Box]) -> bool | None:
    """Whether two rules can hold together; None where clock, SQL or the elements of a list leave it open."""
    meeting = [(one, other) for one in some for other in others if together(one, other)]
    if any(not one.others and not other.others for one, other in meeting):
        return True
    return None if meeting else False


def as_written(one: Rule, other: Rule) -> tuple[Rule, Rule]:
    """Two rules in the order of their grants in the text."""
    first, second = sorted((one, other), key=lambda rule: (rule.source.name if rule.source else "", rule.granted))
    return first, second


def _conflict(one: Rule, other: Rule) -> Iterator[Diagnostic]:
    one, other = as_written(one, other)
    first, second = one.effects.grant, other.effects.grant
    if other.source and first and second:
        message = (
            f'"{one.name}" grants "{first.profile}" and "{other.name}" grants "{second.profile}", '
            "and one request can match both"
        )
        yield found(
            other.source, other.granted, "HG037", message, "a call gets one credential; narrow one of the two rules"
        )


def _meeting(rules: list[Rule], boxes: dict[str, list[Box]]) -> Iterator[tuple[Rule, Rule]]:
    """Pairs of rules that do not name different whole commands."""
    by_command: dict[str, list[Rule]] = defaultdict(list)
    anywhere: list[Rule] = []
    for rule in rules:
        named = [_whole_commands(box) for box in boxes[rule.name]]
        commands = [command for commands in named for command in commands or ()]
        for command in dict.fromkeys(commands):
            by_command[command].append(rule)
        if None in named:
            anywhere.append(rule)
    yield from combinations(anywhere, 2)
    for many in by_command.values():
        yield from combinations(many, 2)
        yield from ((rule, other) for rule in many for other in anywhere)


def _whole_commands(box: Box) -> frozenset[str] | None:
    """The commands that a box names whole, if it does."""
    demands = box.demands.get(Field("command"), ())
    named = [p.exact for p, held in demands if held and isinstance(p, OneOf) and not p.patterns]
    return named[0] if named else None
