"""Exports: a part of a store that verifies on its own, offline.

    manifest                   C2SP signed note: SHA-256, size and name of every other file
    signers/<fingerprint>      the public signing keys, hex
    log-<n>/checkpoint         the newest checkpoint, a C2SP signed note
    log-<n>/range.json         the place of the records in the log, and the subtree hashes around them
    log-<n>/records-<part>     the records as frames, as in a segment
    ledgers/<name>.<format>    what was asked for besides, for people and other programs

An export of some sessions brings *all* leaves of its period, without payloads of other sessions, so that an omission
shows: the leaves and the hashes around them give the signed root, or they do not.
"""

from __future__ import annotations

from recorder.export.asking import LEDGERS, Wanted
from recorder.export.run import export

__all__ = ["LEDGERS", "Wanted", "export"]
