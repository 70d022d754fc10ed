"""`/metrics` in Prometheus's text format, counted from what is recorded: what has no record has no count either.

Labels hold the servers' names, effects, outcomes, kinds and error codes; never a caller, a command or an argument.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import recorder

__all__ = ["Metrics"]

_HELP = {
    "hoopgate_decisions_total": "decisions of the policy, by server and effect",
    "hoopgate_calls_total": "calls that ended, by server and outcome",
    "hoopgate_refusals_total": "calls refused and messages withheld, by error code",
    "hoopgate_masked_total": "values masked, by kind",
    "hoopgate_approvals_total": "steps of approvals",
    "hoopgate_records_total": "entries recorded",
    "hoopgate_record_failures_total": "entries that could not be recorded",
    "hoopgate_record_seconds_total": "seconds that entries took to become durable",
    "hoopgate_exchanges_open": "exchanges going on",
    "hoopgate_sessions_open": "sessions held",
}
_GAUGES = ("hoopgate_exchanges_open", "hoopgate_sessions_open")
Labels = tuple[tuple[str, str], ...]


class Metrics:
    """Counts entries on their way to `log`; stands in for it wherever entries are submitted."""

    def __init__(self, log: recorder.Log, gauges: Mapping[str, Callable[[], int]] | None = None) -> None:
        self._log = log
        self._counts: Counter[tuple[str, Labels]] = Counter()
        self._seconds = 0.0
        self.gauges: dict[str, Callable[[], int]] = dict(gauges or {})

    def submit(self, entry: recorder.Entry) -> Future[recorder.Receipt]:
        """Hand the entry to the log, and count it."""
        begun = time.monotonic()
        self._see(entry)
        future = self._log.submit(entry)
        future.add_done_callback(lambda done: self._settled(done, begun))
        return future

    def end_session(self, session: str) -> Any:
        """The log's own."""
        return self._log.end_session(session)

    def render(self) -> str:
        """The whole page."""
        values: dict[tuple[str, Labels], float] = dict(self._counts)
        values["hoopgate_record_seconds_total", ()] = round(self._seconds, 6)
        values |= {(name, ()): float(read()) for name, read in self.gauges.items()}
        lines = []
        for name, meaning in _HELP.items():
            kind = "gauge" if name in _GAUGES else "counter"
            lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
            for (found, labels), value in sorted(values.items()):
                if found == name:
                    lines.append(f"{name}{_labelled(labels)} {value:g}")
        return "\n".join(lines) + "\n"

    def route(self) -> Route:
        """`/metrics`."""
        return Route("/metrics", self._page)

    async def _page(self, _: Request) -> Response:
        return PlainTextResponse(self.render(), media_type="text/plain; version=0.0.4")

    def _see(self, entry: recorder.Entry) -> None:
        metadata, kind = entry.metadata, entry.kind
        self._count("records")
        if kind == "decision":
            self._count("decisions", server=metadata.get("server"), effect=metadata.get("effect"))
        elif kind == "call.ended":
            self._count("calls", server=metadata.get("server"), outcome=metadata.get("outcome"))
        elif kind == "refusal":
            self._count("refusals", code=metadata.get("error"))
        elif kind.startswith("approval."):
            self._count("approvals", step=kind.partition(".")[2])
        elif kind == "masking":
            masked = metadata.get("masked")
            for name, count in masked.items() if isinstance(masked, Mapping) else ():
                self._counts["hoopgate_masked_total", (("kind", str(name)),)] += count

    def _count(self, name: str, **labels: object) -> None:
        found = tuple((key, str(value)) for key, value in labels.items())
        self._counts[f"hoopgate_{name}_total", found] += 1

    def _settled(self, done: Future[recorder.Receipt], begun: float) -> None:
        self._seconds += time.monotonic() - begun
        if done.cancelled() or done.exception() is not None:
            self._count("record_failures")


def _labelled(labels: Labels) -> str:
    return "{" + ",".join(f'{key}="{_escaped(value)}"' for key, value in labels) + "}" if labels else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
