"""From the rules that apply to the decision: language.md, "What it means", 1 to 3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias

from policy_lang.decision import Approval, Decision, EffectName, Grant, Level, Limit
from policy_lang.kinds import LEVELS, keeps_least
from policy_lang.meaning import Rule

Applied: TypeAlias = Sequence[tuple[Rule, bool]]


def join(applied: Applied, kinds: tuple[str, ...], digest: str) -> Decision:
    """The decision of the rules whose conditions are not false; True marks those that are certainly true.

    `kinds` are all kinds there are; `applied` is in the order of the rules' names.
    """
    live = [(rule, certain) for rule, certain in applied if not rule.observe]
    decision = _decide(live, kinds, digest)
    tried = [(rule, certain) for rule, certain in applied if rule.observe and _counts(rule, certain)]
    if not tried:
        return decision
    would = _decide([*live, *tried], kinds, digest).effect
    return replace(decision, observed=tuple(rule.name for rule, _ in tried), would=would)


def _counts(rule: Rule, certain: bool) -> bool:
    """Whether a clause of the rule applies: what permits only where certain, what restricts also where unsure."""
    return certain or rule.effects.restricts()


def _decide(live: Applied, kinds: tuple[str, ...], digest: str) -> Decision:
    live = [(rule, certain) for rule, certain in live if _counts(rule, certain)]
    denying = [rule for rule, _ in live if rule.effects.deny is not None]
    permits = [rule for rule, certain in live if certain and rule.effects.allow]
    names = tuple(rule.name for rule, _ in live)
    if denying:
        reason = " ".join(rule.effects.deny or "" for rule in denying)
        return _denial(live, tuple(rule.name for rule in denying), reason, digest)
    grants = [rule.effects.grant for rule, certain in live if certain and rule.effects.grant]
    if not permits or len({grant.profile for grant in grants}) > 1:
        return _denial(live, names, None, digest)
    mask, mask_rules = _masks(live, permits, kinds)
    approvals = _approvals(live)
    effect: EffectName = "approval" if approvals else "allow"
    return Decision(
        effect=effect,
        rules=names,
        mask=MappingProxyType(mask),
        mask_rules=MappingProxyType(mask_rules),
        approvals=approvals,
        grant=Grant(grants[0].profile, min(grant.seconds for grant in grants)) if grants else None,
        record=_record(live, "off" if any(rule.effects.record for rule in permits) else "masked"),
        retain=_retain(live),
        limits=_limits(live),
        policy=digest,
    )


def _denial(live: Applied, names: tuple[str, ...], reason: str | None, digest: str) -> Decision:
    return Decision("deny", names, record=_record(live, "digest"), retain=_retain(live), reason=reason, policy=digest)


def _masks(
    live: Applied, permits: Sequence[Rule], kinds: tuple[str, ...]
) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """United masks. Where no certain permit says what to mask, everything is."""
    silent = not any(rule.effects.says_mask for rule in permits)
    methods: dict[str, str] = {}
    rules: dict[str, tuple[str, ...]] = {}
    for rule, _ in live:
        for kind, method in rule.effects.masks.items():
            methods[kind] = keeps_least(method, methods.get(kind, method))
            rules[kind] = (*rules.get(kind, ()), rule.name)
    if silent:
        methods = dict.fromkeys(kinds, "redact")
    ordered = [kind for kind in kinds if kind in methods]
    return {kind: methods[kind] for kind in ordered}, {kind: rules.get(kind, ()) for kind in ordered}


def _approvals(live: Applied) -> tuple[Approval, ...]:
    return tuple(approval for rule, _ in live for approval in rule.effects.approvals)


def _limits(live: Applied) -> tuple[Limit, ...]:
    return tuple(limit for rule, _ in live for limit in rule.effects.limits)


def _record(live: Applied, least: Level) -> Level:
    said = [rule.effects.record for rule, _ in live if rule.effects.record]
    return max([least, *said], key=LEVELS.index)


def _retain(live: Applied) -> int | None:
    return max((rule.effects.retain for rule, _ in live if rule.effects.retain is not None), default=None)
