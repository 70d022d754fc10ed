"""The recorder against a bare append + fdatasync, SQLite, LMDB, its closest peer and a plain file, in one run.

    python benchmarks/recorder.py                     # about four minutes
    python benchmarks/recorder.py --records 10000000  # growth to ten million records; needs about 8 GB and an hour

Strategy: every engine stands behind the same front. N writers are N asyncio tasks: each has one event in flight and
goes on when it is durable. With `--front futures` it awaits a future: of the standard library, or the recorder's own.
With `--front gate` every engine is waited for as `hoopgate serve` waits for the recorder, which costs far less. The
engines that are not the recorder get the same group commit: a thread takes what has queued up and makes it durable at
once. Each cell is measured in a forked process of its own (so memory
is its own), the engines in turn, in several rounds; the medians are shown. On a shared machine read the ratios, not
the absolutes.

What the engines do is not the same: only the recorder and the peer encode metadata and hash it, only the recorder
encrypts, compresses, and keeps a Merkle tree. The bare file is what that costs, measured.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import math
import os
import random
import re
import resource
import shutil
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Protocol

HERE = Path(__file__).resolve().parent.parent
sys.path[0] = str(HERE)  # `recorder` is the package, not this file

import lmdb  # noqa: E402
import uvloop  # noqa: E402
from mcp_glp_audit_proxy.records import build_event  # noqa: E402
from mcp_glp_audit_proxy.storage.jsonl import JsonlAuditStore  # noqa: E402

import recorder  # noqa: E402
from adapter_asgi.memory import settle_memory  # noqa: E402
from adapter_asgi.waking import Waking  # noqa: E402

SIZES, WRITERS = (1024, 16384), (1, 64, 512)
SESSIONS = 64
GRACE = 2.0  # seconds that events which were handed in before the end may still take


def corpus(size: int, count: int = 256) -> list[bytes]:
    """Invented tool results of about `size` bytes: FHIR observations, none of which trained the recorder."""
    dice = random.Random(size)
    messages = []
    for number in range(count):
        rows: list[dict[str, object]] = []
        text = ""
        while len(text) < size:
            rows.append(
                {
                    "resourceType": dice.choice(("Observation", "MedicationRequest", "Encounter", "Condition")),
                    "id": f"{dice.getrandbits(64):016x}",
                    "status": dice.choice(("final", "amended", "active")),
                    "value": round(dice.uniform(1, 300), 2),
                    "note": " ".join(dice.choice(WORDS) for _ in range(dice.randrange(4, 14))),
                }
            )
            text = json.dumps({"jsonrpc": "2.0", "id": number, "result": {"entry": rows}})
        messages.append(text.encode()[:size])
    return messages


WORDS = re.findall(
    r"\w+",
    "patient denies chest pain and reports mild dyspnea on exertion since last visit follow up in two weeks with "
    "repeat labs continue current regimen no known allergies stable vital signs within normal limits plan reviewed",
)


class Told(Protocol):
    """What is told that an event is durable: a future, or the gate's `Durable`."""

    def set_result(self, result: Any, /) -> None: ...


class Engine(ABC):
    """Something that events are handed to."""

    name: str

    def __init__(self, path: Path) -> None:
        self.path = path

    @abstractmethod
    def submit(self, payload: bytes, number: int) -> Future[Any]:
        """A future that is done when the event is durable."""

    @abstractmethod
    def submit_to(self, payload: bytes, number: int, told: Any) -> None:
        """Tell this when the event is durable."""

    @abstractmethod
    def close(self) -> None: ...

    def size(self) -> int:
        """Bytes on disk, without the recorder's constant reserve."""
        return sum(item.stat().st_size for item in self.path.rglob("*") if item.is_file() and item.name != "reserve")


class Recorder(Engine):
    name = "hoopgate"

    def __init__(self, path: Path) -> None:
        super().__init__(path / "evidence")
        self.log = recorder.open(self.path)

    def submit(self, payload: bytes, number: int) -> Future[Any]:
        return self.log.submit(entry(payload, number))

    def submit_to(self, payload: bytes, number: int, told: Any) -> None:
        self.log.submit_to((entry(payload, number),), told)

    def close(self) -> None:
        self.log.close()


def entry(payload: bytes, number: int) -> recorder.Entry:
    metadata = {"call": f"{number:032x}", "server": "ehr", "command": "ehr/search", "rules": ["r1"], "effect": "allow"}
    return recorder.Entry("response", f"session{number % SESSIONS}", metadata, payload)


def given_up(told: Told) -> bool:
    return isinstance(told, Future) and told.cancelled()


