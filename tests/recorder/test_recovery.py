"""After a crash the log opens by itself at its clean end, says what was torn, and loses nothing acknowledged."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import recorder
from recorder import frames, layout
from recorder.errors import VerificationError
from recorder.reader import Store
from tests.recorder.conftest import call


def crashed(store: Path, count: int, *, then: str = "") -> list[int]:
    """Append `count` entries in a process of its own that then kills itself; the acknowledged numbers."""
    script = f"""
import os, signal, sys
sys.path.insert(0, {str(Path.cwd())!r})
import recorder
from tests.recorder.conftest import call
log = recorder.open({str(store)!r})
for number in range({count}):
    print(log.append(call(number)).seq, flush=True)
{then}
os.kill(os.getpid(), signal.SIGKILL)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    return [int(line) for line in ran.stdout.split()]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose writer was killed after 12 acknowledged records."""
    path = tmp_path_factory.mktemp("killed") / "evidence"
    assert len(crashed(path, 12)) == 12
    return path


def copy(store: Path, target: Path) -> Path:
    shutil.copytree(store.parent / ".hoopgate-keys", target / ".hoopgate-keys")
    return Path(shutil.copytree(store, target / "evidence"))


def unsigned(store: Path) -> Path:
    """The store as a crash leaves it before the first checkpoint of these records was signed."""
    (store / layout.checkpoints(0)).unlink(missing_ok=True)
    shutil.rmtree(store / "tiles" / "0")
    return store


def test_every_acknowledged_record_survives_a_kill(killed: Path, tmp_path: Path) -> None:
    store = copy(killed, tmp_path)
    with recorder.open(store) as log:
        assert [call.call for call in log.open_calls()] == [f"{number:032x}" for number in range(12)]
    recorder.verify(store)
    assert [record.seq for record in Store(store).records(session="s1")] == list(range(1, 13))


def test_a_segment_cut_at_any_byte_recovers_its_clean_prefix_and_says_so(killed: Path, tmp_path: Path) -> None:
    data = (killed / layout.segment(0, 0)).read_bytes()
    _, start = frames.header(data)
    ends = [start, *(frame.end for frame in frames.scan(data, start))]
    for size in sorted({*range(0, len(data), 61), *(end + by for end in ends[-3:] for by in (-1, 0, 1))}):
        store = unsigned(copy(killed, tmp_path / str(size)))
        (store / layout.segment(0, 0)).write_bytes(data[:size])
        whole = sum(end <= size for end in ends) - 1
        with recorder.open(store) as log:
            assert log.size >= max(whole, 0)
        recorder.verify(store)
        kinds = [record.kind for record in Store(store).records()]
        assert kinds[:1] == ["log.opened"]
        assert kinds.count("request") == max(whole - 1, 0)
        torn = [record.data for record in Store(store).records() if record.kind == "gap"]
        assert bool(torn) == (size not in ends and size < len(data)), size
        shutil.rmtree(store.parent)


def test_a_torn_store_fails_verification_until_it_was_opened_and_the_help_says_so(killed: Path, tmp_path: Path) -> None:
    store = unsigned(copy(killed, tmp_path))
    path = store / layout.segment(0, 0)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(VerificationError, match="opening the store once") as caught:
        recorder.verify(store)
    assert caught.value.record == 12


def test_a_damaged_acknowledged_record_is_refused_not_cut(killed: Path, tmp_path: Path) -> None:
    store = unsigned(copy(killed, tmp_path))
    path = store / layout.segment(0, 0)
    data = path.read_bytes()
    third = list(frames.scan(data, frames.header(data)[1]))[3]
    path.write_bytes(data[: third.offset + 40] + b"\xff" + data[third.offset + 41 :])
    with pytest.raises(recorder.DamageError, match="acknowledged"):
        recorder.open(store, log=0)
    assert path.stat().st_size == len(data)


def test_a_log_shorter_than_its_checkpoint_is_refused_not_continued(store: Path) -> None:
    with recorder.open(store) as log:
        for number in range(5):
            log.append(call(number))
    path = store / layout.segment(0, 0)
    data = path.read_bytes()
    path.write_bytes(data[: [frame.offset for frame in frames.scan(data, frames.header(data)[1])][-1]])
    with pytest.raises(recorder.DamageError, match="record 5 is missing, and a checkpoint covers 6"):
        recorder.open(store, log=0)


def test_a_gate_starts_beside_a_damaged_log_and_says_so_in_a_new_one(store: Path) -> None:
    with recorder.open(store) as log:
        for number in range(5):
            log.append(call(number))
    path = store / layout.segment(0, 0)
    path.write_bytes(path.read_bytes()[:-3])
    with recorder.open(store) as log:
        assert log.number == 1
        log.append(call(7))
    gaps = [record.data for record in Store(store).records(log=1) if record.kind == "gap"]
    assert [(gap["cause"], gap["log"]) for gap in gaps] == [("damaged", "0")]
    with pytest.raises(VerificationError):
        recorder.verify(store)


@pytest.mark.parametrize("cut", [1, 30, 80, 150])
def test_a_checkpoint_cut_by_a_crash_is_signed_again(store: Path, cut: int) -> None:
    with recorder.open(store) as log:
        log.append(call(1))
        log.checkpoint()
        log.append(call(2))
    path = store / layout.checkpoints(0)
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(VerificationError):
        recorder.verify(store)
    recorder.open(store).close()
    recorder.verify(store)


def test_recovery_reads_the_last_segment_only(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with recorder.open(store, segment_bytes=2000) as log:
        for number in range(60):
            log.append(call(number))
    names = layout.segment_numbers(store, 0)
    assert len(names) > 10
    read: list[str] = []
    original = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda self: read.append(self.name) or original(self))  # type: ignore[func-returns-value]
    recorder.open(store, segment_bytes=2000).close()
    assert [name for name in read if name.endswith(".seg")] == [f"0-{names[-1]:08d}.seg"]


def test_calls_that_are_never_ended_do_not_make_headers_grow(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recorder.recovery.MAX_OPEN", 5)
    with recorder.open(store, segment_bytes=2000) as log:
        for number in range(40):
            log.append(call(number))
    sizes = [len(header["open_calls"]) for _, header, _ in Store(store).segment_headers(0)]
    assert len(sizes) > 3
    assert max(sizes) == 5
    with recorder.open(store) as log:
        assert [item.call for item in log.open_calls()] == [f"{number:032x}" for number in range(35, 40)]
