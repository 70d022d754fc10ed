"""HTTP headers: which may pass, and whether they say the same as the body (MCP 2026-07-28, "Transports", headers)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any

from gate.errors import HEADER_MISMATCH, INVALID_PARAMS, UNSUPPORTED_VERSION, MalformedError
from gate.messages import Message

__all__ = ["LEGACY", "MODERN", "Routing", "decode_value", "encode_value", "headers_for_upstream", "read_routing"]

MODERN = "2026-07-28"
LEGACY = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
VERSION_KEY = "io.modelcontextprotocol/protocolVersion"

_UNIQUE = frozenset(
    {
        "mcp-protocol-version", "mcp-method", "mcp-name", "mcp-session-id", "last-event-id", "content-type",
        "content-encoding", "authorization", "host", "origin", "content-length",
    }
)  # fmt: skip
_UPSTREAM = frozenset(
    {"accept", "mcp-protocol-version", "mcp-method", "mcp-name", "traceparent", "tracestate", "baggage"}
)
# What an upstream may say in headers, and in which words: a header is no way around the masks.
_CLIENT = {"retry-after": re.compile(r"\d{1,6}"), "allow": re.compile(r"(?:GET|POST|DELETE|OPTIONS|HEAD|, ?)*")}
_MIRRORED = "mcp-param-"  # headers that repeat arguments
_NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}


class Routing:
    """The request headers, of which those that mean something here are known to be there at most once."""

    __slots__ = ("_found", "method", "modern", "name", "version")

    def __init__(self, found: Mapping[str, str]) -> None:
        self._found = found
        self.version = found.get("mcp-protocol-version")
        self.modern = self.version == MODERN
        self.method = found.get("mcp-method")
        self.name = found.get("mcp-name")

    @property
    def last_event(self) -> str | None:
        return self._found.get("last-event-id")

    @property
    def takes_stream(self) -> bool:
        accept = self._found.get("accept", "")
        return "text/event-stream" in accept or "*/*" in accept

    def check(self, message: Message) -> None:
        """Raise MalformedError GT112 where a header and the body do not say the same; GT113 for an unknown version."""
        if self.modern or (self.version not in LEGACY and self.version is not None) or VERSION_KEY in message.meta:
            self._check_envelope(message)
        self.check_version()
        if self.method is not None and self.method != message.method:
            raise _mismatch("Mcp-Method", "method")
        key = _NAMED.get(message.method)
        if self.name is not None and key is not None and decode_value(self.name) != message.params.get(key):
            raise _mismatch("Mcp-Name", key)

    def check_version(self) -> None:
        """Raise MalformedError GT113 unless the version header is absent or one that the gate carries."""
        if not self.modern and self.version is not None and self.version not in LEGACY:
            raise unsupported(self.version)

    def _check_envelope(self, message: Message) -> None:
        if message.kind != "request":
            return
        version = message.meta.get(VERSION_KEY)
        if version is None:
            raise MalformedError("GT112", f'The request\'s "_meta" lacks "{VERSION_KEY}".', rpc_code=INVALID_PARAMS)
        if self.version != version:
            raise _mismatch("MCP-Protocol-Version", f"_meta.{VERSION_KEY}")
        if self.method is None:
            raise _mismatch("Mcp-Method", "method")
        key = _NAMED.get(message.method)
        if key is not None and key in message.params and self.name is None:
            raise _mismatch("Mcp-Name", key)

    def check_arguments(self, message: Message, schema: Any) -> None:
        """Compare `Mcp-Param-*` with the arguments that the tool's `schema` mirrors (`x-mcp-header`)."""
        if not isinstance(schema, dict):
            return
        for path, token in _mirrored(schema):
            header = self._found.get(f"{_MIRRORED}{token.lower()}")
            value = _at(message.params.get("arguments"), path)
            if (header is None) == (value is None) and (header is None or _same(decode_value(header), value)):
                continue
            raise _mismatch(f"Mcp-Param-{token}", "arguments." + ".".join(path))


def read_routing(headers: Sequence[tuple[str, str]], *, body: bool) -> Routing:
    """The routing headers. Raises MalformedError: GT110 for a duplicate, GT111 for a wrong type."""
    found = dict(headers)
    if len(found) != len(headers):
        _check_once(headers)
        found["accept"] = ", ".join(value for name, value in headers if name == "accept")
    if body:
        _check_type(found)
    return Routing(found)


