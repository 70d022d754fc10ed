"""Receipts: one line that a caller keeps of an answer, and that the store has to bear out for ever after.

    hoopgate-receipt: v1 <record> <leaf hash, base64> <C2SP signed checkpoint, base64>

The checkpoint is signed when the record is durable and lies over it: its root commits to this leaf and to every one
before. Whoever holds the line, a CI job's own log for instance, finds that the record was altered, that anything before
it was rewritten, that the log was rolled back behind it, and that another key signed it all anew. Only reads.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from recorder.errors import VerificationError
from recorder.note import Checkpoint, Note, decode64, parse_checkpoint, parse_note

__all__ = ["NAME", "SignedReceipt", "find_receipts", "receipt_line"]

NAME = "hoopgate-receipt"
_BEGIN = re.compile(rf"\b{NAME}\W{{1,6}}(?=v\d)", re.IGNORECASE)  # as a header, in quotes, in a table
_VALUE = re.compile(r"v1 (0|[1-9]\d{0,18}) ([A-Za-z0-9+/]{43}=) ([A-Za-z0-9+/]{64,4096}={0,2})(?![A-Za-z0-9+/=])")


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """Record `index` of the log `checkpoint.origin` has this leaf hash (32 bytes); `note` is the signed checkpoint."""

    index: int
    leaf: bytes
    note: Note
    checkpoint: Checkpoint


def receipt_line(index: int, leaf: bytes, note: bytes) -> str:
    """The receipt's value, without its name. `note`: the signed checkpoint's text in base64."""
    return f"v1 {index} {base64.b64encode(leaf).decode()} {note.decode()}"


def find_receipts(text: str) -> list[SignedReceipt]:
    """Each receipt in a text, which may be a whole job's log, once. Raises VerificationError where one is cut or
    malformed, and where there is none: a receipt that is overlooked would be one that holds.
    """
    found: dict[str, SignedReceipt] = {}
    for begin in _BEGIN.finditer(text):
        value = _VALUE.match(text, begin.end())
        line = text.count("\n", 0, begin.start()) + 1
        if value is None:
            raise VerificationError(f"line {line}: the receipt is cut or malformed")
        if value[0] not in found:
            found[value[0]] = _parse(value, line)
    if not found:
        raise VerificationError(f"there is no receipt: no line says {NAME}")
    return list(found.values())


def _parse(value: re.Match[str], line: int) -> SignedReceipt:
    try:
        note = parse_note(decode64(value[3]).decode())
        receipt = SignedReceipt(int(value[1]), decode64(value[2]), note, parse_checkpoint(note.text))
    except (UnicodeDecodeError, VerificationError) as error:
        raise VerificationError(f"line {line}: the receipt holds no signed checkpoint: {error}") from None
    if receipt.index >= receipt.checkpoint.size:
        raise VerificationError(f"line {line}: the receipt's checkpoint does not reach its record {receipt.index}")
    return receipt
