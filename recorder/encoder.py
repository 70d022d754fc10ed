"""From entries to leaves and bodies, a group at a time.

Strategy: the caller's thread checks an entry; everything else happens in the writer's thread, group by group, so that a
group's payloads are compressed in one call that leaves the interpreter to the callers, and threads change places a few
times per group instead of several times per record.
"""

from __future__ import annotations

import os
import struct
from binascii import hexlify
from collections.abc import Iterator, Sequence
from concurrent.futures import InvalidStateError
from contextlib import suppress
from hashlib import sha256
from typing import Any

import orjson
import zstandard

from recorder.entry import MAX_LEAF, VERSION, Entry
from recorder.errors import EntryError, WriteError
from recorder.payload import PAYLOAD, RANDOM, SALT, Compressor, SessionKey, encrypt, seal
from recorder.pending import Pending
from recorder.press import Press
from recorder.segments import DEFAULT_CLASS
from recorder.vault import Vault

__all__ = ["Encoder"]

_USUAL = b'%b,"key":"%b","payload":{"sha256":"%b","commitment":"%b","size":%d},"data":%b}'
MAX_HEADS = 4096
ROOM = MAX_LEAF - 80  # bytes of a leaf without what the writer adds: seq, time, mono
PORTION = 64  # entries that are encoded together
PORTION_BYTES = 256 * 1024  # fewer where they are large: while these are hashed, the press does the next
_LENGTH = struct.Struct("<I").pack


