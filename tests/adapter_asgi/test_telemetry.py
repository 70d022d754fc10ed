"""Traces that join the caller's, at a real OTLP/HTTP receiver; nothing in them that a caller or a server said."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
import toy_server
from loopback import serving as serving_with_lifespan
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from serving import serving
from whole_gate import SSN, whole_gate

from adapter_asgi.errors import AdapterError
from adapter_asgi.telemetry import tracing

TOY = 'rule "toy" { command "toy/*"\n    allow\n    mask none }\n'
TOY_SERVER = '[server.toy]\nurl = "{}/mcp"\n'
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"


@dataclass
class Receiver:
    """An OTLP/HTTP receiver: protobuf bodies at /v1/traces (OTLP 1.x, "OTLP/HTTP")."""

    raw: list[bytes] = field(default_factory=list)
    url: str = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = dict(scope["headers"])
        if headers.get(b"content-encoding") == b"gzip":
            import gzip

            body = gzip.decompress(body)
        assert (scope["path"], headers[b"content-type"]) == ("/v1/traces", b"application/x-protobuf")
        self.raw.append(body)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    @property
    def spans(self) -> dict[str, Any]:
        """By name, the latest of each."""
        found = {}
        for body in self.raw:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    found |= {span.name: span for span in scope.spans}
        return found


@contextlib.asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with serving(receiver) as base:
        receiver.url = f"{base}/v1/traces"
        yield receiver


def attributes(span: Any) -> dict[str, str]:
    return {item.key: item.value.string_value or str(item.value.int_value) for item in span.attributes}


@pytest.mark.parametrize("way", ["header", "meta"])
async def test_a_trace_joins_the_callers_and_goes_on_to_the_server(tmp_path: Path, way: str) -> None:
    async with receiving() as receiver:
        async with whole_gate(tmp_path, first=f'traces = "{receiver.url}"\n') as running:
            if way == "header":
                await running.call(headers={"traceparent": TRACEPARENT})
            else:
                await running.call(meta={"traceparent": TRACEPARENT})
            await running.call("forbidden", headers={"Authorization": "Bearer secret-token"})
            await running.page("/healthz")
        spans = receiver.spans
        raw = b"".join(receiver.raw)
    assert sorted(spans) == ["tools/call forbidden", "tools/call read", "upstream"]
    call, upstream, refused = spans["tools/call read"], spans["upstream"], spans["tools/call forbidden"]
    assert (call.trace_id.hex(), call.parent_span_id.hex()) == (TRACE, PARENT)
    assert (upstream.trace_id.hex(), upstream.parent_span_id) == (TRACE, call.span_id)
    assert running.server.headers[0]["traceparent"] == f"00-{TRACE}-{upstream.span_id.hex()}-01"
    assert refused.trace_id.hex() != TRACE
    assert attributes(refused)["error.type"] == "GT201"
    found = attributes(call)
    assert (found["mcp.method.name"], found["gen_ai.tool.name"]) == ("tools/call", "read")
    assert (found["hoopgate.effect"], found["hoopgate.outcome"]) == ("allow", "complete")
    assert call.start_time_unix_nano <= upstream.start_time_unix_nano <= call.end_time_unix_nano
    for planted in (SSN, "Zenobia", "secret-token", "acme/etl", "reading"):
        assert planted.encode() not in raw


@pytest.mark.parametrize("mode", ["2026-07-28", "legacy"])
async def test_the_official_clients_span_is_the_parent(tmp_path: Path, mode: str) -> None:
    tracer = TracerProvider(shutdown_on_exit=False).get_tracer("client")
    (tmp_path / "gate").mkdir()
    async with receiving() as receiver:
        async with (
            serving_with_lifespan(toy_server.build().streamable_http_app()) as upstream,
            whole_gate(tmp_path / "gate", TOY, f'traces = "{receiver.url}"\n', TOY_SERVER.format(upstream)) as running,
            httpx2.AsyncClient(timeout=300) as http,
            Client(streamable_http_client(f"{running.url}/mcp/toy", http_client=http), mode=mode) as client,
        ):
            with tracer.start_as_current_span("a job's step") as step:
                await client.call_tool("echo", {"text": "x"})
        call = receiver.spans["tools/call echo"]
    assert call.trace_id == step.get_span_context().trace_id.to_bytes(16)
    assert call.parent_span_id


async def test_without_the_setting_a_traceparent_passes_as_it_is(tmp_path: Path) -> None:
    async with whole_gate(tmp_path) as running:
        await running.call(headers={"traceparent": TRACEPARENT})
    assert running.server.headers[0]["traceparent"] == TRACEPARENT


@pytest.mark.parametrize("parent", ["nonsense", "00-" + "0" * 32 + "-" + "0" * 16 + "-01", "ff" * 400])
async def test_a_malformed_traceparent_begins_a_trace_of_its_own(tmp_path: Path, parent: str) -> None:
    async with receiving() as receiver:
        async with whole_gate(tmp_path, first=f'traces = "{receiver.url}"\n') as running:
            await running.call(meta={"traceparent": parent}, headers={"traceparent": parent})
        assert not receiver.spans["tools/call read"].parent_span_id
    assert running.server.headers[0]["traceparent"].split("-")[1] == receiver.spans["upstream"].trace_id.hex()


async def test_a_receiver_that_is_gone_disturbs_no_call(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with whole_gate(tmp_path, first='traces = "http://127.0.0.1:1/v1/traces"\n') as running:
        assert "result" in await running.call()
    assert SSN not in caplog.text


def test_without_the_extra_the_error_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(AdapterError, match=r"hoopgate\[otel\]"), tracing("http://127.0.0.1:1", "1"):
        pass
