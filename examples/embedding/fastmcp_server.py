"""A FastMCP server whose every message passes the gate: python fastmcp_server.py POLICY STORE [http PORT]

The gate is a layer of the MCP SDK's own middleware, below FastMCP's: there a message is still what the wire said. It
asks nobody and lends nothing here; a rule that needs that is refused. What the server sends of its own accord while a
call runs (progress, log messages, sampling, elicitation) does not pass such a layer, so it is withheld.
"""

import asyncio
import secrets
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from fastmcp import FastMCP
from mcp.server.session import ServerSession
from mcp.shared.exceptions import MCPError
from pydantic import BaseModel, ValidationError

import gate
import policy_lang
import recorder
from adapter_asgi.budgets import Budgets
from gate.routing import encode_value
from gate.seal import Sealer
from gate.strict_json import parse, write

JSON = [("content-type", "application/json")]
KEPT = 10_000  # callers' sessions; the oldest is forgotten where there are more
NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}


class GateLayer:
    """`who(context)` says who is calling: from the server's own authentication, never from the message."""

    def __init__(
        self,
        name: str,
        policy: policy_lang.Policy,
        log: recorder.Log,
        who: Callable[[Any], gate.Principal],
        ner: Any = None,
    ) -> None:
        self._name, self._policy, self._log, self._who, self._ner = name, policy, log, who, ner
        self._secret, self._budgets = secrets.token_bytes(32), Budgets()
        self._sessions: dict[tuple[str, str, str | None], gate.Session] = {}

    async def __call__(self, context: Any, call_next: Any) -> dict[str, Any] | None:
        """One message of a client's: the answer that may be released. Raises MCPError where that is an error."""
        session = self._session(self._who(context))
        exchange = gate.open(session.principal, session, datetime.now(UTC))
        event: gate.Event | None = gate.ClientRequest(_headers(context), _message(context, context.params))
        waiting: list[gate.Event] = []
        released = b""
        try:
            while event is not None and not exchange.done:
                for effect in exchange.receive(event, datetime.now(UTC)):
                    match effect:
                        case gate.Record():
                            await asyncio.wrap_future(self._log.submit(effect.entry))
                        case gate.Charge():
                            self._budgets.charge(effect.limits, effect.principal, effect.session, effect.size)
                        case gate.Send():
                            released += effect.data
                        case gate.Forward():
                            waiting += await _forward(context, call_next, effect)
                        case gate.Spend():
                            waiting.append(self._budgets.spend(effect.limits, effect.principal, effect.session))
                        case gate.Hold():
                            waiting.append(gate.ApprovalRefused("none", "this server asks nobody"))
                        case gate.Lease():
                            waiting.append(gate.LeaseFailed("this server lends nothing"))
                event = waiting.pop(0) if waiting else None
        finally:  # a client that cancelled, a recorder that cannot write: what was begun gets its end
            for effect in [] if exchange.done else exchange.receive(gate.ClientGone()):
                if isinstance(effect, gate.Record):
                    self._log.submit(effect.entry)
        return _answer(released)

    def _session(self, who: gate.Principal) -> gate.Session:
        """One for each caller and run: it holds the key of their mask tokens and what their masks have learned."""
        place = (who.issuer, who.subject, who.run)
        if place not in self._sessions:
            sealer, key = Sealer(self._secret, self._name, who.issuer, who.subject), secrets.token_bytes(32)
            made = gate.Session(secrets.token_hex(16), self._name, who, self._policy, key, sealer, ner=self._ner)
            self._sessions[place] = made
            if len(self._sessions) > KEPT:
                del self._sessions[next(iter(self._sessions))]
        self._sessions[place].adopt(who, self._policy)
        return self._sessions[place]


class Quiet(ServerSession):
    """The client as a handler sees it: it may look, but what it says is withheld and what it asks is refused."""

    def __init__(self, session: ServerSession) -> None:
        self.__dict__.update(vars(session))

    can_send_request = False  # type: ignore[assignment] # a property of the session's

    async def send_request(self, *_: Any, **__: Any) -> Any:
        """Sampling, elicitation, roots, ping."""
        raise MCPError(-31000, "No rule allows what the server asks of its client here.")

    async def _notify(self, *_: Any, **__: Any) -> None:
        """Log messages and changes."""

    async def report_progress(self, *_: Any, **__: Any) -> None:
        """Progress."""


async def _forward(context: Any, call_next: Any, effect: gate.Forward) -> list[gate.Event]:
    """The rest of the server, asked what was decided on."""
    params = parse(effect.body).get("params")
    try:
        result = await call_next(replace(context, params=params, session=Quiet(context.session)))
        told = {
            "result": result.model_dump(by_alias=True, exclude_none=True) if isinstance(result, BaseModel) else result
        }
    except MCPError as error:
        told = {"error": error.error.model_dump(exclude_none=True)}
    except ValidationError:
        told = {"error": {"code": -32602, "message": "Invalid params"}}
    if context.request_id is None:
        return [gate.UpstreamStarted(202, []), gate.UpstreamEnded()]
    answer = write({"jsonrpc": "2.0", "id": context.request_id, **told})
    return [gate.UpstreamStarted(200, JSON), gate.UpstreamData(answer), gate.UpstreamEnded()]


def _message(context: Any, params: Any) -> bytes:
    message = {"jsonrpc": "2.0", "id": context.request_id, "method": context.method, "params": params}
    return write({key: value for key, value in message.items() if value is not None})


def _headers(context: Any) -> list[tuple[str, str]]:
    """Those that the message itself stands for (MCP, "Transports")."""
    headers = [*JSON, ("accept", "application/json")]
    if context.method != "initialize":
        headers.append(("mcp-protocol-version", context.protocol_version))
    if context.protocol_version == gate.MODERN:
        headers.append(("mcp-method", context.method))
        name = (context.params or {}).get(NAMED.get(context.method))
        if isinstance(name, str):
            headers.append(("mcp-name", encode_value(name)))
    return headers


def _answer(released: bytes) -> dict[str, Any] | None:
    if not released:
        return None
    message = parse(released)
    if "error" in message:
        error = message["error"]
        raise MCPError(error["code"], error["message"], error.get("data"))
    return dict(message["result"])


# --- a server with it -----------------------------------------------------------------------------------------------

server = FastMCP("clinic")


@server.tool
def read_patient(number: int) -> str:
    """One patient's record."""
    return f"Patient {number}, SSN 123-45-6789"


@server.tool
def delete_patient(number: int) -> str:
    """Take a record away."""
    return f"Patient {number} is gone"


def caller(_: Any) -> gate.Principal:
    """Whoever starts this process. Behind HTTP, use what your `auth=` verified: fastmcp's get_access_token()."""
    identity = policy_lang.Request.from_json({"caller": "ci", "repository": "acme/etl", "provenance": "attested"})
    return gate.Principal(identity, "local", "acme/etl", "acme/etl", same_as=("local", "acme/etl"))


def main(policy: str, store: str, transport: str = "stdio", port: str = "0") -> None:
    """Serve until the client leaves."""
    with recorder.open(store) as log:
        server._mcp_server.middleware.insert(0, GateLayer("ehr", policy_lang.load(policy), log, caller))
        if transport == "http":
            server.run("http", host="127.0.0.1", port=int(port), show_banner=False)
        else:
            server.run("stdio", show_banner=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
