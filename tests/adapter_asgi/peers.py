"""Node.js, and packages from npm that nobody here wrote: installed once, into build/peers."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

from tests.npm import install

__all__ = ["FOLDER", "MODULES", "environment", "installed", "node", "run"]

FOLDER = Path(__file__).parents[2] / "build" / "peers"
MODULES = FOLDER / "node_modules" / "@modelcontextprotocol"
PACKAGES = ("node@24.21.0", *(f"@modelcontextprotocol/{name}" for name in (
    "sdk@1.32.2", "client@2.4.0", "server-everything@2026.8.31", "server-filesystem@2026.8.31",
)))  # fmt: skip


def environment() -> dict[str, str]:
    """The packages' own Node.js before the machine's."""
    return {**os.environ, "PATH": f"{FOLDER / 'node_modules' / 'node' / 'bin'}:{os.environ['PATH']}"}


def node() -> str:
    """The path of `node`."""
    found = shutil.which("node", path=environment()["PATH"])
    assert found is not None
    return found


async def run(*command: str) -> str:
    """What `command` prints; fails with what it said where it fails."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=FOLDER, env=environment(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


async def installed() -> Path:
    """The folder with the packages in it."""
    return await asyncio.to_thread(install, FOLDER, *PACKAGES)
