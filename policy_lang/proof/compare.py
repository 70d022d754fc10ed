"""Two decisions of one request: what differs, and whether that is wider or narrower.

Wider is whatever lets more through, shows more, lends more, or keeps less of a trace: a permit for a denial, a demand
for approval that is gone or easier, a kind that is masked less, a credential or a longer one, a limit that is gone or
higher, a lower level of record, a shorter retention. Narrower is the reverse. What is merely different (another
credential, other approvers) is both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

from policy_lang.decision import Approval, Decision, Grant, Limit
from policy_lang.kinds import LEVELS, METHODS

T = TypeVar("T")
Direction: TypeAlias = Literal["widening", "narrowing"]
WIDER: frozenset[Direction] = frozenset({"widening"})
NARROWER: frozenset[Direction] = frozenset({"narrowing"})
BOTH = WIDER | NARROWER
_NEITHER: frozenset[Direction] = frozenset()


@dataclass(frozen=True, slots=True)
class Facet:
    """`what` is effect, approvals, mask, grant, record, retain or limits; `text` says from what to what."""

    what: str
    directions: frozenset[Direction]
    text: str


def facets(before: Decision, after: Decision) -> list[Facet]:
    """What differs between two decisions; nothing if only names, reasons or digests do."""
    out: list[Facet] = []
    if (before.effect == "deny") != (after.effect == "deny"):
        return [Facet("effect", WIDER if before.effect == "deny" else NARROWER, f"{before.effect} → {after.effect}")]
    if before.effect != "deny":
        out += [*_approvals(before, after), *_mask(before, after), *_grant(before.grant, after.grant)]
        out += _limits(before, after)
    if before.record != after.record:
        out.append(
            _facet("record", LEVELS.index(before.record), LEVELS.index(after.record), before.record, after.record)
        )
    if before.retain != after.retain:
        out.append(
            _facet("retain", before.retain or 0, after.retain or 0, _seconds(before.retain), _seconds(after.retain))
        )
    return out


def directions(found: Sequence[Facet]) -> frozenset[Direction]:
    """All directions of some facets together."""
    return frozenset().union(*(facet.directions for facet in found))


def _facet(what: str, old: int, new: int, before: str, after: str) -> Facet:
    """More is narrower."""
    return Facet(what, NARROWER if new > old else WIDER if new < old else BOTH, f"{what} {before} → {after}")


def _seconds(value: int | None) -> str:
    return "nothing" if value is None else f"{value} s"


# ---- approvals and limits --------------------------------------------------------------------------------------------


def _approvals(before: Decision, after: Decision) -> list[Facet]:
    old, new = sorted(map(_demand, before.approvals)), sorted(map(_demand, after.approvals))
    if old == new:
        return []
    met = _directions(before.approvals, after.approvals, _at_least)
    return [Facet("approvals", met, f"approval {_said(before)} → {_said(after)}")]


def _demand(one: Approval) -> tuple[tuple[str, ...], int, int, int]:
    return tuple(sorted(set(one.from_))), one.count, one.within, -1 if one.for_ is None else one.for_


def _said(decision: Decision) -> str:
    texts = [f"of {one.count} from {', '.join(one.from_) or 'anybody'}" for one in decision.approvals]
    return " and ".join(texts) or "not needed"


def _at_least(strict: Approval, lax: Approval) -> bool:
    """Whether one demand is as hard to meet as another, in every respect."""
    few = not lax.from_ or (bool(strict.from_) and set(strict.from_) <= set(lax.from_))
    lasts = strict.for_ is None or (lax.for_ is not None and strict.for_ <= lax.for_)
    return few and strict.count >= lax.count and strict.within <= lax.within and lasts


def _limits(before: Decision, after: Decision) -> list[Facet]:
    old, new = sorted(map(_bound, before.limits)), sorted(map(_bound, after.limits))
    if old == new:
        return []
    met = _directions(before.limits, after.limits, _as_low)
    return [Facet("limits", met, f"limit {_bounds(before)} → {_bounds(after)}")]


def _bound(limit: Limit) -> tuple[str, str, int]:
    return str(limit.per), limit.unit, limit.count


def _bounds(decision: Decision) -> str:
    return ", ".join(f"{one.count} {one.unit} per {one.per}" for one in decision.limits) or "none"


def _as_low(strict: Limit, lax: Limit) -> bool:
    return (strict.per, strict.unit) == (lax.per, lax.unit) and strict.count <= lax.count


def _directions(old: Sequence[T], new: Sequence[T], at_least: Callable[[T, T], bool]) -> frozenset[Direction]:
    """Narrower only, if every old demand is met by a new one of its own that is as strict; and the reverse."""
    kept = _matched(old, new, lambda lax, strict: at_least(strict, lax))
    met = _matched(new, old, lambda lax, strict: at_least(strict, lax))
    return _NEITHER | (frozenset() if kept else WIDER) | (frozenset() if met else NARROWER) or BOTH


def _matched(ones: Sequence[T], others: Sequence[T], fits: Callable[[T, T], bool]) -> bool:
    """Whether each of the ones has another of its own that fits. Strategy: augmenting paths."""
    taken: dict[int, int] = {}

    def place(one: int, seen: set[int]) -> bool:
        for other in range(len(others)):
            if other not in seen and fits(ones[one], others[other]):
                seen.add(other)
                if other not in taken or place(taken[other], seen):
                    taken[other] = one
                    return True
        return False

    return all(place(one, set()) for one in range(len(ones)))


# ---- masks and grants ------------------------------------------------------------------------------------------------


def _mask(before: Decision, after: Decision) -> list[Facet]:
    """Per kind the method that keeps more is wider."""
    changed = [kind for kind in {**before.mask, **after.mask} if before.mask.get(kind) != after.mask.get(kind)]
    if not changed:
        return []
    met: set[Direction] = set()
    for kind in changed:
        met |= WIDER if _kept(after.mask.get(kind)) > _kept(before.mask.get(kind)) else NARROWER
    steps: dict[tuple[str, str], list[str]] = {}
    for kind in changed:
        steps.setdefault((before.mask.get(kind, "shown"), after.mask.get(kind, "shown")), []).append(kind)
    text = "; ".join(f"mask {', '.join(kinds)}: {old} → {new}" for (old, new), kinds in steps.items())
    return [Facet("mask", frozenset(met), text)]


def _kept(method: str | None) -> int:
    return len(METHODS) if method is None else METHODS.index(method)


def _grant(before: Grant | None, after: Grant | None) -> list[Facet]:
    if before == after:
        return []
    text = f"grant {_granted(before)} → {_granted(after)}"
    if before is None or after is None:
        return [Facet("grant", WIDER if before is None else NARROWER, text)]
    if before.profile != after.profile:
        return [Facet("grant", BOTH, text)]
    return [Facet("grant", WIDER if after.seconds > before.seconds else NARROWER, text)]


def _granted(grant: Grant | None) -> str:
    return "nothing" if grant is None else f'"{grant.profile}" for {grant.seconds} s'
