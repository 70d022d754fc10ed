"""What a store knows of the calls that were decided: who called, what was asked, and what was said to it.

A session's identity is in the leaves, as far as the gate believed it. What was asked is in the payload of the request,
of a held call in the payload of the question; a call that was refused leaves no arguments behind. The decision itself
is in the payload of its record, or, where only digests are kept, what its leaf says of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from gate.errors import MalformedError
from gate.messages import Message, read_client_body
from policy_lang.attributes import CALLER
from policy_lang.decision import Approval, Decision, Grant, Limit
from policy_lang.kinds import KINDS
from policy_lang.request import Request
from recorder.errors import KeysError, RequestError
from recorder.index import Index, Query
from recorder.reader import Payloads, Record
from recorder.rfc6962 import leaf_hash

__all__ = ["Asked", "Identity", "Reading", "Replayed"]

_KEPT_ELSEWHERE = {"group": "groups"}
_CLOSED = "the store's keys are not here, so that only its leaves were read"
_HARMLESS = "nothing of it was kept: its record level is digest or off"


@dataclass(frozen=True)
class Identity:
    """Who called. `open` are the attributes of which the store does not say whether they were known."""

    request: Request = field(repr=False)
    issuer: str
    subject: str
    open: frozenset[str]


@dataclass(frozen=True)
class Asked:
    """One decision: where, when, on what (`message` None: what was asked is not there, `missing` says why), and what
    was decided. `whole` says that `before` is the whole decision; else only what its leaf holds.
    """

    record: Record
    server: str
    method: str
    command: str | None
    message: Message | None = field(repr=False)
    missing: str
    before: Decision
    whole: bool

    @property
    def time(self) -> datetime:
        return datetime.fromisoformat(self.record.time)


@dataclass(frozen=True)
class Replayed:
    """A session: who called (None: its identity is not in the store), and every decision in it."""

    session: str
    identity: Identity | None
    asked: tuple[Asked, ...]


@dataclass
class Reading:
    """Reads sessions of a store, without `payloads` only leaves; `opened` counts the payloads that were read, `digest`
    is over their leaves.
    """

    payloads: Payloads | None
    opened: int = 0
    digest: Any = field(default_factory=sha256, repr=False)

    def sessions(self, index: Index, query: Query) -> Iterator[Replayed]:
        """Every session that is asked for, with the decisions of the time that is asked for."""
        since, until = (_moment(text) for text in (query.since, query.until))
        for about in index.sessions(query):
            records = index.session_records(about["id"])
            found = [one for one in self._asked(records) if _within(one.time, since, until)]
            if found:
                yield Replayed(about["id"], _identity(records), tuple(found))

    def _asked(self, records: list[Record]) -> Iterator[Asked]:
        by_call: dict[tuple[str, Any], Record] = {}
        for record in records:
            if record.kind in ("request", "approval.requested"):
                by_call[record.kind, record.data.get("call")] = record
        for record in records:
            if record.kind == "decision" and "call" in record.data:
                yield self._one(record, by_call)

    def _one(self, record: Record, by_call: Mapping[tuple[str, Any], Record]) -> Asked:
        data = record.data
        call = data["call"]
        message, missing = self._message(
            data, by_call.get(("request", call)), by_call.get(("approval.requested", call))
        )
        said, _ = self._opened(record)
        before = _decision(json.loads(said)) if said is not None else _of_leaf(data)
        command = data.get("command")
        return Asked(record, data["server"], data["method"], command, message, missing, before, said is not None)

    def _message(
        self, data: Mapping[str, Any], request: Record | None, question: Record | None
    ) -> tuple[Message | None, str]:
        if request is not None:
            body, missing = self._opened(request)
            return (None, missing) if body is None else _of_body(body, data["method"])
        if question is not None:
            body, missing = self._opened(question)
            if body is None:
                return None, missing
            name = str(data.get("command", "")).partition("/")[2]
            params = {"name": name, "arguments": json.loads(body).get("arguments")}
            return Message("request", {"params": params}, None, data["method"]), ""
        return None, "what a refused call asked for is not recorded"

    def _opened(self, record: Record) -> tuple[bytes | None, str]:
        if self.payloads is None:
            return None, _CLOSED
        try:
            data = self.payloads.payload(record)
        except KeysError:
            return None, "its payload was removed or its key destroyed"
        if data is None:
            return None, _HARMLESS
        self.opened += 1
        self.digest.update(leaf_hash(record.raw))  # of the leaves, which are public: never of what is in a payload
        return data, ""


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise RequestError(f'"{text[:80]}" is no RFC 3339 time with its zone', 'for example "2026-11-22T03:00:00Z"')
    return found


def _within(moment: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or moment >= since) and (until is None or moment < until)


def _of_body(body: bytes, method: str) -> tuple[Message | None, str]:
    """The one message of a recorded body that was decided on."""
    try:
        messages = read_client_body(body).messages
    except MalformedError:
        return None, "its message cannot be read any more"
    named = [one for one in messages if one.method == method] or [one for one in messages if not one.method]
    if len(named) != 1:
        return None, "its message cannot be told from others of its batch"
    if not named[0].method:  # an answer to a request of the server's is decided as a notification
        return Message("notification", {}, None, method), ""
    return named[0], ""


# ---- who called ------------------------------------------------------------------------------------------------------


def _identity(records: list[Record]) -> Identity | None:
    found = next((record.data for record in records if record.kind == "session.identity"), None)
    if found is None:
        return None
    facts: dict[str, Any] = {}
    for name in CALLER:
        value = found.get(_KEPT_ELSEWHERE.get(name, name))
        if value is not None and name != "issuer":
            facts[name] = value
    kept = found.get("none")
    facts |= dict.fromkeys(kept or ())
    if "issuer" not in facts:
        facts["issuer"] = found.get("issuer")
    if found.get("unsafe"):  # nobody issued it
        facts["issuer"] = None if kept and "issuer" in kept else facts["issuer"]
    missing = frozenset() if kept is not None else frozenset(name for name in CALLER if name not in facts)
    request = Request.from_json({**facts, "provenance": "attested"})
    return Identity(request, str(found.get("issuer", "")), str(found.get("subject", "")), missing)


# ---- what was decided ------------------------------------------------------------------------------------------------


def _decision(data: Mapping[str, Any]) -> Decision:
    """A decision from its JSON."""
    approvals = tuple(
        Approval(tuple(one["from"]), one["count"], one["within"], one.get("for"), one["rule"])
        for one in data["approvals"]
    )
    limits = tuple(Limit(one["count"], one["per"], one["rule"], one.get("unit", "calls")) for one in data["limits"])
    grant = Grant(data["grant"]["profile"], data["grant"]["seconds"]) if data["grant"] else None
    return Decision(
        data["effect"],
        tuple(data["rules"]),
        data["mask"],
        {},
        approvals,
        grant,
        data["record"],
        data["retain"],
        limits,
        data["reason"],
        data["policy"],
    )


def _of_leaf(data: Mapping[str, Any]) -> Decision:
    """As much of a decision as its leaf tells: the effect, the rules, which kinds are masked, the level."""
    clear = data.get("clear", ())
    mask = {} if data["effect"] == "deny" else {kind: "redact" for kind in KINDS if kind not in clear}
    grant = Grant(data["grant"], 0) if "grant" in data else None
    rules = tuple(data.get("rules", ()))
    return Decision(data["effect"], rules, mask, grant=grant, record=data["record"], policy=data["policy"])
