"""The slices of one or several policies, the rules that each concerns, and their spaces, made when first asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from policy_lang.formula import Formula
from policy_lang.meaning import Rule
from policy_lang.proof.boxes import Box, Boxes, Full
from policy_lang.proof.slices import BLANK, TOOL, Reach, Slice, reach_of, slices_of
from policy_lang.proof.space import Space

_FEW = 16  # atoms of a box up to which it is entered under each


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


class _Column:
    """Of one coordinate: which boxes admit which atoms. Sets of boxes are integers, a bit for each box."""

    def __init__(self, every: int) -> None:
        self.open = every  # the boxes that do not narrow this coordinate
        self.atoms: dict[int, int] = {}  # of an atom, the boxes with few atoms that have it
        self.wide: list[tuple[int, int]] = []  # boxes with many atoms: the box, its mask
        self.held = 0  # the atoms that boxes with few atoms have
        self._met: dict[int, int] = {}

    def enter(self, box: int, mask: int) -> None:
        self.open &= ~box
        if mask.bit_count() > _FEW:
            self.wide.append((box, mask))
            return
        self.held |= mask
        for atom in _bits(mask):
            self.atoms[atom] = self.atoms.get(atom, 0) | box

    def met(self, mask: int) -> int:
        """The boxes that admit some atom of a mask."""
        known = self._met.get(mask)
        if known is None:
            known = self.open
            for atom in _bits(mask & self.held):
                known |= self.atoms[atom]
            for box, wide in self.wide:
                if wide & mask:
                    known |= box
            self._met[mask] = known
        return known


class Cover:
    """Boxes that are looked up by what they meet. `full` is as in boxes.py."""

    def __init__(self, boxes: Boxes, full: Full) -> None:
        self._boxes, self._full = boxes, full
        self._every = (1 << len(boxes)) - 1
        self._columns: dict[int, _Column] = {}
        for number, box in enumerate(boxes):
            for place, mask in box.items():
                column = self._columns.get(place)
                if column is None:
                    column = self._columns[place] = _Column(self._every)
                column.enter(1 << number, mask)

    def near(self, box: Box, but: int = 0) -> Boxes:
        """Those that meet a box, without a set of them."""
        met = self._every & ~but
        for place, mask in box.items():
            column = self._columns.get(place)
            if column is not None and met:
                met &= column.met(mask)
        return [self._boxes[number] for number in _bits(met)]

    def escapes(self, box: Box, but: int = 0) -> bool:
        """Whether a point of a box that none holds is found at once. Strategy: the atom that the fewest boxes have."""
        left = self._every & ~but
        for place, column in self._columns.items():
            mask = box.get(place, self._full[place])
            mask = mask & ~column.held or mask
            left &= column.met(mask & -mask)
            if not left:
                return True
        return not left


def _bits(mask: int) -> list[int]:
    out = []
    while mask:
        low = mask & -mask
        out.append(low.bit_length() - 1)
        mask ^= low
    return out
