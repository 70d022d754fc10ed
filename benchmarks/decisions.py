"""Whole decisions a CPU-second: hoopgate, unbound and bound, against the engines that can be called from Python.

    python benchmarks/decisions.py                        # everything: some minutes
    python benchmarks/decisions.py --rules 100 1000 10000 --engines hoopgate Google    # every goal, in a minute

Strategy: every engine and size runs in a process of its own, one thread, so that peak memory is its own and a crash is
a line of the table. An engine must first give the same whole decisions as hoopgate on 200 calls. Then decisions are
counted per second of process CPU time, and one by one for the median and the 99th percentile (less the clock's own
cost); of several passes the best counts, as what else runs on the machine only ever slows. Callers, tools and arguments
are thousands, and fresh in every pass, so that no cache answers for an engine.
"""

from __future__ import annotations

import argparse
import gc
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from decision_goals import goals, shown
from decision_peers import PEERS, SCAN, Joined
from decision_workload import Call, Workload, again, hoop, workload

import policy_lang

SIZES = (1, 100, 1_000, 10_000)
BOUND, UNBOUND, FROM_JSON, FIRST = "hoopgate bound", "hoopgate unbound", "hoopgate from JSON", "hoopgate bind+first"
OURS = (BOUND, UNBOUND, FROM_JSON, FIRST)
_CALLS = 20_000
_PASSES = 8
_CPU_SECONDS = 0.5  # a pass
_CHECKED = 200
_HEAD = f"{'':28}{'decisions/CPU-s':>16}{'median µs':>12}{'p99 µs':>12}{'load s':>9}{'load MiB':>10}{'peak MiB':>10}"
_PATIENCE = 300  # seconds for one engine at one size

Job = tuple[Callable[..., Any], tuple[Any, ...]]


# ---- one engine at one size, in a process of its own ----------------------------------------------------------------


class Engine(NamedTuple):
    """`load` reads the rules; `jobs` turns calls into functions and their arguments, with nothing left to prepare."""

    load: Callable[[], None]
    jobs: Callable[[tuple[Call, ...]], list[Job]]


def measure(name: str, rules: int) -> dict[str, Any]:
    """Load the rules, decide, and say how it went: seconds, microseconds, MiB of this process."""
    work = workload(rules, _CALLS)
    engine = _hoopgate(name, work) if name in OURS else _peer(name, work)
    gc.collect()
    before = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts anew
    started = time.process_time()
    engine.load()
    result: dict[str, Any] = {"load": time.process_time() - started, "load_mb": (_memory("VmHWM") - before) / 1024}
    if name not in OURS:
        _check(work, engine)
    result |= _timed(engine, work)
    return result | {"mb": (_memory("VmHWM") - before) / 1024}


