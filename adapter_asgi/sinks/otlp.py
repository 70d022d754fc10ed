"""OTLP logs over HTTP as JSON (OpenTelemetry protocol 1.x, "OTLP/HTTP", logs/v1)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import SplitResult

from adapter_asgi.sinks.posting import post

__all__ = ["OtlpTarget", "log_record"]

_SEVERITY = {"refusal": (13, "WARN"), "gap": (17, "ERROR"), "call.interrupted": (17, "ERROR"), "limit": (13, "WARN")}


class OtlpTarget:
    """Posts to `/v1/logs` where the address has no path of its own."""

    def __init__(self, parts: SplitResult) -> None:
        self._parts = parts

    def deliver(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Raises OSError."""
        resource = {"attributes": [_attribute("service.name", "hoopgate")]}
        scope = {"scope": {"name": "hoopgate.evidence"}, "logRecords": [log_record(event) for event in events]}
        body = json.dumps({"resourceLogs": [{"resource": resource, "scopeLogs": [scope]}]}).encode()
        parts = self._parts
        path = parts.path if parts.path not in ("", "/") else "/v1/logs"
        secure = parts.scheme == "otlp+https"
        post(secure, str(parts.hostname), parts.port or 4318, path, {"content-type": "application/json"}, body)


def log_record(event: Mapping[str, Any]) -> dict[str, Any]:
    """One record as an OTLP LogRecord: the kind is its event name, its fields are attributes."""
    number, text = _SEVERITY.get(str(event["kind"]), (9, "INFO"))
    moment = datetime.fromisoformat(str(event["time"]))
    nanoseconds = int(moment.timestamp()) * 10**9 + moment.microsecond * 1000
    return {
        "timeUnixNano": str(nanoseconds),
        "severityNumber": number,
        "severityText": text,
        "eventName": f"hoopgate.{event['kind']}",
        "body": {"stringValue": str(event["kind"])},
        "attributes": [_attribute(f"hoopgate.{name}", value) for name, value in event.items() if name != "time"],
    }


def _attribute(name: str, value: Any) -> dict[str, Any]:
    return {"key": name, "value": _value(value)}


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, (list, tuple)):
        return {"arrayValue": {"values": [_value(item) for item in value]}}
    if isinstance(value, Mapping):
        return {"kvlistValue": {"values": [_attribute(str(key), item) for key, item in value.items()]}}
    return {"stringValue": str(value)}
