"""Whether a `never` holds of every possible request: language.md, "What it means", 6.

Strategy: a request breaks a `never` if its lines may hold, some rule certainly permits it, no rule that may hold denies
it, and what the `never` asks for is missing. For each permit that is a union of boxes from which others are subtracted;
what is left is turned into a request, and `decide` has the last word. "Proved" is said only where nothing is left
anywhere; where something is left that no known request lies in, or the bound on steps is met, the answer is neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from policy_lang.decision import Approval, Decision
from policy_lang.formula import Formula
from policy_lang.kinds import METHODS
from policy_lang.meaning import Meaning, Never, Rule
from policy_lang.policy import Policy
from policy_lang.proof.boxes import Box, Boxes, Budget, TooManyError, both, pieces
from policy_lang.proof.ground import Cover, Ground
from policy_lang.proof.slices import Slice, reach_of
from policy_lang.proof.space import MAYBE, Space
from policy_lang.request import Request

Verdict: TypeAlias = Literal["proved", "violated", "not proved"]
STEPS = 150_000  # of one never
ALL_STEPS = 600_000  # of all nevers of a policy
_TRIES = 200  # candidates of one slice that are turned into requests


@dataclass(frozen=True)
class Proof:
    """The answer about one `never`. A violation has a whole request and its decision, else `because` says why."""

    never: Never
    verdict: Verdict
    request: dict[str, Any] | None = None
    decision: Decision | None = None
    because: str = ""


def ground_of(meaning: Meaning) -> Ground:
    """A policy's slices and rules, and what its `never`s ask about."""
    return Ground(meaning.rules, [formulas_of(never) for never in meaning.nevers])


def proofs(meaning: Meaning, policy: Policy, ground: Ground | None = None) -> list[Proof]:
    """One proof for every `never`, in order. `policy` is the same policy, and confirms what is found."""
    if not meaning.nevers:
        return []
    ground = ground or ground_of(meaning)
    courts: dict[Slice, Court] = {}
    out, left = [], ALL_STEPS
    for never in meaning.nevers:
        budget = Budget(min(STEPS, left))
        left -= budget.left
        out.append(_proof(never, ground, courts, policy, budget))
        left += max(0, budget.left)
    return out


def formulas_of(never: Never) -> tuple[Formula, ...]:
    return tuple(condition.formula for condition in never.conditions)


def breaks(decision: Decision, never: Never) -> bool:
    """Whether a decision is one that a `never` whose lines may hold does not allow."""
    if decision.effect == "deny":
        return False
    if never.approval is not None and any(asks(one, never.approval) for one in decision.approvals):
        return False
    if never.mask is None:
        return True
    return any(kind not in decision.mask or never.method not in (None, decision.mask[kind]) for kind in never.mask)


def asks(approval: Approval, groups: tuple[str, ...]) -> bool:
    """Whether an approval cannot be given without the word of one of the groups; without groups, of anybody."""
    return not groups or (bool(approval.from_) and set(approval.from_) <= set(groups))


def _proof(never: Never, ground: Ground, courts: dict[Slice, Court], policy: Policy, budget: Budget) -> Proof:
    doubts: dict[str, None] = {}
    formulas = formulas_of(never)
    reach = reach_of(formulas)
    for part in ground.slices:
        if not reach.touches(part) or not any(rule.effects.allow for rule in ground.certain_in(part)):
            continue
        try:
            court = courts.get(part) or courts.setdefault(part, Court(ground, part))
            found = _violation(never, court, budget, policy, doubts)
        except TooManyError:
            doubts[f"the {part} have more cases than are looked at"] = None
            continue
        if found is not None:
            return found
    if doubts:
        return Proof(never, "not proved", because="; ".join(list(doubts)[:3]))
    return Proof(never, "proved")


def _violation(never: Never, court: Court, budget: Budget, policy: Policy, doubts: dict[str, None]) -> Proof | None:
    for tried, box in enumerate(court.candidates(never, budget)):
        if tried >= _TRIES:
            break
        data = court.space.request(box)
        if isinstance(data, dict):
            request = Request.from_json(data)
            decision = policy.decide(request)
            if breaks(decision, never) and may_hold(never, request):
                return Proof(never, "violated", data, decision)
            doubts[f"a request was found among the {court.space.part} that is decided in another way"] = None
        else:
            doubts[data] = None
    return None


def may_hold(never: Never, request: Request) -> bool:
    """Whether no line of a `never` is false for a request."""
    from policy_lang.evaluate import compiled
    from policy_lang.formula import FALSE

    return all(compiled(f)(request.values, request.args, request.time) != FALSE for f in formulas_of(never))


