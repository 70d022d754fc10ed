"""How fast hoopgate masks beside its peers and beside the limits it could reach: MB per CPU-second, p99, memory.

    .venv/bin/python benchmarks/masking_speed.py [--peers hoopgate,presidio,…] [--seconds S] [--chart FILE.svg]

One thread, CPU time (time.process_time), so a busy machine spoils little. Cold is the first message of a fresh
session on a warmed process, warm the same session's later ones. FHIR is loaded and written with orjson on both sides.
"""

from __future__ import annotations

import argparse
import csv
import io
import itertools
import json
import os
import random
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # CPU time of one thread; spinning ones would be counted

import orjson
import unseen_notes
from masking_peers import peers

FHIR = Path(__file__).resolve().parents[2] / "shared" / "data" / "synthea"
Row = tuple[str, str, float, float]


def corpora() -> dict[str, list[bytes]]:
    """FHIR bundles, SQL rows, prose and logs, as messages."""
    rng = random.Random(3)
    notes = [note.text for note in unseen_notes.notes(count=48)]
    rows = [
        {
            "patient_id": rng.randint(1, 10**6),
            "last_name": rng.choice(unseen_notes.LISTS["family"]),
            "dob": "1961-03-05",
            "loinc": "2345-7",
            "test": "Glucose",
            "value": rng.randint(60, 300),
            "unit": "mg/dL",
            "status": "final",
        }
        for _ in range(200)
    ]
    log = [
        f"2026-03-05T10:00:{n % 60:02d}Z INFO ehr.api GET /patients/{rng.randint(10**5, 10**6)} status=200"
        f" took={n % 40}ms"
        f" client_ip=10.2.{n % 250}.4"
        for n in range(400)
    ]
    fhir = [file.read_bytes() for file in sorted(FHIR.glob("*.json"))] if FHIR.is_dir() else []
    table = io.StringIO()
    writer = csv.DictWriter(table, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return {
        "FHIR JSON": fhir,
        "SQL rows (JSON)": [orjson.dumps({"rows": rows[n : n + 20]}) for n in range(0, 200, 20)],
        "CSV": [table.getvalue().encode()],
        "prose": [note.encode() for note in notes],
        "logs": ["\n".join(log[n : n + 40]).encode() for n in range(0, 400, 40)],
    }


def timed(work: Callable[[bytes], Any], messages: list[bytes], seconds: float) -> tuple[float, float]:
    """MB per CPU-second and the 99th percentile of one message in milliseconds."""
    times, done, size = [], 0.0, 0
    while done < seconds or not times:
        for message in messages:
            start = time.process_time()
            work(message)
            took = time.process_time() - start
            times.append(took)
            done += took
            size += len(message)
            if done > seconds * 4:
                break
    times.sort()
    return size / max(done, 1e-9) / 1e6, times[min(len(times) - 1, int(len(times) * 0.99))] * 1e3


def _walk(value: Any) -> Any:
    if type(value) is dict:
        return {key: _walk(item) for key, item in value.items()}
    return [_walk(item) for item in value] if type(value) is list else value


def limits(messages: list[bytes], seconds: float, name: str) -> list[Row]:
    """What the parts that any masker needs cost by themselves."""
    from masking.scanner import shared

    scanner = shared()
    rows: list[Row] = [("RE2 set, all patterns", name, *timed(scanner._set.Match, messages, seconds))]
    if messages[0][:1] == b"{":
        rows.append(
            (
                "orjson loads + walk + dumps",
                name,
                *timed(lambda m: orjson.dumps(_walk(orjson.loads(m))), messages, seconds),
            )
        )
    try:
        import hyperscan
    except ImportError:
        print("hyperscan: not installed; pip install 'hoopgate[bench]'")
        return rows
    database = hyperscan.Database()
    patterns = [
        rb"\b\d{3}-\d{2}-\d{4}\b",
        rb"[\w.+-]+@[\w.-]+",
        rb"\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}",
        rb"\d{4}-\d\d-\d\d",
    ]
    database.compile(
        expressions=patterns, ids=list(range(len(patterns))), flags=[hyperscan.HS_FLAG_SOM_LEFTMOST] * len(patterns)
    )

    def seen(*_: Any) -> None:
        return None

    rows.append(
        (
            "Hyperscan, four patterns",
            name,
            *timed(lambda m: database.scan(m, match_event_handler=seen), messages, seconds),
        )
    )
    return rows


def ours(name: str, messages: list[bytes], seconds: float) -> list[Row]:
    """hoopgate, each message in a fresh session, and all in one."""
    import masking

    masking.load_ner()
    one = masking.Masker(masking.ALL, b"benchmark")

    def fresh() -> masking.Masker:
        return masking.Masker(masking.ALL, b"benchmark")

    def mask(message: bytes, masker: masking.Masker) -> None:
        if message[:1] == b"{":
            orjson.dumps(masker.mask_json(orjson.loads(message)).value)
        else:
            _ = masker.mask_text(message.decode()).value

    for message in messages[:2]:
        mask(message, fresh())
    cold = timed(lambda message: mask(_changed(message), fresh()), messages, seconds)
    warm = timed(lambda message: mask(message, one), messages, seconds)
    return [("hoopgate, fresh session", name, *cold), ("hoopgate, one session", name, *warm)]


_serial = itertools.count()


def _changed(message: bytes) -> bytes:
    """The message as nobody saw it before, so that no cache of texts helps prose."""
    return message if message[:1] == b"{" else message + b"\n%d\n" % next(_serial)


def small(seconds: float) -> str:
    """The median of 1 KiB messages in which nothing needs the prose engine."""
    import masking

    masker = masking.Masker(masking.ALL, b"benchmark")
    times: list[float] = []
    n = 0
    while sum(times) < seconds * 1e6:
        n += 1
        rows = [
            {"patient_id": n * 100 + i, "last_name": "Okafor", "glucose": i, "dx": "E11.9", "status": "final"}
            for i in range(12)
        ]
        message = orjson.dumps({"rows": rows})
        start = time.perf_counter()
        orjson.dumps(masker.mask_json(orjson.loads(message)).value)
        times.append((time.perf_counter() - start) * 1e6)
    times.sort()
    worst = times[int(len(times) * 0.99)]
    return f"{len(message)} B messages: median {statistics.median(times):.0f} us, p99 {worst:.0f} us"


def chart(rows: list[Row]) -> str:
    """Bars of MB per CPU-second on a logarithmic scale, as SVG."""
    import math

    out, y = [], 20
    for who, what, speed, _ in rows:
        width = max(2.0, (math.log10(max(speed, 1e-3)) + 3) * 110)
        colour = "#0a6" if who.startswith("hoopgate") else "#999"
        out.append(
            f'<text x="10" y="{y + 12}">{what}: {who}</text>'
            f'<rect x="400" y="{y}" width="{width:.0f}" height="14" fill="{colour}"/>'
            f'<text x="{405 + width:.0f}" y="{y + 12}">{speed:.3g} MB/s</text>'
        )
        y += 20
    size = f'width="1150" height="{y + 10}" font-family="sans-serif" font-size="12"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(out)}</svg>'


def run() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default="presidio,presidio-medium,scrubadub,datafog")
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--chart", type=Path)
    options = parser.parse_args()
    rows: list[Row] = []
    others = peers(filter(None, options.peers.split(",")))
    for name, messages in corpora().items():
        if not messages:
            print(f"{name}: no data at {FHIR}")
            continue
        mine = ours(name, messages, options.seconds) + limits(messages, options.seconds, name)
        for peer in others:
            texts = [message.decode()[:4000].encode() for message in messages[:4]]
            mine.append((peer.name, name, *timed(lambda m, peer=peer: peer.find(m.decode()), texts, options.seconds)))
        for who, what, speed, p99 in mine:
            print(f"{what:16} {who:34} {speed:9.3f} MB per CPU-second   p99 {p99:9.3f} ms")
        rows += mine
    print(small(options.seconds))
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    if options.chart:
        options.chart.write_text(chart(rows), encoding="utf-8")
    if not rows:
        raise SystemExit(json.dumps({"error": "nothing measured"}))


if __name__ == "__main__":
    run()
