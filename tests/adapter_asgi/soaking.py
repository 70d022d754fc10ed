"""Load on a gate in a process of its own: python soaking.py MINUTES FOLDER prints MiB and open files, step by step."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from proxy_contenders import free_port, memory, running  # type: ignore[import-not-found]
from proxy_load import events, load, warm  # type: ignore[import-not-found]

STEPS = 10


def soak(minutes: float, folder: str) -> None:
    port, at = free_port(), free_port()
    with running("upstream", port), running("full", at, f"http://127.0.0.1:{port}/mcp", folder) as pid:
        asyncio.run(warm(at))
        end = time.monotonic() + minutes * 60
        while time.monotonic() < end:
            asyncio.run(load(at, 16, minutes * 60 / STEPS))
            asyncio.run(events(at, 200, 4))
            print(memory(pid), sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()), flush=True)


if __name__ == "__main__":
    soak(float(sys.argv[1]), sys.argv[2])
