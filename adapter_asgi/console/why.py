"""Why was this refused? One decision: its rules and code, the rules' text, and the reason that its payload holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

import policy_lang
from adapter_asgi.console.acting import looked, read, reason_of
from adapter_asgi.console.page import Page
from adapter_asgi.console.payloads import why_absent
from adapter_asgi.console.replay import READERS, load, needs_reason
from adapter_asgi.console.roles import ROLES
from adapter_asgi.console.visit import Visit
from recorder.errors import KeysError
from recorder.index import Index
from recorder.reader import Payloads, Record

__all__ = ["PAGES_OF_WHY", "RuleText", "rule_texts"]


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule as it is written in the policy in force; `text` is "" where the policy has no such rule any more."""

    name: str
    place: str = ""
    text: str = ""


def rule_texts(policy: policy_lang.Policy, names: Sequence[str]) -> list[RuleText]:
    """What these rules say, word for word."""
    known = {rule.name: rule for rule in policy.meaning.rules}
    found = []
    for name in names:
        rule = known.get(name)
        if rule is None or rule.source is None:
            found.append(RuleText(name))
            continue
        start, end = rule.span
        line = rule.source.text.count("\n", 0, start) + 1
        found.append(RuleText(name, f"{rule.source.name}:{line}", rule.source.text[start:end]))
    return found


async def page(visit: Visit) -> Response:
    """GET /console/sessions/{id}/records/{log}/{seq}/why"""
    return await _page(visit, None)


async def with_reason(visit: Visit) -> Response:
    """POST: the same, with the decision's own words, for a reason that goes on record."""
    reason = reason_of(visit)
    return needs_reason(visit) if reason is None else await _page(visit, reason)


async def _page(visit: Visit, reason: str | None) -> Response:
    values = visit.request.path_params
    found = await visit.evidence.ask(lambda index: _call(index, values["id"], int(values["log"]), int(values["seq"])))
    if found is None:
        return visit.error(404, "No such decision", "The session has no decision or refusal of this number.")
    record, around = found
    words: Mapping[str, Any] | None = None
    if reason is None:
        await looked(visit, "why", record.session, len(around), {})
    else:
        readable = [one for one in around if why_absent(one) == ""]
        await read(visit, "why", record.session, readable, reason)
        keys = visit.parts.keys
        words = await visit.evidence.ask(lambda index: _words(Payloads(index.store, keys), readable))
    decision = next((one for one in around if one.kind == "decision"), record)
    policy = visit.parts.policy.current
    rules = [str(name) for name in (record.data.get("rules") or decision.data.get("rules") or ())]
    codes = [str(one.data["error"]) for one in around if "error" in one.data]
    return visit.page(
        "why.html",
        title=f"Why {record.data.get('effect') or 'refused'}?",
        record=record,
        command=decision.data.get("command") or decision.data.get("method") or "",
        decision=decision.data,
        codes=codes,
        rules=rules,
        texts=rule_texts(policy, rules),
        same=decision.data.get("policy") == policy.digest,
        words=words,
        absent=sorted({why for one in around if (why := why_absent(one))}),
        readable=any(why_absent(one) == "" for one in around),
        may_read=bool(visit.roles & READERS),
    )


def _call(index: Index, ident: str, log: int, seq: int) -> tuple[Record, list[Record]] | None:
    """The record, and the decision and refusals of its call."""
    record = index.record(log, seq) if log in index.store.logs else None
    if record is None or record.session != ident or record.kind not in ("decision", "refusal"):
        return None
    call = record.data.get("call")
    loaded = load(index, ident)
    if loaded is None or call is None:
        return record, [record]
    around = [one for one in loaded.records if one.data.get("call") == call and one.kind in ("decision", "refusal")]
    return record, around or [record]


def _words(payloads: Payloads, records: Sequence[Record]) -> dict[str, Any]:
    """What the payloads say, by kind: the decision as JSON, a refusal's message."""
    found: dict[str, Any] = {}
    for record in records:
        try:
            data = payloads.payload(record)
            found[record.kind] = json.loads(data or b"null")
        except KeysError as error:
            found[record.kind] = error.message
        except ValueError:
            found[record.kind] = "not JSON; the session's page shows it as it is"
    return found


PAGES_OF_WHY = (
    Page("GET", "/sessions/{id}/records/{log:int}/{seq:int}/why", frozenset(ROLES), page),
    Page("POST", "/sessions/{id}/records/{log:int}/{seq:int}/why", READERS, with_reason),
)
