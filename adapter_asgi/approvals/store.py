"""Approvals on disk: one SQLite file that survives a restart, with whatever could identify a patient encrypted.

Durability: every change is synced before the method returns (`synchronous = FULL`). Cost: one small transaction.
Atomicity: `consume` and `move` are single conditional updates, so of any number of callers one wins, in whatever
process they are.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapter_asgi.approvals.asked import Asked, Demand, Requester, Word, spell
from adapter_asgi.approvals.error import ApprovalError
from adapter_asgi.database import connect

__all__ = ["ApprovalStore"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS approval (
    id TEXT PRIMARY KEY, digest TEXT NOT NULL, call_key TEXT NOT NULL, run TEXT NOT NULL, session TEXT NOT NULL,
    call TEXT NOT NULL, server TEXT NOT NULL, command TEXT NOT NULL, rules TEXT NOT NULL, policy TEXT NOT NULL,
    demands TEXT NOT NULL, created REAL NOT NULL, expires REAL NOT NULL, state TEXT NOT NULL,
    decider BLOB, lasts INTEGER, sealed BLOB NOT NULL, reason BLOB,
    requester TEXT NOT NULL, review TEXT NOT NULL DEFAULT '', tool TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS approval_digest ON approval (digest, created);
CREATE INDEX IF NOT EXISTS approval_call ON approval (call_key, state);
CREATE INDEX IF NOT EXISTS approval_created ON approval (created);
CREATE INDEX IF NOT EXISTS approval_state ON approval (state, expires);
CREATE TABLE IF NOT EXISTS word (approval TEXT NOT NULL, at REAL NOT NULL, sealed BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS word_approval ON word (approval);
"""
_FOLLOWED = """
CREATE TABLE IF NOT EXISTS moved (at INTEGER PRIMARY KEY AUTOINCREMENT, approval TEXT NOT NULL, state TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS follow AFTER UPDATE OF state ON approval WHEN old.state <> new.state BEGIN
    INSERT INTO moved (approval, state) VALUES (new.id, new.state);
    DELETE FROM moved WHERE at <= (SELECT max(at) FROM moved) - 10000;
END;
"""
_COLUMNS = (
    "id, digest, call_key, run, session, call, server, command, rules, policy, demands, created, expires, state, "
    "decider, sealed, reason, review, tool"
)


