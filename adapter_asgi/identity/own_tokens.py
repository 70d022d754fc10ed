"""Tokens of the gate's own (RFC 8693 token exchange, RFC 7523 assertions): a CI's five-minute token in, one of fifteen
minutes out, for the same run and address, so that a retry outlives the CI's token. It is exchanged once, and what comes
out cannot be exchanged again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jws import default_registry

from adapter_asgi.identity import claims as claim_rules
from adapter_asgi.identity.caller import Caller
from adapter_asgi.identity.error import IdentityError
from adapter_asgi.identity.minting import ALGORITHM, KID, Minter
from adapter_asgi.identity.token import Token, take_apart

__all__ = ["OwnTokens"]

_TYPE = "hoopgate+jwt"
_SECONDS = 900


class OwnTokens:
    """Made and checked with the gate's own key; the gate is issuer and audience."""

    seconds = _SECONDS

    def __init__(self, minter: Minter) -> None:
        self._minter = minter
        self.issuer = minter.issuer

    def mint(self, caller: Caller) -> tuple[str, str, float]:
        """The token, its id, and its end (Unix seconds, the skew included)."""
        claims = {"sub": caller.subject, "caller": caller.to_json()}
        text = self._minter.sign(claims, self.issuer, _SECONDS, _TYPE)
        made = take_apart(text).claims
        return text, made["jti"], float(made["exp"]) + claim_rules.SKEW

    def verify(self, token: Token, now: float) -> Mapping[str, Any]:
        """The claims of a token of ours. Raises `IdentityError` with the codes of the same checks on others' tokens."""
        if token.algorithm != ALGORITHM or token.kid != KID:
            raise IdentityError("ID11", "the gate did not make this token so")
        if token.header.get("typ") != _TYPE:
            raise IdentityError("ID07", "the token is of another class than the gate's own")
        try:
            good = default_registry.algorithms[ALGORITHM].verify(token.signed, token.signature, self._minter.public)
        except (JoseError, ValueError):
            good = False
        if not good:
            raise IdentityError("ID32", "the token's signature does not hold")
        claim_rules.check(token.claims, self.issuer, _SECONDS, now)
        return token.claims
