"""HTTP as credential providers use it: JSON answers, a time, no redirects, and errors without what was sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import aiohttp

from adapter_asgi.credentials.lease import CredentialError

__all__ = ["ask"]

_TIMEOUT = aiohttp.ClientTimeout(total=10)
_MAX = 1024 * 1024


async def ask(client: aiohttp.ClientSession, method: str, url: str, **options: Any) -> Mapping[str, Any]:
    """The JSON object of the answer, {} where there is none. Raises `CredentialError` CRED03."""
    where = url.partition("?")[0]
    try:
        async with client.request(method, url, timeout=_TIMEOUT, allow_redirects=False, **options) as answer:
            body = await answer.content.read(_MAX)
            while not answer.content.at_eof() and len(body) < _MAX:
                body += await answer.content.read(_MAX - len(body))
            status = answer.status
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise CredentialError("CRED03", f"{where} cannot be reached ({type(error).__name__})") from None
    if not 200 <= status < 300:
        raise CredentialError("CRED03", f"{where} refused with {status}")
    try:
        value = json.loads(body) if body.strip() else {}
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise CredentialError("CRED03", f"{where} did not answer with a JSON object")
    return value
