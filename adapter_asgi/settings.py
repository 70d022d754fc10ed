"""hoopgate.toml and HOOPGATE_… variables: read once, checked whole, refused with the key, the file and the mend.

What is *not* here: defaults that depend on the machine, reloading, and secrets' values in error messages.
"""

from __future__ import annotations

import base64
import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
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
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from adapter_asgi.credentials.tables import AwsTable, GrantTable, OAuthTable, OpenBaoTable, PostgresTable, StaticTable
from adapter_asgi.errors import AdapterError
from adapter_asgi.identity.providers import ALIASES, PROVIDERS, Provider

__all__ = ["GrantTable", "IdentityTable", "ServerTable", "Settings", "SettingsError", "UnsafeLoopback", "load"]

FILE = "hoopgate.toml"
LOCKFILE = "hoopgate.lock"
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?")
_DURATION = re.compile(r"(\d+)\s*(s|m|h|d)")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_NOT_SETTINGS = {"HOOPGATE_CONFIG", "HOOPGATE_TOKEN", "HOOPGATE_ID_TOKEN", "HOOPGATE_TOKEN_FILE"}
_KUBERNETES = re.compile(r"HOOPGATE_(?:.*_)?(?:SERVICE_HOST|SERVICE_PORT(?:_.*)?|PORT(?:_.*)?)")
"""Kubernetes sets HOOPGATE_SERVICE_HOST, HOOPGATE_PORT_… in every pod beside a service called hoopgate."""


class SettingsError(AdapterError):
    """The configuration cannot be used (codes CFG…). Nothing was started."""


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


Window = Annotated[tuple[float, float], BeforeValidator(_window)]
Seconds = Annotated[int, BeforeValidator(_seconds), Field(gt=0)]
Names = tuple[str, ...]


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


