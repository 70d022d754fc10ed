"""From the rules that apply to the decision: language.md, "What it means", 1 to 3.

Strategy: one pass over the rules sorts their clauses; what is usual (one rule masks, nobody disagrees about a method)
is taken over whole, so that a set of rules that is met for the first time costs a few microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias

from policy_lang.decision import Approval, Decision, Grant, Level, Limit
from policy_lang.kinds import LEVELS, keeps_least
from policy_lang.meaning import Rule

Applied: TypeAlias = Sequence[tuple[Rule, bool]]
Masks: TypeAlias = tuple[Mapping[str, str], Mapping[str, tuple[str, ...]]]


def join(applied: Applied, kinds: tuple[str, ...], digest: str) -> Decision:
    """The decision of the rules whose conditions are not false; True marks those that are certainly true.

    `kinds` are all kinds there are; `applied` is in the order of the rules' names.
    """
    counting = [(rule, certain) for rule, certain in applied if certain or rule.effects.restricts]
    tried = tuple([rule.name for rule, _ in counting if rule.observe])
    if not tried:
        return _decide(counting, kinds, digest)
    decision = _decide([(rule, certain) for rule, certain in counting if not rule.observe], kinds, digest)
    return replace(decision, observed=tried, would=_decide(counting, kinds, digest).effect)


def _decide(live: Applied, kinds: tuple[str, ...], digest: str) -> Decision:
    """Of rules of which some clause applies: what permits only where certain, what restricts also where unsure."""
    denying: list[Rule] = []
    grants: list[Grant] = []
    approvals: tuple[Approval, ...] = ()
    limits: tuple[Limit, ...] = ()
    masking: list[Rule] = []
    levels: list[Level] = []
    retain: int | None = None
    permitted, silent, unrecorded = False, True, True
    for rule, certain in live:
        effects = rule.effects
        if effects.deny is not None:
            denying.append(rule)
        if certain and effects.allow:
            permitted = True
            silent = silent and not effects.says_mask
            unrecorded = unrecorded and effects.record is None
        if effects.grant is not None and certain:
            grants.append(effects.grant)
        if effects.masks:
            masking.append(rule)
        if effects.record is not None:
            levels.append(effects.record)
        if effects.retain is not None:
            retain = effects.retain if retain is None else max(retain, effects.retain)
        approvals += effects.approvals
        limits += effects.limits
    conflict = len(grants) > 1 and len({grant.profile for grant in grants}) > 1
    if denying or not permitted or conflict:
        return _denial(denying, live, _most("digest", levels), retain, digest)
    mask, mask_rules = _masks(masking, silent, kinds)
    return Decision(
        "approval" if approvals else "allow",
        tuple([rule.name for rule, _ in live]),
        mask,
        mask_rules,
        approvals,
        _shortest(grants),
        _most("masked" if unrecorded else "off", levels),
        retain,
        limits,
        None,
        digest,
    )


def _denial(denying: list[Rule], live: Applied, record: Level, retain: int | None, digest: str) -> Decision:
    names = tuple([rule.name for rule in denying]) or tuple([rule.name for rule, _ in live])
    reason = " ".join([rule.effects.deny or "" for rule in denying]) if denying else None
    return Decision("deny", names, record=record, retain=retain, reason=reason, policy=digest)


def _most(least: Level, levels: list[Level]) -> Level:
    return max([least, *levels], key=LEVELS.index) if levels else least


def _shortest(grants: list[Grant]) -> Grant | None:
    return min(grants, key=lambda grant: grant.seconds) if grants else None


def _masks(masking: list[Rule], silent: bool, kinds: tuple[str, ...]) -> Masks:
    """United masks, in the order of the kinds. Where no certain permit says what to mask, everything is."""
    if len(masking) == 1 and not silent:
        (rule,) = masking
        return rule.effects.masks, MappingProxyType(dict.fromkeys(rule.effects.masks, (rule.name,)))
    methods: dict[str, str] = dict.fromkeys(kinds, "redact") if silent else {}
    rules: dict[str, tuple[str, ...]] = dict.fromkeys(methods, ())
    for rule in masking:
        for kind, method in rule.effects.masks.items():
            known = methods.get(kind)
            methods[kind] = method if known is None else keeps_least(method, known)
            rules[kind] = (*rules.get(kind, ()), rule.name)
    if not silent:
        ordered = sorted(methods, key=kinds.index)
        methods = {kind: methods[kind] for kind in ordered}
        rules = {kind: rules[kind] for kind in ordered}
    return MappingProxyType(methods), MappingProxyType(rules)
