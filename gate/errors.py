"""What the gate refuses, as data: a stable code, the words, and how they go on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["GateError", "MalformedError", "ProtocolError", "RefusedError"]

# JSON-RPC 2.0 §5.1 and the MCP specification 2026-07-28 (reserved codes).
PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
HEADER_MISMATCH = -32020
UNSUPPORTED_VERSION = -32022

# Ours, outside -32768…-32000, so that no client takes them for something that the protocol defines.
REFUSED = 4030
NEEDS_APPROVAL = 4031
LIMIT_REACHED = 4290
GATE_FAILED = 5000
UPSTREAM_FAILED = 5020
UPSTREAM_WITHHELD = 5021


class GateError(Exception):
    """The base of everything that the gate raises. `code` is stable, `message` and `help` are for people."""

    def __init__(self, code: str, message: str, help: str = "") -> None:  # noqa: A002 - the agreed attribute
        super().__init__(message)
        self.code, self.message, self.help = code, message, help

    def __str__(self) -> str:
        text = f"error[{self.code}]: {self.message}"
        return f"{text}\n  help: {self.help}" if self.help else text


class ProtocolError(GateError):
    """The driver sent an event that the exchange's state does not know, or the gate was set up wrongly."""


class MalformedError(GateError):
    """A message that is not one, or that two readers could read differently: HTTP 400, nothing goes upstream."""

    def __init__(
        self,
        code: str,
        message: str,
        help: str = "",  # noqa: A002 - the agreed attribute
        *,
        rpc_code: int = INVALID_REQUEST,
        status: int = 400,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code, message, help)
        self.rpc_code, self.status, self.data = rpc_code, status, data
        self.id: Any = None  # the id of the request, where it could be read


class RefusedError(GateError):
    """A well-formed message that may not pass: the policy, a budget, an approval or the gate itself says no."""

    def __init__(
        self,
        code: str,
        message: str,
        help: str = "",  # noqa: A002 - the agreed attribute
        *,
        rpc_code: int = REFUSED,
        status: int = 200,
        rules: tuple[str, ...] = (),
        decision: str = "",
        approval: str = "",
    ) -> None:
        super().__init__(code, message, help)
        self.rpc_code, self.status = rpc_code, status
        self.rules, self.decision, self.approval = rules, decision, approval
