"""An explanation for people and for machines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policy_lang.attributes import UNKNOWN
from policy_lang.decision import Decision
from policy_lang.explaining.explanation import Explanation
from policy_lang.explaining.mending import Edit, Mend
from policy_lang.explaining.nearest import Turn
from policy_lang.explaining.truths import WORDS, LineTruth, RuleTruth, shown
from policy_lang.meaning import Effects
from policy_lang.report import plain
from policy_lang.source import visible
from policy_lang.verdict import described, quoted

_MARKS = ("✗", "?", "✓")
_SHOWN = 30  # rules that are written out for people


def as_json(found: Explanation) -> dict[str, Any]:
    """The explanation as data."""
    return {
        "kind": found.kind,
        "decision": found.decision.to_json(),
        "rules": [_rule_json(one) for one in found.rules],
        "nearest": {
            "requests": [_turn_json(turn) for turn in found.turns],
            "policies": [_mend_json(mend) for mend in found.mends],
        },
    }


def _rule_json(one: RuleTruth) -> dict[str, Any]:
    return {
        "rule": one.rule.name,
        "file": one.file,
        "line": one.line,
        "says": _says(one.rule.effects),
        "observe": one.rule.observe,
        "conditions": WORDS[one.truth],
        "counts": one.counts or None,
        "lines": [
            {"text": line.text, "line": line.line, "truth": WORDS[line.truth], "because": list(line.because)}
            for line in one.lines
        ],
    }


def _turn_json(turn: Turn) -> dict[str, Any]:
    changes = []
    for spot, old, new in turn.changes:
        change: dict[str, Any] = {"what": str(spot)}
        change |= {} if old is UNKNOWN else {"from": plain(old)}
        changes.append(change | ({} if new is UNKNOWN else {"to": plain(new)}))
    return {"changes": changes, "request": plain(turn.request), "decision": turn.decision.to_json()}


def _mend_json(mend: Mend) -> dict[str, Any]:
    edits = [
        {"rule": e.rule, "file": e.file, "line": e.line, "old": e.old or None, "new": e.new or None} for e in mend.edits
    ]
    return {"edits": edits, "decision": mend.decision.to_json()}


# ---- for people ------------------------------------------------------------------------------------------------------


def as_text(found: Explanation) -> str:
    """The explanation on a terminal: the verdict, the rules about such a call, and what would turn a refusal."""
    near = [one for one in found.rules if one.near]
    near.sort(key=lambda one: (not one.counts, sum(line.truth != 2 for line in one.lines), one.rule.name))
    parts = [_verdict(found)]
    parts += ["\n".join(_rule(one)) for one in near[:_SHOWN]]
    parts += [f"{len(near) - _SHOWN} more rules about such a call: --json has them all"] if len(near) > _SHOWN else []
    other = len(found.rules) - len(near)
    parts += [f"{other} {'rule is' if other == 1 else 'rules are'} about other calls"] if other else []
    if found.decision.effect == "deny":
        parts.append("\n".join(_turning(found)))
    return "\n\n".join("\n".join(map(visible, part.split("\n"))) for part in parts)


def _verdict(found: Explanation) -> str:
    names = ", ".join(quoted(found.decision.rules))
    if found.kind == "forbidden":
        return f"deny, forbidden by {names or 'the address itself'}: {found.decision.reason}"
    if found.kind == "nothing permits":
        return "deny, as nothing permits it"
    if found.kind == "grants in conflict":
        return f"deny, as two credentials are granted at once, by {names}"
    return described(found.decision)


def _rule(one: RuleTruth) -> Iterator[str]:
    counts = {"applies": "applies", "restricts": "may apply, and what restricts counts", "": "does not apply"}
    on_trial = "on trial, " if one.rule.observe else ""
    yield f'{one.file}:{one.line}: "{one.rule.name}" ({_says(one.rule.effects)}) {on_trial}{counts[one.counts]}'
    yield from map(_line, one.lines)


def _line(line: LineTruth) -> str:
    because = f"   ({'; '.join(line.because)})" if line.because else ""
    return f"  {_MARKS[line.truth]} {line.line}: {line.text}{because}"


def _says(effects: Effects) -> str:
    """What a rule says, in words."""
    said = ["allow"] if effects.allow else []
    said += ["deny"] if effects.deny is not None else []
    said += ["require approval"] if effects.approvals else []
    said += ["mask"] if effects.masks or effects.says_mask else []
    said += [f"record {effects.record}"] if effects.record else []
    said += ["retain"] if effects.retain is not None else []
    said += ["grant"] if effects.grant else []
    return ", ".join([*said, "limit"] if effects.limits else said)


def _turning(found: Explanation) -> Iterator[str]:
    yield "what would turn it, in the request:"
    for turn in found.turns:
        changes = ", ".join(f"{spot}: {_from(old)} → {_to(old, new)}" for spot, old, new in turn.changes)
        yield f"  {changes}   gives {_gives(turn.decision)}"
    if not found.turns:
        yield "  nothing small was found"
    yield "or in the policy, if that is what people want:"
    for mend in found.mends:
        for edit in mend.edits:
            yield f"  {edit.file}:{edit.line}: {_edit(edit)}"
        yield f"    gives {_gives(mend.decision)}"
    if not found.mends:
        yield "  nothing small was found: it takes a rule of its own"


def _gives(decision: Decision) -> str:
    masked = f", {len(decision.mask)} kinds masked" if decision.mask else ", nothing masked"
    return f"{decision.effect} by {', '.join(quoted(decision.rules))}{masked}"


def _from(value: Any) -> str:
    return "not said" if value is UNKNOWN else shown(value)


def _to(old: Any, new: Any) -> str:
    if new is UNKNOWN:
        return "not said"
    return f"{shown(new)}, attested" if type(old) is type(new) and old == new else shown(new)


def _edit(edit: Edit) -> str:
    if not edit.old:
        return f"add {edit.new}" if edit.new.startswith("rule ") else f'add to "{edit.rule}": {edit.new}'
    return f"write {edit.new}" if edit.new else f"leave out {edit.old}"
