"""What `[grant.NAME]` may say, by its `kind`. Secrets are `SecretStr`: they do not show in messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

__all__ = [
    "AwsTable",
    "GrantTable",
    "OAuthTable",
    "OpenBaoTable",
    "PostgresTable",
    "StaticTable",
]


class _Grant(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class StaticTable(_Grant):
    """The same headers for everybody: for development."""

    kind: Literal["unsafe_static"]
    headers: Mapping[str, SecretStr]


class OAuthTable(_Grant):
    """An access token from an authorization server: by client credentials, or by exchange on the caller's behalf."""

    kind: Literal["oauth", "oauth_exchange"]
    token_url: str
    client_id: str
    client_secret: SecretStr
    scope: str = ""
    resource: str = ""
    revocation_url: str = ""


class OpenBaoTable(_Grant):
    """A dynamic secret of OpenBao or Vault; `headers` are filled from its data: "{username}"."""

    kind: Literal["openbao"]
    url: str
    role: str
    path: str
    mount: str = "jwt"
    headers: Mapping[str, str]


class PostgresTable(_Grant):
    """A PostgreSQL role of its own for every lease; `headers` are filled with {username} and {password}."""

    kind: Literal["postgres"]
    dsn: SecretStr
    member_of: str
    headers: Mapping[str, str]


class AwsTable(_Grant):
    """A session of an AWS role; `headers` are filled with {AccessKeyId}, {SecretAccessKey} and {SessionToken}."""

    kind: Literal["aws"]
    endpoint: str = "https://sts.amazonaws.com"
    role: str
    headers: Mapping[str, str]


GrantTable = Annotated[StaticTable | OAuthTable | OpenBaoTable | PostgresTable | AwsTable, Field(discriminator="kind")]
