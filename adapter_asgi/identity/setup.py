"""`[identity.…]` tables → an `Authenticator`."""

from __future__ import annotations

import time
from collections.abc import Callable

import aiohttp

from adapter_asgi.identity.authenticator import Authenticator, Enricher, Issuer, Loopback
from adapter_asgi.identity.enrich import JobNames, Source, api_of
from adapter_asgi.identity.error import IdentityError
from adapter_asgi.identity.keys import Fetch, IssuerKeys
from adapter_asgi.identity.metadata import PATH
from adapter_asgi.identity.own_tokens import OwnTokens
from adapter_asgi.identity.replay import ReplayMarks
from adapter_asgi.settings import IdentityTable, Settings

__all__ = ["authenticator", "issuer", "job_names"]


def authenticator(
    settings: Settings,
    fetch: Fetch,
    marks: ReplayMarks,
    enricher: Enricher | None = None,
    refused: Callable[[IdentityError, str], None] | None = None,
    own: OwnTokens | None = None,
) -> Authenticator:
    """The authenticator that the configuration describes."""
    issuers = [issuer(name, table, fetch) for name, table in settings.identity.tables.items()]
    unsafe = settings.identity.unsafe_loopback
    loopback = None
    if unsafe is not None:
        given = unsafe.model_dump(exclude_none=True)
        group = given.get("group")
        if group is not None:
            given["group"] = [group] if isinstance(group, str) else list(group)
        loopback = Loopback(given)
    return Authenticator(
        {one.url: one for one in issuers},
        marks,
        f"{settings.public_url}{PATH}",
        loopback=loopback,
        enricher=enricher,
        refused=refused,
        own=own,
    )


def job_names(settings: Settings, client: aiohttp.ClientSession) -> JobNames:
    """Who asks for the names of jobs: every table that has a token for its provider's API."""
    sources = {}
    for name, table in settings.identity.tables.items():
        api = table.api or api_of(table.provider, table.issuer)
        if table.api_token is not None and api:
            sources[name] = Source(api.rstrip("/"), table.api_token.get_secret_value())
    return JobNames(sources, client)


def issuer(name: str, table: IdentityTable, fetch: Fetch) -> Issuer:
    """One table."""
    template = table.template
    return Issuer(
        name=name,
        url=table.issuer,
        audience=table.audience,
        provider=template,
        caller=table.caller or template.caller,
        keys=IssuerKeys(table.issuer, fetch, time.monotonic),
        tenant=table.tenant,
        algorithms=table.algorithms or template.algorithms,
        max_lifetime=table.max_lifetime or template.max_lifetime,
        mapping=table.claims or None,
    )
