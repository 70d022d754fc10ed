"""A disk that fails on demand: nothing acknowledged is lost, no descriptor is used again, the writer goes on by itself.

System calls of a real process are made to fail in `faults/`.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from threading import current_thread

import pytest

import recorder
from recorder import layout
from recorder.disk import File, PosixDisk, PosixFile
from recorder.keys import Keys
from recorder.reader import Store
from tests.recorder.conftest import call


class FaultyFile(PosixFile):
    def __init__(self, disk: FaultyDisk, inner: File, path: str) -> None:
        assert isinstance(inner, PosixFile)
        super().__init__(inner._fd)
        self._disk, self._path, self._broken = disk, path, False

    def write(self, data: bytes, offset: int) -> None:
        self._fail("write", data)
        super().write(data, offset)

    def sync(self) -> None:
        self._fail("sync", b"")
        super().sync()

    def _fail(self, operation: str, data: bytes) -> None:
        assert not self._broken, f"{self._path}: a descriptor was used again after an error"
        try:
            self._disk.check(operation, self._path, data)
        except OSError:
            self._broken = True
            raise


class FaultyDisk(PosixDisk):
    """Fails where `failing` says, and knows how much room there is."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.failing: dict[str, int] = {}  # "write segments" -> errno
        self.room: int | None = None
        self.reserved = True

    def check(self, operation: str, path: str, data: bytes) -> None:
        number = self.failing.get(f"{operation} {path.split('/')[0]}")
        if number is not None:
            raise OSError(number, os.strerror(number))
        if self.room is not None and len(data) > self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if self.room is not None:
            self.room -= len(data)

    def create(self, path: str, data: bytes) -> File:
        self.check("create", path, data)
        return FaultyFile(self, super().create(path, data), path)

    def open(self, path: str) -> File:
        return FaultyFile(self, super().open(path), path)

    def replace(self, path: str, data: bytes) -> None:
        self.check("replace", path, data)
        super().replace(path, data)

    def remove(self, path: str) -> None:
        if path == layout.RESERVE and self.room is not None and (self.root / path).exists():
            self.room += 100_000
        super().remove(path)

    def free(self) -> int:
        return super().free() if self.room is None else self.room


def opened(store: Path) -> tuple[recorder.Log, FaultyDisk]:
    recorder.open(store).close()
    disk = FaultyDisk(store)
    return recorder.open(store, keys=Keys.in_directory(store.parent / ".hoopgate-keys"), disk=disk), disk


def gaps(store: Path) -> list[dict[str, object]]:
    return [record.data for record in Store(store).records() if record.kind == "gap"]


@pytest.mark.parametrize("operation", ["write segments", "sync segments", "sync keys", "write keys"])
def test_one_failed_write_or_sync_costs_a_segment_and_no_record(operation: str, store: Path) -> None:
    log, disk = opened(store)
    log.append(call(1))
    failed: list[bool] = []
    original = disk.check

    def once(what: str, path: str, data: bytes) -> None:
        if not failed and f"{what} {path.split('/')[0]}" == operation:
            failed.append(True)
            raise OSError(errno.EIO, "Input/output error")
        original(what, path, data)

    disk.check = once  # type: ignore[method-assign]
    log.append(call(2, "another session"))
    log.close()
    assert failed
    recorder.verify(store)
    assert [gap["cause"] for gap in gaps(store)] == ["io"]
    assert gaps(store)[0]["error"] == "EIO"


@pytest.mark.parametrize("size", [10, 20_000])
def test_a_sync_that_fails_while_the_next_group_is_encoded_loses_neither(size: int, store: Path) -> None:
    """A portion waits as the group is written: so another thread syncs it, and it is there that the sync fails."""
    log, disk = opened(store)
    log.append(call(0))
    futures, threads = [], []
    original = disk.check

    def check(what: str, path: str, data: bytes) -> None:
        if (what, path.split("/")[0]) == ("write", "segments") and not futures:
            futures.extend(log.submit(call(number, payload=b"%d " % number * size)) for number in range(2, 102))
        if (what, path.split("/")[0]) == ("sync", "segments") and not threads:
            threads.append(current_thread().name)
            raise OSError(errno.EIO, "Input/output error")
        original(what, path, data)

    disk.check = check  # type: ignore[method-assign]
    log.append(call(1))
    assert [future.result().leaf_hash for future in futures]
    log.close()
    assert threads == ["hoopgate-sync"]
    recorder.verify(store)
    assert [gap["cause"] for gap in gaps(store)] == ["io"]
    assert [record.data["call"] for record in Store(store).records() if record.session] == [
        f"{number:032x}" for number in range(102)
    ]


