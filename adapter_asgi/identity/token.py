"""A bearer token taken apart, before anything in it is believed (RFC 7515, RFC 7519, RFC 8725).

Steps 1 to 3 of the order in docs/reference/identity.md: size, structure, header. Nothing here knows a key or a clock.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from adapter_asgi.identity.error import IdentityError
from adapter_asgi.identity.strict_json import StrictJSONError, parse_object

__all__ = ["MAX_SIZE", "Token", "bearer", "take_apart"]

MAX_SIZE = 16 * 1024
"""Characters. GitLab's largest tokens have about 5,000."""

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_FORBIDDEN = ("jku", "jwk", "x5u", "x5c", "crit", "b64", "zip")
_ALGORITHMS = re.compile(r"(?:RS|PS|ES)(?:256|384|512)|EdDSA")
_MAX_KID = 256
_LAST = ("", None, "AQgw", "AEIMQUYcgkosw048")
"""By the length modulo 4: the last characters that leave no bits over, so that no text has two spellings."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token's parts. `digest` is the SHA-256 of what is signed, so that no variant of the signature changes it."""

    header: dict[str, Any] = field(repr=False)
    claims: dict[str, Any] = field(repr=False)
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    digest: bytes = field(repr=False)

    @property
    def algorithm(self) -> str:
        """The `alg` of the header; believed only after the configuration allowed it."""
        return str(self.header["alg"])

    @property
    def kid(self) -> str:
        """The `kid` of the header."""
        return str(self.header["kid"])


def bearer(authorization: str | None) -> str:
    """The token of an Authorization header's value. Raises `IdentityError` ID01 (none), ID02 (too large), ID03."""
    if authorization is None:
        raise IdentityError("ID01", "the request has no Authorization header")
    if len(authorization) > MAX_SIZE + 16:
        raise IdentityError("ID02", "the Authorization header is too large", status=431)
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise IdentityError("ID01", "the Authorization header is not a Bearer token")
    return token.strip()


def take_apart(text: str) -> Token:
    """The parts of a compact JWS. Raises `IdentityError` ID02 (size), ID03 (structure), ID04 to ID07 (header)."""
    if len(text) > MAX_SIZE:
        raise IdentityError("ID02", "the token is too large", status=431)
    match = _COMPACT.fullmatch(text)
    if match is None:
        raise IdentityError("ID03", "the token is not a compact JWS of three parts")
    head, body, tail = match.groups()
    try:
        header, claims = parse_object(_decode(head)), parse_object(_decode(body))
        signature = _decode(tail)
    except StrictJSONError as error:
        raise IdentityError("ID03", f"the token's header or claims: {error}") from None
    _check_header(header)
    signed = f"{head}.{body}".encode("ascii")
    return Token(header, claims, signed, signature, hashlib.sha256(signed).digest())


def _decode(part: str) -> bytes:
    """Unpadded base64url in its one canonical spelling."""
    over = len(part) % 4
    last = _LAST[over]
    if last is None:
        raise StrictJSONError("not base64url")
    if over and part[-1] not in last:
        raise StrictJSONError("not canonical base64url")
    return binascii.a2b_base64(part.replace("-", "+").replace("_", "/") + "=" * (-len(part) % 4))


def _check_header(header: dict[str, Any]) -> None:
    for name in _FORBIDDEN:
        if name in header:
            raise IdentityError("ID04", f'the token\'s header has "{name}"')
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or _ALGORITHMS.fullmatch(algorithm) is None:
        raise IdentityError("ID05", "the token's algorithm is not an asymmetric signature")
    kid = header.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= _MAX_KID:
        raise IdentityError("ID06", 'the token\'s header has no usable "kid"')
    if not isinstance(header.get("typ", ""), str):
        raise IdentityError("ID07", 'the token\'s "typ" is not a text')
