"""hoopgate.toml and HOOPGATE_… variables: read once, checked whole, refused with the key, the file and the mend.

What is *not* here: defaults that depend on the machine, reloading, and secrets' values in error messages.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from adapter_asgi.credentials.tables import AwsTable, GrantTable, OAuthTable, OpenBaoTable, PostgresTable, StaticTable
from adapter_asgi.errors import SettingsError
from adapter_asgi.strangers import refuse_strangers, suggest
from adapter_asgi.tables import (
    BaseUrl,
    Identities,
    IdentityTable,
    Listen,
    Names,
    Proxies,
    Seconds,
    ServerTable,
    ServerUrl,
    UnsafeLoopback,
    WebhookTable,
    Window,
    is_loopback,
)

__all__ = [
    "GrantTable",
    "IdentityTable",
    "ServerTable",
    "Settings",
    "SettingsError",
    "UnsafeLoopback",
    "WebhookTable",
    "is_loopback",
    "load",
]

FILE = "hoopgate.toml"
LOCKFILE = "hoopgate.lock"
_NOT_SETTINGS = {
    "HOOPGATE_CONFIG",
    "HOOPGATE_TOKEN",
    "HOOPGATE_ID_TOKEN",
    "HOOPGATE_TOKEN_FILE",
    "HOOPGATE_SINK_SECRET",
}
_KUBERNETES = re.compile(r"HOOPGATE_(?:.*_)?(?:SERVICE_HOST|SERVICE_PORT(?:_.*)?|PORT(?:_.*)?)")
"""Kubernetes sets HOOPGATE_SERVICE_HOST, HOOPGATE_PORT_… in every pod beside a service called hoopgate."""


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

    listen: Listen = "127.0.0.1:8080"
    url: BaseUrl | None = None
    policy: Path
    store: Path
    keys: Path = Path(".hoopgate-keys")
    kek: str | None = None
    anchors: Names = ()
    quota: int | None = Field(default=None, gt=0)
    retain_days: int = Field(default=2192, gt=0)
    environment: Literal["development", "production"] | None = None
    reload: Literal["named", "owner"] = "named"
    workers: int = Field(default=1, ge=1, le=64)
    trusted_proxies: Proxies = ()
    independence: Literal["recorded", "proven"] = "recorded"
    hold: Seconds = 50
    log: Literal["text", "json"] = "text"
    traces: ServerUrl | None = None
    prose: str = "default"
    lock: Path | None = None
    changed_tools: Literal["refuse", "alert"] = "refuse"
    freeze: tuple[Window, ...] = ()
    webhooks: tuple[WebhookTable, ...] = ()
    notify: tuple[SecretStr, ...] = ()
    identity: Identities = Field(default_factory=Identities)
    server: Mapping[str, ServerTable] = Field(default_factory=dict)
    grant: Mapping[str, GrantTable] = Field(default_factory=dict)
    approvers: Mapping[str, Names] = Field(default_factory=dict)
    roles: Mapping[Literal["reviewer", "auditor", "operator"], Names] = Field(default_factory=dict)
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
    refuse_strangers(settings, file)
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
            raise SettingsError("CFG06", f"unknown variable {name}", suggest(upper, known) or "unset it")


def _variable_message(error: ValueError) -> str:
    """pydantic-settings names the field and its source, never the value."""
    return str(error).splitlines()[0]


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
        help_ = suggest(key, known) or f"known keys: {', '.join(sorted(known))}"
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
            "keys": fix(settings.keys),
            "anchors": tuple(text if ":" in text else str(fix(Path(text))) for text in settings.anchors),
            "lock": fix(settings.lock) if settings.lock else _beside(base),
            "server": servers,
        }
    )


def _beside(base: Path) -> Path | None:
    """The lockfile beside the configuration, where there is one."""
    return base / LOCKFILE if (base / LOCKFILE).exists() else None
