"""The rows of each ledger: flat, in the order of the records, made as they are read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from recorder.errors import KeysError
from recorder.export.places import Places
from recorder.reader import Payloads, Record, Store

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

__all__ = ["COLUMNS", "Row", "rows"]

Row = dict[str, str | int | bool | None]

_HEAD = ("log", "seq", "time", "kind", "session")
_WHO = ("subject", "issuer", "run")
COLUMNS: dict[str, tuple[str, ...]] = {
    "sessions": (
        *(*_HEAD, *_WHO, "display", "caller", "provider", "repository", "job", "branch", "environment", "actor"),
        *("source_ip", "server", "command", "method", "call", "direction", "effect", "rules", "outcome", "level"),
        *("bytes", "changed", "masked", "payload", "original", "absent"),
    ),
    "masking": (
        *(*_HEAD, *_WHO, "server", "command", "call", "message", "identifier", "where", "detector", "method"),
        *("digest", "rules", "absent"),
    ),
    "approvals": (
        *(*_HEAD, *_WHO, "approval", "command", "rules", "policy", "approver", "asserted", "user", "cause", "expires"),
        *("words", "absent"),
    ),
    "grants": (*_HEAD, *_WHO, "server", "command", "call", "lease", "grant", "expires", "seconds"),
    "decisions": (
        *(*_HEAD, *_WHO, "server", "command", "method", "call", "decision", "effect", "basis", "rules", "clear"),
        *("observed", "would", "grant", "record", "policy"),
    ),
    "reviews": (
        *(*_HEAD, "who", "user", "via", "action", "approval", "since", "until", "target", "targets", "hold", "count"),
        *("digest", "words", "absent"),
    ),
}
_KINDS: dict[str, tuple[str, ...]] = {
    "masking": ("masking",),
    "approvals": (
        *("approval.requested", "approval.given", "approval.refused", "approval.consumed", "approval.expired"),
        *("approval.revoked", "approval.void"),
    ),
    "grants": ("lease.issued", "lease.renewed", "lease.used", "lease.revoked"),
    "decisions": ("decision",),
    "reviews": ("review", "read", "export", "hold.set", "hold.lifted", "session.erased", "retention.expired"),
}
_WORDS = ("approvals", "reviews")
"""Ledgers whose payloads are people's words: a reason, a question."""


def rows(
    ledger: str, store: Store, places: Places, payloads: Payloads, auditor: X25519PrivateKey | None
) -> Iterator[Row]:
    """The ledger's rows for the records of these places. A payload that is gone leaves its reason in `absent`."""
    make = _MAKERS.get(ledger, _plain)
    kinds = _KINDS.get(ledger)
    for log, (first, end, _) in sorted(places.ranges.items()):
        for record in store.records(log=log, first=first):
            if record.seq >= end:
                break
            if (kinds is None or record.kind in kinds) and _belongs(record, places, ledger):
                for row in make(ledger, record, payloads, auditor):
                    yield {name: row.get(name) for name in COLUMNS[ledger]}


def _belongs(record: Record, places: Places, ledger: str) -> bool:
    """The chosen sessions; of the acts that belong to none, those are told whose ledger they are."""
    return places.has(record.session) if record.session else ledger == "reviews" or places.sessions is None


def _plain(ledger: str, record: Record, payloads: Payloads, auditor: X25519PrivateKey | None) -> Iterator[Row]:
    del auditor
    row = _head(record)
    if ledger in _WORDS:
        row |= _payload(record, payloads, "words")
    yield row


def _archived(ledger: str, record: Record, payloads: Payloads, auditor: X25519PrivateKey | None) -> Iterator[Row]:
    del ledger
    row = {**_head(record), "level": str(record.leaf.get("level", ""))}
    row |= _payload(record, payloads, "payload")
    if auditor is not None and "original" in record.leaf:
        row |= _opened(lambda: payloads.original(record, auditor), "original")
    yield row


def _masked(ledger: str, record: Record, payloads: Payloads, auditor: X25519PrivateKey | None) -> Iterator[Row]:
    del ledger, auditor
    head = _head(record)
    found = _payload(record, payloads, "words")
    words = found.get("words")
    if not isinstance(words, str):
        yield {**head, "absent": found.get("absent", "not recorded at this level")}
        return
    for finding in json.loads(words)["findings"]:
        about = {name: _cell(finding.get(name)) for name in ("where", "detector", "method", "digest", "rules")}
        yield {**head, "identifier": str(finding.get("kind", "")), **about}


_MAKERS: dict[str, Callable[..., Iterator[Row]]] = {"sessions": _archived, "masking": _masked}


def _head(record: Record) -> Row:
    return {name: _cell(value) for name, value in record.to_json().items()}


def _payload(record: Record, payloads: Payloads, name: str) -> Row:
    return _opened(lambda: payloads.payload(record), name)


def _opened(read: Callable[[], bytes | None], name: str) -> Row:
    try:
        data = read()
    except KeysError as error:
        return {"absent": error.message}
    return {} if data is None else {name: data.decode("utf-8", "backslashreplace")}


def _cell(value: Any) -> str | int | bool | None:
    """A value as one cell: lists with commas, maps as `kind: count`."""
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {count}" for key, count in sorted(value.items()))
    return str(value)
