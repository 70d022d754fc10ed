"""Who may give their word, and whether two names are one person.

Strategy: everybody is a set of names (subject, e-mail, login, `provider:login`), compared without case and widened by
the `[people]` table. Two people are one when their widened sets meet; that errs towards refusing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import gate
from adapter_asgi.approvals.asked import Requester
from adapter_asgi.identity.authenticator import Verified
from policy_lang.attributes import AS_SAID, CALLER, CLAIMS_AT

__all__ = ["Approver", "People", "from_token", "locally", "requester"]

_NAMES = ("email", "preferred_username", "upn", "login", "user_login", "user_email", "actor", "actor_id", "user_id")


@dataclass(frozen=True, slots=True)
class Approver:
    """Somebody who decides. `local` says that the name was only asserted, by the system's `user`, on this machine."""

    name: str
    ids: tuple[str, ...]
    groups: tuple[str, ...] = ()
    local: bool = False
    user: str = ""


class People:
    """`[approvers]` (group → names) and `[people]` (person → their accounts)."""

    def __init__(self, approvers: Mapping[str, Iterable[str]], people: Mapping[str, Iterable[str]]) -> None:
        self._groups = {group: _fold(names) for group, names in approvers.items()}
        self._people = {person: _fold((person, *accounts)) for person, accounts in people.items()}

    @property
    def groups(self) -> frozenset[str]:
        """Every group that the configuration names."""
        return frozenset(self._groups)

    def groups_of(self, approver: Approver) -> tuple[str, ...]:
        """The groups from the configuration and, where a token says so, from the token."""
        names = self._widen(approver.ids)
        return tuple(sorted({*approver.groups, *(g for g, members in self._groups.items() if members & names)}))

    def same(self, one: Iterable[str], other: Iterable[str]) -> bool:
        """Whether two sets of names share one person."""
        return bool(self._widen(one) & self._widen(other))

    def independence(self, one: Iterable[str], other: Iterable[str]) -> str:
        """`established` only where `[people]` knows both and says that they are two people."""
        persons = [self._persons(one), self._persons(other)]
        return "established" if all(persons) and not persons[0] & persons[1] else "not established"

    def _persons(self, ids: Iterable[str]) -> set[str]:
        names = _fold(ids)
        return {person for person, accounts in self._people.items() if accounts & names}

    def _widen(self, ids: Iterable[str]) -> frozenset[str]:
        names = _fold(ids)
        return names.union(*(accounts for accounts in self._people.values() if accounts & names))


def locally(name: str, user: str) -> Approver:
    """`--as NAME` on the gate's own machine, typed by the system's `user`."""
    return Approver(name, (name,), local=True, user=user)


def from_token(verified: Verified) -> Approver:
    """A person's token. An e-mail counts only when its issuer has verified it."""
    claims = dict(verified.claims)
    if claims.get("email_verified") not in (True, "true"):
        claims.pop("email", None)
    groups = verified.attributes.values.get("group") or ()
    ids = (str(claims["sub"]), *_texts(claims))
    name = next((n for n in (claims.get("email"), claims.get("preferred_username")) if isinstance(n, str)), ids[0])
    return Approver(name, ids, tuple(groups))


def requester(principal: gate.Principal) -> Requester:
    """The caller with every name that it, or whoever started it, is known by."""
    said = principal.identity.values
    data = {name: said[AS_SAID + place] for place, name in enumerate(CALLER)}
    claims = said[CLAIMS_AT + 1]
    names = [principal.subject, principal.display, *_texts(data)]
    names += _texts(claims) if isinstance(claims, Mapping) else []
    provider = data["provider"]
    qualified = [f"{provider}:{name}" for name in names if isinstance(provider, str)]
    ids = tuple(dict.fromkeys(name for name in (*names, *qualified) if name))
    return Requester(principal.issuer, principal.subject, principal.display, ids)


def _texts(claims: Mapping[str, Any]) -> list[str]:
    return [value for name in _NAMES if isinstance(value := claims.get(name), str) and value]


def _fold(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.strip().casefold() for name in names)
