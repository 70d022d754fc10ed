"""How the issuer's documents are fetched: a size, a time, no redirects."""

from __future__ import annotations

import aiohttp

from adapter_asgi.identity.keys import Fetch, FetchError

__all__ = ["fetcher"]

_MAX = 512 * 1024
_TIMEOUT = aiohttp.ClientTimeout(total=5)


def fetcher(session: aiohttp.ClientSession) -> Fetch:
    """A `Fetch` over the process's shared client."""

    async def fetch(url: str) -> bytes:
        try:
            async with session.get(url, timeout=_TIMEOUT, allow_redirects=False) as answer:
                if answer.status != 200:
                    raise FetchError(f"{url} answered {answer.status}")
                body = await answer.content.read(_MAX + 1)
                while len(body) <= _MAX and not answer.content.at_eof():
                    body += await answer.content.read(_MAX + 1 - len(body))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise FetchError(f"{url} cannot be reached ({type(error).__name__})") from None
        if len(body) > _MAX:
            raise FetchError(f"{url} answered with more than {_MAX} bytes")
        return body

    return fetch
