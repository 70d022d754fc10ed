"""The policy in force: its rules and how often each was used lately, its tests and proofs, its text, what changed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.responses import Response

from adapter_asgi.console.acting import read, reason_of
from adapter_asgi.console.examined import Examiner
from adapter_asgi.console.page import Page
from adapter_asgi.console.recent import WINDOW, Item, Recent
from adapter_asgi.console.replay import READERS, needs_reason
from adapter_asgi.console.roles import ROLES
from adapter_asgi.console.visit import Visit
from adapter_asgi.console.why import RuleText, rule_texts
from recorder.errors import KeysError
from recorder.index import Index
from recorder.reader import Payloads, Record

__all__ = ["PAGES_OF_POLICY", "Used", "used"]

_ACTIVATIONS = 20


@dataclass(frozen=True, slots=True)
class Used:
    """A rule and how many decisions of the window it made."""

    rule: RuleText
    count: int


def used(items: Sequence[Item], rules: Sequence[RuleText], policy: str) -> list[Used]:
    """How often each rule decided under this policy, most first; those that never did last."""
    hits: Counter[str] = Counter()
    for item in items:
        if item.kind == "decision" and item.policy == policy:
            hits.update(item.rules)
    return sorted((Used(rule, hits[rule.name]) for rule in rules), key=lambda one: -one.count)


async def page(visit: Visit) -> Response:
    """GET /console/policy"""
    holder = visit.parts.policy
    policy = holder.current
    recent, examiner = visit.evidence.shared(Recent), visit.evidence.shared(Examiner)
    items, activations = await visit.evidence.ask(lambda index: (recent.items(index), _activations(index)))
    decisions = [item for item in items if item.kind == "decision"]
    return visit.page(
        "policy.html",
        title="Policy",
        digest=policy.digest,
        stale=holder.stale,
        rules=used(items, rule_texts(policy, policy.rules), policy.digest),
        seen=len(items),
        decided=sum(item.policy == policy.digest for item in decisions),
        others=sum(item.policy != policy.digest for item in decisions),
        since=_moment(items[0].time) if items else "",
        window=WINDOW,
        examined=examiner.of(policy, holder.texts, holder.before),
        texts=[(Path(name).name, text) for name, text in holder.texts.items()],
        changed=holder.changed.splitlines(),
        before=holder.before.digest if holder.before is not None else "",
        activations=activations,
        may_read=bool(visit.roles & READERS),
    )


async def difference(visit: Visit) -> Response:
    """POST /console/policy/difference: what an activation on record changed in the texts, for a reason."""
    reason = reason_of(visit)
    if reason is None:
        return needs_reason(visit)
    log, _, seq = visit.form.get("record", "").partition("-")
    if not (log.isdecimal() and seq.isdecimal() and len(log) + len(seq) < 25):
        return visit.error(400, "No such record", "Choose one of the activations.")
    record = await visit.evidence.ask(lambda index: _record(index, int(log), int(seq)))
    if record is None:
        return visit.error(404, "No such record", "Choose one of the activations.")
    await read(visit, "policy", "", [record], reason)
    keys = visit.parts.keys
    told = await visit.evidence.ask(lambda index: _payload(Payloads(index.store, keys), record))
    return visit.page(
        "policy-difference.html",
        title="What changed",
        record=record,
        absent=told.get("absent", ""),
        changed=str(told.get("diff", "")).splitlines(),
    )


def _activations(index: Index) -> list[Record]:
    places = index.acts(["policy.activated"])[-_ACTIVATIONS:]
    found = [record for log, seq in places if (record := index.record(log, seq)) is not None]
    return sorted(found, key=lambda record: int(record.leaf["time"]), reverse=True)


def _record(index: Index, log: int, seq: int) -> Record | None:
    record = index.record(log, seq) if log in index.store.logs else None
    return record if record is not None and record.kind == "policy.activated" else None


def _payload(payloads: Payloads, record: Record) -> dict[str, Any]:
    try:
        value = json.loads(payloads.payload(record) or b"{}")
    except KeysError as error:
        return {"absent": error.message}
    except ValueError:
        return {"absent": "it is not JSON"}
    return value if isinstance(value, dict) else {}


def _moment(nanoseconds: int) -> str:
    return datetime.fromtimestamp(nanoseconds // 10**9, UTC).isoformat().replace("+00:00", "Z")


PAGES_OF_POLICY = (
    Page("GET", "/policy", frozenset(ROLES), page),
    Page("POST", "/policy/difference", READERS, difference),
)
