"""Where people sign in for the pages, if they can: at the provider whose table has the secret of a client of ours."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp

from adapter_asgi.approvals.signin import SignIn
from adapter_asgi.console.visit import HOME as CONSOLE
from adapter_asgi.identity.authenticator import Authenticator
from adapter_asgi.identity.fetch import fetcher
from adapter_asgi.settings import IdentityTable, Settings
from adapter_asgi.state import State

__all__ = ["SigningIn", "decisions_page", "signing_in"]


@dataclass(frozen=True, slots=True)
class SigningIn:
    """How people sign in: at the provider whose table has the secret of a client of ours."""

    table: IdentityTable
    key: bytes
    client: aiohttp.ClientSession
    who: Authenticator

    def at(self, home: str) -> SignIn:
        """For the pages below `home`."""
        assert self.table.client_secret is not None  # noqa: S101 - chosen for it
        secret, fetch = self.table.client_secret.get_secret_value(), fetcher(self.client)
        return SignIn(
            self.table.issuer, self.table.audience, secret, home, self.key, self.client, fetch, self.who.verify
        )


def signing_in(settings: Settings, who: Authenticator, state: State, client: aiohttp.ClientSession) -> SigningIn | None:
    """None where no table of persons has a client's secret: then there are no pages, and the command line decides."""
    for table in settings.identity.tables.values():
        if table.client_secret is not None and table.caller == "person":
            return SigningIn(table, state.key("sign-in"), client, who)
    return None


def decisions_page(settings: Settings) -> str:
    """Where approvers decide, "" where that is the command line alone."""
    tables = settings.identity.tables.values()
    signs_in = any(table.client_secret is not None and table.caller == "person" for table in tables)
    return f"{settings.public_url}{CONSOLE}/approvals" if signs_in else ""
