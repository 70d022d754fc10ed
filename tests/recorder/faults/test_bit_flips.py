"""A bit that flips anywhere in a store is found, and the record or the file is named."""

from __future__ import annotations

import random
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

import recorder
from recorder import frames, layout
from recorder.errors import VerificationError
from recorder.index import update
from tests.recorder.conftest import call


@pytest.fixture
def store(memory: Path) -> Path:
    """A closed, indexed store of several segments, classes, sessions and checkpoints."""
    path = memory / "evidence"
    for turn in range(2):
        with recorder.open(path, segment_bytes=6000) as log:
            for number in range(20):
                log.append(call(100 * turn + number, f"s{number % 3}"))
                log.append(recorder.Entry("response", f"s{number % 3}", {}, b"{}" * number, retain=60))
                if number % 8 == 0:
                    log.checkpoint()
    update(path)
    (path / layout.RESERVE).write_bytes(bytes(64))
    return path


def record_at(path: Path, offset: int) -> int | None:
    """The number of the record whose leaf or body lies at this offset of a segment; None for anything else."""
    if path.suffix != ".seg":
        return None
    data = path.read_bytes()
    _, start = frames.header(data)
    inside = (frame for frame in frames.scan(data, start) if frame.offset + frames.FRAME.size <= offset < frame.end)
    return next((frame.seq for frame in inside), None)


def _says_the_same(store: Path, whole: bytes) -> bool:
    """Whether the index, altered as it is, holds the rows of the one before, and keys that fit them."""
    found = []
    for data in (whole, (store / layout.INDEX).read_bytes()):
        with tempfile.TemporaryDirectory() as place, closing(sqlite3.connect(Path(place) / "copy")) as base:
            (Path(place) / "copy").write_bytes(data)
            try:
                tables = ("covered", "longest", "sessions", "spans", "texts", "facts", "blocks_but_for_hints")
                base.execute(_VIEW)
                rows = [base.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in tables]
                found.append([rows, *(base.execute(f"PRAGMA {name}").fetchall() for name in _STATE)])
            except (sqlite3.Error, UnicodeDecodeError):
                return False
    return found[0] == found[1]


_VIEW = (
    "CREATE TEMP VIEW blocks_but_for_hints AS "
    "SELECT first_seq, segment, log, last_seq, records, first_time, last_time FROM blocks"
)
_STATE = ("integrity_check", "user_version")


def check_flips(store: Path, count: int, seed: int) -> None:
    """Every kind of file gets its share, however small it is; each flip must be named where it is."""
    dice = random.Random(seed)
    kinds: dict[str, list[Path]] = {}
    for path in sorted(store.rglob("*")):
        if path.is_file() and path.stat().st_size:
            kinds.setdefault(path.relative_to(store).parts[0], []).append(path)
    assert set(kinds) == {"segments", "tiles", "checkpoints", "keys", layout.INDEX, layout.RESERVE}
    for turn in range(count):
        path = dice.choice(dice.choice(list(kinds.values())))
        whole = path.read_bytes()
        at, bit = dice.randrange(len(whole)), dice.randrange(8)
        record = record_at(path, at)
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
        place = path.relative_to(store).as_posix()
        if place == layout.INDEX and _says_the_same(store, whole):
            path.write_bytes(whole)
            continue  # a byte that SQLite does not use: the index says what it said, so nothing was altered
        with pytest.raises(VerificationError) as caught:
            recorder.verify(store)
        found = caught.value
        assert found.place or found.record is not None, f"flip {turn} in {place} at byte {at}: {found}"
        if record is not None:
            assert found.record == record, f"flip {turn} in {place} at byte {at} hit record {record}: {found}"
        elif place.startswith(("keys/", "checkpoints/", layout.INDEX, layout.RESERVE)):
            assert found.place.startswith(place.split("/")[0]), f"flip {turn} in {place} at byte {at}: {found}"
        path.write_bytes(whole)
    recorder.verify(store)


def test_two_hundred_random_bit_flips_are_all_found_and_named(store: Path) -> None:
    check_flips(store, 200, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_five_thousand_random_bit_flips_are_all_found_and_named(store: Path) -> None:
    check_flips(store, 5000, seed=2)
