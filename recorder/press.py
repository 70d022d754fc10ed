"""Large payloads are compressed in a thread of their own, from the moment they are queued.

Strategy: zstd is half of what a payload of 16 KiB costs, and needs no interpreter. So a thread compresses what waits, a
portion in one call, while callers go on handing in and the writer hashes, encrypts and answers. Where the writer comes
to a payload that is not done, it does the oldest portion that nobody has begun. Nothing depends on the thread but
speed: what it could not do, the writer does, and tells why it cannot.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

import zstandard

from recorder.payload import Compressor

if TYPE_CHECKING:
    from recorder.pending import Pending

__all__ = ["LARGE", "Press"]

LARGE = 4096  # bytes from which a payload is worth handing to another thread
PORTION_BYTES = 128 * 1024  # compressed in one call: some 300 microseconds


class Press:
    """What waits to be compressed: `offer` it from any thread, `take` it in the writer's, whose `compressor` it is."""

    def __init__(self, compressor: Compressor) -> None:
        self._waiting: deque[Pending] = deque()
        self._doing = False
        self._ended = False
        self._compressor = compressor
        self._lock = threading.Lock()
        self._work, self._done = threading.Condition(self._lock), threading.Condition(self._lock)
        self._thread = threading.Thread(target=self._run, name="hoopgate-press", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def offer(self, item: Pending) -> None:
        """Compress this entry's payload when its turn comes."""
        with self._lock:
            if not self._ended:
                item.offered = True
                self._waiting.append(item)
                if not self._doing:
                    self._work.notify()

    def take(self, items: Sequence[Pending]) -> None:
        """Return when those of the items that were offered are compressed. Raises what the compressor does."""
        while missing := [item for item in items if item.offered and not item.packed]:
            with self._lock:
                portion = self._portion()
                if not portion and self._doing:
                    self._done.wait()
                    continue
            _compress(self._compressor, portion or missing)

    def close(self) -> None:
        """End the thread; what it has not begun is left to the writer."""
        with self._lock:
            self._ended = True
            self._work.notify()
        if self._thread.is_alive():
            self._thread.join()

    def _portion(self) -> list[Pending]:
        """The oldest that nobody has begun; with the lock held."""
        portion, size = [], 0
        while self._waiting and size < PORTION_BYTES:
            item = self._waiting.popleft()
            portion.append(item)
            size += len(item.entry.payload or b"")
        return portion

    def _run(self) -> None:
        own: Compressor | None = None  # made when there is something for it: many logs never see a large payload
        try:
            while portion := self._next():
                own = own or Compressor()
                _compress(own, portion)
                del portion  # nothing is held while the next is waited for
        except (MemoryError, zstandard.ZstdError):
            return  # the writer meets the same with its own, and tells it
        finally:
            with self._lock:
                self._ended, self._doing = True, False
                self._waiting.clear()
                self._done.notify_all()

    def _next(self) -> list[Pending]:
        """Tell that the one before is done; the next portion, or nothing at the end."""
        with self._lock:
            self._doing = False
            self._done.notify_all()
            while not self._waiting and not self._ended:
                self._work.wait()
            portion = [] if self._ended else self._portion()
            self._doing = bool(portion)
            return portion


def _compress(compressor: Compressor, portion: Sequence[Pending]) -> None:
    packed = compressor.compress([item.entry.payload or b"" for item in portion])
    for item, data in zip(portion, packed, strict=True):
        item.packed = data
