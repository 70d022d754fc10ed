"""The key directory's upkeep: new keys beside the ones before, which stay until every log has changed over.

A rotation writes files only; each log hands itself over when it is next opened (`recorder/rotation.py`).
"""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

from recorder.disk import sync_directory
from recorder.errors import KeysError
from recorder.keys import (
    AUDITOR_FILE,
    KEK_FILE,
    PREVIOUS_KEK_FILE,
    PREVIOUS_SIGNER_FILE,
    SIGNER_FILE,
    Keys,
    new_kek,
    new_signer_pem,
    write_secret,
)
from recorder.note import fingerprint

__all__ = ["LOSS", "add_auditor", "describe", "rotate_kek", "rotate_signer"]

LOSS = {
    "key-encryption key": "no recorded payload can be read again; leaves and proofs still verify",
    "signing key": "no further checkpoint by this key; old evidence still verifies, a new log begins under a new key",
    "auditor private key": "sealed originals can never be opened; what was released can still be read",
}


def describe(directory: Path, keys: Keys | None = None) -> dict[str, Any]:
    """Names and fingerprints of the keys, and what losing each means; never a secret. Raises KeysError."""
    keys = keys or Keys.in_directory(directory, create=False)
    return {
        "directory": str(directory),
        "key-encryption key": keys.kek.name,
        "previous key-encryption key": keys.previous_kek.name if keys.previous_kek else None,
        "signer": keys.signer.fingerprint,
        "previous signer": keys.previous_signer.fingerprint if keys.previous_signer else None,
        "auditor": fingerprint(keys.auditor) if keys.auditor else None,
    }


def rotate_kek(directory: Path) -> str:
    """A new key-encryption key; the present one becomes `kek.previous`. Returns the new one's name. Raises
    KeysError.
    """
    _rotate(directory, KEK_FILE, PREVIOUS_KEK_FILE, new_kek())
    return Keys.in_directory(directory, create=False).kek.name


def rotate_signer(directory: Path) -> str:
    """A new signing key; the present one becomes `signer.previous.pem`. Returns the new fingerprint. Raises
    KeysError.
    """
    _rotate(directory, SIGNER_FILE, PREVIOUS_SIGNER_FILE, new_signer_pem())
    return Keys.in_directory(directory, create=False).signer.fingerprint


def add_auditor(directory: Path, public: str) -> str:
    """Seal originals to this X25519 public key (base64) from the next opening on. Returns its fingerprint."""
    try:
        raw = base64.b64decode(public.strip(), validate=True)
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise KeysError("that is not an X25519 public key: 32 bytes in base64 are expected")
    path = directory / AUDITOR_FILE
    path.write_text(base64.b64encode(raw).decode() + "\n", encoding="ascii")
    return fingerprint(raw)


def _rotate(directory: Path, name: str, previous: str, secret: bytes) -> None:
    Keys.in_directory(directory, create=False)
    if (directory / previous).exists():
        raise KeysError(
            f"{directory / previous} is still there from the last rotation",
            "open every log once (start the gate), check that `hoopgate verify` holds, then remove it",
        )
    aside = directory / f"{name}.next"
    aside.unlink(missing_ok=True)
    write_secret(aside, secret)
    os.link(directory / name, directory / previous)
    aside.replace(directory / name)
    sync_directory(directory)
