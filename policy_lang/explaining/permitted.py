"""The permitted requests that are nearest to one that is refused, among all there are: found by the prover.

Strategy: what is permitted of the same kind of call is a set of boxes, as for a `never` that forbids everything. Of
each box it is counted in how many places the request lies outside; those places take a value of the box, the others
stay. It sees what small steps do not lead to, and that nothing leads there at all.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from policy_lang.attributes import CALL, UNKNOWN
from policy_lang.explaining.candidates import Spot, put
from policy_lang.meaning import Never
from policy_lang.policy import Policy
from policy_lang.proof.boxes import Box, Budget, TooManyError
from policy_lang.proof.coordinates import Fragment
from policy_lang.proof.ground import Ground
from policy_lang.proof.never import Court
from policy_lang.proof.slices import BLANK, slice_of
from policy_lang.proof.space import Space
from policy_lang.request import Request

_STEPS: Final = 20_000
_TRIES: Final = 20
_SLICES: Final = 40
_ANYTHING: Final = Never("", ())


@dataclass(frozen=True)
class Nearest:
    """`changes` of the fewest places, empty where none was found; `complete`: there are no others."""

    changes: tuple[tuple[Spot, Any], ...]
    complete: bool


def nearest_permitted(policy: Policy, data: Mapping[str, Any], free: bool) -> Nearest:
    """The least changes after which a request (JSON) is permitted. `free`: also of what is called."""
    request = Request.from_json(data)
    ground = Ground(policy.meaning.rules)
    own = slice_of(request, ground.slices)
    kinds = [part for part in ground.slices if part.kind not in (own.kind, BLANK)] if free else []
    servers = [part for part in ground.slices if part.kind == own.kind and part != own] if free else []
    complete = True
    for parts in ([own], servers, kinds):  # the same server first, then the same kind of call
        near = _Near(policy, data, request)
        for part in parts[:_SLICES]:
            near.look(Court(ground, part), free, part != own)
        found = near.found()
        if found:
            return Nearest(found, True)
        complete = complete and near.complete and len(parts) <= _SLICES
    return Nearest((), complete)


class _Near:
    """What is permitted in some slices, the nearest first."""

    def __init__(self, policy: Policy, data: Mapping[str, Any], request: Request) -> None:
        self._policy, self._data, self._request = policy, data, request
        self._all: list[tuple[int, int, Space, Box, Mapping[int, int]]] = []
        self.complete = True

    def look(self, court: Court, free: bool, elsewhere: bool) -> None:
        """Take in what is permitted in one slice; `elsewhere`: the request does not lie in it."""
        space = court.space
        boxes, whole = _boxes(court)
        self.complete = self.complete and whole
        point = space.place(self._request)  # when all its coordinates are made
        if elsewhere:
            point |= dict.fromkeys(space.address, 0)
            boxes = [{**{place: space.full[place] for place in space.address}, **box} for box in boxes]
        for box in boxes:
            away = {space.key_at(place) for place, mask in box.items() if not mask & point[place]}
            if free or not any(map(space.is_address, away)):
                self._all.append((len(away), len(self._all), space, box, point))

    def found(self) -> tuple[tuple[Spot, Any], ...]:
        """The least changes that were confirmed."""
        for _, _, space, box, point in heapq.nsmallest(_TRIES, self._all, key=lambda one: one[:2]):
            changes = list(_changes(space, box, point))
            known = tuple(one for one in changes if one is not None)
            if len(known) == len(changes) and _turns(self._policy, self._data, known):
                return known
        self.complete = self.complete and not self._all
        return ()


def _boxes(court: Court) -> tuple[list[Box], bool]:
    """What is permitted, and whether that is all."""
    out: list[Box] = []
    try:
        for box in court.candidates(_ANYTHING, Budget(_STEPS)):
            out.append(box)  # noqa: PERF402 - what was found before the bound counts
    except TooManyError:
        return out, False
    return out, True


def _turns(policy: Policy, data: Mapping[str, Any], changes: Sequence[tuple[Spot, Any]]) -> bool:
    changed = made(data, changes)
    return changed is not None and policy.decide(Request.from_json(changed)).effect != "deny"


def made(data: Mapping[str, Any], changes: Sequence[tuple[Spot, Any]]) -> dict[str, Any] | None:
    """The request after some changes; None where one of them cannot be made."""
    called = any(spot.addresses and spot.name != "server" for spot, _ in changes)
    out: dict[str, Any] | None = {name: value for name, value in data.items() if not called or name not in CALL}
    for spot, value in changes:
        out = None if out is None else put(out, spot, value)
    return out


# ---- from places of a box to places of a request ---------------------------------------------------------------------


def _changes(space: Space, box: Box, point: Mapping[int, int]) -> Iterator[tuple[Spot, Any] | None]:
    """What would have to be said instead; None where nothing is known that a request could say."""
    away: dict[Hashable, list[int]] = {}
    for place, mask in sorted(box.items()):
        if not mask & point[place]:
            away.setdefault(space.key_at(place), []).append(place)
    for key, places in away.items():
        if key[0] == "attribute" and key[1] == "group":  # type: ignore[index]
            yield _groups(space, box, point, key)
            continue
        for place in places:
            atom = space.atom(place, box[place])
            if atom is None:
                yield None
            else:
                yield from _said(key, space.coordinates[place].name, atom)


def _said(key: Hashable, name: str, atom: Fragment) -> Iterator[tuple[Spot, Any] | None]:
    kind, *rest = key if isinstance(key, tuple) else ("",)
    if kind == "address":
        yield from ((Spot("field", one), value) for one, value in atom.items())
    elif kind == "clock":
        yield Spot("time", "time"), atom.get("time", UNKNOWN)
    elif kind == "argument":
        yield Spot("arg", "args", (rest[0],)), atom.get("args", {}).get(rest[0], UNKNOWN)
    elif kind == "claims":
        claims = atom.get("claims", {})
        own = name.removeprefix("claim ")
        known = {own: UNKNOWN} if own != name else {}
        yield from ((Spot("claim", one), value) for one, value in {**known, **claims}.items())
    else:
        yield Spot("field", rest[0]), atom.get(rest[0], UNKNOWN)


def _groups(space: Space, box: Box, point: Mapping[int, int], key: Hashable) -> tuple[Spot, Any] | None:
    """The groups as a whole: those that the box asks for, and those that it leaves as they are."""
    value: Any = UNKNOWN
    for place in space.places_of(key):
        mask = box.get(place, space.full[place])
        atom = space.atom(place, mask & point[place] or mask)
        if atom is None:
            return None
        if "group" in atom:
            value = None if atom["group"] is None else list(atom["group"])
        elif "member" in atom and isinstance(value, list):
            value.append(atom["member"][1])
    return Spot("field", "group"), value
