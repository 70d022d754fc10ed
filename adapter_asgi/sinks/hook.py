"""A webhook, signed in the Standard Webhooks way: a batch of records to a message."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult

from adapter_asgi.approvals.webhooks import signature
from adapter_asgi.sinks.posting import post

__all__ = ["HookTarget"]


class HookTarget:
    """The message's id is made of the records' ids, so a repeated batch carries the same one."""

    def __init__(self, parts: SplitResult, secret: str) -> None:
        self._parts, self._secret = parts, secret

    def deliver(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Raises OSError."""
        ids = " ".join(str(event["id"]) for event in events)
        ident = f"msg_{hashlib.sha256(ids.encode()).hexdigest()[:24]}"
        body = json.dumps({"type": "records", "timestamp": events[-1]["time"], "data": list(events)}).encode()
        now = int(time.time())
        headers = {
            "content-type": "application/json",
            "webhook-id": ident,
            "webhook-timestamp": str(now),
            "webhook-signature": signature(self._secret, ident, now, body),
        }
        parts = self._parts
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        post(parts.scheme == "https", str(parts.hostname), parts.port, path, headers, body)
