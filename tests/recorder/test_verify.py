"""Evidence that was touched does not verify, and the record or the file is named."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import recorder
from recorder import frames, layout
from recorder.errors import VerificationError
from recorder.segments import pack_frame, pack_header
from tests.recorder.conftest import call


def files(store: Path) -> list[Path]:
    return sorted(path for path in store.rglob("*") if path.is_file() and path.stat().st_size)


def test_a_whole_store_verifies_wherever_it_is_copied(copied: Callable[[], Path]) -> None:
    report = recorder.verify_report(copied())
    assert (report.records, report.after, report.payloads, report.logs) == (41, 0, 40, 1)
    assert recorder.verify(copied()) is None  # type: ignore[func-returns-value]


def test_every_byte_of_every_file_counts(copied: Callable[[], Path]) -> None:
    store = copied()
    reserve = store / layout.RESERVE
    reserve.write_bytes(bytes(16))  # a mebibyte of zeros says nothing that 16 do not
    for path in files(store):
        whole = path.read_bytes()
        for at in range(0, len(whole), 1 if len(whole) < 400 else 23):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])
            with pytest.raises(VerificationError) as caught:
                recorder.verify(store)
            assert caught.value.place or caught.value.record is not None, caught.value
        path.write_bytes(whole)
    recorder.verify(store)


def test_every_file_cut_short_is_found(copied: Callable[[], Path]) -> None:
    store = copied()
    (store / layout.RESERVE).unlink()
    for path in files(store):
        whole = path.read_bytes()
        for size in {0, 1, len(whole) // 2, len(whole) - 1}:
            path.write_bytes(whole[:size])
            with pytest.raises(VerificationError):
                recorder.verify(store)
        path.unlink()
        with pytest.raises(VerificationError):
            recorder.verify(store)
        path.write_bytes(whole)
    recorder.verify(store)


def test_a_flipped_ciphertext_names_its_record(copied: Callable[[], Path]) -> None:
    store = copied()
    path = payload_segment(store)
    data = path.read_bytes()
    frame = [frame for frame in frames.scan(data, frames.header(data)[1]) if frame.body][5]
    at = frame.end - 3
    path.write_bytes(data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :])
    with pytest.raises(VerificationError) as caught:
        recorder.verify(store)
    assert caught.value.record == frame.seq
    assert caught.value.place == f"segments/{path.name}"


def payload_segment(store: Path) -> Path:
    """The segment that holds most of the records."""
    return max((store / "segments").iterdir(), key=lambda path: path.stat().st_size)


def rewritten(path: Path, change: Callable[[list[frames.Frame]], list[frames.Frame]]) -> None:
    """The segment with other frames and fitting checksums, as somebody would write it who knows the format."""
    data = path.read_bytes()
    header, start = frames.header(data)
    kept = change(list(frames.scan(data, start)))
    path.write_bytes(pack_header(header) + b"".join(pack_frame(f.seq, f.group, f.leaf, f.body) for f in kept))


def alter(frame: frames.Frame, old: bytes, new: bytes) -> frames.Frame:
    return frames.Frame(frame.seq, frame.group, frame.leaf.replace(old, new), frame.body, 0, 0)


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found[:-1],
        lambda found: found[1:],
        lambda found: [*found[:3], *found[4:]],
        lambda found: [found[1], found[0], *found[2:]],
        lambda found: [*found, found[-1]],
        lambda found: [alter(frame, b"ehr/search", b"ehr/delete") for frame in found],
        lambda found: [frames.Frame(f.seq, f.group, f.leaf, b"", 0, 0) for f in found],
        lambda found: [frames.Frame(f.seq, f.group, f.leaf, f.body[:-1] + b"x", 0, 0) for f in found],
    ],
    ids=[
        "last cut",
        "first cut",
        "left out",
        "reordered",
        "repeated",
        "leaf altered",
        "payloads gone",
        "payload altered",
    ],
)
def test_a_careful_forger_without_the_signing_key_is_found(
    change: Callable[[list[frames.Frame]], list[frames.Frame]], copied: Callable[[], Path]
) -> None:
    store = copied()
    rewritten(payload_segment(store), change)
    with pytest.raises(VerificationError):
        recorder.verify(store)


def test_a_deleted_replaced_or_swapped_segment_is_found(store: Path, tmp_path: Path) -> None:
    with recorder.open(store, segment_bytes=500) as log:
        for number in range(6):
            log.append(call(number))
    segments = sorted((store / "segments").iterdir())
    assert len(segments) > 3
    for at, path in enumerate(segments):
        whole = path.read_bytes()
        path.unlink()
        with pytest.raises(VerificationError):
            recorder.verify(store)
        path.write_bytes(segments[at - 1].read_bytes())
        with pytest.raises(VerificationError):
            recorder.verify(store)
        path.write_bytes(whole)
    recorder.verify(store)


def test_a_rolled_back_store_is_found_against_a_checkpoint_kept_elsewhere(store: Path, tmp_path: Path) -> None:
    with recorder.open(store) as log:
        log.append(call(1))
    early = shutil.copytree(store, tmp_path / "early")
    with recorder.open(store) as log:
        log.append(call(2))
        kept = tmp_path / "kept"
        kept.write_text(log.checkpoint())
    recorder.verify(store, checkpoint=kept)
    recorder.verify(early)
    with pytest.raises(VerificationError, match="rolled back"):
        recorder.verify(early, checkpoint=kept)


def test_a_rewritten_store_is_found_by_pin_and_by_checkpoint(store: Path, tmp_path: Path) -> None:
    with recorder.open(store) as log:
        log.append(call(1))
        kept, signer = tmp_path / "kept", log.signer
        kept.write_text(log.checkpoint())
    forged = tmp_path / "forged" / "evidence"
    with recorder.open(forged) as log:
        log.append(call(2))
        log.append(call(3))
    recorder.verify(store, signer=signer, checkpoint=kept)
    recorder.verify(forged)
    with pytest.raises(VerificationError, match="pinned"):
        recorder.verify(forged, signer=signer)
    with pytest.raises(VerificationError, match="not in this store"):
        recorder.verify(forged, checkpoint=kept)


def test_without_a_pin_the_report_says_so(copied: Callable[[], Path]) -> None:
    report = recorder.verify_report(copied())
    assert any("signer not pinned" in sentence for sentence in report.unchecked())
    pinned = recorder.verify_report(copied(), signer=report.signers[0])
    assert not any("signer not pinned" in sentence for sentence in pinned.unchecked())


def test_an_empty_or_missing_path_fails(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing", tmp_path / "file"):
        (tmp_path / "file").write_text("")
        with pytest.raises(VerificationError, match="no store"):
            recorder.verify(path)


def test_a_file_that_has_no_place_in_a_store_is_named(copied: Callable[[], Path]) -> None:
    for name in ("extra", "segments/0-1.seg", "tiles/0/9", "keys/kek", "checkpoints/7.notes"):
        store = copied()
        (store / name).write_text("x")
        with pytest.raises(VerificationError, match="no place") as caught:
            recorder.verify(store)
        assert caught.value.place == name


def test_verification_writes_nothing(copied: Callable[[], Path]) -> None:
    store = copied()
    before = {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in store.rglob("*")}
    recorder.verify(store)
    assert {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in store.rglob("*")} == before


def test_a_store_that_is_being_written_verifies(store: Path, log: recorder.Log) -> None:
    for number in range(100):
        log.submit(call(number))
        if number % 10 == 0:
            recorder.verify(store)
    log.append(call(1000))
    report = recorder.verify_report(store)
    assert report.records == 102
    assert report.live


def test_the_verifier_runs_from_a_copy_of_the_modules_that_it_imports(finished: Path, tmp_path: Path) -> None:
    """An auditor may take these few files instead of the package: none of them writes, none needs anything else."""
    names = "import sys, recorder; print(*sorted(m for m in sys.modules if m.split('.')[0] == 'recorder'))"
    told = subprocess.run([sys.executable, "-c", names], check=True, capture_output=True, text=True).stdout.split()
    assert not {"recorder.log", "recorder.writer", "recorder.disk", "recorder.keys", "recorder.notary"} & set(told)
    package = Path(recorder.__file__).parent
    (tmp_path / "recorder").mkdir()
    for name in told:
        file = f"{name.partition('.')[2] or '__init__'}.py"
        shutil.copy(package / file, tmp_path / "recorder" / file)
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); sys.path[:] = [p for p in sys.path if p != sys.argv[3]]\n"
        "import recorder; assert recorder.__file__.startswith(sys.argv[1])\n"
        "recorder.verify(sys.argv[2])\n"
        "allowed = {'recorder', 'cryptography', 'cffi', '_cffi_backend', '__main__', '__mp_main__'}\n"
        "print(*{m.split('.')[0] for m in sys.modules} - allowed - set(sys.stdlib_module_names))"
    )
    command = [sys.executable, "-I", "-c", script, str(tmp_path), str(finished), str(package.parent)]
    other = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert [name for name in other if not name.startswith(("_", "sitecustomize", "a1_", "distutils"))] == []


def test_the_verifier_needs_cryptography_alone(finished: Path) -> None:
    script = (
        "import sys\n"
        "for name in ('orjson', 'zstandard', 'lark', 'sqlglot'): sys.modules[name] = None\n"
        "import recorder; recorder.verify(sys.argv[1])"
    )
    subprocess.run([sys.executable, "-c", script, str(finished)], check=True)
