"""The log that a process writes: `recorder.open`, `Log.append`, `Log.submit`.

    with recorder.open("var/evidence") as log:
        log.append(recorder.Entry("request", session, {"command": "ehr/search"}, payload=body))

What it does not do: decide, mask, or talk to a network. It knows bytes, a session's name and a closed list of fields.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from recorder import layout
from recorder.anchors import Anchor
from recorder.answer import Answer
from recorder.clock import Clock, boot_digest, synchronized
from recorder.disk import Disk, PosixDisk, sync_directory
from recorder.encoder import Encoder
from recorder.entry import Entry, Receipt
from recorder.errors import DamageError, KeysError, QuotaError, RecorderError, StoreError, WriteError
from recorder.index_acts import ledger_of
from recorder.keys import Keys, Signer
from recorder.leaf import leaf_data
from recorder.lock import Lock
from recorder.notary import Notary
from recorder.pending import Outcome, Pending, Together
from recorder.premises import ASIDE, default_keys, prepare, slot_count, store_id
from recorder.proof import last_checkpoint
from recorder.quota import Quota
from recorder.receipt import receipt_line
from recorder.recovery import Recovered, recover
from recorder.retention_plan import SIX_YEARS, Expiry, expire_own, may_be_due
from recorder.rotation import finish_rotation, hand_over, publish_signer, signing_key
from recorder.segments import SEGMENT_BYTES, Segments
from recorder.tombs import finish
from recorder.vault import Epoch, Vault, load_epoch
from recorder.writer import RESERVE_BYTES, Writer

__all__ = ["Log", "OpenCall", "open"]

MAX_LOGS = 1024
_Wishes = tuple[int, Sequence[Anchor], int | None]  # segment_bytes, anchors and quota of `open`


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call that has a `request` record and no end: it was under way when the log was last written."""

    call: str
    session: str
    seq: int
    server: str | None = None
    command: str | None = None
    method: str | None = None


