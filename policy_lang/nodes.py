"""What a policy file says, as written: one node for each construct of grammar.lark, with its place in the text.

Nodes hold names as they were typed; nothing here is checked. A span is `(start, end)` in characters of the file and
never takes part in equality, so that a formatted file equals its original.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]
Scalar: TypeAlias = str | bool | int | Decimal | None
NOWHERE: Span = (0, 0)


# ---- items of a list, and right sides ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, number, truth value or null. `value` is a str, int, Decimal, bool or None."""

    value: Scalar
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Regex:
    """`/pattern/`; `pattern` is the text between the slashes, as typed."""

    pattern: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A bare word: a `let`, a kind, a method, `none`, `unknown` or `all`, as its place demands."""

    name: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Duration:
    """`15m` as typed, and in seconds."""

    text: str
    seconds: int
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Item: TypeAlias = Literal | Regex | Name | Duration
Items: TypeAlias = tuple[Item, ...]


# ---- operands ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attribute:
    name: str
    asserted: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Claim:
    name: str
    asserted: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Argument:
    """`args.a[0].b[*]`: each step is a key (str), an index (int) or `None` for `[*]`."""

    steps: tuple[str | int | None, ...]
    default: Item | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Operand: TypeAlias = Attribute | Claim | Argument


# ---- expressions of `when` ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Compare:
    operand: Operand
    operator: str  # == != < <= > >= startswith endswith contains
    value: Item
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class In:
    operand: Operand
    items: Items
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Matches:
    operand: Operand
    pattern: Item
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Exists:
    operand: Operand
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Each:
    quantifier: str  # any, all
    comparison: Compare | In | Matches
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Sql:
    """`sql(args.query, "postgres") touches "patients"`; for `statements` the operator and number."""

    argument: Argument
    dialect: Literal | None
    test: str  # reads writes touches statements
    items: Items = ()
    operator: str = ""
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class During:
    """A line or an expression: the clock lies in one of the windows, in the zone."""

    windows: Items
    zone: Literal
    negated: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    part: Expression
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Expression, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Expression, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Expression: TypeAlias = And | Or | Not | Compare | In | Matches | Exists | Each | Sql | During


# ---- entries of a block ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """`branch not trusted, "x"`; in a test also `command "x" with { … }`."""

    subject: Attribute | Claim
    items: Items
    negated: bool = False
    arguments: Object | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class When:
    expression: Expression
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unless:
    rules: Items
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Allow:
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Deny:
    because: Literal | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Approval:
    """`once` is the default; `window` is the `for` duration. What was not said is None."""

    groups: Items = ()
    count: Literal | None = None
    within: Duration | None = None
    window: Duration | None = None
    once: bool = False
    repeated: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Require:
    approval: Approval
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Mask:
    kinds: Items
    exceptions: Items = ()
    method: Name | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Record:
    level: Name
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Retain:
    duration: Duration
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Grant:
    profile: Literal
    duration: Duration
    span: Span = field(default=NOWHERE, compare=False, repr=False)


BYTES = {"bytes": 1, "kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}


@dataclass(frozen=True, slots=True)
class Limit:
    """`unit` is None for calls, else a name of `BYTES`."""

    count: Literal
    per: Duration | Name
    span: Span = field(default=NOWHERE, compare=False, repr=False)
    unit: Name | None = None


@dataclass(frozen=True, slots=True)
class Without:
    """`without approval from …` (`what` is "approval") or `without mask … with …` ("mask")."""

    what: str
    items: Items = ()
    method: Name | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Allowed:
    without: tuple[Without, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class As:
    given: Literal
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Named:
    rule: Literal
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Outcome: TypeAlias = Allow | Deny | Approval | Mask | Record | Retain | Grant | Limit | Named


@dataclass(frozen=True, slots=True)
class Expect:
    outcome: Outcome
    negated: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Effect: TypeAlias = Allow | Deny | Require | Mask | Record | Retain | Grant | Limit
Condition: TypeAlias = Line | When | During | Unless
Entry: TypeAlias = Condition | Effect | Allowed | As | Expect


# ---- JSON in tests -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pair:
    key: str
    value: Value
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Object:
    pairs: tuple[Pair, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Array:
    values: tuple[Value, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Value: TypeAlias = Object | Array | Item


# ---- declarations ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Let:
    name: Name
    items: Items
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Block:
    """A named declaration with a body. `kind` is rule, never, given or test; `observe` belongs to rules only."""

    kind: str
    name: Literal
    entries: tuple[Entry, ...]
    observe: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Detector:
    name: Name
    pattern: Regex
    near: Items = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Declaration: TypeAlias = Let | Block | Detector


@dataclass(frozen=True, slots=True)
class File:
    """One parsed file. Comments are `(start, end)` spans of the text, in order."""

    declarations: tuple[Declaration, ...]
    comments: tuple[Span, ...] = field(default=(), compare=False, repr=False)
