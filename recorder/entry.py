"""What can be recorded: entry kinds, the fields a leaf may carry, and the check that keeps everything else out.

A leaf is readable by anyone who holds the store. So its fields are a closed list of short, typed values: arguments,
URIs, reasons, JSON paths and free text belong in the payload, which is encrypted. An unknown kind or field is refused.
`recorder/schema.py` publishes the same tables as JSON Schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple, NoReturn

from recorder.errors import EntryError

__all__ = ["FIELDS", "KINDS", "LEVELS", "MAX_LEAF", "MAX_PAYLOAD", "OWN_KINDS", "VERSION", "Entry", "Level", "Receipt"]


Level = Literal["full", "masked", "digest", "off"]
LEVELS: tuple[Level, ...] = ("full", "masked", "digest", "off")
VERSION = 1
MAX_LEAF = 65_535  # bytes; a C2SP tlog-tiles entry carries a 16-bit length
MAX_PAYLOAD = 64 * 1024 * 1024 + 1024 * 1024  # bytes; one message of 64 MiB and its frame
MAX_TEXT = 1024  # characters of one text field
MAX_ITEMS = 256

KINDS: dict[str, str] = {
    "gate.started": "the gate began to serve calls",
    "gate.stopped": "the gate stopped in order",
    "session.opened": "a session began",
    "session.identity": "who the session's caller is, as verified",
    "session.ended": "a session ended",
    "decision": "what the policy said about a call",
    "request": "the intent of a call, durable before it is forwarded",
    "response": "what was released to the caller, durable before release",
    "masking": "what was masked in a message: kinds and counts; paths, rules, masks and keyed digests in the payload",
    "approval.requested": "a call waits for people",
    "approval.given": "a person approved",
    "approval.refused": "a person refused",
    "approval.consumed": "an approval was spent on its call",
    "approval.expired": "an approval ran out of time",
    "approval.revoked": "an approval was taken back",
    "approval.void": "an approval lost what it was bound to",
    "lease.issued": "a credential was lent",
    "lease.renewed": "a credential on loan was prolonged, or replaced by a fresh one",
    "lease.used": "a call went upstream with a credential on loan",
    "lease.revoked": "a credential was taken back",
    "limit": "a limit was reached",
    "refusal": "a call was refused, or a message was not let through",
    "call.ended": "a call ended; `outcome` says how",
    "call.interrupted": "a call was open when the gate died",
    "policy.activated": "a policy came into force",
    "lock.activated": "a lock of the servers' tools came into force",
    "tools.changed": "a server's tools differ from their lock",
    "gap": "something was not recorded, or could not be for a time",
    "read": "a person or a program read recordings",
    "export": "recordings were exported",
    "review": "a person signed off a review",
    "hold.set": "a legal hold was set",
    "hold.lifted": "a legal hold was lifted",
    "session.erased": "a session's keys were destroyed",
    "retention.expired": "payloads of a segment were removed after their time",
}

OWN_KINDS: dict[str, str] = {
    "log.opened": "this log was opened: signer, epoch key, clock",
    "log.seen": "the size and root of another log of the store, as seen by this one",
    "clock": "the wall clock jumped, or its sync state changed",
    "key.rotated": "an epoch key was wrapped under another key-encryption key",
    "signer.rotated": "another signing key took over",
}

# field -> (type, meaning). Types: text, int, bool, texts (list of text), counts ({text: int}), logs.
FIELDS: dict[str, tuple[str, str]] = {
    "call": ("text", "the gate's id of one call"),
    "server": ("text", "the upstream server's name"),
    "command": ("text", "the command that was called, `server/tool`"),
    "method": ("text", "the JSON-RPC method"),
    "effect": ("text", "allow, deny or approval"),
    "basis": ("text", "why it passed without a rule: protocol (housekeeping, filtered and masked)"),
    "rules": ("texts", "the rules that decided"),
    "rule": ("text", "one rule"),
    "observed": ("texts", "rules on trial that would have applied"),
    "would": ("text", "the effect that they would have had"),
    "clear": ("texts", "the kinds of identifiers that the decision lets through unmasked"),
    "policy": ("text", "the policy's digest"),
    "decision": ("text", "the decision's id"),
    "subject": ("text", "the verified subject"),
    "issuer": ("text", "the token's issuer"),
    "run": ("text", "the CI run"),
    "outcome": ("text", "complete, cut, refused, error or interrupted"),
    "masked": ("counts", "how many values were masked, by kind"),
    "approval": ("text", "the approval's id"),
    "approver": ("text", "who decided"),
    "approvers": ("texts", "who decided"),
    "asserted": ("text", "how an approver is known: oidc or local"),
    "groups": ("texts", "the groups asked, or the caller's"),
    "required": ("int", "how many approvals are needed"),
    "given": ("int", "how many approvals are there"),
    "display": ("text", "the caller's name for people"),
    "caller": ("text", "ci, person or agent"),
    "unsafe": ("bool", "true where the identity was not verified (loopback development)"),
    "provider": ("text", "the identity provider"),
    "tenant": ("text", "the provider's tenant"),
    "repository": ("text", "the caller's repository"),
    "repository_id": ("text", "the repository's immutable id"),
    "workflow": ("text", "the CI workflow"),
    "job": ("text", "the CI job"),
    "branch": ("text", "the branch"),
    "tag": ("text", "the tag"),
    "commit": ("text", "the commit"),
    "environment": ("text", "the deployment environment"),
    "event": ("text", "what started the run"),
    "actor": ("text", "who started the run"),
    "actor_id": ("text", "the actor's immutable id"),
    "group": ("text", "the project's group"),
    "protected": ("bool", "whether the ref is protected"),
    "reviewed": ("bool", "whether the code that runs was reviewed"),
    "none": ("texts", "the caller's attributes of which it is known that there is none; others are unknown"),
    "audience": ("text", "the token's audience"),
    "token": ("text", "SHA-256 of the token or of its id, never the token"),
    "source_ip": ("text", "the caller's address"),
    "client": ("text", "the client's software"),
    "protocol": ("text", "the MCP version"),
    "era": ("text", "modern or legacy"),
    "direction": ("text", "client or server: who sent the message"),
    "message": ("int", "the message's number within its call"),
    "status": ("int", "the HTTP status"),
    "bytes": ("int", "bytes of the message"),
    "messages": ("int", "how many messages"),
    "changed": ("bool", "whether masking changed the message"),
    "elapsed_ms": ("int", "milliseconds since the call began"),
    "error": ("text", "a stable error code"),
    "record": ("text", "the record level that the rules ask for"),
    "grant": ("text", "the grant's profile"),
    "lease": ("text", "the lease's id, never the credential"),
    "expires": ("text", "when it runs out, RFC 3339"),
    "seconds": ("int", "a duration"),
    "limit": ("text", "the limit that was reached"),
    "count": ("int", "how many"),
    "per": ("text", "the limit's period"),
    "digest": ("text", "a keyed or salted digest, or a digest of public bytes"),
    "digests": ("texts", "several of them"),
    "old": ("text", "the digest, or the lease, before"),
    "new": ("text", "the digest after"),
    "files": ("int", "how many files"),
    "version": ("text", "the software's version"),
    "listen": ("text", "the address served"),
    "cause": (
        "text",
        "a stable word for why: torn, io, full, resumed, unlinked, interrupted, stopped, idle, deleted …",
    ),
    "segment": ("int", "a segment's number"),
    "segments": ("int", "how many segments"),
    "offset": ("int", "a byte offset"),
    "first": ("int", "the first sequence number"),
    "last": ("int", "the last sequence number"),
    "refused": ("int", "entries refused meanwhile"),
    "lost": ("counts", "best-effort entries lost meanwhile, by kind"),
    "who": ("text", "who acted"),
    "via": ("text", "console, command line, schedule, library"),
    "user": ("text", "the operating system's user, locally asserted"),
    "action": ("text", "what was done: list, show, replay, decrypt …"),
    "target": ("text", "the session acted on"),
    "targets": ("texts", "the sessions acted on"),
    "keys": ("texts", "ids of session keys"),
    "exports": ("texts", "digests of exports known to hold the session"),
    "hold": ("text", "the hold's id"),
    "held": ("texts", "sessions kept by a hold"),
    "since": ("text", "the beginning of a span, RFC 3339"),
    "until": ("text", "a point in time, RFC 3339"),
    "signed": ("text", "a detached signature, base64"),
    "store": ("text", "the store's id"),
    "log": ("text", "the log's number"),
    "size": ("int", "tree size"),
    "root": ("text", "root hash, hex"),
    "signer": ("text", "fingerprint of the signing key"),
    "epoch": ("text", "id of the epoch key"),
    "kek": ("text", "name of the key-encryption key"),
    "auditor": ("text", "fingerprint of the auditor's public key"),
    "synchronized": ("bool", "whether the clock is synchronised"),
    "jump_ns": ("int", "wall clock minus monotonic clock, nanoseconds"),
    "boot": ("text", "digest of the machine's boot id"),
}


class Entry(NamedTuple):
    """One thing to record.

    `metadata` becomes the leaf, readable without keys: only FIELDS; a field that is None is left out. `payload` (the
    exact bytes) is encrypted under the session's key. `original` (the upstream's bytes before masking) is sealed to
    the auditor at level "full" and dropped at every other level. `retain`: seconds that the payload is kept, or None
    for the store's default. `best_effort`: do not fail the call when the recorder cannot write; the loss is counted in
    a later `gap`.
    """

    kind: str
    session: str
    metadata: Mapping[str, object] = MappingProxyType({})
    payload: bytes | None = None
    original: bytes | None = None
    level: Level = "masked"
    retain: int | None = None
    best_effort: bool = False

    def __repr__(self) -> str:
        """Without the bytes: they are what must not be seen."""
        told = (f"{name}={getattr(self, name)!r}" for name in self._fields if name not in ("payload", "original"))
        return f"Entry({', '.join(told)})"


class Receipt(NamedTuple):
    """The entry is durable: its sequence number in its log and its RFC 6962 leaf hash (32 bytes).

    A best-effort entry that could not be recorded has seq -1 and an empty hash.
    """

    seq: int
    leaf_hash: bytes


def leaf_data(entry: Entry, *, own: bool = False) -> dict[str, object]:
    """The entry's metadata as the leaf carries it: checked, without what is None.

    Raises EntryError that names the kind and the field, never the value.
    """
    kind, session, metadata, payload, original, level, _, _ = entry
    if kind not in KINDS and not (own and kind in OWN_KINDS):
        _refuse(entry, f'unknown entry kind "{_short(kind)}"', "docs/reference/entries.md lists the kinds")
    if level not in LEVELS:
        _refuse(entry, "unknown record level", "use full, masked, digest or off")
    if not _text(session):
        _refuse(entry, "the session's id is not printable text of at most 1024 characters")
    if payload is not None or original is not None:
        _check_parts(entry)
    data: dict[str, object] = {}
    for name, value in metadata.items():
        if type(value) is str and name in _TEXTS and len(value) <= MAX_TEXT and value.isprintable():
            data[name] = value  # the usual case, without a call
        elif value is not None:
            data[name] = _field(entry, name, value)
    return data


def _check_parts(entry: Entry) -> None:
    for part in (entry.payload, entry.original):
        if part is not None and (type(part) is not bytes or len(part) > MAX_PAYLOAD):
            _refuse(entry, f"the payload is not bytes of at most {MAX_PAYLOAD}")


def _field(entry: Entry, name: str, value: object) -> object:
    known = FIELDS.get(name)
    if known is None:
        _refuse(entry, f'"{_short(name)}" is not a field of a leaf', "what is not listed goes into the payload")
    if not _CHECKS[known[0]](value):
        _refuse(entry, f'field "{name}" is not {_EXPECTED[known[0]]}')
    return dict(value) if isinstance(value, Mapping) else value


def _refuse(entry: Entry, what: str, mend: str = "") -> NoReturn:
    raise EntryError(f"entry of kind {_short(entry.kind)}: {what}", mend)


def _short(text: object) -> str:
    return str(text)[:60] if str(text).isprintable() else "(unprintable)"


def _text(value: object) -> bool:
    return type(value) is str and len(value) <= MAX_TEXT and value.isprintable()


def _int(value: object) -> bool:
    return type(value) is int and -(2**63) <= value < 2**63


def _bool(value: object) -> bool:
    return type(value) is bool


def _texts(value: object) -> bool:
    if not isinstance(value, (list, tuple)) or len(value) > MAX_ITEMS:
        return False
    for item in value:  # noqa: SIM110 - a generator costs as much again
        if type(item) is not str or len(item) > MAX_TEXT or not item.isprintable():
            return False
    return True


def _counts(value: object) -> bool:
    return (
        isinstance(value, Mapping) and len(value) <= MAX_ITEMS and all(_text(k) and _int(v) for k, v in value.items())
    )


_TEXTS = frozenset(name for name, (type_, _) in FIELDS.items() if type_ == "text")
_CHECKS = {"text": _text, "int": _int, "bool": _bool, "texts": _texts, "counts": _counts}
_EXPECTED = {
    "text": "printable text of at most 1024 characters",
    "int": "a 64-bit integer",
    "bool": "true or false",
    "texts": "a list of at most 256 texts",
    "counts": "a map of text to integer",
}
