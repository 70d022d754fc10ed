"""What a mask reports: kind, place, detector, method and a keyed digest of the value, never the value itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Span(NamedTuple):
    """A stretch of a text that identifies: `[start, end)` in characters."""

    start: int
    end: int
    kind: str
    detector: str
    score: float


class Finding(NamedTuple):
    """One masked value. `where` is a JSON path (`$.name[0].family`, or `line 3: $.name` of NDJSON and of JSON inside a
    text) or `start:end` in characters. `mask` is what stands in its place: what the reader sees.
    """

    kind: str
    where: str
    detector: str
    method: str
    digest: str
    mask: str = ""

    @property
    def is_path(self) -> bool:
        """Whether `where` is a JSON path."""
        return self.where.startswith(("$", "line "))


@dataclass(frozen=True, slots=True)
class Masked(Generic[T]):
    """A masked value. `findings` is made on first use: most callers want only `value` and `counts`."""

    value: T
    changed: bool
    _make: Callable[[], tuple[Finding, ...]]
    _made: list[tuple[Finding, ...]] = field(default_factory=list, repr=False, compare=False)

    @property
    def findings(self) -> tuple[Finding, ...]:
        if not self._made:
            self._made.append(self._make())
        return self._made[0]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many values of each kind were masked."""
        return Counter(finding.kind for finding in self.findings)