def _check_once(headers: Sequence[tuple[str, str]]) -> None:
    """Some headers came more than once: none that means something here may."""
    seen = set()
    for name, _ in headers:
        if name in seen and (name in _UNIQUE or name.startswith(_MIRRORED)):
            raise _duplicate(name)
        seen.add(name)


def _check_type(found: Mapping[str, str]) -> None:
    said = found.get("content-type", "")
    if said == "application/json" and "content-encoding" not in found:
        return
    kind, _, rest = said.partition(";")
    charset = rest.strip().lower().replace('"', "")
    if kind.strip().lower() != "application/json" or charset not in ("", "charset=utf-8"):
        raise MalformedError("GT111", "The Content-Type is not application/json.", "Send the message as UTF-8 JSON.")
    if found.get("content-encoding", "identity").lower() != "identity":
        raise MalformedError("GT111", "The body has a Content-Encoding; only plain JSON is read.")


def headers_for_upstream(
    headers: Sequence[tuple[str, str]],
    *,
    session: str | None,
    last_event: str | None,
    body: bool,
    name: str | None = None,
) -> list[tuple[str, str]]:
    """The client's headers that the upstream gets: an allow-list; never its authorization, cookies or addresses.

    `name` replaces `Mcp-Name` where the gate has opened a sealed name.
    """
    passed = [pair for pair in headers if pair[0] in _UPSTREAM or pair[0].startswith(_MIRRORED)]
    if name is not None:
        passed = [(key, encode_value(name) if key == "mcp-name" else value) for key, value in passed]
    if body:
        passed.append(("content-type", "application/json"))
    if session is not None:
        passed.append(("mcp-session-id", session))
    if last_event is not None:
        passed.append(("last-event-id", last_event))
    return passed


def headers_for_client(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The upstream's headers that the client gets; never Location, Set-Cookie or a challenge of the upstream's."""
    return [(name, value) for name, value in headers if name in _CLIENT and _CLIENT[name].fullmatch(value)]


def unsupported(version: str) -> MalformedError:
    return MalformedError(
        "GT113",
        "Unsupported protocol version",
        f"The gate carries {', '.join(LEGACY)} and {MODERN}.",
        rpc_code=UNSUPPORTED_VERSION,
        data={"supported": [MODERN], "requested": version[:64]},
    )


def decode_value(value: str) -> str | None:
    """A header's value, out of its `=?base64?…?=` wrapping where it has one; None where the wrapping is broken."""
    if not (value.startswith("=?base64?") and value.endswith("?=") and len(value) >= 11):
        return value
    payload = value[9:-2]
    try:
        raw = base64.b64decode(payload, validate=True)
        return raw.decode() if base64.b64encode(raw).decode() == payload else None
    except (binascii.Error, UnicodeDecodeError):
        return None


def encode_value(value: str) -> str:
    """The inverse of `decode_value`: wrapped where it would not survive as a header's value."""
    if value.isascii() and value.isprintable() and value == value.strip() and not value.startswith("=?base64?"):
        return value
    return f"=?base64?{base64.b64encode(value.encode()).decode()}?="


def _mirrored(schema: Mapping[str, Any], path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], str]]:
    found = []
    properties = schema.get("properties")
    for key, child in properties.items() if isinstance(properties, dict) else ():
        if isinstance(child, dict):
            token = child.get("x-mcp-header")
            if isinstance(token, str) and token:
                found.append(((*path, key), token))
            found += _mirrored(child, (*path, key))
    return found


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def _same(header: str | None, value: Any) -> bool:
    if header is None or isinstance(value, (dict, list)):
        return False
    if isinstance(value, bool):
        return header == ("true" if value else "false")
    if isinstance(value, str):
        return header == value
    try:
        return float(header) == float(value)
    except ValueError:
        return False


def _duplicate(name: str) -> MalformedError:
    return MalformedError("GT110", f"The header {name} came twice.", "Send it once.", rpc_code=HEADER_MISMATCH)


def _mismatch(header: str, key: str) -> MalformedError:
    return MalformedError(
        "GT112",
        f'The header {header} and the body\'s "{key}" do not say the same.',
        "Send both alike.",
        rpc_code=HEADER_MISMATCH,
    )
