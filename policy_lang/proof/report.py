"""A difference for people, for machines, and as a comment on a pull request."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from policy_lang.proof.difference import Change, Difference
from policy_lang.proof.jsontext import request_text
from policy_lang.report import plain
from policy_lang.source import visible
from policy_lang.verdict import described

FORMATS = ("text", "json", "markdown")
_SIGNS = {"widening": "▲", "narrowing": "▼"}


def render(found: Difference, form: str) -> str:
    """A difference in one of FORMATS."""
    if form == "json":
        return json.dumps(as_json(found), indent=2, ensure_ascii=False)
    return _markdown(found) if form == "markdown" else _text(found)


def as_json(found: Difference) -> dict[str, Any]:
    """The difference as data; `complete` is false where `reasons` say what was not decided."""
    return {
        "summary": found.summary,
        "widenings": found.widenings,
        "narrowings": found.narrowings,
        "complete": found.complete,
        "reasons": list(found.reasons),
        "notes": list(found.notes),
        "changes": [_change_json(change) for change in found.changes],
    }


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "directions": sorted(change.directions, reverse=True),
        "facets": [
            {"what": one.what, "directions": sorted(one.directions, reverse=True), "text": one.text}
            for one in change.facets
        ],
        "rules": {"old": list(change.removed), "new": list(change.added)},
        "request": plain(change.request),
        "before": change.before.to_json(),
        "after": change.after.to_json(),
    }


def _direction(change: Change) -> str:
    return " and ".join(sorted(change.directions, reverse=True))


def _which(change: Change) -> str:
    """The rules behind a change, each with what happened to it."""
    texts = []
    for name in change.rules:
        both = name in change.removed and name in change.added
        texts.append(f'"{name}" ({"changed" if both else "removed" if name in change.removed else "added"})')
    return ", ".join(texts)


def _text(found: Difference) -> str:
    parts = [found.summary]
    for change in found.changes:
        lines = [f"{_direction(change)}: {'; '.join(one.text for one in change.facets)}"]
        lines.append(f"  rules    {_which(change)}")
        lines.append(f"  before   {described(change.before)}")
        lines.append(f"  after    {described(change.after)}")
        lines.append(f"  example  {request_text(change.request)}")
        parts.append("\n".join(map(visible, lines)))
    parts += [f"note: {visible(note)}" for note in found.notes]
    parts += [f"not decided: {visible(reason)}" for reason in found.reasons]
    return "\n\n".join(parts)


# ---- a comment -------------------------------------------------------------------------------------------------------


def _markdown(found: Difference) -> str:
    """A summary that a reviewer reads first, a table of the changes, and the requests folded away."""
    parts = [f"### Policy: {found.summary}"]
    if found.changes:
        rows = ["| | what changes | rules |", "| --- | --- | --- |"]
        for change in found.changes:
            signs = " ".join(_SIGNS[one] for one in sorted(change.directions, reverse=True))
            what = "; ".join(one.text for one in change.facets)
            rows.append(f"| {signs} {_direction(change)} | {_code(what)} | {_code(_which(change))} |")
        parts += ["\n".join(rows), *_folded(found.changes)]
    parts += [f"- note: {_code(note)}" for note in found.notes]
    parts += [f"- **not decided**: {_code(reason)}" for reason in found.reasons]
    return "\n\n".join(parts)


def _folded(changes: Sequence[Change]) -> list[str]:
    out = []
    for number, change in enumerate(changes, 1):
        text = request_text(change.request, indent=2)
        fence = "`" * max(3, 1 + max((len(run) for run in _runs(text)), default=0))
        out.append(
            f"<details><summary>Example {number}: {change.before.effect} → {change.after.effect}</summary>\n\n"
            f"{fence}json\n{text}\n{fence}\n\nbefore: {_code(described(change.before))}\n\n"
            f"after: {_code(described(change.after))}\n\n</details>"
        )
    return out


def _runs(text: str) -> list[str]:
    return [run for run in "".join(c if c == "`" else " " for c in text).split() if run]


def _code(text: str) -> str:
    """A text that nothing in it can turn into markup, a link or a mention."""
    shown = visible(text.replace("\n", " ")).replace("|", "\\|")
    fence = "`" * (1 + max((len(run) for run in _runs(shown)), default=0))
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"
