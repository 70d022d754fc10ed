"""Verification, offline: what an auditor can read beside the specifications, and run with `cryptography` alone.

    1. The path is a store, and every file in it has a place in a store.
    2. Segments follow one another without a gap; each frame's checksum holds.
    3. Records are numbered 0, 1, 2 …; each ciphertext is the one that its leaf commits to.
    4. The leaves give the RFC 6962 tree whose tiles are on disk.
    5. Each checkpoint is a C2SP signed note over the root at its size, signed by a key that the log announced, the
    first
       of which is pinned by `signer`, the later ones introduced by the ones before.
    6. Wrapped keys are those that the leaves name; destroyed ones have a record that says so.
    7. What was removed has a record that says so. Reserve, lock and index are what they must be.
    8. The log continues the `checkpoint` that somebody kept elsewhere, and signed it.
    9. Each record of which somebody kept a receipt (`receipts`) is in it, under the checkpoint that came with it.

Not checked without keys: what the ciphertexts say. Not checkable without a pin: whether the whole store was rewritten
and signed anew (`signer`), or rolled back to an earlier state (`checkpoint`). Receipts answer both.

This module and those it imports only read. They share the tree's arithmetic and the formats with the writer, no code
that writes.
"""

from __future__ import annotations

import fcntl
import os
import struct
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from recorder import layout
from recorder.errors import VerificationError
from recorder.proof import MAGIC
from recorder.receipt import SignedReceipt, find_receipts
from recorder.verify_export import verify_export, verify_proof
from recorder.verify_index import IndexCheck
from recorder.verify_kept import Kept, Known, check_kept, read_kept
from recorder.verify_keys import announced, check_keys, check_signatures, public_keys
from recorder.verify_log import LogFindings, verify_log
from recorder.verify_receipts import check_receipts, check_receipts_alone
from recorder.verify_removal import check_removal, check_seen

__all__ = ["FILE_STEPS", "STEPS", "Report", "verify", "verify_report"]

_PARTS = ("segments", "tiles", "checkpoints", "keys")
_FLOCK = "hhqqi4x"


STEPS = (
    "every file has a place in a store",
    "segments follow one another without a gap, and each frame's checksum holds",
    "records are numbered 0, 1, 2 and so on, and each ciphertext is the one that its leaf commits to",
    "the leaves give the RFC 6962 tree whose tiles are on disk",
    "each checkpoint is a C2SP signed note over the root at its size, by a key that the log announced",
    "wrapped keys are those that the leaves name, and destroyed ones have a record that says so",
    "what was removed has a record that says so; reserve, lock and index are what they must be",
    "the log continues the checkpoint that was given, if one was, and signed it with a key that it announced",
    "each record of which a receipt was given is in its log, under the checkpoint that the receipt carries",
)
FILE_STEPS = (
    "the manifest is a signed note that names every file, or the proof carries the key that signed its checkpoint",
    "records follow one another without a gap, and each ciphertext is the one that its leaf commits to",
    "the leaves, with the hashes beside them, give the root that the checkpoint signs",
)


@dataclass(frozen=True, slots=True)
class Report:
    """What was verified. `checkpoint`: short form of the last one; `after`: records that no checkpoint covers yet."""

    records: int
    after: int
    checkpoint: str
    checkpoints: int
    payloads: int
    removed: int
    logs: int
    signers: tuple[str, ...]
    signer_pinned: bool
    checkpoint_pinned: bool
    live: bool
    index_compared: bool = True
    receipts: int = 0
    checkpoint_signed: bool = True
    receipts_outside: int = 0

    def to_json(self) -> dict[str, Any]:
        """The report as JSON, with what was not checked."""
        return {**asdict(self), "signers": list(self.signers), "unchecked": list(self.unchecked())}

    def unchecked(self) -> tuple[str, ...]:
        """What this verification cannot say, as sentences."""
        said = []
        if not self.signer_pinned:
            said.append("signer not pinned: a store that was rewritten and signed anew would look whole (--signer)")
        if not self.checkpoint_pinned:
            said.append("no earlier checkpoint given: a store that was rolled back would look whole (--checkpoint)")
        if not self.checkpoint_signed:
            said.append("the signature of the checkpoint that was given: its signer is no key of this log")
        if self.receipts_outside:
            said.append(f"what {self.receipts_outside} receipts were signed over: it lies outside of this file")
        if self.live:
            said.append("the store is being written: what was not finished when this began was not read")
        if not self.index_compared:
            said.append("the index: it was left out as asked")
        said.append("ciphertexts were compared with their commitments, not decrypted")
        return tuple(said)


