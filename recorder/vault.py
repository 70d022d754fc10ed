"""Session keys in use: made when a session first has a payload, wrapped under the log's epoch key, dropped at its end.

The epoch key is what the key-encryption key wraps: so a KMS is asked when a log is opened, not for each session, and
rotating the key-encryption key rewrites a few small files and no payload.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import threading
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from recorder import layout, slots
from recorder.disk import Disk
from recorder.errors import KeysError
from recorder.keys import KeyEncryption, Keys
from recorder.payload import SessionKey

__all__ = ["Epoch", "Vault", "epoch_numbers", "load_epoch", "open_epoch", "wrap_epoch"]

MAX_SESSIONS = 65_536  # keys in memory; a session that is pushed out gets a further key when it speaks again


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch key: its number, the cipher, the SHA-256 of its file and the name of what wraps it."""

    number: int
    cipher: AESGCM = field(repr=False)
    digest: str
    kek: str
    secret: bytes = field(repr=False)


def wrap_epoch(number: int, secret: bytes, kek: KeyEncryption) -> bytes:
    """The content of an epoch's file."""
    wrapped = base64.b64encode(kek.wrap(secret)).decode()
    value = {"epoch": number, "format": 1, "kek": kek.name, "wrapped": wrapped}
    return (json.dumps(value, separators=(",", ":"), sort_keys=True) + "\n").encode()


def open_epoch(data: bytes, keys: Keys, source: str) -> Epoch:
    """The epoch key in a file's content. Raises KeysError."""
    try:
        value = json.loads(data)
        number, wrapped, name = (
            int(value["epoch"]),
            base64.b64decode(value["wrapped"], validate=True),
            str(value["kek"]),
        )
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise KeysError(f"{source} is damaged", "restore it from a copy; it cannot be made again") from None
    secret = keys.unwrap(wrapped)
    return Epoch(number, AESGCM(secret), sha256(data).hexdigest(), name, secret)


def epoch_numbers(root: Path, log: int) -> list[int]:
    names = (path.name for path in (root / "keys").glob(f"{log}-epoch-*.json"))
    found = (name.removeprefix(f"{log}-epoch-").removesuffix(".json") for name in names)
    return sorted(int(number) for number in found if number.isdecimal())


def load_epoch(root: Path, disk: Disk, log: int, keys: Keys) -> Epoch:
    """The log's newest epoch key, or a new one. Raises KeysError, OSError."""
    numbers = epoch_numbers(root, log)
    if numbers:
        path = layout.epoch(log, numbers[-1])
        return open_epoch((root / path).read_bytes(), keys, path)
    data = wrap_epoch(0, AESGCM.generate_key(256), keys.kek)
    disk.replace(layout.epoch(log, 0), data)  # wholly or not at all: half a key file could never be opened
    return open_epoch(data, keys, layout.epoch(log, 0))


class Vault:
    """The session keys of one log, by session. Safe to use from several threads."""

    def __init__(self, epoch: Epoch, next_slot: int) -> None:
        self.epoch = epoch
        self._next_slot = next_slot
        self._keys: dict[str, SessionKey] = {}
        self._lock = threading.Lock()

    def key(self, session: str) -> SessionKey:
        """The session's key, made now if it has none in memory."""
        known = self._keys.get(session)
        if known is not None:
            return known
        with self._lock:
            known = self._keys.get(session)
            if known is None:
                if len(self._keys) >= MAX_SESSIONS:
                    self._keys.pop(next(iter(self._keys)))
                known = self._keys[session] = self._make(session)
            return known

    def forget(self, session: str) -> None:
        """Drop the session's key from memory."""
        self._keys.pop(session, None)

    def _make(self, session: str) -> SessionKey:
        secret = os.urandom(32)
        key_id, raw = slots.wrap(self.epoch.cipher, self.epoch.number, session, secret)
        number, self._next_slot = self._next_slot, self._next_slot + 1
        return SessionKey(key_id.hex(), AESGCM(secret), number, sha256(raw).hexdigest(), raw)
