"""Verification of keys: who signed the checkpoints, and that the wrapped keys are those that the leaves name."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from recorder import layout
from recorder.errors import VerificationError
from recorder.note import fingerprint
from recorder.slots import SLOT_SIZE, Slot, tombstone
from recorder.verify_log import LogFindings

__all__ = ["announced", "check_keys", "check_signatures", "public_keys"]


def check_signatures(root: Path, found: LogFindings, pinned: str | None) -> set[str]:
    """Step 5: each checkpoint is signed by a key that the log announced. Returns the fingerprints that signed.

    The first key is the pinned one, or the one that the first record names; a later one must be introduced by a
    `signer.rotated` record that lies below a checkpoint signed by a key known before.
    """
    public = public_keys(root)
    origin = layout.origin(found.store, found.log)
    place = layout.checkpoints(found.log)
    opened = [leaf["data"]["signer"] for _, leaf in found.facts if leaf["kind"] == "log.opened"]
    rotated = [(seq, leaf["data"]) for seq, leaf in found.facts if leaf["kind"] == "signer.rotated"]
    if not opened:
        raise VerificationError(f"log {found.log} never says who signs it", record=0)
    trusted = {opened[0]}
    if pinned is not None and pinned.lower() not in {*trusted, *(data["new"] for _, data in rotated)}:
        raise VerificationError(f"log {found.log} was signed by {opened[0]}, not by the pinned {pinned}", place=place)
    used: set[str] = set()
    for note, checkpoint in found.notes:
        if checkpoint.origin != origin:
            raise VerificationError(f"{place}: checkpoint {checkpoint.size} is of another log", place=place)
        try:
            signers = {name for name in trusted if name in public and note.signed_by(origin, public[name])}
        except VerificationError as error:
            raise VerificationError(f"{place}: checkpoint {checkpoint.size}: {error.message}", place=place) from None
        if not signers or len(note.signatures) != len(signers):
            raise VerificationError(f"{place}: checkpoint {checkpoint.size} is not signed by this log", place=place)
        used |= signers
        trusted |= {data["new"] for seq, data in rotated if seq < checkpoint.size and data["old"] in signers}
    strange = set(opened) - trusted - {data["new"] for _, data in rotated}
    if strange:
        raise VerificationError(f"log {found.log} was opened by {strange.pop()}, a signer that nobody introduced")
    if pinned is not None and found.notes and not _reaches(pinned.lower(), opened[0], rotated):
        raise VerificationError(f"log {found.log}: the pinned signer {pinned} did not sign it", place=place)
    return used


def _reaches(pinned: str, first: str, rotated: list[tuple[int, dict[str, Any]]]) -> bool:
    """Whether the pinned key is the first one or in its line of succession."""
    line = {first}
    for _, data in rotated:
        if data["old"] in line:
            line.add(data["new"])
    return pinned in line


def announced(found: LogFindings) -> set[str]:
    """The fingerprints of the keys that the log says it was signed with."""
    return {leaf["data"].get("signer") or leaf["data"]["new"] for _, leaf in _signer_facts(found)}


def public_keys(root: Path) -> dict[str, bytes]:
    """The public signing keys in the store, by fingerprint. Each file is the key's 64 hex digits and a newline."""
    keys = {}
    for path in sorted((root / "keys").glob("signer-*.pub")):
        place = f"keys/{path.name}"
        data = path.read_bytes()
        try:
            public = bytes.fromhex(data.decode("ascii").removesuffix("\n"))
        except ValueError:
            public = b""
        if len(public) != 32 or data != (public.hex() + "\n").encode() or place != layout.signer(fingerprint(public)):
            raise VerificationError(f"{place} is not the key that its name says", place=place)
        keys[fingerprint(public)] = public
    return keys


def check_keys(root: Path, found: list[LogFindings]) -> None:
    """Step 6: public keys, epoch keys and session-key slots are those that leaves name, and none is there unnamed."""
    signers = {
        leaf["data"].get("signer") or leaf["data"].get("new") for item in found for _, leaf in _signer_facts(item)
    }
    for name in public_keys(root):
        if name not in signers:
            place = layout.signer(name)
            raise VerificationError(f"{place} is a key that no record names", place=place)
    facts = [leaf["data"] for item in found for _, leaf in item.facts if leaf["kind"] == "session.erased"]
    erased = {key for data in facts for key in data.get("keys", [])}
    for item in found:
        _check_epochs(root, item)
        _check_slots(root, item, erased)


def _signer_facts(item: LogFindings) -> list[tuple[int, dict[str, Any]]]:
    return [fact for fact in item.facts if fact[1]["kind"] in ("log.opened", "signer.rotated")]


def _check_epochs(root: Path, found: LogFindings) -> None:
    named: dict[str, tuple[str, int]] = {}
    for seq, leaf in found.facts:
        if leaf["kind"] in ("log.opened", "key.rotated"):
            named[leaf["data"]["epoch"]] = (leaf["data"]["digest"], seq)
    there = {path.name for path in (root / "keys").glob(f"{found.log}-epoch-*.json")}
    for epoch, (digest, seq) in named.items():
        place = layout.epoch(found.log, int(epoch))
        path = root / place
        if not path.is_file() or sha256(path.read_bytes()).hexdigest() != digest:
            raise VerificationError(f"{place} is not the wrapped key that record {seq} names", place=place, record=seq)
        there.discard(path.name)
    if there:
        place = f"keys/{min(there)}"
        raise VerificationError(f"{place} is a wrapped key that no record names", place=place)


def _check_slots(root: Path, found: LogFindings, erased: set[str]) -> None:
    place = layout.slots(found.log)
    path = root / place
    data = path.read_bytes() if path.is_file() else b""
    for number, (digest, key_id, seq) in sorted(found.slots.items()):
        raw = data[number * SLOT_SIZE : (number + 1) * SLOT_SIZE]
        slot = Slot.parse(raw)
        whole = slot is not None and slot.key_id.hex() == key_id
        if key_id in erased:
            if slot is None or not whole or slot.live or raw != tombstone(slot):
                _bad_slot(place, number, seq, "was to be destroyed and is not a tombstone")
        elif not whole or sha256(raw).hexdigest() != digest:
            _bad_slot(place, number, seq, f"is not the session key that record {seq} names")
    _check_unnamed(found, place, data)


def _check_unnamed(found: LogFindings, place: str, data: bytes) -> None:
    """A slot that no record names is a hole of zeros, or a whole slot whose record a crash prevented."""
    for number in range(-(-len(data) // SLOT_SIZE)):
        raw = data[number * SLOT_SIZE : (number + 1) * SLOT_SIZE]
        if number not in found.slots and raw.strip(b"\x00") and Slot.parse(raw) is None and not found.live:
            _bad_slot(place, number, None, "is damaged")


def _bad_slot(place: str, number: int, record: int | None, what: str) -> None:
    raise VerificationError(f"{place}: slot {number} {what}", place=place, record=record)