def verify(
    path: str | os.PathLike[str],
    *,
    signer: str | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    receipts: str | os.PathLike[str] | None = None,
) -> None:
    """Return None if the evidence at `path` holds; raise VerificationError that names the record or the file if not.

    `signer`: hex fingerprint (SHA-256 of the public key) that must have signed. `checkpoint`: a file with a checkpoint
    that was kept elsewhere, which the log must continue. `receipts`: a text with the receipts of answers, a job's log.
    """
    verify_report(path, signer=signer, checkpoint=checkpoint, receipts=receipts)


def verify_report(
    path: str | os.PathLike[str],
    *,
    signer: str | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    receipts: str | os.PathLike[str] | None = None,
    index: bool = True,
) -> Report:
    """As `verify`, and say what was verified. `index`: compare the index, if there is one, with the records."""
    root = Path(path)
    try:
        given = _Given(signer, read_kept(checkpoint), _receipts(receipts))
        return _single(root, given) if root.is_file() else _store(root, given, index)
    except OSError as error:
        raise VerificationError(f"{error.filename or root} cannot be read: {error.strerror}") from None


@dataclass(frozen=True, slots=True)
class _Given:
    """What whoever verifies has from elsewhere."""

    signer: str | None
    kept: list[Kept]
    receipts: list[SignedReceipt]

    def sizes(self) -> set[int]:
        """The sizes at which a log is compared with it."""
        sizes = {checkpoint.size for _, checkpoint in self.kept}
        for receipt in self.receipts:
            sizes |= {receipt.index + 1, receipt.checkpoint.size}
        return sizes


def _store(root: Path, given: _Given, index: bool) -> Report:
    live = {log for log in layout.logs(root) if _is_live(root, log)}
    _check_places(root, bool(live))
    skipped = not index and (root / layout.INDEX).is_file()
    with ExitStack() as stack:
        check = IndexCheck.of(root) if index else None
        if check is not None:
            stack.enter_context(check)
        found = []
        for log in layout.logs(root):
            wanted = given.sizes() | {check.covered.get(log, 0) if check else 0}
            found.append(verify_log(root, log, log in live, wanted, check.take if check else None))
        if check is not None:
            check.finish(found)
    signers = {item.log: check_signatures(root, item, given.signer) for item in found}
    check_keys(root, found)
    check_removal(found)
    check_seen(found)
    _check_constant_files(root)
    signed = check_kept(_known(root, found), given.kept, "store")
    check_receipts(root, found, given.receipts)
    return _report(found, signers, given, not skipped, signed)


def _single(path: Path, given: _Given) -> Report:
    """An export or a proof: steps 3 to 5, on what it holds."""
    with path.open("rb") as file:
        head = file.read(len(MAGIC))
    if not head.startswith(b"PK") and head != MAGIC.encode():
        raise VerificationError(f"{path} is no store, no export and no proof")
    check = verify_export if head.startswith(b"PK") else verify_proof
    found = check(path, given.signer, given.sizes())
    known = {
        part.checkpoint.origin: Known(path.name, part.checkpoint.size, part.roots, part.publics) for part in found.parts
    }
    signed = check_kept(known, given.kept, "file")
    outside, told = check_receipts_alone(path.name, found.parts, given.receipts)
    told &= {part.signer for part in found.parts} == set(found.signers)
    checkpoints = [part.checkpoint for part in found.parts]
    return Report(
        records=found.records,
        after=0,
        checkpoint=", ".join(f"{item.size}:{item.root.hex()[:16]}" for item in checkpoints),
        checkpoints=len(checkpoints),
        payloads=found.payloads,
        removed=found.absent,
        logs=len(checkpoints),
        signers=found.signers,
        signer_pinned=given.signer is not None or told,
        checkpoint_pinned=bool(given.kept or len(given.receipts) > outside),
        live=False,
        receipts=len(given.receipts),
        checkpoint_signed=signed,
        receipts_outside=outside,
    )


