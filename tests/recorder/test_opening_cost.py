"""Opening a log reads its last segment, whatever lies before it: bytes are counted, so that no clock decides."""

from __future__ import annotations

import os
from pathlib import Path

import recorder
from recorder import frames, layout, recovery
from recorder.note import parse_notes
from tests.recorder.conftest import call


def bytes_read() -> int:
    """What this process has read by system calls so far."""
    told = Path("/proc/self/io").read_text(encoding="ascii").split()
    return int(told[told.index("rchar:") + 1])


def fill(store: Path, segments: int) -> None:
    with recorder.open(store, segment_bytes=60_000) as log:
        for _ in range(segments):  # a segment is followed by the next between two groups
            log.submit_all([recorder.Entry("decision", "s", {}, os.urandom(12_000))] * 5).result()


def opened(store: Path) -> int:
    """Bytes that opening and closing the log reads."""
    before = bytes_read()
    recorder.open(store, segment_bytes=60_000).close()
    return bytes_read() - before


def test_a_log_of_a_hundred_segments_costs_what_a_log_of_three_does(tmp_path: Path) -> None:
    costs = {}
    for segments in (3, 100):
        fill(tmp_path / str(segments) / "evidence", segments)
        costs[segments] = opened(tmp_path / str(segments) / "evidence")
    headers = 97 * frames.SMALL
    assert costs[100] < costs[3] + headers + 100_000  # of 6 MB; beside headers, a segment may be fuller than another


def test_checkpoints_of_years_cost_nothing(tmp_path: Path) -> None:
    store = tmp_path / "evidence"
    fill(store, 1)
    before = opened(store)
    path = store / layout.checkpoints(0)
    note = b"\n\n".join(path.read_bytes().split(b"\n\n")[-3:])
    path.write_bytes(path.read_bytes() + note * 40_000)
    assert path.stat().st_size > 8_000_000
    assert opened(store) < before + 200_000
    assert len(parse_notes(path.read_bytes())) > 40_000


def test_a_checkpoint_cut_at_any_byte_is_cut_off_and_nothing_else_is(tmp_path: Path) -> None:
    store = tmp_path / "evidence"
    with recorder.open(store) as log:
        log.append(call(1))
        log.checkpoint()
        first = (store / layout.checkpoints(0)).stat().st_size
        log.append(call(2))
        log.checkpoint()
    whole = (store / layout.checkpoints(0)).read_bytes()
    ends = [at + 2 for at in range(len(whole)) if whole[at : at + 2] == b"\n\n"][1::2]
    assert first in ends
    for end in range(ends[0], len(whole)):
        (store / layout.checkpoints(0)).write_bytes(whole[:end])
        text, kept = recovery._last_note(store / layout.checkpoints(0), end)
        assert kept == max(at for at in ends if at <= end)
        assert whole[:kept].endswith(text)


def test_a_header_larger_than_one_read_is_read_whole(tmp_path: Path) -> None:
    store = tmp_path / "evidence"
    with recorder.open(store, segment_bytes=20_000) as log:
        for number in range(40):  # calls that stay open: each following header carries them
            log.submit_all([call(10 * number + at, f"s{at}") for at in range(10)]).result()
    sizes = {path.name: frames.read_header(path)[1] for path in sorted((store / "segments").iterdir())}
    assert max(sizes.values()) > 2 * frames.SMALL
    recorder.verify(store)
    with recorder.open(store) as log:
        assert len(log.open_calls()) == 400
