"""What the process remembers of texts it has read, so that nothing is judged twice: by keyed digests, never as text.

Strategy: a digest is BLAKE2b of 128 bits (RFC 7693) under a key drawn for the process, so two texts never share a
verdict and the tables cannot be searched for a text from outside. Each table has two generations: when the young one is
full it becomes the old one and the old one is forgotten, so what is used often stays. Bounds: 65,536 verdicts with
200,000 spans an engine; for each of 4 plans 16,384 quiet parts with 200,000 traces.
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
_QUIET, _TRACES, _PLANS = 16_384, 200_000, 4


class Verdict(NamedTuple):
    """What is said of a text without knowing the session; `reading` only where known values need its views."""

    spans: tuple[Span, ...]
    reading: Reading | None


NOTHING = Verdict((), None)


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


class Hush(NamedTuple):
    """What is kept of a quiet part: the keyed hashes by which a session's known values could touch it, and the names of
    its fields that may hold prose."""

    traces: frozenset[int]
    fields: frozenset[str]


class Quiet:
    """Parts of documents in which nothing identifies.

    `traces` are those of all parts together and only grow: what a session knows is held against them once a message.
    When they are too many, `full` says so and a new table takes over; who uses this one can go on. `tries` counts, by
    the keyed hash of a field's name, how often its parts were looked up and found.
    """

    __slots__ = ("_noted", "parts", "traces", "tries")

    def __init__(self) -> None:
        self.parts: dict[bytes, Hush] = {}
        self.traces: dict[int, int] = {}
        self.tries: dict[int, list[int]] = {}
        self._noted: Recent[bool] = Recent(_VERDICTS, _VERDICTS)

    @property
    def full(self) -> bool:
        return len(self.traces) > _TRACES or len(self.parts) > _QUIET

    def noted(self, key: bytes) -> bool:
        """Whether a part was noted before; it is now."""
        if self._noted.get(key):
            return True
        self._noted.put(key, True, 1)
        return False

    def put(self, key: bytes, hush: Hush) -> None:
        """Keep a part; its traces first, so that no part is ever found without them."""
        shared = self.traces
        traces = frozenset([shared.setdefault(trace, trace) for trace in hush.traces])
        self.parts[key] = hush._replace(traces=traces)


class Remembered:
    """The tables of one scanner. Threads may share it: every step is one dictionary operation."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._engines: dict[int, tuple[int, object]] = {}
        self._numbers = itertools.count()
        self._verdicts: dict[tuple[int, bool], Recent[Verdict]] = {}
        self._quiet: dict[tuple[int, frozenset[str]], Quiet] = {}

    def digest(self, data: bytes) -> bytes:
        """What `data` is known by: 16 bytes."""
        return hashlib.blake2b(data, digest_size=16, key=self._key).digest()

    def verdicts(self, engine: object, *, prose: bool) -> Recent[Verdict]:
        """The verdicts on texts that `engine` has read (`prose`) or that only patterns have."""
        key = (self._number(engine), prose)
        found = self._verdicts.get(key)
        return found if found is not None else self._verdicts.setdefault(key, Recent(_VERDICTS, _SPANS))

    def quiet(self, engine: object, kinds: frozenset[str]) -> Quiet:
        """The quiet parts under a plan's kinds."""
        key = (self._number(engine), kinds)
        found = self._quiet.get(key)
        if found is None or found.full:
            if len(self._quiet) >= _PLANS:
                self._quiet.clear()
            found = self._quiet[key] = Quiet()
        return found

    def _number(self, engine: object) -> int:
        """An engine's own number: it is kept alive here, so no other gets its id; two threads agree on the first."""
        found = self._engines.get(id(engine))
        if found is None:
            found = self._engines.setdefault(id(engine), (next(self._numbers), engine))
        return found[0]
