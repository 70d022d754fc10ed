"""How an object of a shape that was met before is gone through: a few steps for all its fields, not some for each.

Strategy: a field's name and rule have a node, which finds the shape of an object by its keys in one step. For each
outcome of a shape's refinement the fields are parted once by what is done with them, as the first such object had them:
those whose strings are only compared with what is known to be quiet (all at once), those whose strings are masked by
name, numbers, and containers with the nodes of their own. An object that has them otherwise is gone through field by
field. What is made for shapes is bounded together: when there is too much of it all of it is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from . import shapes
from .fields import CODE, SCAN, Rule
from .keys import SAFE_KEY
from .plainly import NotPlainError

if TYPE_CHECKING:
    from .flat import Flat

_MAX_HELD = 100_000  # keys of shapes and of their outcomes, about 0.5 KB each
Strings = Callable[[dict[str, Any]], Collection[Any]]
# A place in the order of open strings where the fields named begin anew: something quiet stands there.
Gap = tuple[None, tuple[str, ...], None, None, None]


class Node(dict[tuple[str, ...], "Shape"]):
    """The shapes of the objects in the fields called `parent` whose rule is `rule`, by the objects' keys."""

    __slots__ = ("parent", "rule")

    def __init__(self, parent: str, rule: Rule) -> None:
        super().__init__()
        self.parent, self.rule = parent, rule

    def __missing__(self, keys: tuple[str, ...]) -> Shape:
        for key in keys:
            if type(key) is not str:
                raise NotPlainError
        shape = Shape(shapes.plan(keys, self.parent, self.rule), plain=all(map(SAFE_KEY.fullmatch, keys)))
        if shape.plain:
            _nodes.hold(len(keys) + 1)
            self[keys] = shape
        return shape


class _Nodes(dict[tuple[str, Rule], Node]):
    """The nodes of the process. `held` is what they weigh."""

    held = 0

    def hold(self, weight: int) -> None:
        """Note what is about to be kept."""
        if self.held + weight > _MAX_HELD:
            self.clear()
            self.held = 0
        self.held += weight


_nodes = _Nodes()


def hold(weight: int) -> None:
    """Note what is about to be kept beside the nodes, in keys."""
    _nodes.hold(weight)


def node(parent: str, rule: Rule) -> Node:
    """The node of a field."""
    found = _nodes.get((parent, rule))
    if found is None:
        _nodes.hold(1 + len(parent) // 64)
        found = _nodes[(parent, rule)] = Node(parent, rule)
    return found


class Shape:
    """A plan and the steps through its objects, by their refined rules.

    `only` is the steps where values have no say; `plain` says that every key is a name, so that none can hold a value.
    `met` is the mark of the walk that met the shape last.
    """

    __slots__ = ("met", "only", "plain", "plan", "steps")

    def __init__(self, plan: shapes.Plan, *, plain: bool) -> None:
        self.plan, self.plain = plan, plain
        self.only: Steps | None = None
        self.steps: dict[tuple[Rule, ...], Steps] = {}
        self.met: object = None

    def through(self, obj: dict[str, Any]) -> Steps:
        """The steps through `obj`, an object of this shape."""
        rules = self.plan.rules_for(obj)
        found = self.steps.get(rules)
        if found is None:
            _nodes.hold(len(rules) + 1)
            found = self.steps[rules] = Steps(self.plan.keys, rules, list(obj.values()))
        if self.plan.refine is None and self.plain:
            self.only = found
        return found


class Steps:
    """The fields of one shape under one outcome of its refinement, parted by what is done with them.

    `codes` and `scans` give the strings of fields with those rules, which are `code_keys` and `scan_keys`; `slots` are
    other strings, and numbers, with their rules and, for strings, the gap they are when quiet; `inner` are containers
    with their nodes and the gap that stands before them, `gap` is what stands behind the last; `rest` is what is true,
    false or nothing. `flat` is the way through such an object and the objects in it at once, made when some were
    `seen`, and `again` when many more were.
    """

    __slots__ = (
        "again",
        "code_keys",
        "codes",
        "flat",
        "gap",
        "inner",
        "rest",
        "rules",
        "scan_keys",
        "scans",
        "seen",
        "slots",
    )

    def __init__(self, keys: Sequence[str], rules: tuple[Rule, ...], values: Sequence[Any]) -> None:
        self.rules = rules
        self.flat: Flat | None = None
        self.seen, self.again = 0, 1
        codes: list[str] = []
        scans: list[str] = []
        slots: list[tuple[str, Rule, Gap | None]] = []
        inner, rest = [], []
        passed = 0
        for key, rule, value in zip(keys, rules, values, strict=True):
            kind = type(value)
            if kind is str:
                if rule is CODE:
                    codes.append(key)
                elif rule is SCAN:
                    scans.append(key)
                else:
                    slots.append((key, rule, gap_of([key])))
            elif kind is dict or kind is list:
                inner.append((key, node(key, rule), gap_of(scans[passed:]) if passed < len(scans) else None))
                passed = len(scans)
            elif kind is int or kind is float:
                slots.append((key, rule, None))
            else:
                rest.append(key)
        self.code_keys, self.scan_keys = tuple(codes), tuple(scans)
        self.codes, self.scans = _strings(codes), _strings(scans)
        self.gap = gap_of(scans[passed:]) if passed < len(scans) else None
        self.slots, self.inner, self.rest = tuple(slots), tuple(inner), tuple(rest)


def gap_of(keys: Iterable[str]) -> Gap:
    """The place among open strings where something quiet stands in the fields `keys`."""
    return None, tuple(keys), None, None, None


def _strings(keys: list[str]) -> Strings | None:
    """What gives the values of `keys` as a tuple; nothing for none."""
    if not keys:
        return None
    return itemgetter(*keys) if len(keys) > 1 else itemgetter(keys[0], keys[0])
