"""The badge on a session: what was checked of it just now, against which checkpoint and signer, and what was not.

Strategy: each record's inclusion path costs a few hashes, and neighbours share most of theirs, so the tiles' hashes are
kept while one session is looked at. Nothing but the session's own records is read: this is no `hoopgate verify`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from recorder.errors import RequestError, VerificationError
from recorder.note import Checkpoint, Note, fingerprint
from recorder.proof import Tiles, last_checkpoint
from recorder.reader import Record
from recorder.rfc6962 import check_inclusion, leaf_hash
from recorder.verify_log import check_ciphertexts

__all__ = ["Badge", "Signed", "check"]


@dataclass(frozen=True, slots=True)
class Signed:
    """The newest checkpoint of one log; `own`: the signer is the key that this gate signs with now."""

    log: int
    size: int
    root: str
    signer: str
    own: bool


@dataclass(slots=True)
class Badge:
    """`proved` records are in a signed tree, `after` are behind the newest checkpoint; `faults` say what is wrong."""

    records: int
    proved: int = 0
    after: int = 0
    payloads: int = 0
    removed: int = 0
    checkpoints: list[Signed] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether every record is proved, or waits for the next checkpoint."""
        return not self.faults and self.proved + self.after == self.records


class _Remembered(Tiles):
    """Tiles that read each hash once."""

    def __init__(self, root: Path, log: int) -> None:
        super().__init__(root, log)
        self._seen: dict[tuple[int, int], bytes] = {}

    def subtree(self, height: int, index: int) -> bytes:
        found = self._seen.get((height, index))
        if found is None:
            found = self._seen[height, index] = super().subtree(height, index)
        return found


def check(root: Path, records: Sequence[Record], own: str) -> Badge:
    """Prove these records in their logs' newest checkpoints. `own`: fingerprint of the key that signs now."""
    badge = Badge(len(records))
    for log in sorted({record.log for record in records}):
        mine = [record for record in records if record.log == log]
        try:
            note, checkpoint = last_checkpoint(root, log)
        except RequestError:
            badge.after += len(mine)
            continue
        except VerificationError as error:
            badge.faults.append(f"log {log}: {error.message}")
            continue
        signer = _signer(root, note, checkpoint, badge)
        if signer is None:
            badge.faults.append(f"log {log}: no key in the store made the signature of its newest checkpoint")
            continue
        badge.checkpoints.append(Signed(log, checkpoint.size, checkpoint.root.hex(), signer, signer == own))
        _prove(badge, _Remembered(root, log), checkpoint, mine)
    return badge


def _signer(root: Path, note: Note, checkpoint: Checkpoint, badge: Badge) -> str | None:
    for path in sorted((root / "keys").glob("signer-*.pub")):
        try:
            public = bytes.fromhex(path.read_text(encoding="ascii"))
            if note.signed_by(checkpoint.origin, public):
                return fingerprint(public)
        except (ValueError, VerificationError) as error:
            badge.faults.append(str(getattr(error, "message", f"{path.name} is no key")))
    return None


def _prove(badge: Badge, tiles: Tiles, checkpoint: Checkpoint, records: Iterable[Record]) -> None:
    for record in records:
        if record.seq >= checkpoint.size:
            badge.after += 1
            continue
        place = f"record {record.log}/{record.seq}"
        try:
            path = tiles.inclusion(record.seq, checkpoint.size)
            check_inclusion(record.seq, checkpoint.size, leaf_hash(record.raw), path, checkpoint.root)
            fits = check_ciphertexts(record.seq, record.raw, record.body, place)
        except (RequestError, VerificationError) as error:
            badge.faults.append(f"{place}: {error.message}")
            continue
        badge.proved += 1
        badge.payloads += fits is True
        badge.removed += fits is False and "absent" not in record.leaf.get("payload", {})
