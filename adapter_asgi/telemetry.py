"""OpenTelemetry traces (extra `otel`): one span for each MCP request, one below it for each call of an upstream.

A span joins the caller's trace by the `traceparent` of the HTTP headers or, as MCP 2026-07-28 has it, of the message's
`_meta`; the upstream gets the span's own in its headers. Attributes are those of the OpenTelemetry conventions for MCP
and of the records' leaves: names and codes; never an argument, a result, a token or a caller.

Strategy: nothing of the gate knows of spans. `Traced` stands in front of the application and keeps a `Trace` in a
context variable; `Trace.see` looks at the entries that the exchange records; `TracedUpstream` stands in front of an
upstream. The span begins late, when its parent has been read, with the time at which the request came.
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import gate
import recorder
from adapter_asgi.errors import AdapterError
from adapter_asgi.upstream import Leg, Upstream, UpstreamError
from adapter_asgi.workers.connection import has_moved

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span, Tracer

__all__ = ["Traced", "TracedUpstream", "see", "tracing"]

Message = MutableMapping[str, Any]
Application = Callable[[Any, Any, Any], Awaitable[None]]
_EXPORT = 3.0  # seconds for one batch to be sent in, retries included
_PEEKED = 64 << 10  # bytes of a body that are looked at for a traceparent
_current: ContextVar[Trace | None] = ContextVar("hoopgate_trace", default=None)


@contextmanager
def tracing(url: str, version: str, exporter: SpanExporter | None = None) -> Iterator[Tracer]:
    """A tracer whose spans go to the OTLP/HTTP receiver at `url`; what is left is sent at the end.

    Raises AdapterError OTL01 where the extra is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError:
        raise AdapterError("OTL01", "traces need a package more", "pip install 'hoopgate[otel]'") from None
    resource = Resource.create({"service.name": "hoopgate", "service.version": version})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter(endpoint=url, timeout=_EXPORT)))
    try:
        yield provider.get_tracer("hoopgate", version)
    finally:
        provider.shutdown()


class Trace:
    """One request on its way. `span` begins when it is first asked for."""

    def __init__(self, tracer: Tracer, server: str, header: str | None, state: str | None) -> None:
        self._tracer, self._server, self._header, self._state = tracer, server, header, state
        self._begun = time.time_ns()
        self._body = b""
        self._span: Span | None = None

    @property
    def span(self) -> Span:
        """The span of the request."""
        if self._span is None:
            from opentelemetry.trace import SpanKind

            self._span = self._tracer.start_span(
                "mcp",
                context=_context(*self._parent()),
                kind=SpanKind.SERVER,
                start_time=self._begun,
            )
        return self._span

    def came(self, message: Message) -> None:
        """A piece of the body has been read; only a beginning of it is kept, and not for long."""
        if self._span is None and len(self._body) < _PEEKED:
            self._body += message.get("body", b"")[:_PEEKED]

    def see(self, entry: recorder.Entry) -> None:
        """What is recorded of the request."""
        metadata = entry.metadata
        match entry.kind:
            case "decision":
                self.span.set_attribute("hoopgate.server", str(metadata.get("server")))
                self._name(str(metadata.get("method")), metadata.get("command"))
                self._note(metadata, "effect", "decision", "policy")
            case "call.ended":
                self._note(metadata, "outcome", "messages")
            case "masking":
                masked = metadata.get("masked")
                kinds = sorted(masked) if isinstance(masked, dict) else []
                self.span.set_attribute("hoopgate.masked", kinds)
            case "refusal":
                self.span.set_attribute("error.type", str(metadata.get("error")))
                self._fail()
            case "approval.requested" | "approval.consumed" | "lease.issued":
                self.span.add_event(entry.kind)

    def end(self, status: int) -> None:
        """The answer is complete, or will never be."""
        self.span.set_attribute("http.response.status_code", status)
        if status >= 500 or not status:
            self._fail()
        self.span.end()

    @contextmanager
    def calling(self, server: str, forward: gate.Forward) -> Iterator[gate.Forward]:
        """A span below it for the upstream's beginning of an answer; gives what to forward: with its `traceparent`."""
        from opentelemetry.trace import SpanKind, StatusCode, set_span_in_context

        span = self._tracer.start_span(
            "upstream",
            context=set_span_in_context(self.span),
            kind=SpanKind.CLIENT,
            attributes={"hoopgate.server": server, "http.request.method": forward.method},
        )
        headers = [(name, value) for name, value in forward.headers if name not in ("traceparent", "tracestate")]
        try:
            yield gate.Forward(forward.method, [*headers, *_injected(span)], forward.body)
        except UpstreamError as error:
            span.set_attribute("error.type", error.code)
            span.set_status(StatusCode.ERROR)
            raise
        finally:
            span.end()

    def _parent(self) -> tuple[str | None, str | None]:
        """The HTTP header's, or that of the message's `_meta`. What is malformed begins a trace of its own."""
        if self._header is None and b'"traceparent"' in self._body:
            body, self._body = self._body, b""
            try:
                meta = json.loads(body)["params"]["_meta"]
                found = meta.get("traceparent"), meta.get("tracestate")
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                return None, None
            return found if isinstance(found[0], str) else (None, None)
        return self._header, self._state

    def _name(self, method: str, command: object) -> None:
        """OpenTelemetry's conventions for MCP: the method, and the tool where there is one."""
        self.span.set_attribute("mcp.method.name", method)
        name = method
        if isinstance(command, str):
            tool = command.removeprefix(f"{self._server}/")
            self.span.set_attribute("gen_ai.tool.name", tool)
            name = f"{method} {tool}"
        self.span.update_name(name)

    def _note(self, metadata: Any, *names: str) -> None:
        for name in names:
            if isinstance(metadata.get(name), (str, int)):
                self.span.set_attribute(f"hoopgate.{name}", metadata[name])

    def _fail(self) -> None:
        from opentelemetry.trace import StatusCode

        self.span.set_status(StatusCode.ERROR)


