"""The gate's own words on the wire: refusals, results and errors (design.md, "Refusals on the wire")."""

from __future__ import annotations

from typing import Any

from gate.call import Call
from gate.errors import LIMIT_REACHED, REFUSED, GateError, MalformedError, RefusedError
from gate.messages import Message
from gate.strict_json import write

__all__ = ["JSON", "STREAM", "error_answer", "input_required", "progress", "refusal_answer"]

JSON = [("content-type", "application/json")]
STREAM = [
    ("content-type", "text/event-stream"),
    ("cache-control", "no-cache, no-transform"),
    ("x-accel-buffering", "no"),
]


def refusal_answer(error: RefusedError, message: Message, *, modern: bool) -> dict[str, Any]:
    """How a refused request is answered: a tool's call by a result that a job's log shows, all else by an error."""
    if message.method != "tools/call":
        return error_answer(error, message.id)
    meta: dict[str, Any] = {"hoopgate/code": error.code}
    for name in ("decision", "approval"):
        if value := getattr(error, name):
            meta[f"hoopgate/{name}"] = value
    result: dict[str, Any] = {"content": [{"type": "text", "text": _text(error)}], "isError": True, "_meta": meta}
    if modern:
        result["resultType"] = "complete"
    return {"jsonrpc": "2.0", "id": message.id, "result": result}


def error_answer(error: GateError, rpc_id: Any) -> dict[str, Any]:
    """A JSON-RPC error. A malformed message gets the protocol's own code, a refusal one of the gate's."""
    rpc_code = error.rpc_code if isinstance(error, (MalformedError, RefusedError)) else 5000
    body: dict[str, Any] = {"code": rpc_code, "message": _text(error)}
    data: dict[str, Any] = {"code": error.code}
    if isinstance(error, MalformedError) and error.data is not None:
        body["message"] = error.message
        data = dict(error.data)
    for name in ("decision", "approval"):
        if value := getattr(error, name, ""):
            data[name] = value
    body["data"] = data
    return {"jsonrpc": "2.0", "id": rpc_id, "error": body}


def input_required(message: Message, state: str) -> dict[str, Any]:
    """A leg of a modern hold: the client comes back with `state` and nothing else (MCP 2026-07-28, input_required)."""
    return {"jsonrpc": "2.0", "id": message.id, "result": {"resultType": "input_required", "requestState": state}}


def progress(token: Any, step: int, text: str) -> bytes:
    """A progress notification of the gate's. It counts in thousandths, so that the upstream's own can only increase."""
    params = {"progressToken": token, "progress": step / 1000, "message": text}
    return write({"jsonrpc": "2.0", "method": "notifications/progress", "params": params})


def pending_words(call: Call, approval: str) -> str:
    """What a client is told when nobody has decided yet."""
    demands = "; ".join(
        f"{item.count} of {', '.join(item.from_)} (rule {item.rule!r})" for item in call.decision.approvals
    )
    return (
        f"Waiting for approval {approval}: {demands}. Nothing was run. "
        f"An approver looks at it with `hoopgate approvals show {approval}` and decides there. "
        "Once it is approved, run the same call again from the same job, branch and commit: it then goes through once."
    )


def _text(error: GateError) -> str:
    ours = isinstance(error, RefusedError) and error.rpc_code in (REFUSED, LIMIT_REACHED)
    lines = [f"hoopgate refused this: {error.message}" if ours else error.message]
    if error.help:
        lines.append(error.help)
    if rules := getattr(error, "rules", ()):
        lines.append("rule: " + ", ".join(f'"{rule}"' for rule in rules))
    if decision := getattr(error, "decision", ""):
        lines.append(f"decision: {decision}")
    return "\n".join(lines)
