"""The tables of hoopgate.toml and the values in them, as pydantic models. Names that begin a section are the user's."""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from adapter_asgi.identity.providers import ALIASES, PROVIDERS, Provider
from adapter_asgi.upstream.pool import Origin

__all__ = [
    "BaseUrl",
    "Identities",
    "IdentityTable",
    "Listen",
    "Names",
    "Proxies",
    "Seconds",
    "ServerTable",
    "ServerUrl",
    "UnsafeLoopback",
    "WebhookTable",
    "Window",
    "is_loopback",
]

_DURATION = re.compile(r"(\d+)\s*(s|m|h|d)")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

# --- values ---------------------------------------------------------------------------------------------------------


def _seconds(value: Any) -> Any:
    """`90`, `"90s"`, `"15m"`, `"1h"` or `"2d"` → seconds."""
    if isinstance(value, str):
        match = _DURATION.fullmatch(value.strip())
        if match is None:
            raise ValueError('a duration is a number of seconds or a text such as "15m"')
        return int(match[1]) * _UNITS[match[2]]
    return value


def is_loopback(host: str | None) -> bool:
    """Whether `host` (a name or an address without brackets) can only be this machine."""
    return (
        host == "localhost" or host == "::1" or (host is not None and re.fullmatch(r"127(\.\d+){3}", host) is not None)
    )


def _issuer(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("an issuer is reached over https; plain http is for loopback only")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("an issuer is an https URL without query, fragment and user")
    return url


def _base_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("expected an http or https URL without query, fragment and user")
    return url.rstrip("/")


def _server_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment or parts.username:
        raise ValueError("expected the http or https URL of an MCP endpoint, without user and fragment")
    try:
        Origin.of(url)
    except UnicodeError:
        raise ValueError("the host of an MCP endpoint's URL is no name that can be looked up") from None
    return url


def _listen(value: str) -> str:
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\[\]:]+)):(\d{1,5})", value)
    if match is None or int(match[3]) > 65535:
        raise ValueError('expected "HOST:PORT", such as "127.0.0.1:8080" or "[::1]:8080"')
    return value


def _window(value: Any) -> Any:
    """`"2026-12-24T00:00:00Z/2027-01-02T00:00:00Z"` → its two moments in Unix seconds."""
    if not isinstance(value, str):
        return value
    wrong = ValueError('a freeze window is "START/END", two RFC 3339 times with their zones')
    try:
        start, end = (datetime.fromisoformat(part) for part in value.split("/"))
    except ValueError:
        raise wrong from None
    if start.tzinfo is None or end.tzinfo is None or start >= end:
        raise wrong
    return start.timestamp(), end.timestamp()


def _proxy(value: str) -> str:
    """An address or a network. One of everything would let everybody name an address of their own."""
    try:
        network = ipaddress.ip_network(value)
    except ValueError:
        raise ValueError('a trusted proxy is an address or a network: "10.0.0.5", "10.0.0.0/24"') from None
    if network.prefixlen == 0:
        raise ValueError(f"{value} would believe everybody; name the proxy's own address")
    return value


Window = Annotated[tuple[float, float], BeforeValidator(_window)]
Seconds = Annotated[int, BeforeValidator(_seconds), Field(gt=0)]
Names = tuple[str, ...]
Proxies = tuple[Annotated[str, AfterValidator(_proxy)], ...]
Listen = Annotated[str, AfterValidator(_listen)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
ServerUrl = Annotated[str, AfterValidator(_server_url)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_min_length=1, hide_input_in_errors=True)


# --- tables ---------------------------------------------------------------------------------------------------------


class IdentityTable(_Table):
    """One issuer whose tokens are believed. `provider` is the table's own name unless it says otherwise."""

    issuer: Annotated[str, AfterValidator(_issuer)]
    audience: str
    provider: str = ""
    tenant: str | None = None
    caller: Literal["ci", "person", "agent"] | None = None
    claims: Mapping[str, str | Names] = Field(default_factory=dict)
    algorithms: Names | None = None
    max_lifetime: Seconds | None = None
    api: Annotated[str, AfterValidator(_issuer)] | None = None
    api_token: SecretStr | None = None
    client_secret: SecretStr | None = None

    @property
    def template(self) -> Provider:
        """The provider's row of data."""
        return PROVIDERS[self.provider]

    @field_validator("algorithms")
    @classmethod
    def _only_signatures(cls, names: Names | None) -> Names | None:
        for name in names or ():
            if name not in ASYMMETRIC:
                raise ValueError(f'"{name}" is not accepted; choose among {", ".join(ASYMMETRIC)}')
        return names


ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")


class UnsafeLoopback(_Table):
    """Fixed attributes for whoever connects over loopback; nobody is verified, and every record says so."""

    caller: Literal["ci", "person", "agent"] | None = None
    provider: str | None = None
    issuer: str | None = None
    tenant: str | None = None
    repository: str | None = None
    repository_id: str | None = None
    workflow: str | None = None
    job: str | None = None
    branch: str | None = None
    tag: str | None = None
    commit: str | None = None
    environment: str | None = None
    event: str | None = None
    actor: str | None = None
    actor_id: str | None = None
    group: str | Names | None = None
    run: str | None = None
    protected: bool | None = None
    reviewed: bool | None = None
    source_ip: str | None = None


def _provider(name: Any) -> Any:
    plain = name.replace("-", "_") if isinstance(name, str) else name
    return ALIASES.get(plain, plain)


class Identities(BaseModel):
    """The `[identity.…]` tables by name, `unsafe_loopback` apart."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)
    __pydantic_extra__: dict[str, IdentityTable] = Field(init=False)
    unsafe_loopback: UnsafeLoopback | None = None

    @model_validator(mode="before")
    @classmethod
    def _name_the_providers(cls, tables: Any) -> Any:
        if not isinstance(tables, dict):
            return tables
        return {
            name: {**table, "provider": _provider(table.get("provider", name))}
            if isinstance(table, dict) and name != "unsafe_loopback"
            else table
            for name, table in tables.items()
        }

    @property
    def tables(self) -> dict[str, IdentityTable]:
        """Every table of a real issuer, by its name."""
        return dict(self.__pydantic_extra__)


class ServerTable(_Table):
    """An MCP server behind the gate: `url` (streamable HTTP) or `command` (a stdio child)."""

    url: Annotated[str, AfterValidator(_server_url)] | None = None
    command: Names | None = None
    cwd: Path | None = None
    env: Mapping[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_way(self) -> ServerTable:
        if (self.url is None) == (self.command is None):
            raise ValueError('a server has either "url" or "command"')
        return self


class WebhookTable(_Table):
    """Where the gate tells of approvals, signed in the Standard Webhooks way; `secret` is `whsec_…`."""

    url: Annotated[str, AfterValidator(_server_url)]
    secret: SecretStr

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        try:
            key = base64.b64decode(secret.get_secret_value().removeprefix("whsec_"), validate=True)
        except ValueError:
            key = b""
        if not 24 <= len(key) <= 64:
            raise ValueError('a webhook\'s secret is "whsec_" and 24 to 64 bytes in base64')
        return secret
