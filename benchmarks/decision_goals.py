"""What decisions.py measured against what it is meant to reach: a line for each goal, met or missed.

Nothing fails by it: time is measured on a machine that others use, so a reader judges and no test does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

Results = dict[tuple[str, int], dict[str, Any]]

LOAD_SECONDS = 2.0  # of CPU, for 10,000 rules
LOAD_MIB = 200.0
GROWTH = 1.5  # the cost among 10,000 rules to that among 100
MEDIAN = 1.0  # microseconds of a bound decision, at every size
BOUND_RATIO, UNBOUND_RATIO = 100.0, 40.0  # decisions to those of the fastest engine, at 1,000 rules


class Goal(NamedTuple):
    """`got` is what was measured, in words with its unit; `met` whether that is good enough."""

    what: str
    got: str
    met: bool


def goals(results: Results, bound: str, unbound: str, peers: tuple[str, ...]) -> Iterator[Goal]:
    """The goals of which everything was measured. `peers` are the engines to be faster than."""
    yield from _load(results, bound)
    for ours in (bound, unbound):
        few, many = _number(results, ours, 100, "rate"), _number(results, ours, 10_000, "rate")
        if few and many:
            yield Goal(f"{ours}: 10,000 rules cost at most {GROWTH}x 100", f"{few / many:.2f}x", few / many <= GROWTH)
    medians = [r["median"] for (name, _), r in results.items() if name == bound and "median" in r]
    if medians:
        yield Goal(f"{bound}: median under {MEDIAN} µs", f"{max(medians):.2f} µs at most", max(medians) < MEDIAN)
    for ours, least in ((bound, BOUND_RATIO), (unbound, UNBOUND_RATIO)):
        rates = [_number(results, peer, 1_000, "rate") or 0.0 for peer in peers]
        mine, fastest = _number(results, ours, 1_000, "rate"), max(rates, default=0.0)
        if mine and fastest:
            ratio = mine / fastest
            yield Goal(f"{ours}: {least:.0f}x the fastest engine at 1,000 rules", f"{ratio:,.0f}x", ratio >= least)


def _load(results: Results, bound: str) -> Iterator[Goal]:
    seconds, memory = _number(results, bound, 10_000, "load"), _number(results, bound, 10_000, "load_mb")
    if seconds and memory:
        yield Goal(f"10,000 rules load in {LOAD_SECONDS} s of CPU", f"{seconds:.2f} s", seconds < LOAD_SECONDS)
        yield Goal(f"10,000 rules load in {LOAD_MIB:.0f} MiB", f"{memory:.0f} MiB", memory < LOAD_MIB)


def _number(results: Results, engine: str, rules: int, what: str) -> float | None:
    value: float | None = results.get((engine, rules), {}).get(what)
    return value


def shown(reached: list[Goal], write: Callable[[str], None] = print) -> None:
    """A line for each goal."""
    width = max((len(goal.what) for goal in reached), default=0)
    for goal in reached:
        write(f"  {'met   ' if goal.met else 'MISSED'}  {goal.what:{width}}  {goal.got}")
