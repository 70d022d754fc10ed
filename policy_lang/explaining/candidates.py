"""What a request could say instead: values that some line of the policy tells apart."""

from __future__ import annotations

import copy
import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any, TypeAlias

from policy_lang.attributes import CALL, CALLER_KINDS, GROUPS, NETWORK, TEXT, TRUTH, TYPES, UNKNOWN
from policy_lang.automaton import TooLargeError, shortest
from policy_lang.explaining.truths import at_path
from policy_lang.formula import (
    Affix,
    Arg,
    Clock,
    Constant,
    Contains,
    Is,
    Number,
    OneOf,
    RawClaim,
    SqlTest,
    Test,
    Within,
    leaves,
)
from policy_lang.meaning import Meaning
from policy_lang.nodes import Argument
from policy_lang.pattern import Pattern
from policy_lang.spell import operand

Leaf: TypeAlias = Test | Clock | SqlTest | Constant
_MOST = 12  # values of one place


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of a request: an attribute, a claim, an argument (its path up to the first `[*]`) or the time."""

    kind: str
    name: str
    steps: tuple[str | int, ...] = ()

    def __str__(self) -> str:
        if self.kind == "arg":
            return operand(Argument(self.steps))
        return f'claim("{self.name}")' if self.kind == "claim" else self.name

    @property
    def addresses(self) -> bool:
        """Whether it says which call this is at all."""
        return self.kind == "field" and self.name in CALL


def spot_of(leaf: Leaf) -> Spot | None:
    """What a test looks at."""
    if isinstance(leaf, Constant):
        return None
    if isinstance(leaf, Clock):
        return Spot("time", "time")
    subject = leaf.subject
    if isinstance(subject, Arg):
        end = subject.steps.index(None) if None in subject.steps else len(subject.steps)
        return Spot("arg", "args", tuple(step for step in subject.steps[:end] if step is not None))
    return Spot("claim" if isinstance(subject, RawClaim) else "field", subject.name)


class Candidates:
    """The values that a policy tells apart, by place."""

    def __init__(self, meaning: Meaning) -> None:
        self._leaves: dict[Spot, dict[Leaf, None]] = {}
        self._known: dict[tuple[Spot, Leaf], list[Any]] = {}
        for rule in meaning.rules:
            for condition in rule.conditions:
                for leaf in leaves(condition.formula):
                    spot = spot_of(leaf)
                    if spot is not None:
                        self._leaves.setdefault(spot, {})[leaf] = None

    def of(self, spot: Spot, leaf: Leaf) -> list[Any]:
        """Values for a place, those that this test asks for first. UNKNOWN: leave it out."""
        known = self._known.get((spot, leaf))
        if known is None:
            known = self._known[spot, leaf] = self._found(spot, leaf)
        return known

    def _found(self, spot: Spot, leaf: Leaf) -> list[Any]:
        near = [leaf, *(other for other in self._leaves.get(spot, ()) if other != leaf)]
        values: list[Any] = []
        for value in self._values(spot, near):
            if not any(type(value) is type(known) and value == known for known in values):
                values.append(value)
            if len(values) >= _MOST:
                break
        return values

    def _values(self, spot: Spot, near: list[Leaf]) -> Iterable[Any]:
        if spot.kind == "time":
            return _moments([leaf for leaf in near if isinstance(leaf, Clock)])
        if spot.kind == "arg":
            return _arguments(spot, near)
        tests = [leaf for leaf in near if isinstance(leaf, Test)]
        kind = TYPES.get(spot.name, TEXT) if spot.kind == "field" else TEXT
        if kind == TRUTH:
            return (True, False)
        if spot.name == "caller" and spot.kind == "field":
            return CALLER_KINDS
        texts = (text for test in tests for text in _texts(test))  # no more of them are made than are looked at
        if kind == GROUPS:
            return chain(([text] for text in texts), ([], None))
        if kind == NETWORK:
            return texts
        plain = [value for test in tests for value in _plain(test)]
        return chain(plain, texts, ("other", None) if spot.kind == "field" and not spot.addresses else ())


def _plain(test: Test) -> Iterable[Any]:
    asked = test.predicate
    return (asked.value,) if isinstance(asked, (Contains, Is, Number)) else ()


def _texts(test: Test) -> Iterable[str]:
    asked = test.predicate
    if isinstance(asked, OneOf):
        yield from sorted(asked.exact)
        for pattern in asked.patterns:
            word = _shortest(pattern)
            if word is not None and word.isprintable():
                yield word
    elif isinstance(asked, Affix):
        yield asked.text
    elif isinstance(asked, Within):
        yield from (str(next(iter(ipaddress.ip_network(net, strict=False)))) for net in asked.networks)


@lru_cache(maxsize=1024)
def _shortest(pattern: Pattern) -> str | None:
    try:
        return shortest([pattern.automaton()], all)
    except TooLargeError:
        return None


def _moments(clocks: list[Clock]) -> Iterable[Any]:
    from policy_lang.proof.moments import moments

    try:
        return [moment.isoformat() for moment, _ in moments(clocks[:4]) if moment is not None]
    except TooLargeError:
        return []


def _arguments(spot: Spot, near: list[Leaf]) -> Iterable[Any]:
    from policy_lang.proof.samples import Probe, is_imagined, samples

    probes = []
    for leaf in near:
        if isinstance(leaf, SqlTest):
            probes.append(Probe(leaf.subject.steps[len(spot.steps) :], leaf))
        elif isinstance(leaf, Test) and isinstance(leaf.subject, Arg):
            probes.append(Probe(leaf.subject.steps[len(spot.steps) :], leaf.predicate, leaf.subject.default))
    bounds = [probe.predicate.value for probe in probes if isinstance(probe.predicate, Number)]
    try:
        found = [value for value in samples(probes[:1]) if not is_imagined(value)]
        found += [value for value in samples(probes[:6]) if not is_imagined(value)]
    except TooLargeError:
        found = []
    return [*bounds, *found, UNKNOWN]


# ---- putting a value there -------------------------------------------------------------------------------------------


def value_at(data: Mapping[str, Any], spot: Spot) -> Any:
    """What a request (JSON) says at a place; UNKNOWN where it says nothing."""
    if spot.kind == "arg":
        return at_path(data.get("args") or {}, spot.steps)
    if spot.kind == "claim":
        return (data.get("claims") or {}).get(spot.name, UNKNOWN)
    return data.get(spot.name, UNKNOWN)


def put(data: Mapping[str, Any], spot: Spot, value: Any) -> dict[str, Any] | None:
    """The request with another value, attested; None where the path does not lead there."""
    out: dict[str, Any] = copy.deepcopy(dict(data))
    if spot.kind == "arg":
        return out if _put_argument(out, spot.steps, value) else None
    where = out
    if spot.kind == "claim":
        where = out["claims"] = dict(out.get("claims") or {})
    if value is UNKNOWN:
        where.pop(spot.name, None)
    else:
        where[spot.name] = value
    if spot.kind != "time" and not spot.addresses:
        _attest(out, "claims" if spot.kind == "claim" else spot.name)
    if spot.name == "command":
        out.pop("server", None)
    return out


def _attest(out: dict[str, Any], name: str) -> None:
    words = out.get("provenance")
    if isinstance(words, str) and words != "asserted":
        return
    known = dict(words) if isinstance(words, Mapping) else {"default": words or "asserted"}
    if known.get(name, known.get("default", "asserted")) == "asserted":
        out["provenance"] = {**known, name: "attested"}


def _put_argument(out: dict[str, Any], steps: tuple[str | int, ...], value: Any) -> bool:
    where: Any = out
    way: list[str | int] = ["args", *steps]
    for step, following in pairwise(way):
        below: Any = [] if isinstance(following, int) else {}
        if isinstance(where, dict) and isinstance(step, str):
            if not isinstance(where.get(step), type(below)):
                where[step] = below
            where = where[step]
        elif isinstance(where, list) and isinstance(step, int) and step <= len(where):
            if step == len(where):
                where.append(below)
            where = where[step]
        else:
            return False
    last = way[-1]
    if isinstance(where, dict) and isinstance(last, str):
        if value is UNKNOWN:
            where.pop(last, None)
        else:
            where[last] = value
        return True
    if isinstance(where, list) and isinstance(last, int) and last <= len(where) and value is not UNKNOWN:
        where[last : last + 1] = [value]
        return True
    return False
