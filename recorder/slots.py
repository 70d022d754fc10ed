"""Session keys: one 112-byte slot each in `keys/<log>.slots`, wrapped under the log's epoch key.

    slot = "HGK1" | state L or E | 3 zero bytes | u32 epoch | key id 16 | session tag 16 | nonce 12 | wrapped key 48
         | 4 zero bytes | u32 crc32

The leaf of the record that first uses a key carries the slot's SHA-256, so a slot cannot be changed unseen. Erasing a
session overwrites its slots with a tombstone (state E, nonce and key zero): the ciphertexts stay, unreadable for good.
"""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from recorder.errors import KeysError

__all__ = ["SLOT_SIZE", "Slot", "session_tag", "tombstone", "unwrap", "wrap"]

SLOT = struct.Struct("<4sc3sI16s16s12s48s4sI")
SLOT_SIZE = SLOT.size
MAGIC = b"HGK1"
LIVE, ERASED = b"L", b"E"


@dataclass(frozen=True, slots=True)
class Slot:
    """One parsed slot. `raw` is its bytes."""

    live: bool
    epoch: int
    key_id: bytes
    session_tag: bytes
    nonce: bytes
    wrapped: bytes
    raw: bytes

    @classmethod
    def parse(cls, raw: bytes) -> Slot | None:
        """The slot, or None if these are no slot's bytes."""
        if len(raw) != SLOT_SIZE:
            return None
        magic, state, pad, epoch, key_id, tag, nonce, wrapped, end, crc = SLOT.unpack(raw)
        whole = magic == MAGIC and state in (LIVE, ERASED) and pad == bytes(3) and end == bytes(4)
        if not whole or zlib.crc32(raw[:-4]) != crc:
            return None
        return cls(state == LIVE, epoch, key_id, tag, nonce, wrapped, raw)


def session_tag(session: str) -> bytes:
    return sha256(b"hoopgate session\x00" + session.encode()).digest()[:16]


def wrap(epoch_key: AESGCM, epoch: int, session: str, key: bytes) -> tuple[bytes, bytes]:
    """(key id, slot bytes) of a new session key."""
    key_id, nonce, tag = os.urandom(16), os.urandom(12), session_tag(session)
    wrapped = epoch_key.encrypt(nonce, key, key_id + tag)
    return key_id, _pack(LIVE, epoch, key_id, tag, nonce, wrapped)


def unwrap(epoch_key: AESGCM, slot: Slot) -> bytes:
    """The session key. Raises KeysError if it was destroyed or does not open."""
    if not slot.live:
        raise KeysError("the session's key was destroyed: its payloads cannot be read any more")
    try:
        return epoch_key.decrypt(slot.nonce, slot.wrapped, slot.key_id + slot.session_tag)
    except InvalidTag:
        raise KeysError(f"the session key {slot.key_id.hex()} does not open under its epoch key") from None


def tombstone(slot: Slot) -> bytes:
    """What an erased slot holds: nothing of the key."""
    return _pack(ERASED, slot.epoch, slot.key_id, slot.session_tag, bytes(12), bytes(48))


def _pack(state: bytes, epoch: int, key_id: bytes, tag: bytes, nonce: bytes, wrapped: bytes) -> bytes:
    raw = SLOT.pack(MAGIC, state, bytes(3), epoch, key_id, tag, nonce, wrapped, bytes(4), 0)[:-4]
    return raw + struct.pack("<I", zlib.crc32(raw))
