"""Syslog over TCP or TLS (RFC 5424, RFC 6587 section 3.4.1, RFC 5425).

Strategy: syslog has no answer, so bytes that a kernel took can be lost with the receiver. A batch is therefore one
connection: all of it is sent, our side is closed, and only when the receiver has closed its side too (it reads to our
end first) does the batch count as delivered.
"""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["SyslogTarget", "message"]

_FACILITY = 13  # log audit
_SEVERITY = {"refusal": 4, "gap": 3, "call.interrupted": 3, "tools.changed": 4, "limit": 5}
_TIMEOUT = 30.0


def message(event: Mapping[str, Any]) -> bytes:
    """One RFC 5424 message; its text is the event as JSON (UTF-8 with its mark, as the RFC asks)."""
    priority = _FACILITY * 8 + _SEVERITY.get(str(event["kind"]), 6)
    head = f"<{priority}>1 {event['time']} - hoopgate - {event['kind']} - "
    return head.encode("ascii") + b"\xef\xbb\xbf" + json.dumps(event, ensure_ascii=False).encode()


class SyslogTarget:
    """`secure`: TLS, checked against the system's authorities."""

    def __init__(self, host: str, port: int, *, secure: bool, context: ssl.SSLContext | None = None) -> None:
        self._place, self._secure = (host, port), secure
        self._context = context

    def deliver(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Raises OSError."""
        with socket.create_connection(self._place, timeout=_TIMEOUT) as plain:
            connection = self._wrapped(plain)
            for event in events:
                data = message(event)
                connection.sendall(str(len(data)).encode() + b" " + data)
            if isinstance(connection, ssl.SSLSocket):
                connection.unwrap()
            plain_end = connection if not isinstance(connection, ssl.SSLSocket) else plain
            plain_end.shutdown(socket.SHUT_WR)
            while plain_end.recv(4096):
                pass

    def _wrapped(self, plain: socket.socket) -> socket.socket:
        if not self._secure:
            return plain
        context = self._context or ssl.create_default_context()
        return context.wrap_socket(plain, server_hostname=self._place[0])
