"""Where a sink delivers to, by URL, and what every one of them does: take a batch, or say that it did not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

from adapter_asgi.errors import AdapterError
from adapter_asgi.sinks.filed import FileTarget
from adapter_asgi.sinks.hook import HookTarget
from adapter_asgi.sinks.otlp import OtlpTarget
from adapter_asgi.sinks.syslog import SyslogTarget

__all__ = ["SCHEMES", "Target", "target"]

Event = Mapping[str, Any]


class Target(Protocol):
    """`deliver` returns once the receiver has taken the whole batch. Raises OSError where it may not have."""

    def deliver(self, events: Sequence[Event]) -> None: ...


SCHEMES: dict[str, str] = {
    "file": "file:///var/log/hoopgate.ndjson: one JSON object a line, synced",
    "syslog+tcp": "syslog+tcp://host:601: RFC 5424 over TCP, counted octets (RFC 6587)",
    "syslog+tls": "syslog+tls://host:6514: the same over TLS (RFC 5425)",
    "otlp+http": "otlp+http://host:4318: OTLP logs over HTTP, JSON",
    "otlp+https": "otlp+https://host:4318: the same over TLS",
    "http": "http://host/path: a webhook, signed in the Standard Webhooks way",
    "https": "https://host/path: the same over TLS",
}


def target(url: str, secret: str | None) -> Target:
    """The target that a URL names. Raises `AdapterError` SNK01."""
    parts = urlsplit(url)
    make = _MAKERS.get(parts.scheme)
    if make is None:
        raise AdapterError("SNK01", f'no sink is called "{parts.scheme[:20]}"', f"one of {', '.join(SCHEMES)}")
    if parts.scheme != "file" and not parts.hostname:
        raise AdapterError("SNK01", "the sink's address names no host", SCHEMES[parts.scheme])
    if parts.username or parts.password:
        raise AdapterError("SNK01", "the sink's address carries a password", "arguments are visible to other users")
    if parts.scheme in ("http", "https") and not secret:
        raise AdapterError("SNK01", "a webhook is signed, and needs a secret", "set HOOPGATE_SINK_SECRET to whsec_…")
    return make(parts, secret)


_MAKERS: dict[str, Callable[[SplitResult, str | None], Target]] = {
    "file": lambda parts, _: FileTarget(parts.path),
    "syslog+tcp": lambda parts, _: SyslogTarget(str(parts.hostname), parts.port or 601, secure=False),
    "syslog+tls": lambda parts, _: SyslogTarget(str(parts.hostname), parts.port or 6514, secure=True),
    "otlp+http": lambda parts, _: OtlpTarget(parts),
    "otlp+https": lambda parts, _: OtlpTarget(parts),
    "http": lambda parts, secret: HookTarget(parts, secret or ""),
    "https": lambda parts, secret: HookTarget(parts, secret or ""),
}
