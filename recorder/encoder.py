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
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

import orjson
import zstandard

from recorder.entry import MAX_LEAF, VERSION, Entry, Receipt
from recorder.errors import EntryError, WriteError
from recorder.payload import PAYLOAD, RANDOM, SALT, Compressor, SessionKey, encrypt, seal
from recorder.press import Press
from recorder.segments import DEFAULT_CLASS
from recorder.vault import Vault

__all__ = ["Encoder", "Outcome", "Pending", "Together"]

_USUAL = b'%b,"key":"%b","payload":{"sha256":"%b","commitment":"%b","size":%d},"data":%b}'
MAX_HEADS = 4096
_KEPT = ("full", "masked")  # levels that keep the payload
ROOM = MAX_LEAF - 80  # bytes of a leaf without what the writer adds: seq, time, mono
PORTION = 64  # entries that are encoded together
PORTION_BYTES = 256 * 1024  # fewer where they are large: while these are hashed, the press does the next
_LENGTH = struct.Struct("<I").pack


class Outcome(Protocol):
    """Where the writer says what became of an entry: a Future, or what several entries share."""

    def set_result(self, receipt: Receipt, /) -> None: ...
    def set_exception(self, error: BaseException, /) -> None: ...


class Together:
    """The one outcome of several entries: `future` is done when all are durable, or the first of them has failed.

    Only the writer's thread calls the setters.
    """

    __slots__ = ("_left", "_receipts", "future")

    def __init__(self, entries: int) -> None:
        self.future: Future[tuple[Receipt, ...]] = Future()
        self._left = entries
        self._receipts: list[Receipt] = []

    def set_result(self, receipt: Receipt, /) -> None:
        self._receipts.append(receipt)
        self._left -= 1
        if not self._left:
            with suppress(InvalidStateError):  # one has failed, or the caller gave up
                self.future.set_result(tuple(self._receipts))

    def set_exception(self, error: BaseException, /) -> None:
        with suppress(InvalidStateError):
            self.future.set_exception(error)


@dataclass(slots=True, eq=False)
class Pending:
    """An entry on its way to the disk. `data`: its checked metadata. The rest is set by the encoder:

    `rest`: the leaf without its number and times; `body`: the ciphertexts; `key`: the session's key, given until its
    slot is durable; `retention`: the class that the payload belongs to, None where there is no payload. `offered`,
    `packed`: the payload was handed to the press, and what came out.
    """

    entry: Entry
    data: dict[str, object]
    future: Outcome
    rest: bytes = b""
    body: bytes = b""
    key: SessionKey | None = None
    retention: str | None = None
    offered: bool = False
    packed: bytes = b""

    def size(self) -> int:
        """About the bytes that it holds in memory."""
        _, _, _, payload, original, _, _, _ = self.entry
        return 512 + (len(payload) if payload else 0) + (len(original) if original else 0)


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
        if item.entry.payload is not None and item.entry.level in _KEPT:
            self.press.offer(item)

    def _encode_some(self, waiting: Sequence[Pending]) -> None:
        self.press.take(waiting)
        unpressed = []
        for item in waiting:
            _, _, _, payload, _, level, _, _ = item.entry
            if payload is not None and not item.packed and level in _KEPT:
                unpressed.append(payload)
        packed = iter(self._compressor.compress(unpressed))
        random = os.urandom(RANDOM * len(waiting))
        at = 0
        for item in waiting:
            _, _, _, payload, _, level, _, _ = item.entry
            if payload is not None and level in _KEPT:
                salt, nonce = random[at : at + SALT], random[at + SALT : at + RANDOM]
                self._encode_kept(item, item.packed or next(packed), salt, nonce)
                item.packed, item.offered = b"", False
                at += RANDOM
            else:
                self._encode(item, b"")

    def forget(self, session: str) -> None:
        """The session is over: its key leaves memory."""
        self._vault.forget(session)

    def _encode_kept(self, item: Pending, packed: bytes, salt: bytes, nonce: bytes) -> None:
        """The usual record, spelled out: a payload, no original, a key that the log knows. As `_encode` would."""
        kind, session, _, payload, original, level, retain, _ = item.entry
        key = self._vault.key(session)
        if original is not None or key.raw is not None or payload is None:
            self._encode(item, packed, salt + nonce)
            return
        ciphertext = nonce + key.cipher.encrypt(nonce, salt + packed, PAYLOAD)
        size = len(payload)
        item.rest = rest = _USUAL % (
            self._heads.get((kind, session, level)) or self._head(item.entry),
            key.name,
            hexlify(sha256(ciphertext).digest()),
            hexlify(sha256(salt + payload).digest()),
            size,
            orjson.dumps(item.data),
        )
        item.body = _LENGTH(len(ciphertext)) + ciphertext
        item.key = key
        item.retention = DEFAULT_CLASS if retain is None else f"keep-{retain}"
        if len(rest) > ROOM:
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
        leaf["data"] = item.data
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
        size += item.size()
    if start < len(waiting):
        yield waiting[start:]
