"""What a row of the providers table is made of: where each attribute comes from, and what its absence means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["ABSENT", "Attribute", "Provider", "Ref", "find"]

Absence = Literal["none", "unknown"]
Provenance = Literal["attested", "derived"]


class _Absent:
    """Stands for a claim that the token does not have; null is a claim that it has."""


ABSENT = _Absent()


def find(claims: Mapping[str, Any], path: str | tuple[str, ...]) -> Any:
    """The claim at `path` (a name, or names from the outside in), or `ABSENT`."""
    if isinstance(path, str):
        return claims.get(path, ABSENT)
    node: Any = claims
    for name in path:
        if not isinstance(node, dict) or name not in node:
            return ABSENT
        node = node[name]
    return node


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of the language and the claim it is read from.

    `claims` are tried in turn. `pattern` has one group: what of the claim is taken (`derived` then); a claim that it
    does not match counts as unknown. `absent` says what it means that no claim is there: `none` where the provider
    attests that claim whenever there is one, `unknown` where it cannot say.
    """

    claims: tuple[str | tuple[str, ...], ...]
    absent: Absence = "unknown"
    pattern: re.Pattern[str] | None = None
    provenance: Provenance = "attested"


@dataclass(frozen=True, slots=True)
class Ref:
    """Where the git reference stands. `branch` and `tag` are derived from a full reference, the other being none."""

    claim: str | None = None  # a full reference: refs/heads/…, refs/tags/…, refs/pull/…
    branch: str | None = None  # or a claim with the bare name of a branch
    tag: str | None = None  # and one with that of a tag


@dataclass(frozen=True, slots=True)
class Provider:
    """Everything that differs between providers, as data.

    `shared` are the issuers that sign for everybody (an exact URL, or a prefix that ends in "/"). `tenant_pattern`
    is the shape of an immutable tenant id. `own_events` are the events whose reference is the code that runs;
    `foreign_events` those where other people's code may run under a trusted reference. `fork` are two claims that
    differ in a fork; `base_commit` says that under a foreign event the commit too names the trusted base unless the
    reference is itself foreign; `debug` is a claim that is true when somebody may have a shell in the job.
    """

    name: str
    caller: Literal["ci", "person", "agent"] = "ci"
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    ref: Ref = field(default_factory=Ref)
    event: str | None = None
    own_events: frozenset[str] = frozenset()
    foreign_events: frozenset[str] = frozenset()
    foreign_refs: tuple[str, ...] = ("refs/pull/", "refs/merge-requests/", "refs/merge/", "refs/changes/")
    fork: tuple[str, str] | None = None
    base_commit: bool = False
    debug: str | None = None
    protected: str | None = None
    protected_environment: str | None = None
    reviewable: bool = False
    shared: tuple[str, ...] = ()
    tenant_pattern: re.Pattern[str] | None = None
    tenant_help: str = "the provider's immutable id of your organisation"
    algorithms: tuple[str, ...] = ("RS256",)
    types: frozenset[str] = frozenset({"jwt"})
    max_lifetime: int = 3600
    display: tuple[str | tuple[str, ...], ...] = ("sub",)

    def is_shared(self, issuer: str) -> bool:
        """Whether `issuer` signs tokens for tenants that do not know each other."""
        bare = issuer.rstrip("/")
        return any(issuer.startswith(s) if s.endswith("/") else bare == s for s in self.shared)

    def accepts_tenant(self, tenant: str) -> bool:
        """Whether `tenant` looks like an immutable id rather than a name that can be taken over."""
        return self.tenant_pattern is None or self.tenant_pattern.fullmatch(tenant) is not None
