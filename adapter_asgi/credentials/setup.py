"""`[grant.…]` tables → a `Broker`."""

from __future__ import annotations

from adapter_asgi.credentials.broker import Broker
from adapter_asgi.credentials.lease import CredentialProvider
from adapter_asgi.credentials.unsafe_static import UnsafeStatic
from adapter_asgi.settings import GrantTable, Settings

__all__ = ["broker"]


def broker(settings: Settings) -> Broker:
    """The broker that the configuration describes."""
    return Broker({name: _provider(table) for name, table in settings.grant.items()})


def _provider(table: GrantTable) -> CredentialProvider:
    return UnsafeStatic({name: value.get_secret_value() for name, value in table.headers.items()})
