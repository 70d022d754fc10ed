"""A process of 64 writers is killed again and again: what it acknowledged is there, and the next one simply starts."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

import recorder
from recorder.reader import Store
from recorder.rfc6962 import leaf_hash
from tests.recorder.faults.lives import Nursery, Told, nursery, start


@pytest.fixture(scope="module")
def lives() -> Iterator[Nursery]:
    with nursery() as running:
        yield running


def check_kills(lives: Nursery, path: Path, kills: int) -> None:
    """Each life continues the store of the ones before, without help, until it is killed amid its writes."""
    store = path / "evidence"
    promised: dict[str, tuple[int, str]] = {}
    for turn in range(kills):
        told = path / f"life{turn}"
        pid, go = lives.born(store, told, "crowd")
        start(go)
        while told.stat().st_size < 20_000 + 137 * turn:  # about 200 acknowledgements, the kill at another place each
            assert alive(pid), Told.read(told).notes
            os.sched_yield()
        os.kill(pid, signal.SIGKILL)
        while alive(pid):
            os.sched_yield()
        found = Told.read(told)
        assert (found.refused, found.notes) == ([], [])
        promised |= found.acknowledged
    recorder.open(store).close()
    report = recorder.verify_report(store)
    assert (report.logs, report.after) == (1, 0), "every life went on in the one log, as its lock was free"
    there = {record.data["call"]: record for record in Store(store).records() if record.kind == "response"}
    assert len(promised) > 100 * kills
    for call, (seq, value) in promised.items():
        assert call in there, f"{call} was acknowledged as record {seq} and is lost"
        assert (there[call].seq, leaf_hash(there[call].raw).hex()) == (seq, value)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_five_kills_under_64_writers_lose_nothing_acknowledged(lives: Nursery, tmp_path: Path) -> None:
    check_kills(lives, tmp_path, 5)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_hundred_kills_under_64_writers_lose_nothing_acknowledged(lives: Nursery, tmp_path: Path) -> None:
    check_kills(lives, tmp_path, 100)
