"""Verification of a checkpoint that somebody kept elsewhere: its signature, and that the log continues it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from recorder.errors import VerificationError
from recorder.note import Checkpoint, Note, parse_checkpoint, parse_note

__all__ = ["Kept", "Known", "check_kept", "read_kept"]


class Kept(NamedTuple):
    """A signed note, and the checkpoint that its text spells."""

    note: Note
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class Known:
    """What was verified of a log: its name for people, its records, roots by size, and the keys that sign it."""

    title: str
    records: int
    roots: Mapping[int, bytes]
    public: Mapping[str, bytes]


def read_kept(path: str | os.PathLike[str] | None) -> list[Kept]:
    """The checkpoint in the file, if one is named. Raises VerificationError, OSError."""
    if path is None:
        return []
    try:
        note = parse_note(Path(path).read_text(encoding="utf-8").rstrip("\n") + "\n")
        return [Kept(note, parse_checkpoint(note.text))]
    except (UnicodeDecodeError, VerificationError) as error:
        raise VerificationError(f"{path} is no checkpoint: {error}") from None


def check_kept(known: Mapping[str, Known], kept: list[Kept], where: str) -> bool:
    """Step 8. `known`: by origin. Whether each is signed by a key of its log; a key that the log does not know says
    nothing either way. Raises VerificationError where a signature is wrong, or the log does not continue it.
    """
    signed = True
    for note, checkpoint in kept:
        log = known.get(checkpoint.origin)
        if log is None:
            raise VerificationError(f"the checkpoint is of {checkpoint.origin}, which is not in this {where}")
        try:
            signed &= sum(note.signed_by(checkpoint.origin, public) for public in log.public.values()) > 0
        except VerificationError:
            raise VerificationError(
                f"the checkpoint of {checkpoint.size} is not what {log.title} signed: its signature does not fit",
                "the file was altered: fetch it again from where it is kept",
            ) from None
        if checkpoint.size > log.records:
            raise VerificationError(
                f"{log.title} has {log.records} records; the checkpoint signs {checkpoint.size}: rolled back",
                record=log.records,
            )
        root = log.roots.get(checkpoint.size)
        if root is None:
            raise VerificationError(
                f"this {where} does not reach the checkpoint of {checkpoint.size} records to compare with it",
                "only the store itself can show that it continues an earlier checkpoint",
            )
        if root != checkpoint.root:
            raise VerificationError(f"{log.title} does not continue the checkpoint of {checkpoint.size}: rewritten")
    return signed
