"""`[grant.…]` tables → credential providers."""

from __future__ import annotations

import aiohttp

from adapter_asgi.credentials.aws import AwsRole
from adapter_asgi.credentials.lease import CredentialProvider
from adapter_asgi.credentials.oauth import ClientCredentials, Server, TokenExchange
from adapter_asgi.credentials.openbao import OpenBao
from adapter_asgi.credentials.postgres import PostgresRole
from adapter_asgi.credentials.tables import AwsTable, GrantTable, OAuthTable, OpenBaoTable, StaticTable
from adapter_asgi.credentials.unsafe_static import UnsafeStatic
from adapter_asgi.identity.minting import Minter
from adapter_asgi.settings import Settings

__all__ = ["providers"]


def providers(settings: Settings, client: aiohttp.ClientSession, minter: Minter) -> dict[str, CredentialProvider]:
    """The providers that the configuration describes, by the name of the grant."""
    return {name: _provider(table, client, minter) for name, table in settings.grant.items()}


def _provider(table: GrantTable, client: aiohttp.ClientSession, minter: Minter) -> CredentialProvider:
    if isinstance(table, StaticTable):
        return UnsafeStatic({name: value.get_secret_value() for name, value in table.headers.items()})
    if isinstance(table, OAuthTable):
        return _oauth(table, client, minter)
    if isinstance(table, OpenBaoTable):
        return OpenBao(client, minter, table.url, table.role, table.path, table.headers, table.mount)
    if isinstance(table, AwsTable):
        return AwsRole(client, minter, table.endpoint, table.role, table.headers)
    return PostgresRole(table.dsn.get_secret_value(), table.member_of, table.headers)


def _oauth(table: OAuthTable, client: aiohttp.ClientSession, minter: Minter) -> CredentialProvider:
    secret = table.client_secret.get_secret_value()
    server = Server(client, table.token_url, table.client_id, secret, table.scope, table.resource, table.revocation_url)
    return TokenExchange(server, minter) if table.kind == "oauth_exchange" else ClientCredentials(server)
