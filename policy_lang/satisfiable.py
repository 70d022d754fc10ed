"""Whether conditions can hold at once at all, and of which request: exact, over every request.

Strategy: conditions of which each looks at something else can be met one by one, and most rules are made of such; only
the others are put to the decision procedure of proof/, each by itself. Where a question is too large, the answer is
that nothing is known, and nothing is said.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from policy_lang.automaton import TooLargeError, shortest
from policy_lang.evaluate import compiled
from policy_lang.formula import (
    TRUE,
    Affix,
    Arg,
    Clock,
    Contains,
    EachOf,
    Formula,
    OneOf,
    Predicate,
    RawClaim,
    SqlTest,
    Test,
    leaves,
)
from policy_lang.meaning import Condition, Effects, Rule
from policy_lang.pattern import Pattern
from policy_lang.request import Request

_TRIES = 50  # requests of one question
_WEEK = 7 * 24 * 60  # minutes
_ADDRESS = ("server", "command", "resource", "prompt", "method")


def never(formulas: Sequence[Formula]) -> bool:
    """Whether it is shown that no request meets all the formulas."""
    return not independent(formulas) and _boxes(formulas) == []


def example(formulas: Sequence[Formula]) -> dict[str, Any] | None:
    """A request (JSON) that meets all the formulas, confirmed by their evaluation; None where none is known."""
    checks = [compiled(formula) for formula in formulas]
    for data in islice(_requests(formulas), _TRIES):
        request = Request.from_json(data)
        if all(check(request.values, request.args, request.time) == TRUE for check in checks):
            return data
    return None


def _alone(formulas: Sequence[Formula]) -> Rule:
    return Rule("", tuple(Condition(formula) for formula in formulas), Effects())


def _boxes(formulas: Sequence[Formula]) -> list[Any] | None:
    from policy_lang.proof.boxes import TooManyError
    from policy_lang.proof.ground import Ground

    rule = _alone(formulas)
    try:
        ground = Ground([rule])
        return [box for part in ground.slices if ground.rules_in(part) for box in ground.space(part).true(rule)]
    except TooManyError:
        return None


def _requests(formulas: Sequence[Formula]) -> Iterator[dict[str, Any]]:
    from policy_lang.proof.boxes import TooManyError
    from policy_lang.proof.ground import Ground

    rule = _alone(formulas)
    ground = Ground([rule])
    for part in ground.slices:
        try:
            boxes = ground.space(part).true(rule) if ground.rules_in(part) else []
        except TooManyError:
            continue
        for box in boxes:
            data = ground.space(part).request(box)
            if isinstance(data, dict):
                yield data


# ---- conditions that have nothing to do with each other --------------------------------------------------------------


def independent(formulas: Iterable[Formula]) -> bool:
    """Whether each test looks at a part of the request of its own, and may come out either way."""
    seen: set[Hashable] = set()
    paths: list[tuple[str | int | None, ...]] = []
    for formula in formulas:
        for leaf in leaves(formula):
            key = _looked_at(leaf)
            if key is None or key in seen:
                return False
            seen.add(key)
            if isinstance(leaf, (Test, SqlTest)) and isinstance(leaf.subject, Arg):
                paths.append(leaf.subject.steps)
    return len(paths) < 2 or not _nested(paths)


def _looked_at(leaf: Formula) -> Hashable | None:
    """What a test looks at; None where it looks at more than one thing, or might have one outcome only."""
    if isinstance(leaf, Clock):
        return "clock" if sum(end - start for start, end in leaf.windows) < _WEEK else None
    if isinstance(leaf, SqlTest):
        return ("args", *leaf.subject.steps) if leaf.test != "statements" else None
    if not isinstance(leaf, Test):
        return None
    subject, predicate = leaf.subject, leaf.predicate
    if isinstance(subject, Arg):
        plain = not subject.default and None not in subject.steps
        return ("args", *subject.steps) if plain and _either_way(predicate) else None
    if isinstance(subject, RawClaim):
        return ("claim", subject.name) if _either_way(predicate) else None
    if not _either_way(predicate):
        return None
    return "address" if subject.name in _ADDRESS else subject.name


def _nested(paths: list[tuple[str | int | None, ...]]) -> bool:
    """Whether one path leads through another, or two make different things of the same value."""
    kinds: dict[tuple[str | int | None, ...], type] = {}
    whole = set(paths)
    for path in paths:
        for at in range(1, len(path)):
            head, kind = path[:at], type(path[at])
            if head in whole or kinds.setdefault(head, kind) is not kind:
                return True
    return False


def _either_way(predicate: Predicate) -> bool:
    if isinstance(predicate, EachOf):
        return False
    if isinstance(predicate, Affix):
        return bool(predicate.text)
    if isinstance(predicate, Contains):
        return predicate.value != ""
    return not isinstance(predicate, OneOf) or all(map(_splits, predicate.patterns))


@lru_cache(maxsize=16384)
def _splits(pattern: Pattern) -> bool:
    """Whether some text matches a pattern and some does not."""
    if pattern.kind == "glob":
        return bool(pattern.text.strip("*/"))
    try:
        automata = [pattern.automaton()]
        return shortest(automata, all) is not None and shortest(automata, lambda met: not met[0]) is not None
    except TooLargeError:
        return False