class ApprovalStore:
    """Use from one thread. `key` is 32 bytes; without it the arguments and the people's names cannot be read.

    `followed` keeps what changed in the last while, for several processes that each want to hear of it (`moved`).
    """

    def __init__(self, path: Path | str, key: bytes, *, followed: bool = False) -> None:
        self._aead = AESGCM(key)
        self._db = connect(path, _SCHEMA + (_FOLLOWED if followed else "DROP TRIGGER IF EXISTS follow;"))
        self._heard = self._newest() if followed else 0

    def close(self) -> None:
        """Release the file."""
        self._db.close()

    def moved(self) -> list[tuple[str, str]]:
        """Which approvals changed their state since this was asked last, in whatever process, and to what."""
        query = "SELECT at, approval, state FROM moved WHERE at > ? ORDER BY at"
        rows = self._db.execute(query, (self._heard,)).fetchall()
        if rows:
            self._heard = rows[-1][0]
        return [(id_, state) for _, id_, state in rows]

    def _newest(self) -> int:
        return int(self._db.execute("SELECT COALESCE(MAX(at), 0) FROM moved").fetchone()[0])

    def add(self, asked: Asked) -> None:
        """Keep a new approval."""
        secret = {"arguments": asked.arguments, "requester": asdict(asked.requester), "basis": asked.basis}
        self._db.execute(
            "INSERT INTO approval (id, digest, call_key, run, session, call, server, command, rules, policy, demands, "
            "created, expires, state, lasts, sealed, requester, tool) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                asked.id,
                asked.digest,
                asked.call_key,
                asked.run,
                asked.session,
                asked.call,
                asked.server,
                asked.command,
                json.dumps(asked.rules),
                asked.policy,
                json.dumps([asdict(demand) for demand in asked.demands]),
                asked.created,
                asked.expires,
                asked.state,
                asked.lasts,
                self._seal(asked.id, secret),
                asked.requester.key,
                asked.tool,
            ),
        )

    def get(self, id_: str) -> Asked | None:
        """The approval, or None."""
        rows = self._select("WHERE id = ?", (id_,))
        return rows[0] if rows else None

    def all(self, states: Iterable[str] = ()) -> list[Asked]:
        """Every approval, oldest first; only those in `states` where any are given."""
        wanted = tuple(states)
        where = f"WHERE state IN ({','.join('?' * len(wanted))})" if wanted else ""
        return self._select(f"{where} ORDER BY created, id", wanted)

    def newest(self, limit: int, before: float | None = None) -> list[Asked]:
        """The newest approvals that do not wait any more, created before that moment where one is given."""
        where = "WHERE created < ? AND state <> 'pending' ORDER BY created DESC, id LIMIT ?"
        return self._select(where, (float("inf") if before is None else before, limit))

    def of_digest(self, digest: str) -> list[Asked]:
        """Every approval of one identical call, the newest first."""
        return self._select("WHERE digest = ? ORDER BY created DESC, id", (digest,))

    def of_call(self, call_key: str) -> list[Asked]:
        """The open approvals of a call whatever the policy says of it."""
        return self._select("WHERE call_key = ? AND state IN ('pending', 'approved')", (call_key,))

    def pending_of(self, requester: str) -> int:
        """How many calls of this requester wait."""
        query = "SELECT count(*) FROM approval WHERE state = 'pending' AND requester = ?"
        return int(self._db.execute(query, (requester,)).fetchone()[0])

    def mark_reviewed(self, id_: str) -> bool:
        """A break-glass approval was reviewed; false where there is none that waits for it."""
        query = "UPDATE approval SET review = 'done' WHERE id = ? AND review = 'due'"
        return self._db.execute(query, (id_,)).rowcount == 1

    def set_tool(self, id_: str, tool: str) -> None:
        """The tool's schema is known now."""
        self._db.execute("UPDATE approval SET tool = ? WHERE id = ? AND tool = ''", (tool, id_))

    def due(self, now: float) -> list[Asked]:
        """The open approvals whose time has run out."""
        return self._select("WHERE state IN ('pending', 'approved') AND expires <= ?", (now,))

    def add_word(self, id_: str, word: Word, approved_until: float | None = None) -> None:
        """Keep one person's yes; with `approved_until` it was the last one wanted. Both or neither."""
        with self._db.at_once():
            self._db.execute("INSERT INTO word VALUES (?, ?, ?)", (id_, word.at, self._seal(id_, asdict(word))))
            if approved_until is not None:
                self.move(id_, ("pending",), "approved", expires=approved_until)

    def move(self, id_: str, before: Iterable[str], after: str, **changes: Any) -> bool:
        """Change the state if it is one of `before`; `changes` may hold `expires`, `decider`, `reason`, `review`."""
        states = tuple(before)
        for name in changes.keys() & {"reason", "decider"}:
            changes[name] = self._seal(id_, changes[name])
        sets = ", ".join(["state = ?", *(f"{name} = ?" for name in changes)])
        marks = ",".join("?" * len(states))
        query = f"UPDATE approval SET {sets} WHERE id = ? AND state IN ({marks})"  # noqa: S608 (names are our own)
        return self._db.execute(query, (after, *changes.values(), id_, *states)).rowcount == 1

    def consume(self, id_: str, digest: str, now: float) -> bool:
        """Spend an approval: true for exactly one caller, or for all of them while a window lasts."""
        query = (
            "UPDATE approval SET state = CASE WHEN lasts IS NULL THEN 'consumed' ELSE 'approved' END "
            "WHERE id = ? AND digest = ? AND state = 'approved' AND expires > ?"
        )
        return self._db.execute(query, (id_, digest, now)).rowcount == 1

    # --- rows ---------------------------------------------------------------------------------------------------------

    def _select(self, where: str, values: tuple[Any, ...]) -> list[Asked]:
        query = f"SELECT {_COLUMNS} FROM approval {where}"  # noqa: S608 (the clauses above)
        return [self._asked(row) for row in self._db.execute(query, values)]

    def _asked(self, row: tuple[Any, ...]) -> Asked:
        id_, secret = row[0], self._open(row[0], row[15])
        demands = [Demand(**{**d, "groups": tuple(d["groups"])}) for d in json.loads(row[10])]
        words = self._db.execute("SELECT sealed FROM word WHERE approval = ? ORDER BY at", (id_,))
        asked = Asked(
            id=id_,
            digest=row[1],
            call_key=row[2],
            run=row[3],
            session=row[4],
            call=row[5],
            server=row[6],
            command=row[7],
            rules=tuple(json.loads(row[8])),
            policy=row[9],
            demands=tuple(demands),
            requester=Requester(**{**secret["requester"], "ids": tuple(secret["requester"]["ids"])}),
            arguments=secret["arguments"],
            created=row[11],
            expires=row[12],
            state=row[13],
            decider=self._open(id_, row[14]) if row[14] else "",
            review=row[17],
            tool=row[18],
            basis=secret["basis"],
        )
        return replace(
            asked,
            reason=self._open(id_, row[16]) if row[16] else "",
            words=tuple(_word(self._open(id_, sealed)) for (sealed,) in words),
        )

    def _seal(self, id_: str, value: Any) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._aead.encrypt(nonce, spell(value).encode("utf-8"), id_.encode("ascii"))

    def _open(self, id_: str, sealed: bytes) -> Any:
        try:
            text = self._aead.decrypt(sealed[:12], sealed[12:], id_.encode("ascii"))
        except InvalidTag:
            help_ = "bring back the key that belongs to this store"
            raise ApprovalError("APR09", f"approval {id_} cannot be read with this gate's key", help_) from None
        return json.loads(text, parse_float=Decimal)


def _word(data: dict[str, Any]) -> Word:
    return Word(**{**data, "ids": tuple(data["ids"]), "groups": tuple(data["groups"]), "at": float(data["at"])})
