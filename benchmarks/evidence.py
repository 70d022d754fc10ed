"""The console's pages and a month's report over many sessions, each page beside a bare SQLite query.

    python benchmarks/evidence.py                        # 1,000,000 sessions: about twenty minutes and 4 GB of disk
    python benchmarks/evidence.py --sessions 100000      # about three minutes
    python benchmarks/evidence.py --folder /srv/bench    # keep the store there, and use the one that is there

Strategy: a real store, written by the recorder with a clock that spreads the sessions over a month; a real gate with a
console on it, asked in this process by somebody signed in. The bare query reads the newest fifty sessions and their
facts from the same index: what no list of them can be cheaper than. Pages are asked in turn, in rounds; the median of
the processor's time and of the time that passed is told, and the latter's 95th percentile. On a shared machine read the
processor's time. Goals, at 1,000,000 sessions and on two cores: each page within
200 ms, the month's report (not verifying the store, which `hoopgate verify` does) within 60 s.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from unittest import mock

HERE = Path(__file__).resolve().parent.parent
sys.path[0] = str(HERE)
sys.path[1:1] = [str(HERE / "tests" / "adapter_asgi" / "console"), str(HERE / "tests" / "adapter_asgi")]

import httpx2  # noqa: E402
from office import Office, office  # noqa: E402

import recorder  # noqa: E402
from adapter_asgi.identity.replay import ReplayMarks  # noqa: E402
from adapter_asgi.state import State  # noqa: E402
from recorder import index  # noqa: E402
from recorder.clock import Clock  # noqa: E402
from recorder.report import build  # noqa: E402

PAGE_GOAL, REPORT_GOAL, FULL = 0.2, 60.0, 1_000_000
MONTH = 28 * 86_400 * 10**9
QUERY = (
    "SELECT s.id, s.first_time, s.last_time, s.records, t.name, t.value, f.count FROM "
    "(SELECT * FROM sessions ORDER BY first_time DESC, n DESC LIMIT 50) s "
    "JOIN facts f ON f.session = s.n JOIN texts t ON t.t = f.t ORDER BY s.first_time DESC"
)


def entries(number: int) -> Iterator[recorder.Entry]:
    """One run of a pipeline: who it is, one call and what came of it."""
    dice = random.Random(number)
    ident, call = f"{number:032x}", f"{number:016x}"
    job, refused = f"job{number % 1000}", number % 50 == 0
    who = {"server": "ehr", "subject": f"project:{job}", "issuer": "https://ci.example", "run": f"run{number}"}
    more = {"repository": f"acme/{number % 200}", "job": job, "branch": "main" if number % 9 else "fix"}
    about = {**who, "call": call, "command": f"ehr/tool{dice.randrange(40)}", "method": "tools/call"}
    rule = {"rules": ["nobody deletes" if refused else "reading"], "policy": "sha256:" + "0" * 64, "record": "masked"}
    yield recorder.Entry("session.opened", ident, {**who, "era": "modern"})
    yield recorder.Entry("session.identity", ident, {**who, **more, "caller": "ci", "display": f"{job}, run {number}"})
    yield recorder.Entry("decision", ident, {**about, **rule, "effect": "deny" if refused else "allow"})
    if refused:
        yield recorder.Entry("refusal", ident, {**about, "error": "GT201", "outcome": "refused"})
    else:
        yield recorder.Entry("masking", ident, {**about, "masked": {"name": dice.randrange(1, 9), "date": 1}})
    yield recorder.Entry("session.ended", ident, {**who, "cause": "deleted"})


def fill(store: Path, sessions: int) -> None:
    """The store, over the month that ended yesterday."""
    step, at = MONTH // (sessions * 5), [time.time_ns() - MONTH - 86_400 * 10**9]

    def wall() -> int:
        at[0] += step
        return at[0]

    waiting: deque[Future[recorder.Receipt]] = deque()
    with mock.patch("recorder.log.Clock", partial(Clock, wall=wall)), recorder.open(store) as log:
        for number in range(sessions):
            waiting.extend(log.submit(entry) for entry in entries(number))
            while len(waiting) > 20_000:
                waiting.popleft().result()
        while waiting:
            waiting.popleft().result()


def pages(sessions: int) -> dict[str, str]:
    """What is asked, by name."""
    middle = f"{sessions // 2:032x}"
    return {
        "now": "/",
        "sessions, newest": "/sessions",
        "sessions, a job": "/sessions?job=job7",
        "sessions, refused in a job": "/sessions?job=job50&effect=deny",
        "sessions, a branch since a day": "/sessions?branch=main&since=" + day(),
        "sessions, one run": f"/sessions?run=run{sessions // 3}",
        "sessions, a pattern": f"/sessions?run=run{sessions // 3}*",
        "sessions, text anywhere": f"/sessions?text=run{sessions - 1}",
        "sessions, text of most": "/sessions?text=acme",
        "sessions, text of none": "/sessions?text=nowhere",
        "sessions, part of an id": f"/sessions?session=*{sessions // 7:x}",
        "one session": f"/sessions/{middle}",
        "two runs": f"/sessions/{middle}/difference",
        "policy": "/policy",
        "charts": "/charts",
        "evidence": "/evidence",
    }


def day() -> str:
    """Ten days ago."""
    return datetime.fromtimestamp(time.time() - 10 * 86_400, UTC).strftime("%Y-%m-%d")


async def ask(browser: httpx2.AsyncClient, path: str) -> tuple[float, float, str]:
    """Seconds, those of a processor among them, and the page."""
    began, busy = time.perf_counter(), time.process_time()
    answer = await browser.get(f"/console{path}")
    took, busy = time.perf_counter() - began, time.process_time() - busy
    if answer.status_code != 200:
        raise SystemExit(f"{path}: status {answer.status_code}")
    return took, busy, answer.text


Taken = dict[str, list[tuple[float, float]]]


async def measure(made: Office, sessions: int, rounds: int) -> Taken:
    """Seconds of each page and of the bare query, "", and those of a processor among them."""
    browser = await made.signed_in("auditor")
    asked = pages(sessions)
    asked["sessions, a later page"] = "/sessions?" + await link(
        browser, f"/sessions?until={day()}", r"/sessions\?([^\"]+)"
    )
    refused = f"{sessions // 50 // 2 * 50:032x}"
    asked["why refused"] = "/sessions/" + await link(browser, f"/sessions/{refused}", r"/sessions/([^\"]+/why)")
    took: Taken = {name: [] for name in ("", *asked)}
    with closing(sqlite3.connect(made.settings.store / "index.sqlite")) as base:
        for number in range(rounds + 1):
            began = time.perf_counter()
            base.execute(QUERY).fetchall()
            took[""].append((time.perf_counter() - began, 0.0))
            for name, path in asked.items():
                seconds, busy, _ = await ask(browser, path)
                took[name].append((seconds, busy))
            if number == 0:
                first = {name: values.pop() for name, values in took.items()}
    print(
        "the first time (nothing cached): "
        + ", ".join(f"{name or 'query'} {s:.2f} s" for name, (s, _) in first.items())
    )
    return took


async def link(browser: httpx2.AsyncClient, path: str, pattern: str) -> str:
    """What the last link of this pattern says on a page."""
    _, _, text = await ask(browser, path)
    return str(re.findall(f'href="/console{pattern}"', text)[-1]).replace("&amp;", "&")


def told(took: Taken, full: bool) -> int:
    """Print the table; how many goals were missed."""
    bare = statistics.median(seconds for seconds, _ in took.pop(""))
    print(f"\nbare query: median {bare * 1000:.1f} ms")
    print(f"{'page':<32} {'processor':>9} {'median':>9} {'p95':>9} {'ratio':>7}  goal")
    missed = 0
    for name, values in took.items():
        p95 = statistics.quantiles((seconds for seconds, _ in values), n=20)[-1]
        missed += p95 > PAGE_GOAL
        median, busy = (statistics.median(value[at] for value in values) * 1000 for at in (0, 1))
        word = "met" if p95 <= PAGE_GOAL else "MISSED"
        print(f"{name:<32} {busy:6.1f} ms {median:6.1f} ms {p95 * 1000:6.1f} ms {p95 / bare:6.1f}x  {word}")
    if not full:
        print(f"(the goals are for {FULL:,} sessions)")
    return missed


async def run(folder: Path, sessions: int, rounds: int) -> int:
    """Everything, in this folder."""
    began = time.perf_counter()
    if (folder / "store").is_dir():
        print("the store is there")
    else:
        fill(folder / "store", sessions)
        print(f"{sessions:,} sessions recorded in {time.perf_counter() - began:.0f} s")
    began = time.perf_counter()
    print(f"{index.update(folder / 'store'):,} records indexed in {time.perf_counter() - began:.0f} s")
    with closing(State(folder / "store.state", folder / ".hoopgate-keys")) as state:
        ReplayMarks(state.file("replay.sqlite"), state.key("replay")).close()
    async with office(folder) as made:
        missed = told(await measure(made, sessions, rounds), sessions >= FULL)
    began, busy = time.perf_counter(), time.process_time()
    report = build(folder / "store", verify=False)
    took, busy = time.perf_counter() - began, time.process_time() - busy
    word = "met" if took <= REPORT_GOAL else "MISSED"
    print(f"a month's report over {report.records:,} records: {took:.1f} s, {busy:.1f} s of a processor  {word}")
    return missed + (took > REPORT_GOAL)


def main() -> None:
    """Goals that are missed are told; only a page that fails ends with an error."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sessions", type=int, default=FULL)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--folder", type=Path, help="where the store is kept, or already is")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        missed = asyncio.run(run(args.folder or Path(folder), args.sessions, args.rounds))
    print(f"goals missed: {missed}")


if __name__ == "__main__":
    main()
