"""A checked policy: every name resolved, every word known. What is compiled, digested, proved and tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from policy_lang import nodes
from policy_lang.decision import Approval, Grant, Level, Limit
from policy_lang.formula import Constant, Every, Formula, Opposite
from policy_lang.source import Source

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Effects:
    """What a rule says. `masks` maps kinds to methods with `all` written out; `says_mask` counts `mask none` too."""

    allow: bool = False
    deny: str | None = None
    approvals: tuple[Approval, ...] = ()
    masks: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    says_mask: bool = False
    record: Level | None = None
    retain: int | None = None
    grant: Grant | None = None
    limits: tuple[Limit, ...] = ()
    restricts: bool = field(init=False, compare=False)  # whether a clause applies even where conditions are unsure

    def __post_init__(self) -> None:
        restricting = (self.approvals, self.masks, self.limits)
        said = (self.deny, self.record, self.retain)
        restricts = any(restricting) or any(clause is not None for clause in said)
        object.__setattr__(self, "restricts", restricts)


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a rule: its formula, and where it stands."""

    formula: Formula
    span: nodes.Span = field(default=nodes.NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """`unless` holds the rules whose conditions are exceptions, resolved."""

    name: str
    conditions: tuple[Condition, ...]
    effects: Effects
    unless: tuple[Rule, ...] = ()
    observe: bool = False
    source: Source | None = field(default=None, compare=False)
    span: nodes.Span = field(default=nodes.NOWHERE, compare=False)
    granted: nodes.Span = field(default=nodes.NOWHERE, compare=False)  # where its `grant` stands

    def formulas(self) -> tuple[Formula, ...]:
        """The conjuncts, exceptions included."""
        own = tuple(condition.formula for condition in self.conditions)
        return own + tuple(Opposite(rule.formula()) for rule in self.unless)

    def formula(self) -> Formula:
        parts = self.formulas()
        return parts[0] if len(parts) == 1 else Every(parts) if parts else Constant(2)


@dataclass(frozen=True, slots=True)
class Detector:
    """A site's own identifier. `pattern` is a source string that Python's `re` and RE2 read alike."""

    kind: str
    pattern: str
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Never:
    """A request that satisfies the conditions must not be allowed (or not without what `without` names).

    `approval` is None if not said, else the groups (none: any approval); `mask` is None or kinds; `method` of it.
    """

    name: str
    conditions: tuple[Condition, ...]
    approval: tuple[str, ...] | None = None
    mask: tuple[str, ...] | None = None
    method: str | None = None
    source: Source | None = field(default=None, compare=False)
    span: nodes.Span = field(default=nodes.NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Trial:
    """A `test` block: the request in JSON, and what is expected."""

    name: str
    request: Mapping[str, object]
    expectations: tuple[nodes.Expect, ...]
    source: Source
    span: nodes.Span


@dataclass(frozen=True, slots=True)
class Meaning:
    """Everything that a policy says, rules in the order of their names."""

    rules: tuple[Rule, ...]
    detectors: tuple[Detector, ...] = ()
    nevers: tuple[Never, ...] = ()
    trials: tuple[Trial, ...] = ()
    kinds: tuple[str, ...] = ()  # the language's kinds, then the detectors'
