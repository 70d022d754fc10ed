"""`/metrics` in Prometheus's text format, counted from what is recorded: what has no record has no count either.

Labels hold the servers' names, effects, outcomes, kinds and error codes; never a caller, a command or an argument.
`python -m adapter_asgi.metrics` prints the reference's table.
"""

from __future__ import annotations

import asyncio
import resource
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import recorder
from recorder.pending import Outcome

__all__ = ["METRICS", "Application", "Counted", "Metric", "Metrics", "reference"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One name of the page. `kind` is counter, gauge or histogram."""

    name: str
    kind: str
    meaning: str
    labels: tuple[str, ...] = ()


METRICS = (
    Metric("hoopgate_responses_total", "counter", "HTTP answers of the listener, by status", ("status",)),
    Metric("hoopgate_decisions_total", "counter", "decisions of the policy", ("server", "effect")),
    Metric("hoopgate_calls_total", "counter", "calls that were forwarded and have ended", ("server", "outcome")),
    Metric("hoopgate_call_seconds", "histogram", "seconds from a call's durable intent to its end", ("server",)),
    Metric("hoopgate_refusals_total", "counter", "calls refused and messages withheld, by error code", ("code",)),
    Metric("hoopgate_received_bytes_total", "counter", "bytes of messages that were forwarded", ("server",)),
    Metric("hoopgate_released_bytes_total", "counter", "bytes of messages that were released", ("server",)),
    Metric("hoopgate_masked_total", "counter", "values masked, by kind", ("kind",)),
    Metric("hoopgate_approvals_total", "counter", "steps of approvals", ("step",)),
    Metric("hoopgate_approvals_pending", "gauge", "approvals that wait for people"),
    Metric("hoopgate_leases_total", "counter", "credentials lent and taken back", ("step",)),
    Metric("hoopgate_sessions_total", "counter", "sessions opened and ended", ("step",)),
    Metric("hoopgate_sessions_open", "gauge", "sessions held"),
    Metric("hoopgate_exchanges_open", "gauge", "exchanges going on"),
    Metric("hoopgate_records_total", "counter", "entries recorded"),
    Metric("hoopgate_record_failures_total", "counter", "entries that could not be recorded"),
    Metric("hoopgate_record_seconds_total", "counter", "seconds that entries took to become durable"),
    Metric("hoopgate_recording", "gauge", "1 while entries become durable, 0 since one could not"),
    Metric("hoopgate_policy_activations_total", "counter", "policies that came into force"),
    Metric("hoopgate_policy_stale", "gauge", "1 while the policy on disk is broken and the last good one decides"),
    Metric("hoopgate_lock_stale", "gauge", "1 while the tools' lock on disk is broken and the last good one counts"),
    Metric(
        "hoopgate_upstream_down", "gauge", "1 from a call that did not reach the server to one that does", ("server",)
    ),
    Metric("process_cpu_seconds_total", "counter", "processor time of the gate, user and system"),
    Metric("process_resident_memory_bytes", "gauge", "memory of the gate that is resident"),
    Metric("process_open_fds", "gauge", "file descriptors of the gate that are open"),
)
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
_RUNNING = 100_000  # calls whose beginning is remembered
_PAGE = resource.getpagesize()
Labels = tuple[tuple[str, str], ...]
Application = Callable[[Any, Any, Any], Awaitable[None]]


class Metrics:
    """Counts entries on their way to `log`; stands in for it wherever entries are submitted."""

    def __init__(self, log: recorder.Log, gauges: Mapping[str, Callable[[], int]] | None = None) -> None:
        self._log = log
        self._counts: dict[tuple[object, ...], int] = defaultdict(int)  # by name and the labels' values
        self._seconds: dict[str, list[float]] = {}  # by server: how many up to each bound, how many above, the sum
        self._begun: dict[str, float] = {}
        self._durable_seconds = 0.0
        self.recording = True
        self.by_server: dict[str, Callable[[], Mapping[str, float]]] = {}  # gauges with a label
        self.observers: list[Callable[[recorder.Entry], None]] = []
        self.gauges: dict[str, Callable[[], float]] = {
            "hoopgate_recording": lambda: self.recording,
            "process_cpu_seconds_total": _cpu_seconds,
            "process_resident_memory_bytes": _resident_bytes,
            "process_open_fds": _open_files,
            **(gauges or {}),
        }

    def submit(self, entry: recorder.Entry) -> Future[recorder.Receipt]:
        """Hand the entry to the log, and count it."""
        begun = time.monotonic()
        self._see(entry, begun)
        for observe in self.observers:
            observe(entry)
        future = self._log.submit(entry)
        future.add_done_callback(lambda done: self.settled(begun, None if done.cancelled() else done.exception()))
        return future

    def submit_to(self, entries: Sequence[recorder.Entry], outcome: Outcome) -> None:
        """Hand entries in a row to the log, and count each."""
        begun = time.monotonic()
        for entry in entries:
            self._see(entry, begun)
            for observe in self.observers:
                observe(entry)
        self._log.submit_to(entries, _Timed(outcome, self, begun))

    def end_session(self, session: str) -> Any:
        """The log's own."""
        return self._log.end_session(session)

    async def records(self) -> bool:
        """Whether entries become durable; after one could not, a checkpoint is tried."""
        if not self.recording:
            with suppress(recorder.RecorderError):
                await asyncio.to_thread(self._log.checkpoint)
                self.recording = True
        return self.recording

    def answered(self, status: int) -> None:
        """The listener has answered a request with this HTTP status."""
        self._counts["hoopgate_responses_total", status] += 1

    def render(self) -> str:
        """The whole page."""
        names = {metric.name: metric.labels for metric in METRICS}
        values: dict[tuple[str, Labels], float] = {
            (str(name), tuple(zip(names[str(name)], map(str, labels), strict=True))): count
            for (name, *labels), count in list(self._counts.items())
        }
        values["hoopgate_record_seconds_total", ()] = round(self._durable_seconds, 6)
        values |= {(name, ()): float(read()) for name, read in self.gauges.items()}
        for name, read_all in self.by_server.items():
            values |= {(name, (("server", server),)): float(value) for server, value in read_all().items()}
        lines = []
        for metric in METRICS:
            lines += [f"# HELP {metric.name} {metric.meaning}", f"# TYPE {metric.name} {metric.kind}"]
            found = sorted((labels, value) for (name, labels), value in values.items() if name == metric.name)
            lines += [f"{metric.name}{_labelled(labels)} {_number(value)}" for labels, value in found]
            if not found and metric.kind != "histogram" and not metric.labels:
                lines.append(f"{metric.name} 0")
            if metric.kind == "histogram":
                lines += self._histogram(metric.name)
        return "\n".join(lines) + "\n"

    def route(self) -> Route:
        """`/metrics`."""
        return Route("/metrics", self._page)

    async def _page(self, _: Request) -> Response:
        return PlainTextResponse(self.render(), media_type="text/plain; version=0.0.4")

    # -- counting --------------------------------------------------------------------------------------------------

    def _see(self, entry: recorder.Entry, now: float) -> None:
        metadata, kind, counts = entry.metadata, entry.kind, self._counts
        counts["hoopgate_records_total",] += 1
        match kind:
            case "decision":
                counts["hoopgate_decisions_total", metadata.get("server"), metadata.get("effect")] += 1
            case "request":
                self._add("hoopgate_received_bytes_total", metadata)
                self._begin(str(metadata.get("call")), now)
            case "response":
                self._add("hoopgate_released_bytes_total", metadata)
            case "call.ended":
                counts["hoopgate_calls_total", metadata.get("server"), metadata.get("outcome")] += 1
                self._end(str(metadata.get("call")), str(metadata.get("server")), now)
            case "refusal":
                counts["hoopgate_refusals_total", metadata.get("error")] += 1
            case "policy.activated":
                counts["hoopgate_policy_activations_total",] += 1
            case "masking":
                masked = metadata.get("masked")
                for name, count in masked.items() if isinstance(masked, Mapping) else ():
                    counts["hoopgate_masked_total", name] += count
            case _:
                self._step(*kind.partition(".")[::2])

    def _step(self, what: str, step: str) -> None:
        names = {"approval": "approvals", "lease": "leases", "session": "sessions"}
        if what in names and step != "identity":
            self._counts[f"hoopgate_{names[what]}_total", step] += 1

    def _add(self, name: str, metadata: Mapping[str, Any]) -> None:
        size = metadata.get("bytes")
        if isinstance(size, int):
            self._counts[name, metadata.get("server")] += size

    def _begin(self, call: str, now: float) -> None:
        if len(self._begun) >= _RUNNING:
            del self._begun[next(iter(self._begun))]
        self._begun[call] = now

    def _end(self, call: str, server: str, now: float) -> None:
        begun = self._begun.pop(call, None)
        if begun is None:
            return
        held = self._seconds.get(server)
        if held is None:
            held = self._seconds[server] = [0.0] * (len(_BOUNDS) + 2)
        held[bisect_left(_BOUNDS, now - begun)] += 1
        held[-1] += now - begun

    def _histogram(self, name: str) -> list[str]:
        lines = []
        for server, held in sorted(self._seconds.items()):
            counts = list(accumulate(held[:-1]))
            for bound, count in zip((*map(str, _BOUNDS), "+Inf"), counts, strict=True):
                lines.append(f"{name}_bucket{_labelled((('server', server), ('le', bound)))} {_number(count)}")
            lines.append(f"{name}_sum{_labelled((('server', server),))} {held[-1]:.6f}")
            lines.append(f"{name}_count{_labelled((('server', server),))} {_number(counts[-1])}")
        return lines

    def settled(self, begun: float, error: BaseException | None = None) -> None:
        """An entry that was submitted at `begun` (monotonic seconds) is durable, or never will be."""
        self._durable_seconds += time.monotonic() - begun
        if error is not None:
            self._counts["hoopgate_record_failures_total",] += 1
        self.recording = not isinstance(error, (recorder.WriteError, recorder.ClosedError))


class _Timed:
    """`outcome`, with the time that each entry took."""

    __slots__ = ("_begun", "_metrics", "_outcome")

    def __init__(self, outcome: Outcome, metrics: Metrics, begun: float) -> None:
        self._outcome, self._metrics, self._begun = outcome, metrics, begun

    def set_result(self, receipt: recorder.Receipt, /) -> None:
        self._metrics.settled(self._begun)
        self._outcome.set_result(receipt)

    def set_exception(self, error: BaseException, /) -> None:
        self._metrics.settled(self._begun, error)
        self._outcome.set_exception(error)


class Counted:
    """`app`, with its answers counted by status."""

    def __init__(self, app: Application, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                self._metrics.answered(message["status"])
            await send(message)

        await self._app(scope, receive, sending)


def reference() -> str:
    """The table of docs/reference/metrics.md."""
    rows = ["| name | kind | labels | meaning |", "| --- | --- | --- | --- |"]
    for metric in METRICS:
        labels = " ".join(f"`{label}`" for label in metric.labels)
        rows.append(f"| `{metric.name}` | {metric.kind} | {labels} | {metric.meaning} |")
    return "\n".join(rows) + "\n"


def _labelled(labels: Labels) -> str:
    return "{" + ",".join(f'{key}="{_escaped(value)}"' for key, value in labels) + "}" if labels else ""


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return round(used.ru_utime + used.ru_stime, 3)


def _resident_bytes() -> float:
    """proc(5), statm: the second number is resident pages."""
    return float(int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE)


def _open_files() -> float:
    return float(sum(1 for _ in Path("/proc/self/fd").iterdir()))


if __name__ == "__main__":
    print(reference(), end="")
