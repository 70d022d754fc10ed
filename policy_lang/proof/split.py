"""From boxes in which some rule changed to boxes in which the two decisions differ in one and the same way.

Strategy: a box is cut along the rules that it lies half in, until every rule that could matter either applies to all of
it, certainly or perhaps, or to none. What matters is asked in two steps: first whether the call is permitted before and
after; only where it is in both (or in neither), what else of the decision the changed rules touch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from policy_lang.decision import Decision
from policy_lang.join import join
from policy_lang.proof.boxes import Box, Boxes, Budget, apart, covers, meet, without
from policy_lang.proof.compare import NARROWER, WIDER, Facet, facets
from policy_lang.proof.touched import EFFECT, SILENCE, Entry

_OPEN, _PERHAPS, _CERTAIN = 0, 1, 2


class Placed(NamedTuple):
    """A rule with the boxes where it certainly holds and where it is not false, as far as these matter to it."""

    entry: Entry
    true: Boxes
    maybe: Boxes


class _Live(NamedTuple):
    entry: Entry
    true: Boxes
    maybe: Boxes
    status: int


@dataclass(frozen=True)
class Part:
    """A box in which every request's decision changes alike; `changed` are the rules that are no longer or not yet."""

    box: Box
    found: tuple[Facet, ...]
    changed: tuple[Entry, ...]


