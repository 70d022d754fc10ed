"""One HTTP POST, answered with success or an OSError: no redirects, no cookies, bounded in time."""

from __future__ import annotations

import http.client
from collections.abc import Mapping

__all__ = ["post"]

_TIMEOUT = 30.0


def post(secure: bool, host: str, port: int | None, path: str, headers: Mapping[str, str], body: bytes) -> None:
    """Raises OSError that says the status, where it is not 2xx."""
    make = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = make(host, port, timeout=_TIMEOUT)
    try:
        connection.request("POST", path, body, dict(headers))
        answer = connection.getresponse()
        answer.read(65_536)
        if not 200 <= answer.status < 300:
            raise OSError(f"{host} answered {answer.status}")
    except http.client.HTTPException as error:
        raise OSError(f"{host} answered no HTTP ({type(error).__name__})") from None
    finally:
        connection.close()
