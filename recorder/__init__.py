"""The recorder: what was asked and what was shown, in order, whole and unaltered, provable without trusting us.

with recorder.open("var/evidence") as log:
    receipt = log.append(recorder.Entry("request", session, {"command": "ehr/search"}, payload=body))
recorder.verify("var/evidence")   # None, or VerificationError that names the record
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from recorder.entry import Entry, Receipt
from recorder.errors import (
    ClosedError,
    DamageError,
    EntryError,
    KeysError,
    QuotaError,
    RecorderError,
    RequestError,
    StoreError,
    VerificationError,
    WriteError,
)
from recorder.verify import Report, verify, verify_report

if TYPE_CHECKING:
    from recorder.keys import Keys
    from recorder.log import Log, OpenCall, open  # noqa: A004 - the name is the project's contract

__all__ = [
    "ClosedError",
    "DamageError",
    "Entry",
    "EntryError",
    "Keys",
    "KeysError",
    "Log",
    "OpenCall",
    "QuotaError",
    "Receipt",
    "RecorderError",
    "Report",
    "RequestError",
    "StoreError",
    "VerificationError",
    "WriteError",
    "open",
    "verify",
    "verify_report",
]

# What writes is imported when it is first used, so that an auditor can verify with `cryptography` alone.
_LATER = {"Keys": "recorder.keys", "Log": "recorder.log", "OpenCall": "recorder.log", "open": "recorder.log"}


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module 'recorder' has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)
