"""What a report counts: each measure by name, what it means, and the query over the leaves that gives it again.

A measure is an *exception* (each record is one; none is what the control asks), *evidence* (each record shows the
control at work) or a *fact* (a figure that a reader needs).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["MEASURES", "Measure", "Role"]

Role = Literal["exception", "evidence", "fact"]


@dataclass(frozen=True, slots=True)
class Measure:
    """`meaning`: for people; `query`: over the leaves of the period, in words that a script can follow."""

    name: str
    role: Role
    meaning: str
    query: str


def _of(role: Role, *items: tuple[str, str, str]) -> dict[str, Measure]:
    return {name: Measure(name, role, meaning, query) for name, meaning, query in items}


MEASURES: dict[str, Measure] = {
    **_of(
        "exception",
        ("calls.undecided", "calls that went upstream without a decision",
         "kind=request, and no decision of the same call comes before it"),
        ("allowed.unruled", "calls allowed by no rule and no protocol basis",
         "kind=decision, effect is not deny, rules is empty, basis is not protocol"),
        ("events.unidentified", "events of a session without subject or issuer",
         "kind is session.*, decision, request or response, and subject or issuer is missing"),
        ("emergency.unreviewed", "emergency approvals that nobody reviewed within 72 hours",
         "kind=approval.given, cause=break-glass, and no review of the same approval within 72 hours"),
        ("sessions.overdue", "sessions left open past their idle limit",
         "sessions without session.ended whose last record lies more than the idle limit before the period's end"),
        ("payloads.unencrypted", "payloads kept without an encryption key's id",
         "leaf has payload.sha256 and no key"),
        ("recording.gaps", "times in which something could not be recorded", "kind=gap"),
        ("calls.interrupted", "calls that were open when the gate died", "kind=call.interrupted"),
        ("verify.faults", "faults found by verification: a wrong or missing record, tile, checkpoint or signature",
         "hoopgate verify STORE"),
        ("destructive.unapproved", "destructive commands allowed without an approval",
         "kind=decision, effect=allow, command matches a destructive pattern"),
        ("allowed.unverified", "calls allowed to a caller who was not authenticated",
         "kind=decision, effect is not deny, and unsafe=true or the session has no session.identity"),
        ("gate.reachable_around", "starts at which an upstream answered without a credential",
         "kind=gate.started, cause begins with sole path: not evidenced"),
        ("reviews.overdue", "spans of the period, longer than the interval, that no review covers",
         "the period less the spans of kind=review with since and until"),
        ("policies.nameless", "policies that came into force with nobody named for them",
         "kind=policy.activated, who is missing"),
        ("approvals.self", "approvals given by the one who asked", "kind=approval.given, approver is subject"),
        ("approvals.late", "approvals used after they had run out", "kind=approval.consumed, time is after expires"),
        ("incidents.unreviewed", "incidents that no later review covers",
         "the incidents whose time no kind=review with since and until covers"),
        ("erasures.held", "sessions erased while a legal hold named them",
         "kind=session.erased, target is among the targets of a hold set before and not lifted"),
        ("clear.unruled", "decisions that let identifiers through in clear without a rule that says so",
         "kind=decision, effect is not deny, clear is not empty, rules is empty"),
        ("clock.jumps", "times the wall clock jumped", "kind=clock, jump_ns is given"),
    ),
    **_of(
        "evidence",
        ("decisions", "decisions by the policy, by effect", "kind=decision"),
        ("decisions.denied", "calls that the policy denied", "kind=decision, effect=deny"),
        ("events.identified", "events that name subject and issuer",
         "kind is session.*, decision, request or response, with subject and issuer"),
        ("emergency.used", "emergency approvals", "kind=approval.given, cause=break-glass"),
        ("sessions.ended", "sessions that ended, by cause", "kind=session.ended"),
        ("payloads.encrypted", "payloads kept under an encryption key", "leaf has payload.sha256 and key"),
        ("coverage", "records by the level at which they were kept", "every record of a session, by level"),
        ("destructive.approved", "destructive commands that were used after an approval",
         "kind=approval.consumed, command matches a destructive pattern"),
        ("verify.records", "records proved to be in the signed tree", "hoopgate verify STORE"),
        ("verify.checkpoints", "signed checkpoints", "hoopgate verify STORE"),
        ("sessions.verified", "sessions whose caller was authenticated, by provider",
         "kind=session.identity, unsafe is not true"),
        ("authentication.failed", "refused authentications, by code", "kind=refusal, session is empty"),
        ("responses", "messages released to callers", "kind=response"),
        ("responses.masked", "messages that masking changed before release", "kind=response, changed=true"),
        ("reviews", "reviews signed off", "kind=review"),
        ("policies", "policies that came into force", "kind=policy.activated"),
        ("approvals", "approvals, by what became of them", "kind=approval.*"),
        ("leases", "credentials lent and taken back", "kind=lease.*"),
        ("erasures", "sessions erased", "kind=session.erased"),
        ("expiries", "segments whose payloads were removed after their time", "kind=retention.expired"),
        ("masked", "values masked, by kind", "kind=response, sum of masked"),
        ("limits.reached", "limits that were reached", "kind=limit"),
        ("readings", "recordings that were read", "kind=read"),
        ("exports", "recordings that were exported", "kind=export"),
        ("clock.facts", "logs opened with the clock's state on record", "kind=log.opened or clock"),
    ),
    **_of(
        "fact",
        ("flows", "who reached what: caller, command, effect", "kind=decision, by subject, command and effect"),
        ("subjects", "callers and the policy that they last used", "kind=decision, by subject: last time and policy"),
        ("decisions.clear", "decisions that let identifiers through in clear, by command and kind",
         "kind=decision, clear is not empty, by command and kind"),
        ("refusals", "refused calls and messages, by code", "kind=refusal"),
        ("incidents", "gaps, interrupted calls, broken glass, changed tools",
         "kind=gap, call.interrupted or tools.changed; kind=approval.given with cause=break-glass"),
        ("keys.changed", "keys rotated", "kind=key.rotated or signer.rotated"),
        ("tools.changed", "servers whose tools differed from their lock", "kind=tools.changed"),
        ("ledger.oldest", "the oldest record of the store", "the first record's time"),
    ),
}  # fmt: skip
