"""What is called, cut into slices: the tools of each server that a policy names, of all others, resources, and so on.

Each slice has atoms of its own, so that what a policy says about one server costs nothing when another is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

from policy_lang.attributes import CALL_AT, CLAIMS_AT, UNKNOWN
from policy_lang.automaton import TooLargeError
from policy_lang.formula import (
    Affix,
    Contains,
    Every,
    Field,
    Formula,
    OneOf,
    Predicate,
    Present,
    Test,
    leaves,
)
from policy_lang.pattern import Pattern
from policy_lang.proof.coordinates import (
    Coordinate,
    Family,
    Fragment,
    Leaf,
    Shape,
    free,
    shape,
    text_masks,
    text_values,
)
from policy_lang.proof.languages import Language, language_tree, on_server, text_classes, word
from policy_lang.regular import Choice, Tree
from policy_lang.request import Request
from policy_lang.values import text_test

TOOL, RESOURCE, PROMPT, METHOD, BLANK = "command", "resource", "prompt", "method", "nothing"
_ADDRESSES = (TOOL, RESOURCE, PROMPT, METHOD)


@dataclass(frozen=True, slots=True)
class Slice:
    """Tool calls on `server` (None: on a server that is not named), or calls of another kind."""

    kind: str
    server: str | None = None

    def __str__(self) -> str:
        if self.kind == TOOL:
            return "tools of other servers" if self.server is None else f"tools of {self.server}"
        return "requests that name nothing" if self.kind == BLANK else f"{self.kind}s"


OTHERS = (Slice(TOOL), Slice(RESOURCE), Slice(PROMPT), Slice(METHOD), Slice(BLANK))


def is_address(leaf: object) -> bool:
    """Whether a test looks at what is called."""
    return isinstance(leaf, Test) and isinstance(leaf.subject, Field) and leaf.subject.name in ("server", *_ADDRESSES)


def slices_of(formulas: Iterable[Formula]) -> list[Slice]:
    """All slices, under what some formulas say."""
    servers: set[str] = set()
    for formula in formulas:
        for leaf in leaves(formula):
            if is_address(leaf) and isinstance(leaf, Test) and isinstance(leaf.predicate, OneOf):
                servers |= _named(leaf.subject.name, leaf.predicate)  # type: ignore[union-attr]
    return [*(Slice(TOOL, server) for server in sorted(servers)), *OTHERS]


def slice_of(request: Request, slices: Iterable[Slice]) -> Slice:
    """Where a request lies."""
    server, *names = request.values[CALL_AT:CLAIMS_AT]
    for kind, name in zip(_ADDRESSES, names, strict=True):
        if isinstance(name, str):
            wanted = Slice(kind, server if kind == TOOL else None)
            return wanted if wanted in slices else Slice(kind)
    return Slice(BLANK)


def _named(attribute: str, predicate: OneOf) -> set[str]:
    """The servers that a list names whole; names with a slash are no servers of tools."""
    if attribute == "server":
        return {text for text in predicate.exact if "/" not in text}
    if attribute != TOOL:
        return set()
    heads = {text.partition("/")[0] for text in predicate.exact}
    return heads | {server for pattern in predicate.patterns if (server := _server(pattern)) is not None}


def _server(pattern: Pattern) -> str | None:
    head, slash, _ = pattern.text.partition("/")
    return head if pattern.kind == "glob" and slash and "*" not in head else None


# ---- which rules a slice concerns ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reach:
    """What a conjunction needs to hold: kinds of address (None: any), servers (None: any)."""

    kind: str | None
    servers: frozenset[str] | None
    impossible: bool = False

    def touches(self, part: Slice) -> bool:
        """Whether it may be other than false somewhere in a slice."""
        if part.kind == BLANK:
            return True
        if self.impossible or (self.kind is not None and self.kind != part.kind):
            return False
        return part.kind != TOOL or part.server is None or self.servers is None or part.server in self.servers


def reach_of(formulas: Iterable[Formula]) -> Reach:
    """What the top lines of a conjunction say about the address."""
    kinds: set[str] = set()
    servers: frozenset[str] | None = None
    for formula in formulas:
        for test in _demands(formula):
            name = test.subject.name  # type: ignore[union-attr]
            if name != "server":
                kinds.add(name)
            if isinstance(test.predicate, OneOf) and name in ("server", TOOL):
                own = _whole(name, test.predicate)
                servers = own if servers is None or own is None else servers & own
    return Reach(next(iter(kinds), None), servers, len(kinds) > 1)


def _demands(formula: Formula) -> Iterable[Test]:
    if isinstance(formula, Every):
        for part in formula.parts:
            yield from _demands(part)
    elif isinstance(formula, Test) and is_address(formula):
        yield formula


def _whole(name: str, predicate: OneOf) -> frozenset[str] | None:
    if name == "server":
        return None if predicate.patterns else predicate.exact
    if any(_server(pattern) is None for pattern in predicate.patterns):
        return None
    return frozenset(_named(TOOL, predicate))


# ---- coordinates -----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def address_family(part: Slice, tests: frozenset[Leaf], servers: frozenset[str]) -> Family:
    """The coordinates of a slice's address; `servers` are those that have slices of their own."""
    ordered = [test for test in sorted(tests, key=repr) if isinstance(test, Test)]
    try:
        if part.kind == TOOL:
            return _tools(part.server, ordered, servers)
        return _blank(ordered) if part.kind == BLANK else _named_things(part.kind, ordered)
    except TooLargeError:
        return free(f"the patterns of {part.kind} have more cases than are looked at", ordered)


