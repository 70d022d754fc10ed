"""Payloads: committed to, compressed, encrypted under the session's key; originals sealed to the auditor as well.

    inner      = 32-byte random salt | zstd(plaintext)
    ciphertext = 12-byte nonce | AES-256-GCM(session key, inner)
    sealed     = 32-byte ephemeral X25519 key | 12-byte nonce | AES-256-GCM(HKDF(X25519), ciphertext of the original)

The leaf carries SHA-256(salt | plaintext) and SHA-256(ciphertext). The salt is inside the ciphertext, so that a
destroyed payload cannot be guessed from its leaf. The seal is around the session's encryption: opening an original
takes the auditor's private key *and* the session's key, so the gate cannot read it back and erasing the session erases
it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from recorder.entry import MAX_PAYLOAD
from recorder.errors import KeysError

if TYPE_CHECKING:
    import zstandard

__all__ = ["Compressor", "SessionKey", "encrypt", "open_ciphertext", "seal", "unseal"]

SALT, NONCE = 32, 12
RANDOM = SALT + NONCE
PAYLOAD = b"hoopgate payload v1"
_ORIGINAL = b"hoopgate original v1"
LEVEL = 1
PRIMED = 8 * 1024  # bytes up to which the dictionary earns its keep


@dataclass(slots=True)
class SessionKey:
    """A session's key in memory. `seal` is the derived key and ephemeral public key of its originals, made at need."""

    key_id: str
    cipher: AESGCM = field(repr=False)
    slot: int
    digest: str
    raw: bytes | None = field(repr=False)  # the slot's bytes until the writer has taken them
    sealing: tuple[bytes, AESGCM] | None = field(default=None, repr=False)
    name: bytes = b""  # the id again, as a leaf spells it

    def __post_init__(self) -> None:
        self.name = self.key_id.encode()


@cache
def dictionaries() -> dict[int, bytes]:
    """The compression dictionaries of this version and all before it, by zstd dictionary id. Synthetic data only."""
    import zstandard

    paths = sorted((Path(__file__).parent / "dictionaries").glob("*.zdict"), key=lambda path: int(path.stem))
    found = (path.read_bytes() for path in paths)
    return {zstandard.ZstdCompressionDict(data).dict_id(): data for data in found}


class Compressor:
    """zstd at level 1, with the newest dictionary for what is small enough to gain by it. For one thread."""

    def __init__(self) -> None:
        import zstandard

        self._plain = zstandard.ZstdCompressor(level=LEVEL)
        dictionary = zstandard.ZstdCompressionDict(list(dictionaries().values())[-1])
        dictionary.precompute_compress(level=LEVEL)
        self._primed = zstandard.ZstdCompressor(level=LEVEL, dict_data=dictionary)

    def compress(self, payloads: Sequence[bytes]) -> list[bytes]:
        """Each as a zstd frame of its own; those of a kind go in one call, outside the interpreter."""
        primed = iter(_compressed(self._primed, [data for data in payloads if len(data) <= PRIMED]))
        plain = iter(_compressed(self._plain, [data for data in payloads if len(data) > PRIMED]))
        return [next(primed if len(data) <= PRIMED else plain) for data in payloads]


def _compressed(context: zstandard.ZstdCompressor, payloads: list[bytes]) -> list[bytes]:
    if len(payloads) < 2 or not all(payloads):
        return [context.compress(data) for data in payloads]
    several: Any = payloads
    buffers = context.multi_compress_to_buffer(several)
    return [buffers[at].tobytes() for at in range(len(buffers))]


def _decompress(data: bytes) -> bytes:
    import zstandard

    wanted = zstandard.get_frame_parameters(data).dict_id
    known = dictionaries().get(wanted) if wanted else None
    if wanted and known is None:
        raise KeysError(
            f"the compression dictionary {wanted} is of a later version", "upgrade hoopgate to read this store"
        )
    options: dict[str, Any] = {"dict_data": zstandard.ZstdCompressionDict(known)} if known else {}
    return zstandard.ZstdDecompressor(**options).decompress(data, max_output_size=MAX_PAYLOAD)


def encrypt(key: SessionKey, plaintext: bytes, packed: bytes, random: bytes = b"") -> tuple[bytes, str, str]:
    """(ciphertext, its SHA-256, the salted commitment to the plaintext), the hashes in hex.

    `packed` is the compressed plaintext, or b"" to keep the salt alone: enough to prove a plaintext later. `random`:
    RANDOM bytes of os.urandom that are used here and nowhere else.
    """
    random = random or os.urandom(RANDOM)
    salt, nonce = random[:SALT], random[SALT:]
    ciphertext: bytes = nonce + key.cipher.encrypt(nonce, salt + packed, PAYLOAD)
    return ciphertext, sha256(ciphertext).hexdigest(), sha256(salt + plaintext).hexdigest()


def open_ciphertext(cipher: AESGCM, ciphertext: bytes) -> tuple[bytes, bytes | None]:
    """(salt, plaintext); the plaintext is None where only the commitment was kept. Raises KeysError."""
    try:
        inner = cipher.decrypt(ciphertext[:NONCE], ciphertext[NONCE:], PAYLOAD)
    except InvalidTag:
        raise KeysError("a payload does not open under its session's key") from None
    salt, packed = inner[:SALT], inner[SALT:]
    return salt, _decompress(packed) if packed else None


def seal(key: SessionKey, ciphertext: bytes, auditor: bytes) -> bytes:
    """Seal to the auditor. One ephemeral key for each session key, a random nonce for each message."""
    if key.sealing is None:
        ephemeral = X25519PrivateKey.generate()
        public = ephemeral.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(auditor))
        key.sealing = public, _sealing_key(shared, public, auditor)
    public, cipher = key.sealing
    nonce = os.urandom(NONCE)
    return public + nonce + cipher.encrypt(nonce, ciphertext, _ORIGINAL)


def unseal(private: X25519PrivateKey, sealed: bytes) -> bytes:
    """The original's ciphertext (still under the session's key). Raises KeysError where it was not sealed to this
    key.
    """
    auditor = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    public, nonce = sealed[:32], sealed[32 : 32 + NONCE]
    try:
        cipher = _sealing_key(private.exchange(X25519PublicKey.from_public_bytes(public)), public, auditor)
        return cipher.decrypt(nonce, sealed[32 + NONCE :], _ORIGINAL)
    except (InvalidTag, ValueError):
        raise KeysError("the original is not sealed to this auditor's key") from None


def _sealing_key(shared: bytes, public: bytes, auditor: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=_ORIGINAL + public + auditor).derive(shared))
