"""What changed between two policies: the rules that only one of them has, and what of a decision they touch."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace

from policy_lang.formula import Formula
from policy_lang.meaning import Effects, Meaning, Rule

EFFECT, SILENCE = "effect", "silence"  # whether it is permitted; whether a certain permit says what is masked


@dataclass(frozen=True)
class Entry:
    """A rule of the old policy, the new one, or both. `touches` is empty where both have it."""

    rule: Rule
    old: bool
    new: bool
    touches: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()  # of data, where `touches` has mask

    @property
    def changed(self) -> bool:
        return bool(self.touches)


def entries_of(old: Meaning, new: Meaning) -> list[Entry]:
    """The rules of both policies; a rule that only its name tells from another counts as the same."""
    if old.kinds != new.kinds:  # then even what no rule says (all is masked) is something else
        return [*_all_changed(old, new)]
    same, ones_left, others_left = _paired(old, new)
    mine, its = _by_content(ones_left), _by_content(others_left)
    out = [Entry(rule, old=True, new=True) for rule in same]
    gone: list[Rule] = []
    come: list[Rule] = []
    for key in {**mine, **its}:
        ones, others = mine.get(key, []), its.get(key, [])
        shared = min(len(ones), len(others))
        out += [Entry(rule, old=True, new=True) for rule in ones[:shared]]
        gone += ones[shared:]
        come += others[shared:]
    return [*out, *_changed(gone, come)]


def same_policy(old: Meaning, new: Meaning) -> bool:
    """Whether nothing but names, order and what is on trial differs."""
    if old.kinds != new.kinds:
        return False
    _, mine, its = _paired(old, new)
    return Counter(map(_content, mine)) == Counter(map(_content, its))


def _paired(old: Meaning, new: Meaning) -> tuple[list[Rule], list[Rule], list[Rule]]:
    """The rules that stand in both to the letter, which is seen at once, and what is left of each."""
    letter = {rule.name: rule for rule in _live(new)}
    same, left = [], []
    for rule in _live(old):
        if letter.get(rule.name) == rule:
            same.append(rule)
            del letter[rule.name]
        else:
            left.append(rule)
    return same, left, list(letter.values())


def _live(meaning: Meaning) -> Iterable[Rule]:
    return (rule for rule in meaning.rules if not rule.observe)


def _by_content(rules: Iterable[Rule]) -> dict[Hashable, list[Rule]]:
    out: dict[Hashable, list[Rule]] = defaultdict(list)
    for rule in rules:
        out[_content(rule)].append(rule)
    return out


def _content(rule: Rule) -> Hashable:
    effects = rule.effects
    return (_conditions(rule), *(_hashable(value) for value in _parts(effects).values()))


def _conditions(rule: Rule) -> frozenset[Formula]:
    return frozenset(rule.formulas())


def _hashable(value: object) -> Hashable:
    return tuple(sorted(value.items())) if hasattr(value, "items") else value


def _parts(effects: Effects) -> dict[str, object]:
    """What a rule says, without its name and without the words of a denial."""
    return {
        EFFECT: (effects.allow, effects.deny is not None),
        "approvals": tuple(sorted((replace(one, rule="") for one in effects.approvals), key=repr)),
        "mask": dict(effects.masks),
        SILENCE: effects.says_mask and effects.allow,
        "record": (effects.record, effects.allow and effects.record is not None),  # a permit may also lower it
        "retain": effects.retain,
        "grant": effects.grant,
        "limits": tuple(sorted((replace(one, rule="") for one in effects.limits), key=repr)),
    }


_NOTHING = _parts(Effects())


def _all_changed(old: Meaning, new: Meaning) -> Iterable[Entry]:
    kinds = frozenset((*old.kinds, *new.kinds))
    for meaning, is_old in ((old, True), (new, False)):
        for rule in _live(meaning):
            touches = frozenset(what for what, said in _parts(rule.effects).items() if said != _NOTHING[what])
            yield Entry(rule, is_old, not is_old, touches | {SILENCE, "mask", EFFECT}, kinds)


def _changed(gone: list[Rule], come: list[Rule]) -> Iterable[Entry]:
    """Rules with the same conditions are one rule that says something else."""
    twins: dict[frozenset[Formula], list[Rule]] = defaultdict(list)
    for rule in come:
        twins[_conditions(rule)].append(rule)
    for rule in gone:
        others = twins.get(_conditions(rule), [])
        twin = others.pop(0) if others else None
        yield _entry(rule, twin, is_old=True)
        if twin is not None:
            yield _entry(twin, rule, is_old=False)
    for left in twins.values():
        for rule in left:
            yield _entry(rule, None, is_old=False)


def _entry(rule: Rule, twin: Rule | None, is_old: bool) -> Entry:
    mine = _parts(rule.effects)
    its = _parts(twin.effects) if twin is not None else _NOTHING
    touches = frozenset(what for what, said in mine.items() if said != its[what])
    masks = twin.effects.masks if twin is not None else {}
    kinds = {kind for kind in {**rule.effects.masks, **masks} if rule.effects.masks.get(kind) != masks.get(kind)}
    return Entry(rule, is_old, not is_old, touches or frozenset({"nothing"}), frozenset(kinds))
