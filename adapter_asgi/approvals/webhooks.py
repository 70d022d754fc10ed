"""Telling the outside that an approval waits or was decided, or that somebody tries tokens: signed webhooks.

They tell and never decide: the body has no link that does anything, and neither arguments nor reasons. Deliveries are
tried a few times with growing pauses, always under the same id, so that a receiver can tell a repetition. Whoever is
too slow to keep up loses the oldest, which is logged; nothing in the gate waits for a receiver.

Source: the Standard Webhooks specification 1.0 (`webhook-id`, `webhook-timestamp`, `webhook-signature`).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from adapter_asgi.approvals.asked import Asked, moment
from adapter_asgi.background import in_background

__all__ = ["Receiver", "Webhooks", "signature"]

_PAUSES = (1.0, 5.0, 30.0, 120.0)
_QUEUE = 1_000
_TIMEOUT = aiohttp.ClientTimeout(total=10)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where to, and the secret that signs (`whsec_` and base64)."""

    url: str
    secret: str = field(repr=False)


def signature(secret: str, id_: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the HMAC-SHA256 over id, timestamp and body, in base64."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{id_}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode("ascii")


class Webhooks:
    """A `Listener` of the desk. `running()` delivers; `pause` is `asyncio.sleep` but in tests."""

    def __init__(
        self,
        receivers: Sequence[Receiver],
        client: aiohttp.ClientSession,
        *,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        self._receivers = receivers
        self._client = client
        self._clock = clock
        self._pause = pause
        self._waiting: asyncio.Queue[tuple[Receiver, str, bytes]] = asyncio.Queue(_QUEUE)

    def __call__(self, event: str, asked: Asked) -> None:
        """Queue one message for every receiver."""
        self._queue(f"approval.{event}", asked.to_json())

    def failed(self, peer: str, count: int) -> None:
        """Failed authentications from one address passed the threshold."""
        self._queue("authentication.failures", {"source_ip": peer, "count": count})

    def _queue(self, kind: str, data: dict[str, Any]) -> None:
        """Type, time and what is shown in a list, of which nothing identifies a patient."""
        message = {"type": kind, "timestamp": moment(self._clock()), "data": data}
        body = json.dumps(message).encode("utf-8")
        for receiver in self._receivers:
            if self._waiting.full():
                self._waiting.get_nowait()
                _log.warning("a webhook's message was lost: receivers are too slow")
            self._waiting.put_nowait((receiver, f"msg_{secrets.token_hex(12)}", body))

    def running(self) -> AbstractAsyncContextManager[None]:
        """Deliver while inside, four messages at once."""
        return in_background(*[self._deliver_all] * (4 if self._receivers else 0))

    async def _deliver_all(self) -> None:
        while True:
            await self.deliver(*await self._waiting.get())

    async def deliver(self, receiver: Receiver, id_: str, body: bytes) -> bool:
        """Try until the receiver answers with success; false when it never did."""
        for pause in (*_PAUSES, None):
            if await self._post(receiver, id_, body):
                return True
            if pause is not None:
                await self._pause(pause)
        _log.warning("webhook %s: message %s was not accepted", receiver.url, id_)
        return False

    async def _post(self, receiver: Receiver, id_: str, body: bytes) -> bool:
        now = int(self._clock())
        headers = {
            "content-type": "application/json",
            "webhook-id": id_,
            "webhook-timestamp": str(now),
            "webhook-signature": signature(receiver.secret, id_, now, body),
        }
        try:
            url, client = receiver.url, self._client
            async with client.post(url, data=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False) as answer:
                return 200 <= answer.status < 300
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False
