"""A session as lanes on a time axis: who said something when, with idle time collapsed.

The drawing is for eyes; the list of records below it says the same in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

__all__ = ["IDLE", "LANES", "Drawing", "Mark", "draw", "lane_of", "rhythm"]

LANES = ("client", "policy", "approval", "lease", "server", "masking", "gap")
IDLE = 2.0
"""Seconds; a longer pause is drawn as this long, and its length is written there."""
_KINDS = {
    "session.opened": "client", "session.identity": "client", "session.ended": "client", "request": "client",
    "decision": "policy", "refusal": "policy", "limit": "policy", "policy.activated": "policy", "read": "policy",
    "lock.activated": "policy",
    "response": "server", "call.ended": "server", "tools.changed": "server", "masking": "masking",
    "call.interrupted": "gap", "gap": "gap", "clock": "gap",
}  # fmt: skip
_LEFT, _TOP, _LANE, _STEP, _SECOND, _RIGHT = 84, 22, 24, 9, 60, 20
_WIDEST = 2_500  # pixels for time


@dataclass(frozen=True, slots=True)
class Mark:
    """One record in the drawing, in pixels. `tone`: a class of the style sheet. `word` is beside colour for eyes."""

    x: int
    y: int
    ref: str
    tone: str
    word: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """`lanes`: (name, y); `pauses`: (x, what is written there)."""

    width: int
    height: int
    lanes: Sequence[tuple[str, int]]
    marks: Sequence[Mark]
    pauses: Sequence[tuple[int, str]]


def lane_of(kind: str) -> str:
    """The lane of an entry kind."""
    head = kind.partition(".")[0]
    return _KINDS.get(kind) or (head if head in LANES else "gap")


def rhythm(times: Sequence[int]) -> list[int]:
    """Milliseconds from the first record to each, with idle time collapsed; `times` in nanoseconds."""
    at, found = 0.0, [0]
    for before, after in pairwise(times):
        at += min(max(0, after - before) / 1e9, IDLE)
        found.append(round(at * 1000))
    return found[: len(times)]


def draw(values: Sequence[Mapping[str, Any]], times: Sequence[int]) -> Drawing:
    """The drawing of these records, which are in order; `times` in nanoseconds."""
    used = [lane for lane in LANES if any(value["lane"] == lane for value in values)]
    rows = {lane: _TOP + _LANE * number + _LANE // 2 for number, lane in enumerate(used)}
    whole = rhythm(times)[-1] / 1000 if times else 0.0
    second = min(_SECOND, _WIDEST / whole) if whole else _SECOND
    x, marks, pauses = float(_LEFT), [], []
    for number, value in enumerate(values):
        if number:
            gap = max(0, times[number] - times[number - 1]) / 1e9
            if gap > IDLE:
                pauses.append((round(x + _STEP + IDLE * second / 2), f"{span(gap)} idle"))
            x += _STEP + min(gap, IDLE) * second
        marks.append(Mark(round(x), rows[value["lane"]], value["ref"], _tone(value), _word(value)))
    return Drawing(round(x) + _RIGHT, _TOP + _LANE * len(used) + 4, tuple(rows.items()), marks, pauses)


def span(seconds: float) -> str:
    """A duration in words."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def _tone(value: Mapping[str, Any]) -> str:
    if value["lane"] == "gap" or value["kind"] in ("refusal", "approval.refused") or value.get("effect") == "deny":
        return "bad"
    return "good" if value.get("effect") == "allow" or value["kind"] == "approval.given" else "plain"


def _word(value: Mapping[str, Any]) -> str:
    return f"{value['kind']} at {str(value['time'])[11:23]}"
