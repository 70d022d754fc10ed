"""What is decided about a call. Frozen, so that equal decisions can be one object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, final

EffectName: TypeAlias = Literal["allow", "deny", "approval"]
Level: TypeAlias = Literal["off", "digest", "masked", "full"]
_NO_MASK: Mapping[str, str] = MappingProxyType({})
_NO_RULES: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Approval:
    """`count` members of one of the groups `from_`, asked within `within` seconds; good once, or `for_` seconds."""

    from_: tuple[str, ...]
    count: int
    within: int
    for_: int | None
    rule: str

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {"from": list(self.from_), "count": self.count, "within": self.within}
        if self.for_ is not None:
            data["for"] = self.for_
        return data | {"rule": self.rule}


@dataclass(frozen=True, slots=True)
class Grant:
    """Which just-in-time credential the call gets, and for how many seconds at most."""

    profile: str
    seconds: int

    def to_json(self) -> dict[str, Any]:
        return {"profile": self.profile, "seconds": self.seconds}


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` calls (or bytes of results) in `per` seconds or one run ("run"), for the rule and principal."""

    count: int
    per: int | Literal["run"]
    rule: str
    unit: Literal["calls", "bytes"] = "calls"

    def to_json(self) -> dict[str, Any]:
        """`unit` stands there only where it is not calls."""
        data: dict[str, Any] = {"count": self.count, "per": self.per, "rule": self.rule}
        return data if self.unit == "calls" else {**data, "unit": self.unit}


@final
@dataclass(frozen=True, slots=True)
class Decision:
    """The whole answer for one call; it carries everything that later steps need.

    `mask` maps each masked kind to its method, `mask_rules` to the rules that asked for it (none: the implied
    "mask all"). `retain` is seconds or None. `observed` names the `observe` rules that would have applied, and
    `would` the effect that they would have had together with the others (None when there is none of them).
    """

    effect: EffectName
    rules: tuple[str, ...] = ()
    mask: Mapping[str, str] = field(default_factory=lambda: _NO_MASK)
    mask_rules: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NO_RULES)
    approvals: tuple[Approval, ...] = ()
    grant: Grant | None = None
    record: Level = "masked"
    retain: int | None = None
    limits: tuple[Limit, ...] = ()
    reason: str | None = None
    policy: str = ""
    observed: tuple[str, ...] = ()
    would: EffectName | None = None

    def to_json(self) -> dict[str, Any]:
        """The decision as language.md writes it. `observed` and `would` stand there only when a rule is on trial."""
        data: dict[str, Any] = {
            "effect": self.effect,
            "rules": list(self.rules),
            "mask": dict(self.mask),
            "approvals": [approval.to_json() for approval in self.approvals],
            "grant": self.grant.to_json() if self.grant else None,
            "record": self.record,
            "retain": self.retain,
            "limits": [limit.to_json() for limit in self.limits],
            "reason": self.reason,
            "policy": self.policy,
        }
        if self.observed:
            data |= {"observed": list(self.observed), "would": self.would}
        return data
