"""What an exchange records, as entries. Leaves hold no arguments, no reasons, no URIs: those are in the payloads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import policy_lang
import recorder
from gate.call import passes_as_protocol
from gate.errors import LIMIT_REACHED
from gate.strict_json import write
from policy_lang.attributes import CALLER, index

if TYPE_CHECKING:
    from datetime import datetime

    from gate.call import Call
    from gate.errors import GateError
    from gate.events import Leased
    from gate.session import Session
    from gate.walk import Masked

__all__ = ["Ledger", "closing_entries", "cut_entries"]

_SOURCE_IP = index("source_ip", asserted=True)
_TEXT = 1024
_RULES = 256
_DECISIONS = 256
_ATTRIBUTES = (
    "provider", "tenant", "repository", "repository_id", "workflow", "job", "branch", "tag", "commit", "environment",
    "event", "actor", "actor_id",
)  # fmt: skip


class Ledger:
    """Makes the entries of one session."""

    __slots__ = ("_base", "_decisions", "_live", "_session")

    def __init__(self, session: Session) -> None:
        self._session = session.id
        self._live = session
        # by identity, which the decision beside it keeps from being given to another
        self._decisions: dict[int, tuple[policy_lang.Decision, dict[str, Any], bytes]] = {}
        principal = session.principal
        self._base: dict[str, Any] = {
            "server": session.server,
            "subject": _text(principal.subject),
            "issuer": _text(principal.issuer),
        }
        if principal.run is not None:
            self._base["run"] = _text(principal.run)
        address = principal.identity.values[_SOURCE_IP]
        if isinstance(address, str):
            self._base["source_ip"] = _text(address)
        if principal.unsafe:
            self._base["unsafe"] = True

    def opened(self, session: Session, peer: str, era: str) -> list[recorder.Entry]:
        """A session begins, and who it is, as verified."""
        principal = session.principal
        who = {**self._base, "caller": principal.kind, "display": _text(principal.display), "era": era}
        if peer:
            who["source_ip"] = _text(peer)
        if principal.expires is not None:
            who["expires"] = principal.expires.isoformat()
        who |= _attributes(principal.identity)
        return [
            recorder.Entry("session.opened", self._session, {**self._base, "era": era}),
            recorder.Entry("session.identity", self._session, who),
        ]

    def decision(self, call: Call) -> recorder.Entry:
        """What the gate decided, by the policy; the reasons are in the payload.

        The protocol's housekeeping passes without a rule of its own: its `basis` then is "protocol".
        """
        about, payload = self._said(call.decision)
        if call.decision.effect != "allow" and passes_as_protocol(call, self._live):
            about = {**about, "effect": "allow", "basis": "protocol"}
        return self._entry("decision", call, {**about, "decision": call.decision_id}, payload)

    def _said(self, decision: policy_lang.Decision) -> tuple[dict[str, Any], bytes]:
        """The leaf's part and the payload of a decision. A policy gives few different ones, each as one object."""
        found = self._decisions.get(id(decision))
        if found is None:
            if len(self._decisions) >= _DECISIONS:
                self._decisions.clear()
            about: dict[str, Any] = {
                "effect": decision.effect,
                "rules": [_text(rule) for rule in decision.rules[:_RULES]],
                "policy": decision.policy,
                "record": decision.record,
            }
            if decision.grant is not None:
                about["grant"] = _text(decision.grant.profile)
            clear = [kind for kind in policy_lang.KINDS if kind not in decision.mask]
            if clear and decision.effect != "deny":
                about["clear"] = clear
            if decision.observed:
                about["observed"] = [_text(rule) for rule in decision.observed[:_RULES]]
                about["would"] = decision.would
            found = self._decisions[id(decision)] = (decision, about, write(decision.to_json()))
        return found[1], found[2]

    def request(self, call: Call, body: bytes) -> recorder.Entry:
        """The intent, durable before anything is forwarded. The payload is the message as it came."""
        more = {"decision": call.decision_id, "direction": "client", "bytes": len(body)}
        return self._entry("request", call, more, body)

    def response(
        self, call: Call, released: bytes, masked: Masked | None, original: bytes | None, outcome: str = ""
    ) -> recorder.Entry:
        """What is about to be released; the upstream's original too where the rules say `record full`."""
        call.messages += 1
        more: dict[str, Any] = {"direction": "server", "message": call.messages, "bytes": len(released)}
        if outcome:
            more["outcome"] = outcome
        if masked is not None and masked.changed:
            more["changed"] = True
            more["masked"] = masked.counts()
        kept = original if call.decision.record == "full" else None
        return self._entry("response", call, more, released, kept)

    def masking(self, call: Call, masked: Masked) -> recorder.Entry:
        """Where something was masked, by which rule, and what stands there now; never what stood there."""
        why = call.decision.mask_rules if call.decision.effect != "deny" else {}
        findings = [
            {
                "kind": item.kind,
                "where": item.where,
                "detector": item.detector,
                "method": item.method,
                "digest": item.digest,
                "masked": item.mask,
                "rules": list(why.get(item.kind, ())),
            }
            for item in masked.findings
        ]
        more = {"masked": masked.counts(), "message": call.messages}
        return self._entry("masking", call, more, write({"findings": findings, "withheld": masked.withheld}))

    def ended(self, call: Call, outcome: str) -> recorder.Entry:
        """The call is over: complete, cut, refused, error or interrupted."""
        call.ended = True
        return self._entry("call.ended", call, {"outcome": outcome, "messages": call.messages})

    def refusal(self, error: GateError, call: Call | None = None, payload: bytes | None = None) -> recorder.Entry:
        """A call was refused, or a message withheld. The words are in the payload: they may repeat a reason."""
        more: dict[str, Any] = {"error": error.code, "outcome": "refused"}
        for name in ("decision", "approval"):
            if value := getattr(error, name, ""):
                more[name] = value
        if rules := getattr(error, "rules", ()):
            more["rules"] = [_text(rule) for rule in rules[:_RULES]]
        words = write({"message": error.message}) if payload is None else payload
        return self._entry("refusal", call, more, words)

    def limits(self, error: GateError, call: Call) -> list[recorder.Entry]:
        """The budgets that are spent, where that is why the call is refused; one entry for each rule."""
        if getattr(error, "rpc_code", 0) != LIMIT_REACHED:
            return []
        rules = getattr(error, "rules", ())
        return [self._entry("limit", call, {"decision": call.decision_id, "rule": _text(rule)}) for rule in rules]

    def leased(self, call: Call, lease: Leased, now: datetime) -> recorder.Entry:
        """A credential was lent, or one that was lent is renewed: its id, scope and life, never the credential."""
        more = self._lease(call, lease.lease_id)
        more["rules"] = [_text(rule) for rule in call.decision.rules[:_RULES]]
        if lease.expires is not None:
            more["expires"] = lease.expires.isoformat()
            more["seconds"] = max(0, round((lease.expires - now).total_seconds()))
        if lease.renews:
            return self._entry("lease.renewed", call, {**more, "old": _text(lease.renews)})
        return self._entry("lease.issued", call, more)

    def lease_used(self, call: Call, lease: str) -> recorder.Entry:
        """A call goes upstream with a credential on loan."""
        return self._entry("lease.used", call, self._lease(call, lease))

    def _lease(self, call: Call, lease: str) -> dict[str, Any]:
        more: dict[str, Any] = {"lease": _text(lease)}
        if call.decision.grant is not None:
            more["grant"] = _text(call.decision.grant.profile)
        if call.approval:
            more["approval"] = call.approval
        return more

    def tool_changed(self, call: Call, tool: str, how: str, digest: str) -> recorder.Entry:
        """A server's tool is not as it was locked."""
        command = _text(f"{self._base['server']}/{tool}")
        return self._entry("tools.changed", call, {"command": command, "cause": how, "digest": digest})

    def revoked(self, lease: str) -> recorder.Entry:
        """A credential was taken back."""
        return recorder.Entry("lease.revoked", self._session, {**self._base, "lease": _text(lease)})

    def closed(self, cause: str) -> recorder.Entry:
        """The session is over."""
        return recorder.Entry("session.ended", self._session, {**self._base, "cause": cause})

    def _of(self, call: Call) -> dict[str, Any]:
        """What every record of the call says, made once."""
        call.about = {**self._base, "call": call.id, "method": _text(call.method)}
        if call.command is not None:
            call.about["command"] = _text(call.command)
        return call.about

    def _entry(
        self,
        kind: str,
        call: Call | None,
        more: dict[str, Any],
        payload: bytes | None = None,
        original: bytes | None = None,
    ) -> recorder.Entry:
        """What every record of the call, or of the session, says, and `more`."""
        if call is None:
            return recorder.Entry(kind, self._session, {**self._base, **more}, payload, original)
        metadata, decision = {**(call.about or self._of(call)), **more}, call.decision
        return recorder.Entry(kind, self._session, metadata, payload, original, decision.record, decision.retain)


