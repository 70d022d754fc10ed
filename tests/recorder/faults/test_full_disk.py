"""A disk without room: calls are refused, the stop is on record, and recording resumes by itself when there is room.

Two ways to have no room: a file system of a few megabytes (mounted where this process may, else the limit below
stands in), and RLIMIT_FSIZE, which cuts a write short in its middle as a full disk does.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import recorder
from recorder import layout
from recorder.reader import Store
from tests.recorder.conftest import call
from tests.recorder.faults.lives import ROOT

MEGABYTE = 1 << 20


def noise(number: int) -> bytes:
    """256 KiB that no compressor shrinks."""
    return random.Random(number).randbytes(256 * 1024)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path | None]:
    """A file system of 32 MB, or None where this process may not mount one."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", place], check=False).returncode == 0
    yield place if mounted else None
    if mounted:
        subprocess.run(["umount", place], check=True)


def fill(log: recorder.Log, limit: int) -> tuple[list[int], int]:
    """Append until three entries in a row are refused: numbers acknowledged, how many refused."""
    acknowledged: list[int] = []
    refused = 0
    for number in range(limit):
        try:
            log.append(call(number, payload=noise(number)))
        except recorder.WriteError:
            refused += 1
            if refused == 3:
                break
        else:
            acknowledged.append(number)
    return acknowledged, refused


def gaps(store: Path) -> list[dict[str, Any]]:
    return [record.data for record in Store(store).records() if record.kind == "gap"]


def requests(store: Path) -> list[str]:
    return [record.data["call"] for record in Store(store).records() if record.kind == "request"]


def test_a_full_file_system_refuses_says_so_and_resumes_when_there_is_room(small: Path | None, tmp_path: Path) -> None:
    if small is None:
        limited(tmp_path)  # the same promises, by a limit that needs no mount
        return
    store = small / "evidence"
    ballast = small / "ballast"
    ballast.write_bytes(bytes(22 * MEGABYTE))
    with recorder.open(store) as log:
        acknowledged, refused = fill(log, 100)
        assert acknowledged
        assert refused == 3
        assert [gap["cause"] for gap in gaps(store)] == ["stopped"], "on disk while the disk is full"
        assert gaps(store)[0]["error"] == "ENOSPC"
        ballast.unlink()
        log.append(call(1000))
    recorder.verify(store)
    assert [gap["cause"] for gap in gaps(store)] == ["stopped", "resumed"]
    assert gaps(store)[1]["refused"] == refused
    assert requests(store) == [f"{number:032x}" for number in [*acknowledged, 1000]]
    assert (store / layout.RESERVE).stat().st_size > 0, "the reserve is there for the next time"


def test_a_disk_that_fills_again_and_again_is_told_each_time(small: Path | None, tmp_path: Path) -> None:
    if small is None:
        limited(tmp_path)
        return
    store, ballast = small / "evidence", small / "ballast"
    promised: list[int] = []
    with recorder.open(store) as log:
        for turn in range(3):
            ballast.write_bytes(bytes(max(0, free(small) - 3 * MEGABYTE)))
            done, refused = fill(log, 100)
            assert refused == 3
            ballast.unlink()
            promised += done
            log.append(call(2000 + turn))
            promised.append(2000 + turn)
    recorder.verify(store)
    assert [gap["cause"] for gap in gaps(store)] == ["stopped", "resumed"] * 3
    assert requests(store) == [f"{number:032x}" for number in promised]


def test_a_gate_killed_on_a_full_disk_starts_again_when_there_is_room(small: Path | None, tmp_path: Path) -> None:
    if small is None:
        limited(tmp_path)
        return
    store, ballast = small / "evidence", small / "ballast"
    ballast.write_bytes(bytes(22 * MEGABYTE))
    ran = subprocess.run([sys.executable, "-c", KILLED, store], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == -9, ran.stderr
    ballast.unlink()
    with recorder.open(store) as log:
        log.append(call(1000))
    recorder.verify(store)
    assert requests(store) == [f"{number:032x}" for number in [*range(int(ran.stdout)), 1000]]


def free(path: Path) -> int:
    return shutil.disk_usage(path).free


KILLED = """
import os, sys
import recorder
from tests.recorder.faults.test_full_disk import fill
done, _ = fill(recorder.open(sys.argv[1]), 100)
print(len(done), flush=True)
os.kill(os.getpid(), 9)
"""

LIMITED = """
import json, resource, sys
import recorder
from tests.recorder.faults.test_full_disk import fill
from tests.recorder.conftest import call
log = recorder.open(sys.argv[1])
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_001, hard))
done, refused = fill(log, 100)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
log.append(call(1000))
log.close()
print(json.dumps([done, refused]))
"""


def limited(path: Path) -> None:
    """A process whose files may not grow past 1,000,001 bytes, until they may."""
    store = path / "limited" / "evidence"
    store.parent.mkdir()
    ran = subprocess.run([sys.executable, "-c", LIMITED, store], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    acknowledged, refused = json.loads(ran.stdout)
    recorder.verify(store)
    assert requests(store) == [f"{number:032x}" for number in [*acknowledged, 1000]]
    assert refused == 3 or len(acknowledged) == 100


def test_a_write_cut_short_in_its_middle_loses_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    limited(tmp_path)
