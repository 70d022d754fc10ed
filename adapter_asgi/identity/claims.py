"""Step 7: what a token whose signature holds must say (RFC 7519 section 4.1, RFC 8725 section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapter_asgi.identity.error import IdentityError

__all__ = ["SKEW", "check"]

SKEW = 30
"""Seconds by which the issuer's clock and ours may differ."""

_MAX_TEXT = 1024


def check(claims: Mapping[str, Any], audience: str, max_lifetime: int, now: float) -> None:
    """Audience, subject, times and lifetime, in that order. Raises `IdentityError` ID20 to ID26.

    A token lives from when it was issued; from `nbf`, which providers set back for slow clocks, where it has no `iat`.
    """
    _check_audience(claims.get("aud"), audience)
    for name in ("sub", "jti"):
        value = claims.get(name)
        if (name == "sub" or name in claims) and (not isinstance(value, str) or not 0 < len(value) <= _MAX_TEXT):
            raise IdentityError("ID21", f'the token\'s "{name}" is not a usable text')
    expires = _time(claims, "exp")
    if expires is None:
        raise IdentityError("ID22", "the token never ends")
    issued, not_before = _time(claims, "iat"), _time(claims, "nbf")
    if expires <= now - SKEW:
        raise IdentityError("ID23", "the token has expired", "ask the CI for a fresh one")
    if max(issued or 0, not_before or 0) > now + SKEW:
        raise IdentityError("ID24", "the token is not valid yet", "compare the clocks of the issuer and the gate")
    begins = next((moment for moment in (issued, not_before) if moment is not None), now)
    if expires - begins > max_lifetime or expires - now > max_lifetime + SKEW:
        raise IdentityError(
            "ID25",
            f"the token lives longer than {max_lifetime} s",
            "shorten its lifetime, or raise max_lifetime in its [identity.…] table",
        )


def _check_audience(audience: Any, wanted: str) -> None:
    """Exactly one audience, and it is ours; a list of one is one."""
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    if not isinstance(audience, str) or audience != wanted:
        raise IdentityError("ID20", "the token is not for this gate alone", f'request it with the audience "{wanted}"')


def _time(claims: Mapping[str, Any], name: str) -> float | None:
    """A NumericDate (RFC 7519 section 2). JSON's numbers are finite here; booleans are not numbers."""
    if name not in claims:
        return None
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise IdentityError("ID26", f'the token\'s "{name}" is not a time')
    return float(value)
