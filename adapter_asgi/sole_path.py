"""Whether an upstream can be reached around the gate: at start each is asked once without a credential.

For one that answers the gate's start is logged and recorded with "sole path: not evidenced". That one refuses, or
cannot be reached, proves nothing, and nothing is said of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import aiohttp

__all__ = ["open_upstreams"]

_TIMEOUT = aiohttp.ClientTimeout(total=3)
_PING = {"jsonrpc": "2.0", "id": 0, "method": "ping"}
_HEADERS = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}


async def open_upstreams(urls: Mapping[str, str]) -> list[str]:
    """The servers that do not refuse a request without a credential (401, 403)."""
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as client:
        answers = await asyncio.gather(*(_answers(client, url) for url in urls.values()))
    return [name for name, answered in zip(urls, answers, strict=True) if answered]


async def _answers(client: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with client.post(url, json=_PING, headers=_HEADERS, allow_redirects=False) as answer:
            return answer.status not in (401, 403) and answer.status < 500
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False