@dataclass(frozen=True)
class Splitter:
    """`kinds` are the kinds of data of the old and of the new policy; `full` as in boxes.py."""

    kinds: tuple[tuple[str, ...], tuple[str, ...]]
    full: Sequence[int]
    budget: Budget

    def parts(self, start: Box, placed: Sequence[Placed]) -> Iterator[Part]:
        """The parts of a box. Raises TooManyError when the budget is spent."""
        stack: list[tuple[Box, Sequence[Placed]]] = [(start, placed)]
        while stack:
            box, near = stack.pop()
            self.budget.spend(1 + len(near) // 16)
            live = _settled(box, near)
            if not any(one.entry.changed for one in live):
                continue
            cut = self._cut(box, live)
            if cut is None:
                part = self._part(box, live)
                if part is not None:
                    yield part
                continue
            inner = meet(box, cut)
            rest = [Placed(one.entry, one.true, one.maybe) for one in live]
            stack += [(piece, rest) for piece in without(box, cut, self.full)]
            if inner is not None:
                stack.append((inner, rest))

    def _cut(self, box: Box, live: Sequence[_Live]) -> Box | None:
        """A box along which to cut next; None where all that matters is settled."""
        for one in sorted(self._unsettled(live), key=_order):
            for other in (*one.true, *one.maybe):
                if not covers(other, box):
                    return other
        return None

    def _unsettled(self, live: Sequence[_Live]) -> list[_Live]:
        """Rules that matter and are not settled: those first that say whether the call is permitted."""
        if _denied(live) or not any(_permittable(live, new) for new in (False, True)):
            return [one for one in live if one.status == _OPEN and _is_kept(one, live)]
        sure = any(one.status == _CERTAIN and not one.entry.changed and one.entry.rule.effects.allow for one in live)
        first = [one for one in live if one.status == _OPEN and _decides(one, sure, _profiles(live))]
        if first:
            return first
        before, after = self._decided(live)
        if before.effect == "deny" and after.effect == "deny":
            return [one for one in live if one.status == _OPEN and _is_kept(one, live)]
        if before.effect == "deny" or after.effect == "deny":
            return []
        return [one for one in live if one.status == _OPEN and _shapes(one, live)]

    def _decided(self, live: Sequence[_Live]) -> tuple[Decision, Decision]:
        ordered = sorted((one for one in live if one.status != _OPEN), key=lambda one: one.entry.rule.name)
        sides = []
        for new, kinds in enumerate(self.kinds):
            applied = [(one.entry.rule, one.status == _CERTAIN) for one in ordered
                       if (one.entry.new if new else one.entry.old)]  # fmt: skip
            sides.append(join(applied, kinds, ""))
        return sides[0], sides[1]

    def _part(self, box: Box, live: Sequence[_Live]) -> Part | None:
        before, after = self._decided(live)
        found = facets(before, after)
        if not found:
            return None
        if found[0].what == EFFECT:
            wider = before.effect == "deny"
            found = [
                Facet(EFFECT, WIDER if wider else NARROWER, "denied → permitted" if wider else "permitted → denied")
            ]
        changed = [one.entry for one in live if one.entry.changed and one.status != _OPEN]
        causes = [entry for entry in changed if any(_causes(entry, facet.what) for facet in found)]
        return Part(box, tuple(found), tuple(causes or changed))


def placed(entry: Entry, true: Boxes, maybe: Boxes) -> Placed:
    """A rule with the boxes that matter: where it is certain for what permits and lends, else where it is possible."""
    effects = entry.rule.effects
    needs = effects.allow or effects.grant is not None
    return Placed(entry, true if needs else [], maybe if effects.restricts else [])


def _causes(entry: Entry, what: str) -> bool:
    """Whether what changed about a rule can change this of a decision."""
    return what in entry.touches or (what == "mask" and SILENCE in entry.touches)


def _settled(box: Box, near: Sequence[Placed]) -> list[_Live]:
    live = []
    for entry, true, maybe in near:
        true = [other for other in true if not apart(other, box)]
        maybe = [other for other in maybe if not apart(other, box)]
        if not true and not maybe:
            continue
        if any(covers(other, box) for other in true):
            status = _CERTAIN
        elif not true and any(covers(other, box) for other in maybe):
            status = _PERHAPS
        else:
            status = _OPEN
        live.append(_Live(entry, true, maybe, status))
    return live


def _order(one: _Live) -> tuple[bool, bool, int]:
    return not one.entry.changed, one.entry.rule.effects.deny is None, len(one.true) + len(one.maybe)


def _denied(live: Sequence[_Live]) -> bool:
    """Whether a rule of both policies denies the whole box."""
    return any(
        one.status != _OPEN and one.entry.rule.effects.deny is not None and one.entry.old and one.entry.new
        for one in live
    )


def _permittable(live: Sequence[_Live], new: bool) -> bool:
    return any(one.true and one.entry.rule.effects.allow and (one.entry.new if new else one.entry.old) for one in live)


def _profiles(live: Sequence[_Live]) -> int:
    return len({one.entry.rule.effects.grant.profile for one in live if one.entry.rule.effects.grant and one.true})


def _decides(one: _Live, sure: bool, profiles: int) -> bool:
    """Whether a rule may say whether the call is permitted at all."""
    effects = one.entry.rule.effects
    if effects.deny is not None or (effects.grant is not None and profiles > 1):
        return True
    return effects.allow and (not sure or EFFECT in one.entry.touches)


def _touched(live: Sequence[_Live]) -> tuple[frozenset[str], frozenset[str] | None]:
    """What of a decision the changed rules in a box touch, and which kinds of data; None for all kinds."""
    changed = [one.entry for one in live if one.entry.changed]
    touches: frozenset[str] = frozenset().union(*(entry.touches for entry in changed))
    kinds: frozenset[str] = frozenset().union(*(entry.kinds for entry in changed))
    return touches, None if SILENCE in touches else kinds


def _is_kept(one: _Live, live: Sequence[_Live]) -> bool:
    """Whether a rule shapes what is recorded of a denial that the changed rules touch."""
    touches, _ = _touched(live)
    effects = one.entry.rule.effects
    if not touches & {"record", "retain"}:
        return False
    return ("record" in touches and effects.record is not None) or ("retain" in touches and effects.retain is not None)


def _shapes(one: _Live, live: Sequence[_Live]) -> bool:
    """Whether a rule shapes what of a permitted call's decision the changed rules touch."""
    if one.entry.changed:
        return True
    touches, kinds = _touched(live)
    effects = one.entry.rule.effects
    masks = bool(touches & {"mask", SILENCE})
    if masks and effects.allow and effects.says_mask:
        return True
    if masks and effects.masks and (kinds is None or not kinds.isdisjoint(effects.masks)):
        return True
    return bool(
        ("record" in touches and effects.record is not None)
        or ("retain" in touches and effects.retain is not None)
        or ("grant" in touches and effects.grant is not None)
    )
