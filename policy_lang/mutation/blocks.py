"""A `test` block for a request: what is sent, and of its decision what tells it from another one.

Whoever uses the text reads it back: a request that no test can state (a claim that is an object) gives a block that
says less, and `catching.py` does not offer it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from policy_lang.attributes import ATTESTS, CALLER
from policy_lang.decision import Approval, Decision, Limit
from policy_lang.kinds import KINDS
from policy_lang.spell import scalar

_UNITS = (("w", 604800), ("d", 86400), ("h", 3600), ("m", 60))
_ADDRESSES = ("server", "command", "resource", "prompt", "method")


def block_for(name: str, request: Mapping[str, Any], decision: Decision, other: Decision) -> str:
    """A block that holds of `decision` and not of `other`."""
    lines = [*_facts(request), *_expectations(decision, other)]
    return "\n".join([f"test {scalar(name)} {{", *(f"    {line}" for line in lines), "}\n"])


# ---- facts -----------------------------------------------------------------------------------------------------------


def _facts(request: Mapping[str, Any]) -> Iterator[str]:
    provider = request.get("provider")
    attested = ATTESTS.get(provider, frozenset()) if isinstance(provider, str) else frozenset()
    for name in ("provider", *(one for one in CALLER if one != "provider")):
        if name in request:
            if request[name] is not None or name not in attested:
                yield f"{_asserted(request, name)}{name} {_fact(request[name])}"
        elif name in attested or (name == "caller" and provider in ATTESTS):
            yield f"{name} unknown"
    for name, value in (request.get("claims") or {}).items():
        yield f"{_asserted(request, 'claims')}claim({scalar(name)}) {_fact(value)}"
    yield from _call(request)
    if request.get("time"):
        yield f"time {scalar(request['time'])}"


def _asserted(request: Mapping[str, Any], name: str) -> str:
    words = request.get("provenance") or "asserted"
    word = words if isinstance(words, str) else words.get(name, words.get("default", "asserted"))
    return "asserted " if word == "asserted" else ""


def _fact(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_fact, value)) if value else "none"
    return "none" if value is None else _json(value)


def _call(request: Mapping[str, Any]) -> Iterator[str]:
    arguments = request.get("args")
    said = [name for name in _ADDRESSES if isinstance(request.get(name), str)]
    if "command" in said:
        said = ["command"]
    for name in said:
        with_ = f" with {_json(arguments)}" if arguments and name != "server" else ""
        yield f"{name} {scalar(request[name])}{with_}"


def _json(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{scalar(key)}: {_json(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_json, value))}]"
    return scalar(Decimal(repr(value)) if isinstance(value, float) else value)


# ---- expectations ----------------------------------------------------------------------------------------------------


def _expectations(decision: Decision, other: Decision) -> Iterator[str]:
    """The verdict; where that is the same, what else differs."""
    if decision.effect != other.effect and decision.effect != "approval":
        yield f"expect {decision.effect}"
        return
    said = [_approval(one) for one in decision.approvals]
    if decision.effect != "approval":
        yield f"expect {decision.effect}"
    elif set(map(_approval, decision.approvals)) <= set(map(_approval, other.approvals)):
        yield "expect approval"
    theirs = list(map(_approval, other.approvals))
    fresh = [one for one in dict.fromkeys(said) if one not in theirs]
    yield from (f"expect {one}" for one in fresh)
    if decision.effect != other.effect:
        return
    yield from (f"expect not {one}" for one in dict.fromkeys(theirs) if one not in said and not fresh)
    if decision.effect != "deny":
        yield from _masks(decision, other)
        yield from _rest(decision, other)
    if decision.record != other.record:
        yield f"expect record {decision.record}"
    yield from _told("retain", _kept(decision.retain), _kept(other.retain))


def _masks(decision: Decision, other: Decision) -> Iterator[str]:
    """What is masked otherwise, kinds of one method on one line."""
    together: dict[str, list[str]] = {}
    for kind, method in decision.mask.items():
        if other.mask.get(kind) != method:
            together.setdefault(f" with {method}" if kind in other.mask else "", []).append(kind)
    for with_, kinds in together.items():
        yield f"expect mask {'all' if set(kinds) >= set(KINDS) else ', '.join(kinds)}{with_}"
    more = [kind for kind in other.mask if kind not in decision.mask]
    if more and not together:
        yield f"expect not mask {more[0]}"


def _rest(decision: Decision, other: Decision) -> Iterator[str]:
    ours, theirs = ([f"{scalar(g.profile)} for {duration(g.seconds)}"] if (g := one.grant) else []
                    for one in (decision, other))  # fmt: skip
    yield from _told("grant", ours, theirs)
    yield from _told("limit", list(map(_limit, decision.limits)), list(map(_limit, other.limits)))


def _told(word: str, ours: list[str], theirs: list[str]) -> Iterator[str]:
    yield from (f"expect {word} {one}" for one in ours if one not in theirs)
    yield from (f"expect not {word} {one}" for one in theirs if one not in ours)


def _kept(seconds: int | None) -> list[str]:
    return [] if seconds is None else [duration(seconds)]


def _approval(one: Approval) -> str:
    groups = f" from {', '.join(map(scalar, one.from_))}" if one.from_ else ""
    lasting = "once" if one.for_ is None else f"for {duration(one.for_)}"
    return f"approval{groups} count {one.count} within {duration(one.within)} {lasting}"


def _limit(one: Limit) -> str:
    per = one.per if isinstance(one.per, str) else duration(one.per)
    return f"{one.count} {'bytes ' if one.unit == 'bytes' else ''}per {per}"


def duration(seconds: int) -> str:
    """Seconds in the largest unit that is exact."""
    for unit, size in _UNITS:
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
