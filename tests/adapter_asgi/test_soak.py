"""Minutes of load on one process, masking and recording on, clients that leave among it: nothing of it stays behind.

SOAK_MINUTES says how long (2 by default). What is compared is the middle with the end, after the process has settled.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MINUTES = float(os.environ.get("SOAK_MINUTES", "2"))
FILES = 160
"""More than all connections of the load at once, and fewer than one file for every hundred requests would be."""
GROWTH = 12.0
"""MiB from the middle to the end: some arenas of the allocator, and less than 1 KiB for each request would be."""
LEFT = 0.1
"""Objects and items of containers for each request from the middle to the end: one value kept of each would be 1."""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(MINUTES * 60 + 600)]


def test_under_load_nothing_is_left_behind_and_memory_stays_where_it_is(tmp_path: Path) -> None:
    script = [sys.executable, str(Path(__file__).with_name("soaking.py")), str(MINUTES), str(tmp_path)]
    told = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    rows = [tuple(map(float, line.split())) for line in told.splitlines()]
    assert len(rows) == 10
    mib, files, exchanges, sessions, objects, items, requests = zip(*rows, strict=True)
    assert sum(requests) > 0
    assert set(exchanges) == {0.0}, f"exchanges that never end: {exchanges}"
    assert set(sessions) == {1.0}, f"one caller on one server has one session: {sessions}"
    assert max(files) <= FILES, f"open files over time: {files}"
    later = sum(requests[len(rows) // 2 :])
    for what, counts in (("objects", objects), ("items", items)):
        assert min(counts[-3:]) - max(counts[: len(rows) // 2]) < LEFT * later, f"{what} over time: {counts}"
    middle, end = statistics.median(mib[len(mib) // 3 : len(mib) // 3 + 3]), statistics.median(mib[-3:])
    assert end - middle < GROWTH, f"MiB over time: {mib}"
