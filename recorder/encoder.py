"""From entries to leaves and bodies, a group at a time.

Strategy: the caller's thread checks an entry; everything else happens in the writer's thread, group by group, so that a
group's payloads are compressed in one call that leaves the interpreter to the callers, and threads change places a few
times per group instead of several times per record.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from recorder.entry import MAX_LEAF, VERSION, Entry, Receipt
from recorder.errors import EntryError
from recorder.payload import Compressor, SessionKey, encrypt, seal
from recorder.segments import DEFAULT_CLASS
from recorder.vault import Vault

__all__ = ["Encoder", "Pending"]

_NUMBERS = 80  # bytes of a leaf that the writer adds: seq, time, mono


@dataclass(slots=True, eq=False)
class Pending:
    """An entry on its way to the disk. `data`: its checked metadata. The rest is set by the encoder:

    `rest`: the leaf without its number and times; `body`: the ciphertexts; `key`: the session's key, given until its
    slot is durable; `retention`: the class that the payload belongs to, None where there is no payload.
    """

    entry: Entry
    data: dict[str, object]
    future: Future[Receipt]
    rest: bytes = b""
    body: bytes = b""
    key: SessionKey | None = None
    retention: str | None = None

    def size(self) -> int:
        """About the bytes that it holds in memory."""
        entry = self.entry
        return 512 + (len(entry.payload) if entry.payload else 0) + (len(entry.original) if entry.original else 0)


class Encoder:
    """Encodes for one log. `auditor`: the X25519 public key that originals are sealed to, or None."""

    def __init__(self, vault: Vault, auditor: bytes | None) -> None:
        self._vault, self._auditor = vault, auditor
        self._compressor = Compressor()

    def encode(self, group: Sequence[Pending]) -> None:
        """Set leaf and body of each that has none yet. One whose leaf is too large keeps an empty `rest`."""
        waiting = [item for item in group if not item.rest]
        kept = [item for item in waiting if item.entry.payload is not None and item.entry.level in ("full", "masked")]
        packed = self._compressor.compress([item.entry.payload or b"" for item in kept])
        by_item = dict(zip(map(id, kept), packed, strict=True))
        for item in waiting:
            self._encode(item, by_item.get(id(item), b""))

    def forget(self, session: str) -> None:
        """The session is over: its key leaves memory."""
        self._vault.forget(session)

    def _encode(self, item: Pending, packed: bytes) -> None:
        entry = item.entry
        leaf: dict[str, Any] = {"v": VERSION, "kind": entry.kind, "session": entry.session, "level": entry.level}
        if entry.payload is not None or entry.original is not None:
            self._add_body(item, leaf, packed)
        leaf["data"] = item.data
        rest = orjson.dumps(leaf)[1:]
        if len(rest) + _NUMBERS <= MAX_LEAF:
            item.rest = rest
            return
        text = f"entry of kind {entry.kind}: its leaf would exceed {MAX_LEAF} bytes"
        item.future.set_exception(EntryError(text, "shorten its metadata"))

    def _add_body(self, item: Pending, leaf: dict[str, Any], packed: bytes) -> None:
        """Encrypt what the level keeps; say in the leaf what is kept, and why anything is not."""
        entry = item.entry
        if entry.level == "off":
            leaf["payload"] = {"absent": "level off"}
            return
        key = item.key = self._vault.key(entry.session)
        leaf["key"] = key.key_id if key.raw is None else {"id": key.key_id, "slot": key.slot, "sha256": key.digest}
        ciphertext = sealed = b""
        if entry.payload is not None:
            ciphertext, digest, commitment = encrypt(key, entry.payload, packed)
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
