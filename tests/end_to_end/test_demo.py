"""`hoopgate demo` as `make run` runs it, in a pipe."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path


def test_the_demo_ends_by_itself_and_shows_the_main_job(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "adapter_asgi", "demo", "--dir", str(tmp_path / "demo")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    shown = ran.stdout
    assert max(map(len, shown.splitlines())) <= 100
    assert len(re.findall(r"^   decision ", shown, re.MULTILINE)) >= 5
    assert len(re.findall(r"^   rule ", shown, re.MULTILINE)) >= 5
    assert "Pipelines do not delete patient records" in shown
    assert "approver    dana@clinic.example" in shown
    assert "[NAME]" in shown
    assert re.search(r"verified: \d+ records, checkpoint \S+", shown)
    listed = _sessions(tmp_path / "demo", "--branch", "main", "--repository", "acme/etl", "--environment", "production")
    assert len(listed) == 2
    assert {session["actor"] for session in listed} == {"alice"}
    assert _sessions(tmp_path / "demo", "--branch", "elsewhere") == []


def _sessions(folder: Path, *filters: str) -> list[dict[str, object]]:
    config = next(folder.rglob("hoopgate.toml"))
    command = [sys.executable, "-m", "adapter_asgi", "sessions", "list", "--json", "--config", str(config), *filters]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    found: list[dict[str, object]] = json.loads(ran.stdout)
    return found
