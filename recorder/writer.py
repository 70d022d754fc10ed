"""The writer: one thread that takes whatever has queued up, numbers it, and makes it durable as one group.

Strategy: a group is whatever queued up while the one before was being written; it gets one write and one sync. If a
write or a sync fails, the group is tried once more on new files, behind a `gap` record that says why; if that fails
too, its entries are refused, the disk's reserve is spent on recording that recording stopped, and each later group is
a new attempt.
"""

from __future__ import annotations

import errno
import itertools
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple

from recorder import layout
from recorder.clock import Clock, synchronized
from recorder.disk import Disk, File
from recorder.encoder import PORTION, PORTION_BYTES, Encoder
from recorder.entry import Entry, Receipt
from recorder.errors import ClosedError, RecorderError, WriteError
from recorder.leaf import leaf_data
from recorder.notary import Notary, ended
from recorder.pending import Pending
from recorder.press import LARGE
from recorder.quota import Quota
from recorder.recovery import FOLLOWED, follow
from recorder.segments import DEFAULT_CLASS, Segments, frame_parts
from recorder.slots import SLOT_SIZE
from recorder.syncer import Syncer

__all__ = ["Writer"]

MAX_QUEUED = 65_536  # entries
MAX_QUEUED_BYTES = 256 * 1024 * 1024
MAX_GROUP = 8_192  # entries
MAX_GROUP_BYTES = 32 * 1024 * 1024
RESERVE_BYTES = 1024 * 1024
AHEAD = 1_024  # entries that are encoded while the group before is synced
LOOK = 100_000_000  # nanoseconds between two looks at whether the active segments still have names


class _Job(NamedTuple):
    """Something to do between two groups, in the writer's thread."""

    future: Future[Any]
    work: Callable[[], Any]


class _Wish(NamedTuple):
    """A checkpoint that somebody waits for; `session`: one that is over."""

    future: Future[str]
    session: str | None


@dataclass(slots=True)
class _Stop:
    """What happened since recording stopped."""

    cause: str
    refused: int = 0
    lost: dict[str, int] = field(default_factory=dict)


