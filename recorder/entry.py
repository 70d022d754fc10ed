"""What can be recorded: entry kinds, and the fields that a leaf may carry.

A leaf is readable by anyone who holds the store. So its fields are a closed list of short, typed values: arguments,
URIs, reasons, JSON paths and free text belong in the payload, which is encrypted. `recorder/leaf.py` refuses an unknown
kind or field. `recorder/schema.py` publishes the same tables as JSON Schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

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
