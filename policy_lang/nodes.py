"""What a policy file says, as written: one node for each construct of grammar.lark, with its place in the text.

Nodes hold names as they were typed; nothing here is checked. A span is `(start, end)` in characters of the file and
never takes part in equality, so that a formatted file equals its original.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias, TypeVar, dataclass_transform

Span: TypeAlias = tuple[int, int]
Scalar: TypeAlias = str | bool | int | Decimal | None
NOWHERE: Span = (0, 0)
_Class = TypeVar("_Class")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def node(cls: type[_Class]) -> type[_Class]:
    """A frozen dataclass to the type checker, which is what keeps nodes as they are.

    To the interpreter it is one that can be hashed and is made three times as fast: a policy has a million of them.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)


# ---- items of a list, and right sides ----------------------------------------------------------------------------


@node
class Literal:
    """A string, number, truth value or null. `value` is a str, int, Decimal, bool or None."""

    value: Scalar
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Regex:
    """`/pattern/`; `pattern` is the text between the slashes, as typed."""

    pattern: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Name:
    """A bare word: a `let`, a kind, a method, `none`, `unknown` or `all`, as its place demands."""

    name: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Duration:
    """`15m` as typed, and in seconds."""

    text: str
    seconds: int
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Item: TypeAlias = Literal | Regex | Name | Duration
Items: TypeAlias = tuple[Item, ...]


# ---- operands ----------------------------------------------------------------------------------------------------


@node
class Attribute:
    name: str
    asserted: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Claim:
    name: str
    asserted: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Argument:
    """`args.a[0].b[*]`: each step is a key (str), an index (int) or `None` for `[*]`."""

    steps: tuple[str | int | None, ...]
    default: Item | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Operand: TypeAlias = Attribute | Claim | Argument


# ---- expressions of `when` ---------------------------------------------------------------------------------------


@node
class Compare:
    operand: Operand
    operator: str  # == != < <= > >= startswith endswith contains
    value: Item
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class In:
    operand: Operand
    items: Items
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Matches:
    operand: Operand
    pattern: Item
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Exists:
    operand: Operand
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Each:
    quantifier: str  # any, all
    comparison: Compare | In | Matches
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Sql:
    """`sql(args.query, "postgres") touches "patients"`; for `statements` the operator and number."""

    argument: Argument
    dialect: Literal | None
    test: str  # reads writes touches statements
    items: Items = ()
    operator: str = ""
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class During:
    """A line or an expression: the clock lies in one of the windows, in the zone."""

    windows: Items
    zone: Literal
    negated: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Not:
    part: Expression
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class And:
    parts: tuple[Expression, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Or:
    parts: tuple[Expression, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Expression: TypeAlias = And | Or | Not | Compare | In | Matches | Exists | Each | Sql | During


# ---- entries of a block ------------------------------------------------------------------------------------------


@node
class Line:
    """`branch not trusted, "x"`; in a test also `command "x" with { … }`."""

    subject: Attribute | Claim
    items: Items
    negated: bool = False
    arguments: Object | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class When:
    expression: Expression
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Unless:
    rules: Items
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Allow:
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Deny:
    because: Literal | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Approval:
    """`once` is the default; `window` is the `for` duration. What was not said is None."""

    groups: Items = ()
    count: Literal | None = None
    within: Duration | None = None
    window: Duration | None = None
    once: bool = False
    repeated: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Require:
    approval: Approval
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Mask:
    kinds: Items
    exceptions: Items = ()
    method: Name | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Record:
    level: Name
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Retain:
    duration: Duration
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Grant:
    profile: Literal
    duration: Duration
    span: Span = field(default=NOWHERE, compare=False, repr=False)


BYTES = {"bytes": 1, "kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}


@node
class Limit:
    """`unit` is None for calls, else a name of `BYTES`."""

    count: Literal
    per: Duration | Name
    span: Span = field(default=NOWHERE, compare=False, repr=False)
    unit: Name | None = None


@node
class Without:
    """`without approval from …` (`what` is "approval") or `without mask … with …` ("mask")."""

    what: str
    items: Items = ()
    method: Name | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Allowed:
    without: tuple[Without, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class As:
    given: Literal
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Named:
    rule: Literal
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Outcome: TypeAlias = Allow | Deny | Approval | Mask | Record | Retain | Grant | Limit | Named


@node
class Expect:
    outcome: Outcome
    negated: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Effect: TypeAlias = Allow | Deny | Require | Mask | Record | Retain | Grant | Limit
Condition: TypeAlias = Line | When | During | Unless
Entry: TypeAlias = Condition | Effect | Allowed | As | Expect


# ---- JSON in tests -----------------------------------------------------------------------------------------------


@node
class Pair:
    key: str
    value: Value
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Object:
    pairs: tuple[Pair, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Array:
    values: tuple[Value, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Value: TypeAlias = Object | Array | Item


# ---- declarations ------------------------------------------------------------------------------------------------


@node
class Let:
    name: Name
    items: Items
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Block:
    """A named declaration with a body. `kind` is rule, never, given or test; `observe` belongs to rules only."""

    kind: str
    name: Literal
    entries: tuple[Entry, ...]
    observe: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@node
class Detector:
    name: Name
    pattern: Regex
    near: Items = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Declaration: TypeAlias = Let | Block | Detector


@node
class File:
    """One parsed file. Comments are `(start, end)` spans of the text, in order."""

    declarations: tuple[Declaration, ...]
    comments: tuple[Span, ...] = field(default=(), compare=False, repr=False)
