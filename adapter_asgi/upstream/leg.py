"""What the pump needs of an upstream: an answer in pieces, and ends that are ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import gate
from adapter_asgi.errors import AdapterError

__all__ = ["Leg", "Upstream", "UpstreamError"]


class UpstreamError(AdapterError):
    """The upstream cannot be reached, broke off or took too long (codes UP…). The message is fit for the client."""


class Leg(Protocol):
    """One answer of an upstream. `headers` have lower-case names."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Sequence[tuple[str, str]]: ...

    def whole(self) -> bytes | None:
        """The whole body, where it is no stream and has come: nothing is left to `read`. None where not: `read` it."""

    def at_once(self) -> bytes | None:
        """As `read`, of what has come already; None where that is nothing, or not to be had without waiting."""

    async def read(self) -> bytes:
        """The next piece of the body, b"" at its end. Raises UpstreamError where it breaks off."""

    async def close(self) -> None:
        """Nobody reads on: free the connection. After the end of the body this is nothing; before, it cancels."""


class Upstream(Protocol):
    """One MCP server."""

    name: str

    async def open(self, forward: gate.Forward, session: gate.Session) -> Leg:
        """Send a request and wait for the answer's beginning. Raises UpstreamError."""

    async def tell(self, answer: gate.Answer, session: gate.Session) -> None:
        """Send the gate's own answer to a request of the upstream's. Raises UpstreamError."""

    async def end_session(self, session: gate.Session) -> None:
        """Tell the upstream that this session is over. Never raises: it may be gone already."""

    async def close(self) -> None:
        """The gate stops."""
