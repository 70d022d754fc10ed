"""The slices of one or several policies, the rules that each concerns, and their spaces, made when first asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from policy_lang.formula import Formula
from policy_lang.meaning import Rule
from policy_lang.proof.boxes import Box, Boxes, apart
from policy_lang.proof.slices import BLANK, TOOL, Reach, Slice, reach_of, slices_of
from policy_lang.proof.space import Space

_FEW = 16  # atoms of an address up to which boxes are looked up by atom


class Ground:
    """Rules on trial change nothing, so they are left out. `extra` are formulas that will be asked about besides."""

    def __init__(self, rules: Iterable[Rule], extra: Sequence[Sequence[Formula]] = ()) -> None:
        self.rules = [rule for rule in rules if not rule.observe]
        self._extra = [(reach_of(formulas), formulas) for formulas in extra]
        formulas = [formula for rule in self.rules for formula in rule.formulas()]
        formulas += [formula for many in extra for formula in many]
        self.slices = slices_of(dict.fromkeys(formulas))
        self._parts = frozenset(self.slices)
        self.servers = frozenset(part.server for part in self.slices if part.server is not None)
        self._reaches = {id(rule): reach_of(rule.formulas()) for rule in self.rules}
        self._by_server: dict[str | None, list[int]] = defaultdict(list)
        for number, rule in enumerate(self.rules):
            servers = self._reaches[id(rule)].servers
            for server in servers if servers is not None else (None,):
                self._by_server[server].append(number)
        self._spaces: dict[Slice, Space] = {}
        self._rules: dict[Slice, list[Rule]] = {}

    def reach(self, rule: Rule) -> Reach:
        return self._reaches[id(rule)]

    def rules_in(self, part: Slice) -> list[Rule]:
        """The rules that are not false in the whole slice, as far as their top lines say so."""
        known = self._rules.get(part)
        if known is None:
            numbers: Iterable[int] = range(len(self.rules))
            if part.kind == TOOL and part.server is not None:
                numbers = sorted({*self._by_server[None], *self._by_server.get(part.server, ())})
            known = [self.rules[n] for n in numbers if self._reaches[id(self.rules[n])].touches(part)]
            self._rules[part] = known
        return known

    def certain_in(self, part: Slice) -> list[Rule]:
        """The rules that may certainly hold somewhere in the slice."""
        rules = self.rules_in(part)
        if part.kind != BLANK:
            return rules
        return [rule for rule in rules if self._reaches[id(rule)].kind is None]

    def space(self, part: Slice) -> Space:
        known = self._spaces.get(part)
        if known is None:
            formulas = [formula for rule in self.rules_in(part) for formula in rule.formulas()]
            for reach, many in self._extra:
                if reach.touches(part):
                    formulas += many
            known = self._spaces[part] = Space(part, self.servers, formulas, self._parts)
        return known


class Cover:
    """Boxes that are to be subtracted, looked up by the first coordinate, which is the address."""

    def __init__(self, boxes: Boxes) -> None:
        self._boxes = boxes
        self._anywhere: list[int] = []
        self._by_atom: dict[int, list[int]] = defaultdict(list)
        for number, box in enumerate(boxes):
            mask = box.get(0)
            if mask is None or mask.bit_count() > _FEW:
                self._anywhere.append(number)
            else:
                for atom in _bits(mask):
                    self._by_atom[atom].append(number)

    def near(self, box: Box) -> Boxes:
        """Those that meet a box."""
        mask = box.get(0)
        if mask is None or mask.bit_count() > _FEW:
            return [other for other in self._boxes if not apart(box, other)]
        numbers = {*self._anywhere, *(n for atom in _bits(mask) for n in self._by_atom.get(atom, ()))}
        return [other for number in sorted(numbers) if not apart(box, other := self._boxes[number])]


def _bits(mask: int) -> list[int]:
    out = []
    while mask:
        low = mask & -mask
        out.append(low.bit_length() - 1)
        mask ^= low
    return out