def _memory(what: str) -> int:
    """A line of /proc/self/status, in KiB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split(f"{what}:")[1].split()[0])


def _timed(engine: Engine, work: Workload) -> dict[str, Any]:
    """A pass to warm up, then passes against the CPU clock and decision by decision; the best of each."""
    _run(engine.jobs(work.calls))
    counted = [engine.jobs(again(work.calls, seed)) for seed in range(_PASSES)]
    gc.collect()
    gc.freeze()  # the calls are the benchmark's own; collecting them over and over is no engine's cost
    rate = max(_run(jobs) for jobs in counted)
    del counted
    single = min((_one_by_one(engine.jobs(again(work.calls, _PASSES + n))) for n in range(_PASSES)), key=_median)
    return {"rate": rate, "median": _median(single), "p99": single[len(single) * 99 // 100]}


def _median(single: list[float]) -> float:
    return single[len(single) // 2]


def _run(jobs: list[Job]) -> float:
    """Decisions per CPU-second, over all jobs or until the time is up."""
    done, started, step = 0, time.process_time(), 20
    while done < len(jobs):
        for function, given in jobs[done : done + step]:
            function(*given)
        done += len(jobs[done : done + step])
        spent = time.process_time() - started
        if spent > _CPU_SECONDS:
            break
        step = 1000 if spent < _CPU_SECONDS / 100 else step
    return done / (time.process_time() - started)


def _one_by_one(jobs: list[Job]) -> list[float]:
    """Microseconds of each decision, sorted, less what reading the clock and calling cost."""
    clock, single, total = time.perf_counter_ns, [], 0
    for function, given in jobs:
        at = clock()
        function(*given)
        single.append(clock() - at)
        total += single[-1]
        if total > 2 * _CPU_SECONDS * 1e9 and len(single) > 100:
            break
    idle = min(_idle() for _ in range(1000))
    return sorted(max(0, one - idle) / 1000 for one in single)


def _idle() -> int:
    clock = time.perf_counter_ns
    at = clock()
    return clock() - at


def _hoopgate(name: str, work: Workload) -> Engine:
    text = hoop(work.rules)
    loaded: list[policy_lang.Policy] = []
    sessions: dict[int, policy_lang.BoundPolicy] = {}
    identities = [policy_lang.Request.from_json(_identity(caller)) for caller in work.callers]

    def load() -> None:
        loaded.append(policy_lang.compile(text))

    def job(call: Call) -> Job:
        policy = loaded[0]
        if name == BOUND:
            bound = sessions.get(call.caller) or sessions.setdefault(call.caller, policy.bind(identities[call.caller]))
            return bound.decide, (call.command, call.args)
        if name == FIRST:
            return _bind_and_decide, (policy, identities[call.caller], call.command, call.args)
        asked = {**_identity(work.callers[call.caller]), "command": call.command, "args": call.args}
        if name == FROM_JSON:
            return _decide_json, (policy, asked)
        return policy.decide, (policy_lang.Request.from_json(asked),)

    return Engine(load, lambda calls: [job(call) for call in calls])


def _identity(caller: dict[str, Any]) -> dict[str, Any]:
    return {**caller, "provenance": "attested"}


def _decide_json(policy: policy_lang.Policy, asked: dict[str, Any]) -> policy_lang.Decision:
    return policy.decide(policy_lang.Request.from_json(asked))


def _bind_and_decide(
    policy: policy_lang.Policy, identity: policy_lang.Request, command: str, args: dict[str, Any]
) -> policy_lang.Decision:
    return policy.bind(identity).decide(command, args)


def _peer(name: str, work: Workload) -> Engine:
    made: list[Joined] = []

    def load() -> None:
        made.append(Joined(work.rules, PEERS[name][0](work.rules)))

    return Engine(load, lambda calls: [(made[0].decide, (work.facts(call),)) for call in calls])


def _check(work: Workload, engine: Engine) -> None:
    """A peer that decides otherwise measures something else."""
    ours = _hoopgate(FROM_JSON, work)
    ours.load()
    calls = work.calls[:_CHECKED]
    for call, (mine, given), (theirs, facts) in zip(calls, ours.jobs(calls), engine.jobs(calls), strict=True):
        ok, got = mine(*given).to_json(), theirs(*facts)
        if any(got.get(key, ok[key]) != ok[key] for key in ("effect", "rules", "mask", "reason", "record")):
            raise SystemExit(f"decides {call} as {got}, hoopgate as {ok}")


# ---- the table ------------------------------------------------------------------------------------------------------


def measured(name: str, rules: int) -> dict[str, Any]:
    """`measure` in a fresh process; `{"failed": why}` where it did not come back with numbers."""
    command = [sys.executable, __file__, "--measure", name, str(rules)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {_PATIENCE} s"}
    if done.returncode:
        said = re.findall(r"^[\w.]*(?:Error|Exception|Exit): .*", done.stderr, re.MULTILINE)
        return {"failed": said[0][:100] if said else f"ended with {done.returncode}"}
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def missing(name: str) -> str | None:
    """Why a peer cannot be measured here, if it cannot."""
    package = PEERS[name][1] if name in PEERS else ""
    try:
        return version(package) and None if package else None
    except PackageNotFoundError:
        return f"missing: {package} is not installed (pip install 'hoopgate[bench]')"


def table(engines: list[str], sizes: list[int]) -> dict[tuple[str, int], dict[str, Any]]:
    """Measure and print, a line as soon as it is known."""
    results: dict[tuple[str, int], dict[str, Any]] = {}
    for rules in sizes:
        print(f"\n{rules:,} rules\n{_HEAD}")
        for name in engines:
            why = missing(name)
            result = {"failed": why} if why else measured(name, rules)
            results[name, rules] = result
            print(f"{name:28}" + _row(result), flush=True)
    return results


def _row(result: dict[str, Any]) -> str:
    if "failed" in result:
        return f"  {result['failed']}"
    return (
        f"{result['rate']:16,.0f}{result['median']:12.2f}{result['p99']:12.2f}"
        f"{result['load']:9.2f}{result['load_mb']:10.1f}{result['mb']:10.1f}"
    )


def ratios(results: dict[tuple[str, int], dict[str, Any]]) -> None:
    """How much faster than the fastest peer, and which goals are met."""
    print("\nratios")
    for rules in sorted({size for _, size in results}):
        rates = {name: r["rate"] for (name, size), r in results.items() if size == rules and "rate" in r}
        engines = {name: rate for name, rate in rates.items() if name in PEERS and name != SCAN}
        fastest = max(engines, key=lambda name: engines[name], default=None)
        for ours in (name for name in (BOUND, UNBOUND) if name in rates):
            said = [f"{rates[ours] / engines[fastest]:,.0f}x the fastest engine ({fastest})"] if fastest else []
            said += [f"{rates[ours] / rates[SCAN]:,.1f}x the {SCAN}"] if SCAN in rates else []
            if said:
                print(f"  {rules:6,} rules, {ours}: {', '.join(said)}")
    print("\ngoals")
    shown(list(goals(results, BOUND, UNBOUND, tuple(name for name in PEERS if name != SCAN))))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Whole decisions a CPU-second, hoopgate against its peers.")
    parser.add_argument("--rules", type=int, nargs="+", default=list(SIZES), metavar="N")
    parser.add_argument("--engines", nargs="+", default=[], metavar="NAME", help="a part of the name is enough")
    parser.add_argument("--json", metavar="FILE", help="write the numbers there as well")
    parser.add_argument("--measure", nargs=2, metavar=("ENGINE", "RULES"), help=argparse.SUPPRESS)
    return parser.parse_args()


def run() -> int:
    """The command line."""
    asked = _arguments()
    if asked.measure:
        print(json.dumps(measure(asked.measure[0], int(asked.measure[1]))))
        return 0
    engines = [name for name in (*OURS, *PEERS) if not asked.engines or any(part in name for part in asked.engines)]
    results = table(engines, asked.rules)
    ratios(results)
    if asked.json:
        flat = [{"engine": name, "rules": rules, **result} for (name, rules), result in results.items()]
        Path(asked.json).write_text(json.dumps(flat, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(run())
