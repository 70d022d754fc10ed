"""Handing a log over to new keys, when it is opened after a rotation. Payloads are not rewritten.

A new key-encryption key: the log's epoch keys are wrapped anew; the record names the new file's digest. The file is
laid beside the old one first, then the record is made durable, then the file takes its place: after a crash
`finish_rotation` knows from the record whether to go on. A new signing key: `signer.rotated` and a checkpoint signed
by the old key that covers it, so that a verifier who trusts the old key learns of the new one from the old one.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from recorder import layout
from recorder.disk import Disk
from recorder.errors import KeysError
from recorder.keys import Keys, Signer
from recorder.note import key_id, parse_note
from recorder.vault import Epoch, epoch_numbers, open_epoch, wrap_epoch

if TYPE_CHECKING:
    from recorder.log import Log
    from recorder.recovery import Recovered

__all__ = ["finish_rotation", "hand_over", "publish_signer", "signing_key"]


def publish_signer(root: Path, disk: Disk, signer: Signer) -> None:
    """The public signing key is in the store, whole."""
    place = layout.signer(signer.fingerprint)
    data = (signer.public.hex() + "\n").encode()
    path = root / place
    if not path.exists() or path.read_bytes() != data:
        disk.replace(place, data)


def signing_key(state: Recovered, number: int, keys: Keys) -> Signer:
    """The key that signed the log's last checkpoint; the current one for a log without any. Raises KeysError."""
    if not state.signed.latest:
        return keys.signer
    origin = layout.origin(state.store, number)
    idents = {ident for name, ident, _ in parse_note(state.signed.latest).signatures if name == origin}
    for signer in (keys.signer, keys.previous_signer):
        if signer is not None and key_id(origin, signer.public) in idents:
            return signer
    raise KeysError(
        f"log {number} was signed by another key than {keys.signer.fingerprint[:16]}",
        "give the key that signed it (signer.pem), or keep it as signer.previous.pem beside the new one",
    )


def hand_over(log: Log, keys: Keys, disk: Disk) -> None:
    """Bring an opened log to the current keys, on record."""
    for number in epoch_numbers(log.path, log.number):
        place = layout.epoch(log.number, number)
        data = (log.path / place).read_bytes()
        if json.loads(data)["kek"] != keys.kek.name:
            epoch = open_epoch(data, keys, place)
            log.adopt_epoch(_rewrap(log, number, epoch, keys, disk))
    before = log.signer
    if before != keys.signer.fingerprint:
        publish_signer(log.path, disk, keys.signer)
        log.note("signer.rotated", {"old": before, "new": keys.signer.fingerprint})
        log.checkpoint()
        log.sign_with(keys.signer)


def _rewrap(log: Log, number: int, epoch: Epoch, keys: Keys, disk: Disk) -> Epoch:
    place = layout.epoch(log.number, number)
    data = wrap_epoch(number, epoch.secret, keys.kek)
    digest = sha256(data).hexdigest()
    disk.replace(place + ".next", data)
    metadata = {"epoch": str(number), "digest": digest, "old": epoch.kek, "new": keys.kek.name, "log": str(log.number)}
    log.note("key.rotated", metadata)
    disk.replace(place, data)
    disk.remove(place + ".next")
    return open_epoch(data, keys, place)


def finish_rotation(root: Path, disk: Disk, log: int, rotated: dict[str, str]) -> None:
    """After a crash: put a rewrapped epoch key in its place if its record is durable, else drop it."""
    for path in sorted((root / "keys").glob(f"{log}-epoch-*.json.ne*")):
        place = f"keys/{path.name.partition('.json')[0].removeprefix('keys/')}.json"
        data = path.read_bytes()
        number = path.name.partition("-epoch-")[2].partition(".json")[0]
        if rotated.get(number) == sha256(data).hexdigest():
            disk.replace(place, data)
        disk.remove(f"keys/{path.name}")
