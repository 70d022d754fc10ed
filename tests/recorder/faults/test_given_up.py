"""Callers that give up, and entries that cannot be recorded, at the worst moment: the writer goes on for the others."""

from __future__ import annotations

import errno
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import recorder
from recorder.disk import File, PosixDisk, PosixFile
from recorder.keys import Keys
from recorder.reader import Store
from tests.recorder.conftest import call

pytestmark = pytest.mark.timeout(300)  # where the writer has died, closing the log never ends
WAIT = 100  # seconds until a future that never comes fails the test
TOO_LARGE = recorder.Entry("decision", "s", {"rules": ["x" * 1000] * 100})


class SlowFile(PosixFile):
    """Its next sync waits, and fails if it is told to."""

    def __init__(self, disk: SlowDisk, inner: PosixFile) -> None:
        super().__init__(inner._fd)
        self._disk = disk

    def sync(self) -> None:
        self._disk.syncing.set()
        assert self._disk.free_to_go.wait(WAIT)
        if self._disk.failing:
            self._disk.failing = False
            raise OSError(errno.EIO, "Input/output error")
        super().sync()


class SlowDisk(PosixDisk):
    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.syncing, self.free_to_go, self.failing = threading.Event(), threading.Event(), False
        self.free_to_go.set()

    def create(self, path: str, data: bytes) -> File:
        file = super().create(path, data)
        assert isinstance(file, PosixFile)
        return SlowFile(self, file) if path.startswith("segments/") else file

    def hold(self) -> None:
        self.syncing.clear()
        self.free_to_go.clear()


@pytest.fixture
def disk(store: Path) -> SlowDisk:
    store.mkdir()
    return SlowDisk(store)


@pytest.fixture
def log(store: Path, disk: SlowDisk) -> Iterator[recorder.Log]:
    with recorder.open(store, keys=Keys.in_directory(store.parent / ".hoopgate-keys"), disk=disk) as opened:
        opened.append(call(0))
        yield opened


def calls(store: Path) -> list[str]:
    return [record.data["call"] for record in Store(store).records(session="s1")]


def test_an_entry_too_large_whose_caller_gave_up_stops_nobody(store: Path, log: recorder.Log, disk: SlowDisk) -> None:
    disk.hold()
    first = log.submit(call(1))
    assert disk.syncing.wait(WAIT)
    assert log.submit(TOO_LARGE).cancel()
    last = log.submit(call(2))
    disk.free_to_go.set()
    assert (first.result(WAIT).seq, last.result(WAIT).seq) == (2, 3)
    assert calls(store) == [f"{number:032x}" for number in range(3)]


def test_an_entry_too_large_in_a_group_that_is_tried_again_stops_nobody(
    store: Path, log: recorder.Log, disk: SlowDisk
) -> None:
    disk.hold()
    log.submit(call(1))
    assert disk.syncing.wait(WAIT)
    disk.syncing.clear()
    futures = [log.submit(call(2)), log.submit(TOO_LARGE), log.submit(call(3))]
    disk.failing = True
    disk.free_to_go.set()
    assert futures[0].result(WAIT).seq < futures[2].result(WAIT).seq
    with pytest.raises(recorder.EntryError, match="65535"):
        futures[1].result(WAIT)
    assert calls(store) == [f"{number:032x}" for number in range(4)]


def test_callers_that_all_give_up_leave_a_whole_log(store: Path, log: recorder.Log, disk: SlowDisk) -> None:
    disk.hold()
    futures = [log.submit(call(number)) for number in range(1, 20)]
    for future in futures:
        future.cancel()
    disk.free_to_go.set()
    log.append(call(20))
    log.close()
    recorder.verify(store)
    assert calls(store) == [f"{number:032x}" for number in range(21)], "what was submitted is recorded all the same"