class Log:
    """One process's log in a store. Made by `recorder.open`; safe to use from several threads."""

    def __init__(
        self,
        root: Path,
        number: int,
        lock: Lock,
        keys: Keys,
        state: Recovered,
        disk: Disk,
        limit: int,
        anchors: Sequence[Anchor],
        quota: int | None,
    ) -> None:
        self._quota = Quota(quota, disk.free, usage=state.usage)
        self.path, self.number, self.store = root, number, state.store
        self._lock, self._keys = lock, keys
        self._vault = Vault(load_epoch(root, disk, number, keys), slot_count(root, number))
        signer = signing_key(state, number, keys)
        self._notary = Notary(disk, layout.origin(state.store, number), number, signer, state.signed, anchors)
        segments = Segments(disk, state.store, number, limit)
        segments.active, segments.next_number = state.active, state.next_number
        self._open_calls = dict(state.open_calls)
        self._closed = False
        self._seen: dict[int, tuple[int, str]] = {}
        self._writer = Writer(
            disk,
            number,
            segments,
            self._notary,
            Encoder(self._vault, keys.auditor),
            size=state.size,
            open_calls=dict(state.open_calls),
            clock=Clock(),
            quota=self._quota,
        )
        self._writer.start()
        self._notary.start()

    def append(self, entry: Entry) -> Receipt:
        """Record the entry; returns when it is durable.

        Raises EntryError (it may not be recorded), WriteError (it cannot be now; nothing was recorded), ClosedError.
        """
        return self.submit(entry).result()

    def submit(self, entry: Entry) -> Future[Receipt]:
        """Queue the entry. The order of submits is the order of records; the future is done when the entry is durable.

        Raises EntryError, QuotaError and ClosedError at once; the future may raise WriteError, or EntryError where the
        leaf would be too large. Blocks while the queue is full.
        """
        answer = Answer()
        self._queue((entry,), answer)
        return answer

    def submit_all(self, entries: Sequence[Entry]) -> Future[tuple[Receipt, ...]]:
        """As `submit` for several entries in a row (one or more), with one future for all of them.

        It is done when the last is durable, or with the error of the first that failed; its result is the receipts, in
        order. Where one is refused at once, those before it are queued and those after it are not.
        """
        together = Together(len(entries))
        self._queue(entries, together)
        return together.future

    def submit_to(self, entries: Sequence[Entry], outcome: Outcome) -> None:
        """As `submit_all`, for who has an outcome of its own: the writer's thread sets it once for each entry."""
        self._queue(entries, outcome)

    def _queue(self, entries: Sequence[Entry], outcome: Outcome) -> None:
        checked: list[Pending] = []
        for entry in entries:
            try:
                pending = Pending(entry, leaf_data(entry), outcome)
                self._quota.check(entry)
            except RecorderError as error:
                if isinstance(error, QuotaError):
                    checked.append(self._refusal(entry, error))
                self._writer.put(checked)
                raise
            checked.append(pending)
        self._writer.put(checked)

    def _refusal(self, entry: Entry, error: QuotaError) -> Pending:
        """A refusal for want of quota is on record, for whoever submits takes it that nothing can be recorded."""
        told = {name: entry.metadata.get(name) for name in ("call", "decision", "server", "command", "method")}
        refusal = Entry("refusal", entry.session, {**told, "error": error.code}, level="off", best_effort=True)
        return Pending(refusal, leaf_data(refusal), Future())

    def signed_receipt(self, receipt: Receipt) -> str:
        """What the caller may keep of a durable record: the value of `recorder.receipt`, about 400 characters.

        Costs one signature (some 50 µs) for all receipts between two groups. Raises WriteError once the log has ended.
        """
        return receipt_line(receipt.seq, receipt.leaf_hash, self._notary.head())

    def end_session(self, session: str) -> Future[str]:
        """The session is over: its key leaves memory and a checkpoint covers it. The future gets the checkpoint."""
        future: Future[str] = Future()
        self._writer.checkpoint(future, session)
        self._quota.forget(session)
        return future

    def checkpoint(self) -> str:
        """Sign a checkpoint over everything submitted before: a C2SP signed note. Raises WriteError, ClosedError."""
        future: Future[str] = Future()
        self._writer.checkpoint(future)
        return future.result()

    def open_calls(self) -> list[OpenCall]:
        """The calls that were open when this log was opened, oldest first: what a crash interrupted."""
        calls = (OpenCall(call=call, **told) for call, told in self._open_calls.items())
        return sorted(calls, key=lambda call: call.seq)

    def sign(self, text: str) -> str:
        """A C2SP signed note of `text`, under this log's name and signing key."""
        return self._notary.signer.sign(layout.origin(self.store, self.number), text)

    @property
    def size(self) -> int:
        """Durable records."""
        return self._writer.size

    @property
    def signer(self) -> str:
        """Fingerprint of the key that signs this log's checkpoints."""
        return self._notary.signer.fingerprint

    def sign_with(self, signer: Signer) -> None:
        """Sign further checkpoints with another key; `recorder.rotation` says what must go before."""
        self._notary.signer = signer

    def adopt_epoch(self, epoch: Epoch) -> None:
        """Wrap further session keys under this epoch key if it is the current one's successor in wrapping."""
        if epoch.number == self._vault.epoch.number:
            self._vault.epoch = epoch

    def close(self) -> None:
        """Write what is queued, sign a last checkpoint, give the lock back. A second close does nothing.

        Raises WriteError when the writer had ended by a fault: there is no last checkpoint then; the lock is free.
        """
        if self._closed:
            return
        self._closed = True
        future: Future[str] = Future()
        try:
            self._see_others()
            self._writer.checkpoint(future)
        finally:
            self._writer.close()
            self._notary.close()
            self._lock.release()
        future.result()

    def expire(self, *, default: int = SIX_YEARS, now: int | None = None) -> list[Expiry]:
        """Remove what is due in this log, by schedule: as `recorder.retention.expire`, while the log is being written.

        Where anything is, that runs between two groups, and appends wait for it. Raises WriteError, ClosedError.
        """
        now = time.time_ns() if now is None else now
        if not may_be_due(self.path, self.number, default, now):
            return []
        ledger_of(self.path)  # brings the index up to date here, so that appends do not wait for it
        done: list[Expiry] = self._writer.between(
            lambda: expire_own(self.path, self.number, self._writer, default, now)
        ).result()
        return done

    @property
    def latest_checkpoint(self) -> str:
        """The newest signed checkpoint, or "" before the first: at most a second behind what is durable."""
        return self._notary.latest

    @property
    def unanchored(self) -> int:
        """How often an anchor could not keep a checkpoint since the log was opened."""
        return self._notary.unanchored

    def _see_others(self) -> None:
        """Put the newest checkpoints of the store's other logs on record, so that none of them can go unnoticed."""
        try:
            others = [number for number in layout.logs(self.path) if number != self.number]
        except OSError:
            return  # the directory cannot be read now; the end of the next session sees them
        for other in others:
            try:
                _, checkpoint = last_checkpoint(self.path, other)
            except (OSError, RecorderError):
                continue  # it has none yet, or it is damaged, which its own verification tells
            seen = (checkpoint.size, checkpoint.root.hex())
            if self._seen.get(other) != seen:
                self._seen[other] = seen
                metadata = {"log": str(other), "size": checkpoint.size, "root": checkpoint.root.hex()}
                entry = Entry("log.seen", "", metadata, level="off")
                with suppress(WriteError):
                    self._writer.put([Pending(entry, leaf_data(entry, own=True), Future())])

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def note(self, kind: str, metadata: Mapping[str, object]) -> Receipt:
        """Record a fact about the log itself."""
        entry = Entry(kind, "", metadata, level="off")
        future: Future[Receipt] = Future()
        self._writer.put([Pending(entry, leaf_data(entry, own=True), future)])
        return future.result()


