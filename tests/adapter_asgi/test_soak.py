"""Minutes of load on one process, masking and recording on: its memory stays where it is, and no file stays open."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MINUTES = float(os.environ.get("SOAK_MINUTES", "1.5"))
pytestmark = [pytest.mark.slow, pytest.mark.timeout(MINUTES * 60 + 300)]


def test_under_load_memory_and_open_files_stay_where_they_are(tmp_path: Path) -> None:
    script = [sys.executable, str(Path(__file__).with_name("soaking.py")), str(MINUTES), str(tmp_path)]
    told = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    rows = [tuple(map(float, line.split())) for line in told.splitlines()]
    assert len(rows) >= 8
    settled, end = rows[len(rows) // 2], rows[-1]
    assert end[0] - settled[0] < 8.0, f"MiB over time: {[row[0] for row in rows]}"
    assert end[1] <= settled[1] + 4, f"open files over time: {[row[1] for row in rows]}"
