"""What would have changed: recorded decisions and those of the candidate, compared and gathered by what changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from adapter_asgi.backtest.candidate import Candidate, Undecided
from adapter_asgi.backtest.recorded import Asked, Replayed
from gate.judge import HOUSEKEEPING
from policy_lang.decision import Decision, EffectName
from policy_lang.kinds import KINDS
from policy_lang.proof.compare import Direction, Facet, directions, facets

__all__ = ["Changed", "Outcome", "replay"]

_KEPT = 1_000  # sessions that are named for one change
_LEAF_KINDS = frozenset(KINDS)  # a leaf lists these; of a site's own it says nothing


@dataclass
class Changed:
    """Calls that change alike. `lost` and `gained` are the rules behind it, of the recorded and the new decision."""

    what: str
    directions: frozenset[Direction]
    facets: tuple[str, ...]
    before: str
    after: str
    lost: tuple[str, ...]
    gained: tuple[str, ...]
    calls: int = 0
    sessions: dict[str, None] = field(default_factory=dict)

    @property
    def rules(self) -> tuple[str, ...]:
        return tuple(sorted({*self.lost, *self.gained}))


@dataclass
class Outcome:
    """`undecided` counts by reason; `partly` are decisions of which only the leaf is there, compared as far as that."""

    calls: int = 0
    sessions: int = 0
    partly: int = 0
    changes: dict[object, Changed] = field(default_factory=dict)
    undecided: dict[str, int] = field(default_factory=dict)

    def ordered(self) -> list[Changed]:
        """Widenings first, then what concerns most calls."""
        return sorted(self.changes.values(), key=lambda one: ("widening" not in one.directions, -one.calls, one.what))

    def count(self, direction: Direction) -> int:
        """Calls that change in a direction."""
        return sum(one.calls for one in self.changes.values() if direction in one.directions)

    @property
    def by_rule(self) -> dict[str, dict[str, int]]:
        """For each rule behind a change: calls widened and narrowed."""
        out: dict[str, dict[str, int]] = {}
        for change in self.changes.values():
            for rule in change.rules:
                counts = out.setdefault(rule, {"widening": 0, "narrowing": 0})
                for direction in change.directions:
                    counts[direction] += change.calls
        return dict(sorted(out.items()))


def replay(found: Iterable[Replayed], candidate: Candidate) -> Outcome:
    """Every decision of these sessions again."""
    out = Outcome()
    for session in found:
        out.sessions += 1
        for asked in session.asked:
            out.calls += 1
            after = (
                Undecided("who called is not recorded")
                if session.identity is None
                else candidate.decide(session.identity, asked)
            )
            if isinstance(after, Undecided):
                out.undecided[after.why] = out.undecided.get(after.why, 0) + 1
            else:
                _compare(out, session.session, asked, after)
    return out


def _compare(out: Outcome, session: str, asked: Asked, after: Decision) -> None:
    before = asked.before
    if _is_housekeeping(asked):
        effect: EffectName = "allow" if asked.record.data.get("basis") == "protocol" else before.effect
        before, after = Decision(effect, before.rules), Decision(after.effect, after.rules)
    elif not asked.whole:
        out.partly += 1
        before = _as_far_as_known(before, after)
    changed = facets(before, after)
    if changed:
        _note(out, session, asked, before, after, changed)


def _is_housekeeping(asked: Asked) -> bool:
    """What the protocol needs: only whether it passes is compared."""
    notified = asked.message is not None and asked.message.kind != "request"
    return notified or asked.method in HOUSEKEEPING or asked.record.data.get("basis") == "protocol"


def _as_far_as_known(before: Decision, after: Decision) -> Decision:
    """What a leaf does not hold is taken to be as it is now."""
    if before.effect == "deny" or after.effect == "deny":
        return Decision(before.effect, before.rules, record=before.record, retain=after.retain, policy=before.policy)
    same = before.grant is not None and after.grant is not None and before.grant.profile == after.grant.profile
    mask = {kind: after.mask.get(kind, method) for kind, method in before.mask.items()}
    mask |= {kind: method for kind, method in after.mask.items() if kind not in before.mask and kind not in _LEAF_KINDS}
    grant = after.grant if same else before.grant
    approvals = after.approvals if before.effect == after.effect else ()
    return Decision(before.effect, before.rules, mask, {}, approvals, grant, before.record, after.retain, after.limits)


def _note(out: Outcome, session: str, asked: Asked, before: Decision, after: Decision, changed: list[Facet]) -> None:
    what = asked.command or f"{asked.server} {asked.method}"
    texts = tuple(facet.text for facet in changed)
    lost, gained = set(before.rules) - set(after.rules), set(after.rules) - set(before.rules)
    if not lost and not gained:
        lost = gained = set(before.rules)
    key = (what, texts, tuple(sorted(lost)), tuple(sorted(gained)))
    found = out.changes.setdefault(
        key,
        Changed(
            what, directions(changed), texts, before.effect, after.effect, tuple(sorted(lost)), tuple(sorted(gained))
        ),
    )
    found.calls += 1
    if len(found.sessions) < _KEPT:
        found.sessions[session] = None
