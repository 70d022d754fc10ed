"""How fast hoopgate masks beside its peers and beside the limits it could reach: MB per CPU-second, p99, memory.

    .venv/bin/python benchmarks/masking_speed.py [--peers presidio,…] [--seconds S] [--chart FILE.svg] [--stream MB]

One thread, CPU time (time.process_time), so a busy machine spoils little; the goals are ratios of figures taken in
turn.
Cold is a message that nobody saw before, in a fresh session of a warmed process: FHIR bundles get new ids, dates and
measures each time (the codes and narratives stay, which flatters a memory), other texts a new number at their end.
Warm is the same messages again in one session. A patient never seen is each bundle after all that was remembered but
of the other ones is forgotten: the strictest figure, for a process that just began. JSON is loaded and written with
orjson on both sides. `--stream` masks that many megabytes piece by piece in a process of its own and tells its peak
memory.
"""

from __future__ import annotations

import argparse
import csv
import html
import io
import itertools
import json
import math
import os
import random
import re
import resource
import statistics
import subprocess
import sys
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


_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DAY = re.compile(rb'(?<=")(\d{4})-(\d\d)-(\d\d)')
_MEASURE = re.compile(rb"(?<=:)\d+\.\d{3,}")
_serial = itertools.count()


def unseen(message: bytes, rng: random.Random) -> bytes:
    """The message as nobody saw it before."""
    if message[:1] != b"{":
        return message + b"\n%d\n" % next(_serial)
    ids: dict[bytes, bytes] = {}
    years, days = rng.randrange(-3, 4), rng.randrange(28)

    def other(match: re.Match[bytes]) -> bytes:
        made = b"%032x" % rng.getrandbits(128)
        return ids.setdefault(match[0], b"-".join((made[:8], made[8:12], made[12:16], made[16:20], made[20:])))

    def moved(match: re.Match[bytes]) -> bytes:
        return b"%04d-%02d-%02d" % (int(match[1]) + years, int(match[2]), (int(match[3]) + days) % 28 + 1)

    message = _DAY.sub(moved, _UUID.sub(other, message))
    return _MEASURE.sub(lambda match: b"%.6f" % (float(match[0]) * rng.uniform(0.9, 1.1)), message)


def mask(message: bytes, masker: Any) -> None:
    """Bytes in, masked bytes out."""
    if message[:1] == b"{":
        orjson.dumps(masker.mask_json(orjson.loads(message)).value)
    else:
        _ = masker.mask_text(message.decode()).value.encode()


def fresh() -> Any:
    """A masker of a new session."""
    import masking

    return masking.Masker(masking.ALL, b"benchmark")


def ours(name: str, messages: list[bytes], seconds: float) -> list[Row]:
    """hoopgate: unseen messages each in a fresh session, and the same messages again in one."""
    rng = random.Random(7)
    for message in messages:
        mask(unseen(message, rng), fresh())
    rounds = [unseen(message, rng) for _ in range(4) for message in messages]
    cold = timed(lambda message: mask(message, fresh()), rounds, min(seconds, 0.05))
    one = fresh()
    for message in messages:
        mask(message, one)
    warm = timed(lambda message: mask(message, one), messages, seconds)
    return [("hoopgate, cold", name, *cold), ("hoopgate, warm", name, *warm)]


def beside_orjson(messages: list[bytes]) -> float:
    """Speed on unseen bundles as a share of an orjson loads + walk + dumps loop's: medians of pairs taken in turn."""
    rng = random.Random(11)
    shares = []
    for _ in range(6):
        for message in messages:
            message = unseen(message, rng)
            start = time.process_time()
            orjson.dumps(_walk(orjson.loads(message)))
            between = time.process_time()
            mask(message, fresh())
            shares.append((between - start) / (time.process_time() - between))
    return statistics.median(shares)


def of_another_patient(messages: list[bytes]) -> tuple[float, float]:
    """Share of an orjson loop's speed, and MB per CPU-second, on a bundle of a patient whom the process never saw, when
    it remembers the other bundles alone: medians.
    """
    from masking.remembered import Remembered
    from masking.scanner import shared

    rng = random.Random(13)
    shares, speeds = [], []
    for at in range(len(messages)):
        shared().remembered = Remembered()
        for other in (*messages[:at], *messages[at + 1 :]) * 2:
            mask(unseen(other, rng), fresh())
        message = unseen(messages[at], rng)
        start = time.process_time()
        orjson.dumps(_walk(orjson.loads(message)))
        between = time.process_time()
        mask(message, fresh())
        took = time.process_time() - between
        shares.append((between - start) / took)
        speeds.append(len(message) / took / 1e6)
    return statistics.median(shares), statistics.median(speeds)


def small() -> dict[str, tuple[float, float]]:
    """Median and p99 in microseconds of 1 KiB messages that need no prose engine: with identifiers, and without."""
    out = {}
    for name, row in (
        ("24 identifiers", {"patient_id": 0, "last_name": "Okafor", "glucose": 0, "dx": "E11.9", "status": "final"}),
        ("none", {"loinc": "2345-7", "test": "Glucose", "value": 0, "unit": "mg/dL", "status": "final", "flag": "H"}),
    ):
        masker, times, count = fresh(), [], 1024 // len(orjson.dumps(row))
        for n in range(3000):
            rows = [{key: n * 100 + i if value == 0 else value for key, value in row.items()} for i in range(count)]
            message = orjson.dumps({"rows": rows})
            start = time.perf_counter()
            mask(message, masker)
            times.append((time.perf_counter() - start) * 1e6)
        times.sort()
        out[name] = statistics.median(times), times[int(len(times) * 0.99)]
    return out


