"""Which records an export holds: for each log a range below its newest checkpoint, and the sessions in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from recorder.errors import RequestError
from recorder.export.asking import Wanted
from recorder.index import Index, Query
from recorder.proof import last_checkpoint
from recorder.reader import Store

__all__ = ["Places", "find"]


@dataclass(frozen=True, slots=True)
class Places:
    """`ranges`: log -> (first, end, the checkpoint's size); `sessions`: None where none is left out."""

    ranges: Mapping[int, tuple[int, int, int]]
    sessions: frozenset[str] | None

    @property
    def records(self) -> int:
        return sum(end - first for first, end, _ in self.ranges.values())

    def has(self, session: str) -> bool:
        """Whether the session's payloads and lines are in the export."""
        return self.sessions is None or session in self.sessions

    def to_json(self) -> dict[str, Any]:
        ranges = {str(log): list(place) for log, place in self.ranges.items()}
        return {"ranges": ranges, "sessions": None if self.sessions is None else sorted(self.sessions)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Places:
        ranges = {int(log): (place[0], place[1], place[2]) for log, place in data["ranges"].items()}
        return cls(ranges, None if data["sessions"] is None else frozenset(data["sessions"]))


def find(store: Store, wanted: Wanted) -> Places:
    """Raises RequestError: a session that is not there, or nothing below a checkpoint."""
    sizes = {}
    for log in store.logs:
        try:
            sizes[log] = last_checkpoint(store.root, log)[1].size
        except RequestError:
            continue
    if wanted.everything:
        ranges = {log: (0, size, size) for log, size in sizes.items() if size}
        return _some(Places(ranges, None))
    with Index.open(store.root) as index:
        chosen = _chosen(index, wanted)
        spans: dict[int, tuple[int, int]] = {}
        for session in chosen:
            for log, (first, last) in index.spans(session).items():
                known = spans.get(log, (first, last))
                spans[log] = (min(known[0], first), max(known[1], last))
    ranges = {
        log: (first, min(last + 1, sizes[log]), sizes[log])
        for log, (first, last) in spans.items()
        if first < sizes.get(log, 0)
    }
    return _some(Places(ranges, frozenset(chosen)))


def _chosen(index: Index, wanted: Wanted) -> Collection[str]:
    if wanted.sessions is None:
        query = Query(facts=wanted.facts, since=wanted.since, until=wanted.until)
        return [session["id"] for session in index.sessions(query)]
    missing = next((session for session in wanted.sessions if index.session(session) is None), None)
    if missing is not None:
        raise RequestError(f'no such session: "{missing[:80]}"', "`hoopgate sessions list` shows what is there")
    return wanted.sessions


def _some(places: Places) -> Places:
    if not places.ranges:
        raise RequestError("nothing to export: no such session below a checkpoint")
    return places
