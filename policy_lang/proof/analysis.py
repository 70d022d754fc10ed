"""Rules that can never match, never permit, or add nothing; credentials that clash. Over all requests, exactly.

Strategy: a rule's clauses count where it certainly holds (`allow`, `grant`) or where it is not false (all others). A
rule adds nothing where each clause is also said by others wherever it counts; a permit is overridden where some denial
counts wherever it holds. Both are boxes that nothing is left of. Rules are gone through from the last to the first, and
what adds nothing is taken away, so that all rules that are named can be dropped at once. Where a question is too large,
nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from policy_lang.kinds import LEVELS, METHODS
from policy_lang.meaning import Rule
from policy_lang.policy import Policy
from policy_lang.proof.boxes import Boxes, Budget, TooManyError, both, covers, pieces
from policy_lang.proof.ground import Cover, Ground
from policy_lang.proof.slices import Slice
from policy_lang.proof.space import Space
from policy_lang.request import Request

STEPS: Final = 400_000
_NAMED: Final = 3  # rules that a finding names
_Clause: TypeAlias = "tuple[str, Callable[[Rule], bool], bool]"
What: TypeAlias = Literal["dead", "overridden", "nothing", "clash"]


@dataclass(frozen=True)
class Finding:
    """`others` are the rules that make it so; a clash has a request (JSON) that meets both."""

    what: What
    rule: Rule
    others: tuple[Rule, ...] = ()
    request: dict[str, Any] | None = None


def findings(ground: Ground, policy: Policy) -> list[Finding]:
    """What is wrong with rules as parts of their policy. `ground` is made from the policy, which confirms clashes."""
    return _Analysis(ground, policy).run()


class _Owned(NamedTuple):
    """Boxes, whose they are (by identity of the box), and of each rule (by identity) which ones, as bits."""

    cover: Cover
    owners: dict[int, Rule]
    bits: dict[int, int]


class _Analysis:
    def __init__(self, ground: Ground, policy: Policy) -> None:
        self._policy = policy
        self._ground = ground
        self._budget = Budget(STEPS)
        self._parts: dict[int, list[Slice]] = {id(rule): [] for rule in self._ground.rules}
        for part in self._ground.slices:
            for rule in self._ground.rules_in(part):
                self._parts[id(rule)].append(part)
        self._maskers: dict[tuple[str, str], int] = {}
        self._dropped: set[int] = set()
        self._covers: dict[tuple[Slice, str], _Owned] = {}
        self._gone: dict[tuple[Slice, str], int] = {}

    def run(self) -> list[Finding]:
        out: list[Finding] = []
        for rule in reversed(self._ground.rules):
            try:
                found = self._dead(rule) or self._overridden(rule) or self._adds_nothing(rule)
            except TooManyError:
                if self._budget.left < 0:
                    break
                continue
            if found is not None:
                out.append(found)
                if found.what == "nothing":
                    self._drop(rule)
        out.reverse()
        return [*out, *self._clashes()]

    # ---- one rule

    def _dead(self, rule: Rule) -> Finding | None:
        if any(self._ground.space(part).true(rule) for part in self._parts[id(rule)]):
            return None
        return Finding("dead", rule)

    def _overridden(self, rule: Rule) -> Finding | None:
        if not rule.effects.allow:
            return None
        others = self._covered(rule, True, "deny", lambda other: other.effects.deny is not None, False)
        return None if others is None else Finding("overridden", rule, others)

    def _adds_nothing(self, rule: Rule) -> Finding | None:
        effects = rule.effects
        if effects.approvals or effects.limits:
            return None  # these count for each rule
        named: dict[str, Rule] = {}
        for key, says, certain in _clauses(rule, self._alike):
            others = self._covered(rule, certain, key, says, certain)
            if others is None:
                return None
            named |= {other.name: other for other in others}
        return Finding("nothing", rule, tuple(named.values())[:_NAMED])

    def _alike(self, kind: str, method: str) -> Hashable:
        """The same for two kinds that the same rules mask as far."""
        known = self._maskers.get((kind, method))
        if known is None:
            says = _masks(kind, _as_far(method))
            bits = sum(1 << number for number, rule in enumerate(self._ground.rules) if says(rule))
            known = self._maskers[kind, method] = bits
        return known

    def _covered(
        self, rule: Rule, certain: bool, key: str, says: Callable[[Rule], bool], others_certain: bool
    ) -> tuple[Rule, ...] | None:
        """The other rules that say something wherever a rule counts; None if they do not."""
        named: dict[int, Rule] = {}
        for part in self._parts[id(rule)]:
            space = self._ground.space(part)
            boxes = space.true(rule) if certain else space.maybe(rule)
            if not boxes:
                continue
            cover, owners, bits = self._cover(part, key, says, others_certain)
            but = self._gone.get((part, key), 0) | bits.get(id(rule), 0)
            for box in boxes:
                self._budget.spend()
                if cover.escapes(box, but):
                    return None
                near = cover.near(box, but)
                self._budget.spend(len(near) // 8)
                whole = next((one for one in near if covers(one, box)), None)
                if whole is None and next(pieces(box, near, space.full, self._budget), None) is not None:
                    return None
                shown = near[:_NAMED] if whole is None else [whole]
                named |= {id(owners[id(one)]): owners[id(one)] for one in shown}
        return tuple(named.values())[:_NAMED]

    def _cover(self, part: Slice, key: str, says: Callable[[Rule], bool], certain: bool) -> _Owned:
        known = self._covers.get((part, key))
        if known is None:
            space = self._ground.space(part)
            boxes: Boxes = []
            owners: dict[int, Rule] = {}
            bits: dict[int, int] = {}
            for rule in self._ground.rules_in(part):
                if says(rule):
                    for box in _boxes(space, rule, certain):
                        bits[id(rule)] = bits.get(id(rule), 0) | 1 << len(boxes)
                        boxes.append(dict(box))
                        owners[id(boxes[-1])] = rule
            known = self._covers[part, key] = _Owned(Cover(boxes, space.full), owners, bits)
            gone = 0
            for dropped in self._dropped:
                gone |= bits.get(dropped, 0)
            self._gone[part, key] = gone
        return known

    def _drop(self, rule: Rule) -> None:
        self._dropped.add(id(rule))
        for place, owned in self._covers.items():
            self._gone[place] = self._gone.get(place, 0) | owned.bits.get(id(rule), 0)

    # ---- two credentials

    def _clashes(self) -> Iterator[Finding]:
        lending = [rule for rule in self._ground.rules if rule.effects.grant is not None]
        if len({rule.effects.grant.profile for rule in lending if rule.effects.grant}) < 2:
            return
        seen: set[tuple[int, int]] = set()
        for part in self._ground.slices:
            try:
                yield from self._clashes_in(part, seen)
            except TooManyError:
                continue

    def _clashes_in(self, part: Slice, seen: set[tuple[int, int]]) -> Iterator[Finding]:
        certain = self._ground.certain_in(part)
        lending = [rule for rule in certain if rule.effects.grant is not None]
        if len({rule.effects.grant.profile for rule in lending if rule.effects.grant}) < 2:
            return
        space = self._ground.space(part)
        cover, owners, _ = self._cover(part, "grants", lambda other: other.effects.grant is not None, True)
        denies, *_ = self._cover(part, "deny", lambda other: other.effects.deny is not None, False)
        for rule in lending:
            for box in space.true(rule):
                for near in cover.near(box):
                    other = owners[id(near)]
                    pair = (min(id(rule), id(other)), max(id(rule), id(other)))
                    if _profile(rule) >= _profile(other) or pair in seen:
                        continue
                    request = self._permitted(part, both([box], [near]), denies)
                    if request is not None:
                        seen.add(pair)
                        first, second = sorted((rule, other), key=lambda one: one.name)
                        yield Finding("clash", second, (first,), request)

    def _permitted(self, part: Slice, boxes: Boxes, denies: Cover) -> dict[str, Any] | None:
        """A request in the boxes that would be permitted, were it not for the two credentials."""
        space = self._ground.space(part)
        permits, *_ = self._cover(part, "allow", lambda other: other.effects.allow, True)
        for box in boxes:
            for permit in permits.near(box):
                for meeting in both([box], [permit]):
                    for piece in pieces(meeting, denies.near(meeting), space.full, self._budget):
                        data = space.request(piece)
                        if isinstance(data, dict) and self._policy.decide(Request.from_json(data)).effect == "deny":
                            return data
        return None


def _boxes(space: Space, rule: Rule, certain: bool) -> Boxes:
    """Where a rule counts; nowhere, as far as is known, if that is too large to say."""
    try:
        return space.true(rule) if certain else space.maybe(rule)
    except TooManyError:
        return []


def _profile(rule: Rule) -> str:
    return rule.effects.grant.profile if rule.effects.grant else ""


def _clauses(rule: Rule, alike: Callable[[str, str], Hashable]) -> Iterator[_Clause]:
    """What a rule says, each with whether another rule says as much, and whether it counts only where certain."""
    effects = rule.effects
    if effects.deny is not None:
        yield "deny", lambda other: other.effects.deny is not None, False
    if effects.allow:
        speaks, records = effects.says_mask, effects.record is not None
        yield (
            f"allow {speaks} {records}",
            lambda other: (
                other.effects.allow
                and (other.effects.says_mask or not speaks)
                and (other.effects.record is not None or not records)
            ),
            True,
        )
    yield from _shaping(rule, alike)


def _shaping(rule: Rule, alike: Callable[[str, str], Hashable]) -> Iterator[_Clause]:
    effects = rule.effects
    asked: set[Hashable] = set()
    for kind, method in effects.masks.items():
        same = alike(kind, method)  # what all the same rules mask as far is asked once
        if same not in asked:
            asked.add(same)
            yield f"mask {kind} {method}", _masks(kind, _as_far(method)), False
    level, seconds, grant = effects.record, effects.retain, effects.grant
    if level is not None:
        high = LEVELS[LEVELS.index(level) :]
        yield f"record {level}", lambda other: other.effects.record in high, False
    if seconds is not None:
        yield f"retain {seconds}", lambda other: (other.effects.retain or 0) >= seconds, False
    if grant is not None:
        lent = grant
        yield (
            f"grant {grant.profile} {grant.seconds}",
            lambda other: (
                other.effects.grant is not None
                and other.effects.grant.profile == lent.profile
                and other.effects.grant.seconds <= lent.seconds
            ),
            True,
        )


def _as_far(method: str) -> tuple[str, ...]:
    return METHODS[: METHODS.index(method) + 1]


def _masks(kind: str, methods: Sequence[str]) -> Callable[[Rule], bool]:
    return lambda other: other.effects.masks.get(kind) in methods
