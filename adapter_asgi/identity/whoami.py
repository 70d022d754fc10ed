"""What a token gives, attribute by attribute, and what a policy may rely on: `hoopgate whoami`.

The token itself is never printed, nor any claim that the language has no attribute for.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import aiohttp

from adapter_asgi.identity.authenticator import Issuer, describe
from adapter_asgi.identity.error import IdentityError
from adapter_asgi.identity.fetch import fetcher
from adapter_asgi.identity.keys import IssuerKeys
from adapter_asgi.identity.normalise import Attributes
from adapter_asgi.identity.providers import PROVIDERS
from adapter_asgi.identity.replay import ReplayMarks
from adapter_asgi.identity.setup import authenticator
from adapter_asgi.identity.template import ABSENT, Provider, find
from adapter_asgi.identity.token import Token, take_apart
from adapter_asgi.settings import Settings
from policy_lang.attributes import CALLER, IMMUTABLE, JOB_ENRICHED

__all__ = ["Explained", "explain"]


@dataclass(frozen=True, slots=True)
class Explained:
    """`rows` are (attribute, value or "none" or "unknown", provenance, remark); `refused` is None if it passes."""

    provider: str
    table: str
    refused: IdentityError | None
    checked: bool
    rows: tuple[tuple[str, str, str, str], ...]

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        names = ("attribute", "value", "provenance", "remark")
        return {
            "provider": self.provider,
            "table": self.table or None,
            "accepted": self.refused is None and self.checked,
            "refused": None if self.refused is None else {"code": self.refused.code, "message": self.refused.message},
            "attributes": [dict(zip(names, row, strict=True)) for row in self.rows],
        }


async def explain(text: str, settings: Settings | None, provider: str | None = None) -> Explained:
    """Take the token apart and, where a configuration is given, check it as the gate would, without using it up.

    Raises `IdentityError` where it is not even a token, or where nothing tells its provider (ID13).
    """
    token = take_apart(text.strip())
    if settings is None:
        row = _guess(token, provider)
        issuer = _stand_in(row, str(token.claims.get("iss")))
        return Explained(row.name, "", None, False, _rows(row, describe(issuer, token.claims)))
    async with aiohttp.ClientSession() as client:
        marks = ReplayMarks(":memory:", b"\0" * 32)
        who = authenticator(settings, fetcher(client), marks)
        refused: IdentityError | None = None
        try:
            await who.verify(text.strip())
        except IdentityError as error:
            refused = error
        finally:
            marks.close()
    for name, table in settings.identity.tables.items():
        if table.issuer == token.claims.get("iss"):
            caller = table.caller or table.template.caller
            issuer = _stand_in(table.template, table.issuer, caller, table.claims or None)
            return Explained(table.provider, name, refused, True, _rows(table.template, describe(issuer, token.claims)))
    row = _guess(token, provider)
    issuer = _stand_in(row, str(token.claims.get("iss")))
    return Explained(row.name, "", refused, True, _rows(row, describe(issuer, token.claims)))


def _guess(token: Token, provider: str | None) -> Provider:
    """The provider that is named, that signs for everybody at this issuer, or whose claims these are."""
    if provider is not None and provider in PROVIDERS:
        return PROVIDERS[provider]
    url = token.claims.get("iss")
    for row in PROVIDERS.values():
        if isinstance(url, str) and row.is_shared(url):
            return row
    fits = {
        row.name: sum(
            any(c != "sub" and find(token.claims, c) is not ABSENT for c in one.claims)
            for one in row.attributes.values()
        )
        for row in PROVIDERS.values()
    }
    best = max(fits, key=lambda name: fits[name])
    if fits[best] == 0:
        raise IdentityError("ID13", "nothing in the token tells its provider", "name it with --provider")
    return PROVIDERS[best]


def _stand_in(row: Provider, url: str, caller: str = "", mapping: Any = None) -> Issuer:
    async def never(_: str) -> bytes:
        raise AssertionError("a stand-in has no keys")

    keys = IssuerKeys(url, never, time.monotonic)
    return Issuer(row.name, url, "", row, caller or row.caller, keys, mapping=mapping)


def _rows(row: Provider, found: Attributes) -> tuple[tuple[str, str, str, str], ...]:
    return tuple(_row(row, found, name) for name in CALLER if name != "source_ip")


def _row(row: Provider, found: Attributes, name: str) -> tuple[str, str, str, str]:
    if name not in found.values:
        return name, "unknown", "", _why_unknown(row, name)
    value = found.values[name]
    if value is None:
        return name, "none", found.provenance[name], f"{row.name} attests that there is none"
    shown = (
        ", ".join(value) if isinstance(value, list) else str(value).lower() if isinstance(value, bool) else str(value)
    )
    remark = f"can change hands; {IMMUTABLE[name]} stays" if name in IMMUTABLE else ""
    return name, shown, found.provenance[name], remark


def _why_unknown(row: Provider, name: str) -> str:
    if name == "job" and row.name in JOB_ENRICHED:
        return "not attested; the gate asks the provider's API when the table has api_token"
    if name in ("branch", "tag", "protected", "commit") and row.foreign_events:
        return "the token does not say, or other people's code may run under it"
    if name == "reviewed":
        return "the provider cannot say; a rule that denies `reviewed false` applies"
    return f"{row.name} cannot say" if name not in row.attributes else "the token lacks the claim"
