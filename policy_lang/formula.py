"""Conditions with all names resolved: a three-valued algebra of tests on a request.

This is what is evaluated, partially evaluated, digested and proved about. FALSE < UNSURE < TRUE, so that *and* is the
least, *or* the greatest and *not* the reflection (Kleene).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, TypeAlias

from policy_lang.pattern import Pattern

FALSE: Final = 0
UNSURE: Final = 1
TRUE: Final = 2
Truth: TypeAlias = int
Plain: TypeAlias = str | bool | int | Decimal


# ---- what is looked at -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Field:
    """An attribute; `asserted` accepts any provenance."""

    name: str
    asserted: bool = False


@dataclass(frozen=True, slots=True)
class RawClaim:
    name: str
    asserted: bool = False


@dataclass(frozen=True, slots=True)
class Arg:
    """An argument's path (str keys, int indices, None for every element). `default` is `(value,)` or ()."""

    steps: tuple[str | int | None, ...]
    default: tuple[Plain, ...] = ()
    is_truth: bool = field(init=False, repr=False)  # Python takes True for 1; the language does not

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_truth", any(isinstance(value, bool) for value in self.default))


Subject: TypeAlias = Field | RawClaim | Arg


# ---- what is asked of a value ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OneOf:
    """A string that is one of these or matches one of the patterns."""

    exact: frozenset[str] = frozenset()
    patterns: tuple[Pattern, ...] = ()


@dataclass(frozen=True, slots=True)
class Affix:
    """`where` is startswith or endswith."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Contains:
    value: Plain
    is_truth: bool = field(init=False, repr=False)  # as in Arg

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_truth", isinstance(self.value, bool))


@dataclass(frozen=True, slots=True)
class Number:
    """`operator` is one of == < <= > >=."""

    operator: str
    value: int | Decimal


@dataclass(frozen=True, slots=True)
class Is:
    value: bool


@dataclass(frozen=True, slots=True)
class Within:
    """An IP address in one of the networks (CIDR texts)."""

    networks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Present:
    """A value is there: false for none, unknown for unknown."""


@dataclass(frozen=True, slots=True)
class EachOf:
    """any/all over the elements of the list at the path; `opposite` for `!=`."""

    quantifier: str
    element: Predicate
    opposite: bool = False


Predicate: TypeAlias = OneOf | Affix | Contains | Number | Is | Within | Present | EachOf


# ---- the algebra -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Test:
    subject: Subject
    predicate: Predicate


@dataclass(frozen=True, slots=True)
class Clock:
    """Minutes of the week `[start, end)` in a zone; `windows` are `(start, end)` with end up to 7 days past start."""

    windows: tuple[tuple[int, int], ...]
    zone: str


@dataclass(frozen=True, slots=True)
class SqlTest:
    """`test` is reads, writes, touches (`tables`) or statements (`operator`, `number`)."""

    subject: Arg
    dialect: str
    test: str
    tables: tuple[str, ...] = ()
    operator: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Constant:
    truth: Truth


@dataclass(frozen=True, slots=True)
class Opposite:
    part: Formula


@dataclass(frozen=True, slots=True)
class Every:
    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Some:
    parts: tuple[Formula, ...]


Formula: TypeAlias = Test | Clock | SqlTest | Constant | Opposite | Every | Some


def leaves(formula: Formula) -> Iterator[Test | Clock | SqlTest | Constant]:
    """The tests of a formula, left to right."""
    if isinstance(formula, (Every, Some)):
        for part in formula.parts:
            yield from leaves(part)
    elif isinstance(formula, Opposite):
        yield from leaves(formula.part)
    else:
        yield formula


CALLER_SIDE, CALL_SIDE, ARGS_SIDE, CLOCK_SIDE = "caller", "call", "args", "clock"


_SIDES = {side: frozenset({side}) for side in (CALLER_SIDE, CALL_SIDE, ARGS_SIDE, CLOCK_SIDE)}


def sides(formula: Formula) -> frozenset[str]:
    """What a formula looks at: the caller, the call's address, its arguments, the clock."""
    if isinstance(formula, Test):
        return _SIDES[_side(formula)]
    return frozenset(_side(leaf) for leaf in leaves(formula) if not isinstance(leaf, Constant))


def _side(leaf: Test | Clock | SqlTest | Constant) -> str:
    if isinstance(leaf, Clock):
        return CLOCK_SIDE
    if not isinstance(leaf, Test) or isinstance(leaf.subject, Arg):
        return ARGS_SIDE
    if isinstance(leaf.subject, Field) and leaf.subject.name in ("server", "command", "resource", "prompt", "method"):
        return CALL_SIDE
    return CALLER_SIDE


def every(parts: tuple[Formula, ...]) -> Formula:
    return parts[0] if len(parts) == 1 else Every(parts)


def some(parts: tuple[Formula, ...]) -> Formula:
    return parts[0] if len(parts) == 1 else Some(parts)
