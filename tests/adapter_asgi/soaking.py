"""Load on a gate in a process of its own: python soaking.py MINUTES FOLDER.

Prints, step by step: MiB, open files, exchanges, sessions, objects and items of containers that are held once the load
of the step is over, requests answered.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
sys.path.insert(0, str(Path(__file__).parents[2]))
from proxy_contenders import memory, running  # type: ignore[import-not-found]
from proxy_load import TEXTS, events, load, request, warm  # type: ignore[import-not-found]

from tests.ports import free_port

STEPS = 10
CLIENTS = 16
LEAVING = 50


async def leave(port: int) -> None:
    """Clients that ask for a long stream and hang up: some at once, some after its beginning."""
    for number in range(LEAVING):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request(TEXTS[number % len(TEXTS)], 500))
        if number % 2:
            await reader.read(100)
        writer.transport.abort()


def held(port: int) -> dict[str, int]:
    """What is open, once nothing is asked any more: given up on after a minute, for then it never ends."""
    found: dict[str, int] = {}
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/open?held", timeout=300) as answer:
            found = json.load(answer)
        if not found["exchanges"]:
            break
        time.sleep(0.05)
    return found


def soak(minutes: float, folder: str) -> None:
    port, at = free_port(), free_port()
    with running("upstream", port), running("full", at, f"http://127.0.0.1:{port}/mcp", folder) as pid:
        asyncio.run(warm(at))
        for _ in range(STEPS):  # however long a step takes on a busy machine
            figures = asyncio.run(load(at, CLIENTS, minutes * 60 / STEPS))
            asyncio.run(events(at, 200, 4))
            asyncio.run(leave(at))
            left = held(at)
            files = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
            objects = sum(count for name, count in left.items() if "." in name)
            told = memory(pid), files, left["exchanges"], left["sessions"], objects, left["items"] + left["cached"]
            print(*told, figures["requests"], flush=True)


if __name__ == "__main__":
    soak(float(sys.argv[1]), sys.argv[2])
