"""Where the recorder's time goes: the CPU of each step of an event, by itself, next to the bare append's.

    python benchmarks/recorder_steps.py               # events of 1 KiB; ten seconds
    python benchmarks/recorder_steps.py --size 16384

Strategy: no thread but this one. Events are handed in, taken, encoded, written and answered in groups of 64, each step
timed over its group, and the best of many groups is shown: what neighbours and other threads cost is not in it. The
sync is left out, and the files lie in memory.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

HERE = Path(__file__).resolve().parent.parent
sys.path[0] = str(HERE)  # `recorder` is the package

import uvloop  # noqa: E402

import recorder  # noqa: E402
from adapter_asgi.memory import settle_memory  # noqa: E402
from adapter_asgi.waking import Waking  # noqa: E402
from benchmarks.recorder import Bare, Grouped, corpus, entry  # noqa: E402
from recorder import log as log_module  # noqa: E402
from recorder.notary import Notary  # noqa: E402
from recorder.writer import Writer  # noqa: E402

GROUP = 64
Steps = dict[str, float]


@contextmanager
def timed(best: Steps, step: str) -> Iterator[None]:
    start = time.perf_counter_ns()
    yield
    best[step] = min(best.get(step, 1e9), (time.perf_counter_ns() - start) / GROUP / 1e3)


def recorder_turn(place: Path, payloads: list[bytes], best: Steps) -> tuple[Callable[..., Any], Callable[[], None]]:
    """How an event is handed to a recorder without threads, and how what was handed in is recorded."""
    with (
        mock.patch.object(Writer, "start"),
        mock.patch.object(Notary, "start"),
        mock.patch.object(log_module, "_announce"),
        mock.patch.object(log_module, "hand_over"),
    ):
        log = recorder.open(place / "evidence")
    writer = log._writer

    def submit(number: int, told: Any) -> Any:
        made = entry(payloads[number % len(payloads)], number)
        return log.submit(made) if told is None else log.submit_to((made,), told)

    def commit() -> None:
        with timed(best, "take"), writer._lock:
            group, _ = writer._take()
        with timed(best, "encode"):
            writer._encoder.encode(group)
        with timed(best, "number, frame, write, answer"):
            writer._commit(group)

    return submit, commit


def bare_turn(place: Path, payloads: list[bytes], best: Steps) -> tuple[Callable[..., Any], Callable[[], None]]:
    """The same of the bare append."""
    with mock.patch.object(Grouped, "_run"):
        bare = Bare(place)
    bare.prepare()

    def submit(number: int, told: Any) -> Any:
        payload = payloads[number % len(payloads)]
        return bare.submit(payload, number) if told is None else bare.submit_to(payload, number, told)

    def commit() -> None:
        with timed(best, "number, frame, write, answer"):
            group = bare.take()
            bare.commit([payload for payload, _ in group])
            for _, told in group:
                told.set_result(None)

    return submit, commit


async def futures(submit: Callable[..., Any], commit: Callable[[], None], best: Steps, rounds: int) -> None:
    for turn in range(rounds):
        with timed(best, "hand in"):
            made = [submit(turn * GROUP + at, None) for at in range(GROUP)]
        with timed(best, "wait"):
            waiting: list[Awaitable[Any]] = [asyncio.wrap_future(future) for future in made]
        commit()
        with timed(best, "wake"):
            await asyncio.gather(*waiting)


async def gate(submit: Callable[..., Any], commit: Callable[[], None], best: Steps, rounds: int) -> None:
    waking = Waking()
    for turn in range(rounds):
        with timed(best, "hand in"):
            made = [waking.expect(1) for _ in range(GROUP)]
            for at, durable in enumerate(made):
                submit(turn * GROUP + at, durable)
        with timed(best, "wait"):
            waiting = [asyncio.ensure_future(durable.wait()) for durable in made]
            await asyncio.sleep(0)
        commit()
        with timed(best, "wake"):
            await asyncio.gather(*waiting)


def run() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, default=1024, help="bytes of a payload (default: 1024)")
    parser.add_argument("--rounds", type=int, default=400, help="groups of 64 (default: 400)")
    parser.add_argument("--directory", type=Path, default=Path("/dev/shm"), help="in memory")
    args = parser.parse_args()
    payloads = corpus(args.size)
    settle_memory()
    os.fdatasync = lambda _: None
    for name, begin in (("recorder", recorder_turn), ("append", bare_turn)):
        for front, loop in ((futures, asyncio.run), (gate, uvloop.run)):
            best: Steps = {}
            with tempfile.TemporaryDirectory(dir=args.directory) as place:
                loop(front(*begin(Path(place), payloads, best), best, args.rounds))
            steps = ", ".join(f"{step} {took:.1f}" for step, took in best.items())
            print(f"- {name}, {front.__name__}: {sum(best.values()):.1f} µs: {steps}")


if __name__ == "__main__":
    run()