def cut_entries(session: Session, approval: str) -> list[recorder.Entry]:
    """An approval was taken back: the calls that ran on it and whose answers may still be fetched end here."""
    keys = [key for key, call in list(session.unfinished.items()) if call.approval == approval]
    return [session.ledger.ended(session.unfinished.pop(key), "cut") for key in keys]


def closing_entries(session: Session, cause: str, leases: Sequence[str]) -> list[recorder.Entry]:
    """The session is over (`cause`: deleted, idle, stopped): calls cut, leases taken back, and the end itself."""
    if not session.announced:
        return []
    ledger = session.ledger
    entries = [ledger.ended(call, "cut") for call in list(session.unfinished.values())]
    session.unfinished.clear()
    entries += [ledger.revoked(lease) for lease in leases]
    return [*entries, ledger.closed(cause)]


def _attributes(identity: policy_lang.Request) -> dict[str, Any]:
    """What the caller is known to be, as far as it is to be believed: an asserted attribute is no evidence."""
    known = identity.known()
    found: dict[str, Any] = {name: _text(known[name]) for name in _ATTRIBUTES if name in known}
    for name in ("protected", "reviewed"):
        if name in known:
            found[name] = known[name]
    if "group" in known:
        found["groups"] = [_text(name) for name in known["group"][:_RULES]]
    # Without what is attested not to be there, `branch not "main"` could not be decided again.
    return found | {"none": [name for at, name in enumerate(CALLER) if identity.values[at] is None]}


def _text(value: str) -> str:
    """`value` as a leaf may carry it: printable, at most 1024 characters."""
    return value if value.isprintable() and len(value) <= _TEXT else ascii(value)[1:-1][:_TEXT]
