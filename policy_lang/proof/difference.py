"""Which requests two policies decide differently, as regions, each with a request that shows it.

Strategy: only where a rule that one policy has and the other has not may apply can decisions differ. Those boxes, slice
by slice, are cut into parts (split.py); parts that change alike through the same rules are one region. Each region's
example is decided by both policies; what no request could be found for is said to be open, never left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from policy_lang.attributes import CALL_AT, CLAIMS_AT
from policy_lang.decision import Decision
from policy_lang.policy import Policy
from policy_lang.proof.boxes import Box, Budget, Full, TooManyError, pieces
from policy_lang.proof.compare import BOTH, Direction, Facet, directions, facets
from policy_lang.proof.ground import Cover, Ground
from policy_lang.proof.slices import Slice, slice_of
from policy_lang.proof.space import Space, holds
from policy_lang.proof.split import Part, Placed, Splitter, placed
from policy_lang.proof.touched import EFFECT, Entry, entries_of, same_policy
from policy_lang.request import Request
from policy_lang.segments import has_dot_segments

STEPS = 100_000


@dataclass(frozen=True)
class Change:
    """A region of requests whose decision changes.

    `request` (JSON) is one of them, `before` and `after` its decisions, `facets` what differs between these. `removed`
    and `added` are the names of the rules behind it, of the old and of the new policy (a changed rule stands in both).
    `directions` counts for the whole region.
    """

    directions: frozenset[Direction]
    what: tuple[str, ...]
    facets: tuple[Facet, ...]
    request: dict[str, Any]
    before: Decision
    after: Decision
    removed: tuple[str, ...]
    added: tuple[str, ...]
    _parts: tuple[tuple[Space, Box], ...] = field(repr=False)

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules responsible, each once."""
        return tuple(sorted({*self.removed, *self.added}))

    def contains(self, request: Request) -> bool:
        """Whether a request lies in the region. What is refused before anything is decided lies in none."""
        if any(isinstance(name, str) and has_dot_segments(name) for name in request.values[CALL_AT:CLAIMS_AT]):
            return False
        wanted = None
        for space, box in self._parts:
            if wanted is None:
                wanted = slice_of(request, space.slices)
            if space.part == wanted and holds(box, space.place(request)):
                return True
        return False


@dataclass(frozen=True)
class Difference:
    """`reasons` say what was not decided; without any, the changes are all there are.

    `notes` name what changed besides and what it comes to no decision shows: a detector that finds something else.
    """

    changes: tuple[Change, ...]
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        return not self.reasons

    @property
    def widenings(self) -> int:
        return sum("widening" in change.directions for change in self.changes)

    @property
    def narrowings(self) -> int:
        return sum("narrowing" in change.directions for change in self.changes)

    @property
    def summary(self) -> str:
        """`2 widenings, 1 narrowing`, or that nothing changes."""
        if not self.changes:
            return "no decision changes" if self.complete else "no change was found"
        return f"{_count(self.widenings, 'widening')}, {_count(self.narrowings, 'narrowing')}"


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"


def difference(old: Policy, new: Policy, first: bool = False, steps: int = STEPS) -> Difference:
    """Every region of requests that the two decide differently; with `first`, one is enough."""
    notes = _notes(old, new)
    if old.digest == new.digest or same_policy(old.meaning, new.meaning):
        return Difference((), (), notes)
    search = _Search(old, new, first, Budget(steps))
    changes = search.run()
    return Difference(tuple(changes), tuple(search.reasons), notes)


def _notes(old: Policy, new: Policy) -> tuple[str, ...]:
    """Kinds whose detectors are not the same: what is masked may differ where the decisions do not."""
    before = {one.kind: (one.pattern, frozenset(one.near)) for one in old.detectors}
    after = {one.kind: (one.pattern, frozenset(one.near)) for one in new.detectors}
    changed = sorted(kind for kind in {**before, **after} if before.get(kind) != after.get(kind))
    return tuple(f"the detector of {kind} {_fate(kind in before, kind in after)}" for kind in changed)


def _fate(was: bool, is_: bool) -> str:
    return "was added" if not was else "finds something else" if is_ else "was removed"