class Grouped(Engine):
    """Group commit around an engine that can make a batch durable."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._waiting: list[tuple[bytes, Told]] = []
        self._ready = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @abstractmethod
    def commit(self, payloads: list[bytes]) -> None:
        """Make these durable."""

    def prepare(self) -> None:
        """Called once in the committing thread."""

    def take(self) -> list[tuple[bytes, Told]]:
        """What becomes durable together: all that has queued up."""
        group, self._waiting = self._waiting, []
        return group

    def submit(self, payload: bytes, number: int) -> Future[Any]:
        future: Future[None] = Future()
        self.submit_to(payload, number, future)
        return future

    def submit_to(self, payload: bytes, number: int, told: Any) -> None:
        with self._ready:
            self._waiting.append((payload, told))
            if len(self._waiting) == 1:
                self._ready.notify()

    def close(self) -> None:
        with self._ready:
            self._closed = True
            self._ready.notify()
        self._thread.join()

    def _run(self) -> None:
        self.prepare()
        while True:
            with self._ready:
                while not self._waiting and not self._closed:
                    self._ready.wait()
                if not self._waiting:
                    return
                group = self.take()
            self.commit([payload for payload, _ in group])
            for _, told in group:
                with suppress(InvalidStateError):  # cancelled
                    told.set_result(None)


class Bare(Grouped):
    name = "append + fdatasync"

    def prepare(self) -> None:
        self.fd = os.open(self.path / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def commit(self, payloads: list[bytes]) -> None:
        os.write(self.fd, b"".join(payloads))
        os.fdatasync(self.fd)


class Plain(Bare):
    name = "plain file, no sync"

    def commit(self, payloads: list[bytes]) -> None:
        os.write(self.fd, b"".join(payloads))


class Sqlite(Grouped):
    name = "SQLite WAL FULL"

    def prepare(self) -> None:
        self.db = sqlite3.connect(self.path / "log.db", isolation_level=None)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=FULL")
        self.db.execute("CREATE TABLE log (seq INTEGER PRIMARY KEY, payload BLOB)")

    def commit(self, payloads: list[bytes]) -> None:
        self.db.execute("BEGIN")
        self.db.executemany("INSERT INTO log (payload) VALUES (?)", [(payload,) for payload in payloads])
        self.db.execute("COMMIT")


class Lmdb(Grouped):
    name = "LMDB"

    def prepare(self) -> None:
        self.env = lmdb.open(str(self.path), map_size=1 << 34)
        self.seq = 0

    def commit(self, payloads: list[bytes]) -> None:
        with self.env.begin(write=True) as transaction:
            for payload in payloads:
                transaction.put(self.seq.to_bytes(8, "big"), payload, append=True)
                self.seq += 1


class Peer(Grouped):
    """Reads and verifies its whole file for each event, so there is no group to commit: events are done one by one."""

    name = "mcp-glp-audit-proxy"

    def prepare(self) -> None:
        self.store = JsonlAuditStore(self.path / "audit.jsonl")

    def commit(self, payloads: list[bytes]) -> None:
        for payload in payloads:
            event = build_event(
                method="tools/call",
                record_class="gxp",
                status="ok",
                server="ehr",
                principal={"id": "ci", "role": "agent"},
                client={"id": "bench"},
                protocol_version=None,
                session_id="s",
                tool="search",
                arguments={"text": payload.decode()},
            )
            self.store.append_event(event)

    def take(self) -> list[tuple[bytes, Told]]:
        wanted = [] if self._closed else [item for item in self._waiting if not given_up(item[1])]
        self._waiting = wanted[1:]
        return wanted[:1]


ENGINES: list[type[Engine]] = [Recorder, Bare, Sqlite, Lmdb, Peer, Plain]


def drive(engine: Engine, payloads: list[bytes], writers: int, seconds: float, front: str) -> dict[str, float]:
    """Closed loop for that long: events per second, and the latency of one event in milliseconds."""
    took: list[float] = []
    clock = time.perf_counter
    waking = Waking()

    def futures(payload: bytes, number: int) -> Awaitable[Any]:
        return asyncio.wrap_future(engine.submit(payload, number))

    def gate(payload: bytes, number: int) -> Awaitable[Any]:
        durable = waking.expect(1)
        engine.submit_to(payload, number, durable)
        return durable.wait()

    hand_in = gate if front == "gate" else futures

    async def writer(number: int, until: float) -> None:
        while clock() < until:
            began = clock()
            await hand_in(payloads[number % len(payloads)], number)
            took.append(clock() - began)
            number += writers

    async def crowd() -> None:
        until = clock() + seconds
        tasks = [asyncio.create_task(writer(number, until)) for number in range(writers)]
        _, late = await asyncio.wait(tasks, timeout=seconds + GRACE)
        for task in late:  # the peer's queue is longer than that
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    start, spent = clock(), time.process_time()
    (uvloop.run if front == "gate" else asyncio.run)(crowd())
    elapsed, spent = clock() - start, time.process_time() - spent
    took.sort()
    return {
        "events": len(took),
        "rate": len(took) / elapsed,
        "cpu": spent / max(1, len(took)) * 1e6,
        "p50": took[len(took) // 2] * 1e3 if took else math.nan,
        "p99": took[int(len(took) * 0.99)] * 1e3 if took else math.nan,
    }


def apart(work: Callable[[Path], dict[str, float]], directory: Path) -> dict[str, float]:
    """Run `work` in a forked process and an empty directory; its result, with the memory that it added, in MB."""
    place = Path(tempfile.mkdtemp(dir=directory))
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            before = resident()
            result = work(place)
            result["memory"] = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before) / 1e6
            os.write(write, json.dumps(result).encode())
        finally:
            sys.stderr.flush()
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    shutil.rmtree(place)
    if not text:
        sys.exit("a measurement ended without a result; its error stands above")
    result: dict[str, float] = json.loads(text)
    return result


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def cell(
    kind: type[Engine], payloads: list[bytes], writers: int, seconds: float, front: str, place: Path
) -> dict[str, float]:
    engine = kind(place)
    drive(engine, payloads, writers, seconds / 4, front)  # warm: files, keys, caches
    before = engine.size()
    measured = drive(engine, payloads, writers, seconds, front)
    measured["bytes"] = (engine.size() - before) / max(1, measured["events"])
    engine.close()
    return measured


def compare(directory: Path, seconds: float, rounds: int, names: list[str], front: str) -> None:
    """Every engine (or those named, and the bare append), size and number of writers; the bare append is 1."""
    engines = [kind for kind in ENGINES if kind is Bare or not names or any(name in kind.name for name in names)]
    print("| payload | writers | engine | events/s | of bare | p50 ms | p99 ms | p99 of bare | CPU µs | bytes | MB |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for size in SIZES:
        payloads = corpus(size)
        for writers in WRITERS:
            runs: dict[str, list[dict[str, float]]] = {}
            for _ in range(rounds):
                for kind in engines:
                    found = apart(partial(cell, kind, payloads, writers, seconds, front), directory)
                    runs.setdefault(kind.name, []).append(found)
            for name, found in runs.items():
                bare = runs[Bare.name]
                row = {key: statistics.median(run[key] for run in found) for key in found[0]}
                rate = statistics.median(a["rate"] / b["rate"] for a, b in zip(found, bare, strict=True))
                late = statistics.median(a["p99"] / b["p99"] for a, b in zip(found, bare, strict=True))
                print(
                    f"| {size} | {writers} | {name} | {row['rate']:,.0f} | {rate:.0%} | {row['p50']:.2f} | "
                    f"{row['p99']:.2f} | {late:.2f} | {row['cpu']:.0f} | {row['bytes']:,.0f} | {row['memory']:.0f} |",
                    flush=True,
                )


def ceiling(directory: Path, seconds: float) -> None:
    """What the disk gives when nobody waits: batches of 1 KiB joined, written and synced, no writers at all."""
    payloads = corpus(1024)
    for batch in WRITERS:
        data = b"".join((payloads * 2)[:batch])
        with tempfile.TemporaryFile(dir=directory) as file:
            start, count = time.perf_counter(), 0
            while time.perf_counter() - start < seconds:
                os.write(file.fileno(), data)
                os.fdatasync(file.fileno())
                count += batch
            print(f"- batches of {batch}: {count / (time.perf_counter() - start):,.0f} events/s")


def fill(log: recorder.Log, payloads: list[bytes], first: int, last: int) -> float:
    """Append the records first..last, at most 512 in flight; events per second."""
    room = threading.Semaphore(512)
    start = time.perf_counter()
    future: Future[recorder.Receipt] | None = None
    for number in range(first, last):
        room.acquire()
        future = log.submit(entry(payloads[number % len(payloads)], number))
        future.add_done_callback(lambda _: room.release())
    if future is not None:
        future.result()
    return (last - first) / (time.perf_counter() - start)


def growth(directory: Path, records: int, size: int) -> None:
    """Appends, opening and verification as the log grows."""
    payloads = corpus(size)
    store = directory / "evidence"
    print(
        "| records | appends/s of the last part | of the first | resident MB | open s | verify records/s | of a core |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    steps = sorted({step for step in (1_000, 10_000, 100_000, 1_000_000, 10_000_000) if step < records} | {records})
    have, first_rate = 0, 0.0
    with recorder.open(store) as log:
        fill(log, payloads, 0, 500)
    for step in steps:
        opened = time.perf_counter()
        log = recorder.open(store)
        opened = time.perf_counter() - opened
        fill(log, payloads, have, max(have, step - 20_000))
        rates = [fill(log, payloads, max(have, step - 20_000), step)]
        have = step
        memory = resident() / 1e6
        log.close()
        rate = statistics.median(rates)
        first_rate = first_rate or rate
        start, spent = time.perf_counter(), time.process_time()
        report = recorder.verify_report(store)
        speed = report.records / (time.perf_counter() - start)
        core = report.records / (time.process_time() - spent)
        print(
            f"| {report.records:,} | {rate:,.0f} | {rate / first_rate:.0%} | {memory:.0f} | {opened:.3f} | "
            f"{speed:,.0f} | {core:,.0f} |",
            flush=True,
        )
        gc.collect()


def recovery(directory: Path) -> None:
    """Opening after a kill: what is read is the last segment, however many stand before it."""
    payloads = corpus(1024)
    print("| segments | MB in the log | MB in the last segment | open after a kill, s |")
    print("| --- | --- | --- | --- |")
    for records, limit in ((20_000, 4), (80_000, 4), (20_000, 64), (80_000, 64)):
        store = Path(tempfile.mkdtemp(dir=directory)) / "evidence"
        child = os.fork()
        if child == 0:
            fill(recorder.open(store, segment_bytes=limit << 20), payloads, 0, records)
            os._exit(0)  # as a kill: nothing is closed, no last checkpoint
        os.waitpid(child, 0)
        sizes = [path.stat().st_size for path in sorted((store / "segments").iterdir())]
        start = time.perf_counter()
        log = recorder.open(store)
        took = time.perf_counter() - start
        log.close()
        print(f"| {len(sizes)} | {sum(sizes) / 1e6:.0f} | {sizes[-1] / 1e6:.1f} | {took:.3f} |", flush=True)
        shutil.rmtree(store.parent)


def slow_sync(milliseconds: float) -> None:
    """A disk of known speed, for a directory in memory: a sync takes so long, and as long as 1.2 GB/s asks for."""
    sizes: dict[int, int] = {}

    def sync(fd: Any) -> None:
        size = os.fstat(fd).st_size
        added, sizes[fd] = max(0, size - sizes.get(fd, 0)), size
        time.sleep(milliseconds / 1e3 + added / 1.2e9)

    os.fdatasync = sync


def run() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--records", type=int, default=100_000, help="how far the log grows (default: 100000)")
    parser.add_argument("--size", type=int, default=1024, help="bytes of a payload as the log grows (default: 1024)")
    parser.add_argument("--seconds", type=float, default=0.6, help="of each measurement (default: 0.6)")
    parser.add_argument("--rounds", type=int, default=3, help="of which the medians are shown (default: 3)")
    parser.add_argument("--directory", type=Path, default=HERE / "build", help="on the disk to measure")
    parser.add_argument("--only", choices=("compare", "growth", "recovery"), help="one part")
    parser.add_argument("--engines", nargs="+", default=[], metavar="NAME", help="only these, and the bare append")
    parser.add_argument("--front", choices=("futures", "gate"), default="futures", help="how events are waited for")
    parser.add_argument("--sync", type=float, metavar="MS", help="a sync takes so long; for a --directory in memory")
    args = parser.parse_args()
    if args.sync is not None:
        slow_sync(args.sync)
    args.directory.mkdir(parents=True, exist_ok=True)
    sys.setswitchinterval(0.0005)  # both as `hoopgate serve` does; it helps every engine here
    settle_memory()
    asked = partial(compare, seconds=args.seconds, rounds=args.rounds, names=args.engines, front=args.front)
    for name, title, part in (
        ("compare", "One event durable", asked),
        ("compare", "The disk's ceiling", lambda place: ceiling(place, args.seconds)),
        ("recovery", "Recovery", recovery),
        ("growth", "Growth", lambda place: growth(place, args.records, args.size)),
    ):
        if args.only in (None, name):
            print(f"\n## {title}\n")
            with tempfile.TemporaryDirectory(dir=args.directory) as place:
                part(Path(place))


if __name__ == "__main__":
    run()