def _tools(server: str | None, tests: Sequence[Test], servers: frozenset[str]) -> Family:
    predicates = [test.predicate for test in tests if _name(test) == TOOL]
    languages: dict[Language, None] = {}
    exact: set[str] = set()
    for predicate in predicates:
        if isinstance(predicate, OneOf):
            exact |= {text for text in predicate.exact if text.partition("/")[0] == server}
            wild = [p for p in predicate.patterns if _server(p) is None or _server(p) == server]
            languages |= dict.fromkeys(wild)
        elif isinstance(predicate, (Affix, Contains)):
            languages[predicate] = None
    lifted: dict[Predicate, Tree] = {}
    if server is None:
        for predicate in (test.predicate for test in tests if _name(test) == "server"):
            lifted |= {predicate: tree} if (tree := _lifted(predicate)) is not None else {}
    ordered = (*sorted(languages, key=repr), *lifted.values())
    inside = None if server is None else on_server(word(server))
    outside = on_server(Choice(tuple(map(word, sorted(servers))))) if server is None and servers else None
    found = text_classes(ordered, frozenset(exact), inside, outside, address=True)
    mask = text_masks(found, ordered)
    full = (1 << len(found)) - 1
    by_language = {tree: sum(1 << i for i, one in enumerate(found) if one.meets >> number & 1)
                   for number, tree in enumerate(ordered)}  # fmt: skip
    shapes: dict[Leaf, Shape] = {}
    for test in tests:
        name, predicate = _name(test), test.predicate
        if name in (RESOURCE, PROMPT, METHOD):
            bits = 0
        elif isinstance(predicate, Present):
            bits = full
        elif name == TOOL:
            bits = mask(_near(predicate, server))
        elif server is not None:
            bits = full if text_test(predicate)(server) else 0
        else:
            bits = by_language[lifted[predicate]] if predicate in lifted else 0
        shapes[test] = shape(bits, bits, full)
    atoms = tuple(None if one.text is None else {TOOL: one.text} for one in found)
    return Family((Coordinate(TOOL, atoms, "only names with dot segments were found for it"),), shapes)


def _near(predicate: Predicate, server: str | None) -> Predicate:
    """A list of commands without what lies on other servers."""
    if not isinstance(predicate, OneOf):
        return predicate
    wild = tuple(p for p in predicate.patterns if _server(p) is None or _server(p) == server)
    return OneOf(predicate.exact, wild)


def _lifted(predicate: Predicate) -> Tree | None:
    """The commands on the servers that a predicate means, those that are named whole left out."""
    if isinstance(predicate, OneOf):
        trees = tuple(on_server(pattern.tree()) for pattern in predicate.patterns)
        return None if not trees else trees[0] if len(trees) == 1 else Choice(trees)
    return on_server(language_tree(predicate)) if isinstance(predicate, (Affix, Contains)) else None


def _name(test: Test) -> str:
    return test.subject.name if isinstance(test.subject, Field) else ""


def _named_things(kind: str, tests: Sequence[Test]) -> Family:
    """Resources, prompts or methods: a name, and independently the server, which may be unknown."""
    names = text_values([test.predicate for test in tests if _name(test) == kind], address=True)
    atoms = tuple(None if name is None else {kind: name} for name in names.values)
    full = (1 << len(atoms)) - 1
    server, shapes = _servers(tests, none=False)
    for test in tests:
        if _name(test) not in ("server", kind):
            shapes[test] = shape(0, 0, full)
        elif _name(test) == kind:
            bits = full if isinstance(test.predicate, Present) else names.mask(test.predicate)
            shapes[test] = shape(bits, bits, full)
    return Family((Coordinate(kind, atoms, "only names with dot segments were found for it"), server), shapes)


def _servers(tests: Sequence[Test], none: bool) -> tuple[Coordinate, dict[Leaf, Shape]]:
    own = [test for test in tests if _name(test) == "server"]
    values = text_values([test.predicate for test in own], address=True)
    atoms: list[Fragment | None] = [None if name is None else {"server": name} for name in values.values]
    atoms += [{"server": None}] if none else []
    atoms.append({})
    full, unknown = (1 << len(atoms)) - 1, 1 << len(atoms) - 1
    shapes: dict[Leaf, Shape] = {}
    for test in own:
        known = (1 << len(values.values)) - 1
        true = known if isinstance(test.predicate, Present) else values.mask(test.predicate)
        shapes[test] = shape(true, true | unknown, full, 1)
    return Coordinate("server", tuple(atoms), "only names with dot segments were found for it"), shapes


def _blank(tests: Sequence[Test]) -> Family:
    """Requests that say of nothing what it is: each kind of address is unknown or none."""
    cases = list(product((UNKNOWN, None), repeat=len(_ADDRESSES)))
    atoms: list[Fragment] = []
    for case in cases:
        said: dict[str, Any] = {name: None for name, value in zip(_ADDRESSES, case, strict=True) if value is None}
        atoms.append(said)
    full = (1 << len(cases)) - 1
    server, shapes = _servers(tests, none=True)
    for test in tests:
        if _name(test) != "server":
            at = _ADDRESSES.index(_name(test))
            shapes[test] = shape(0, sum(1 << i for i, case in enumerate(cases) if case[at] is UNKNOWN), full)
    return Family((Coordinate("nothing", tuple(atoms)), server), shapes)