def open(  # noqa: A001 - the name is the project's contract
    path: str | os.PathLike[str],
    *,
    keys: Keys | None = None,
    log: int | None = None,
    acting: bool = False,
    anchors: Sequence[Anchor] = (),
    disk: Disk | None = None,
    segment_bytes: int = SEGMENT_BYTES,
    quota: int | None = None,
) -> Log:
    """Open a store for writing; it is made if it is not there. After a crash it is brought to its clean end first.

    A log that is damaged is left as it is; the next one is written, and begins by saying so.
    `keys`: default is `.hoopgate-keys/` beside the store. `log`: which log of the store to write; default is the first
    that no process holds. `acting`: an operator's tool, which leaves log 0 to the gate. `anchors`: where every
    checkpoint is kept outside the store (`recorder/anchors.py`). `quota`: bytes that one caller may record in a day
    (`recorder/quota.py`). Raises StoreError, DamageError, KeysError, WriteError.
    """
    root = Path(path)
    disk = disk or PosixDisk(root)
    try:
        if keys is not None and keys.directory is not None and keys.directory.resolve().is_relative_to(root.resolve()):
            raise KeysError(f"the keys in {keys.directory} are inside the store", "keep them out of what they protect")
        fresh = prepare(root)
        keys = keys or default_keys(root, fresh)
        numbers = [log] if log is not None else range(1 if acting else 0, MAX_LOGS)
        return _first_whole(root, numbers, keys, disk, (segment_bytes, anchors, quota))
    except OSError as error:
        raise WriteError(f"cannot open the store {root}: {error.strerror}") from None


def _first_whole(root: Path, numbers: Sequence[int], keys: Keys, disk: Disk, wishes: _Wishes) -> Log:
    """Open the first of these logs that is neither held nor damaged."""
    damaged: list[int] = []
    for number in numbers:
        lock = Lock.take(root, number)
        if lock is None:
            continue
        try:
            opened = _begin(root, number, lock, keys, disk, wishes)
        except DamageError:
            lock.release()
            if len(numbers) == 1:
                raise
            damaged.append(number)
            continue
        except BaseException:
            lock.release()
            raise
        for other in damaged:
            opened.note("gap", {"cause": "damaged", "log": str(other)})
        return opened
    raise StoreError(
        f"{root} is being written by another process", "end it, or leave out `log` to write a log of its own"
    )


def _begin(root: Path, number: int, lock: Lock, keys: Keys, disk: Disk, wishes: _Wishes) -> Log:
    (root / "tiles" / str(number)).mkdir(exist_ok=True, mode=0o700)
    state = recover(root, disk, number)
    if not state.store:
        state.store = store_id(root)
    finish_rotation(root, disk, number, state.rotated)
    finish(root, disk, state.erased)
    for aside in (root / "segments").glob(f"{number}-*.seg.new"):
        disk.remove(f"segments/{aside.name}")
    for name in (*ASIDE, f"{layout.signer(keys.signer.fingerprint)}.new"):
        if (root / name).exists():
            disk.remove(name)
    publish_signer(root, disk, keys.signer)
    if not (root / layout.RESERVE).exists() and disk.free() >= 2 * RESERVE_BYTES:
        disk.replace(layout.RESERVE, bytes(RESERVE_BYTES))
    for directory in (root / "tiles", root, root.resolve().parent):
        sync_directory(directory)
    log = Log(root, number, lock, keys, state, disk, *wishes)
    try:
        hand_over(log, keys, disk)
        _announce(log, state, keys)
    except BaseException:
        log.close()
        raise
    return log


def _announce(log: Log, state: Recovered, keys: Keys) -> None:
    """The first records of every opening: who writes, under which keys and clock, and what a crash tore off."""
    log.note(
        "log.opened",
        {
            "store": state.store,
            "log": str(log.number),
            "signer": keys.signer.fingerprint,
            "epoch": str(log._vault.epoch.number),
            "digest": log._vault.epoch.digest,
            "kek": log._vault.epoch.kek,
            "auditor": sha256(keys.auditor).hexdigest() if keys.auditor else None,
            "synchronized": synchronized(),
            "boot": boot_digest(),
        },
    )
    log._see_others()
    for torn in state.torn:
        told = {"cause": "torn", "segment": torn.segment, "offset": torn.offset, "bytes": torn.bytes}
        log.note("gap", told)
