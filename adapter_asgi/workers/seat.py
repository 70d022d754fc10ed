"""One worker's place among the others: its number, and what the parent made for all of them before it forked."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field

from adapter_asgi.workers.board import Board

__all__ = ["FIRST_LOG", "MOST", "Seat", "logs_of"]

MOST = 64
"""Workers of a gate."""
FIRST_LOG = 512
"""Worker N writes log 512 + N of the store, worker 0 log 0: between them are the logs of commands that record."""


@dataclass(frozen=True, slots=True)
class Seat:
    """`inboxes` and `outboxes` are the two ends of the way by which connections come to each worker.

    `admin` listens for the gate's commands, for all workers. `first` is false for one that takes a dead one's place.
    """

    number: int
    count: int
    board: Board
    inboxes: tuple[socket.socket, ...] = field(repr=False)
    outboxes: tuple[socket.socket, ...] = field(repr=False)
    admin: socket.socket = field(repr=False)
    first: bool = True

    @property
    def leads(self) -> bool:
        """It opens the gate: what was left open before is its to end, and the policy's activation its to record."""
        return self.first and self.number == 0

    @property
    def looks(self) -> bool:
        """It is the first of those that serve, which looks at the files for all."""
        return self.board.up(self.number) and not any(self.board.up(other) for other in range(self.number))

    @property
    def others(self) -> list[int]:
        """The other workers that serve at the moment."""
        return [other for other in range(self.count) if other != self.number and self.board.up(other)]


def logs_of(worker: int) -> list[int]:
    """The logs that a worker may write: the first, and where that is damaged the next."""
    return list(range(FIRST_LOG + worker, 2 * FIRST_LOG, MOST)) if worker else []