def test_a_full_disk_refuses_records_that_it_stopped_and_resumes_by_itself(store: Path) -> None:
    log, disk = opened(store)
    log.append(call(1))
    disk.room = 10
    for number in range(3):
        with pytest.raises(recorder.WriteError, match=r"No space left|disk is full"):
            log.append(call(number + 2))
    assert [gap["cause"] for gap in gaps(store)] == ["stopped"]
    assert not (store / layout.RESERVE).exists()
    disk.room = None
    log.append(call(9))
    log.close()
    recorder.verify(store)
    assert [gap["cause"] for gap in gaps(store)] == ["stopped", "resumed"]
    assert gaps(store)[1]["refused"] == 3
    assert (store / layout.RESERVE).stat().st_size > 0


def test_best_effort_entries_do_not_fail_their_call_and_are_counted(store: Path) -> None:
    log, disk = opened(store)
    disk.failing = {"write segments": errno.EIO, "create segments": errno.EIO}
    lost = log.append(recorder.Entry("masking", "s", best_effort=True))
    assert lost == recorder.Receipt(-1, b"")
    with pytest.raises(recorder.WriteError):
        log.append(call(1))
    disk.failing = {}
    log.append(call(2))
    log.close()
    recorder.verify(store)
    (gap,) = [gap for gap in gaps(store) if gap["cause"] == "resumed"]
    assert (gap["refused"], gap["lost"]) == (1, {"masking": 1})


@pytest.mark.parametrize("operation", ["sync tiles", "write tiles", "write checkpoints", "sync checkpoints"])
def test_a_checkpoint_that_fails_is_signed_later_and_appends_go_on(operation: str, store: Path) -> None:
    log, disk = opened(store)
    disk.failing = {operation: errno.EIO}
    log.append(call(1))
    with pytest.raises(recorder.WriteError, match="no checkpoint"):
        log.checkpoint()
    log.append(call(2))
    disk.failing = {}
    log.checkpoint()
    log.close()
    assert recorder.verify_report(store).after == 0


def test_a_segment_deleted_under_the_writer_is_noticed_and_restored(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recorder.writer.LOOK", 0)
    with recorder.open(store) as log:
        log.append(call(1))
        (store / layout.segment(0, 0)).unlink()
        log.append(call(2))
    recorder.verify(store)
    assert [gap["cause"] for gap in gaps(store)] == ["deleted"]
    assert len(list(Store(store).records(session="s1"))) == 2


def test_a_clock_that_jumps_is_an_event(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with recorder.open(store) as log:
        log.append(call(1))
        clock = log._writer._clock
        wall = clock.wall
        monkeypatch.setattr(clock, "wall", lambda: wall() - 3_600_000_000_000)
        log.append(call(2))
        log.append(call(3))
    (event,) = [record for record in Store(store).records() if record.kind == "clock"]
    assert -3_600_100_000_000 < event.data["jump_ns"] < -3_599_000_000_000
    recorder.verify(store)


@pytest.mark.parametrize("reopened", [False, True])
def test_a_failed_write_that_cannot_be_cut_either_is_cut_later(store: Path, reopened: bool) -> None:
    log, disk = opened(store)
    log.append(call(1))
    failing, truncate = [True], disk.truncate
    original = disk.check

    def once(what: str, path: str, data: bytes) -> None:
        if what == "sync" and path == layout.segment(0, 0) and failing:
            failing.clear()
            raise OSError(errno.EIO, "Input/output error")
        original(what, path, data)

    def broken(path: str, size: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    disk.check, disk.truncate = once, broken  # type: ignore[method-assign]
    log.append(call(2))
    log.append(call(3))
    if not reopened:
        disk.truncate = truncate  # type: ignore[method-assign]
    log.close()
    if reopened:
        recorder.open(store).close()
    recorder.verify(store)
    assert [record.data["call"][-1] for record in Store(store).records(session="s1")] == ["1", "2", "3"]
