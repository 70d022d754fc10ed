"""An exchange under a policy, and a script of what happens to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

import gate
import policy_lang
from gate.seal import Sealer

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PLAIN = 'rule "everything" { server "ehr"\n allow\n mask none }'


def principal(**changes: Any) -> gate.Principal:
    identity = policy_lang.Request.from_json({"caller": "ci", "repository": "acme/etl", "provenance": "attested"})
    fields: dict[str, Any] = {
        "identity": identity,
        "issuer": "https://ci.example",
        "subject": "acme/etl:main",
        "display": "acme/etl on main",
        "run": "77",
        "same_as": ("https://ci.example", "", "acme/etl", "", "", "", "main", "", ""),
    }
    return gate.Principal(**{**fields, **changes})


def session(policy: str = PLAIN, **changes: Any) -> gate.Session:
    who = changes.pop("principal", None) or principal()
    fields: dict[str, Any] = {
        "id": "5e55",
        "server": "ehr",
        "principal": who,
        "policy": policy_lang.compile(policy, name="test.hoop"),
        "key": b"k" * 32,
        "sealer": Sealer(b"s" * 32, "ehr", who.issuer, who.subject),
        "ner": "none",
    }
    return gate.Session(**{**fields, **changes})


class Script:
    """One exchange; `sent` is what the client got, `records` what was recorded, `forwarded` what went upstream."""

    def __init__(self, held: gate.Session, limits: gate.Limits | None = None) -> None:
        self.session = held
        self.exchange = gate.open(held.principal, held, NOW, limits)
        self.effects: list[gate.Effect] = []
        self.last: list[gate.Effect] = []

    def happens(self, event: gate.Event, now: datetime | None = None) -> list[gate.Effect]:
        self.last = list(self.exchange.receive(event, now))
        self.effects += self.last
        return self.last

    def asks(self, message: Any, *headers: tuple[str, str], method: str = "POST") -> list[gate.Effect]:
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        return self.happens(gate.ClientRequest((*DEFAULT, *headers), body, method))

    def answers(self, message: Any, status: int = 200, kind: str = "application/json", *headers: Any) -> None:
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.happens(gate.UpstreamStarted(status, [("content-type", kind), *headers]))
        if not self.exchange.done and body:
            self.happens(gate.UpstreamData(body))
        if not self.exchange.done:
            self.happens(gate.UpstreamEnded())

    def of(self, kind: type[Any]) -> list[Any]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    @property
    def records(self) -> list[str]:
        return [effect.entry.kind for effect in self.of(gate.Record)]

    @property
    def forwarded(self) -> list[gate.Forward]:
        return self.of(gate.Forward)

    @property
    def sent(self) -> bytes:
        return b"".join(effect.data for effect in self.of(gate.Send))

    @property
    def status(self) -> int:
        [start] = self.of(gate.Start)
        return int(start.status)

    @property
    def reply(self) -> Any:
        return json.loads(self.sent)

    @property
    def events(self) -> list[Any]:
        """The messages of an SSE answer."""
        lines = self.sent.decode().splitlines()
        return [json.loads(line[6:]) for line in lines if line.startswith(("data: {", "data: ["))]


DEFAULT = (("content-type", "application/json"), ("accept", "application/json, text/event-stream"))


def call(name: str = "echo", arguments: Any = None, rpc_id: Any = 1, **params: Any) -> dict[str, Any]:
    params = {"name": name, "arguments": arguments or {}, **params}
    return {"jsonrpc": "2.0", "id": rpc_id, "method": "tools/call", "params": params}


def modern(message: dict[str, Any]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """A message of 2026-07-28 and the headers that mirror it."""
    meta = {"io.modelcontextprotocol/protocolVersion": gate.MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
    params = {**message.get("params", {}), "_meta": {**message.get("params", {}).get("_meta", {}), **meta}}
    headers = [("mcp-protocol-version", gate.MODERN), ("mcp-method", message["method"])]
    if "name" in params or "uri" in params:
        headers.append(("mcp-name", params.get("name", params.get("uri"))))
    return {**message, "params": params}, headers


def result(text: str, rpc_id: Any = 1, **more: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": rpc_id, "result": {"content": [{"type": "text", "text": text}], **more}}


def sse(*messages: Any, event_id: str | None = None) -> bytes:
    start = f"id: {event_id}\n" if event_id else ""
    return "".join(f"event: message\n{start}data: {json.dumps(message)}\n\n" for message in messages).encode()


@pytest.fixture
def script() -> Callable[..., Script]:
    def make(policy: str = PLAIN, limits: gate.Limits | None = None, **changes: Any) -> Script:
        return Script(session(policy, **changes), limits)

    return make
