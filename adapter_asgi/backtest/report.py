"""What a backtest found, for people and for machines. It names rules, commands and sessions; never what was sent."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from adapter_asgi.backtest.changes import Changed, Outcome
from policy_lang.source import visible

__all__ = ["as_json", "as_text"]

_SHOWN = 5  # sessions that are named for a change, for people


def as_json(found: Outcome, policy: str) -> dict[str, Any]:
    """The outcome as data."""
    return {
        "policy": policy,
        "calls": found.calls,
        "sessions": found.sessions,
        "changed": sum(one.calls for one in found.changes.values()),
        "widened": found.count("widening"),
        "narrowed": found.count("narrowing"),
        "changes": [_change_json(one) for one in found.ordered()],
        "rules": found.by_rule,
        "undecided": dict(sorted(found.undecided.items())),
        "compared_in_part": found.partly,
    }


def _change_json(one: Changed) -> dict[str, Any]:
    return {
        "what": one.what,
        "directions": sorted(one.directions, reverse=True),
        "facets": list(one.facets),
        "before": one.before,
        "after": one.after,
        "rules": {"old": list(one.lost), "new": list(one.gained)},
        "calls": one.calls,
        "sessions": list(one.sessions),
    }


def as_text(found: Outcome, policy: str, store: Path) -> str:
    """The outcome on a terminal: what a reviewer reads first comes first."""
    changed = sum(one.calls for one in found.changes.values())
    head = f"{_count(found.calls, 'call')} of {_count(found.sessions, 'session')} decided again under {policy}"
    verdict = "no decision changes"
    if changed:
        verdict = f"{changed} would be decided differently: {found.count('widening')} widened, "
        verdict += f"{found.count('narrowing')} narrowed"
    parts = [f"{head}\n{verdict}", *("\n".join(_change(one)) for one in found.ordered())]
    if found.by_rule:
        rows = [f"  {name}: {_by(counts)}" for name, counts in found.by_rule.items()]
        parts.append("\n".join(["by rule:", *rows]))
    named = next((session for one in found.ordered() for session in one.sessions), None)
    parts += [f"a session: hoopgate sessions show {named} --store {shlex.quote(str(store))}"] if named else []
    parts += ["\n".join(_gaps(found))] if found.undecided or found.partly else []
    return "\n\n".join("\n".join(map(visible, part.split("\n"))) for part in parts)


def _change(one: Changed) -> Iterator[str]:
    yield f"{' and '.join(sorted(one.directions, reverse=True))}: {one.what}: {'; '.join(one.facets)}"
    for word, rules in (("before", one.lost), ("after", one.gained)):
        if rules:
            names = ", ".join(f'"{rule}"' for rule in rules)
            yield f"  {word:<8} {names}"
    named = list(one.sessions)[:_SHOWN]
    more = f" and {len(one.sessions) - _SHOWN} more" if len(one.sessions) > _SHOWN else ""
    yield f"  calls    {one.calls}, in {', '.join(named)}{more}"


def _by(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {word}" for word, number in (("widened", counts["widening"]),
                                                             ("narrowed", counts["narrowing"])) if number)  # fmt: skip


def _gaps(found: Outcome) -> Iterator[str]:
    for why, number in sorted(found.undecided.items()):
        yield f"not decided: {_count(number, 'call')}: {why}"
    if found.partly:
        yield f"compared in part: {_count(found.partly, 'call')}: of the decision only its leaf was kept"


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
