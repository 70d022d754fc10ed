"""The pages of all workers as one: `/metrics` with a label for the worker, and what does not concern one alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adapter_asgi.metrics import METRICS, Metric

__all__ = ["SHARED", "WORKERS", "merged", "metrics_route"]

WORKERS = (
    Metric("hoopgate_worker_up", "gauge", "1 while the worker serves", ("worker",)),
    Metric("hoopgate_worker_restarts_total", "counter", "how often it was started again after it died", ("worker",)),
)
"""What there is beside `METRICS` where the gate has several workers."""

SHARED = frozenset({"hoopgate_approvals_pending"})
"""What every worker reads from the same database: it stands once, without a worker's label."""


def merged(pages: Mapping[int, str], up: list[int], restarts: list[int]) -> str:
    """One page in Prometheus's text format, from each worker's own."""
    metrics = (*METRICS, *WORKERS)
    lines: dict[str, list[str]] = {metric.name: [] for metric in metrics}
    for worker, page in sorted(pages.items()):
        name = ""
        for line in page.splitlines():
            if line.startswith("# TYPE "):
                name = line.split()[2]
            elif line and not line.startswith("#") and name in lines and not (name in SHARED and lines[name]):
                lines[name].append(line if name in SHARED else _labelled(line, worker))
    for worker, (serves, again) in enumerate(zip(up, restarts, strict=True)):
        lines["hoopgate_worker_up"].append(f'hoopgate_worker_up{{worker="{worker}"}} {serves}')
        lines["hoopgate_worker_restarts_total"].append(f'hoopgate_worker_restarts_total{{worker="{worker}"}} {again}')
    heads = {m.name: [f"# HELP {m.name} {m.meaning}", f"# TYPE {m.name} {m.kind}"] for m in metrics}
    return "\n".join(line for name, found in lines.items() for line in [*heads[name], *found]) + "\n"


def metrics_route(page: Callable[[], Awaitable[str]]) -> Route:
    """`/metrics`, of all workers."""

    async def metrics(_: Request) -> Response:
        return PlainTextResponse(await page(), media_type="text/plain; version=0.0.4")

    return Route("/metrics", metrics)


def _labelled(line: str, worker: int) -> str:
    """A sample with one label more. Values and names have no brace; what stands in a label's quotes may."""
    sample, _, value = line.rpartition(" ")
    name, brace, labels = sample.partition("{")
    mine = f'worker="{worker}"'
    return f"{name}{{{mine},{labels} {value}" if brace else f"{name}{{{mine}}} {value}"
