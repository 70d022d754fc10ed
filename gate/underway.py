"""Which requests of a session wait for their answer: whoever cancels one names it, and none is named twice at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["Underway"]


class Underway:
    """Ids of requests, as `call.key_of` gives them, and how often each is open: callers of one run share a session."""

    __slots__ = ("_open",)

    def __init__(self) -> None:
        self._open: dict[Any, int] = {}

    def __contains__(self, key: Any) -> bool:
        return key in self._open

    def __len__(self) -> int:
        return len(self._open)

    def enter(self, key: Any) -> None:
        """A request with this id waits for its answer."""
        self._open[key] = self._open.get(key, 0) + 1

    def leave(self, keys: Iterable[Any]) -> None:
        """One request each of these ids waits no more."""
        for key in keys:
            left = self._open.get(key, 0) - 1
            if left > 0:
                self._open[key] = left
            else:
                self._open.pop(key, None)