class Settings(BaseSettings):
    """Everything that hoopgate.toml may say. Paths are absolute once loaded."""

    model_config = SettingsConfigDict(
        env_prefix="HOOPGATE_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        nested_model_default_partial_update=False,
    )

    listen: Annotated[str, AfterValidator(_listen)] = "127.0.0.1:8080"
    url: Annotated[str, AfterValidator(_base_url)] | None = None
    policy: Path
    store: Path
    keys: Path | None = None
    environment: Literal["development", "production"] | None = None
    trusted_proxies: Names = ()
    independence: Literal["recorded", "proven"] = "recorded"
    hold: Seconds = 50
    lock: Path | None = None
    changed_tools: Literal["refuse", "alert"] = "refuse"
    freeze: tuple[Window, ...] = ()
    webhooks: tuple[WebhookTable, ...] = ()
    identity: Identities = Field(default_factory=Identities)
    server: Mapping[str, ServerTable] = Field(default_factory=dict)
    grant: Mapping[str, GrantTable] = Field(default_factory=dict)
    approvers: Mapping[str, Names] = Field(default_factory=dict)
    people: Mapping[str, Names] = Field(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """A variable wins over the file; nothing else is read."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings

    @field_validator("store", mode="before")
    @classmethod
    def _embedded_store(cls, value: Any) -> Any:
        if isinstance(value, str) and "://" in value:
            raise ValueError("only a directory is supported as a store so far")
        return value

    @property
    def host(self) -> str:
        """The listening address, without brackets."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The listening port; 0 lets the system choose."""
        return int(self.listen.rpartition(":")[2])

    @property
    def public_url(self) -> str:
        """What clients call the gate: `url`, or the listener's own address."""
        return self.url or f"http://{self.listen}"

    @property
    def development(self) -> bool:
        """`environment`, or what follows: plain http issuers and unsafe identities are for development only."""
        if self.environment is not None:
            return self.environment == "development"
        plain = any(table.issuer.startswith("http:") for table in self.identity.tables.values())
        return plain or self.identity.unsafe_loopback is not None

    @property
    def state(self) -> Path:
        """The directory beside the store for approvals, replay marks, leases and the administration socket."""
        return self.store.with_name(self.store.name + ".state")


# --- loading --------------------------------------------------------------------------------------------------------


def load(path: Path | str | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check `path` (default: hoopgate.toml in the current directory) under the environment's variables.

    Raises `SettingsError` with CFG01 (unreadable), CFG02 (not TOML), CFG03 (unknown key), CFG04 (a value or a
    missing key), CFG05 (an identity that would let strangers in), CFG06 (an unknown variable).
    """
    file = Path(path or FILE)
    document = _read(file)
    variables = os.environ if environ is None else environ
    _refuse_unknown_variables(variables)
    try:
        settings = Settings(**document)
    except ValidationError as error:
        raise _explain(error, file) from None
    except ValueError as error:  # pydantic-settings: a variable that should hold JSON and does not
        raise SettingsError("CFG04", f"{file}: {_variable_message(error)}") from None
    settings = _absolute(settings, file.resolve().parent)
    _refuse_strangers(settings, file)
    return settings


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        help_ = 'write one, or point "--config" at it; docs/reference/configuration.md lists every key'
        raise SettingsError("CFG01", f"there is no configuration file {file}", help_) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingsError("CFG01", f"cannot read {file}: {reason}") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError("CFG02", f"{file} is not TOML: {error}") from None


def _refuse_unknown_variables(variables: Mapping[str, str]) -> None:
    known = {f"HOOPGATE_{name.upper()}" for name in Settings.model_fields}
    for name in sorted(variables):
        upper = name.upper()
        if not upper.startswith("HOOPGATE_") or upper in _NOT_SETTINGS or _KUBERNETES.fullmatch(upper):
            continue
        if upper.split("__")[0] not in known:
            raise SettingsError("CFG06", f"unknown variable {name}", _suggest(upper, known) or "unset it")


def _variable_message(error: ValueError) -> str:
    """pydantic-settings names the field and its source, never the value."""
    return str(error).splitlines()[0]


def _suggest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f'did you mean "{close[0]}"?' if close else ""


def _explain(error: ValidationError, file: Path) -> SettingsError:
    """One problem as one message that names the key and the file: a key nobody knows before one that is missing."""
    problems = error.errors(include_url=False, include_input=False)
    problem = min(problems, key=lambda one: one["type"] != "extra_forbidden")
    where = [str(step) for step in problem["loc"]]
    kind = where[2] if where[:1] == ["grant"] and len(where) > 2 else ""
    key, table = where[-1] if where else "", where[:-1]
    known = _keys_of([*table, kind] if kind else table)
    where = [step for place, step in enumerate(where) if not (kind and place == 2)]
    table = where[:-1]
    place = f"[{'.'.join(table)}] of {file}" if table else f"{file}"
    if problem["type"] == "extra_forbidden":
        help_ = _suggest(key, known) or f"known keys: {', '.join(sorted(known))}"
        return SettingsError("CFG03", f'unknown key "{key}" in {place}', help_)
    if problem["type"] == "missing":
        return SettingsError("CFG04", f'missing key "{key}" in {place}')
    message = problem["msg"].removeprefix("Value error, ")
    return SettingsError("CFG04", f'"{".".join(where)}" in {file}: {message}')


_GRANTS: dict[str, type[BaseModel]] = {
    "unsafe_static": StaticTable,
    "oauth": OAuthTable,
    "oauth_exchange": OAuthTable,
    "openbao": OpenBaoTable,
    "postgres": PostgresTable,
    "aws": AwsTable,
}


def _keys_of(table: list[str]) -> set[str]:
    """The keys that a table of this path knows; a path may pass through names that the user chose."""
    if not table:
        return set(Settings.model_fields)
    if table == ["identity"] or table[:2] == ["identity", "unsafe_loopback"]:
        return set(UnsafeLoopback.model_fields)
    models: dict[str, type[BaseModel]] = {"identity": IdentityTable, "server": ServerTable, **_GRANTS}
    model = models.get(table[-1] if table[0] == "grant" else table[0])
    return set(model.model_fields) if model else set()


def _absolute(settings: Settings, base: Path) -> Settings:
    def fix(path: Path) -> Path:
        return path if path.is_absolute() else base / path

    servers = {
        name: table.model_copy(update={"cwd": fix(table.cwd) if table.cwd else base})
        for name, table in settings.server.items()
    }
    return settings.model_copy(
        update={
            "policy": fix(settings.policy),
            "store": fix(settings.store),
            "keys": fix(settings.keys) if settings.keys else None,
            "lock": fix(settings.lock) if settings.lock else _beside(base),
            "server": servers,
        }
    )


def _beside(base: Path) -> Path | None:
    """The lockfile beside the configuration, where there is one."""
    return base / LOCKFILE if (base / LOCKFILE).exists() else None


# --- what would let strangers in --------------------------------------------------------------------------------------


def _refuse_strangers(settings: Settings, file: Path) -> None:
    if settings.keys is not None and settings.keys.is_relative_to(settings.store):
        raise SettingsError(
            "CFG04", f'"keys" in {file} lies inside the store', "keep the keys out of what they protect"
        )
    for name in settings.server:
        if _NAME.fullmatch(name) is None:
            raise SettingsError(
                "CFG04", f'[server.{name}] of {file}: a server\'s name is letters, digits, "-", "_", "."'
            )
    if settings.identity.unsafe_loopback is not None and not is_loopback(settings.host):
        raise SettingsError(
            "CFG05",
            f"[identity.unsafe_loopback] of {file} needs a loopback listener, and listen is {settings.listen}",
            'listen on "127.0.0.1:8080", or configure a real issuer',
        )
    if settings.identity.unsafe_loopback is not None and not is_loopback(urlsplit(settings.public_url).hostname):
        message = f"[identity.unsafe_loopback] of {file} lets in whoever comes through {settings.url}"
        raise SettingsError("CFG05", message, "configure a real issuer, or leave url out")
    if not settings.identity.tables and settings.identity.unsafe_loopback is None:
        raise SettingsError("CFG05", f"{file} has no [identity.…] table, so nobody could ever call", "add one")
    seen: dict[str, str] = {}
    for name, table in settings.identity.tables.items():
        _refuse_open_identity(name, table, file)
        if table.issuer in seen:
            other = f"[identity.{seen[table.issuer]}]"
            raise SettingsError(
                "CFG05", f"[identity.{name}] of {file} has the same issuer as {other}", "keep one of them"
            )
        seen[table.issuer] = name


def _refuse_open_identity(name: str, table: IdentityTable, file: Path) -> None:
    place = f"[identity.{name}] of {file}"
    if table.provider not in PROVIDERS:
        help_ = _suggest(table.provider, PROVIDERS) or f"known providers: {', '.join(sorted(PROVIDERS))}"
        if table.provider == name:
            help_ += '; for any other issuer write provider = "generic" and a claims mapping'
        raise SettingsError("CFG05", f'{place}: there is no provider "{table.provider}"', help_)
    template = table.template
    if table.provider == "generic" and not table.claims:
        help_ = 'for example claims = { actor = "email", group = "groups" }'
        raise SettingsError("CFG05", f"{place}: a generic issuer needs a claims mapping", help_)
    shared = template.is_shared(table.issuer) or any(
        row.is_shared(table.issuer) for row in PROVIDERS.values() if table.provider == "generic"
    )
    if shared and table.tenant is None:
        help_ = f'add tenant = "…": {template.tenant_help}'
        raise SettingsError("CFG05", f"{place}: {table.issuer} signs for everybody, so a tenant must be pinned", help_)
    if table.tenant is not None and not template.accepts_tenant(table.tenant):
        raise SettingsError("CFG05", f'{place}: tenant "{table.tenant}" is not an immutable id', template.tenant_help)
