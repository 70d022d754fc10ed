"""A time in which nothing is approved."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Freeze"]


@dataclass(frozen=True, slots=True)
class Freeze:
    """A time in which nothing is approved and nothing approved is used; Unix seconds, the end excluded."""

    start: float
    end: float

    def holds(self, now: float) -> bool:
        """Whether it is on."""
        return self.start <= now < self.end
