"""Charts where people would rather look: drawn here as SVG, each with its table, over the newest records only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.responses import Response

from adapter_asgi.console.page import Page
from adapter_asgi.console.recent import WINDOW, Item, Recent
from adapter_asgi.console.roles import ROLES
from adapter_asgi.console.visit import Visit

__all__ = ["PAGES_OF_CHARTS", "Bar", "Chart", "charts"]

_BUCKETS = 24
_EFFECTS = ("allow", "deny", "approval")
_LEVELS = ("full", "masked", "digest", "off")
_WAITS = ((60, "under 1 min"), (300, "1 to 5 min"), (1800, "5 to 30 min"), (7200, "30 min to 2 h"), (10**9, "over 2 h"))
_WIDTH, _ROW, _LABEL = 640, 22, 150


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece of a row: its name, its count, its place and its class."""

    name: str
    count: int
    x: int
    width: int
    tone: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Rows of bars, and the same as a table: `columns` and, for each row, its counts."""

    ident: str
    title: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[int], Sequence[Bar]]]
    note: str = ""

    @property
    def height(self) -> int:
        """Pixels."""
        return _ROW * len(self.rows) + 4


def charts(items: Sequence[Item]) -> list[Chart]:
    """The charts of a window of records, which are in order of time."""
    masks: Counter[str] = Counter()
    levels: Counter[str] = Counter()
    for item in items:
        if item.kind == "masking":
            masks.update(dict(item.masked))
        elif item.kind == "decision":
            levels[item.level] += 1
    return [
        _chart("decisions", "Decisions over time", _EFFECTS, _decisions(items)),
        _chart("masks", "Masked values by kind", ("masked",), {kind: (count,) for kind, count in masks.most_common()}),
        _chart("waiting", "How long approvals waited for a person", ("approvals",), _waits(items)),
        _chart(
            "coverage",
            "Coverage: how much of each call is recorded",
            ("decisions",),
            {level: (levels[level],) for level in _LEVELS if levels[level]},
            "full and masked keep payloads, digest only their commitments, off only that the call was.",
        ),
    ]


def _decisions(items: Sequence[Item]) -> Mapping[str, Sequence[int]]:
    found = [item for item in items if item.kind == "decision"]
    if not found:
        return {}
    first, last = found[0].time, found[-1].time
    width = max(1, -(-(last - first + 1) // _BUCKETS))
    counts = [[0] * len(_EFFECTS) for _ in range((last - first) // width + 1)]
    for item in found:
        if item.effect in _EFFECTS:
            counts[(item.time - first) // width][_EFFECTS.index(item.effect)] += 1
    return {_moment(first + number * width): row for number, row in enumerate(counts)}


def _waits(items: Sequence[Item]) -> Mapping[str, Sequence[int]]:
    asked: dict[str, int] = {}
    counts: Counter[str] = Counter()
    for item in items:
        if item.kind == "approval.requested":
            asked[item.approval] = item.time
        elif item.kind in ("approval.given", "approval.refused") and item.approval in asked:
            seconds = (item.time - asked.pop(item.approval)) / 1e9
            counts[next(name for most, name in _WAITS if seconds < most)] += 1
    return {name: (counts[name],) for _, name in _WAITS} if counts else {}


def _chart(ident: str, title: str, columns: Sequence[str], rows: Mapping[str, Sequence[int]], note: str = "") -> Chart:
    most = max((sum(row) for row in rows.values()), default=0) or 1
    drawn = []
    for name, row in rows.items():
        x, bars = _LABEL, []
        for number, count in enumerate(row):
            width = round((_WIDTH - _LABEL - 190) * count / most)
            if count:
                bars.append(Bar(columns[number], count, x, max(width, 1), number if len(columns) > 1 else 2))
                x += max(width, 1)
        drawn.append((name, row, bars))
    return Chart(ident, title, columns, drawn, note)


async def page(visit: Visit) -> Response:
    """GET /console/charts"""
    recent = visit.evidence.shared(Recent)
    items = await visit.evidence.ask(recent.items)
    return visit.page(
        "charts.html",
        title="Charts",
        charts=await visit.evidence.do(lambda: charts(items)),
        seen=len(items),
        since=_moment(items[0].time) if items else "",
        window=WINDOW,
        width=_WIDTH,
        row=_ROW,
    )


def _moment(nanoseconds: int) -> str:
    return datetime.fromtimestamp(nanoseconds // 10**9, UTC).strftime("%Y-%m-%d %H:%M:%S")


PAGES_OF_CHARTS = (Page("GET", "/charts", frozenset(ROLES), page),)
