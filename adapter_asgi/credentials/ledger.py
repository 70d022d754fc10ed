"""Which leases are out, on disk: what a crash leaves behind is found here and taken back.

A row is written before anything is asked of a provider, and goes when the lease is revoked. Handles are encrypted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapter_asgi.database import connect

__all__ = ["Ledger", "Out"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS lease (
    id TEXT PRIMARY KEY, profile TEXT NOT NULL, session TEXT NOT NULL, approval TEXT NOT NULL, expires REAL NOT NULL,
    handle BLOB NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Out:
    """One lease that is out. `expires` is Unix seconds; `handle` is what its provider needs to end it.

    `approval` is the one that it was lent on, "" where the call needed none.
    """

    id: str
    profile: str
    session: str
    expires: float
    handle: Mapping[str, Any]
    approval: str = ""
    lost: bool = False  # the handle cannot be read with this key


class Ledger:
    """Every change is synced before the method returns."""

    def __init__(self, path: Path | str, key: bytes) -> None:
        self._aead = AESGCM(key)
        self._db = connect(path, _SCHEMA)

    def close(self) -> None:
        """Release the file."""
        self._db.close()

    def put(self, out: Out) -> None:
        """Add a lease, or say more of it."""
        nonce = os.urandom(12)
        sealed = nonce + self._aead.encrypt(nonce, json.dumps(dict(out.handle)).encode(), out.id.encode())
        row = (out.id, out.profile, out.session, out.approval, out.expires, sealed)
        self._db.execute("INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?, ?, ?)", row)

    def drop(self, id_: str) -> None:
        """It is revoked."""
        self._db.execute("DELETE FROM lease WHERE id = ?", (id_,))

    def all(self) -> list[Out]:
        """Every lease that is out."""
        rows = self._db.execute("SELECT id, profile, session, expires, handle, approval FROM lease ORDER BY id")
        return [
            Out(id_, profile, session, expires, handle or {}, approval, handle is None)
            for id_, profile, session, expires, sealed, approval in rows
            for handle in [self._open(id_, sealed)]
        ]

    def _open(self, id_: str, sealed: bytes) -> Mapping[str, Any] | None:
        try:
            handle: Mapping[str, Any] = json.loads(self._aead.decrypt(sealed[:12], sealed[12:], id_.encode()))
        except InvalidTag:
            return None
        return handle
