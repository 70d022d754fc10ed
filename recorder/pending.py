"""An entry on its way to the disk, and where its caller learns what became of it."""

from __future__ import annotations

from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import Protocol

from recorder.entry import Entry, Receipt
from recorder.payload import SessionKey

__all__ = ["Outcome", "Pending", "Together"]

_KEPT = ("full", "masked")  # levels that keep the payload


class Outcome(Protocol):
    """Where the writer says what became of an entry: a Future, or what several entries share."""

    def set_result(self, receipt: Receipt, /) -> None: ...
    def set_exception(self, error: BaseException, /) -> None: ...


class Together:
    """The one outcome of several entries: `future` is done when all are durable, or the first of them has failed.

    Only the writer's thread calls the setters.
    """

    __slots__ = ("_left", "_receipts", "future")

    def __init__(self, entries: int) -> None:
        self.future: Future[tuple[Receipt, ...]] = Future()
        self._left = entries
        self._receipts: list[Receipt] = []

    def set_result(self, receipt: Receipt, /) -> None:
        self._receipts.append(receipt)
        self._left -= 1
        if not self._left:
            with suppress(InvalidStateError):  # one has failed, or the caller gave up
                self.future.set_result(tuple(self._receipts))

    def set_exception(self, error: BaseException, /) -> None:
        with suppress(InvalidStateError):
            self.future.set_exception(error)


class Pending:
    """An entry, its checked metadata as JSON, and its outcome; the rest is set by the encoder.

    `size`: about the bytes that it holds in memory. `kept`: the payload, where its level keeps it. `rest`: the leaf
    without its number and times; `body`: the ciphertexts; `key`: the session's key, given until its slot is durable;
    `retention`: the class that the payload belongs to, None where there is no payload. `offered`, `packed`: the payload
    was handed to the press, and what came out.
    """

    __slots__ = ("body", "data", "entry", "future", "kept", "key", "offered", "packed", "rest", "retention", "size")

    def __init__(self, entry: Entry, data: bytes, future: Outcome) -> None:
        self.entry, self.data, self.future = entry, data, future
        _, _, _, payload, original, level, _, _ = entry
        self.kept = payload if level in _KEPT else None
        self.size = 512 + (len(payload) if payload else 0) + (len(original) if original else 0)
        self.rest = self.body = self.packed = b""
        self.key: SessionKey | None = None
        self.retention: str | None = None
        self.offered = False
