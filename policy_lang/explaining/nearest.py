"""The least change of a request that turns a refusal, confirmed by deciding it.

Strategy: best first over partly changed requests. Where a rule denies, one of its lines must be made to fail; where
nothing permits, the first line that does not hold of one chosen permit must be made to hold. What is still lacking of
that permit estimates how far it is, so that the search goes straight for the permit that lacks least. The call itself
(its command or address) is changed only where nothing else helps. How few changes can turn it at all is known before
(permitted.py), so that nothing is searched for in vain, and there is an answer where small steps lead nowhere.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from policy_lang.decision import Decision
from policy_lang.errors import RequestError
from policy_lang.explaining.candidates import Candidates, Spot, put, spot_of, value_at
from policy_lang.explaining.permitted import Nearest, made, nearest_permitted
from policy_lang.explaining.truths import truth_of
from policy_lang.formula import FALSE, TRUE, Formula, leaves
from policy_lang.meaning import Rule
from policy_lang.policy import Policy
from policy_lang.request import Request

_STEPS = 600  # requests that are decided
_DEPTH = 6
_PERMITS = 40
_ANSWERS = 3

Data: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Turn:
    """Places that would have to say something else, from what to what, and the decision then."""

    changes: tuple[tuple[Spot, Any, Any], ...]
    request: dict[str, Any]
    decision: Decision


def nearest_requests(policy: Policy, data: Data) -> list[Turn]:
    """The least changes that turn a refusal, the fewest first; nothing where none was found within bounds."""
    for free in (False, True):
        nearest = nearest_permitted(policy, data, free)
        if nearest.changes or not nearest.complete:
            parts = len(nearest.changes)
            found = _Search(policy, data, parts + 1 if parts else _DEPTH).run(free)
            exact = _turn(policy, data, nearest)
            if exact and not any(_parts(turn) <= parts for turn in found):
                return [exact]
            if found:
                return found
    return []


def _turn(policy: Policy, data: Data, nearest: Nearest) -> Turn | None:
    changed = made(data, nearest.changes) if nearest.changes else None
    if changed is None:
        return None
    changes = tuple((spot, value_at(data, spot), value_at(changed, spot)) for spot, _ in nearest.changes)
    return Turn(changes, changed, policy.decide(Request.from_json(changed)))


def _parts(turn: Turn) -> int:
    """In how many parts of a request something changes; all under one argument is one."""
    return len({(spot.kind, spot.name, spot.steps[:1]) for spot, _, _ in turn.changes})


class _Search:
    def __init__(self, policy: Policy, data: Data, depth: int) -> None:
        self.policy, self.data, self.depth = policy, data, depth
        self.values = Candidates(policy.meaning)
        self.rules = {rule.name: rule for rule in policy.meaning.rules}

    def run(self, free: bool) -> list[Turn]:
        found: list[Turn] = []
        count = itertools.count()
        heap: list[tuple[int, int, Data, tuple[Spot, ...], Rule]] = []
        for rule in self._permits():
            heapq.heappush(heap, (self._lacking(rule, self.data), next(count), self.data, (), rule))
        seen: set[str] = set()
        for _ in range(_STEPS):
            if not heap:
                break
            _, _, data, spots, target = heapq.heappop(heap)
            request = Request.from_json(data)
            decision = self.policy.decide(request)
            if decision.effect != "deny":
                if found and len(spots) > len(found[0].changes):
                    break
                self._keep(found, spots, data, decision)
                if len(found) >= _ANSWERS:
                    break
                continue
            if len(spots) >= self.depth or (found and len(spots) >= len(found[0].changes)):
                continue
            for spot, changed in self._next(request, decision, data, target, free):
                if spot in spots:
                    continue
                key = repr((target.name, sorted(map(str, (*spots, spot))), sorted(map(str, changed.items()))))
                if key not in seen:
                    seen.add(key)
                    cost = len(spots) + 1 + self._lacking(target, changed)
                    heapq.heappush(heap, (cost, next(count), changed, (*spots, spot), target))
        return found

    def _permits(self) -> list[Rule]:
        permits = [rule for rule in self.policy.meaning.rules if rule.effects.allow and not rule.observe]
        return sorted(permits, key=lambda rule: (self._lacking(rule, self.data), rule.name))[:_PERMITS]

    def _lacking(self, rule: Rule, data: Data) -> int:
        request = Request.from_json(data)
        return sum(truth_of(formula, request) != TRUE for formula in rule.formulas())

    def _keep(self, found: list[Turn], spots: tuple[Spot, ...], data: Data, decision: Decision) -> None:
        places = set(spots)
        if all({spot for spot, _, _ in turn.changes} != places for turn in found):
            changes = tuple((spot, value_at(self.data, spot), value_at(data, spot)) for spot in spots)
            found.append(Turn(changes, dict(data), decision))

    def _next(
        self, request: Request, decision: Decision, data: Data, target: Rule, free: bool
    ) -> Iterator[tuple[Spot, dict[str, Any]]]:
        """Requests with one more change, towards the target."""
        if decision.reason is not None:
            denying = self.rules.get(decision.rules[0]) if decision.rules else None
            for formula in denying.formulas() if denying else ():
                yield from self._made(formula, FALSE, request, data, free)
            return
        for formula in target.formulas():
            if truth_of(formula, request) != TRUE:
                yield from self._made(formula, TRUE, request, data, free)
                return

    def _made(
        self, formula: Formula, wanted: int, request: Request, data: Data, free: bool
    ) -> Iterator[tuple[Spot, dict[str, Any]]]:
        """Changes of one place that make a formula come out as wanted, or one of its tests otherwise."""
        for leaf in leaves(formula):
            spot = spot_of(leaf)
            if spot is None or (spot.addresses and not free):
                continue
            before = truth_of(leaf, request)
            for value in [value_at(data, spot), *self.values.of(spot, leaf)]:
                changed = put(data, spot, value)
                after = None if changed is None else _read(changed)
                if changed is None or after is None:
                    continue
                if truth_of(formula, after) == wanted or truth_of(leaf, after) not in (before, 1):
                    yield spot, changed


def _read(data: Data) -> Request | None:
    try:
        return Request.from_json(data)
    except RequestError:
        return None
