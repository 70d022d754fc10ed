"""Who may give their word, and whether two names are one person.

Strategy: everybody is a set of names (subject, e-mail, login, `provider:login`), compared without case and widened by
the `[people]` table. Two people are one when their widened sets meet, spellings that look alike included; that errs
towards refusing. Into a group lead only names that a person cannot choose: the subject, an e-mail that the issuer has
verified, and what the table of the issuer says is the person's name (`claims = { actor = … }`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import gate
from adapter_asgi.approvals.asked import Requester
from adapter_asgi.identity.authenticator import Verified
from policy_lang.attributes import AS_SAID, CALLER, CLAIMS_AT

__all__ = ["Approver", "People", "from_token", "locally", "requester"]

_NAMES = (
    *("email", "preferred_username", "upn", "unique_name", "nickname", "oid"),
    *("login", "user_login", "user_email", "actor", "actor_id", "user_id", "owner"),
)


@dataclass(frozen=True, slots=True)
class Approver:
    """Somebody who decides. `local` says that the name was only asserted, by the system's `user`, on this machine;
    `via` is what they decide with, where that is on record. `ids` are names that the issuer vouches for; `others` are
    those that the token says besides: they tell that two people are one, and nothing else.
    """

    name: str
    ids: tuple[str, ...]
    groups: tuple[str, ...] = ()
    local: bool = False
    user: str = ""
    via: str = ""
    others: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that this person is called."""
        return (*self.ids, *self.others)


class People:
    """`[approvers]` (group → names), `[people]` (person → their accounts), and who or which groups are auditors."""

    def __init__(
        self,
        approvers: Mapping[str, Iterable[str]],
        people: Mapping[str, Iterable[str]],
        auditors: Iterable[str] = (),
    ) -> None:
        self._groups = {group: _fold(names) for group, names in approvers.items()}
        self._people = {person: _fold((person, *accounts)) for person, accounts in people.items()}
        self._auditors = _fold(auditors)

    @property
    def groups(self) -> frozenset[str]:
        """Every group that the configuration names."""
        return frozenset(self._groups)

    def groups_of(self, approver: Approver) -> tuple[str, ...]:
        """The groups from the configuration and, where a token says so, from the token."""
        names = self._widen(approver.ids)
        return tuple(sorted({*approver.groups, *(g for g, members in self._groups.items() if members & names)}))

    def audits(self, approver: Approver) -> bool:
        """Whether this person examines what others decide, and so decides nothing."""
        return bool(self._auditors & (self._widen(approver.ids) | _fold(self.groups_of(approver))))

    def same(self, one: Iterable[str], other: Iterable[str]) -> bool:
        """Whether two sets of names share one person, however the names are written."""
        return not _blurred(self._widen(one)).isdisjoint(_blurred(self._widen(other)))

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
    """A person's token. An e-mail counts only when its issuer has verified it, or when the table says so."""
    claims = verified.claims
    vouched = [*_emails(claims), *_mapped(verified)]
    ids = tuple(dict.fromkeys((str(claims["sub"]), *vouched)))
    groups = verified.attributes.values.get("group") or ()
    others = tuple(name for name in _texts(claims) if name not in ids)
    return Approver([*vouched, *ids][0], ids, tuple(groups), others=others)


def _emails(claims: Mapping[str, Any]) -> list[str]:
    email = claims.get("email")
    return [email] if isinstance(email, str) and email and claims.get("email_verified") in (True, "true") else []


def _mapped(verified: Verified) -> list[str]:
    """What the issuer's table says is the person's name; not an e-mail that the issuer says is unverified."""
    claims, found = verified.claims, verified.attributes.values
    unproven = claims.get("email") if claims.get("email_verified") in (False, "false") else None
    names = [found.get(name) for name in ("actor", "actor_id") if name in (verified.issuer.mapping or {})]
    return [name for name in names if isinstance(name, str) and name and name != unproven]


def requester(principal: gate.Principal) -> Requester:
    """The caller with every name that it, or whoever started it, is known by."""
    said = principal.identity.values
    data = {name: said[AS_SAID + place] for place, name in enumerate(CALLER)}
    claims = said[CLAIMS_AT + 1]
    names = [principal.subject, principal.display, *_texts(data)]
    names += [*_texts(claims), *_acting(claims)] if isinstance(claims, Mapping) else []
    provider = data["provider"]
    qualified = [f"{provider}:{name}" for name in names if isinstance(provider, str)]
    ids = tuple(dict.fromkeys(name for name in (*names, *qualified) if name))
    return Requester(principal.issuer, principal.subject, principal.display, ids)


def _acting(claims: Mapping[str, Any]) -> list[str]:
    """Who acts for the subject, and for whom they act in turn (RFC 8693 section 4.1)."""
    names, node = [], claims.get("act")
    while isinstance(node, Mapping):
        names += [str(node["sub"])] if isinstance(node.get("sub"), str) else []
        node = node.get("act")
    return names


def _texts(claims: Mapping[str, Any]) -> list[str]:
    found = [claims.get(name) for name in _NAMES]
    return [str(value) for value in found if isinstance(value, str | int) and not isinstance(value, bool) and value]


def _fold(names: Iterable[str]) -> frozenset[str]:
    """Names without case; what Unicode calls canonically equal is equal."""
    return frozenset(unicodedata.normalize("NFC", unicodedata.normalize("NFD", n).casefold()).strip() for n in names)


def _blurred(names: Iterable[str]) -> frozenset[str]:
    """Names without what cannot be seen, and compatible characters as one: only to find that two are the same."""
    seen = ("".join(c for c in unicodedata.normalize("NFKC", n) if unicodedata.category(c) != "Cf") for n in names)
    return _fold(seen)