class _Search:
    def __init__(self, old: Policy, new: Policy, first: bool, budget: Budget) -> None:
        self._old, self._new, self._first, self._budget = old, new, first, budget
        self._entries = entries_of(old.meaning, new.meaning)
        self._gone = {entry.rule.name for entry in self._entries if entry.changed and entry.old}
        self._come = {entry.rule.name for entry in self._entries if entry.changed and entry.new}
        self._by_rule = {id(entry.rule): entry for entry in self._entries}
        self._ground = Ground(entry.rule for entry in self._entries)
        self.reasons: dict[str, None] = {}
        self._regions: dict[tuple[object, ...], list[tuple[Space, Part]]] = {}

    def run(self) -> list[Change]:
        for part in self._ground.slices:
            try:
                for space, found in self._slice(part):
                    key = (found.found, frozenset(_named(entry) for entry in found.changed))
                    self._regions.setdefault(key, []).append((space, found))
                    if self._first and (change := self._change(self._regions[key][-1:])):
                        return [change]
            except TooManyError:
                self.reasons[f"the {part} have more cases than are looked at"] = None
                if self._budget.left < 0:
                    break
        changes = [change for parts in self._regions.values() if (change := self._change(parts))]
        return sorted(changes, key=_order)

    def _slice(self, part: Slice) -> Iterator[tuple[Space, Part]]:
        entries = [self._by_rule[id(rule)] for rule in self._ground.rules_in(part)]
        changed = [entry for entry in entries if entry.changed]
        permitted = any(rule.effects.allow for rule in self._ground.certain_in(part))
        if not changed or (not permitted and not any(_is_recorded(entry) for entry in changed)):
            return
        space = self._ground.space(part)
        splitter = Splitter((self._old.meaning.kinds, self._new.meaning.kinds), space.full, self._budget)
        near = _Near([self._placed(space, entry) for entry in entries], space.full)
        done: list[Box] = []
        for entry in changed:
            here = near.of(entry)
            for box in _starts(here):
                for piece in pieces(box, done, space.full, self._budget):
                    for found in splitter.parts(piece, near.meeting(piece)):
                        yield space, found
                done.append(box)

    def _placed(self, space: Space, entry: Entry) -> Placed:
        rule = entry.rule
        needs = rule.effects.allow or rule.effects.grant is not None
        certain = space.true(rule) if needs else []
        return placed(entry, certain, space.maybe(rule) if rule.effects.restricts else [])

    def _change(self, parts: list[tuple[Space, Part]]) -> Change | None:
        """The region of some parts; None, and a reason, where no request was found in them."""
        why = ""
        for space, part in parts:
            data = space.request(part.box)
            if isinstance(data, str):
                why = data
                continue
            request = Request.from_json(data)
            before, after = self._old.decide(request), self._new.decide(request)
            real = facets(before, after)
            if not real:
                why = f"a request among the {space.part} is decided alike"
                continue
            names = {entry.rule.name for entry in part.changed}
            gone, come = sorted(names & self._gone), sorted(names & self._come)
            met = directions(part.found) or BOTH
            what = tuple(facet.what for facet in real)
            boxes = tuple((space, part.box) for space, part in parts)
            return Change(met, what, tuple(real), data, before, after, tuple(gone), tuple(come), boxes)
        self.reasons[why] = None
        return None


class _Near:
    """The rules of a slice with their boxes, looked up by what they meet."""

    def __init__(self, all_: list[Placed], full: Full) -> None:
        self._all = all_
        self._by_entry = {id(one.entry): one for one in all_}
        owner: dict[int, Placed] = {}
        boxes: list[Box] = []
        for one in all_:
            for box in (*one.true, *one.maybe):
                copy = dict(box)
                owner[id(copy)] = one
                boxes.append(copy)
        self._owner, self._boxes, self._cover = owner, boxes, Cover(boxes, full)

    def of(self, entry: Entry) -> Placed:
        return self._by_entry[id(entry)]

    def meeting(self, box: Box) -> list[Placed]:
        found = {id(self._owner[id(other)].entry): self._owner[id(other)] for other in self._cover.near(box)}
        return list(found.values())


def _starts(one: Placed) -> list[Box]:
    return one.maybe or one.true


def _named(entry: Entry) -> tuple[str, bool]:
    return entry.rule.name, entry.old


def _is_recorded(entry: Entry) -> bool:
    return bool(entry.touches & {"record", "retain"})


def _order(change: Change) -> tuple[bool, bool, tuple[str, ...]]:
    return "widening" not in change.directions, EFFECT not in change.what, change.rules
