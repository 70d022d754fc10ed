"""What a client must carry but may not read: encrypted for the gate, bound to the caller and the server.

A sealed value is `hg1-PURPOSE.` and unpadded base64url of nonce (12 bytes) ‖ AES-256-GCM(value). The associated data
are the purpose and the scope, so that a value sealed for one caller, server or purpose opens for no other.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gate.errors import INVALID_PARAMS, MalformedError

__all__ = ["Sealer"]

_MARK = "hg1-{}."
_URI = "sealed:"


class Sealer:
    """Seals for one scope (who, on which server) under a secret of the gate's (32 bytes)."""

    __slots__ = ("_cipher", "_scope")

    def __init__(self, secret: bytes, *scope: str) -> None:
        self._cipher = AESGCM(hmac.digest(secret, b"hoopgate seal", "sha256"))
        self._scope = hashlib.sha256("\0".join(scope).encode()).digest()

    def seal(self, value: str, purpose: str) -> str:
        """`value`, for nobody but this gate to open again."""
        nonce = os.urandom(12)
        sealed = nonce + self._cipher.encrypt(nonce, value.encode(), self._scope + purpose.encode())
        return _MARK.format(purpose) + base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def seal_uri(self, value: str) -> str:
        """`value` as a URI of the scheme `sealed`, which only this gate can resolve."""
        return _URI + self.seal(value, "uri")

    def open_uri(self, value: str) -> str | None:
        """The URI that was sealed; None for one that never was. Raises MalformedError GT114."""
        return self.open(value.removeprefix(_URI), "uri") if value.startswith(_URI) else None

    def open(self, value: str, purpose: str) -> str | None:
        """The value that was sealed; None for one that never was, for this purpose.

        Raises MalformedError GT114 for a sealed value of another caller or server, or a forged one.
        """
        mark = _MARK.format(purpose)
        if not value.startswith(mark):
            return None
        try:
            text = value.removeprefix(mark)
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            return self._cipher.decrypt(raw[:12], raw[12:], self._scope + purpose.encode()).decode()
        except (binascii.Error, InvalidTag, ValueError):
            raise MalformedError(
                "GT114", f"The {purpose} was not sealed for this caller and server.", rpc_code=INVALID_PARAMS
            ) from None