class Writer:
    """The ordered, bounded queue of one log and the thread that empties it."""

    def __init__(
        self,
        disk: Disk,
        log: int,
        segments: Segments,
        notary: Notary,
        encoder: Encoder,
        *,
        size: int,
        open_calls: dict[str, dict[str, Any]],
        clock: Clock,
        quota: Quota,
    ) -> None:
        self.size = size
        self.open_calls = open_calls
        self._disk, self._log, self._segments, self._notary, self._encoder = disk, log, segments, notary, encoder
        self._clock, self._quota = clock, quota
        self._queue: deque[Pending | _Wish | _Job] = deque()
        self._taken: list[Pending | _Wish | _Job] = []
        self._bytes = 0
        self._lock = threading.Lock()
        self._ready, self._room = threading.Condition(self._lock), threading.Condition(self._lock)
        self._closed = False
        self._fault: WriteError | None = None
        self._stop: _Stop | None = None
        self._look_at = 0
        self._slots: File | None = None
        self._syncer = Syncer()
        self._thread = threading.Thread(target=self._run, name="hoopgate-recorder", daemon=True)

    def start(self) -> None:
        self._syncer.start()
        self._encoder.press.start()
        self._thread.start()

    def put(self, several: Sequence[Pending]) -> None:
        """Queue entries in a row; blocks while the queue is full. Raises ClosedError, WriteError after a fault."""
        size, large = 0, []
        for pending in several:
            size += pending.size
            if pending.size >= LARGE:
                large.append(pending)
        with self._lock:
            while not self._closed and (len(self._queue) >= MAX_QUEUED or self._bytes > MAX_QUEUED_BYTES):
                self._room.wait()
            if self._closed:
                raise self._fault or ClosedError("the log is closed")
            waited_for = not self._queue
            self._queue.extend(several)
            self._bytes += size
            for pending in large:
                self._encoder.expect(pending)
            if waited_for:
                self._ready.notify_all()

    def checkpoint(self, future: Future[str], session: str | None = None) -> None:
        """Queue the wish for a checkpoint over everything queued before it. Raises ClosedError."""
        with self._ready:
            if self._closed:
                raise self._fault or ClosedError("the log is closed")
            self._queue.append(_Wish(future, session))
            self._ready.notify_all()

    def between(self, work: Callable[[], Any]) -> Future[Any]:
        """Queue work that must not meet a write: it runs in the writer's thread, between groups. Raises ClosedError."""
        job = _Job(Future(), work)
        with self._ready:
            if self._closed:
                raise self._fault or ClosedError("the log is closed")
            self._queue.append(job)
            self._ready.notify_all()
        return job.future

    def close(self) -> None:
        """Write what is queued and stop."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()
        if self._thread.is_alive():
            self._thread.join()
        self._syncer.close()
        self._encoder.press.close()
        self._segments.close()
        if self._slots is not None:
            self._slots.close()

    def _run(self) -> None:
        try:
            self._serve()
        finally:
            self._end()

    def _end(self) -> None:
        """Whatever ended the thread, a fault of ours included: nobody waits for it, and nothing more is taken."""
        fault = ended(sys.exc_info()[0])
        with self._ready:
            self._closed = True
            if sys.exc_info()[0] is not None:
                self._fault = fault
            left = [*self._taken, *self._queue]
            self._queue.clear()
            self._room.notify_all()
        for item in left:
            with suppress(InvalidStateError):
                item.future.set_exception(fault)

    def _serve(self) -> None:
        while True:
            with self._ready:
                while not self._queue and not self._closed:
                    self._ready.wait()
                if not self._queue:
                    return
            self._turn()

    def _turn(self) -> None:
        """One group, and what was wished for behind it; nothing of either is held while the next is waited for."""
        with self._ready:
            group, asked = self._take()
        self._taken = [*group, *asked]
        if group:
            self._commit(group)
        for wish in asked:
            if isinstance(wish, _Job):
                self._do(wish)
                continue
            if wish.session is not None:
                self._encoder.forget(wish.session)
            self._notary.ask(wish.future)
        self._taken = []

    def _do(self, job: _Job) -> None:
        try:
            job.future.set_result(job.work())
        except OSError as error:
            job.future.set_exception(WriteError(f"the recorder cannot write: {error.strerror}"))
        except RecorderError as error:
            job.future.set_exception(error)

    def record(self, entry: Entry) -> None:
        """Make one entry durable now; for work that runs between groups. Raises OSError, EntryError."""
        self._write([Pending(entry, leaf_data(entry), Future())])

    def rest(self, segment: int) -> None:
        """No more records go into this segment: its class begins a new one with its next record."""
        self._segments.rest(segment)

    def _take(self) -> tuple[list[Pending], list[_Wish | _Job]]:
        """The next group, up to a wish for a checkpoint."""
        group: list[Pending] = []
        asked: list[_Wish | _Job] = []
        size = 0
        queue = self._queue
        while queue and len(group) < MAX_GROUP and size < MAX_GROUP_BYTES:
            item = queue[0]
            if isinstance(item, Pending):
                if asked:
                    break
                group.append(item)
                size += item.size
            else:
                asked.append(item)
            queue.popleft()
        self._bytes -= size
        self._room.notify_all()
        return group, asked

    def _commit(self, group: list[Pending]) -> None:
        try:
            notes = self._notes()
            self._write([*notes, *group])
        except OSError as error:
            self._again(group, error)
        except RecorderError as error:
            _refuse(group, error)

    def _again(self, group: list[Pending], error: OSError) -> None:
        """Once more, on new files, behind the record of what went wrong."""
        try:
            if self._stop is not None or error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise error
            self._write([self._gap("io", error=errno.errorcode.get(error.errno or 0, "EIO")), *group])
        except OSError as second:
            self._stopped(group, second)

    def _write(self, group: list[Pending]) -> None:
        """Number, frame, sync, acknowledge. Raises OSError; then the log is as it was."""
        self._encoder.encode(group)
        group = [item for item in group if item.rest]  # without those whose leaf is too large
        if not group:
            return
        self._write_slots(group)
        first, clock = self.size, self._clock
        wall, monotonic = clock.wall, clock.monotonic
        usual = next((item.retention for item in group if item.retention), DEFAULT_CLASS)
        frames: dict[str, list[bytes]] = {item.retention or usual: [] for item in group}
        hashes: list[bytes] = []
        for seq, item in enumerate(group, first):
            leaf = b'{"seq":%d,"time":%d,"mono":%d,%b' % (seq, wall(), monotonic(), item.rest)
            hashes.append(sha256(b"\x00" + leaf).digest())
            frames[item.retention or usual] += frame_parts(seq, first, leaf, item.body)
        self._segments.write(frames, first, self._state, self._sync)
        self.size += len(group)
        self._notary.add(hashes)
        callers, count = self._quota.usage.callers, self._quota.count
        for seq, (item, value) in enumerate(zip(group, hashes, strict=True), first):
            kind, session, metadata, _, _, _, _, _ = item.entry
            if kind in FOLLOWED:
                follow(self.open_calls, kind, session, metadata, seq)
            if session in callers:
                count(session, len(item.rest) + len(item.body))
            try:
                item.future.set_result(Receipt(seq, value))
            except InvalidStateError:
                continue  # the caller gave up on its future; the record stands

    def _state(self) -> dict[str, Any]:
        """What a new segment's header carries, so that opening the log need not read further back."""
        return {"created": self._clock.wall(), "open_calls": self.open_calls, "usage": self._quota.carried()}

    def _sync(self, files: Sequence[File]) -> None:
        """Sync, and meanwhile encode what has queued up, a few entries at a time. Raises OSError.

        Strategy: another thread syncs only where a whole portion waits; less is not worth the way there and back. An
        encoded entry stays in the queue; only its leaf's number and times are missing, and those it gets with its own
        group. So nothing changes hands, whatever becomes of either group. What cannot be encoded is told when its own
        group is.
        """
        if len(self._queue) < PORTION and self._bytes < PORTION_BYTES:
            for file in files:
                file.sync()
            return
        self._syncer.begin(files)
        try:
            self._encode_ahead()
        finally:
            self._syncer.finish()

    def _encode_ahead(self) -> None:
        for at in range(0, AHEAD, PORTION):
            with self._ready:
                waiting = list(itertools.islice(self._queue, at, at + PORTION))
            entries = [item for item in waiting if isinstance(item, Pending)]
            if self._syncer.ended() or not entries:
                return
            with suppress(WriteError):
                self._encoder.encode(entries)
            if len(entries) < len(waiting):
                return  # a session's end: what comes after it may need another key

    def _write_slots(self, group: list[Pending]) -> None:
        wanted = {item.key.slot: item.key for item in group if item.key is not None and item.key.raw is not None}
        if not wanted:
            return
        try:
            if self._slots is None:
                self._slots = self._disk.open(layout.slots(self._log))
            for number, key in wanted.items():
                self._slots.write(key.raw or b"", number * SLOT_SIZE)
            self._slots.sync()
        except OSError:
            if self._slots is not None:
                self._slots.close()
                self._slots = None
            raise
        for key in wanted.values():
            key.raw = None  # from here on the session's leaves need not introduce it again

    def _notes(self) -> list[Pending]:
        """Facts that go before the next group: recording resumed, a segment deleted, the clock jumped. Raises
        OSError.
        """
        notes = []
        if self._stop is not None:
            notes.append(self._resume(self._stop))
        now = self._clock.monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK
            for active in self._segments.deleted():
                self._segments.restore(active)
                notes.append(self._gap("deleted", segment=active.number))
        jump = self._clock.jump()
        if jump:
            notes.append(self._own("clock", {"jump_ns": jump, "synchronized": synchronized()}))
        return notes

    def _resume(self, stop: _Stop) -> Pending:
        if self._disk.free() < 2 * RESERVE_BYTES:
            raise OSError(errno.ENOSPC, "the disk is full")
        self._disk.replace(layout.RESERVE, bytes(RESERVE_BYTES))
        pending = self._gap("resumed", refused=stop.refused, lost=stop.lost)
        future: Future[Receipt] = Future()
        future.add_done_callback(self._resumed)
        pending.future = future
        return pending

    def _resumed(self, done: Future[Receipt]) -> None:
        if done.exception() is None:
            self._stop = None

    def _stopped(self, group: list[Pending], error: OSError) -> None:
        """Refuse the group; the first time, spend the reserve on saying so."""
        if self._stop is None:
            self._stop = _Stop("full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "io")
            with suppress(OSError):
                self._disk.remove(layout.RESERVE)
                self._write([self._gap("stopped", error=errno.errorcode.get(error.errno or 0, "EIO"))])
        for item in group:
            if item.entry.best_effort:
                self._stop.lost[item.entry.kind] = self._stop.lost.get(item.entry.kind, 0) + 1
            else:
                self._stop.refused += 1
        _refuse(
            group,
            WriteError(f"the recorder cannot write: {error.strerror}", "nothing was recorded; it resumes by itself"),
        )

    def _gap(self, cause: str, **metadata: object) -> Pending:
        return self._own("gap", {"cause": cause, **metadata})

    def _own(self, kind: str, metadata: Mapping[str, object]) -> Pending:
        entry = Entry(kind, "", metadata, level="off")
        return Pending(entry, leaf_data(entry, own=True), Future())


def _refuse(group: list[Pending], error: RecorderError) -> None:
    for item in group:
        with suppress(InvalidStateError):
            if item.entry.best_effort:
                item.future.set_result(Receipt(-1, b""))
            else:
                item.future.set_exception(error)
