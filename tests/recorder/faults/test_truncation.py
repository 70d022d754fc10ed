"""A file cut at any byte: what a crash can do is repaired and told, and anything else is found; never a silent loss."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import recorder
from recorder import frames, layout
from recorder.errors import VerificationError
from recorder.reader import Record, Store
from tests.recorder.conftest import call

RECORDS = 12
SEGMENT = layout.segment(0, 0)


def crashed(path: Path) -> Path:
    """A store as a crash leaves it before its first checkpoint: segments and keys, no tiles."""
    store = path / "whole" / "evidence"
    with recorder.open(store) as log:
        for number in range(RECORDS):
            log.append(call(number))
        copy = copied(store, path / "crashed")
    shutil.rmtree(copy / "tiles")
    shutil.rmtree(copy / "checkpoints")
    (copy / layout.RESERVE).write_bytes(bytes(16))  # as good as 4 MiB of zeros, and quick to copy
    return copy


def copied(store: Path, target: Path) -> Path:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(store.parent, target, symlinks=True)
    return target / "evidence"


def records(store: Path) -> list[Record]:
    return [record for record in Store(store).records() if record.kind == "request"]


def check_every_cut(memory: Path, last: int | None) -> None:
    """Cut the segment at each of its last bytes (None: at each byte): the whole records before the cut are there, no
    other is, the store verifies, and a `gap` tells what was torn.
    """
    store = crashed(memory)
    data = (store / SEGMENT).read_bytes()
    _, start = frames.header(data)
    ends = [frame.end for frame in frames.scan(data, start)]
    for size in range(0 if last is None else len(data) - last, len(data)):
        cut = copied(store, memory / "cut")
        (cut / SEGMENT).write_bytes(data[:size])
        recorder.open(cut).close()
        recorder.verify(cut)
        whole = [end for end in ends[1:] if end <= size]
        assert [record.data["call"] for record in records(cut)] == [f"{number:032x}" for number in range(len(whole))]
        gaps = [record.data for record in Store(cut).records() if record.kind == "gap"]
        if size and size not in (start, *ends):
            assert [gap["cause"] for gap in gaps] == ["torn"], size
            assert gaps[0]["bytes"] == size - max([0 if size < start else start, *(end for end in ends if end <= size)])


def test_a_segment_cut_at_any_byte_of_its_last_records_recovers_a_clean_prefix_and_says_so(memory: Path) -> None:
    check_every_cut(memory, 700)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_segment_cut_at_any_byte_recovers_a_clean_prefix_and_says_so(memory: Path) -> None:
    check_every_cut(memory, None)


def check_files(memory: Path, step: int) -> None:
    """Cut every file of a closed store at every step-th byte, segments more coarsely: verification names a file or a
    record; opening repairs what it can make again, and a record that is gone is found by every later verification.
    """
    store = memory / "whole" / "evidence"
    with recorder.open(store) as log:
        for number in range(RECORDS):
            log.append(call(number, f"s{number % 2}"))
        log.end_session("s0").result()
    (store / layout.RESERVE).unlink()
    for path in sorted(path.relative_to(store) for path in store.rglob("*") if path.is_file()):
        for size in range(0, (store / path).stat().st_size, 7 * step if path.suffix == ".seg" else step):
            cut = copied(store, memory / "cut")
            (cut / path).write_bytes((store / path).read_bytes()[:size])
            with pytest.raises(VerificationError) as caught:
                recorder.verify(cut)
            assert caught.value.place or caught.value.record is not None, (path, size)
            repaired = opens(cut) and verifies(cut)
            assert not repaired or len(records(cut)) == RECORDS, (path, size)


def opens(store: Path) -> bool:
    """Whether it does. Where not, the damage or the key is named (any other error ends the test)."""
    try:
        recorder.open(store).close()
    except (recorder.DamageError, recorder.KeysError):
        return False
    return True


def verifies(store: Path) -> bool:
    try:
        recorder.verify(store)
    except VerificationError:
        return False
    return True


def test_any_file_cut_short_is_repaired_or_found(memory: Path) -> None:
    check_files(memory, 11)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_any_file_cut_at_any_byte_is_repaired_or_found(memory: Path) -> None:
    check_files(memory, 1)
