"""Checkpoints are kept elsewhere, and the logs of a store keep an eye on one another."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import recorder
from recorder.anchors import FileAnchor, Paced
from recorder.errors import VerificationError
from recorder.reader import Store
from tests.recorder.conftest import call


def test_a_file_anchor_finds_a_rolled_back_store(store: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    with recorder.open(store, anchors=[FileAnchor(kept)]) as log:
        log.append(call(1))
    early = shutil.copytree(store, tmp_path / "early")
    with recorder.open(store, anchors=[FileAnchor(kept)]) as log:
        log.append(call(2))
    (anchor,) = kept.iterdir()
    recorder.verify(store, checkpoint=anchor)
    with pytest.raises(VerificationError, match="rolled back"):
        recorder.verify(early, checkpoint=anchor)


def test_an_anchor_that_fails_does_not_stop_the_log(store: Path, tmp_path: Path) -> None:
    with recorder.open(store, anchors=[FileAnchor(tmp_path / "missing")]) as log:
        log.append(call(1))
        log.checkpoint()
        assert log.unanchored >= 1
    recorder.verify(store)


def test_a_paced_anchor_is_asked_rarely_and_gets_the_last_checkpoint_at_the_end(store: Path, tmp_path: Path) -> None:
    kept: list[str] = []

    class Listing:
        def keep(self, checkpoint: str) -> None:
            kept.append(checkpoint)

    with recorder.open(store, anchors=[Paced(Listing(), 3600)]) as log:
        for number in range(5):
            log.append(call(number))
            log.checkpoint()
        assert len(kept) == 1
    assert len(kept) == 2
    (tmp_path / "last").write_text(kept[-1])
    recorder.verify(store, checkpoint=tmp_path / "last")


@pytest.fixture
def two_logs(store: Path) -> Path:
    with recorder.open(store) as log:
        log.append(call(1))
    with recorder.open(store, acting=True) as acts:
        acts.append(recorder.Entry("read", "", {"action": "show"}))
    recorder.open(store).close()
    recorder.verify(store)
    return store


def test_a_log_records_how_far_the_others_are(two_logs: Path) -> None:
    seen = [(record.log, record.data["log"]) for record in Store(two_logs).records() if record.kind == "log.seen"]
    assert seen == [(0, "1"), (1, "0")]


@pytest.mark.parametrize("log", [0, 1])
def test_a_log_that_was_deleted_whole_is_found(two_logs: Path, log: int) -> None:
    for part in ("segments", "tiles", "checkpoints", "keys"):
        for path in (two_logs / part).glob(f"{log}*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(VerificationError, match=f"saw log {log}"):
        recorder.verify(two_logs)
