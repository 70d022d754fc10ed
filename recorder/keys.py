"""The keys that live outside the store: the key-encryption key, the signing key, the auditor's public key.

| key                | kept in                     | what losing it means                                              |
| ------------------ | --------------------------- | ----------------------------------------------------------------- |
| key-encryption key | `kek`, or a KMS             | no payload can be read again; leaves and proofs still verify      |
| signing key        | `signer.pem`                | no further checkpoint by this key; old evidence still verifies    |
| auditor's private  | with the auditor only       | sealed originals can never be opened                              |

A thief of the key-encryption key who also has the store reads the payloads; a thief of the signing key can sign a
rewritten store, which `verify --signer` cannot tell and `verify --checkpoint` can.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from recorder.disk import sync_directory
from recorder.errors import KeysError
from recorder.note import fingerprint, key_id

__all__ = ["DIRECTORY", "KeyEncryption", "Keys", "LocalKey", "Signer", "environment_key"]

DIRECTORY = ".hoopgate-keys"
KEK_FILE, SIGNER_FILE, AUDITOR_FILE, NOTICE_FILE = "kek", "signer.pem", "auditor.pub", "README"
PREVIOUS_KEK_FILE, PREVIOUS_SIGNER_FILE = "kek.previous", "signer.previous.pem"
_CONTEXT = b"hoopgate epoch key v1"


class KeyEncryption(Protocol):
    """Wraps the store's epoch keys (32 bytes). Called when a log is opened and when a key is rotated, never per
    record.
    """

    @property
    def name(self) -> str:
        """A short public name that tells this key from its successors."""

    def wrap(self, key: bytes) -> bytes:
        """The key, encrypted and authenticated. Raises KeysError."""

    def unwrap(self, wrapped: bytes) -> bytes:
        """The key again. Raises KeysError where this is the wrong key-encryption key."""


class LocalKey:
    """A key-encryption key in this process's memory: AES-256-GCM."""

    def __init__(self, secret: bytes, source: str) -> None:
        if len(secret) != 32:
            raise KeysError(f"the key-encryption key in {source} is not 32 bytes")
        self.name = "local:" + fingerprint(b"hoopgate kek" + secret)[:16]
        self._cipher = AESGCM(secret)

    def wrap(self, key: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._cipher.encrypt(nonce, key, _CONTEXT)

    def unwrap(self, wrapped: bytes) -> bytes:
        try:
            return self._cipher.decrypt(wrapped[:12], wrapped[12:], _CONTEXT)
        except InvalidTag:
            raise KeysError(
                f"the key-encryption key {self.name} does not open this store's keys",
                "give the key that the store was made with; without it payloads cannot be read",
            ) from None


def environment_key(variable: str, value: str | None) -> LocalKey:
    """The key-encryption key from an environment variable's value: 32 bytes in base64."""
    if not value:
        raise KeysError(f"{variable} is not set", "it holds the key-encryption key: 32 random bytes in base64")
    return LocalKey(_decode(value, variable), variable)


class Signer:
    """The Ed25519 key that signs checkpoints."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.fingerprint = fingerprint(self.public)

    def sign(self, name: str, text: str) -> str:
        """The C2SP signed note of `text` under the key's `name`."""
        value = base64.b64encode(key_id(name, self.public) + self._private.sign(text.encode())).decode()
        return f"{text}\n— {name} {value}\n"


@dataclass(frozen=True, slots=True)
class Keys:
    """What a writer needs. `auditor` is an X25519 public key (32 bytes) or None: then originals are not kept.

    `previous_…`: the keys before a rotation. Each log hands over to the new ones when it is next opened.
    """

    kek: KeyEncryption
    signer: Signer
    auditor: bytes | None = None
    previous_kek: KeyEncryption | None = None
    previous_signer: Signer | None = None
    directory: Path | None = None

    @classmethod
    def in_directory(cls, directory: str | Path, *, create: bool = True, kek: KeyEncryption | None = None) -> Keys:
        """The keys in `directory`; made there, readable by the owner only, if there are none and `create` is true.

        `kek`: a key-encryption key that lives elsewhere. One in the directory is then the one before it, from which
        each log hands itself over.
        """
        path = Path(directory)
        if create:
            _complete(path, (SIGNER_FILE, KEK_FILE) if kek is None else (SIGNER_FILE,))
        before = path / (PREVIOUS_KEK_FILE if kek is None else KEK_FILE)
        return cls(
            directory=path,
            kek=kek or _local(path / KEK_FILE),
            signer=_signer(path / SIGNER_FILE),
            auditor=_auditor(path / AUDITOR_FILE),
            previous_kek=_local(before) if before.exists() else None,
            previous_signer=_signer(path / PREVIOUS_SIGNER_FILE) if (path / PREVIOUS_SIGNER_FILE).exists() else None,
        )

    def unwrap(self, wrapped: bytes) -> bytes:
        """An epoch key, whichever of the key-encryption keys wrapped it. Raises KeysError."""
        if self.previous_kek is not None:
            try:
                return self.previous_kek.unwrap(wrapped)
            except KeysError:
                pass  # wrapped by the current key, then
        return self.kek.unwrap(wrapped)


def default_directory(store: Path) -> Path:
    """Where the keys of an embedded store are: beside the store, never in it."""
    return store.resolve().parent / DIRECTORY


def write_secret(path: Path, data: bytes) -> None:
    """A new file for its owner only, durable. Raises FileExistsError rather than replace a key."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(fd, data)
        os.fsync(fd)
    finally:
        os.close(fd)


def new_signer_pem() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def new_kek() -> bytes:
    return base64.b64encode(os.urandom(32)) + b"\n"


def _complete(path: Path, names: tuple[str, ...]) -> None:
    """Make the keys if there are none, or finish what a crash cut. One key of two, without its `.new`, is left alone.

    Strategy: both are written aside and synced before either gets its name, so whatever a crash leaves is either
    nothing that counts or can be finished.
    """
    made = {SIGNER_FILE: new_signer_pem, KEK_FILE: new_kek}
    try:
        if not any((path / name).exists() for name in names):
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            for name in names:
                (path / f"{name}.new").unlink(missing_ok=True)
                write_secret(path / f"{name}.new", made[name]())
            (path / NOTICE_FILE).write_text(_NOTICE)
        for name in names:
            if not (path / name).exists() and (path / f"{name}.new").exists():
                (path / f"{name}.new").rename(path / name)
        if path.is_dir():
            sync_directory(path)
            sync_directory(path.parent)
    except OSError as error:
        raise KeysError(f"cannot make keys in {path}: {error.strerror}", "nothing was recorded; try again") from None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        raise KeysError(
            f"cannot read the key {path}",
            "restore it from its backup: a new key would not open what the old one closed",
        ) from None


def _decode(text: str, source: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except ValueError:
        raise KeysError(f"the key in {source} is not base64") from None


def _local(path: Path) -> LocalKey:
    return LocalKey(_decode(_read(path), str(path)), str(path))


def _signer(path: Path) -> Signer:
    try:
        private = load_pem_private_key(_read(path).encode(), None)
    except ValueError:
        raise KeysError(f"{path} is not a PEM private key") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise KeysError(f"{path} is not an Ed25519 key")
    return Signer(private)


def _auditor(path: Path) -> bytes | None:
    if not path.exists():
        return None
    public = _decode(_read(path), str(path))
    if len(public) != 32:
        raise KeysError(f"{path} is not an X25519 public key: 32 bytes in base64")
    return public


_NOTICE = """These keys belong to the hoopgate store beside this directory. Back them up, apart from the store.

kek         the key-encryption key. Lost: no recorded payload can be read again. Stolen with the store: all can.
signer.pem  signs checkpoints. Lost: the log goes on under a new key, old evidence still verifies. Stolen: a rewritten
            store can be signed; keep checkpoints elsewhere (`hoopgate verify --checkpoint`).
auditor.pub the auditor's X25519 public key, if originals are to be kept. Its private half never comes here.
"""
