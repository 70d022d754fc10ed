"""The gate against a bare passthrough and its peers, same upstream, in one run: requests, latency, streams, memory.

    python benchmarks/proxy.py                                # about three minutes
    python benchmarks/proxy.py --only passthrough,masking --clients 1 --rounds 20
    python benchmarks/proxy.py --idle 10000                   # memory of idle streams; needs 20,100 open files
    python benchmarks/proxy.py --soak 60                      # minutes of load; memory must stay where it is

Every contender is a process of its own (uvicorn, uvloop, httptools) in front of the same upstream process: an ASGI
application that answers `tools/call` with the text it was sent. The load comes from this process over plain sockets,
each client with one request in flight. Figures of one run compare; those of two runs on a shared machine do not.

direct        the upstream itself
passthrough   bare ASGI over one aiohttp client, as thin as a proxy over a general client can be
plain         hoopgate: identity, policy; nothing masked, nothing recorded
masking       hoopgate: the same, and every kind masked in every answer
recording     hoopgate: nothing masked, and every record durable before the next step
full          hoopgate: both
serve         `hoopgate serve`, which masks and records as full does; each client has a session (2025-11-25)
workers       the same with `workers = 2`
fastmcp       FastMCP's proxy with its defaults
contextforge  mcp-contextforge-gateway, where `--contextforge` names a Python that has it (proxy_contextforge.py)
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).parent)
from proxy_contenders import allow_files, free_port, memory, running, spent  # noqa: E402 - beside this file
from proxy_contextforge import contextforge  # noqa: E402
from proxy_load import events, hold_streams, load, warm  # noqa: E402
from workers import gate  # noqa: E402

CONTENDERS = ("direct", "passthrough", "plain", "masking", "recording", "full", "serve", "workers", "fastmcp")
SERVED = {"serve": 1, "workers": 2}
PEERS = ("fastmcp", "contextforge")  # a few requests per second
EVENTS, STREAMS = 500, 4
Results = dict[str, dict[str, Any]]


@contextlib.contextmanager
def contender(name: str, port: int, folder: str, python: Path | None = None) -> Iterator[tuple[int, list[int]]]:
    """Its port and processes in front of the upstream at `port`; none for the upstream itself."""
    if name == "direct":
        yield port, []
        return
    if name in SERVED:
        with gate(SERVED[name], port) as (at, pids):
            yield at, pids
        return
    at = free_port()
    if name == "contextforge" and python is not None:
        with contextforge(python, at, f"http://127.0.0.1:{port}/mcp", folder) as pid:
            yield at, [pid]
        return
    with running(name, at, f"http://127.0.0.1:{port}/mcp", folder) as pid:
        yield at, [pid]


def measure(names: list[str], clients: list[int], seconds: float, rounds: int, python: Path | None) -> Results:
    """Every contender is up all the time and they take turns, so that what else the machine does strikes all alike."""
    results: Results = {name: {} for name in names}
    port = free_port()
    with contextlib.ExitStack() as stack:
        stack.enter_context(running("upstream", port))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        up = {name: stack.enter_context(contender(name, port, folder, python)) for name in names}
        for name, (at, _) in up.items():
            asyncio.run(warm(at, 8 if name in PEERS else 256, **_how(name)))
        for count in clients:
            taken: dict[str, list[dict[str, float]]] = {name: [] for name in names}
            for turn in range(rounds):
                for name, (at, pids) in up.items():
                    if turn == 0 or name not in PEERS:
                        taken[name].append(_stretch(name, at, pids, count, seconds))
            for name, figures in taken.items():
                results[name][str(count)] = sorted(figures, key=lambda one: one["requests_per_second"])[
                    len(figures) // 2
                ]
                print(f"{name:12} {count:4} clients  {results[name][str(count)]}", flush=True)
        for name, (at, pids) in up.items():
            if name not in (*PEERS, *SERVED):  # peers answer as JSON here
                results[name]["events_per_second"] = round(asyncio.run(events(at, EVENTS, STREAMS)))
            if pids:
                results[name]["memory_mib"] = round(sum(map(memory, pids)))
            told = {key: value for key, value in results[name].items() if not isinstance(value, dict)}
            print(f"{name:12} {told}", flush=True)
    return results


def _how(name: str) -> dict[str, bool]:
    """What the load has to know of a contender."""
    return {"old": name == "contextforge", "session": name in SERVED}


def _stretch(name: str, at: int, pids: list[int], count: int, seconds: float) -> dict[str, float]:
    before = sum(map(spent, pids))
    figures = asyncio.run(load(at, count, seconds, **_how(name)))
    if pids:
        figures["cpu_us"] = round((sum(map(spent, pids)) - before) * 1e6 / figures["requests"])
    return figures


def goals(results: Results) -> Iterator[tuple[str, float, float, bool]]:
    """What was promised: words, the figure, the goal, whether it is met."""
    bare = results.get("passthrough", {})
    for name, share in (("masking", 0.6), ("full", 0.4)):
        for count in sorted(results.get(name, {}).keys() & bare.keys() - {"events_per_second", "memory_mib"}, key=int):
            if name == "masking" or count == "64":
                kept = results[name][count]["requests_per_second"] / bare[count]["requests_per_second"]
                yield (
                    f"{name}: share of the passthrough's requests per second, {count} clients",
                    kept,
                    share,
                    kept >= share,
                )
    if "1" in bare and "masking" in results:
        added = results["masking"]["1"]["p50_ms"] - bare["1"]["p50_ms"]
        yield "masking: ms added to the passthrough's median, 1 client", added, 0.3, added < 0.3
    for name in ("masking", "full", "workers"):
        counts = results.get("fastmcp", {}).keys() & results.get(name, {}).keys() - {"memory_mib"}
        for count in sorted(counts, key=int):
            ours, theirs = (results[one][count]["requests_per_second"] for one in (name, "fastmcp"))
            words = f"{name}: times FastMCP's requests per second, {count} clients"
            yield words, ours / theirs, 50, ours >= 50 * theirs


def idle_streams(name: str, count: int) -> float:
    """MiB that `count` idle streams take in the contender."""
    allow_files()
    port = free_port()
    with (
        running("upstream", port),
        tempfile.TemporaryDirectory() as folder,
        contender(name, port, folder) as (at, pids),
    ):

        async def run() -> float:
            held = await hold_streams(at, 10)
            before = sum(map(memory, pids))
            held += await hold_streams(at, count)
            after = sum(map(memory, pids))
            for writer in held:
                writer.transport.abort()
            return after - before

        return asyncio.run(run())


def soak(name: str, minutes: float, clients: int = 16) -> list[float]:
    """MiB of the contender at the end of each of twelve stretches of load."""
    port = free_port()
    with (
        running("upstream", port),
        tempfile.TemporaryDirectory() as folder,
        contender(name, port, folder) as (at, pids),
    ):
        asyncio.run(warm(at, **_how(name)))
        held = []
        end = time.monotonic() + minutes * 60
        while time.monotonic() < end:
            asyncio.run(load(at, clients, minutes * 5, **_how(name)))
            held.append(sum(map(memory, pids)))
        return held


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1.0, help="of one stretch of load")
    parser.add_argument("--rounds", type=int, default=5, help="stretches of each, in turn; the median is shown")
    parser.add_argument("--clients", default="1,16,64,128")
    parser.add_argument("--only", default=",".join(CONTENDERS))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--idle", type=int, default=0, metavar="N", help="measure the memory of N idle streams instead")
    parser.add_argument("--soak", type=float, default=0.0, metavar="MINUTES", help="watch memory under load instead")
    parser.add_argument("--contextforge", type=Path, metavar="PYTHON", help="a Python with mcp-contextforge-gateway")
    options = parser.parse_args()
    names = options.only.split(",") + (["contextforge"] if options.contextforge else [])
    gates = [name for name in names if name not in ("direct", "passthrough", *PEERS)]
    if options.idle:
        for name in gates:
            took = idle_streams(name, options.idle)
            goal = 500 * options.idle / 10_000
            verdict = "met   " if took < goal else "missed"
            print(f"{verdict}  {name}: {options.idle} idle streams take {took:.0f} MiB (goal: {goal:g})", flush=True)
        return
    if options.soak:
        for name in gates:
            held = soak(name, options.soak)
            print(f"{name}: MiB over {options.soak:g} minutes {[round(value, 1) for value in held]}", flush=True)
        return
    clients = [int(count) for count in options.clients.split(",")]
    results = measure(names, clients, options.seconds, options.rounds, options.contextforge)
    for words, figure, goal, met in goals(results):
        print(f"{'met   ' if met else 'missed'}  {words}: {figure:.2f} (goal: {goal:g})")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