def see(entry: recorder.Entry) -> None:
    """An observer of `Metrics`: what is recorded while a request is traced is told to its span."""
    trace = _current.get()
    if trace is not None:
        trace.see(entry)


class Traced:
    """`app` with a trace for each request of `/mcp/…`."""

    def __init__(self, app: Application, tracer: Tracer) -> None:
        self._app, self._tracer = app, tracer

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/mcp/"):
            await self._app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"] if name.startswith(b"trace")}
        server = scope["path"].removeprefix("/mcp/").strip("/")[:64]
        trace = Trace(self._tracer, server, headers.get(b"traceparent"), headers.get(b"tracestate"))
        status = 0

        async def receiving() -> Message:
            message: Message = await receive()
            trace.came(message)
            return message

        async def sending(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        token = _current.set(trace)
        try:
            await self._app(scope, receiving, sending)
        finally:
            _current.reset(token)
            if not has_moved(scope):  # there it has a span of its own; one that never ends is not sent
                trace.end(status)


class TracedUpstream:
    """`upstream` with a span for each request that belongs to a trace."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self.name = upstream.name

    async def open(self, forward: gate.Forward, session: gate.Session) -> Leg:
        """The upstream's own."""
        trace = _current.get()
        if trace is None:
            return await self._upstream.open(forward, session)
        with trace.calling(self.name, forward) as traced:
            return await self._upstream.open(traced, session)

    async def tell(self, answer: gate.Answer, session: gate.Session) -> None:
        """The upstream's own."""
        await self._upstream.tell(answer, session)

    async def end_session(self, session: gate.Session) -> None:
        """The upstream's own."""
        await self._upstream.end_session(session)

    async def close(self) -> None:
        """The upstream's own."""
        await self._upstream.close()


def _context(parent: str | None, state: str | None) -> Any:
    """W3C Trace Context: the remote parent's, or an empty one."""
    from opentelemetry.context import Context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier = {"traceparent": parent} if parent else {}
    if state and parent:
        carrier["tracestate"] = state
    return TraceContextTextMapPropagator().extract(carrier, context=Context())


def _injected(span: Span) -> list[tuple[str, str]]:
    from opentelemetry.trace import set_span_in_context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier, context=set_span_in_context(span))
    return list(carrier.items())