class Court:
    """The rules of a slice, sorted by what they say, each with the boxes where it counts."""

    def __init__(self, ground: Ground, part: Slice) -> None:
        self.space: Space = ground.space(part)
        rules, certain = ground.rules_in(part), ground.certain_in(part)
        self._rules = rules
        self.permits = [rule for rule in certain if rule.effects.allow]
        self._grants = [rule for rule in certain if rule.effects.grant is not None]
        denied = self._known([rule for rule in rules if rule.effects.deny is not None], self.space.maybe)
        self._denied = Cover([*denied, *self._clashes()], self.space.full)
        self._covers: dict[tuple[str, ...], Cover] = {}

    def _known(self, rules: Sequence[Rule], where: Callable[[Rule], Boxes]) -> Boxes:
        """What is to be taken away. A rule that is too large to say where it counts takes nothing away."""
        out: Boxes = []
        for rule in rules:
            try:
                out += where(rule)
            except TooManyError:
                continue
        return out

    def _clashes(self) -> Boxes:
        """Where two profiles are granted, which denies."""
        out: Boxes = []
        profiles = {rule.effects.grant.profile for rule in self._grants if rule.effects.grant}
        if len(profiles) < 2:
            return out
        boxes = [(rule.effects.grant.profile, box) for rule in self._grants if rule.effects.grant
                 for box in self._known([rule], self.space.true)]  # fmt: skip
        cover = {
            profile: Cover([box for other, box in boxes if other == profile], self.space.full) for profile in profiles
        }
        for profile, box in boxes:
            for other in profiles:
                if other > profile:
                    out += both([box], cover[other].near(box))
        return out

    def candidates(self, never: Never, budget: Budget) -> Iterator[Box]:
        """Boxes of which every request breaks the `never`, as far as the coordinates tell. Raises TooManyError."""
        meant = self.space.meeting(formulas_of(never), MAYBE)
        if not meant:
            return
        for permit in self.permits:
            starts = both(meant, self.space.true(permit))
            for need, covers in self._cases(never, permit):
                for start in both(starts, need):
                    budget.spend()
                    near = [box for cover in (self._denied, *covers) for box in cover.near(start)]
                    yield from pieces(start, near, self.space.full, budget)

    def _cases(self, never: Never, permit: Rule) -> Iterator[tuple[Boxes, list[Cover]]]:
        """The ways in which what the `never` asks for can be missing: where, and what must not be there."""
        unasked = [] if never.approval is None else [self._asking(never.approval)]
        if never.mask is None:
            yield [{}], unasked
            return
        for kind in never.mask:
            for need, cover in self._unmasked(kind, never.method, permit):
                yield need, [*unasked, *cover]

    def _asking(self, groups: tuple[str, ...]) -> Cover:
        return self._cover(
            ("approval", *groups), [r for r in self._rules if any(asks(one, groups) for one in r.effects.approvals)]
        )

    def _unmasked(self, kind: str, method: str | None, permit: Rule) -> Iterator[tuple[Boxes, list[Cover]]]:
        """Where a kind is not masked, or not by the method: nothing masks it so far, or something masks it further."""
        says = permit.effects.says_mask
        if says:  # else all is masked, but where another permit speaks, which has its own turn
            yield [{}], [self._masking(kind, method or METHODS[-1])]
        if method in (None, METHODS[0]):
            return
        if not says:
            speaking = [rule for rule in self.permits if rule.effects.says_mask]
            yield [{}], [self._cover(("speaking",), speaking, certain=True)]
        further = METHODS[METHODS.index(str(method)) - 1]
        yield [box for rule in self._masks(kind, further) for box in self.space.maybe(rule)], []

    def _masks(self, kind: str, method: str) -> list[Rule]:
        """The rules that mask a kind at least as far as a method."""
        far = METHODS[: METHODS.index(method) + 1]
        return [rule for rule in self._rules if rule.effects.masks.get(kind) in far]

    def _masking(self, kind: str, method: str) -> Cover:
        return self._cover(("mask", kind, method), self._masks(kind, method))

    def _cover(self, key: tuple[str, ...], rules: Sequence[Rule], certain: bool = False) -> Cover:
        known = self._covers.get(key)
        if known is None:
            boxes = self._known(rules, self.space.true if certain else self.space.maybe)
            known = self._covers[key] = Cover(boxes, self.space.full)
        return known
