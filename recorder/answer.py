"""The future that `Log.submit` gives: a `concurrent.futures.Future` that costs a third of one.

Strategy: hardly anybody waits for it in a thread. An event loop leaves a callback and, once called, asks for the
result: what is decided does not change any more, so that needs no lock. What threads wait on is made when the first one
waits; from then on everything is as in the class that this one extends, whose state it keeps under the same names.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Condition, RLock
from typing import Any

from recorder.entry import Receipt

__all__ = ["Answer"]

_OPEN, _FINISHED = ("PENDING", "RUNNING"), "FINISHED"  # states, as in concurrent.futures._base


class Answer(Future[Receipt]):
    """What becomes of one entry."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._state, self._result, self._exception = "PENDING", None, None
        self._done_callbacks: list[Callable[[Future[Receipt]], object]] = []
        self._waited: Condition | None = None  # made when a thread waits

    @property
    def _condition(self) -> Condition:  # type: ignore[override]
        with self._lock:
            if self._waited is None:
                self._waiters: list[Any] = []
                self._waited = Condition(self._lock)
            return self._waited

    def done(self) -> bool:
        return self._state not in _OPEN

    def cancelled(self) -> bool:
        return self._state not in _OPEN and self._state != _FINISHED

    def exception(self, timeout: float | None = None) -> BaseException | None:
        return self._exception if self._state == _FINISHED else super().exception(timeout)

    def result(self, timeout: float | None = None) -> Receipt:
        decided = self._result if self._state == _FINISHED else None
        return super().result(timeout) if decided is None else decided

    def add_done_callback(self, fn: Callable[[Future[Receipt]], object]) -> None:
        with self._lock:
            if self._state in _OPEN:
                self._done_callbacks.append(fn)
                return
        super().add_done_callback(fn)

    def set_result(self, result: Receipt) -> None:
        with self._lock:
            unwatched = self._waited is None and self._state in _OPEN
            if unwatched:
                self._result, self._state = result, _FINISHED
        if unwatched:
            self._invoke_callbacks()  # type: ignore[attr-defined]
        else:
            super().set_result(result)
