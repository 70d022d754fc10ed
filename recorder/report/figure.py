"""A measure's outcome: a count, the records behind it, and a table where one number would hide too much."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from recorder.reader import Record
from recorder.report.measures import MEASURES, Measure

__all__ = ["LINKS", "Figure", "Figures", "Link"]

LINKS = 50
"""How many records a figure names; the count is of all of them."""
ROWS = 10_000
"""How many distinct rows a table counts; what comes after is counted as `…`."""


@dataclass(frozen=True, slots=True)
class Link:
    """One record, by its place; `about` says what to look at."""

    log: int
    seq: int
    time: str
    session: str
    about: str = ""

    def to_json(self) -> dict[str, Any]:
        told = {"log": self.log, "seq": self.seq, "time": self.time, "session": self.session}
        return {**told, "about": self.about} if self.about else told


@dataclass(slots=True)
class Figure:
    """`count` of all records or things; `links`: the first LINKS of them; `rows`: how often each row came."""

    measure: Measure
    count: int = 0
    links: list[Link] = field(default_factory=list)
    columns: tuple[str, ...] = ()
    rows: Counter[tuple[str, ...]] = field(default_factory=Counter)
    checked: bool = True
    said: str = ""

    def add(self, record: Record | None = None, about: str = "", times: int = 1) -> None:
        """Count something, and name its record."""
        self.count += times
        if record is not None and len(self.links) < LINKS:
            self.links.append(Link(record.log, record.seq, record.time, record.session, about))

    def row(self, *key: str, times: int = 1) -> None:
        """Count one row of the table."""
        if key not in self.rows and len(self.rows) >= ROWS:
            key = ("…",) * len(key)
        self.rows[key] += times

    def to_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {"name": self.measure.name, "role": self.measure.role, "count": self.count}
        told |= {"meaning": self.measure.meaning, "query": self.measure.query, "checked": self.checked}
        if self.said:
            told["said"] = self.said
        if self.rows:
            told["columns"] = [*self.columns, "count"]
            told["rows"] = [[*key, count] for key, count in ordered(self.rows)]
        told["records"] = [link.to_json() for link in self.links]
        return told


class Figures(dict[str, Figure]):
    """Every measure by its name; one that nothing was counted for is zero."""

    def __init__(self) -> None:
        super().__init__({name: Figure(measure) for name, measure in MEASURES.items()})


def ordered(rows: Counter[tuple[str, ...]]) -> list[tuple[tuple[str, ...], int]]:
    """The rows, most frequent first, then by their words."""
    return sorted(rows.items(), key=lambda item: (-item[1], item[0]))
