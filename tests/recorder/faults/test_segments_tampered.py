"""Whole segments deleted, replaced, exchanged, taken from earlier or from elsewhere: each is found.

What the store itself cannot tell (that it was rolled back as a whole) is found against a checkpoint kept elsewhere.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import recorder
from recorder.errors import VerificationError
from recorder.segments import pack_header
from tests.recorder.conftest import call


def write(store: Path, first: int, last: int) -> str:
    """Records first..last in segments of about two records; the last checkpoint."""
    with recorder.open(store, segment_bytes=700) as log:
        for number in range(first, last):
            log.append(call(number))
        return log.checkpoint()


@pytest.fixture
def store(memory: Path) -> Path:
    path = memory / "evidence"
    write(path, 0, 12)
    return path


def segments(store: Path) -> list[Path]:
    return sorted((store / "segments").iterdir())


def names(store: Path) -> None:
    """Verification fails and names a segment or a record."""
    with pytest.raises(VerificationError) as caught:
        recorder.verify(store)
    assert caught.value.record is not None or caught.value.place.startswith("segments/"), caught.value


def test_a_deleted_segment_is_found_whichever_it_is(store: Path) -> None:
    for path in segments(store):
        whole = path.read_bytes()
        path.unlink()
        names(store)
        path.write_bytes(whole)
    recorder.verify(store)


def test_deleted_last_segments_are_found_by_their_checkpoints(store: Path) -> None:
    for path in reversed(segments(store)[1:]):
        path.unlink()
        with pytest.raises(VerificationError, match="is missing") as caught:
            recorder.verify(store)
        assert caught.value.record is not None


def test_an_emptied_segment_is_found(store: Path) -> None:
    for path in segments(store):
        whole = path.read_bytes()
        path.write_bytes(b"")
        names(store)
        path.write_bytes(whole)


def test_a_segment_of_another_store_is_the_one_that_is_named_the_first_one_too(store: Path, memory: Path) -> None:
    other = memory / "other" / "evidence"
    write(other, 0, 12)
    for ours, theirs in zip(segments(store), segments(other), strict=True):
        whole = ours.read_bytes()
        shutil.copy(theirs, ours)
        with pytest.raises(VerificationError, match="another place or store") as caught:
            recorder.verify(store)
        assert caught.value.place == f"segments/{ours.name}"
        ours.write_bytes(whole)


def test_two_exchanged_segments_are_found(store: Path) -> None:
    for one in segments(store):
        for other in segments(store):
            if one < other:
                first, second = one.read_bytes(), other.read_bytes()
                one.write_bytes(second)
                other.write_bytes(first)
                names(store)
                one.write_bytes(first)
                other.write_bytes(second)
    recorder.verify(store)


def test_segments_renumbered_to_close_a_gap_are_found(store: Path) -> None:
    from recorder.frames import header

    found = segments(store)
    found[1].unlink()
    for number, path in enumerate(found[2:], 1):
        data = path.read_bytes()
        value, start = header(data)
        prior = {"number": number - 1, "end": found[number - 1].stat().st_size}
        path.unlink()
        found[number].write_bytes(pack_header({**value, "number": number, "prior": prior}) + data[start:])
    with pytest.raises(VerificationError) as caught:
        recorder.verify(store)
    assert caught.value.record is not None


def test_a_segment_of_another_store_with_the_same_calls_is_found(store: Path, memory: Path) -> None:
    other = memory / "other" / "evidence"
    write(other, 0, 12)
    for path, foreign in zip(segments(store), segments(other), strict=True):
        whole = path.read_bytes()
        path.write_bytes(foreign.read_bytes())
        names(store)
        path.write_bytes(whole)


def test_a_segment_rolled_back_to_an_earlier_state_is_found(memory: Path) -> None:
    store = memory / "evidence"
    with recorder.open(store) as log:
        for number in range(6):
            log.append(call(number))
            log.checkpoint()
            shutil.copy(segments(store)[0], memory / f"state{number}")
    for number in range(6):
        if (memory / f"state{number}").read_bytes() == segments(store)[0].read_bytes():
            continue
        rolled = Path(shutil.copytree(store, memory / f"rolled{number}"))
        shutil.copy(memory / f"state{number}", segments(rolled)[0])
        with pytest.raises(VerificationError, match="is missing") as caught:
            recorder.verify(rolled)
        assert caught.value.record == number + 2


def test_a_store_rolled_back_as_a_whole_is_found_against_a_kept_checkpoint(store: Path, memory: Path) -> None:
    early = Path(shutil.copytree(store, memory / "early"))
    kept = memory / "kept"
    kept.write_text(write(store, 12, 20))
    recorder.verify(early)
    recorder.verify(store, checkpoint=kept)
    with pytest.raises(VerificationError, match="rolled back"):
        recorder.verify(early, checkpoint=kept)
    recorder.open(early, keys=recorder.Keys.in_directory(memory / ".hoopgate-keys")).close()
    write_on(early, memory)
    with pytest.raises(VerificationError, match=r"rolled back|rewritten"):
        recorder.verify(early, checkpoint=kept)


def write_on(store: Path, memory: Path) -> None:
    """Continue the rolled-back store past the size of the one that it was rolled back from."""
    with recorder.open(store, keys=recorder.Keys.in_directory(memory / ".hoopgate-keys")) as log:
        for number in range(30):
            log.append(call(1000 + number))


def test_damage_is_not_written_over_and_recording_goes_on(store: Path) -> None:
    for victim in (segments(store)[2], segments(store)[-1]):
        whole = victim.read_bytes()
        victim.write_bytes(whole[:-30])
        for number in range(3):
            with recorder.open(store) as log:
                log.append(call(500 + number))
            names(store)
        assert victim.read_bytes() == whole[:-30], "evidence of tampering was altered by opening"
        victim.write_bytes(whole)
        recorder.verify(store)
