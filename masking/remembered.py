"""What the process remembers of texts it has read, so that nothing is judged twice: by keyed digests, never as text.

Strategy: a digest is BLAKE2b of 128 bits (RFC 7693) under a key drawn for the process, so two texts never share a
verdict and the tables cannot be searched for a text from outside. Each table has two generations: when the young one is
full it becomes the old one and the old one is forgotten, so what is used often stays. Bounds: 65,536 verdicts with
200,000 spans an engine.
"""

from __future__ import annotations

import hashlib
import itertools
import secrets
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from .findings import Span

if TYPE_CHECKING:
    from .reading import Reading

T = TypeVar("T")
_VERDICTS, _SPANS = 65_536, 200_000


class Verdict(NamedTuple):
    """What is said of a text without knowing the session.

    `cells` are those of its spans that fields in it tell. `traces` are the keyed hashes by which what a session knows
    may be in any of its views; None when the text is its own only view. `reading` is there just after the text was
    read, and never kept.
    """

    spans: tuple[Span, ...]
    cells: tuple[Span, ...] = ()
    traces: frozenset[int] | None = None
    reading: Reading | None = None


NOTHING = Verdict(())
ANYTHING: frozenset[int] = frozenset({0})  # stands for traces that were not made
NOTED = Verdict((), (), ANYTHING)  # of a text that was read once, of which more is kept when it comes again


class Recent(Generic[T]):
    """A table of at most `entries` values that weigh at most `weight` together; the oldest half is forgotten first."""

    __slots__ = ("_entries", "_held", "_weight", "old", "young")

    def __init__(self, entries: int, weight: int) -> None:
        self._entries, self._weight, self._held = entries // 2, weight // 2, 0
        self.young: dict[bytes, T] = {}
        self.old: dict[bytes, T] = {}

    def get(self, key: bytes) -> T | None:
        found = self.young.get(key)
        return found if found is not None else self.old.get(key)

    def put(self, key: bytes, value: T, weight: int) -> None:
        """Keep `value`. One that weighs more than a generation may is not kept."""
        if weight > self._weight:
            return
        if len(self.young) >= self._entries or self._held + weight > self._weight:
            self.old, self.young, self._held = self.young, {}, 0
        self.young[key] = value
        self._held += weight


class Remembered:
    """The tables of one scanner. Threads may share it: every step is one dictionary operation."""

    def __init__(self) -> None:
        self._keyed = hashlib.blake2b(digest_size=16, key=secrets.token_bytes(32))
        self._engines: dict[int, tuple[int, object]] = {}
        self._numbers = itertools.count()
        self._verdicts: dict[tuple[int, bool], Recent[Verdict]] = {}

    def digest(self, data: bytes) -> bytes:
        """What `data` is known by: 16 bytes."""
        hashed = self._keyed.copy()
        hashed.update(data)
        return hashed.digest()

    def verdicts(self, engine: object, *, prose: bool) -> Recent[Verdict]:
        """The verdicts on texts that `engine` has read (`prose`) or that only patterns have."""
        key = (self._number(engine), prose)
        found = self._verdicts.get(key)
        return found if found is not None else self._verdicts.setdefault(key, Recent(_VERDICTS, _SPANS))

    def _number(self, engine: object) -> int:
        """An engine's own number: it is kept alive here, so no other gets its id; two threads agree on the first."""
        found = self._engines.get(id(engine))
        if found is None:
            found = self._engines.setdefault(id(engine), (next(self._numbers), engine))
        return found[0]