_STREAM = """
import re, sys, time, json
import masking
row = json.dumps({"last_name": "Okafor", "mrn": "00482913", "glucose": 104.0, "note": "BP 120/80. Lisinopril 10 mg."})
stream = masking.Masker(masking.ALL, b"k" * 32, ner="none").stream()
unit, given, start = (row + ",") * 40, len(stream.feed("[")), time.process_time()
while given < int(sys.argv[1]) << 20:
    stream.feed(unit)
    given += len(unit)
stream.feed(row + "]") and stream.close()
took = time.process_time() - start
peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) >> 10
print(f"{given / took / 1e6:.2f} MB per CPU-second, peak {peak} MiB")
"""


def streamed(size: int) -> str:
    """One JSON array of `size` MB masked piece by piece: its speed and the process's peak memory."""
    done = subprocess.run([sys.executable, "-c", _STREAM, str(size)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def goals(rows: list[Row], share: float | None, quick: dict[str, tuple[float, float]]) -> list[str]:
    """The goals, and whether they are met."""
    speed = {(who, what): value for who, what, value, _ in rows}

    def beside_presidio(what: str) -> float | None:
        theirs = speed.get(("Presidio (default, small model)", what))
        return speed[("hoopgate, cold", what)] / theirs if theirs else None

    asked = [
        ("FHIR JSON beside an orjson loop", share, 0.5),
        ("FHIR JSON beside default Presidio", beside_presidio("FHIR JSON"), 500.0),
        ("prose beside default Presidio", beside_presidio("prose"), 4.0),
    ]
    out = [
        f"{'not measured' if got is None else 'met' if got >= goal else 'MISSED'}: {name}"
        + ("" if got is None else f" {got:.3g}, goal {goal:g} or more")
        for name, got, goal in asked
    ]
    median = quick["none"][0]
    out.append(f"{'met' if median < 100 else 'MISSED'}: 1 KiB without prose, median {median:.0f} us, goal below 100")
    return out


def chart(rows: list[Row]) -> str:
    """Bars of MB per CPU-second on a logarithmic scale, a group for each kind of message, as SVG."""
    out, y, group = [], 40, ""
    ticks = [10.0**power for power in range(-2, 4)]
    for who, what, speed, p99 in rows:
        if what != group:
            group, y = what, y + 22
            out.append(f'<text x="10" y="{y - 4}" font-weight="bold">{html.escape(what)}</text>')
        colour = "#0a7d55" if who.startswith("hoopgate") else "#9aa4ab"
        out.append(
            f'<text x="20" y="{y + 12}">{html.escape(who)}</text>'
            f'<rect x="260" y="{y}" width="{_place(speed):.0f}" height="15" fill="{colour}"/>'
            f'<text x="{266 + _place(speed):.0f}" y="{y + 12}">{speed:.3g} MB/s, p99 {p99:.3g} ms</text>'
        )
        y += 19
    lines = "".join(
        f'<line x1="{260 + _place(tick):.0f}" y1="34" x2="{260 + _place(tick):.0f}" y2="{y}" stroke="#ddd"/>'
        f'<text x="{260 + _place(tick):.0f}" y="28" text-anchor="middle" fill="#555">{tick:g}</text>'
        for tick in ticks
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1100 {y + 14}" font-family="sans-serif" font-size="12">'
        f'<rect width="1100" height="{y + 14}" fill="#fff"/><text x="10" y="16" font-size="14">'
        f"MB per CPU-second (logarithmic), one thread</text>{lines}{''.join(out)}</svg>\n"
    )


def _place(speed: float) -> float:
    return (math.log10(max(speed, 0.01)) + 2) * 120


def run() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default="presidio,presidio-medium,scrubadub,datafog")
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--chart", type=Path)
    parser.add_argument("--stream", type=int, default=0, metavar="MB")
    options = parser.parse_args()
    rows: list[Row] = []
    others = peers(filter(None, options.peers.split(",")))
    share = None
    for name, messages in corpora().items():
        if not messages:
            print(f"{name}: no data at {FHIR}")
            continue
        mine = ours(name, messages, options.seconds) + limits(messages, options.seconds, name)
        if name == "FHIR JSON":
            share = beside_orjson(messages)
            part, speed = of_another_patient(messages)
            print(
                f"{name:16} a patient never seen, after the others: {speed:.2f} MB per CPU-second, {part:.2f} of a loop"
            )
        for peer in others:
            texts = [message.decode()[:4000].encode() for message in messages[:4]]
            mine.append((peer.name, name, *timed(lambda m, peer=peer: peer.find(m.decode()), texts, options.seconds)))
        for who, what, speed, p99 in mine:
            print(f"{what:16} {who:34} {speed:9.3f} MB per CPU-second   p99 {p99:9.3f} ms")
        rows += mine
    quick = small()
    for name, (median, worst) in quick.items():
        print(f"1 KiB messages, {name}: median {median:.0f} us, p99 {worst:.0f} us")
    print(
        f"peak memory of this process, peers included: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MiB"
    )
    if options.stream:
        print(f"a JSON array of {options.stream} MB, streamed: {streamed(options.stream)}")
    print("\n".join(goals(rows, share, quick)))
    if options.chart:
        options.chart.write_text(chart(rows), encoding="utf-8")
    if not rows:
        raise SystemExit(json.dumps({"error": "nothing measured"}))


if __name__ == "__main__":
    run()
