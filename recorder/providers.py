"""Key-encryption keys that live in a key management service. The caller gives the function that reaches it.

Either is asked once when a log is opened and once per rotation, never for a session or a record.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from recorder.boto import client_errors
from recorder.errors import KeysError

__all__ = ["AwsKms", "KmsClient", "TransitKey"]

_CONTEXT = {"purpose": "hoopgate epoch key v1"}


class TransitKey:
    """A named key of OpenBao's (or Vault's) transit secrets engine.

    `request(path, body)` POSTs to `<mount>/<path>` and returns the answer's `data`; it raises OSError where it cannot.
    """

    def __init__(self, key: str, request: Callable[[str, dict[str, str]], Mapping[str, Any]]) -> None:
        self.name = f"transit:{key}"
        self._key, self._request = key, request

    def wrap(self, key: bytes) -> bytes:
        """The key as transit's ciphertext text, `vault:v<version>:…`."""
        plaintext = base64.b64encode(key).decode()
        return str(self._ask("encrypt", {"plaintext": plaintext}, "ciphertext")).encode()

    def unwrap(self, wrapped: bytes) -> bytes:
        """The key again."""
        answer = self._ask("decrypt", {"ciphertext": wrapped.decode("ascii", "replace")}, "plaintext")
        try:
            return base64.b64decode(answer, validate=True)
        except (binascii.Error, ValueError):
            raise KeysError(f"{self.name} answered with something other than a key") from None

    def _ask(self, action: str, body: dict[str, str], wanted: str) -> str:
        try:
            return str(self._request(f"{action}/{self._key}", body)[wanted])
        except (OSError, KeyError) as error:
            raise KeysError(
                f"{self.name} did not {action}: {type(error).__name__}", "is it reachable, and unsealed?"
            ) from None


class KmsClient(Protocol):
    """The two methods of boto3's KMS client that are used."""

    def encrypt(self, **request: Any) -> Mapping[str, Any]: ...

    def decrypt(self, **request: Any) -> Mapping[str, Any]: ...


class AwsKms:
    """A key of AWS KMS, by id, ARN or alias. `client` is boto3's, or anything with its `encrypt` and `decrypt`."""

    def __init__(self, key: str, client: KmsClient) -> None:
        self.name = f"kms:{key}"
        self._key, self._client = key, client
        self._errors: tuple[type[Exception], ...] = (*client_errors(), KeyError)

    def wrap(self, key: bytes) -> bytes:
        """The key as KMS's ciphertext blob."""
        try:
            answer = self._client.encrypt(KeyId=self._key, Plaintext=key, EncryptionContext=dict(_CONTEXT))
            return bytes(answer["CiphertextBlob"])
        except self._errors as error:
            raise KeysError(f"{self.name} did not encrypt: {type(error).__name__}") from None

    def unwrap(self, wrapped: bytes) -> bytes:
        """The key again."""
        try:
            answer = self._client.decrypt(KeyId=self._key, CiphertextBlob=wrapped, EncryptionContext=dict(_CONTEXT))
            return bytes(answer["Plaintext"])
        except self._errors as error:
            raise KeysError(f"{self.name} did not decrypt: {type(error).__name__}") from None