class Encoder:
    """Encodes for one log. `auditor`: the X25519 public key that originals are sealed to, or None."""

    def __init__(self, vault: Vault, auditor: bytes | None) -> None:
        self._vault, self._auditor = vault, auditor
        self._compressor = Compressor()
        self.press = Press(self._compressor)
        self._heads: dict[tuple[str, str, str], bytes] = {}

    def encode(self, group: Sequence[Pending]) -> None:
        """Set leaf and body of each that has none yet. One whose leaf is too large keeps an empty `rest`.

        Raises WriteError where memory does not reach or compression fails; then nothing was numbered.
        """
        waiting = [item for item in group if not item.rest]
        try:
            for portion in _portions(waiting):
                self._encode_some(portion)
        except (MemoryError, zstandard.ZstdError) as error:
            raise WriteError(f"a group could not be encoded: {type(error).__name__}", "nothing was recorded") from None

    def expect(self, item: Pending) -> None:
        """The entry is queued: what of it takes long may begin. From any thread."""
        if item.kept is not None:
            self.press.offer(item)

    def _encode_some(self, waiting: Sequence[Pending]) -> None:
        self.press.take(waiting)
        unpressed = [item.kept for item in waiting if item.kept is not None and not item.packed]
        packed = iter(self._compressor.compress(unpressed))
        random = os.urandom(RANDOM * len(waiting))
        at = 0
        for item in waiting:
            if item.kept is None:
                self._encode(item, b"")
            else:
                salt, nonce = random[at : at + SALT], random[at + SALT : at + RANDOM]
                self._encode_kept(item, item.kept, item.packed or next(packed), salt, nonce)
                at += RANDOM

    def forget(self, session: str) -> None:
        """The session is over: its key leaves memory."""
        self._vault.forget(session)

    def _encode_kept(self, item: Pending, payload: bytes, packed: bytes, salt: bytes, nonce: bytes) -> None:
        """The usual record, spelled out: a payload, no original, a key that the log knows. As `_encode` would."""
        kind, session, _, _, original, level, retain, _ = item.entry
        item.packed, item.offered = b"", False
        key = self._vault.key(session)
        if original is not None or key.raw is not None:
            self._encode(item, packed, salt + nonce)
            return
        ciphertext = nonce + key.cipher.encrypt(nonce, salt + packed, PAYLOAD)
        item.body = _LENGTH(len(ciphertext)) + ciphertext
        item.retention = DEFAULT_CLASS if retain is None else f"keep-{retain}"
        item.rest = _USUAL % (
            self._heads.get((kind, session, level)) or self._head(item.entry),
            key.name,
            hexlify(sha256(ciphertext).digest()),
            hexlify(sha256(salt + payload).digest()),
            len(payload),
            item.data,
        )
        if len(item.rest) > ROOM:
            self._limit(item)

    def _head(self, entry: Entry) -> bytes:
        """How the leaf begins, after its numbers; remembered, for it repeats within a session."""
        name = (entry.kind, entry.session, entry.level)
        known = self._heads.get(name)
        if known is None:
            if len(self._heads) >= MAX_HEADS:
                self._heads.clear()
            leaf = {"v": VERSION, "kind": entry.kind, "session": entry.session, "level": entry.level}
            known = self._heads[name] = orjson.dumps(leaf)[1:-1]
        return known

    def _limit(self, item: Pending) -> None:
        if len(item.rest) > ROOM:
            item.rest = b""
            text = f"entry of kind {item.entry.kind}: its leaf would exceed {MAX_LEAF} bytes"
            with suppress(InvalidStateError):  # the caller gave up, or was told when the group was first tried
                item.future.set_exception(EntryError(text, "shorten its metadata"))

    def _encode(self, item: Pending, packed: bytes, random: bytes = b"") -> None:
        entry = item.entry
        leaf: dict[str, Any] = {"v": VERSION, "kind": entry.kind, "session": entry.session, "level": entry.level}
        if entry.payload is not None or entry.original is not None:
            self._add_body(item, leaf, packed, random)
        leaf["data"] = orjson.Fragment(item.data)
        item.rest = orjson.dumps(leaf)[1:]
        self._limit(item)

    def _add_body(self, item: Pending, leaf: dict[str, Any], packed: bytes, random: bytes) -> None:
        """Encrypt what the level keeps; say in the leaf what is kept, and why anything is not."""
        entry = item.entry
        if entry.level == "off":
            leaf["payload"] = {"absent": "level off"}
            return
        key = item.key = self._vault.key(entry.session)
        leaf["key"] = key.key_id if key.raw is None else {"id": key.key_id, "slot": key.slot, "sha256": key.digest}
        ciphertext = sealed = b""
        if entry.payload is not None:
            ciphertext, digest, commitment = encrypt(key, entry.payload, packed, random)
            leaf["payload"] = {"sha256": digest, "commitment": commitment, "size": len(entry.payload)}
            if entry.level == "digest":
                leaf["payload"]["absent"] = "level digest"
        if entry.original is not None:
            sealed = self._original(entry, entry.original, key, leaf)
        item.body = len(ciphertext).to_bytes(4, "little") + ciphertext + sealed
        item.retention = DEFAULT_CLASS if entry.retain is None else f"keep-{entry.retain}"

    def _original(self, entry: Entry, original: bytes, key: SessionKey, leaf: dict[str, Any]) -> bytes:
        if entry.level != "full" or self._auditor is None:
            leaf["original"] = {"absent": f"level {entry.level}" if entry.level != "full" else "no auditor key"}
            return b""
        (packed,) = self._compressor.compress([original])
        ciphertext, _, commitment = encrypt(key, original, packed)
        sealed = seal(key, ciphertext, self._auditor)
        leaf["original"] = {"sha256": sha256(sealed).hexdigest(), "commitment": commitment, "size": len(original)}
        return sealed


def _portions(waiting: Sequence[Pending]) -> Iterator[Sequence[Pending]]:
    """In order, PORTION entries or PORTION_BYTES at a time, at least one."""
    start = size = 0
    for at, item in enumerate(waiting):
        if at - start >= PORTION or size >= PORTION_BYTES:
            yield waiting[start:at]
            start, size = at, 0
        size += item.size
    if start < len(waiting):
        yield waiting[start:]
