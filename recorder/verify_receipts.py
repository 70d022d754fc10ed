"""Verification of receipts: what callers kept of their answers, against the log that gave them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from recorder import layout
from recorder.errors import VerificationError
from recorder.receipt import SignedReceipt
from recorder.verify_export import Part
from recorder.verify_keys import announced, public_keys
from recorder.verify_log import LogFindings

__all__ = ["check_receipts", "check_receipts_alone"]


def check_receipts(root: Path, found: Sequence[LogFindings], receipts: Sequence[SignedReceipt]) -> None:
    """Step 9: each receipt is signed by a key of its log, the log continues its checkpoint, and the record is in it.

    `found`: the logs of the store, verified, their `roots` and `leaves` kept where a receipt needs them. Raises
    VerificationError that names the record.
    """
    logs = {layout.origin(item.store, item.log): item for item in found}
    public = public_keys(root) if receipts else {}
    for receipt in receipts:
        log = logs.get(receipt.checkpoint.origin)
        if log is None:
            raise VerificationError(
                f"the receipt of record {receipt.index} is of {receipt.checkpoint.origin}, which is not in this store",
                "the log is gone, or the receipt is another gate's: give each store those of its own",
                record=receipt.index,
            )
        _check_signature(receipt, log, public)
        _check_record(receipt, log)


def check_receipts_alone(name: str, parts: Sequence[Part], receipts: Sequence[SignedReceipt]) -> tuple[int, bool]:
    """As step 9, against an export or a proof: each receipt is signed by the key that signed the log's checkpoint
    there, or one that the records there name as the log's, and its record is there.

    Returns how many came with a checkpoint that lies outside of it, so that nothing could be compared with it; and
    whether the key of every log's checkpoint signed one of them. An earlier key's receipt does not pin a later key:
    that the one followed the other, the later one alone says here. Raises VerificationError that names the record.
    """
    logs = {part.checkpoint.origin: part for part in parts}
    outside, pinned = 0, set[str]()
    for receipt in receipts:
        index, size = receipt.index, receipt.checkpoint.size
        part = logs.get(receipt.checkpoint.origin)
        if part is None or index not in part.leaves:
            raise VerificationError(
                f"{name} does not hold record {index} of {receipt.checkpoint.origin}: it cannot show what became of it",
                "verify the store with this receipt, or an export of its period",
                record=index,
            )
        try:
            origin = receipt.checkpoint.origin
            signed = {who for who, public in part.publics.items() if receipt.note.signed_by(origin, public)}
        except VerificationError:
            signed = set()
        if len(signed) != 1 or len(receipt.note.signatures) != 1:
            raise VerificationError(
                f"the receipt of record {index} is not signed by a key that {name} names as its log's",
                "it was altered, the records are not that log's, or they do not reach where the log changed its key: "
                "verify the store",
                record=index,
            )
        if part.roots.get(size, receipt.checkpoint.root) != receipt.checkpoint.root:
            raise VerificationError(
                f"{name} does not continue what the log was when it gave the receipt of record {index}: rewritten",
                "a record below that checkpoint was altered, and everything since was signed anew",
                record=index,
            )
        if part.leaves[index] != receipt.leaf:
            raise VerificationError(f"record {index} in {name} is not what its receipt says", record=index)
        outside += size not in part.roots
        pinned |= signed & {part.signer}
    return outside, pinned == {part.signer for part in parts}


def _check_signature(receipt: SignedReceipt, log: LogFindings, public: dict[str, bytes]) -> None:
    """By any key that the log announced: each was introduced by the one before, which step 5 has checked."""
    names = announced(log)
    what = f"the receipt of record {receipt.index} is not signed by a key of log {log.log}"
    mend = "the receipt was altered, or the store was rewritten and signed anew"
    try:
        signed = [name for name in names & public.keys() if receipt.note.signed_by(_origin(log), public[name])]
    except VerificationError:
        signed = []
    if len(signed) != 1 or len(receipt.note.signatures) != 1:
        raise VerificationError(what, mend, record=receipt.index)


def _check_record(receipt: SignedReceipt, log: LogFindings) -> None:
    index, size = receipt.index, receipt.checkpoint.size
    if size > log.records:
        raise VerificationError(
            f"log {log.log} has {log.records} records; the receipt of record {index} was given when it had {size}: "
            "rolled back",
            record=log.records,
        )
    if log.roots[size] != receipt.checkpoint.root:
        raise VerificationError(
            f"log {log.log} does not continue what it was when it gave the receipt of record {index}: rewritten",
            "a record below that checkpoint was altered, and everything since was signed anew",
            record=index,
        )
    if log.leaves[index] != receipt.leaf:
        raise VerificationError(
            f"record {index} of log {log.log} is not what its receipt says",
            "the log is as the receipt's own checkpoint signs it, so the receipt was altered",
            record=index,
        )


def _origin(log: LogFindings) -> str:
    return layout.origin(log.store, log.log)
