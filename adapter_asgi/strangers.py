"""What a configuration must not say, because strangers would be let in or keys would lie open."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from adapter_asgi.errors import SettingsError
from adapter_asgi.identity.providers import PROVIDERS
from adapter_asgi.tables import IdentityTable, is_loopback

if TYPE_CHECKING:
    from adapter_asgi.settings import Settings

__all__ = ["refuse_strangers", "suggest"]

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?")


def suggest(name: str, known: Iterable[str]) -> str:
    """What was meant, perhaps; "" when nothing is close."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f'did you mean "{close[0]}"?' if close else ""


def refuse_strangers(settings: Settings, file: Path) -> None:
    """Raise `SettingsError` CFG04 or CFG05 for the first thing that must not be."""
    if settings.keys.is_relative_to(settings.store):
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
        help_ = suggest(table.provider, PROVIDERS) or f"known providers: {', '.join(sorted(PROVIDERS))}"
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