def _known(root: Path, found: list[LogFindings]) -> dict[str, Known]:
    public = public_keys(root)
    known = {}
    for item in found:
        keys = {name: public[name] for name in announced(item) & public.keys()}
        known[layout.origin(item.store, item.log)] = Known(f"log {item.log}", item.records, item.roots, keys)
    return known


def _report(
    found: list[LogFindings], signers: dict[int, set[str]], given: _Given, index_compared: bool, kept_signed: bool
) -> Report:
    signed = [item.notes[-1][1] if item.notes else None for item in found]
    return Report(
        records=sum(item.records for item in found),
        after=sum(item.records - (last.size if last else 0) for item, last in zip(found, signed, strict=True)),
        checkpoint=", ".join(f"{last.size}:{last.root.hex()[:16]}" for last in signed if last) or "none",
        checkpoints=sum(len(item.notes) for item in found),
        payloads=sum(item.payloads for item in found),
        removed=sum(item.removed for item in found),
        logs=len(found),
        signers=tuple(sorted(set().union(*signers.values()))),
        signer_pinned=bool(given.signer is not None or given.receipts),
        checkpoint_pinned=bool(given.kept or given.receipts),
        live=any(item.live for item in found),
        index_compared=index_compared,
        receipts=len(given.receipts),
        checkpoint_signed=kept_signed,
    )


def _check_places(root: Path, live: bool) -> None:
    """Step 1. While the store is written, a file may stand beside the one that it is about to replace."""
    if not root.is_dir():
        raise VerificationError(f"{root} is no store: there is no such directory")
    logs = layout.logs(root)
    if not logs:
        raise VerificationError(f"{root} is no store: it has no segments")
    for path in sorted(root.rglob("*")):
        place = path.relative_to(root).as_posix()
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise VerificationError(f"{place} is not a plain file", place=place)
        if live and place.endswith(".new"):
            continue
        if path.is_file() and not layout.is_place(place, logs):
            raise VerificationError(f"{place} has no place in a store", "move it away", place=place)


def _check_constant_files(root: Path) -> None:
    """Step 7: the reserve is zeros (or absent, once it was spent), the lock is empty."""
    lock, reserve = root / layout.LOCK, root / layout.RESERVE
    if lock.exists() and lock.stat().st_size:
        raise VerificationError("lock is not empty", place=layout.LOCK)
    if reserve.exists() and reserve.read_bytes().strip(b"\x00"):
        raise VerificationError("reserve holds something other than zeros", place=layout.RESERVE)


def _receipts(path: str | os.PathLike[str] | None) -> list[SignedReceipt]:
    if path is None:
        return []
    try:
        return find_receipts(Path(path).read_text(encoding="utf-8", errors="replace"))
    except VerificationError as error:
        raise VerificationError(f"{path}: {error.message}", error.help) from None


def _is_live(root: Path, log: int) -> bool:
    """Whether a process holds this log's lock now (see `recorder/lock.py`)."""
    try:
        fd = os.open(root / layout.LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        request = struct.pack(_FLOCK, fcntl.F_RDLCK, os.SEEK_SET, log, 1, 0)
        state: int = struct.unpack(_FLOCK, fcntl.fcntl(fd, fcntl.F_OFD_GETLK, request))[0]
        return state != fcntl.F_UNLCK
    except OSError:
        return False
    finally:
        os.close(fd)
