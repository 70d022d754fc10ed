"""The notary: grows the Merkle tree behind the writer, writes its tiles, signs checkpoints.

Strategy: it never stands in the way of an append. The writer hands over the leaf hashes of a durable group and goes on;
a thread adds them to the tree and, each second under load or when asked, appends the new hashes to the tile files,
syncs them, and only then appends a signed checkpoint. So every checkpoint's tiles are durable, and after a crash the
tree resumes from the last checkpoint. An I/O error leaves the tree in memory whole: the next round uses new
descriptors.
"""

from __future__ import annotations

import base64
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from recorder import layout
from recorder.anchors import Anchor, Paced
from recorder.disk import Disk, File
from recorder.errors import RecorderError, WriteError
from recorder.keys import Signer
from recorder.note import Checkpoint
from recorder.rfc6962 import Tree

__all__ = ["Notary", "Signed", "ended"]

PERIOD = 1.0  # seconds between checkpoints under load


def ended(kind: type[BaseException] | None) -> WriteError:
    """What callers are told when a fault that nobody expected has ended one of the recorder's threads."""
    what = kind.__name__ if kind is not None else "closed"
    return WriteError(f"the recorder ended: {what}", "nothing more is recorded; restart it")


@dataclass(slots=True)
class Signed:
    """Where the tree stands on disk: hashes written to each level's tiles, bytes of checkpoints, the size signed
    last.
    """

    tree: Tree
    notes_end: int = 0
    size: int = 0
    latest: str = ""
    written: list[int] = field(default_factory=list)


class Notary:
    """One log's tree, tiles and checkpoints."""

    def __init__(
        self,
        disk: Disk,
        origin: str,
        log: int,
        signer: Signer,
        signed: Signed,
        anchors: Sequence[Anchor] = (),
    ) -> None:
        self._anchors = anchors
        self.unanchored = 0
        self.signer = signer
        self._disk, self._origin, self._log, self._signed = disk, origin, log, signed
        self._tree = signed.tree
        self._levels: list[list[bytes]] = self._tree.levels or []  # hashes that are not yet in the tile files
        self._tree.levels = self._levels
        self._files: dict[str, File] = {}
        self._wake = threading.Condition()
        self._growing = threading.Lock()  # the tree and the hashes that its tiles lack; taken before `_wake`
        self._head: tuple[int, bytes] = 0, b""
        self._hashes: list[bytes] = []
        self._asked: list[Future[str]] = []
        self._taken: list[Future[str]] = []
        self._closing = False
        self._fault: WriteError | None = None
        self._thread = threading.Thread(target=self._run, name="hoopgate-notary", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def add(self, hashes: list[bytes]) -> None:
        """Take the leaf hashes of a durable group, in order. Raises WriteError once a fault ended the thread."""
        with self._wake:
            if self._fault is not None:
                raise self._fault
            self._hashes.extend(hashes)
            if len(self._hashes) == len(hashes):
                self._wake.notify()

    def ask(self, future: Future[str]) -> None:
        """Sign a checkpoint over everything added so far; the future gets its text, or WriteError."""
        with self._wake:
            if self._fault is not None:
                future.set_exception(self._fault)
                return
            self._asked.append(future)
            self._wake.notify()

    def head(self) -> bytes:
        """A signed checkpoint over at least everything added so far, in base64. It is in no file, and needs none: the
        records below it are durable, and the next checkpoint in the files continues it. Raises WriteError.
        """
        with self._growing:
            self._grow()
            if self._head[0] != self._tree.size:
                checkpoint = Checkpoint(self._origin, self._tree.size, self._tree.root())
                text = self.signer.sign(self._origin, checkpoint.text())
                self._head = checkpoint.size, base64.b64encode(text.encode())
            return self._head[1]

    def _grow(self) -> None:
        """Take what was added into the tree; with `_growing` held. Raises WriteError."""
        with self._wake:
            if self._fault is not None:
                raise self._fault
            hashes, self._hashes = self._hashes, []
        self._tree.extend(hashes)

    def close(self) -> None:
        """Stop. What was asked for before is still done."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()
        for anchor in self._anchors:
            if isinstance(anchor, Paced):
                self._try(anchor.flush)
        for file in self._files.values():
            file.close()

    @property
    def latest(self) -> str:
        """The last signed checkpoint, or ""."""
        return self._signed.latest

    def _run(self) -> None:
        try:
            self._serve()
        finally:
            self._end()

    def _end(self) -> None:
        """After a fault of ours nobody waits for a checkpoint, and the writer learns of it with its next group."""
        kind = sys.exc_info()[0]
        with self._wake:
            self._fault = ended(kind) if kind is not None else None
            left = [*self._taken, *self._asked]
            self._asked.clear()
        for future in left:
            with suppress(InvalidStateError):
                future.set_exception(ended(kind))

    def _serve(self) -> None:
        due = time.monotonic() + PERIOD
        while True:
            with self._wake:
                while not (self._asked or self._closing):
                    wait = None if self._idle() else due - time.monotonic()
                    if wait is not None and wait <= 0:
                        break
                    self._wake.wait(wait)
                asked, self._asked = self._asked, []
                self._taken = asked
                closing = self._closing
            with self._growing:
                self._grow()
            self._settle(asked)
            self._taken = []
            due = time.monotonic() + PERIOD
            if closing and not self._asked:
                return

    def _idle(self) -> bool:
        return not self._hashes and self._signed.size == self._tree.size

    def _settle(self, asked: list[Future[str]]) -> None:
        try:
            if self._signed.size < self._tree.size or not self._signed.latest:
                self._sign()
        except OSError as error:
            self._forget_files()
            for future in asked:
                future.set_exception(WriteError(f"no checkpoint could be written: {error.strerror}"))
            return
        except RecorderError as error:
            for future in asked:
                future.set_exception(error)
            return
        for future in asked:
            future.set_result(self._signed.latest)

    def _sign(self) -> None:
        with self._growing:
            checkpoint = Checkpoint(self._origin, self._tree.size, self._tree.root())
            lacking = [b"".join(hashes) for hashes in self._levels]
        self._write_tiles(lacking)
        text = self.signer.sign(self._origin, checkpoint.text())
        data = text.encode() + b"\n"
        path = layout.checkpoints(self._log)
        file = self._file(path)
        file.write(data, self._signed.notes_end)
        file.sync()
        self._signed.notes_end += len(data)
        self._signed.size, self._signed.latest = checkpoint.size, text
        self._anchor(text)

    def _anchor(self, text: str) -> None:
        """Hand the checkpoint to every anchor; a failure does not undo the checkpoint, the next one covers it."""
        for anchor in self._anchors:
            self._try(partial(anchor.keep, text))

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except (OSError, RecorderError):
            self.unanchored += 1

    def _write_tiles(self, lacking: Sequence[bytes]) -> None:
        """Append to each level's file the hashes that it lacks; they are forgotten once they are durable."""
        written = self._signed.written
        touched = []
        for level, data in enumerate(lacking):
            while len(written) <= level:
                written.append(0)
            if data:
                file = self._file(layout.tiles(self._log, level))
                file.write(data, written[level] * 32)
                touched.append((file, level, len(data) // 32))
        for file, level, number in touched:
            file.sync()
            written[level] += number
            with self._growing:
                del self._levels[level][:number]

    def _file(self, path: str) -> File:
        if path not in self._files:
            self._files[path] = self._disk.open(path)
        return self._files[path]

    def _forget_files(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()
