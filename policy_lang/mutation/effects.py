"""Mistakes in what a rule says: a mask too few or too weak, a person too few, a credential or a limit too generous."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from policy_lang import nodes
from policy_lang.effects import EffectReader
from policy_lang.kinds import LEVELS, METHODS, fits
from policy_lang.scope import Problems, Scope
from policy_lang.source import Source


def changed_effect(scope: Scope, entry: nodes.Entry) -> Iterator[tuple[str, nodes.Entry]]:
    """The mutants of one clause, each with its kind."""
    if isinstance(entry, nodes.Mask):
        yield from _mask(scope, entry)
    elif isinstance(entry, nodes.Require):
        for approval in _approval(entry.approval):
            yield "weaken approval", replace(entry, approval=approval)
    elif isinstance(entry, nodes.Grant):
        yield "lengthen grant", replace(entry, duration=_times(entry.duration, 2))
    elif isinstance(entry, nodes.Limit) and isinstance(entry.count.value, int):
        yield "loosen limit", replace(entry, count=nodes.Literal(entry.count.value * 2))
    elif isinstance(entry, nodes.Record):
        level = entry.level.name
        if level in LEVELS[1:]:
            yield "record less", replace(entry, level=nodes.Name(LEVELS[LEVELS.index(level) - 1]))
    elif isinstance(entry, nodes.Retain):
        yield "retain less", replace(entry, duration=_half(entry.duration))


def _times(duration: nodes.Duration, factor: int) -> nodes.Duration:
    number, unit = int(duration.text[:-1]), duration.text[-1]
    return nodes.Duration(f"{number * factor}{unit}", duration.seconds * factor)


def _half(duration: nodes.Duration) -> nodes.Duration:
    seconds = max(1, duration.seconds // 2)
    return nodes.Duration(f"{seconds}s", seconds)


def _mask(scope: Scope, mask: nodes.Mask) -> Iterator[tuple[str, nodes.Mask]]:
    kinds = list(EffectReader(scope, Source("", ""), Problems()).masked(mask))
    if any(isinstance(kind, nodes.Name) and kind.name == "all" for kind in mask.kinds):
        yield "drop kind", replace(mask, exceptions=(*mask.exceptions, nodes.Name("name")))
    elif len(kinds) > 1:
        for kind in kinds:
            rest = tuple(nodes.Name(one) for one in kinds if one != kind)
            yield "drop kind", replace(mask, kinds=rest, exceptions=())
    now = METHODS.index(mask.method.name if mask.method else METHODS[0])
    weaker = [method for method in METHODS[now + 1 :] if kinds and all(fits(method, kind) for kind in kinds)]
    if weaker:
        yield "weaken mask", replace(mask, method=nodes.Name(weaker[0]))


def _approval(approval: nodes.Approval) -> Iterator[nodes.Approval]:
    if approval.count and isinstance(approval.count.value, int) and approval.count.value > 1:
        fewer = approval.count.value - 1
        yield replace(approval, count=nodes.Literal(fewer) if fewer > 1 else None)
    if approval.groups:
        yield replace(approval, groups=())
    for at in range(len(approval.groups) if len(approval.groups) > 1 else 0):
        yield replace(approval, groups=approval.groups[:at] + approval.groups[at + 1 :])
    if approval.window:
        yield replace(approval, window=_times(approval.window, 2))
    else:
        yield replace(approval, once=False, window=nodes.Duration("1d", 86400))
