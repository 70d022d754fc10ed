"""The recorder's errors: data with a stable code, rendered at the edge.

| code  | meaning |
| ----- | ------- |
| HR001 | an entry that may not be recorded: unknown kind or field, oversized, wrong type |
| HR002 | the store cannot be opened: locked, not a store, made by a later version |
| HR003 | the store is damaged or was altered; nothing was changed by finding out |
| HR004 | the recorder cannot write: disk full, I/O error; nothing was recorded |
| HR005 | keys: missing, unreadable, of another store, kept inside the store |
| HR006 | the log is closed |
| HR007 | a request that cannot be met: unknown session, held, destroyed payload, missing reason |
| HR008 | the caller's quota of recorded bytes is used up; its calls are refused, nobody else's |
| HR010 | verification failed |
"""

from __future__ import annotations

__all__ = [
    "ClosedError",
    "DamageError",
    "EntryError",
    "KeysError",
    "QuotaError",
    "RecorderError",
    "RequestError",
    "StoreError",
    "VerificationError",
    "WriteError",
]


class RecorderError(Exception):
    """Base of every error of this package: `.code`, `.message`, `.help` (may be "")."""

    code = "HR000"

    def __init__(self, message: str, help: str = "") -> None:  # noqa: A002 - the name is the project's contract
        super().__init__(message)
        self.message = message
        self.help = help

    def __str__(self) -> str:
        text = f"error[{self.code}]: {self.message}"
        return f"{text}\n  help: {self.help}" if self.help else text


class EntryError(RecorderError):
    """The entry may not be recorded as it is."""

    code = "HR001"


class StoreError(RecorderError):
    """The store cannot be opened."""

    code = "HR002"


class DamageError(RecorderError):
    """What the store holds contradicts what it promised."""

    code = "HR003"


class WriteError(RecorderError):
    """The recorder cannot write now; the entry is not recorded. It resumes by itself when it can."""

    code = "HR004"


class KeysError(RecorderError):
    """A key is missing, unreadable or not the store's."""

    code = "HR005"


class ClosedError(RecorderError):
    """The log is closed."""

    code = "HR006"


class RequestError(RecorderError):
    """What was asked for cannot be done."""

    code = "HR007"


class QuotaError(WriteError):
    """The caller recorded as much as it may. Nothing was recorded of this entry."""

    code = "HR008"


class VerificationError(RecorderError):
    """The evidence does not hold. `.record` is the sequence number concerned, or None; `.place` the file."""

    code = "HR010"

    def __init__(self, message: str, help: str = "", *, place: str = "", record: int | None = None) -> None:  # noqa: A002
        super().__init__(message, help)
        self.place = place
        self.record = record
