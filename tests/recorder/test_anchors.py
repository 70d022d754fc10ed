"""Checkpoints are kept elsewhere, and the logs of a store keep an eye on one another."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import recorder
from recorder.anchors import FileAnchor, ObjectAnchor, TimestampAnchor, timestamp_request
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


def test_an_object_anchor_never_overwrites(store: Path) -> None:
    objects: dict[str, bytes] = {}

    def put(key: str, body: bytes, headers: dict[str, str]) -> None:
        assert headers == {"If-None-Match": "*"}
        assert key not in objects
        objects[key] = body

    with recorder.open(store, anchors=[ObjectAnchor(put)]) as log:
        log.append(call(1))
        log.checkpoint()
    assert [key.split("/")[-1] for key in objects][-1] == f"{2:020d}"


def test_an_anchor_that_fails_does_not_stop_the_log(store: Path, tmp_path: Path) -> None:
    with recorder.open(store, anchors=[FileAnchor(tmp_path / "missing")]) as log:
        log.append(call(1))
        log.checkpoint()
        assert log.unanchored >= 1
    recorder.verify(store)


@pytest.mark.parametrize(("status", "granted"), [(b"\x00", True), (b"\x01", True), (b"\x02", False)])
def test_a_timestamp_is_kept_only_where_it_was_granted(tmp_path: Path, status: bytes, granted: bool) -> None:
    anchor = TimestampAnchor(lambda _: b"\x30\x05\x30\x03\x02\x01" + status, tmp_path)
    if granted:
        anchor.keep("hoopgate.local/x/0\n7\nroot\n")
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            "hoopgate.local.x.0.7.checkpoint",
            "hoopgate.local.x.0.7.tsr",
        ]
    else:
        with pytest.raises(recorder.WriteError):
            anchor.keep("hoopgate.local/x/0\n7\nroot\n")


def test_openssl_reads_our_timestamp_requests(tmp_path: Path) -> None:
    path = tmp_path / "request"
    path.write_bytes(timestamp_request(b"checkpoint"))
    ran = subprocess.run(["openssl", "ts", "-query", "-in", path, "-text"], capture_output=True, text=True, check=True)
    assert "Hash Algorithm: sha256" in ran.stdout
    assert "Certificate required: yes" in ran.stdout


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
