"""A few numbers that all workers of a gate see, in memory that they share."""

from __future__ import annotations

import mmap
from typing import Literal

__all__ = ["Board"]

Field = Literal["up", "sessions", "restarts"]
_FIELDS: tuple[Field, ...] = ("up", "sessions", "restarts")


class Board:
    """For each worker whether it serves (`up`), how many sessions it holds, how often it was started again.

    `published` is how often a policy or a lock came into force, for all: whoever has seen fewer must look (`circle`).

    Make it before the workers are forked. Each number is written by one process at a time; what others add to
    `sessions` may be lost, so that is a guess between two of its holder's own counts.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._cells = memoryview(mmap.mmap(-1, 8 * (count * len(_FIELDS) + 1))).cast("q")

    @property
    def published(self) -> int:
        """How often something came into force."""
        return self._cells[-1]

    def publish(self) -> None:
        """Once more; one worker at a time may."""
        self._cells[-1] += 1

    def get(self, worker: int, field: Field) -> int:
        """The number as it stands."""
        return self._cells[worker * len(_FIELDS) + _FIELDS.index(field)]

    def put(self, worker: int, field: Field, value: int) -> None:
        """Say what it is now."""
        self._cells[worker * len(_FIELDS) + _FIELDS.index(field)] = value

    def up(self, worker: int) -> bool:
        """Whether it serves."""
        return self.get(worker, "up") == 1

    def column(self, field: Field) -> list[int]:
        """Every worker's."""
        return [self.get(worker, field) for worker in range(self.count)]
