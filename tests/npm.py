"""Packages of npm that tests run: installed once into a folder under build/, by whichever worker comes first."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from pathlib import Path

__all__ = ["install"]

_BEFORE = "2026-11-22"
"""What the packages need in turn is taken as of this day, so that nobody's new release is tested here."""
_TRIES = 3


def install(folder: Path, *packages: str) -> Path:
    """The folder with exactly these in its `node_modules`; a download that fails is tried again."""
    folder.mkdir(parents=True, exist_ok=True)
    done, wanted = folder / "installed", " ".join([_BEFORE, *packages])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists() or done.read_text() != wanted:
            assert shutil.which("npm"), f"{', '.join(packages)}: install Node.js, which brings npm"
            _install(folder, packages)
            done.write_text(wanted)
    return folder


def _install(folder: Path, packages: tuple[str, ...]) -> None:
    command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), *packages]
    said = ""
    for dated in (*[["--before", _BEFORE]] * _TRIES, []):  # a mirror may know no days of release
        shutil.rmtree(folder / "node_modules", ignore_errors=True)
        for name in ("package.json", "package-lock.json"):
            (folder / name).unlink(missing_ok=True)
        ran = subprocess.run([*command, *dated], cwd=folder, capture_output=True, text=True, check=False)
        if ran.returncode == 0:
            return
        said = ran.stderr
    raise AssertionError(said)
