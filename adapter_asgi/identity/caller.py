"""A verified caller before it is bound to a connection: attributes, where they come from, and names for people."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import gate
import policy_lang
from adapter_asgi.identity.normalise import Attributes
from policy_lang.attributes import CALL, CALLER, UNKNOWN

__all__ = ["SAME_AS", "Caller", "request_of"]

_GROUP = CALLER.index("group")
_NO_CALL = (UNKNOWN,) * len(CALL)
SAME_AS = ("tenant", "repository", "commit", "workflow", "job", "branch", "environment", "actor")
"""After the issuer, what makes two callers the same principal for approvals."""


@dataclass(frozen=True, slots=True)
class Caller:
    """`found` and `claims` are what the policy sees; `issuer` is whose word it is."""

    found: Attributes
    claims: Mapping[str, Any]
    issuer: str
    subject: str
    display: str
    kind: str

    @property
    def run(self) -> str | None:
        """The CI run, if it is known."""
        return self.found.known("run") or None

    def principal(self, peer: str, ends: float) -> gate.Principal:
        """The caller at the address `peer`, until `ends` (Unix seconds)."""
        found = self.found
        if _is_address(peer):
            found.put("source_ip", peer, "enriched")
        return gate.Principal(
            identity=request_of(found, self.claims),
            issuer=self.issuer,
            subject=self.subject,
            display=self.display,
            run=self.run,
            kind=self.kind,
            expires=datetime.fromtimestamp(ends, UTC),
            same_as=(self.issuer, *(found.known(name) for name in SAME_AS)),
        )

    def to_json(self) -> dict[str, Any]:
        """For a token of the gate's own."""
        return {
            "values": self.found.values,
            "provenance": self.found.provenance,
            "claims": dict(self.claims),
            "issuer": self.issuer,
            "subject": self.subject,
            "display": self.display,
            "kind": self.kind,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Caller:
        """What `to_json` gave, from a token whose signature holds."""
        found = Attributes(dict(data["values"]), dict(data["provenance"]))
        rest = {name: data[name] for name in ("claims", "issuer", "subject", "display", "kind")}
        return cls(found=found, **rest)


def request_of(found: Attributes, claims: Mapping[str, Any]) -> policy_lang.Request:
    """The attributes as the policy reads them (`policy_lang.attributes`, "Values").

    What `Request.from_json` gives for them, without its checks: `normalise` has made them, and nothing is asserted.
    """
    values = found.values
    said = [values.get(name, UNKNOWN) for name in CALLER]
    group = said[_GROUP]
    if group.__class__ is list:
        said[_GROUP] = tuple(group)
    known = dict(claims)
    return policy_lang.Request((*said, *said, *_NO_CALL, known, known))


@lru_cache(maxsize=4096)
def _is_address(peer: str) -> bool:
    try:
        ipaddress.ip_address(peer)
    except ValueError:
        return False
    return True
